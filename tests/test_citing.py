import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mali_analysis import citing
from mali_analysis.chapter import RecordError
from mali_analysis.runs.cells import read_authors
from mali_analysis.runs.cli import main
from mali_analysis.runs.plans import list_notebooks


def test_a_record_is_cited_with_its_sentences_and_words(chapter, invented) -> None:
    said = citing.cite_record(chapter, "ph-cisse-captivity", "chicago")
    assert said.startswith(
        "U.S. Department of State, Bureau of Counterterrorism, “Mali,” in Country Reports on Terrorism"
    )
    assert "December 16, 2021, sentences 11 and 12: “On March 25”; “They held Cisse until the beginning of" in said
    assert said.count("“") == 3 and said.endswith(f"accessed November 23, 2026, {chapter.facts.url}.")
    theirs = citing.cite_record(invented, invented.incidents["record_id"].iloc[0], "chicago")
    assert (
        theirs.startswith("An invented office, “Norvelia,” in Invented Reports on Terrorism 2022")
        and "State" not in theirs
    )


def test_an_entry_has_a_key_of_its_own_and_braces_that_close(chapter) -> None:
    found = {citing.cite_record(chapter, i, "bibtex") for i in ("inc-cisse", "inc-rockets", "ph-cisse-captivity")}
    assert len({entry.splitlines()[0] for entry in found}) == 3
    for entry in found:
        assert entry.startswith("@incollection{mali-2020-") and entry.count("{") == entry.count("}")


def test_a_chapter_of_no_series_is_cited_by_its_title(chapter) -> None:
    facts = replace(chapter.facts, author="", series="", title="A report on Mali")
    own = replace(chapter, facts=facts)
    assert own.source == facts.site == "A report on Mali"
    assert citing.cite_record(own, "inc-cisse", "chicago").startswith(
        "“A report on Mali,” December 16, 2021, sentences"
    )
    assert citing.cite_record(own, "inc-cisse", "bibtex").startswith("@misc{mali-2020-inc-cisse")
    page = citing.cite_page("A page", facts, "1", datetime(2026, 1, 2))
    assert "State" not in "".join(vars(page).values())


def test_a_page_is_its_authors_own(chapter) -> None:
    day = datetime(2026, 11, 29)
    nobody = citing.cite_page("A page", chapter.facts, "1", day)
    assert nobody.page.startswith("“A page.” ") and "author" not in nobody.bibtex.partition("@incollection")[0]
    two = citing.cite_page("A page", chapter.facts, "1", day, ["Awa Keïta", "Sons & Daughters"])
    assert two.page.startswith("Awa Keïta and Sons & Daughters. “A page.” ")
    assert "author = {{Awa Keïta} and {Sons \\& Daughters}}," in two.bibtex


@pytest.mark.parametrize(
    ("metadata", "names"),
    [
        ({"authors": [{"name": "Awa Keïta"}, {"name": " "}, {"email": "x"}, "y", None, {"name": 1}]}, ["Awa Keïta"]),
        ({"authors": "Awa Keïta"}, []),
        ({}, []),
        ([], []),
    ],
)
def test_a_notebook_names_its_authors(tmp_path: Path, metadata: Any, names: list[str]) -> None:
    (tmp_path / "n.ipynb").write_text(json.dumps({"nbformat": 4, "cells": [], "metadata": metadata}))
    assert read_authors(tmp_path / "n.ipynb") == names


def test_our_notebooks_are_ours() -> None:
    assert [read_authors(path) for path in list_notebooks().values()] == [citing.OURS] * len(list_notebooks())


def test_an_unknown_record_is_refused_in_every_form(chapter) -> None:
    for form in ("text", "bibtex", "chicago"):
        with pytest.raises(RecordError, match="inc-cise"):
            citing.cite_record(chapter, "inc-cise", form)


def test_the_command_takes_the_form() -> None:
    for form, told in (("text", "On March 25"), ("bibtex", "@incollection{"), ("chicago", "in Country Reports")):
        result = CliRunner().invoke(main, ["cite", "inc-cisse", "--format", form])
        assert result.exit_code == 0 and told in result.output
