"""The codebook as Markdown, written from the schema: ``make codebook``."""

from __future__ import annotations

from typing import Any

from mali_analysis.coding.schema import read_descriptor

_HEAD = """# Codebook

Written from `data/datapackage.json` by `make codebook`; do not edit by hand. General rules of coding stand in
[methods.md](methods.md). A column marked *coded* is read off the chapter's words and needs a row of evidence.
"""


def write_codebook(descriptor: dict[str, Any]) -> str:
    """The codebook of a data package: tables, columns, codes and rules, as Markdown."""
    parts = [_HEAD]
    for resource in [r for r in descriptor["resources"] if "schema" in r]:
        parts.append(f"## {resource['title']}\n\n`{resource['path']}`: {_lower(resource['description'])}\n")
        links = {key["fields"][0]: key["reference"]["resource"] for key in resource["schema"].get("foreignKeys", [])}
        parts += [_describe(field, links) for field in resource["schema"]["fields"] if not _is_status(field, resource)]
    return "\n".join(parts)


def _is_status(field: dict[str, Any], resource: dict[str, Any]) -> bool:
    names = [other["name"] for other in resource["schema"]["fields"]]
    return field["name"].endswith("_status") and field["name"].removesuffix("_status") in names


def _describe(field: dict[str, Any], links: dict[str, str]) -> str:
    marks = [field["type"], *(["coded"] if field.get("coded") else []), *(["EDTF"] if field.get("edtf") else [])]
    if not field.get("constraints", {}).get("required"):
        marks.append("may be empty")
    lines = [f"### `{field['name']}`\n", f"{field['description']} *({', '.join(marks)})*\n"]
    if target := links.get(field["name"]) or ", ".join(field.get("references", [])).replace("*", "any table"):
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
    print(write_codebook(read_descriptor()), end="")
