"""A chapter as a folder: its facts, its files, and the data package that tells other programs of them."""

from __future__ import annotations

import fnmatch
import hashlib
import json
import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from mali_analysis.coding.schema import (
    PACKAGE,
    SCHEMA,
    TEXT,
    VERSION,
    WORLD,
    DataError,
    Table,
    Violation,
    read_schema,
    schema_root,
)

DEFAULT = "mali-2020"
"""The chapter that is meant where none is named."""
LONGEST = 255
"""Bytes that the name of a folder may have."""
LITTER = [".*", "Thumbs.db", "desktop.ini", "*~", "*.swp", "*.swo", "*.tmp", "#*#", "__pycache__"]
"""What editors and systems leave behind (``.DS_Store``, ``.~lock.x#``, ``.ipynb_checkpoints``): no data."""


@dataclass(frozen=True)
class Facts:
    """What is known of a chapter before a word of it is coded."""

    title: str
    country: str
    country_code: str
    """ISO 3166-1 alpha-2."""
    year: int
    url: str
    published: str
    """ISO day; empty where it is not known."""
    published_source: str
    accessed: str
    author: str = ""
    """Who answers for the report that the chapter is part of; empty where it is not known."""
    series: str = ""
    """What the reports are called that appear each year; empty where the chapter belongs to none."""

    @property
    def volume(self) -> str:
        """The report that the chapter is part of."""
        return f"{self.series} {self.year}" if self.series else self.title

    @property
    def site(self) -> str:
        """What the report on the chapter is called."""
        return f"{self.country} in {self.volume}" if self.series else self.title

    @property
    def name(self) -> str:
        """The chapter by its report and its country."""
        return f"{self.volume}: {self.country}" if self.series else self.title

    @property
    def opens(self) -> date:
        """First day that the chapter reports on."""
        return date(self.year, 1, 1)

    @property
    def closes(self) -> date:
        """Last day that the chapter reports on."""
        return date(self.year, 12, 31)


def is_litter(path: Path) -> bool:
    """Whether a file or folder is left over from an editor or a system."""
    return any(fnmatch.fnmatch(path.name, pattern) for pattern in LITTER)


def list_chapters(root: Path) -> list[str]:
    """Ids of the chapters in a data folder: the names of its folders that hold a text or a package.

    Raises DataError where there is none, and where two names are the same to some file systems.
    """
    found = sorted(
        path.name for path in root.iterdir()
        if not is_litter(path) and path.name != WORLD and path.is_dir()
        and ((path / TEXT).exists() or (path / PACKAGE).exists())
    )  # fmt: skip
    if not found:
        raise DataError([Violation(root.name, f"folders with {TEXT} and {PACKAGE}; nothing was checked")])
    seen: dict[str, str] = {}
    for name in found:
        plain = unicodedata.normalize("NFC", name).casefold()
        if plain in seen:
            allowed = f"ids that differ in more than case or form; {seen[plain]} is there too"
            raise DataError([Violation(root.name, allowed, column="chapter_id", value=name)])
        seen[plain] = name
    return found


def folder_of(root: Path, chapter_id: str) -> Path:
    """A chapter's folder. Raises DataError where there is none of that name, naming those there are."""
    folder = root / chapter_id
    simple = chapter_id == Path(chapter_id).name and chapter_id.isprintable() and not is_litter(folder)
    simple = simple and len(os.fsencode(chapter_id)) <= LONGEST
    exact = simple and chapter_id != WORLD and folder.is_dir() and folder.resolve().name == chapter_id
    if not exact or not ((folder / TEXT).exists() or (folder / PACKAGE).exists()):
        raise DataError([Violation("chapter_id", ", ".join(list_chapters(root)), value=chapter_id)])
    return folder


