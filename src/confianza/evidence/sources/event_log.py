"""Recorded histories of cases: event logs as CSV or XES (IEEE 1849), read whole or refused with every problem."""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import datetime, time
from pathlib import Path
from typing import Any

from defusedxml import DefusedXmlException
from defusedxml import ElementTree as Xml

from confianza.cooperation.cases.conformance import LogEvent
from confianza.errors import ImportRefusal, Problem
from confianza.evidence.table_files import csv_rows

COLUMNS = ("case", "activity", "on")
OPTIONAL_COLUMNS = ("role", "about", "transition")
XES_KEYS = {
    "concept:name": "activity",
    "time:timestamp": "on",
    "org:role": "role",
    "confianza:about": "about",
    "lifecycle:transition": "transition",
}
OWN_NAMES = {name: name for name in (*COLUMNS, *OPTIONAL_COLUMNS)}
CSV_NAMES = (
    OWN_NAMES
    | XES_KEYS
    | {  # as pm4py, Disco and others write a log; capitals do not matter
        "case:concept:name": "case",
        "case id": "case",
        "case_id": "case",
        "timestamp": "on",
        "complete timestamp": "on",
        "lifecycle": "transition",
    }
)
YEAR_FIRST = re.compile(r"^(\d{4})/(\d{2})/(\d{2})\b")


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(YEAR_FIRST.sub(r"\1-\2-\3", text.strip()))
    except ValueError:
        return None


def _event(row: dict[str, str], number: int, file: str, problems: list[Problem]) -> LogEvent | None:
    missing = [column for column in COLUMNS if not (row.get(column) or "").strip()]
    problems += [Problem("log-value-missing", file, row=number, field=column) for column in missing]
    at = _instant(row["on"]) if "on" not in missing else None
    if "on" not in missing and at is None:
        problems.append(Problem("log-day", file, row=number, field="on", params={"value": row["on"]}))
    if missing or at is None:
        return None
    return LogEvent(
        row["case"].strip(),
        row["activity"].strip(),
        at.date(),
        (row.get("role") or "").strip(),
        (row.get("about") or "").strip(),
        number,
        at if at.time() != time() or at.utcoffset() else None,  # midnight stands for a day without an hour
        (row.get("transition") or "").strip().lower(),
    )


def _csv_rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    rows = csv_rows(path)
    _, header = next(rows, (1, []))
    names = [CSV_NAMES.get(name.strip().casefold(), name.strip()) for name in header]
    known = [*COLUMNS, *OPTIONAL_COLUMNS]
    if lacking := [column for column in COLUMNS if column not in names]:
        params = {"missing": ", ".join(lacking), "known": ", ".join(known)}
        raise ImportRefusal([Problem("log-columns", path.name, row=1, params=params)])
    if twice := [name for name in known if names.count(name) > 1]:
        params = {"twice": ", ".join(sorted(twice))}
        raise ImportRefusal([Problem("log-column-twice", path.name, row=1, params=params)])
    for number, values in rows:
        if any(map(str.strip, values[len(names) :])):
            params = {"columns": str(len(names)), "values": str(len(values))}
            raise ImportRefusal([Problem("log-too-many-values", path.name, row=number, params=params)])
        if any(map(str.strip, values)):
            yield number, dict(zip(names, values, strict=False))


def _xes_rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The events of the log's traces, numbered from 1."""
    is_packed = path.suffix.lower() == ".gz"
    with path.open("rb") as file, gzip.open(file) if is_packed else nullcontext(file) as unpacked:
        yield from _traces(unpacked)


def _traces(file: Any) -> Iterator[tuple[int, dict[str, str]]]:
    number = 0
    for _, element in Xml.iterparse(file, events=("end",), forbid_dtd=True):
        if element.tag.rpartition("}")[2] != "trace":
            continue
        name = next((child.get("value") for child in element if child.get("key") == "concept:name"), "")
        for event in element:
            if event.tag.rpartition("}")[2] == "event":
                number += 1
                values = {child.get("key"): child.get("value", "") for child in event}
                columns = {column: values[key] for key, column in XES_KEYS.items() if key in values}
                yield number, {"case": name or "", **columns}
        element.clear()


def read_log(path: Path) -> list[LogEvent]:
    """The events of a log.

    A CSV has the columns `case`, `activity`, `on` and may have `role`, `about` (the delivery an event is of) and
    `transition`, or their names in `CSV_NAMES`; an XES log (packed or not: `.xes.gz`) names them concept:name of trace
    and event, time:timestamp, org:role, confianza:about, lifecycle:transition.

    Raises
    ------
    ImportRefusal
        Not CSV or XES, columns missing, values missing, days that are none: every problem with its row.
    """
    problems: list[Problem] = []
    events: list[LogEvent] = []
    is_xes = path.name.lower().endswith((".xes", ".xml", ".xes.gz", ".xml.gz"))
    rows = _xes_rows(path) if is_xes else _csv_rows(path)
    try:
        for number, row in rows:
            event = _event(row, number, path.name, problems)
            if event is not None:
                events.append(event)
    except (
        Xml.ParseError,
        DefusedXmlException,
        UnicodeDecodeError,
        csv.Error,
        EOFError,
        LookupError,  # an encoding that there is not
        ValueError,  # one that the parser does not take
        zlib.error,
    ) as error:
        params = {"detail": type(error).__name__}
        raise ImportRefusal([Problem("log-unreadable", path.name, params=params)]) from error
    except OSError as error:
        raise ImportRefusal(
            [Problem("log-unreadable", path.name, params={"detail": error.strerror or error})]
        ) from error
    if problems:
        raise ImportRefusal(problems)
    if not events:
        raise ImportRefusal([Problem("log-empty", path.name)])
    return events
