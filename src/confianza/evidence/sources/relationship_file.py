"""Records of a relationship in a file: CSV or XLSX, its columns those of the table of kinds, or those of a coded record.

A layout names the columns that a file has otherwise than the table. `records` is the table's own, as `confianza records
export` writes it. `coded` is that of a record whose rows were coded by written anchors: `record_type`, `what`,
`hedge_direction`, `source_key`, `locator`, `status`, `precision`, and `severity_a`, `severity_b` for two codings made by
a program.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from io import BytesIO
from pathlib import Path

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.names import NUL
from confianza.cooperation.process.fields import EXPECTED, FIELD_TYPES
from confianza.cooperation.relationship.entries import (
    METHODS,
    Entry,
    KnownRecord,
    check_record,
    references_of,
)
from confianza.cooperation.relationship.records import Coding, Record, record_fields, record_kinds
from confianza.cooperation.sources import sources as packaged_sources
from confianza.errors import ImportRefusal, Problem
from confianza.evidence.table_files import cell_text, csv_rows, workbook_rows

CODING = ("severity", "confidence", "coder", "method", "version", "coded_on")
CODING_COLUMN = re.compile(rf"({'|'.join(CODING)})_([a-z])")
SUFFIXES = (".csv", ".xlsx")
MOST_SHOWN = 200
PRECISIONS = {
    "day": 10,
    "month": 7,
    "year": 4,
}  # letters of a date; a period has two dates, each as precise as known
FORMULA = ("=", "+", "-", "@")
MOST_LETTERS = {"source_key": 80, "date": 40}
SOURCE_COLUMNS = ("source_key", "title", "publisher", "date", "address", "license")


@dataclass(frozen=True)
class Layout:
    """Names of columns that differ from the table's, values that differ, and what every coding of the file is.

    `marks` are the columns by which a file is known to have it.
    """

    marks: frozenset[str] = frozenset()
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    coding: Mapping[str, str] = field(default_factory=dict)


LAYOUTS: Mapping[str, Layout] = {
    "coded": Layout(
        marks=frozenset({"record_type", "what"}),
        columns={
            "record_type": "kind",
            "what": "summary_en",
            "what_es": "summary_es",
            "hedge_direction": "change",
            "source_key": "source",
            "locator": "place",
            "status": "verification",
        },
        values={
            "change": {"+1": "added", "1": "added", "-1": "lifted"},
            "domain": {"defence": "defense"},
            "source": {"none": ""},
        },
        coding={"method": "automated", "version": "1", "coded_on": "2026-11-30"},
    ),
    "records": Layout(),
}


@dataclass(frozen=True)
class CitedSource:
    """A publication that records cite by its key."""

    key: str
    title: str
    publisher: str = ""
    date: str = ""
    address: str = ""
    rights: str = ""


@dataclass(frozen=True)
class FileRow:
    """A row of a file of records: its number, its identifier, and the texts of its fields that are not empty."""

    number: int
    record_id: str
    values: Mapping[str, str]


def _rows(path: Path, headers: Iterable[Iterable[str]]) -> list[tuple[int, list[str]]]:
    """Every row with values, the first of them the headings."""
    try:
        if path.suffix.lower() == ".xlsx":
            content = BytesIO(path.read_bytes())
            rows = [
                (number, [cell_text(value) for value in row])
                for number, row in workbook_rows(content, path.name, headers)
            ]
        else:
            rows = [(number, [_typed(value) for value in row]) for number, row in csv_rows(path)]
    except ImportRefusal:
        raise
    except Exception as error:  # what a broken file raises depends on the part that is broken
        detail = str(error) or type(error).__name__
        raise ImportRefusal(
            [Problem("record-file-unreadable", path.name, params={"detail": detail})]
        ) from error
    if any(NUL in value for _, row in rows for value in row):
        params = {"detail": "NUL"}
        raise ImportRefusal([Problem("record-file-unreadable", path.name, params=params)])
    rows = [(number, row) for number, row in rows if any(row)]
    if len(rows) < 2:
        raise ImportRefusal([Problem("record-file-empty", path.name)])
    return rows


def _typed(text: str) -> str:
    """A value of a CSV without the apostrophe that keeps a spreadsheet from taking it for a formula."""
    text = text.strip()
    return text[1:] if text[:1] == "'" and text[1:2] in FORMULA else text


def _layout_of(heading: Sequence[str]) -> Layout:
    return next(layout for layout in LAYOUTS.values() if layout.marks <= set(heading))


def _known_columns(layout: Layout) -> list[str]:
    own = ["id", "kind", *record_fields(), "verification"]
    renamed = {ours: theirs for theirs, ours in layout.columns.items()}
    more = ["precision"] if layout.marks else []
    return [
        *(renamed.get(name, name) for name in own if name not in ("severity", "confidence")),
        "target",
        *more,
    ]


def _columns(file: str, number: int, heading: Sequence[str], layout: Layout) -> list[str]:
    """The heading in the table's names; ImportRefusal with every column that is missing, unknown or there twice."""
    known = _known_columns(layout)
    needed = ["record_type" if layout.marks else "kind", "id", "date_from", "actor"]
    problems = [
        Problem("record-file-column-missing", file, row=number, params={"column": name})
        for name in needed
        if name not in heading
    ]
    problems += [
        Problem(
            "record-file-column-unknown", file, row=number, params={"column": name, "known": ", ".join(known)}
        )
        for place, name in enumerate(heading)
        if (name not in known and not CODING_COLUMN.fullmatch(name)) or name in heading[:place]
    ]
    if problems:
        raise ImportRefusal(problems[:MOST_SHOWN])
    return [layout.columns.get(name, name) for name in heading]


