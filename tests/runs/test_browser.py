"""The pages of a whole run in a real browser: accessible, self-contained, fit for a phone; and the PDF."""

import csv
import itertools
import json
import re
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from unicodedata import normalize

import pypdf
import pytest
from axe_playwright_python.sync_playwright import Axe
from click.testing import CliRunner
from conftest import ROOT, SOAK, cross, pick
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sample import CLAIM, write_sample

from mali_analysis.runs.cli import main
from mali_analysis.runs.pdf import BrowserError, find_browser
from mali_analysis.runs.report import write_pdf
from mali_analysis.tables import CONTROL

pytestmark = pytest.mark.browser

try:
    EXECUTABLE = find_browser()
except BrowserError as error:
    pytest.skip(str(error), allow_module_level=True)

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]}
RULES |= {"resultTypes": ["violations"]}  # all else is looked for and not told, which takes a fraction of the time
NAMES = ["index", "chapter", "search", *(path.stem for path in sorted((ROOT / "notebooks").glob("*.ipynb")))]


@pytest.fixture(scope="module")
def folder(made: Path, tmp_path_factory) -> Path:
    output = shutil.copytree(made.parent, tmp_path_factory.mktemp("pages") / "own", symlinks=True) / made.name
    result = CliRunner().invoke(main, ["run", "--pdf", "--output", str(output)])
    assert result.exit_code == 0, result.output
    return output


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
        running = playwright.chromium.launch(executable_path=EXECUTABLE, args=flags)
        yield running
        running.close()


class Visit:
    """A page opened from disk, with whatever it asked the network for and whatever its console said."""

    def __init__(self, browser: Browser, path: Path, width: int = 1280, scheme: str = "light") -> None:
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
        self.page: Page = context.new_page()
        self.asked: list[str] = []
        self.said: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.said.append(dialog.message), dialog.dismiss()))
        self.page.goto(path.as_uri())

    def asked_others(self) -> list[str]:
        return [url for url in self.asked if url != self.page.url.partition("#")[0] and not url.startswith("data:")]

    def close(self) -> None:
        self.page.context.close()


@pytest.mark.parametrize(("name", "scheme"), pick(itertools.product(NAMES, ["light", "dark"]), 2))
def test_a_page_is_accessible_and_keeps_to_itself(folder: Path, browser: Browser, name: str, scheme: str) -> None:
    visit = Visit(browser, folder / f"{name}.html", scheme=scheme)
    visit.page.evaluate("for (const box of document.querySelectorAll('details')) box.open = true")
    found = Axe().run(visit.page, options=RULES).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == []
    assert (visit.asked_others(), visit.said) == ([], [])
    visit.close()


@pytest.mark.parametrize(("name", "width"), pick(itertools.product(NAMES, [360, 1280]), 4))
def test_a_page_never_scrolls_sideways(folder: Path, browser: Browser, name: str, width: int) -> None:
    visit = Visit(browser, folder / f"{name}.html", width)
    visit.page.evaluate("for (const box of document.querySelectorAll('details')) box.open = true")
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
    visit.close()


def test_every_finding_leads_to_marked_words_that_hold_its_quote(folder: Path, browser: Browser, chapter) -> None:
    headlines = json.loads((folder / "headlines.json").read_text())
    whole = Visit(browser, folder / "chapter.html")
    marks = whole.page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('.sentence')].map("
        "s => [s.id, [...s.querySelectorAll('mark')].map(m => m.textContent)]))"
    )
    followed = 0
    for job in sorted({headline["job"] for headline in headlines}):
        visit = Visit(browser, folder / f"{job}.html")
        for headline in [h for h in headlines if h["job"] == job]:
            anchor = headline["anchor"].partition("#")[2]
            hrefs = visit.page.eval_on_selector_all(
                f"#{anchor} a[href^='chapter.html']", "links => links.map(link => link.getAttribute('href'))"
            )
            passages = [href.partition("#")[2] for href in hrefs]
            assert bool(passages) == bool(headline["passages"]), headline["text"]
            assert {*passages[:1], *passages[-1:]} <= set(headline["passages"])
            for start, end in headline["spans"]:
                [passage] = chapter.passages_of([start])
                quote = chapter.text[start:end]  # marked as a whole, or a whole sentence with marks in it
                assert any(quote in mark or mark in quote for mark in marks[passage]), headline["text"]
            followed += len(passages)
        visit.close()
    whole.close()
    assert followed >= len(headlines) >= 40


