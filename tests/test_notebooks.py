"""Rules for all notebooks; nbval compares their outputs."""

import ast
import re
from pathlib import Path

import nbformat
import pytest
from conftest import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
# Figures that are names: resolutions, the report's own title and years, times of the document.
NAMES = re.compile(r"Terrorism 20\d\d|UNSCR \d+|resolution \d+|^\d\. ", re.M)


def cells(path: Path, kind: str) -> list:
    return [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == kind]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
class TestNotebook:
    def test_code_is_short(self, path: Path) -> None:
        code = cells(path, "code")
        assert len(code) <= 16
        for cell in code:
            assert len(cell.source.splitlines()) <= 8
            assert not [
                n for n in ast.walk(ast.parse(cell.source)) if isinstance(n, ast.FunctionDef | ast.For | ast.While)
            ]

    def test_no_figure_is_typed_into_prose(self, path: Path) -> None:
        for cell in cells(path, "markdown"):
            assert not re.findall(r"\d+", NAMES.sub("", cell.source)), cell.source

    def test_prose_keeps_up_with_code(self, path: Path) -> None:
        assert len(cells(path, "markdown")) * 3 >= len(cells(path, "code")) * 2

    def test_outputs_are_committed_clean(self, path: Path) -> None:
        for cell in cells(path, "code"):
            for output in cell.outputs:
                assert output.output_type not in {"error", "stream"}
                assert not re.search(r" at 0x[0-9a-f]{6,}", str(output))

    def test_parameters_stand_alone_in_a_tagged_cell(self, path: Path) -> None:
        first = cells(path, "code")[0]
        assert first.metadata["tags"] == ["parameters"]
        assert all(isinstance(node, ast.AnnAssign) for node in ast.parse(first.source).body)
