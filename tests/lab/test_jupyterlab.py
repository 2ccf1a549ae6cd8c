"""A real JupyterLab, as `make lab` opens it, in a browser: the start notebook, the words, the explorer, a job."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from conftest import ROOT

import mali_analysis as mali
from mali_analysis.lab.explorer import FORMATS, LABELS
from mali_analysis.runs.pdf import find_browser
from mali_analysis.runs.plans import list_notebooks

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
axe_playwright = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
pytestmark = [pytest.mark.server, pytest.mark.browser]
if not find_browser():
    pytest.skip("no Chromium here", allow_module_level=True)


FOCUSED = """(() => {
    const own = document.activeElement;
    return (own.closest('.widget-inline-hbox') ?? own).innerText.trim();
})()"""
"""What the control that has the focus is called."""


class Lab:
    """JupyterLab with our configuration, its page in a browser, and what both complained of."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        settings = folder / "settings" / "@jupyterlab"
        for name, content in {
            "notebook-extension/tracker": {"windowingMode": "none"},  # so that every cell can be looked at
            "docmanager-extension/plugin": {"autosave": False},
        }.items():
            path = settings / f"{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps(content))
        where = {f"JUPYTER_{kind}_DIR": str(folder / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
        where |= {"JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"), "JUPYTERLAB_WORKSPACES_DIR": str(folder / "w"),
                  "JUPYTER_CONFIG_PATH": str(ROOT / "jupyter_config"),
                  "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}  # fmt: skip
        self.log = folder / "lab.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                ["jupyter", "lab", "--no-browser", f"--port={port}", "--ServerApp.port_retries=0",
                 "--IdentityProvider.token=secret", "--TaskRunner.poll_interval=1"],
                cwd=ROOT / "notebooks", env=os.environ | where, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.address = f"http://127.0.0.1:{port}"
        self.errors: list[str] = []
        self.asked_others: list[str] = []

    def open(self, browser: Any) -> None:
        self.until(lambda: self.ask("api/status"))
        self.page = browser.new_page(viewport={"width": 1400, "height": 1000})
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        self.page.on("request", lambda r: None if self.is_own(r.url) else self.asked_others.append(r.url))
        self.page.goto(f"{self.address}/lab/tree/lab/start.ipynb?token=secret")
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=90_000)
        self.page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=90_000)

    def is_own(self, url: str) -> bool:
        return url.startswith((self.address, self.address.replace("http", "ws"), "data:", "blob:"))

    def ask(self, path: str) -> Any:
        with contextlib.suppress(requests.ConnectionError):
            answer = requests.get(f"{self.address}/{path}", headers={"Authorization": "token secret"}, timeout=20)
            return answer.json() if answer.ok else None
        assert self.process.poll() is None, self.log.read_text()
        return None

    def until(self, happened: Callable[[], Any], seconds: int = 90) -> Any:
        last = time.monotonic() + seconds
        while not (found := happened()):
            assert time.monotonic() < last, self.log.read_text()[-2000:]
            time.sleep(0.2)
        return found

    def run_all(self) -> None:
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_text("Run All Cells", exact=True).click()
        cells = self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell .jp-InputPrompt")
        self.until(lambda: all(re.fullmatch(r"\[\d+\]:", cell) for cell in cells.all_inner_texts()), 150)

    def close_notebooks(self) -> None:
        self.page.goto("about:blank")
        for session in self.ask("api/sessions"):
            requests.delete(f"{self.address}/api/sessions/{session['id']}?token=secret", timeout=20)
        self.errors.clear()  # of connections that were cut

    def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(20)


@pytest.fixture(scope="module")
def lab(tmp_path_factory) -> Iterator[Lab]:
    shutil.rmtree(ROOT / "notebooks/lab/.ipynb_checkpoints", ignore_errors=True)
    own = set((ROOT / "notebooks/lab").iterdir())
    before = {path: path.read_bytes() for path in (ROOT / "notebooks").rglob("*.ipynb")}
    server = Lab(tmp_path_factory.mktemp("lab"))
    try:
        with playwright.sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=str(find_browser()), args=["--no-sandbox"])
            server.open(browser)
            server.run_all()
            yield server
    finally:
        server.close()
        shutil.rmtree(ROOT / "notebooks/lab/.ipynb_checkpoints", ignore_errors=True)
        for path in {*(ROOT / "notebooks/lab").iterdir()} - own:
            path.unlink()
        assert before == {path: path.read_bytes() for path in before}