def test_a_click_on_a_reference_shows_the_sentence(folder: Path, browser: Browser) -> None:
    visit = Visit(browser, folder / "00_brief.html")
    link = visit.page.locator(".headline a[href^='chapter.html']").first
    href = link.get_attribute("href")
    link.click()
    assert visit.page.url.endswith(f"/{href}")
    assert visit.page.locator(".sentence:target mark").first.is_visible()
    visit.close()


def test_the_code_is_hidden_until_asked_for(folder: Path, browser: Browser) -> None:
    visit = Visit(browser, folder / "01_incidents.html")
    assert not visit.page.locator("pre.code").first.is_visible()
    visit.page.check("#show-code")
    assert visit.page.locator("pre.code").first.is_visible()
    visit.close()


@pytest.fixture(scope="module")
def sample(tmp_path_factory, chapter) -> Path:
    """A report with one of everything, made without a kernel."""
    return write_sample(tmp_path_factory.mktemp("sample"), chapter)


SHOWN = ["01_sample", "05_claims_check", "search", "chapter", "index"]


@pytest.mark.parametrize(("name", "scheme", "width"), cross(SHOWN, ["light", "dark"], [360, 1280]))
def test_all_that_pages_show_is_accessible(sample: Path, browser: Browser, name: str, scheme: str, width: int) -> None:
    visit = Visit(browser, sample / f"{name}.html", width, scheme)
    visit.page.evaluate("for (const box of document.querySelectorAll('details')) box.open = true")
    found = Axe().run(visit.page, options=RULES).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == []
    assert (visit.asked_others(), visit.said) == ([], [])
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
    visit.close()


class TestFigure:
    def test_a_wide_page_shows_the_drawing_and_a_phone_the_table(self, sample: Path, browser: Browser) -> None:
        for width, drawn in ((1280, True), (360, False)):
            visit = Visit(browser, sample / "01_sample.html", width)
            assert visit.page.locator("#t1 svg").is_visible() == drawn
            assert (visit.page.locator("#t1 .data").bounding_box()["width"] > 100) != drawn
            assert visit.page.locator("#t3 svg").is_visible()
            visit.close()

    def test_a_link_in_the_hidden_table_shows_it_while_it_has_the_focus(self, sample: Path, browser: Browser) -> None:
        visit = Visit(browser, sample / "01_sample.html")
        link, data = visit.page.locator("#t1 .data a"), visit.page.locator("#t1 .data")
        assert data.bounding_box()["height"] == 1
        for _ in range(40):
            visit.page.keyboard.press("Tab")
            if link.evaluate("link => link === document.activeElement"):
                break
        assert link.evaluate("link => link === document.activeElement")
        assert data.bounding_box()["width"] > 300 and link.is_visible()
        visit.page.keyboard.press("Enter")
        visit.page.wait_for_url("**/chapter.html#incidents.b1.s1")
        visit.close()

    def test_a_screen_reader_hears_the_finding_once_and_then_the_data(self, sample: Path, browser: Browser) -> None:
        visit = Visit(browser, sample / "01_sample.html")
        heard = visit.page.locator("#t1").aria_snapshot()
        assert heard.count("One bar is longest.") == 1 + heard.count('table "One bar is longest."')
        assert "190" in heard and "img" not in heard
        visit.close()

    def test_a_click_on_a_mark_leads_to_its_sentence_or_row(self, sample: Path, browser: Browser) -> None:
        visit = Visit(browser, sample / "01_sample.html")
        visit.page.locator("#t1 svg a").first.click()
        assert visit.page.url.endswith("chapter.html#incidents.b1.s1")
        assert visit.page.locator(".sentence:target mark").first.is_visible()
        visit.page.go_back()
        visit.page.locator("#t1 svg a").nth(1).click()
        assert visit.page.url.endswith(f"05_claims_check.html#r-{CLAIM}")
        assert visit.page.locator("tr:target").is_visible()
        visit.close()

    def test_rows_are_stacked_on_a_phone_and_stay_rows(self, sample: Path, browser: Browser) -> None:
        visit = Visit(browser, sample / "01_sample.html", 360)
        cells = visit.page.locator("#t2 tbody tr").first.locator("th, td")
        tops = [cells.nth(n).bounding_box()["y"] for n in range(5)]
        assert tops == sorted(set(tops))
        assert visit.page.get_by_role("table", name="Incidents <told>").get_by_role("row").count() == 5
        visit.close()

    def test_print_shows_the_drawing_alone_with_letters_of_seven_points(self, sample: Path, browser: Browser) -> None:
        visit = Visit(browser, sample / "01_sample.html", 711)  # A4 within its margins
        visit.page.emulate_media(media="print")
        assert visit.page.locator("#t1 svg").is_visible() and not visit.page.locator("#t1 .data").is_visible()
        scale = visit.page.locator("#t1 svg").evaluate("svg => svg.getScreenCTM().a")
        sizes = visit.page.locator("#t1 svg text").evaluate_all(
            "texts => texts.map(text => parseFloat(getComputedStyle(text).fontSize))"
        )
        assert min(sizes) * scale * 0.75 >= 7
        table = visit.page.locator("#t2 td").first.evaluate("cell => parseFloat(getComputedStyle(cell).fontSize)")
        assert table * 0.75 >= 8.5
        visit.close()


