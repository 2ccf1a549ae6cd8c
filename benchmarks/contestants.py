"""What is compared: every contestant does the same work and returns the seconds that one run of it takes.

Slow tools do fewer runs, and are charged for one: each of them pays anew for every run, so this scales.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SWEPT = ROOT / "notebooks" / "03_cooperation.ipynb"
RUNS = 60
DAYS = [(date(2020, 1, 3) + timedelta(6 * n)).isoformat() for n in range(RUNS)]
"""One parameterized run for each day."""


def prepare(folder: Path) -> None:
    """A plan of all runs, and notebooks with the parameters already in them for tools that take none."""
    import papermill

    (folder / "given").mkdir()
    (folder / "plan.yaml").write_text(f"- notebook: {SWEPT.stem}\n  sweep: {{as_of: {json.dumps(DAYS)}}}\n")
    for day in DAYS:
        target = folder / "given" / f"{day}.ipynb"
        papermill.execute_notebook(SWEPT, target, {"as_of": day}, prepare_only=True, progress_bar=False)


def clock(runs: int, *commands: list[Any], root: Path = ROOT) -> float:
    """Seconds of one run, where the commands together do ``runs``; their output is thrown away."""
    begun = time.perf_counter()
    for words in commands:
        subprocess.run([str(word) for word in words], check=True, cwd=root, capture_output=True)
    return (time.perf_counter() - begun) / runs


def sweep_ours(folder: Path) -> float:
    """All sixty runs, pages included, on all cores."""
    output = folder / "sweep" / "report"
    shutil.rmtree(output.parent, ignore_errors=True)
    return clock(RUNS, [BIN / "mali-analysis", "run", "--plan", folder / "plan.yaml", "--output", output])


def sweep_before(folder: Path) -> float:
    """An earlier version, whose checkout MALI_BEFORE names, with an environment of its own."""
    root = Path(os.environ["MALI_BEFORE"])
    output = folder / "before" / "report"
    shutil.rmtree(output.parent, ignore_errors=True)
    words = [root / ".venv/bin/mali-analysis", "run", "--plan", folder / "plan.yaml", "--output", output]
    return clock(RUNS, words, root=root)


def sweep_papermill(folder: Path) -> float:
    """The command papermill, once for each run."""
    words = [BIN / "papermill", SWEPT, folder / "papermill.ipynb", "-p", "as_of"]
    return clock(4, *([*words, day] for day in DAYS[:4]))


def sweep_execute_notebook(folder: Path) -> float:
    """papermill.execute_notebook, the imports shared by all runs."""
    code = (
        "import papermill, sys\n"
        "for day in sys.argv[3:]:\n"
        "    papermill.execute_notebook(sys.argv[1], sys.argv[2], {'as_of': day}, progress_bar=False)"
    )
    return clock(8, [sys.executable, "-c", code, SWEPT, folder / "api.ipynb", *DAYS[:8]])


def sweep_nbconvert(folder: Path) -> float:
    """One command jupyter nbconvert --execute for all notebooks."""
    given = [folder / "given" / f"{day}.ipynb" for day in DAYS[:8]]
    words = [BIN / "jupyter", "nbconvert", "--execute", "--to", "notebook", "--output-dir", folder / "nbconvert"]
    return clock(8, [*words, *given])


def sweep_nbmake(folder: Path) -> float:
    """pytest with nbmake and xdist on all cores."""
    given = [folder / "given" / f"{day}.ipynb" for day in DAYS[:24]]
    words = [sys.executable, "-m", "pytest", "--nbmake", "-n", str(os.cpu_count()), "-p", "no:cacheprovider"]
    return clock(24, [*words, *given])


def sweep_limit(folder: Path) -> float:
    """Nothing but the cells, in one warm process, divided by the cores."""
    from mali_analysis.runs import processes

    processes.warm_up(ROOT / "data")
    return processes.call(time_cells, [str(folder / "given" / f"{day}.ipynb") for day in DAYS[:8]]) / (
        os.cpu_count() or 1
    )


def time_cells(paths: list[str]) -> float:
    """Seconds that the cells of one notebook take here, in a shell that has run another before."""
    import nbformat
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    os.environ["MALI_DATA"] = str(ROOT / "data")
    shell, times = InteractiveShell.instance(), []
    for path in paths:
        begun = time.perf_counter()
        for cell in nbformat.read(path, 4).cells:
            if cell.cell_type == "code":
                with capture_output():
                    shell.run_cell(cell.source).raise_error()
        times.append(time.perf_counter() - begun)
    return sum(times[1:]) / len(times[1:])


def report_ours(folder: Path) -> float:
    """All notebooks and their pages, nothing kept from before."""
    output = folder / "all" / "report"
    shutil.rmtree(output.parent, ignore_errors=True)
    return clock(1, [BIN / "mali-analysis", "run", "--output", output])


def report_unchanged(folder: Path) -> float:
    """The same again with nothing changed."""
    return clock(5, *[[BIN / "mali-analysis", "run", "--output", folder / "all" / "report"]] * 5)


def report_papermill_nbconvert(folder: Path) -> float:
    """papermill and jupyter nbconvert --to html for each notebook, one after another."""
    pairs = (
        [
            [BIN / "papermill", path, folder / path.name],
            [BIN / "jupyter", "nbconvert", "--to", "html", folder / path.name],
        ]
        for path in NOTEBOOKS
    )
    return clock(1, *(words for pair in pairs for words in pair))


def imports(folder: Path) -> float:
    """Nothing but the imports: python -c 'import pandas, seaborn, geopandas, papermill'."""
    return clock(1, [sys.executable, "-c", "import pandas, seaborn, geopandas, papermill"])


def pages_ours(folder: Path) -> float:
    """All pages of the executed notebooks, the chapter's and the index."""
    target = folder / "pages"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(folder / "all" / "report" / "notebooks", target / "notebooks")
    code = (
        "import sys; from datetime import datetime; from pathlib import Path\n"
        "from mali_analysis.runs import kernels, plans, report\n"
        "jobs = plans.plan_jobs([], [], None)\n"
        "own = [(job, kernels.Done(job.name, job.notebook.stem, job.parameters, 'ok', 0)) for job in jobs]\n"
        "report.write_report(Path(sys.argv[1]), own, Path(sys.argv[2]), 'mali-2020', '0' * 64, datetime.now(), None)"
    )
    return clock(1, [sys.executable, "-c", code, target, ROOT / "data"])


def pages_nbconvert(folder: Path) -> float:
    """One command jupyter nbconvert --to html for the same notebooks."""
    executed = sorted((folder / "all" / "report" / "notebooks").glob("*.ipynb"))
    return clock(1, [BIN / "jupyter", "nbconvert", "--to", "html", "--output-dir", folder / "html", *executed])


def table_of_records(folder: Path) -> float:
    """A plain table of the same records, and nothing to choose."""
    import mali_analysis as mali

    chapter = mali.load_chapter()
    begun = time.perf_counter()
    chosen = mali.records.select_records(chapter, ["incidents"])
    mali.table(chosen, "Records")._repr_html_()
    return time.perf_counter() - begun


def explorer_shown(folder: Path) -> float:
    """The explorer with its records, their words, what others report of them, and the chart."""
    from mali_analysis.chapter import load_chapter
    from mali_analysis.lab.explorer import Explorer

    chapter = load_chapter()
    begun = time.perf_counter()
    for shown in Explorer(chapter, kind="incidents")._show().values():
        str(shown)
    return time.perf_counter() - begun


def size_of(folder: Path) -> int:
    """Bytes of the pages in a folder."""
    return sum(path.stat().st_size for path in folder.glob("*.html"))