def output_with(lab: Lab, text: str) -> Any:
    return lab.page.locator(".jp-OutputArea-output", has_text=text).first


def test_it_starts_without_a_question_and_asks_nobody_else(lab: Lab) -> None:
    assert lab.page.get_by_text("Jupyter news").count() == 0
    assert lab.page.locator(".jp-OutputArea-output[data-mime-type*=error]").count() == 0
    assert lab.asked_others == [] and lab.errors == []


@pytest.mark.soak
def test_tables_stand_as_in_the_pages(lab: Lab) -> None:
    table = output_with(lab, "Tables of what the chapter says").locator("table")
    aligned = "e => getComputedStyle(e).textAlign"
    assert table.locator("tbody td").nth(0).evaluate(aligned) == "left"
    assert table.locator("tbody td").nth(1).evaluate(aligned) == "right"
    assert table.locator("caption").evaluate(aligned) == "left"


@pytest.mark.soak
def test_the_words_open_below_a_sentence_and_from_a_number_of_a_table(lab: Lab) -> None:
    said = output_with(lab, "separate gaps")
    said.scroll_into_view_if_needed()
    said.locator("summary").click()
    assert said.locator("mark").first.is_visible()
    table = lab.page.locator(".jp-OutputArea-output:has(caption:text-is('The borders'))")
    number = table.locator("td summary").first
    number.scroll_into_view_if_needed()
    number.click()
    assert table.locator("td mark").first.is_visible()


def test_the_explorer_follows_its_menus(lab: Lab, chapter) -> None:
    page = lab.page
    page.get_by_label("Subject").select_option("Phases of incidents")
    page.get_by_label("Party").select_option(label="Jama’at Nusrat al-Islam wal-Muslim (JNIM)")
    page.get_by_label("From", exact=True).fill("2020-06-01")
    page.get_by_label("From", exact=True).press("Enter")
    page.get_by_text("Three records meet these conditions").wait_for(timeout=30_000)
    expected = mali.records.select_records(chapter, ["phases"], parties=["act-jnim"], start="2020-06-01")
    shown = output_with(lab, "Records, each with its words").locator("tbody tr")
    assert shown.count() == len(expected) and shown.locator("mark").count() >= len(expected)

    page.get_by_role("button", name="Copy as code").click()
    copied = page.get_by_label("To copy")
    lab.until(lambda: "select_records" in copied.input_value())
    assert list(eval(copied.input_value(), {"mali": mali})["record_id"]) == list(expected["record_id"])
    for button, words in (("As command", "mali-analysis run 01_incidents"), ("As plan entry", "notebook: 01_incidents"),
                          ("Copy citation", "Country Reports on Terrorism")):  # fmt: skip
        page.get_by_role("button", name=button).click()
        lab.until(lambda words=words: words in copied.input_value())


@pytest.mark.soak
def test_a_job_is_sent_and_done(lab: Lab) -> None:
    lab.page.get_by_role("button", name="As job").click()
    lab.page.get_by_text("Sent to Notebook Jobs").wait_for(timeout=30_000)
    (job,) = lab.until(lambda: lab.ask("scheduler/jobs")["jobs"])
    state = lab.until(
        lambda: next(
            (s for s in [lab.ask(f"scheduler/jobs/{job['job_id']}")["status"]] if s in ("COMPLETED", "FAILED")), None
        ),
        120,
    )
    assert state == "COMPLETED", lab.log.read_text()[-2000:]


@pytest.mark.soak
def test_the_line_that_was_copied_runs_in_the_notebook(lab: Lab) -> None:
    page = lab.page
    page.get_by_role("button", name="Copy as code").click()
    copied = page.get_by_label("To copy")
    lab.until(lambda: "select_records" in copied.input_value())
    line = copied.input_value()
    page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell").last.click()
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    page.keyboard.insert_text(f"found = {line}\nf'{{len(found)}} found'")
    page.keyboard.press("Shift+Enter")
    expected = len(eval(line, {"mali": mali}))
    page.locator(".jp-OutputArea-output", has_text=f"'{expected} found'").first.wait_for(timeout=30_000)