class TestSearch:
    def test_by_keyboard_from_words_to_the_sentence(self, sample: Path, browser: Browser) -> None:
        visit = Visit(browser, sample / "01_sample.html")
        visit.page.get_by_role("link", name="Search").focus()
        visit.page.keyboard.press("Enter")
        visit.page.get_by_role("searchbox").wait_for()
        assert visit.page.get_by_role("searchbox").evaluate("box => box === document.activeElement")
        visit.page.keyboard.type("SOUMAÏLA Cissé kidnapped")
        expect(visit.page.get_by_role("status")).to_have_text(re.compile(r"results"))
        assert not visit.page.locator("#index").is_visible()
        visit.page.keyboard.press("Enter")
        focused = visit.page.evaluate("document.activeElement.textContent")
        assert "kidnapped" in focused and "Soumaila Cisse" in focused
        visit.page.keyboard.press("Enter")
        visit.page.wait_for_url("**/chapter.html#incidents.b1.s1")
        assert visit.page.locator(".sentence:target mark").first.is_visible()
        visit.page.go_back()
        visit.page.locator("#results a").first.wait_for()
        assert visit.said == []
        visit.close()

    def test_what_is_nowhere_is_said_and_an_empty_box_shows_all(self, sample: Path, browser: Browser) -> None:
        visit = Visit(browser, sample / "search.html")
        visit.page.fill("#words", "xylophone")
        expect(visit.page.get_by_role("status")).to_have_text("No results.")
        visit.page.fill("#words", "")
        assert visit.page.locator("#index").is_visible()
        visit.close()

    def test_without_script_it_is_an_index(self, sample: Path, browser: Browser) -> None:
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto((sample / "search.html").as_uri())
        assert not page.locator("form").is_visible()
        assert page.locator("#index li").count() > 100
        page.locator("#index a").first.click()
        assert "chapter.html#" in page.url
        context.close()


HOSTILE = {
    "incidents": ("title", "<img src=x onerror=alert(1)> & <b>bold</b>"),
    "actors": ("name", "</script><script>alert(2)</script>"),
    "findings": ("capability", "W" * 300),
    "trends": ("phrase", "\u202egnol si siht\u202c $x_1$ \x07\x1b[31m"),
    "milestones": ("name", '=HYPERLINK("javascript:alert(3)")'),
}


@pytest.fixture
def hostile(data: Path) -> Path:
    """A copy of the data in which texts of our own hold what could do harm in a page."""
    for table, (column, text) in HOSTILE.items():
        path = data / "mali-2020" / f"{table}.csv"
        rows = list(csv.DictReader(path.open(encoding="utf-8", newline="")))
        for row in rows:
            row[column] = f"{text} {row['record_id']}"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    path = data / "mali-2020" / "reference" / "claims.csv"
    claims = path.read_text(encoding="utf-8").replace(
        "The chapter gives the same day.", "<svg onload=alert(4)>{{ 7*7 }}"
    )
    path.write_text(claims, encoding="utf-8")
    return data


