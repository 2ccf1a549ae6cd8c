"""Every sentence of ours: grammatical for none, one and many, for any parameter, either chapter and altered data."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import nbformat
import pandas as pd
import pytest
from conftest import ROOT, pick

from mali_analysis import borders, editions, findings, incidents, others, partners, places, reading, register
from mali_analysis.chapter import Chapter
from mali_analysis.headlines import Box, Headline
from mali_analysis.parameters import CHOICES
from mali_analysis.runs.cells import read_cells
from mali_analysis.runs.pages import headlines_of
from mali_analysis.runs.plans import list_notebooks
from mali_analysis.tables import ANSWERS_MIME, CHART_MIME

THINGS = "incident|gap|statement|arrangement|partner|report|day|cause|group|record|matter|figure|count"
MANY = "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
FAULTS = {
    "a hole": r"\(\s*\)|“\s*”|\b(nan|None(?! of)|NaT|<NA>)\b|: [.;]|, [.;]|: $",
    "a double blank or a blank before a stop": r"  | [.,;:)]",
    "a code or an id": r"\b\w+_\w+\b|\b(inc|ph|fnd|sta|act|clm|mil|tr|grp|plc|qty|jud)-[a-z]",
    "no of the one": rf"\bno of the\b|\bof (the )?one ({THINGS})",
    "one with a plural": rf"\bone ({THINGS})s\b",
    "many with a singular": rf"\b({MANY}) ({THINGS})\b",
    "one are": r"\b(one|1) (are|were|rest|match)\b",
    "many is": rf"\b({MANY}) (is|was|rests|matches)\b",
    "a word twice": r"\b(?!had|that)(\w+) \1\b",
    "two stops": r"\.\.|\.;|;\.|,\.|;;|,,|!\.|\?\.",
    "a small letter after a stop": r"(?<!U\.S)(?<!St)[a-zé0-9]\. [a-z]",
    "one laid": r"\blaid to nobody named",
}


def check(said: Headline) -> None:
    text = said.text
    assert text[0].isupper() or text[0] in "“0123456789", text
    assert text.endswith((".", "?", ".”", "”")), text
    for what, pattern in FAULTS.items():
        assert not re.search(pattern, text), (what, re.search(pattern, text), text)  # type: ignore[union-attr]
    assert text.count("(") == text.count(")") and text.count("“") == text.count("”"), text


def flat(told: Any) -> Iterator[Headline]:
    for one in told if isinstance(told, list) else [told]:
        if isinstance(one, Headline):
            yield one
        elif isinstance(one, Box):
            yield from one.headlines


def say_incidents(chapter: Chapter, **chosen: Any) -> Iterator[Headline]:
    days = {"start": chapter.opens, "end": chapter.closes} | chosen
    found = incidents.select_incidents(chapter, **days)
    for say in (incidents.say_incidents, incidents.say_perpetrators, incidents.say_drift, incidents.say_judgments,
                incidents.say_unfulfilled, places.say_places):  # fmt: skip
        yield say(chapter, found)
    yield incidents.say_harm(chapter, incidents.summarize_harm(chapter, found))
    yield from flat(incidents.tell(chapter, found))
    yield incidents.say_trends(chapter, incidents.summarize_trends(chapter, chosen.get("places", ())))


def say_findings(chapter: Chapter, areas: Any = (), groups: Any = (), agencies: Any = ()) -> Iterator[Headline]:
    found = findings.select_findings(chapter, areas, groups, agencies)
    for say in (findings.say_faults, findings.say_gaps, findings.say_concessions, findings.say_consequences,
                findings.say_holders):  # fmt: skip
        yield say(chapter, found)
    yield findings.say_areas(chapter, found)
    yield from findings.say_groups(chapter, found)
    border = borders.select_border(chapter, groups, agencies)
    remedies = borders.group_remedies(chapter, border)
    links = borders.link_standards(chapter, list(border["record_id"]))
    yield borders.say_remedies(chapter, remedies)
    yield borders.say_means(chapter, remedies)
    yield borders.say_standards(chapter, links, borders.summarize_standards(chapter, links))


def say_partners(chapter: Chapter, as_of: str, chosen: Any = ()) -> Iterator[Headline]:
    status = partners.summarize_status(chapter, as_of, chosen)
    yield partners.say_status(chapter, status, as_of)
    yield from partners.say_partners(chapter, status, as_of)


def say_others(chapter: Chapter, verdicts: Any = (), sections: Any = ()) -> Iterator[Headline]:
    advice = others.advise(chapter, others.compare_claims(chapter, verdicts, sections))
    yield others.say_check(chapter, advice)
    for say in (others.say_beside, others.say_corrections):
        yield from say(chapter, advice)


def say_whole(chapter: Chapter) -> Iterator[Headline]:
    yield incidents.say_selection(chapter)
    yield incidents.say_figures(chapter, incidents.summarize_figures(chapter))
    yield places.say_distances(chapter, places.compare_distances(chapter))
    yield borders.say_lengths(chapter)
    yield partners.say_turn(chapter)
    yield partners.say_silences(chapter, partners.select_silences(chapter))
    news = editions.classify_news(chapter)
    yield from (editions.say_news(chapter, news, kind) for kind in ("new", "repeated", "reworded", "not known"))
    yield from (editions.say_dropped(chapter, kind) for kind in ("dropped", "finer", "coarser"))
    yield from editions.say_comparison(chapter, news, ["new", "repeated", "dropped", "finer"])
    yield editions.say_limits(chapter, news)
    yield reading.say_coverage(chapter, reading.count_records(chapter))
    yield reading.say_basis(chapter)
    yield register.say_parties(chapter, register.list_parties(chapter))
    yield reading.say_agreement(chapter, reading.compare_codings(chapter))


def say_everything(chapter: Chapter) -> Iterator[Headline]:
    """All sentences with no parameter set."""
    yield from say_whole(chapter)
    yield from say_incidents(chapter)
    yield from say_findings(chapter, ["border"])
    yield from say_findings(chapter)
    yield from say_partners(chapter, str(chapter.closes))
    yield from say_others(chapter)


def sweep(chapter: Chapter) -> Iterator[Headline]:
    """All sentences, over the codes of every parameter, one at a time, and over empty choices."""
    yield from say_everything(chapter)
    for name in ("actors", "places", "event_types"):
        for code in pick(CHOICES[name](chapter), 3):
            yield from say_incidents(chapter, **{name: [code]})
    months = pd.date_range(chapter.opens, chapter.closes, freq="MS")
    for first in pick(months, 3):
        yield from say_incidents(chapter, start=first.date(), end=first.date())
    for name in ("areas", "groups", "agencies"):
        for code in pick(CHOICES[name](chapter), 3):
            yield from say_findings(chapter, **{name: [code]})
    yield from say_findings(chapter, ["law"], ["goods"])
    for day in pick((*months, pd.Timestamp(chapter.closes)), 4):
        yield from say_partners(chapter, str(day.date()))
    no_partner = next(i for i in chapter.actors["record_id"] if i not in CHOICES["partners"](chapter))
    for partner in [*pick(CHOICES["partners"](chapter), 4), no_partner]:
        yield from say_partners(chapter, str(chapter.closes), [partner])
    for verdict in CHOICES["verdicts"](chapter):
        yield from say_others(chapter, [verdict])
    for section in CHOICES["sections"](chapter):
        yield from say_others(chapter, sections=[section])


@pytest.mark.parametrize("which", ["chapter", "invented"])
def test_every_sentence_is_grammatical_for_every_parameter(which: str, request: pytest.FixtureRequest) -> None:
    said = list(sweep(request.getfixturevalue(which)))
    assert len(said) > 300
    for one in said:
        check(one)


def altered(chapter: Chapter) -> Iterator[tuple[str, Chapter]]:
    """The chapter with one thing changed at a time, each a value that the schema allows."""

    def change(table: str, **columns: Any) -> Chapter:
        return replace(chapter, tables=chapter.tables | {table: chapter.tables[table].assign(**columns)})

    yield "five dead in every incident", change("incidents", killed=5, killed_status="given")
    yield "one wounded in every incident", change("incidents", injured=1, injured_status="given")
    yield "no place anywhere", change("incidents", place=None, place_status="not_stated")
    for column in ("level", "holder", "change"):
        for code in [*chapter.findings[column].cat.categories, *([None] if column == "change" else [])]:
            yield f"every {column} {code}", change("findings", **{column: code})
    for status in chapter.status_spells["status"].cat.categories:
        yield f"every spell {status}", change("status_spells", status=status)
    for direction in chapter.trends["direction"].cat.categories:
        yield f"every trend {direction}", change("trends", direction=direction)
    for attribution in chapter.involvements["attribution"].cat.categories:
        some = chapter.involvements["attribution"].where(chapter.involvements["attribution"].isna(), attribution)
        yield f"all {attribution}", change("involvements", attribution=some)
    for modality in chapter.phases["modality"].cat.categories:
        yield f"all {modality}", change("phases", modality=modality)
    yield "the chapter names no event that divides its year", change("milestones", role=None)
    for name in ("links", "trends", "judgments", "quantities", "targets", "involvements", "affiliations", "sites"):
        yield f"no {name}", without(chapter, name)
    for name in chapter.reference:
        yield f"no {name}", without(chapter, name)


def without(chapter: Chapter, name: str) -> Chapter:
    """The chapter without the rows of a table, and without the rows elsewhere that name any of them."""
    left = chapter.tables | chapter.reference
    gone, new = set(left[name]["record_id"]), True
    while new:
        kept = {}
        for other, table in left.items():
            names = table[[c for c in table if c.endswith("_id")]]
            kept[other] = table[~names.isin(gone).any(axis=1)].reset_index(drop=True)
        ids = ({i for other, table in part.items() if other != "evidence" for i in table.get("record_id", ())}
               for part in (left, kept))  # fmt: skip
        new = next(ids) - next(ids) - gone
        left, gone = kept, gone | new
    tables, reference = ({other: left[other] for other in part} for part in (chapter.tables, chapter.reference))
    return replace(chapter, tables=tables, reference=reference)


@pytest.mark.parametrize("which", ["chapter", "invented"])
def test_sentences_hold_whatever_a_cell_becomes(which: str, request: pytest.FixtureRequest) -> None:
    chapter = request.getfixturevalue(which)
    for what, other in pick(altered(chapter), 3):
        for one in say_everything(other):
            try:
                check(one)
            except AssertionError as fault:
                raise AssertionError(f"{what}: {fault}") from fault


def test_a_sentence_follows_the_value_that_it_tells(chapter) -> None:
    told = {"five dead in every incident": "five dead", "every change improved": "on border security improved"}
    moved = pick(["every level lacking", "every spell ended", "every trend decreased", "all blamed", "no links"], 1)
    changed = {
        what: [one.text for one in say_everything(other)]
        for what, other in altered(chapter)
        if what in told or what in moved
    }
    before = [one.text for one in say_everything(chapter)]
    for what, words in told.items():
        assert any(words in text for text in changed[what]), what
    for what in moved:
        assert changed[what] != before, what


def rename(chapter: Chapter) -> Chapter:
    """The chapter with every record id of its own changed."""
    ids = {i: f"{i.partition('-')[0]}-x{n}" for n, i in enumerate(chapter.records.index)}

    def with_new_ids(table: pd.DataFrame) -> pd.DataFrame:
        columns = [c for c in table if c == "record_id" or c.endswith("_id")]
        return table.assign(**{c: table[c].map(lambda value: ids.get(value, value)) for c in columns})

    tables, reference = ({name: with_new_ids(table) for name, table in part.items()}
                         for part in (chapter.tables, chapter.reference))  # fmt: skip
    return replace(chapter, tables=tables, reference=reference)


@pytest.mark.parametrize("which", ["chapter", "invented"])
def test_no_sentence_depends_on_the_name_of_a_record(which: str, request: pytest.FixtureRequest) -> None:
    chapter = request.getfixturevalue(which)
    whole = [one.text for one in say_everything(chapter)]
    assert [one.text for one in say_everything(rename(chapter))] == whole


ORDINARY = """States United Forces Group Union National Officials Special Operation Customs Branch Front Armed Police
Unit Units Ministry Economy Finance Border Financial Intelligence Processing Northern Partnership Region Liberation
Gendarmerie International Public Lowland Imposters"""
"""Words of names that any chapter may have."""


def names_of(*chapters: Chapter) -> set[str]:
    """Proper names of the chapters' parties, places and countries, word by word."""
    told = " ".join(" ".join([*c.actors["name"], *c.places["name"], c.facts.country]) for c in chapters)
    return set(re.findall(r"\b[A-Z][\w’-]{3,}", told)) - set(ORDINARY.split())