def read_descriptor(folder: Path) -> dict[str, Any]:
    """A folder's data package. Raises DataError with a line where it is missing or of a form that we do not read."""
    name = f"{folder.name}/{PACKAGE}"
    try:
        descriptor = json.loads((folder / PACKAGE).read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise DataError([Violation(name, "a data package; the file is missing")]) from error
    except (OSError, ValueError, RecursionError) as error:
        raise DataError([Violation(name, f"a readable data package ({type(error).__name__})")]) from error
    resources = descriptor.get("resources") if isinstance(descriptor, dict) else None
    if not isinstance(resources, list) or not resources:
        raise DataError([Violation(name, "a data package with resources; nothing was checked")])
    faults = [Violation(name, allowed, n, "resources") for n, r in enumerate(resources, 1) if (allowed := _refuse(r))]
    if faults:
        raise DataError(faults)
    return descriptor


def _refuse(resource: Any) -> str | None:
    if not isinstance(resource, dict) or not isinstance(resource.get("name"), str):
        return "a resource with a name"
    path = resource.get("path")
    if "data" in resource or not isinstance(path, str):
        return "one path to one file, and no data within the package"
    if Path(path).is_absolute() or ".." in Path(path).parts or "://" in path or "\\" in path:
        return "a path within the folder"
    if not isinstance(resource.get("schema", {}), dict):
        return "the schema within the package, not in another file"
    bare = path == TEXT and not isinstance(resource.get("hash"), str)
    return f"a hash of {TEXT}, such as sha256:…" if bare else None


def read_facts(folder: Path) -> tuple[Facts, str]:
    """A chapter's facts and the checksum that its text must have. Raises DataError."""
    name = f"{folder.name}/{PACKAGE}"
    descriptor = read_descriptor(folder)
    hashes = [r["hash"] for r in descriptor["resources"] if r["path"] == TEXT]
    told = descriptor.get("chapter")
    if not hashes or not isinstance(told, dict):
        missing = f"a resource with path {TEXT}" if not hashes else "the chapter’s facts under `chapter`"
        raise DataError([Violation(name, missing)])
    faults = []
    for key in ("country", "country_code", "url", "accessed"):
        if not isinstance(told.get(key), str) or not told[key]:
            faults.append(Violation(name, "a text", column=f"chapter.{key}", value=str(told.get(key, ""))))
    code = told.get("country_code")
    if isinstance(code, str) and code and not re.fullmatch("[A-Z]{2}", code):  # it names a file
        faults.append(Violation(name, "two capital letters such as ML", column="chapter.country_code", value=code))
    year = told.get("year")
    if not isinstance(year, int) or isinstance(year, bool) or not 1900 <= year <= 2999:
        faults.append(Violation(name, "a year such as 2020", column="chapter.year", value=str(year)))
    for key in ("accessed", "published"):
        if told.get(key) and not _is_day(told[key]):
            faults.append(Violation(name, "a day such as 2020-03-25", column=f"chapter.{key}", value=str(told[key])))
    if faults:
        raise DataError(faults)
    keys = ("country", "country_code", "url", "published", "published_source", "author", "series")
    texts = {k: str(told.get(k) or "") for k in keys}
    title = str(descriptor.get("title") or folder.name)
    return Facts(title=title, year=told["year"], accessed=told["accessed"], **texts), hashes[0]


def _is_day(value: Any) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except (TypeError, ValueError):
        return False


def outline_of(root: Path, country_code: str) -> Path:
    """Where the outlines of a country would lie; there may be none."""
    return schema_root(root) / WORLD / "outlines" / f"{country_code}.geojson"


def files_of(root: Path, chapter_id: str) -> dict[str, Path]:
    """All that a chapter's analyses read, by name: its own folder, the schema, and what of the world it uses."""
    folder, home = folder_of(root, chapter_id), schema_root(root)
    facts, _ = read_facts(folder)
    own = {f"{chapter_id}/{path.relative_to(folder).as_posix()}": path for path in _walk(folder)}
    tables = [home / table.path for table in read_schema(root).values() if table.kind == "world"]
    world = [home / WORLD / PACKAGE, *tables, outline_of(root, facts.country_code)]
    shared = {path.relative_to(home).as_posix(): path for path in [home / SCHEMA, *world] if path.is_file()}
    return dict(sorted((own | shared).items()))


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if not is_litter(path):
            yield from _walk(path) if path.is_dir() else [path]


def stamp_data(root: Path, chapter_id: str) -> list[tuple[str, int, int]]:
    """Name, size and time of change of all that a chapter's analyses read: changes when they do, and costs little."""
    found = [(name, path.stat()) for name, path in files_of(root, chapter_id).items()]
    return [(name, stat.st_size, stat.st_mtime_ns) for name, stat in found]


def hash_data(root: Path, chapter_id: str) -> str:
    """One SHA-256 over names and contents of all that a chapter's analyses read."""
    digest = hashlib.sha256()
    for name, path in files_of(root, chapter_id).items():
        digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def checksum(content: bytes) -> str:
    """A checksum as a data package writes it."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def describe_package(root: Path, chapter_id: str) -> dict[str, Any]:
    """The data package that a folder should have: its own facts as they stand, and its files by the schema.

    ``chapter_id`` is a chapter's, or ``world``. A package that is not there yet is made from the facts alone, so a new
    chapter begins with a package that holds no more than ``chapter`` and its ``title``.
    """
    folder = root / chapter_id
    try:
        facts = json.loads((folder / PACKAGE).read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise DataError(
            [Violation(f"{chapter_id}/{PACKAGE}", f"the chapter’s facts ({type(error).__name__})")]
        ) from error
    kept = {key: value for key, value in facts.items() if key not in ("schema_version", "resources")}
    tables = read_schema(root)
    if chapter_id == WORLD:
        own = [_describe_table(t, folder, tables) | _hashed(folder / f"{t.name}.csv")
               for t in tables.values() if t.kind == "world"]  # fmt: skip
        outlines = [
            {"name": f"outlines-{path.stem.lower()}", "path": f"outlines/{path.name}", "format": "geojson",
             "mediatype": "application/geo+json", "encoding": "utf-8", **_hashed(path)}
            for path in sorted((folder / "outlines").glob("*.geojson"))
        ]  # fmt: skip
        return kept | {"schema_version": VERSION, "resources": own + outlines}
    text = {
        "name": "chapter", "title": "The chapter", "path": TEXT, "format": "txt", "mediatype": "text/plain",
        "encoding": "utf-8", **_hashed(folder / TEXT),
    }  # fmt: skip
    own = [_describe_table(t, folder, tables) for t in tables.values()
           if t.kind != "world" and (folder / t.path).is_file()]  # fmt: skip
    return kept | {"schema_version": VERSION, "resources": [text, *own]}


def _hashed(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise DataError([Violation(f"{path.parent.name}/{path.name}", "a file; it is missing")])
    content = path.read_bytes()
    return {"hash": checksum(content), "bytes": len(content)}


def _describe_table(table: Table, folder: Path, tables: dict[str, Table]) -> dict[str, Any]:
    """A table as a resource of a package; a reference to one table of the same package becomes a foreign key."""
    keys = []
    for field in table.fields:
        match field.get("references"):
            case [str(other)] if other in tables and (folder / tables[other].path).is_file():
                if tables[other].kind != "world":
                    reference = {"resource": other, "fields": ["record_id"]}
                    keys.append({"fields": [field["name"]], "reference": reference})
    schema: dict[str, Any] = {"fields": table.fields, "missingValues": [""]}
    schema |= (
        {"primaryKey": ["record_id"]} if table.fields[0]["name"] == "record_id" and table.name != "evidence" else {}
    )
    schema |= {"foreignKeys": keys} if keys else {}
    path = table.path.removeprefix(f"{WORLD}/")
    return {
        "name": table.name, "title": table.title, "description": table.description, "path": path,
        "format": "csv", "mediatype": "text/csv", "encoding": "utf-8", "dialect": {"delimiter": ","}, "schema": schema,
    }  # fmt: skip


def write_package(root: Path, chapter_id: str) -> Path:
    """Writes a folder's ``datapackage.json`` anew from the schema and the facts that it holds; returns its path."""
    content = json.dumps(describe_package(root, chapter_id), ensure_ascii=False, indent=1) + "\n"
    path = root / chapter_id / PACKAGE
    part = path.with_suffix(".part")
    part.write_text(content, encoding="utf-8")
    part.replace(path)
    return path
