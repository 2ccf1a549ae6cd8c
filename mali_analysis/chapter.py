"""A coded chapter: its tables, its text, and the words that any record rests on."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, lru_cache
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from mali_analysis import dates
from mali_analysis.coding import checks, package, schema
from mali_analysis.errors import MaliError
from mali_analysis.passages import Reference, mark, passages_at

OWNERS = {"incident_id", "phase_id", "subject_id", "about_id"}
"""Columns that name the record on which a record hangs."""


class Marked(pd.DataFrame):
    """Passages that show in Jupyter as sentences with words marked: where ``spans``, by passage, say."""

    _metadata = ["spans"]

    def __init__(self, data: Any = None, spans: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        object.__setattr__(self, "spans", spans or getattr(data, "spans", {}))

    @property
    def _constructor(self) -> type[Marked]:
        return Marked

    def _repr_html_(self) -> str | None:
        if not {"passage", "number", "text"} <= set(self.columns):
            return super()._repr_html_()
        shown = self.drop_duplicates("passage")
        lines = [
            f"<p><b>{row.number or ''}</b> {mark(row.text, self.spans.get(row.passage, []))} "
            f"<small><code>{escape(row.passage)}</code></small></p>"
            for row in pd.DataFrame(shown).itertuples()
        ]
        return "".join(lines) or "<p>Nowhere in the chapter.</p>"


DAY_COLUMNS = ["start_earliest", "start_latest", "end_earliest", "end_latest"]


@dataclass(frozen=True)
class Citation:
    """The words that one record rests on; shows as text, and as marked sentences in Jupyter."""

    record_id: str
    words: pd.DataFrame
    """One row per piece of evidence: column, value, quote, basis, note, passage, sentence, start, end."""

    def __str__(self) -> str:
        lines = [self.record_id]
        for passage, rows in self.words.groupby("passage", sort=False):
            section, block, number = str(passage).split(".") if str(passage).count(".") == 2 else (passage, "", "")
            where = (
                f"section {section}, {_block_name(block)}, sentence {number[1:]}" if block else f"heading of {section}"
            )
            lines += [f"  {passage} ({where})", f"    {rows['sentence'].iloc[0]}"]
            for row in rows.itertuples():
                value = f" = {row.value}" if row.value else ""
                note = f" ({row.basis}: {row.note})" if row.note else ""
                lines.append(f"    {row.column}{value}: “{row.quote}”{note}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        parts = [f"<p><code>{escape(self.record_id)}</code></p>"]
        for passage, rows in self.words.groupby("passage", sort=False):
            starts, ends = (rows[end] - rows["sentence_start"] for end in ("start", "end"))
            marked = mark(rows["sentence"].iloc[0], zip(starts, ends, strict=True))
            parts.append(f"<blockquote><p>{marked}</p><footer>{escape(str(passage))}</footer></blockquote>")
        return "".join(parts)


def _block_name(block: str) -> str:
    return f"{'bullet' if block.startswith('b') else 'paragraph'} {block[1:]}"


class RecordError(MaliError, KeyError):
    """No such record; names near ones."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class Chapter:
    """One chapter of the Country Reports as coded data. Each table is an attribute: ``chapter.incidents``."""

    chapter_id: str
    text: str = field(repr=False)
    tables: dict[str, pd.DataFrame] = field(repr=False)
    reference: dict[str, pd.DataFrame] = field(repr=False)
    """Tables of what others say, attributes too: ``chapter.claims``. Their rows never stand among the chapter's."""
    root: Path = field(repr=False)
    """The data folder that it comes from."""
    facts: package.Facts = field(repr=False)
    passages: pd.DataFrame = field(repr=False)
    """One row per heading, sentence and line of furniture; see ``passages.split_chapter``. Coded words show marked."""

    def __getattr__(self, name: str) -> pd.DataFrame:
        tables = self.__dict__.get("tables", {}) | self.__dict__.get("reference", {})
        if name not in tables:
            raise AttributeError(f"a chapter has no table {name!r}; allowed: {', '.join(tables)}")
        return tables[name]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.tables, *self.reference]

    @property
    def opens(self) -> date:
        """First day that the chapter reports on."""
        return self.facts.opens

    @property
    def closes(self) -> date:
        """Last day that the chapter reports on."""
        return self.facts.closes

    @property
    def source(self) -> str:
        """How to cite the chapter."""
        return ", ".join(filter(None, [self.facts.author, self.facts.name]))

    @cached_property
    def records(self) -> pd.Series:
        """Table of each record, indexed by record id."""
        pairs = {
            i: name
            for name, table in self.tables.items()
            if name != "evidence" and "record_id" in table
            for i in table["record_id"]
        }
        return pd.Series(pairs, name="table")

    def __getitem__(self, record_id: str) -> Citation:
        """The same as ``cite``; in Jupyter the id of a record completes with Tab."""
        return self.cite(record_id)

    def _ipython_key_completions_(self) -> list[str]:
        return list(self.records.index)

    def cite(self, record_id: str) -> Citation:
        """The words that a record rests on, each within its sentence. Raises RecordError for an unknown id.

        >>> import mali_analysis as mali
        >>> chapter = mali.load_chapter()
        >>> first = chapter.incidents["record_id"][0]
        >>> chapter.cite(first).words["quote"][0] in chapter.text
        True
        """
        if record_id not in self.records.index:
            raise RecordError(f"no record {record_id!r}; allowed: {_nearest(record_id, self.records.index)}")
        table = self.tables[self.records[record_id]].set_index("record_id")
        words = self.evidence[self.evidence["record_id"] == record_id].copy()
        words["passage"] = self.passages_of(words["start"])
        sentences = self.passages.loc[words["passage"]]
        words["sentence"], words["sentence_start"] = list(sentences["text"]), list(sentences["start"])
        words["value"] = ["" if c == "*" else str(table.loc[record_id, c]) for c in words["column"]]
        return Citation(record_id, words.reset_index(drop=True))

    def contents(self) -> pd.DataFrame:
        """The tables, one row each: ``table``, ``holds``, ``rows``, ``says`` (the chapter, or others of it)."""
        described = schema.read_schema(self.root)
        rows = [
            {"table": f"chapter.{name}", "holds": described[name].description, "rows": len(table), "says": whose}
            for part, whose in ((self.tables, "the chapter"), (self.reference, "others"))
            for name, table in part.items()
        ]
        return pd.DataFrame(rows)

    def explore(
        self, kind: str = "", section: str = "", party: str = "", place: str = "", start: str = "", end: str = "",
        level: str = "", status: str = "", verdict: str = "",
    ) -> Any:  # fmt: skip
        """The chapter to be looked through in JupyterLab; see ``lab.explorer.Explorer``.

        What is given is what to begin with, as a code or as the menus have it, days as ISO days:
        ``chapter.explore(kind="findings", level="lacking")``. Raises ParameterError for a value that no menu has.
        """
        given = {"kind": kind, "section": section, "party": party, "place": place, "start": start, "end": end,
                 "level": level, "status": status, "verdict": verdict}  # fmt: skip
        from importlib import import_module  # what draws controls stands above all else, and is loaded here alone

        return import_module("mali_analysis.lab.explorer").Explorer(self, **given)

    @cached_property
    def rows(self) -> dict[str, dict[str, Any]]:
        """Each record of the chapter by its id, as its columns and values."""
        tables = [table for name, table in self.tables.items() if name != "evidence" and "record_id" in table]
        return {row["record_id"]: row for table in tables for row in table.to_dict("records")}

    @cached_property
    def quotes(self) -> dict[tuple[str, str], list[tuple[int, int, str]]]:
        """The words of each value, by record and column (``*``: the record as a whole): start, end, quote, in order."""
        found: dict[tuple[str, str], list[tuple[int, int, str]]] = {}
        columns = (self.evidence[name] for name in ("record_id", "column", "start", "end", "quote"))
        for record_id, column, start, end, quote in zip(*columns, strict=True):
            found.setdefault((record_id, column), []).append((int(start), int(end), quote))
        return {key: sorted(own) for key, own in found.items()}

    @cached_property
    def _sources(self) -> dict[str, tuple[str, str]]:
        """Address and origin of each record that comes from elsewhere and has a source."""
        found: dict[str, tuple[str, str]] = {}
        for table in self.reference.values():
            if "source_url" in table:
                names = table[next(name for name in ("origin", "instrument", "source_url") if name in table)]
                found |= dict(zip(table["record_id"], zip(table["source_url"], names, strict=True), strict=True))
        return found

    def words_of(self, record_id: str, column: str) -> list[tuple[int, int, str]]:
        """The words of a value, or of why it is missing: start, end, quote, in reading order; empty where none are."""
        return self.quotes.get((record_id, column), []) or self.quotes.get((record_id, f"{column}_status"), [])

    def spans_of(self, record_ids: list[str]) -> list[list[int]]:
        """Start and end in the chapter of the words that the records rest on as wholes, in reading order."""
        spans = {(start, end) for i in record_ids for start, end, _ in self.quotes.get((i, "*"), [])}
        return [list(span) for span in sorted(spans)]

    def sources_of(self, record_ids: list[str]) -> dict[str, str]:
        """Addresses of the sources of the records that come from elsewhere, each once, with whose report it is."""
        wanted = set(record_ids)
        found: dict[str, str] = {}
        for record_id, (url, origin) in self._sources.items():
            if record_id in wanted:
                found.setdefault(str(url), str(origin))
        return found

    def refer(self, passage: str, spans: Any = ()) -> Reference:
        """A reference to a passage; ``spans`` (of the chapter, or of the records with these ids) are marked in it."""
        row = self.passages.loc[passage]
        if isinstance(spans, str) or spans and isinstance(spans[0], str):
            spans = self.spans_of([spans] if isinstance(spans, str) else list(spans))
        first, last = int(row["start"]), int(row["end"])
        inside = tuple((start - first, end - first) for start, end in spans if first <= start < last)
        return Reference(int(row["number"]), passage, str(row["text"]), inside)

    def passages_of(self, starts: Any) -> list[str]:
        """Id of the passage in which each start lies."""
        return passages_at(self.passages, starts)

    def name_sections(self, passages: Any) -> list[str]:
        """The headings of the sections that passages stand in, each in quotation marks, in the chapter's order."""
        found = set(self.passages.loc[list(passages), "section"])
        return [f"“{title}”" for section, title in self.section_titles.items() if section in found]

    @property
    def section_titles(self) -> dict[str, str]:
        """The heading of each section, in the chapter's order."""
        headings = self.passages[self.passages["kind"] == "heading"]
        return dict(zip(headings["section"], headings["text"].str.rstrip(":"), strict=True))

    def find(self, words: str) -> pd.DataFrame:
        """Where words stand in the chapter, one row per place; shows as sentences with the words marked in Jupyter.

        Small and capital letters count as the same only where nothing fits as written. Columns: ``start``, ``end``,
        ``quote``, ``passage``, ``number``, ``text`` (of the sentence).

        >>> import mali_analysis as mali
        >>> mali.load_chapter().find("There were no changes")["number"].is_unique
        True
        """
        places = [m.span() for m in re.finditer(re.escape(words), self.text)] if words else []
        places = places or [m.span() for m in re.finditer(re.escape(words), self.text, re.I)] if words else []
        found = pd.DataFrame(places, columns=["start", "end"])
        found["quote"] = [self.text[start:end] for start, end in places]
        found["passage"] = self.passages_of(found["start"])
        rows = self.passages.loc[found["passage"]]
        return Marked(found.assign(number=list(rows["number"]), text=list(rows["text"])), self._spans_within(places))

    def _spans_within(self, spans: Any) -> dict[str, list[tuple[int, int]]]:
        """Spans of the chapter by the passages in which they lie, counted from the start of each."""
        pairs = sorted({(int(start), int(end)) for start, end in spans})
        within: dict[str, list[tuple[int, int]]] = {}
        for passage, (start, end) in zip(self.passages_of([start for start, _ in pairs]), pairs, strict=True):
            first = int(self.passages.at[passage, "start"])
            within.setdefault(passage, []).append((start - first, end - first))
        return within

    def names(self, ids: Any, table: str = "actors", column: str = "name") -> list[str]:
        """The names that belong to record ids."""
        source = (self.tables | self.reference)[table]
        lookup = dict(zip(source["record_id"], source[column], strict=True))
        return [str(lookup[i]) for i in ids]

    def label(self, record_id: str) -> str:
        """A record's short name: its title, capability, summary or what its parts say."""
        row = self.rows[record_id]
        if "partner_id" in row:
            return f"{self.names([row['partner_id']])[0]}: {row['arrangement'].replace('_', ' ')} {row['status']}"
        if "from_id" in row:
            return f"{self.label(row['from_id'])} – {self.label(row['to_id'])}"
        if "member_id" in row:
            return f"{self.names([row['member_id']])[0]} in {self.names([row['whole_id']])[0]}"
        if "capability" in row:
            states = [str(row[column]).replace("_", " ") for column in ("level", "change") if pd.notna(row[column])]
            return f"{row['capability']} ({states[0]})" if states else str(row["capability"])
        for column in ("title", "clause", "phrase", "summary", "name", "counted"):
            if column in row:
                return str(row[column])
        (named,) = (row[column] for column in ("actor_id", "place_id") if column in row)
        return f"{self.label(named)}: {self.label(row['subject_id'])}"

    def belonging_to(self, record_id: str) -> list[str]:
        """Ids of a record and of all that hang on it: an incident's phases, their parties, targets and numbers."""
        found = [record_id]
        for owner in found:
            for table in self.tables.values():
                for column in OWNERS & set(table):
                    found += [i for i in table.loc[table[column] == owner, "record_id"] if i not in found]
        return found

    def placed_in(self, place_ids: Any) -> set[str]:
        """Ids of the records that the chapter puts at one of the places, or at a part of one."""
        parts, wanted = dict(zip(self.places["record_id"], self.places["part_of_id"], strict=True)), set(place_ids)
        while more := {part for part, whole in parts.items() if whole in wanted} - wanted:
            wanted |= more
        sites = self.sites[self.sites["place_id"].isin(wanted) & (self.sites["role"] != "none")]
        return set(sites["subject_id"])

    def where(self, record_ids: Any) -> list[Any]:
        """The places of each record in words, None where the chapter puts it nowhere."""
        names = dict(zip(self.places["record_id"], self.places["name"], strict=True))
        own = self.sites[self.sites["role"] != "none"].groupby("subject_id", sort=False)["place_id"].agg(list)
        return [", ".join(names[i] for i in own[record_id]) if record_id in own else None for record_id in record_ids]

    def codes(self, table: str, column: str) -> dict[str, schema.Code]:
        """What the schema says of each code of a column: meaning, word, letter and tone."""
        return schema.read_codes(table, column, self.root)

    def word(self, table: str, record_id: str, column: str) -> str:
        """The word for a sentence of the code that a record has in a column."""
        code = (self.tables | self.reference)[table].set_index("record_id").loc[record_id, column]
        return self.codes(table, column)[code].word

    def __str__(self) -> str:
        counts = ", ".join(f"{len(table)} {name.replace('_', ' ')}" for name, table in self.tables.items())
        return f"{self.source}\n{counts}\ntext sha256 {self.text_sha256[:16]}"

    @property
    def text_sha256(self) -> str:
        """Checksum of the chapter's text."""
        import hashlib

        return hashlib.sha256(self.text.encode()).hexdigest()

    def _repr_html_(self) -> str:
        day = date.fromisoformat(self.facts.accessed)
        read = dates.in_words(day, day)
        address = f'<a href="{escape(self.facts.url)}">{escape(self.facts.name)}</a>'
        agency = self.facts.author.partition(",")[0]
        return f"<p><cite>{address}</cite>, {f'{escape(agency)}, ' if agency else ''}retrieved {read}.</p>"


