"""The codebook as Markdown, written from the schema: ``make codebook``."""

from __future__ import annotations

from typing import Any

from mali_analysis.coding.schema import Table, read_schema

_HEAD = """# Codebook

Written from `data/schema.json` by `make codebook`; do not edit by hand. General rules of coding stand in
[methods.md](methods.md). A column marked *coded* is read off the chapter's words and needs a row of evidence.
"""


def write_codebook(schema: dict[str, Table]) -> str:
    """The codebook of a schema: tables, columns, codes and rules, as Markdown."""
    parts = [_HEAD]
    for table in schema.values():
        parts.append(f"## {table.title}\n\n`{table.path}`: {_lower(table.description)}\n")
        names = {field["name"] for field in table.fields}
        shown = [f for f in table.fields if f["name"].removesuffix("_status") == f["name"] or
                 f["name"].removesuffix("_status") not in names]  # fmt: skip
        parts += [_describe(field) for field in shown]
    return "\n".join(parts)


def _describe(field: dict[str, Any]) -> str:
    marks = [field["type"], *(["coded"] if field.get("coded") else []), *(["EDTF"] if field.get("edtf") else [])]
    if not field.get("constraints", {}).get("required"):
        marks.append("may be empty")
    lines = [f"### `{field['name']}`\n", f"{field['description']} *({', '.join(marks)})*\n"]
    if target := ", ".join(field.get("references", [])):
        lines.append(f"Holds the id of a record of: {target}.\n")
    if rule := field.get("rule"):
        lines.append(f"**Rule.** {rule}\n")
    if codes := field.get("codes"):
        lines += [
            "| code | meaning |",
            "| --- | --- |",
            *(f"| `{code}` | {entry['meaning']} |" for code, entry in codes.items()),
            "",
        ]
    return "\n".join(lines)


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]


if __name__ == "__main__":
    print(write_codebook(read_schema()), end="")
