import subprocess
import sys

import pandas as pd
import pytest


def test_tables_are_typed(chapter) -> None:
    assert chapter.quantities["low"].dtype == "Int64"
    assert chapter.findings["level"].cat.ordered
    assert pd.api.types.is_datetime64_any_dtype(chapter.phases["end_latest"])


def test_cite_shows_the_quote_in_its_sentence(chapter) -> None:
    text = str(chapter.cite("qty-prisoners"))
    assert "more than 200 prisoners" in text
    assert "They held Cisse until the beginning of October" in text
    assert "<mark>more than 200 prisoners</mark>" in chapter.cite("qty-prisoners")._repr_html_()


def test_cite_names_near_ids(chapter) -> None:
    with pytest.raises(KeyError, match="inc-cise.*inc-cisse"):
        chapter.cite("inc-cise")


def test_unknown_table_names_the_known(chapter) -> None:
    with pytest.raises(AttributeError, match="'weather'.*incidents"):
        chapter.weather  # noqa: B018


def test_find_gives_spans(chapter) -> None:
    row = chapter.find("porous").iloc[0]
    assert chapter.text[row["start"] : row["end"]] == "porous"
    assert row["passage"] == "law_border.p2.s1"


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = "{'pandas', 'seaborn', 'papermill', 'matplotlib', 'nbconvert'}"
    code = f"import sys, mali_analysis, mali_analysis.runs.cli; print(sorted({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