def texts_of(source: str) -> Iterator[str]:
    """The texts in a source that are no documentation."""
    tree = ast.parse(source)
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value


def test_no_chapter_stands_in_the_code(chapter, invented) -> None:
    """No record id and no proper name of a chapter in the library, in a notebook's code cells or its prose."""
    ids = set(chapter.records.index) | {i for table in chapter.reference.values() for i in table["record_id"]}
    names = re.compile(rf"\b({'|'.join(map(re.escape, sorted(names_of(chapter, invented))))})\b")
    sources = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "mali_analysis").rglob("*.py")}
    for path in list_notebooks().values():
        cells = nbformat.read(path, 4).cells
        sources[path.name] = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
        prose = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
        assert not names.search(prose), (path.name, names.search(prose))
    for name, source in sources.items():
        for text in texts_of(source):
            assert text not in ids, (name, text)
            assert not names.search(text), (name, text)


def answers_of(path: Any) -> Iterator[tuple[str, str, str, str]]:
    for said in headlines_of(read_cells(path), path.stem):
        if said["question"]:
            yield said["question"], said["subject"], said["day"], str(said["value"])
    for cell in read_cells(path):
        for output in cell.get("outputs", []):
            data = output["data"]
            rows = data.get(ANSWERS_MIME, []) or data.get(CHART_MIME, {}).get("answers", [])
            yield from ((*row[:3], row[3]) for row in rows)


def test_no_two_values_answer_one_question() -> None:
    found: dict[tuple[str, str, str], set[str]] = {}
    for path in list_notebooks().values():
        for question, subject, day, value in answers_of(path):
            found.setdefault((question, subject, day), set()).add(value)
    assert len(found) > 500
    assert {asked: values for asked, values in found.items() if len(values) > 1} == {}
