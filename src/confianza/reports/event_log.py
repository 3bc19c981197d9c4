"""The history of cases as an event log: XES (IEEE 1849) and CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import UTC, datetime, time
from io import TextIOBase
from itertools import groupby
from typing import IO, cast
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from confianza.cooperation.cases.conformance import LogEvent

EXTENSIONS = [("Concept", "concept"), ("Time", "time"), ("Organizational", "org")]
COLUMNS = ("case", "activity", "on", "role", "about")


def write_csv(events: Iterable[LogEvent], file: IO[str]) -> None:
    """One row an event, in the columns that `read_log` reads."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(
        (event.case, event.activity, (event.at or event.on).isoformat(), event.role, event.about)
        for event in events
    )


def write_xes(events: Iterable[LogEvent], file: IO[str]) -> None:
    """A trace a case; events of one case stand together."""
    xml = XMLGenerator(cast("TextIOBase", file), encoding="utf-8", short_empty_elements=True)

    def begin(element: str, /, **attributes: str) -> None:
        xml.startElement(element, AttributesImpl(attributes))

    def value(kind: str, key: str, text: str) -> None:
        begin(kind, key=key, value=text)
        xml.endElement(kind)

    xml.startDocument()
    begin("log", **{"xes.version": "1849-2016", "xes.features": "", "xmlns": "http://www.xes-standard.org/"})
    for name, prefix in EXTENSIONS:
        uri = f"http://www.xes-standard.org/{prefix}.xesext"
        begin("extension", name=name, prefix=prefix, uri=uri)
        xml.endElement("extension")
    for case, group in groupby(events, key=lambda event: event.case):
        begin("trace")
        value("string", "concept:name", case)
        for event in group:
            begin("event")
            value("string", "concept:name", event.activity)
            at = event.at or datetime.combine(event.on, time())
            value("date", "time:timestamp", (at if at.tzinfo else at.replace(tzinfo=UTC)).isoformat())
            if event.role:
                value("string", "org:role", event.role)
            if event.about:
                value("string", "confianza:about", event.about)
            xml.endElement("event")
        xml.endElement("trace")
    xml.endElement("log")
    xml.endDocument()
