import fcntl
import itertools
import os
import random
import shutil
import signal
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, settings

from mali_analysis.chapter import Chapter, load_chapter
from mali_analysis.runs.cli import main

T = TypeVar("T")

ROOT = Path(__file__).parent.parent
SOAK = "MALI_SOAK" in os.environ
"""Whether tests that are long by nature do all that they can do, as under ``make soak``; else they do a part."""

settings.register_profile(
    "tests", deadline=None, derandomize=not SOAK, max_examples=2000 if SOAK else 50, print_blob=SOAK,
    database=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
settings.load_profile("tests")


def pick(items: Iterable[T], few: int) -> list[T]:
    """All of the items under ``make soak``, else so many of them, drawn at random and always the same."""
    every = list(items)
    return every if SOAK or len(every) <= few else random.Random(2020).sample(every, few)


def cross(*choices: Iterable[Any]) -> list[tuple[Any, ...]]:
    """All combinations under ``make soak``, else as few, always the same, as hold each of the choices."""
    every = list(itertools.product(*choices))
    if SOAK:
        return every
    random.Random(2020).shuffle(every)
    few: list[tuple[Any, ...]] = []
    missing = {choice for one in every for choice in enumerate(one)}
    while missing:
        few.append(max(every, key=lambda one: len(missing & set(enumerate(one)))))
        missing -= set(enumerate(few[-1]))
    return few


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves tests that are long as a whole to ``make soak``."""
    left = [] if SOAK else [item for item in items if item.get_closest_marker("soak")]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in a script's background job; what tests start inherits it
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def chapter() -> Chapter:
    return load_chapter("mali-2020", ROOT / "data")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of the data folder that a test may damage."""
    return Path(shutil.copytree(ROOT / "data", tmp_path / "data"))


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole report of our chapter, made once for all test processes; beside it what a copy needs to go on from it."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "made"
    folder.mkdir(exist_ok=True)
    with (folder / ".tests.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "mali-2020").exists():
            result = CliRunner().invoke(main, ["run", "--output", str(folder / "mali-2020")])
            assert result.exit_code == 0, result.output
    return folder / "mali-2020"


@pytest.fixture(scope="session")
def invented() -> Chapter:
    """The invented chapter of an invented country, which holds what ours does not."""
    return load_chapter("norvelia-2022", ROOT / "tests" / "data")