def test_hostile_data_is_shown_whole_and_does_nothing(hostile: Path, browser: Browser, tmp_path: Path) -> None:
    output = tmp_path / "out" / "report"
    books = NAMES[3:] if SOAK else ["01_incidents", "05_claims_check"]
    result = CliRunner().invoke(main, ["run", *books, "--data", str(hostile), "--output", str(output)])
    assert result.exit_code == 0, result.output
    shown = ""
    for name in [*NAMES[:3], *books]:
        visit = Visit(browser, output / f"{name}.html", 360)
        visit.page.evaluate("for (const box of document.querySelectorAll('details')) box.open = true")
        assert (visit.asked_others(), visit.said) == ([], []), name
        assert visit.page.locator("img, svg[onload]").count() == 0
        assert visit.page.locator("script").count() == (name == "search")
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= 360, name
        shown += visit.page.evaluate("document.body.textContent")
        visit.close()
    for column, text in HOSTILE.values():
        assert text.translate(CONTROL) in shown, column
    assert "<svg onload=alert(4)>{{ 7*7 }}" in shown


class TestPdf:
    def test_the_brief_has_two_tagged_pages_with_title_language_and_outline(self, folder: Path) -> None:
        pdf = pypdf.PdfReader(folder / "00_brief.pdf")
        assert len(pdf.pages) == 2
        catalog = pdf.trailer["/Root"]
        assert catalog["/MarkInfo"]["/Marked"] and catalog["/Lang"].startswith("en")
        assert pdf.metadata.title.startswith(title_of(folder, "00_brief"))
        assert len(pdf.outline) >= 1
        assert title_of(folder, "00_brief") in re.sub(r"\s+", " ", pdf.pages[0].extract_text())
        assert "1 / 2" in pdf.pages[0].extract_text()

    def test_each_figure_of_the_brief_has_alternative_text(self, folder: Path) -> None:
        figures = [e for e in elements(pypdf.PdfReader(folder / "00_brief.pdf")) if e.get("/S") == "/Figure"]
        described = [str(figure["/Alt"]) for figure in figures if "/Alt" in figure]
        html = (folder / "00_brief.html").read_text(encoding="utf-8")
        labels = [unescape(label) for label in re.findall(r'<svg [^>]*aria-label="([^"]*)"', html)]
        assert labels and set(labels) <= set(described)

    def test_a_chart_with_data_tells_its_finding_and_leads_to_its_sentence(self, sample: Path) -> None:
        write_pdf(sample, True)
        pdf = pypdf.PdfReader(sample / "report.pdf")
        told = [str(e["/Alt"]) for e in elements(pdf) if e.get("/S") == "/Figure" and "/Alt" in e]
        assert "One bar is longest." in told
        links = [a.get_object() for page in pdf.pages for a in page.get("/Annots", [])]
        assert "/chapter--incidents.b1.s1" in {str(link.get("/Dest", "")) for link in links}
        assert not (sample / ".printed.html").exists()

    def test_fonts_are_embedded(self, folder: Path) -> None:
        for page in pypdf.PdfReader(folder / "00_brief.pdf").pages:
            for font in page["/Resources"]["/Font"].values():
                inner = font.get_object()
                inner = inner["/DescendantFonts"][0].get_object() if "/DescendantFonts" in inner else inner
                if inner["/Subtype"] != "/Type3":  # a font of type 3 is its own program
                    assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(inner["/FontDescriptor"])

    def test_the_whole_report_has_every_page_and_its_links_stay_inside(self, folder: Path) -> None:
        pdf = pypdf.PdfReader(folder / "report.pdf")
        text = normalize("NFKC", re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pdf.pages)))
        for name in NAMES[3:]:
            assert title_of(folder, name) in text
        links = [a.get_object().get("/A", {}) for page in pdf.pages for a in page.get("/Annots", [])]
        assert not [link["/URI"] for link in links if "/URI" in link and str(link["/URI"]).startswith("file:")]


def title_of(folder: Path, name: str) -> str:
    """A page's first heading."""
    [title] = re.findall(r"<h1>(.*?)</h1>", (folder / f"{name}.html").read_text(encoding="utf-8"))
    return unescape(re.sub(r"<[^>]+>", "", title))


def elements(pdf: pypdf.PdfReader) -> Iterator[dict]:
    """Every element of the structure tree."""
    waiting = [pdf.trailer["/Root"]["/StructTreeRoot"]]
    while waiting:
        element = waiting.pop().get_object()
        if isinstance(element, list):
            waiting += element
        elif isinstance(element, dict):
            yield element
            waiting += [element["/K"]] if "/K" in element else []