def _nearest(record_id: str, known: Any) -> str:
    import difflib

    near = difflib.get_close_matches(record_id, list(known), n=3, cutoff=0.3)
    return ", ".join(near) + " …" if near else "an id of one of the tables"


def load_chapter(chapter_id: str = package.DEFAULT, data: str | Path | None = None) -> Chapter:
    """A coded chapter, checked against the schema.

    ``data`` is the data folder (default: ``MALI_DATA`` of the environment, then ours). Dates come as EDTF strings plus
    the four derived days; codes as categoricals; numbers as nullable numbers. A table without rows is empty, with all
    its columns. Raises DataError with every violation.

    >>> load_chapter().incidents["record_id"].is_unique
    True
    """
    root = schema.choose_root(data)
    loaded = _load(chapter_id, root, package.hash_data(root, chapter_id))
    tables, reference = (
        {name: table.copy() for name, table in part.items()} for part in (loaded.tables, loaded.reference)
    )
    return replace(loaded, tables=tables, reference=reference, passages=loaded.passages.copy())


@lru_cache(maxsize=2)
def _load(chapter_id: str, root: Path, _data_sha256: str) -> Chapter:
    """Loaded once as long as no byte of the data changes; nobody is handed this copy."""
    read = checks.read_package(root, chapter_id)
    tables, reference = (
        {name: type_table(rows, schema.read_fields(name, root), read.facts.closes) for name, rows in part.items()}
        for part in (read.tables, read.reference)
    )
    chapter = Chapter(chapter_id, read.text, tables, reference, root, read.facts, read.passages)
    coded = zip(chapter.evidence["start"], chapter.evidence["end"], strict=True)
    return replace(chapter, passages=Marked(read.passages, chapter._spans_within(coded)))


