"""The record of a relationship that comes with the package: a file of sourced rows, and what a data set adds to it.

`scripts/bundle_relationship_record.py` makes the rows; `data/relationship/<data set>.toml` says how they were coded and
holds further records, each with its own source.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.money import Money
from confianza.cooperation.process.fields import Value
from confianza.cooperation.relationship.records import Coding, PartialDate, Record, record_kinds
from confianza.cooperation.sources import Reference
from confianza.packaged import packaged_table

FOLDER = "data/relationship"
THESIS = "martinez-2014"  # `thesis` in the rows
SOFT = "SOFT"  # begins the note of a hope, forecast or general pledge
CHANGES = {"+1": "added", "-1": "lifted"}
SHORT_STATUS = {"thesis": THESIS}


@dataclass(frozen=True)
class RecordSource:
    """A publication that rows of the record rest on; `date` is as precise as the publication gives it."""

    key: str
    title: str
    publisher: str
    date: str
    address: str
    license: str


def _data_set(data_set: str) -> dict[str, Any]:
    """The table of a data set; empty where nothing comes with the package."""
    name = f"{FOLDER}/{data_set}.toml"
    is_there = data_set and resources.files(__package__).joinpath(name).is_file()
    return packaged_table(__package__, name) if is_there else {}


def record_file(data_set: str) -> str:
    """The name of the file with the rows of the packaged record; empty for a data set that has none."""
    return str(_data_set(data_set).get("record", ""))


def _rows(name: str) -> Iterable[dict[str, str]]:
    file = resources.files(__package__).joinpath(FOLDER, name)
    return csv.DictReader(io.StringIO(file.read_text(encoding="utf-8")))


@cache
def record_sources(data_set: str) -> Mapping[str, RecordSource]:
    """The publications of the packaged record of a data set, by key; those of `sources.toml` are not among them."""
    table = _data_set(data_set)
    rows = _rows(table["sources"]) if table else ()
    added = table.get("added_sources", {})
    found = {row.pop("source_key"): row for row in rows} | added
    return {key: RecordSource(key=key, **values) for key, values in found.items()}


def _references(row: Mapping[str, str]) -> tuple[Reference, ...]:
    """Each source with its place; places stand in the order of the sources, or one stands for all."""
    keys = [SHORT_STATUS.get(key, key) for key in row["source_key"].split(";") if key not in ("", "none")]
    places = [place.strip() for place in row["locator"].split(";")]
    if len(places) != len(keys):
        places = [row["locator"]] * len(keys)
    # A page of the thesis is said once, with the thesis.
    return tuple(
        Reference(key, place.removeprefix("thesis ")) for key, place in zip(keys, places, strict=True)
    )


def _row_details(row: Mapping[str, str], names: Iterable[str]) -> dict[str, Value]:
    values: dict[str, str] = {name: row[name] for name in names if row.get(name)}
    if row["record_type"] == "commitment":
        values["is_firm"] = "no" if row["note"].startswith(SOFT) else "yes"
    if row["record_type"] == "hedge":
        values["change"] = CHANGES[row["hedge_direction"]]
    return _typed(values)


def _typed(values: Mapping[str, str]) -> dict[str, Value]:
    return {name: int(text) if name == "notified_days" else text for name, text in values.items()}


def _record_of_row(row: Mapping[str, str], codings: Mapping[str, Mapping[str, Any]]) -> Record:
    date_to = PartialDate.parse(row["date_to"]) if row["date_to"] not in ("", row["date_from"]) else None
    return Record(
        record_id=row["id"],
        kind=row["record_type"],
        date_from=_date(row["date_from"]),
        date_to=date_to,
        known_since=PartialDate.parse(row["known_since"]),
        actor_code=row["actor"],
        target_code=row["target"],
        institution_actor=row["institution_actor"].strip("-"),
        institution_target=row["institution_target"].strip("-"),
        summary=BilingualText(row["what"], row["what_es"]),
        sign=int(row["sign"]),
        domain=row["domain"],
        references=_references(row),
        happening=row["happening"],
        verification=row["status"],
        note=row["note"].removeprefix(SOFT).lstrip(": "),
        details=_row_details(row, (field.name for field in record_kinds()[row["record_type"]].fields)),
        codings=tuple(
            Coding(coder, **coding, severity=float(row[f"severity_{coder}"]))
            for coder, coding in codings.items()
        ),
    )


def _date(text: str) -> PartialDate:
    parsed = PartialDate.parse(text)
    if parsed is None:
        raise ValueError(text)
    return parsed


def _record_of_entry(entry: Mapping[str, Any], codings: Mapping[str, Mapping[str, Any]]) -> Record:
    """A record that the data set's own table adds; with a severity it has one coding, by the first coder."""
    fields = record_kinds()[entry["kind"]].fields
    coder = next(iter(codings))
    return Record(
        record_id=entry["id"],
        kind=entry["kind"],
        date_from=_date(entry["date_from"]),
        date_to=PartialDate.parse(entry.get("date_to", "")),
        known_since=PartialDate.parse(entry.get("known_since", "")),
        actor_code=entry["actor"],
        target_code=entry.get("target", ""),
        institution_actor=entry.get("institution_actor", ""),
        institution_target=entry.get("institution_target", ""),
        summary=BilingualText.of(entry["summary"]),
        sign=entry.get("sign", 0),
        domain=entry.get("domain", "defense"),
        references=tuple(Reference(key, place) for key, place in entry["references"].items()),
        happening=entry.get("happening", entry["id"]),
        verification=entry.get("verification", "thesis"),
        note=entry.get("note", ""),
        details=_typed({field.name: entry[field.name] for field in fields if field.name in entry}),
        codings=(Coding(coder, **codings[coder], severity=entry["severity"]),) if "severity" in entry else (),
    )


