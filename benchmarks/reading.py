"""What a reader of a notebook opens: modules and lines of the library, following its calls, not its imports.

``python -m benchmarks.reading`` prints a row per notebook. A module counts as opened when a call of the notebook, or of
anything called from there, leads into it; its used lines are those of the functions and classes reached.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from mali_analysis.runs.cells import read_cells

PACKAGE = "mali_analysis"
SHARED = {"chapter", "passages", "dates", "headlines", "tables", "charts", "parameters", "errors", "coding.schema",
          "coding.checks"}  # fmt: skip
"""What all analyses stand on; a reader learns it once."""


def follow(notebook: Path) -> dict[str, set[Any]]:
    """Functions and classes of the library that the notebook's code reaches, by module."""
    package = import_module(PACKAGE)
    source = "\n".join(cell["source"] for cell in read_cells(notebook) if cell["cell_type"] == "code")
    waiting = _called(ast.parse(source), {"mali": package})
    reached: dict[str, set[Any]] = {}
    while waiting:
        thing = waiting.pop()
        module = thing.__module__.removeprefix(f"{PACKAGE}.")
        if thing in reached.setdefault(module, set()):
            continue
        reached[module].add(thing)
        if module not in SHARED:
            tree = ast.parse(textwrap.dedent(inspect.getsource(thing)))
            waiting += _called(tree, vars(sys.modules[thing.__module__]))
    return reached


def _called(tree: ast.AST, names: dict[str, Any]) -> list[Any]:
    """Functions and classes of the library that the code names, in modules or by themselves."""
    local = dict(names)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE):
            module = import_module(str(node.module))
            local |= {a.asname or a.name: getattr(module, a.name, None) for a in node.names}
    found = [_resolve(node, local) for node in ast.walk(tree) if isinstance(node, ast.Name | ast.Attribute)]
    return [thing for thing in found if getattr(thing, "__module__", "").startswith(PACKAGE) and _is_code(thing)]


def _resolve(node: ast.AST, names: dict[str, Any]) -> Any:
    if isinstance(node, ast.Name):
        return names.get(node.id)
    base = _resolve(node.value, names) if isinstance(node, ast.Attribute) else None
    return getattr(base, node.attr, None) if isinstance(base, ModuleType) and isinstance(node, ast.Attribute) else None


def _is_code(thing: Any) -> bool:
    return inspect.isfunction(thing) or inspect.isclass(thing)


def count_lines(thing: Any) -> int:
    """Lines of a function, class or module."""
    return len(inspect.getsource(thing).splitlines())


def main() -> None:
    """Prints the table."""
    print("notebook                    modules  lines   used  of them beyond the shared layer")
    for notebook in sorted(Path("notebooks").glob("[0-9]*.ipynb")):
        reached = follow(notebook)
        lines = sum(count_lines(sys.modules[f"{PACKAGE}.{module}"]) for module in reached)
        used = sum(count_lines(thing) for things in reached.values() for thing in things)
        own = sorted(set(reached) - SHARED)
        beyond = sum(count_lines(sys.modules[f"{PACKAGE}.{module}"]) for module in own)
        print(
            f"{notebook.stem:<27} {len(reached):>7} {lines:>6} {used:>6}  {len(own)} ({', '.join(own)}; {beyond} lines)"
        )


if __name__ == "__main__":
    main()
