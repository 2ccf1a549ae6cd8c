"""What nbval leaves to others, loaded by pytest in a clone: charts are compared by what they draw and as pictures."""

from typing import Any

CHART = "image/svg+xml"


def pytest_itemcollected(item: Any) -> None:
    """Takes a notebook's drawings out of what nbval compares; what they draw stands in the same output as text."""
    skipped = getattr(item.parent, "skip_compare", None)
    if skipped is not None and CHART not in skipped:
        item.parent.skip_compare = (*skipped, CHART)