def _file_rows(path: Path) -> tuple[Layout, list[FileRow], list[Problem]]:
    needed = [["id", "date_from", "actor"]]
    (number, heading), *rows = _rows(path, needed)
    while heading and not heading[-1]:
        heading = heading[:-1]
    layout = _layout_of(heading)
    columns = _columns(path.name, number, heading, layout)
    read, problems = [], []
    for number, row in rows:
        cells = row[: len(columns)] + [""] * (len(columns) - len(row))
        if any(row[len(columns) :]) or len(row) < len(columns):
            params = {"cells": len(row), "columns": len(columns)}
            problems.append(Problem("record-file-row-length", path.name, row=number, params=params))
            continue
        values = {
            name: layout.values.get(name, {}).get(text, text)
            for name, text in zip(columns, cells, strict=True)
            if text
        }
        read.append(FileRow(number, values.pop("id", ""), values))
    return layout, read, problems


def _codings(
    values: dict[str, str], layout: Layout, entry: Entry
) -> tuple[tuple[Coding, ...], list[Problem]]:
    """The codings of a row, taken out of its values: those whose severity is given, by their letter."""
    found: dict[str, dict[str, str]] = {}
    for column in [name for name in values if CODING_COLUMN.fullmatch(name)]:
        part, _, letter = column.rpartition("_")
        found.setdefault(letter, {})[part] = values.pop(column)
    codings, problems = [], []
    for letter, given in sorted(found.items()):
        told = {"coder": letter, **layout.coding, **given}
        severity = FIELD_TYPES["share"](told.get("severity", ""))
        confidence = FIELD_TYPES["share"](told["confidence"]) if "confidence" in told else None
        coded_on = FIELD_TYPES["date"](told.get("coded_on", ""))
        methods = ", ".join(METHODS)
        checks = {
            "severity": (severity is not None, EXPECTED["share"]),
            "confidence": ("confidence" not in told or confidence is not None, EXPECTED["share"]),
            "coded_on": (coded_on is not None and str(coded_on) <= entry.on.isoformat(), EXPECTED["date"]),
            "method": (told.get("method") in METHODS, BilingualText(methods, methods)),
            "coder": (len(told["coder"]) <= 80, EXPECTED["key"]),
            "version": (0 < len(told.get("version", "")) <= 40, EXPECTED["key"]),
        }
        wrong = [
            entry.problem(
                "record-coding-misread", f"{part}_{letter}", value=told.get(part, "")[:80], expected=expected
            )
            for part, (is_good, expected) in checks.items()
            if not is_good
        ]
        problems += wrong
        if not wrong:
            codings.append(
                Coding(
                    coder=told["coder"],
                    method=told["method"],
                    version=told["version"],
                    coded_on=date.fromisoformat(str(coded_on)),
                    severity=float(str(severity)),
                    confidence=float(str(confidence)) if confidence is not None else None,
                )
            )
    return tuple(codings), problems


def _own_fields(values: dict[str, str], layout: Layout, entry: Entry) -> tuple[dict[str, str], list[Problem]]:
    """The values of a row in the table's terms: what a layout says by other columns."""
    problems = []
    actor, target = values.get("actor", ""), values.pop("target", "")
    if target and (target == actor or target not in entry.pair):
        problems.append(
            entry.problem("record-side-unknown", "target", value=target, known=", ".join(entry.pair))
        )
    if not layout.marks:
        return values, problems
    first, last = values.get("date_from", ""), values.get("date_to", "")
    precision = values.pop("precision", "")
    if precision in PRECISIONS and len(first) != PRECISIONS[precision]:
        problems.append(entry.problem("record-precision-misread", "precision", value=precision, first=first))
    if last == first:
        values.pop("date_to", None)
    if values.get("kind") == "commitment" and "is_firm" not in values:
        values["is_firm"] = "no" if values.get("note", "").startswith("SOFT") else "yes"
    return values, problems


