"""What must be kept in step: requirements in three places, and the README's figures."""

import json
import re
import tomllib

import pytest
import yaml
from conftest import ROOT
from packaging.requirements import Requirement

from mali_analysis.runs.cells import read_cells
from mali_analysis.runs.pages import headlines_of
from mali_analysis.runs.plans import list_notebooks

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def wanted() -> dict[str, str]:
    texts = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]
    return {r.name.lower(): str(r.specifier) for r in map(Requirement, texts)}


def test_the_conda_environment_has_the_same_packages_in_the_same_ranges() -> None:
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    texts = [d for d in listed if isinstance(d, str)] + [p for d in listed if isinstance(d, dict) for p in d["pip"]]
    found = {r.name.lower(): str(r.specifier) for r in map(Requirement, [t for t in texts if not t.startswith("-e")])}
    assert found.pop("python") == PROJECT["requires-python"]
    assert found.pop("pip", "") == ""
    assert found == wanted()


def test_the_lock_pins_every_requirement_within_its_range_with_hashes() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    pins = dict(re.findall(r"^([a-z0-9._-]+)==([^ ;\\]+)", lock, re.M))
    for name, specifier in wanted().items():
        assert Requirement(f"{name}{specifier}").specifier.contains(pins[name]), name
    assert lock.count("--hash=sha256:") >= len(pins)
    assert "://" not in lock


def test_the_readme_gives_each_headline_with_its_notebook_and_value() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+?) \| (.+?) \| \[(\w+)\]", readme, re.M)
    assert len(rows) >= 5
    for text, value, notebook in rows:
        claims = headlines_of(read_cells(list_notebooks()[notebook]), notebook)
        assert (text, value) in [(c["text"], str(c["value"])) for c in claims], text


@pytest.mark.parametrize("name", list_notebooks())
def test_no_headline_has_a_hole(name: str) -> None:
    """What is empty in a table must not leave a gap in a sentence."""
    for said in headlines_of(read_cells(list_notebooks()[name]), name):
        assert not re.search(r"\(\s*\)|  | [.,;:)]|\b(nan|None)\b|\w_\w", said["text"]), said["text"]


def test_the_version_stands_once() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == PROJECT["version"]
    assert json.loads((ROOT / "data/mali-2020/datapackage.json").read_text())["licenses"][0]["name"] == "CC-BY-4.0"


def test_the_picture_is_fresh() -> None:
    import subprocess
    import sys

    drawn = subprocess.run([sys.executable, str(ROOT / "docs/draw_timeline.py")], capture_output=True, text=True)
    assert drawn.stdout == (ROOT / "docs/timeline.svg").read_text(encoding="utf-8")
