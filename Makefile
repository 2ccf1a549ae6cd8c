PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
PYTEST = $(BIN)/python -m pytest --nbval --nbval-current-env --doctest-modules -n 2 --dist loadfile mali_analysis tests notebooks

.PHONY: report test soak mutants versions lab bench check lock audit codebook clean

report: $(STAMP)
	@$(BIN)/mali-analysis run

test: $(STAMP)
	$(PYTEST)

# The whole test suite with what takes long by nature: every alteration of the data, moment of a kill, page in a browser.
soak: $(STAMP)
	MALI_SOAK=1 $(PYTEST)

# Wrong values in every cell of the data, faults of the code, and what notices each; takes long. The last needs uv, which
# fetches cosmic-ray; of its faults 25 a module are tried, or CODE="--few 0" (all) or CODE="--modules dates --seed 7".
mutants: $(STAMP)
	@mkdir -p build
	PYTHONPATH=tests $(BIN)/python -m mutants --told build/mutants.txt
	PYTHONPATH=tests $(BIN)/python -m mutants --chapter norvelia-2022 --few 300
	PYTHONPATH=tests $(BIN)/python -m mutants.regressions
	PYTHONPATH=tests $(BIN)/python -m mutants.code $(CODE)

# The same on Python 3.11 to 3.13, with the oldest and the newest libraries that pyproject.toml allows; needs uv.
versions:
	$(PYTHON) tests/versions.py

lab: $(STAMP)
	cd notebooks && JUPYTER_CONFIG_PATH=$(CURDIR)/jupyter_config ../$(BIN)/jupyter lab lab/start.ipynb

bench: $(STAMP)
	$(BIN)/python -m benchmarks

check: $(STAMP)
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/deptry .
	$(BIN)/mali-analysis validate
	$(BIN)/python -m pytest -q -n 2 -m "not (kernel or browser or server)" --doctest-modules mali_analysis tests

codebook: $(STAMP)
	$(BIN)/python -m mali_analysis.coding.codebook > docs/codebook.md

# Needs uv; the lock names packages and hashes, and no index.
lock:
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --fork-strategy fewest \
		--generate-hashes --no-header --no-annotate --output-file requirements.lock

# Needs uv and the index's advisories; fails where a package could not be looked up, too.
audit:
	uvx --from "pip-audit>=2.7" pip-audit --strict --require-hashes --disable-pip --requirement requirements.lock

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

clean:
	rm -rf build

# The README's picture, from the same function as the notebooks'.
docs/timeline.svg: $(STAMP)
	$(BIN)/python docs/draw_timeline.py > $@