@pytest.mark.soak
def test_every_form_of_file_is_written_where_the_notebook_lies(lab: Lab) -> None:
    page, form = lab.page, lab.page.get_by_label("As", exact=True)
    for told, ending in FORMATS.items():
        form.select_option(label=told)
        page.get_by_role("button", name="Export").click()
        page.get_by_text(re.compile(rf"Written: .*\{ending}$")).wait_for(timeout=30_000)
    written = [path for ending in FORMATS.values() for path in (ROOT / "notebooks/lab").glob(f"*{ending}")]
    assert {path.suffix for path in written} == set(FORMATS.values())


def test_by_keyboard_alone(lab: Lab) -> None:
    """Tab reaches every control in turn; arrows choose, Enter presses, and the words open."""
    page = lab.page
    clear = page.get_by_role("button", name="Clear")
    clear.focus()
    page.keyboard.press("Enter")
    menus = page.locator(".mali-explorer select")
    lab.until(lambda: set(menus.evaluate_all("all => all.slice(0, -1).map(e => e.selectedIndex)")) == {0})
    page.get_by_text(re.compile(r"^\d+ records meet these conditions")).wait_for(timeout=30_000)
    menus.first.focus()
    reached = []
    for _ in range(30):
        reached.append(page.evaluate(FOCUSED))
        if reached[-1].startswith("To copy"):
            break
        page.keyboard.press("Tab")
    assert {"Clear", "Copy citation", "Copy as code", "As command", "As plan entry", "As job", "Export"} < set(reached)
    assert all(any(one.startswith(label) for one in reached) for label in (*LABELS.values(), "From", "To", "As"))

    menus.first.focus()
    page.keyboard.press("ArrowDown")
    lab.until(lambda: menus.first.evaluate("e => e.selectedIndex") == 1)
    page.get_by_text("Four records meet these conditions").wait_for(timeout=30_000)
    page.get_by_role("button", name="Copy as code").focus()
    page.keyboard.press("Enter")
    lab.until(lambda: '["incidents"]' in page.get_by_label("To copy").input_value())
    words = output_with(lab, "separate gaps").locator("summary")
    opened = words.evaluate("e => e.parentElement.open")
    words.focus()
    page.keyboard.press("Enter")
    assert words.evaluate("e => e.parentElement.open") is not opened


@pytest.mark.soak
def test_the_controls_and_what_they_show_are_accessible(lab: Lab) -> None:
    rules = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa"]}}
    result = axe_playwright.Axe().run(lab.page, context=".jp-OutputArea-child .widget-vbox", options=rules)
    assert result.violations_count == 0, result.generate_report()
    result = axe_playwright.Axe().run(lab.page, context=".jp-RenderedHTMLCommon table", options=rules)
    assert result.violations_count == 0, result.generate_report()


@pytest.mark.soak
@pytest.mark.parametrize("name", list_notebooks())
def test_every_notebook_runs_from_its_first_cell_to_its_last(lab: Lab, name: str) -> None:
    lab.close_notebooks()
    lab.page.goto(f"{lab.address}/lab/tree/{name}.ipynb?reset&token=secret")
    lab.page.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell", timeout=90_000)
    lab.page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=90_000)
    lab.run_all()
    assert lab.page.locator(".jp-OutputArea-output[data-mime-type*=error]").count() == 0
    assert lab.asked_others == [] and lab.errors == []
    told = "details:has(> summary:text-is('What the chart draws, and the words behind it'))"
    for behind in lab.page.locator(f".jp-NotebookPanel:not(.lm-mod-hidden) {told}").all():
        behind.scroll_into_view_if_needed()  # from every chart to its words
        behind.locator("> summary").click()
        assert behind.locator("table").is_visible()
        if number := behind.locator("td summary").all()[:1]:
            number[0].click()
            assert behind.locator("td details[open]").first.is_visible()
