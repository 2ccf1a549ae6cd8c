"""Rules that fit a chapter they have not seen: nothing of a coded chapter stands in schema or methods."""

import json
import re

import pytest
from conftest import ROOT

from mali_analysis.coding.schema import read_schema

RULES = {name: (ROOT / name).read_text(encoding="utf-8") for name in ("data/schema.json", "docs/methods.md")}
CHAPTERS = ["data/mali-2020", "tests/data/norvelia-2022"]
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def words(text: str) -> list[str]:
    return re.findall(r"[\w’']+", text.replace("\u00a0", " ").lower())


def runs(text: str, length: int) -> set[tuple[str, ...]]:
    found = words(text)
    return set(zip(*(found[n:] for n in range(length)), strict=False))


@pytest.mark.parametrize("chapter", CHAPTERS)
@pytest.mark.parametrize("name", RULES)
def test_no_six_words_of_a_chapter_stand_in_the_rules(name: str, chapter: str) -> None:
    text = (ROOT / chapter / "chapter.txt").read_text(encoding="utf-8")
    assert runs(text, 6) & runs(RULES[name], 6) == set()


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_no_day_or_month_of_a_chapters_year_stands_in_the_rules(name: str, chapter: str) -> None:
    year = chapter[-4:]
    assert re.findall(rf"{year}-\d\d", RULES[name]) == []
    assert re.findall(rf"(?:{'|'.join(MONTHS)})(?: \d+,?)? {year}", RULES[name]) == []


ORDINARY = set(
    [
        "Police",
        "Ministry",
        "Economy",
        "Finance",
        "Agreement",
        "Reconciliation",
        "Peace",
        "National",
        "International",
        "Processing",
        "Unit",
        "State",
        "States",
        "United",
        "Operation",
        "Branch",
        "Liberation",
        "Front",
        "Special",
        "Forces",
        "Border",
        "Customs",
        "Group",
        "Region",
        "Armed",
        "Union",
        "Intelligence",
        "Partnership",
        "Jihad",
        "Security",
        "Council",
        "Northern",
        "Basin",
        "Lowland",
        "Prosecutors",
        "Right",
        "Financial",
    ]
)
"""Words of institutions' names that are no names of anybody."""


@pytest.mark.parametrize("which", ["chapter", "invented"])
def test_no_proper_name_of_a_chapter_stands_in_a_list_of_codes(which: str, request) -> None:
    coded = request.getfixturevalue(which)
    told = " ".join([*coded.actors["name"], *coded.places["name"], coded.facts.country])
    names = set(re.findall(r"\b[A-Z][\w’]{2,}", told)) - ORDINARY
    assert len(names) >= 3
    fields = [(table, field) for table in read_schema().values() for field in table.fields if table.kind != "world"]
    codes = [(t.name, f["name"], code, entry) for t, f in fields for code, entry in f.get("codes", {}).items()]
    assert len(codes) > 200
    for table, field, code, entry in codes:
        assert not {name.lower() for name in names} & set(code.lower().split("_")), (table, field, code)
        text = json.dumps(entry, ensure_ascii=False)
        assert not [name for name in names if re.search(rf"\b{re.escape(name)}\b", text)], (table, field, text)


def test_the_eighteen_questions_have_a_rule_each() -> None:
    rows = re.findall(r"^\| (\d+)\. .+? \| (.+?) \|", RULES["docs/methods.md"], re.M)
    assert [int(number) for number, _ in rows] == list(range(1, 19))
    assert all(len(rule) > 3 for _, rule in rows)


PHRASES = [("phases", "clause"), ("status_spells", "clause"), ("trends", "phrase"), ("findings", "phrase"),
           ("groups", "phrase"), ("judgments", "summary")]  # fmt: skip
VERBS = re.compile(
    r"\b(is|are|was|were|had|has|have|did|could|let|held|hit|fell|rose|took|gave|sent|set|laid|led|kept|left|made|went|came|"
    r"grew|won|brought|fought|sought|said|told|wish|\w+ed)\b"
)


@pytest.mark.parametrize(("table", "column"), PHRASES)
def test_phrases_of_ours_keep_their_grammar(chapter, invented, table: str, column: str) -> None:
    for coded in (chapter, invented):
        names = set(re.findall(r"[A-Z][\w’.-]+", " ".join([*coded.actors["name"], *coded.places["name"], coded.text])))
        for phrase in coded.tables[table][column]:
            assert phrase == phrase.strip() and not re.search(r"[.!?;:]$|\s\s", phrase), phrase
            assert phrase[0].islower() or phrase.split()[0].rstrip(",").removesuffix("’s") in names, phrase
            if table in ("phases", "status_spells", "trends"):
                assert VERBS.search(phrase), phrase
                assert not re.match(r"(it|they|he|she|this|these)\b", phrase), phrase
