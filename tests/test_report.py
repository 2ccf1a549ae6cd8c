import subprocess
import sys

import pandas as pd
import pytest


def test_tables_are_typed(report) -> None:
    assert report.quantities["low"].dtype == "Int64"
    assert report.findings["level"].cat.ordered
    assert pd.api.types.is_datetime64_any_dtype(report.phases["end_latest"])


def test_cite_shows_the_quote_in_its_sentence(report) -> None:
    text = str(report.cite("qty-prisoners"))
    assert "more than 200 prisoners" in text
    assert "They held Cisse until the beginning of October" in text
    assert "<mark>more than 200 prisoners</mark>" in report.cite("qty-prisoners")._repr_html_()


def test_cite_names_near_ids(report) -> None:
    with pytest.raises(KeyError, match="inc-cise.*inc-cisse"):
        report.cite("inc-cise")


def test_unknown_table_names_the_known(report) -> None:
    with pytest.raises(AttributeError, match="'weather'.*incidents"):
        report.weather  # noqa: B018


def test_find_gives_spans(report) -> None:
    row = report.find("porous").iloc[0]
    assert report.text[row["start"] : row["end"]] == "porous"
    assert row["passage"] == "law_border.p2.s1"


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = "{'pandas', 'seaborn', 'papermill', 'matplotlib', 'nbconvert'}"
    code = f"import sys, mali_analysis, mali_analysis.cli; print(sorted({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