@cache
def packaged_record(data_set: str) -> tuple[Record, ...]:
    """The records that come with the package for a data set, by first day; none when it has none.

    Records of `verification` `memory` are among them: `Record.is_used` keeps them out of figures.
    """
    table = _data_set(data_set)
    if not table:
        return ()
    codings = table["codings"]
    further: dict[str, list[Reference]] = {}
    for entry in table.get("also", ()):
        further.setdefault(entry["record"], []).append(Reference(entry["source"], entry["place"]))
    records = [_record_of_row(row, codings) for row in _rows(table["record"])]
    records = [
        replace(record, references=record.references + tuple(further.pop(record.record_id)))
        if record.record_id in further
        else record
        for record in records
    ]
    if further:
        raise KeyError(", ".join(further))
    records += [_record_of_entry(entry, codings) for entry in table.get("records", ())]
    return tuple(sorted(records, key=lambda record: (record.first_day, record.record_id)))


def desired_level(data_set: str) -> tuple[int, Reference] | None:
    """The level of cooperation that a source of the data set calls desired, with its place; None where none does."""
    desired = _data_set(data_set).get("desired_level")
    return (desired["number"], Reference(desired["source"], desired["place"])) if desired else None


@dataclass(frozen=True)
class StageReached:
    """How much of a promised program had reached a stage by a date: an amount, or a share (0–1) of `scope`, or both.

    `stage` is `promised`, `available`, `obligated`, `expended` or `delivered`.
    """

    as_of: PartialDate
    stage: str
    amount: Money | None
    share: float | None
    scope: BilingualText
    reference: Reference


@dataclass(frozen=True)
class ProgramByDate:
    """A promised program and what had become of it by date, as far as a source gives it."""

    name: BilingualText
    stages: tuple[StageReached, ...]


@cache
def program_by_date(data_set: str) -> ProgramByDate | None:
    """The promised program of a data set by date; None where it has none."""
    name = _data_set(data_set).get("program_by_date")
    if name is None:
        return None
    table = packaged_table(__package__, f"{FOLDER}/{name}")
    stages = tuple(
        StageReached(
            _date(entry["as_of"]),
            entry["stage"],
            Money(entry["amount"] * 100, "USD") if "amount" in entry else None,
            entry.get("share"),
            BilingualText.of(table["scopes"][entry["scope"]]),
            Reference(entry["source"], entry["place"]),
        )
        for entry in table["deliveries"]
    )
    return ProgramByDate(BilingualText.of(table["name"]), stages)
