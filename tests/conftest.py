import shutil
import signal
from pathlib import Path

import pytest

from mali_analysis.chapter import Chapter, load_chapter

ROOT = Path(__file__).parent.parent

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
def invented() -> Chapter:
    """The invented chapter of an invented country, which holds what ours does not."""
    return load_chapter("norvelia-2022", ROOT / "tests" / "data")