def read_relationship_file(
    path: Path,
    *,
    pair: tuple[str, str],
    on: date,
    known: Mapping[str, KnownRecord] | None = None,
    cited: Iterable[str] | None = None,
) -> tuple[Record, ...]:
    """The records of a file, in its order; whole or not at all.

    Parameters
    ----------
    pair : tuple of str
        ISO codes of the two sides.
    on : date
        The day it is read: nothing in it is of a later one.
    known : mapping of str to KnownRecord
        Records outside of the file that it may refer to.
    cited : iterable of str or None
        The keys that sources may have; None where a source is told in words.

    Raises
    ------
    ImportRefusal
        Every problem together, each with file, row, field and remedy.
    """
    layout, rows, problems = _file_rows(path)
    inside = {
        row.record_id: KnownRecord(
            row.values.get("kind", ""), row.values.get("actor", ""), row.values.get("change", "")
        )
        for row in rows
    }
    entry = Entry(pair, on, {**(known or {}), **inside}, path.name)
    keys = None if cited is None else {*cited, *packaged_sources()}
    records: list[Record] = []
    earlier: dict[str, int] = {}
    for row in rows:
        place = replace(entry, row=row.number)
        values = dict(row.values)
        codings, wrong = _codings(values, layout, place)
        values, more = _own_fields(values, layout, place)
        kind, verification = values.pop("kind", ""), values.pop("verification", "entered")
        record, found = check_record(
            values,
            kind=kind,
            record_id=row.record_id,
            entry=place,
            verification=verification,
            codings=codings,
        )
        problems += [*wrong, *more, *found]
        if (first := earlier.setdefault(row.record_id, row.number)) != row.number:
            problems.append(place.problem("record-id-twice", "id", record=row.record_id, earlier=first))
        if keys is not None:
            problems += [
                place.problem("record-source-unknown", "source", value=reference.source)
                for reference in references_of(values.get("source", ""))
                if reference.source not in keys
            ]
        if record is not None:
            records.append(record)
    if problems:
        raise ImportRefusal(problems[:MOST_SHOWN])
    return tuple(records)


def read_sources_file(path: Path) -> tuple[CitedSource, ...]:
    """The sources of a file with the columns source_key, title, publisher, date, address and license; whole.

    Raises
    ------
    ImportRefusal
        A column is missing, a row has no key or title, or the key of another.
    """
    (number, heading), *rows = _rows(path, [SOURCE_COLUMNS[:2]])
    names = ["license" if name == "licence" else name for name in heading]
    missing = [name for name in SOURCE_COLUMNS[:2] if name not in names]
    if missing:
        raise ImportRefusal(
            [
                Problem("record-file-column-missing", path.name, row=number, params={"column": name})
                for name in missing
            ]
        )
    problems, found = [], {}
    earlier: dict[str, int] = {}
    for number, row in rows:
        told = dict(zip(names, row, strict=False))
        for name in SOURCE_COLUMNS[:2]:
            if not told.get(name):
                label = BilingualText(name, name)
                problems.append(
                    Problem(
                        "record-field-missing", path.name, row=number, field=name, params={"label": label}
                    )
                )
        for name, most in MOST_LETTERS.items():
            if len(told.get(name, "")) > most:
                params = {
                    "label": BilingualText(name, name),
                    "value": told[name][:most],
                    "expected": f"≤ {most}",
                }
                problems.append(
                    Problem("record-field-misread", path.name, row=number, field=name, params=params)
                )
        key = told.get("source_key", "")
        if (first := earlier.setdefault(key, number)) != number:
            params = {"record": key, "earlier": first}
            problems.append(
                Problem("record-id-twice", path.name, row=number, field="source_key", params=params)
            )
        found[key] = CitedSource(
            key, *(told.get(name, "") for name in ("title", "publisher", "date", "address", "license"))
        )
    if problems:
        raise ImportRefusal(problems[:MOST_SHOWN])
    return tuple(found.values())


def column_rows(records: Iterable[tuple[Record, Mapping[str, str]]]) -> tuple[list[str], Iterator[list[str]]]:
    """The headings and rows of records with their texts by field, as `read_relationship_file` reads them."""
    listed = list(records)
    most = max((len(record.codings) for record, _ in listed), default=0)
    letters = "abcdefghijklmnopqrstuvwxyz"[:most]
    fields = [name for name in record_fields() if name not in ("severity", "confidence")]
    heading = [
        "id",
        "kind",
        *fields,
        "verification",
        *(f"{part}_{letter}" for letter in letters for part in CODING),
    ]

    def rows() -> Iterator[list[str]]:
        for record, values in listed:
            cells = [
                record.record_id,
                record.kind,
                *(values.get(name, "") for name in fields),
                record.verification,
            ]
            for place in range(most):
                if place < len(record.codings):
                    one = record.codings[place]
                    told = {name: getattr(one, name) for name in CODING}
                    cells += ["" if value is None else str(value) for value in told.values()]
                else:
                    cells += [""] * len(CODING)
            yield cells

    return heading, rows()


def kinds_in(records: Iterable[Record]) -> dict[str, int]:
    """How many records there are of each kind, in the order of the table."""
    counts = dict.fromkeys(record_kinds(), 0)
    for record in records:
        counts[record.kind] += 1
    return {kind: count for kind, count in counts.items() if count}