def type_table(rows: list[schema.Row], fields: list[dict[str, Any]], closes: date) -> pd.DataFrame:
    """Rows of strings as typed columns, with the four days where there are dates."""
    table = pd.DataFrame(rows, columns=[column["name"] for column in fields], dtype="object")
    for column in fields:
        name, values = column["name"], table[column["name"]]
        if column["type"] == "integer":
            table[name] = pd.to_numeric(values.where(values != "")).astype("Int64")
        elif column["type"] == "number":
            table[name] = pd.to_numeric(values.where(values != "")).astype("Float64")
        elif column["type"] == "date":
            table[name] = pd.to_datetime(values.where(values != ""))
        elif codes := column.get("codes"):
            table[name] = pd.Categorical(
                values.where(values != ""), categories=list(codes), ordered="ordered" in column
            )
        else:
            table[name] = (
                values.where(values != "").astype("string") if f"{name}_status" in table else values.astype("string")
            )
    if {"start_edtf", "end_edtf"} <= set(table):
        pairs = zip(table["start_edtf"].fillna(""), table["end_edtf"].fillna(""), strict=True)
        fours = [dates.four_days(*pair, closes) for pair in pairs]
        for number, name in enumerate(DAY_COLUMNS):
            table[name] = pd.to_datetime(pd.Series([four[number] for four in fours], dtype="object"))
    return table
