"""What holds for any input: dates, marks, passages, parameters, sentences, exported files and the names of jobs."""

import ast
import json
import re
import shlex
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from mali_analysis import dates, disclosure, exports, headlines, passages, places, records, tables
from mali_analysis.lab import handing_on
from mali_analysis.parameters import CHOICES, ParameterError, check_parameters, find_faults
from mali_analysis.passages import Reference
from mali_analysis.runs import abbreviations, place, plans
from mali_analysis.runs.cli import main
from mali_analysis.runs.declared import Parameter, is_of_type, read_parameters, read_value, read_yaml, write_yaml
from mali_analysis.runs.plans import Job, list_notebooks

FEW = settings(max_examples=settings.default.max_examples // 5)
"""For what reads or writes files."""

SIGNS = "aZé\u0301İßﬁ中😀 \u00a0\u2009\t\n\r\x00\x0b\x1b\x7f\x85\u2028\u200b\ufffe"
SIGNS += "=+-@'\"<>&;:.,?!•“”’()[]{}/\\|%$#~*`_01"
LETTERS = st.sampled_from(SIGNS) | st.characters(exclude_categories=["Cs"])
TEXTS = st.text(LETTERS, max_size=30)
WORDS = st.from_regex(r"[a-zé]{1,8}", fullmatch=True)
DAYS = st.dates(date(1900, 1, 1), date(2999, 12, 31))


def bare(html: str) -> str:
    """The text of a piece of HTML, as a browser reads it."""
    return unescape(re.sub(r"<[^<>]*>", "", html))


# Dates


@st.composite
def points(draw: st.DrawFn) -> str:
    day = draw(DAYS)
    season = st.integers(21, 24).map(lambda number: f"{day.year}-{number}")
    return draw(st.sampled_from([f"{day}", f"{day:%Y-%m}", f"{day.year}"]) | season)


EDTF = st.one_of(
    points(),
    st.tuples(points(), points()).map("/".join),
    st.tuples(points(), points()).map(lambda ends: f"[{ends[0]}..{ends[1]}]"),
    points().map(lambda first: f"[{first}..]"),
    points().map(lambda last: f"[..{last}]"),
    st.just(dates.OPEN),
)
NEARLY = st.text("0123456789-/.[]~?WT", max_size=14) | TEXTS


def accepts(value: str) -> bool:
    try:
        dates.bounds(value)
    except ValueError:
        return False
    return True


@given(EDTF | NEARLY)
@example("9999-24")
@example("0000")
def test_a_date_has_its_days_in_order_or_is_refused_as_a_value(value: str) -> None:
    try:
        first, last = dates.bounds(value)
    except ValueError:
        return
    assert first is None or last is None or first <= last
    assert (first, last) != (None, None) or value == dates.OPEN
    for day in {first, last} - {None}:
        assert str(day.year) in value or str(day.year - 1) in value  # a winter ends in the next year


@given(points(), points())
def test_an_interval_contains_the_days_of_its_ends(one: str, other: str) -> None:
    start, end = sorted([one, other], key=dates.bounds)
    (first, a), (b, last) = dates.bounds(start), dates.bounds(end)
    assert first <= a and b <= last
    assume(first <= last)
    whole = dates.bounds(f"{start}/{end}")
    assert whole == dates.bounds(f"[{start}..{end}]") == (first, last)
    assert whole[0] <= first <= whole[1] and whole[0] <= last <= whole[1]


@given(DAYS)
def test_a_day_a_month_and_a_year_contain_the_day(day: date) -> None:
    assert dates.bounds(str(day)) == (day, day)
    for wider in (f"{day:%Y-%m}", f"{day.year}"):
        first, last = dates.bounds(wider)
        assert first <= day <= last and (first - timedelta(1)).strftime("%d") != first.strftime("%d") == "01"
        assert (last + timedelta(1)).day == 1


@given(EDTF | st.just(""), EDTF | st.just(""), st.integers(1900, 2999))
def test_the_four_days_of_a_stretch_are_in_order(start: str, end: str, year: int) -> None:
    assume(all(accepts(value) for value in (start, end) if value))
    begins, ends = (dates.bounds(value) if value else (None, None) for value in (start, end))
    assume(not (begins[0] and ends[1] and begins[0] > ends[1]))  # ``validate`` refuses a stretch that ends first
    first, first_latest, last, last_latest = dates.four_days(start, end, date(year, 12, 31))
    for earlier, later in [(first, first_latest), (last, last_latest), (first, last), (first_latest, last_latest)]:
        assert earlier is None or later is None or earlier <= later
    if end == dates.OPEN:
        assert last >= date(year, 12, 31) and last_latest is None


@given(st.none() | DAYS, st.none() | DAYS, st.none() | st.integers(1900, 2999))
@example(date(2020, 12, 1), date(2021, 3, 20), 2020)
@example(date(2020, 3, 1), date(2021, 3, 20), 2020)
def test_words_of_a_date_name_every_year_but_the_one_that_all_is_about(
    one: date | None, other: date | None, year: int | None
) -> None:
    first, last = sorted([one, other]) if one and other else (one, other)
    years = {day.year for day in (first, last) if day}
    for told in (dates.in_words(first, last, year), dates.when(first, last, year)):
        named = {int(number) for number in re.findall(r"\b\d{4}\b", told)}
        assert named == (set() if years == {year} else years)
        assert all(day.strftime("%B") in told for day in (first, last) if day)
        assert "  " not in told and told == told.strip()


@given(DAYS)
@example(date(2020, 2, 1))
@example(date(2021, 2, 1))
def test_a_whole_month_and_its_parts_are_called_so(day: date) -> None:
    first, last = dates.bounds(f"{day:%Y-%m}")
    assert dates.when(first, last) == f"in {day:%B %Y}"
    assert dates.when(first, first.replace(day=10)) == f"at the beginning of {day:%B %Y}"
    assert dates.when(first.replace(day=21), last) == f"at the end of {day:%B %Y}"


# Marks and what only Jupyter shows


@st.composite
def texts_with_spans(draw: st.DrawFn) -> tuple[str, list[tuple[int, int]]]:
    text = draw(TEXTS)
    ends = st.integers(0, len(text))
    return text, draw(st.lists(st.tuples(ends, ends), max_size=6))


class Marked(HTMLParser):
    """Which letters a reader sees, and which of them within ``<mark>``."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.letters: list[tuple[str, bool]] = []
        self.open, self.tags = False, Counter[str]()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        assert (tag, self.open) == ("mark", False)
        self.open = True
        self.tags[tag] += 1

    def handle_endtag(self, tag: str) -> None:
        assert (tag, self.open) == ("mark", True)
        self.open = False

    def handle_data(self, data: str) -> None:
        self.letters += [(letter, self.open) for letter in data]


@given(texts_with_spans())
@example(("ab ", [(2, 3)]))
@example(("a & b", [(4, 2), (2, 3), (3, 3)]))
def test_marked_text_is_the_text_and_marked_are_the_letters_of_the_spans(given_: tuple) -> None:
    text, spans = given_
    html = passages.mark(text, spans)
    inside = [any(start <= place < end for start, end in spans) for place in range(len(text))]
    assert bare(html) == text
    read = Marked(html)
    assert not read.open and read.letters == list(zip(text, inside, strict=True))
    assert read.tags["mark"] == sum(now and not before for before, now in zip([False, *inside], inside, strict=False))
    assert passages.mark(text, spans[::-1] + spans) == html


REFERENCES = st.lists(
    st.builds(
        lambda number, given_: Reference(number, f"p{number}", given_[0], tuple(given_[1])),
        st.integers(1, 99), texts_with_spans(),
    ), max_size=4, unique_by=lambda one: one.number,
)  # fmt: skip


@given(TEXTS, REFERENCES, TEXTS)
def test_what_is_put_below_an_output_is_taken_off_again(text: str, references: list[Reference], summary: str) -> None:
    html = headlines.Headline(text, 1, None, [], [], [], []).to_html()
    dressed = disclosure.dress(html, references)
    assert dressed.startswith(html) and dressed.count("<p><b>") == len(references)
    for more in (dressed, html + disclosure.fold(summary, html)):
        assert disclosure.undress({"data": {"text/html": more}})["data"].get("text/html") == html
    for one in references:
        assert f"<p><b>{one.number}</b> {passages.mark(one.text, one.spans)}</p>" in dressed


@FEW
@given(TEXTS, st.lists(st.tuples(TEXTS, REFERENCES), min_size=1, max_size=3))
def test_a_table_in_jupyter_without_what_only_jupyter_shows_is_the_table(caption: str, rows: list) -> None:
    frame = pd.DataFrame(rows, columns=["words", "sentence"])
    table = tables.table(frame, caption)
    shown = table._repr_html_()
    assert disclosure.undress({"data": {"text/html": shown}})["data"]["text/html"] == table.to_html()
    assert shown.count('<details class="mali-cell">') == sum(len(references) for _, references in rows)


# Passages

CAPITALIZED = st.from_regex(r"[A-Z][a-z]{2,6}", fullmatch=True)
TITLES = st.lists(CAPITALIZED, min_size=1, max_size=3).map(" ".join) | st.sampled_from([*passages.SECTIONS])
PIECES = st.sampled_from(
    ["U.S. aid", "the U.N.", "on Dec. 30, 2020", "Mr. Cissé’s", "“no.”", "at 9:30 p.m.", "(e.g. arms)", "1.5%", "é"]
) | st.from_regex(r"[^\W_]{1,8}", fullmatch=True)
SENTENCES = (
    st.lists(PIECES, min_size=1, max_size=5)
    .map(" ".join)
    .flatmap(lambda words: st.sampled_from([".", "?", "!", ".”", ".)"]).map(lambda stop: words + stop))
)
GAPS = st.sampled_from(["\u00a0 ", "  ", "\u00a0\u00a0", "\u2003 "])


@st.composite
def chapters(draw: st.DrawFn) -> str:
    lines = []
    for title in draw(st.lists(TITLES, min_size=1, max_size=4, unique_by=passages.code_of)):
        first = draw(st.lists(SENTENCES, max_size=2))
        lines.append(f"{draw(st.sampled_from(['', '2020 ']))}{title}:{draw(GAPS)}{draw(GAPS).join(first)}")
        for sentences in draw(st.lists(st.lists(SENTENCES, max_size=3), max_size=3)):
            lines.append(draw(st.sampled_from(["", "  • ", "•", " ▪\u00a0", "\t"])) + draw(GAPS).join(sentences))
    lines += draw(st.sampled_from([[], ["On This Page", "A line: of the site"]]))
    return draw(st.sampled_from(["\n", "\n\n", " \n", "\u2028"])).join(lines)


@given(chapters() | TEXTS.map(lambda text: f"Overview:\u00a0 {text}"))
@example("Overview:\u00a0 One.\n•\nTwo.")
@example("Overview:\u00a0 One.\nOverview:\u00a0 Two.")
def test_passages_are_the_text_in_order_and_nothing_of_it_is_lost(text: str) -> None:
    try:
        found = passages.split_chapter(text)
    except ValueError as error:
        assert "allowed: each section once" in str(error)
        return
    position, between = 0, ""
    for row in found.itertuples():
        assert position <= row.start < row.end and text[row.start : row.end] == row.text
        between += text[position : row.start]
        position = row.end
    assert re.fullmatch(r"[\s•▪◦‣]*", between + text[position:])
    assert found["passage"].is_unique and list(found.index) == list(found["passage"])
    sentences = found[found["kind"] == "sentence"]
    assert list(sentences["number"]) == list(range(1, len(sentences) + 1))
    assert (found.loc[found["kind"] != "sentence", "number"] == 0).all()
    places_ = [place for row in found.itertuples() for place in (row.start, row.end - 1)]
    assert passages.passages_at(found, places_) == [i for i in found["passage"] for _ in range(2)]


@given(TEXTS)
def test_any_text_is_split_or_refused_in_a_line(text: str) -> None:
    try:
        passages.split_chapter(text)
    except ValueError as error:
        assert "allowed: " in str(error) and len(str(error).splitlines()) == 1


# Parameters

NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
CODES = st.from_regex(r"[a-z0-9]+([-_.][a-z0-9]+){0,2}", fullmatch=True)
VALUES: dict[str, st.SearchStrategy] = {
    "str": TEXTS, "int": st.integers(), "float": NUMBERS, "bool": st.booleans(),
    "list[str]": st.lists(CODES, max_size=4),
}  # fmt: skip
TYPES = st.sampled_from([*VALUES, *(f"{kind} | None" for kind in VALUES)])


def written(value: Any) -> str:
    """A value as a command line has it."""
    return ",".join(value) if isinstance(value, list) else str(value)


@st.composite
def values_of_types(draw: st.DrawFn) -> tuple[Parameter, Any]:
    kind = draw(TYPES)
    plain = kind.removesuffix(" | None")
    value = draw(VALUES[plain] | st.none()) if kind != plain else draw(VALUES[plain])
    assume(kind != "str | None" or not isinstance(value, str) or value.strip() not in ("", "None"))  # these mean none
    assume(kind != "list[str] | None" or value != [])
    return Parameter("p", kind, None, ""), value


@given(values_of_types())
def test_a_value_given_on_the_command_line_is_the_value(given_: tuple[Parameter, Any]) -> None:
    parameter, value = given_
    found = read_value(written(value), parameter)
    assert found == value and is_of_type(found, parameter)
    if isinstance(value, list):
        assert read_value(f"[{', '.join(value)}]", parameter) == value
    job = plans.plan_job(list_notebooks()["00_brief"], {"p": parameter}, {"p": written(value)})
    assert job.parameters == {"p": value} and (job.changed == {} if value is None else job.changed == {"p": value})


@given(values_of_types())
@example((Parameter("p", "str", None, ""), "1e3"))
def test_a_value_in_a_plan_is_the_value(given_: tuple[Parameter, Any]) -> None:
    parameter, value = given_
    found = read_yaml(write_yaml([{"notebook": "n", "parameters": {"p": value}}]))
    assert found == [{"notebook": "n", "parameters": {"p": value}}]
    assert type(found[0]["parameters"]["p"]) is type(value)


ODD = ["!!int ''", "!!timestamp x", "!!bool x", "!!float x", "!!binary é", "!!set {a}", "&a [*a]",
       "9" * 5000, "1" * 400, "-", "{", "\x00", "!!python/name:os.system", "*a", "? [a]", "%", "@"]  # fmt: skip


@given(st.sampled_from(ODD) | TEXTS, TYPES)
@example("[" * 3000, "int")
def test_any_text_is_of_the_declared_type_or_refused_in_a_line(text: str, kind: str) -> None:
    parameter = Parameter("p", kind, None, "")
    try:
        job = plans.plan_job(list_notebooks()["00_brief"], {"p": parameter}, {"p": text})
    except ParameterError as error:
        assert f"allowed: a value of type {kind}" in str(error) and len(str(error).splitlines()) == 1
    else:
        assert is_of_type(job.parameters["p"], parameter)
        assert job.name and not {"/", "\0", "\n"} & set(job.name)


NAMES = sorted({name for path in list_notebooks().values() for name in read_parameters(path)})
ANY = st.recursive(st.none() | st.booleans() | NUMBERS | TEXTS, lambda inner: st.lists(inner, max_size=3), max_leaves=4)


@given(values=st.dictionaries(st.sampled_from(NAMES), ANY, max_size=3))
def test_values_that_a_chapter_does_not_allow_are_told_a_line_each(chapter, values: dict[str, Any]) -> None:
    faults = find_faults(chapter, values)
    for fault in faults:
        assert len(fault.splitlines()) == 1
        assert any(fault.startswith(f"parameter {name}: value ") for name in values) and ": allowed: " in fault
    for name in set(values) & set(CHOICES):
        wrong = not isinstance(values[name], list) or set(map(repr, values[name])) - set(
            map(repr, CHOICES[name](chapter))
        )
        assert any(fault.startswith(f"parameter {name}: ") for fault in faults) == bool(wrong)
    if faults:
        with pytest.raises(ParameterError):
            check_parameters(chapter, **values)


@FEW
@given(name=st.sampled_from(NAMES) | WORDS, text=TEXTS)
def test_the_command_refuses_a_wrong_value_with_status_2_in_a_line(name: str, text: str) -> None:
    result = CliRunner().invoke(main, ["schedule", "06_sources_and_methods", "-p", name, text])
    assert isinstance(result.exception, (SystemExit, type(None))) and result.exit_code in (0, 2), result.exception
    if result.exit_code:
        assert len(result.output.splitlines()) == 1 and "allowed" in result.output


# Sentences

PHRASES = st.lists(WORDS, min_size=1, max_size=5).map(" ".join)
PARTS = st.lists(PHRASES | st.tuples(PHRASES, PHRASES).map(" and ".join) | st.tuples(PHRASES, PHRASES).map(", ".join),
                 max_size=5)  # fmt: skip


@given(PARTS)
def test_joined_parts_are_all_there_in_their_order(parts: list[str]) -> None:
    told = headlines.join(parts)
    position = 0
    for part in parts:
        position = told.index(part, position) + len(part)
    assert not re.search(r"  |[,;.]{2}| [,;.]|^\W|\W$", told)
    if len(parts) < 2:
        assert told == "".join(parts)
    else:
        assert told.endswith(f" and {parts[-1]}")
        assert len(re.split("; and |; ", told) if ";" in told else parts) == len(parts)


@given(st.lists(st.lists(st.sampled_from("abcd"), min_size=1, max_size=6).map(" ".join), max_size=4) | PARTS)
@example(["attacks grew in size here", "attacks grew in number here"])
def test_folding_loses_no_word_and_adds_none_but_and(parts: list[str]) -> None:
    told = headlines.fold(parts)
    words = {word for part in parts for word in part.split(" ")}
    found = {word for part in told for word in part.split(" ")}
    assert words <= found <= words | {"and"}
    assert len(told) <= len(parts) and not any("  " in part or part != part.strip() for part in told)
    assert len(set(parts)) != 1 or told == parts[:1]


@given(st.integers(0, 10**6), WORDS, st.none() | WORDS)
def test_a_number_and_its_noun_agree(number: int, noun: str, plural: str | None) -> None:
    word, _, named = headlines.count(number, noun, plural).partition(" ")
    assert named == (noun if number == 1 else plural or f"{noun}s")
    assert word == headlines.number_word(number) and (not word[0].isdigit() or int(word.replace(",", "")) == number)
    days = headlines.count_days(number)
    assert days == f"{number} day{'' if number == 1 else 's'}"
    assert headlines.be(number) == ("is" if number == 1 else "are")


@given(st.none() | st.integers(0, 400), st.none() | st.integers(0, 400))
@example(2, 3)
@example(2, 4)
def test_a_length_names_its_bounds(one: int | None, other: int | None) -> None:
    least, most = sorted([one, other]) if one is not None and other is not None else (one, other)
    told = headlines.length(least, most)
    named = [int(number) for number in re.findall(r"\d+", told)]
    if most == 0:
        assert told == "within one day"
    elif most is None:
        assert named == [least or 0] and told.endswith("or more")
    else:
        assert named == ([most] if not least or least == most else [least, most])
        assert ("up to" in told) == (not least)
        assert len(named) == 1 or f" {'or' if most - least == 1 else 'to'} " in told
    assert re.search(r"\b1 days\b|(?<!\b1) day\b", told.replace("within one day", "")) is None


@given(TEXTS.filter(lambda text: text.strip()))
@example("they said “no”")
@example("did they say “no?”")
@example("they said “stop!”")
def test_a_finished_sentence_has_its_capital_and_one_stop(text: str) -> None:
    told = headlines.finish(text)
    assert told.casefold().startswith(text.strip().casefold())
    assert told[0] == told[0].upper() and told[len(told.rstrip(".?!”")) :] and headlines.finish(told) == told
    assert not re.search(r"[.?!]”?\.$", told) or re.search(r"[.?!]”?\.$", text.strip())


@given(PHRASES, st.from_regex(r"[A-Z][A-Z-]{1,5}", fullmatch=True))
def test_a_short_name_is_the_abbreviation_or_the_name(name: str, abbreviation: str) -> None:
    assert headlines.short(name) == name and headlines.short(f"{name} ({abbreviation})") == abbreviation
    for more in ("in the north", f"{abbreviation} of the north"):
        assert headlines.short(f"{name} ({more})") == name


@given(TEXTS)
def test_a_name_with_its_article_is_the_name(name: str) -> None:
    assert headlines.the(name) in (name, f"the {name}")
    assert headlines.inside(name).casefold() == name.casefold()
    alone = re.split(r"\(| of", name)[0]  # what follows either belongs to another name
    assert headlines.the(f"{headlines.capital('x' + alone)} Union").startswith("the X")


# Files for other programs


def undone(text: str) -> str:
    """A text as it was before an apostrophe was put in front."""
    return text[1:] if re.match(r"'+[=+\-@\t\n]", text) else text


def seen(text: str) -> str:
    """A text as a file can hold it: line ends alike, control characters and what is no character as signs."""
    text = re.sub("[\ufffe\uffff]", "\ufffd", re.sub("\r\n?", "\n", text))
    return text.translate(tables.CONTROL)


CELLS = TEXTS | st.from_regex(r"'*[=+\-@\t\r][a-z(0-9]{1,5}", fullmatch=True)
TABLES = st.lists(st.tuples(CELLS, DAYS, st.integers(-(2**53), 2**53)), min_size=1, max_size=5)


def assert_safe(value: Any) -> None:
    assert not isinstance(value, str) or not re.match(r"[=+\-@\t\r\n]", value), value


@FEW
@given(rows=TABLES)
@example(rows=[("a\rb", date(2020, 1, 1), 1), ("'=1", date(2020, 1, 1), -1), ("\ufffe", date(2020, 1, 1), 0)])
def test_a_table_comes_back_from_csv_and_from_a_workbook(rows: list) -> None:
    frame = pd.DataFrame(rows, columns=["words", "day", "number"])
    frame["day"] = pd.to_datetime(frame["day"]).astype("datetime64[s]")
    kept = frame.copy()
    with tempfile.TemporaryDirectory() as folder:
        exports.defuse(frame).to_csv(csv := Path(folder) / "t.csv", index=False, encoding="utf-8")
        exports.write_book(xlsx := Path(folder) / "t.xlsx", {"t": frame})
        read = pd.read_csv(csv, dtype=str, keep_default_na=False)
        book = openpyxl.load_workbook(xlsx)["t"]
    pd.testing.assert_frame_equal(frame, kept)
    cells = [tuple(cell.value for cell in row) for row in book.iter_rows(min_row=2)]
    for (words, day, number), line, row in zip(rows, read.itertuples(index=False), cells, strict=True):
        for found in (line.words, row[0] or ""):
            assert_safe(found)
            assert undone(found) == seen(words)
        assert line.day == str(day) and row[1].date() == day
        assert int(line.number) == row[2] == number
    assert all(cell.data_type != "f" for row in book.iter_rows() for cell in row)


@settings(FEW, max_examples=FEW.max_examples // 5)
@given(text=CELLS)
@example(text='=HYPERLINK("x")')
@example(text="\x01\ufffe\r")
def test_no_cell_of_what_is_exported_begins_a_formula(chapter, text: str) -> None:
    claims = chapter.claims.assign(origin=text, source_url=text, says=text).head(3)
    own = {"actors": chapter.actors.assign(name=text).head(3)}
    altered = replace(chapter, reference={"claims": claims})
    chosen = records.select_records(chapter, ["milestones"]).assign(what=text)
    with tempfile.TemporaryDirectory() as folder:
        paths = exports.export_tables(replace(altered, tables=own), folder)
        paths += [records.export_records(altered, chosen, Path(folder) / name) for name in ("r.csv", "r.xlsx")]
        for path in paths:
            if path.suffix == ".xlsx":
                sheets = openpyxl.load_workbook(path)
                values = [cell.value for sheet in sheets for row in sheet.iter_rows() for cell in row]
                assert isinstance(sheets["sources"]["C2"].value, datetime)
            else:
                values = list(pd.read_csv(path, dtype=str, keep_default_na=False).to_numpy().ravel())
            for value in values:
                assert_safe(value)
            assert not text or any(isinstance(value, str) and undone(value) == seen(text) for value in values), (
                path.name
            )


@FEW
@given(text=TEXTS)
def test_geojson_can_be_read_and_keeps_every_id_and_title(chapter, text: str) -> None:
    altered = replace(chapter, tables=chapter.tables | {"incidents": chapter.incidents.assign(title=text)})
    ids = list(chapter.incidents["record_id"])
    for chosen in (None, ids[:2], []):
        read = json.loads(places.export_geojson(altered, incident_ids=chosen))
        properties = [feature["properties"] for feature in read["features"]]
        assert {told["incident_id"] for told in properties} == set(ids if chosen is None else chosen)
        assert {told["title"] for told in properties} <= {text}


# Names and addresses

CLOSE = st.sampled_from(["a/b", "a_b", "a\\b", "all", "", "None", "..", "../../x", "/etc/x", "a--n=b", "A", "a", "é",
                         "e\u0301", "a+b", "\0", "\ud800"])  # fmt: skip
GIVEN = st.fixed_dictionaries({}, optional={
    "chapter_id": TEXTS | CLOSE, "start": st.none() | CODES, "lists": st.lists(CLOSE | TEXTS, max_size=3), "n": NUMBERS,
    "yes": st.booleans(),
})  # fmt: skip
"""Values for parameters, each of one type."""
STEMS = st.sampled_from(["01_x", "é" * 100, "😀" * 60, "a b", "\udcff", "index", "Chapter"])


@given(STEMS, st.lists(GIVEN, min_size=2, max_size=4))
@example("x", [{"chapter_id": "a/b"}, {"chapter_id": "a_b"}, {"chapter_id": "A_b"}])
@example("x", [{"lists": []}, {"lists": ["all"]}, {"lists": ["a", "b"]}, {"lists": ["a+b"]}])
@example("x", [{"chapter_id": "a", "n": 1}, {"chapter_id": "a--n=1"}])
def test_a_job_has_a_safe_name_of_its_own(stem: str, values: list[dict[str, Any]]) -> None:
    jobs = [Job(Path(f"{stem}.ipynb"), {}, changed) for changed in values]
    for job in jobs:
        for told in (
            place.page_of(job.name),
            place.notebook_of(job.name).removeprefix("notebooks/"),
            f".{job.name}.lock",
        ):
            assert len(told.encode("utf-8", "surrogateescape")) <= 255 and told not in (".", "..")
            assert not set(told.removeprefix(stem)) & set('/\\\0\n\r\t<>:"|?*')
        assert plans.choose_output([job], False).parts == ("build", "runs", job.name)
        assert place.file_of(place.link_of(job.name)) == place.page_of(job.name)
        assert re.fullmatch(r"[\w.%=+~,@-]+", place.link_of(job.name), re.ASCII)
        assert "/" not in replace(job, apart=True).own_name
    different = {json.dumps(changed, sort_keys=True) for changed in values}
    assert len({job.name.casefold() for job in jobs}) == len(different)


@given(TEXTS, st.dictionaries(st.sampled_from(["UN", "ECOWAS", "FAMa"]), TEXTS))
@example("FAMa and “FAMa” at the UN (ECOWAS)", {"FAMa": "<b>", "UN": "United & Nations", "ECOWAS": "x"})
def test_spelling_out_changes_no_word_and_no_tag(text: str, names: dict[str, str]) -> None:
    html = headlines.Headline(f"{text} UN FAMa ({text}", 1, None, [], [], [], []).to_html()
    told = abbreviations.spell_out(html, names)
    tags = re.findall(r"<[^>]*>", told)
    assert [tag for tag in tags if not re.match("</?abbr", tag)] == re.findall(r"<[^>]*>", html)
    assert len(re.findall("<abbr", told)) <= len(names)
    assert names or told == html
    signs = iter(bare(told))
    assert all(sign in signs for sign in bare(html))  # each stands there still, in its order


@FEW
@given(kind=st.sampled_from(["sections", "findings", "phases", "status_spells"]), odd=TEXTS | CODES)
@example(kind="findings", odd="a'b\"c\\d\n")
def test_a_choice_as_code_as_command_and_as_plan_is_what_was_chosen(chapter, kind: str, odd: str) -> None:
    named = replace(chapter, chapter_id=odd)
    choice = {"kind": kind if kind != "sections" else "", "section": odd}
    call = ast.parse(handing_on.as_code(named, choice), mode="eval").body
    (load,) = [node for node in ast.walk(call) if isinstance(node, ast.Call) and node is not call]
    assert [ast.literal_eval(argument) for argument in load.args] == [odd]
    given_ = {word.arg: ast.literal_eval(word.value) for word in call.keywords}
    assert given_ == handing_on.select_arguments(choice)
    words = shlex.split(handing_on.as_command(named, choice))
    run = handing_on.find_run(named, choice)
    assert words[:5] == ["mali-analysis", "run", run.notebook, "-p", "chapter_id"] and words[5] == odd
    (entry,) = read_yaml(handing_on.as_plan_entry(named, choice))
    assert entry == {"notebook": run.notebook, "parameters": run.parameters}
