"""Recorded histories of cases: event logs as CSV or XES (IEEE 1849), read whole or refused with every problem."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime, time
from pathlib import Path

from defusedxml import DefusedXmlException
from defusedxml import ElementTree as Xml

from confianza.cooperation.cases.conformance import LogEvent
from confianza.errors import ImportRefusal, Problem

COLUMNS = ("case", "activity", "on")
OPTIONAL_COLUMNS = ("role", "about")
XES_KEYS = {
    "concept:name": "activity",
    "time:timestamp": "on",
    "org:role": "role",
    "confianza:about": "about",
}


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.strip())
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
        at if at.time() != time() else None,  # midnight stands for a day without an hour
    )


def _csv_rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        lacking = [column for column in COLUMNS if column not in (reader.fieldnames or [])]
        if lacking:
            params = {"missing": ", ".join(lacking), "known": ", ".join([*COLUMNS, *OPTIONAL_COLUMNS])}
            raise ImportRefusal([Problem("log-columns", path.name, row=1, params=params)])
        names = list(reader.fieldnames or [])
        twice = sorted(
            {name for name in names if name in {*COLUMNS, *OPTIONAL_COLUMNS} and names.count(name) > 1}
        )
        if twice:
            params = {"twice": ", ".join(twice)}
            raise ImportRefusal([Problem("log-column-twice", path.name, row=1, params=params)])
        for row in reader:
            if None in row:
                params = {"columns": str(len(names)), "values": str(len(names) + len(row[None]))}
                raise ImportRefusal(
                    [Problem("log-too-many-values", path.name, row=reader.line_num, params=params)]
                )
            yield reader.line_num, row


def _xes_rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The events of the log's traces, numbered from 1."""
    number = 0
    for _, element in Xml.iterparse(path, events=("end",), forbid_dtd=True):
        if element.tag.rpartition("}")[2] != "trace":
            continue
        name = next((child.get("value") for child in element if child.get("key") == "concept:name"), "")
        for event in element:
            if event.tag.rpartition("}")[2] == "event":
                number += 1
                values = {child.get("key"): child.get("value", "") for child in event}
                found = {column: values[key] for key, column in XES_KEYS.items() if key in values}
                yield number, {"case": name or "", **found}
        element.clear()


def read_log(path: Path) -> list[LogEvent]:
    """The events of a log.

    A CSV has the columns `case`, `activity`, `on` and may have `role` and `about` (the delivery an event is
    of); an XES log names them concept:name of trace and event, time:timestamp, org:role, confianza:about.

    Raises
    ------
    ImportRefusal
        Not CSV or XES, columns missing, values missing, days that are none: every problem with its row.
    """
    problems: list[Problem] = []
    events: list[LogEvent] = []
    rows = _xes_rows(path) if path.suffix.lower() in {".xes", ".xml"} else _csv_rows(path)
    try:
        for number, row in rows:
            event = _event(row, number, path.name, problems)
            if event is not None:
                events.append(event)
    except (Xml.ParseError, DefusedXmlException, UnicodeDecodeError, csv.Error) as error:
        params = {"detail": type(error).__name__}
        raise ImportRefusal([Problem("log-unreadable", path.name, params=params)]) from error
    except OSError as error:
        raise ImportRefusal(
            [Problem("log-unreadable", path.name, params={"detail": error.strerror})]
        ) from error
    if problems:
        raise ImportRefusal(problems)
    if not events:
        raise ImportRefusal([Problem("log-empty", path.name)])
    return events
