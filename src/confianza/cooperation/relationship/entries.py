"""What is typed or imported as a record: read by the table of kinds, with everything that is wrong named together."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Self

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.names import NUL
from confianza.cooperation.process.fields import EXPECTED, FIELD_TYPES, Field, Value
from confianza.cooperation.relationship.records import (
    BOTH,
    Coding,
    PartialDate,
    Record,
    coding_fields,
    common_fields,
    record_fields,
    record_kinds,
    version_fields,
)
from confianza.cooperation.sources import Reference
from confianza.errors import Problem, RuleRefusal, Writer

MEMORY = "memory"
VERIFICATIONS = ("verified", "thesis", MEMORY, "entered")
METHODS = ("automated", "reader", "named")
DONE_BY_TODAY = ("date_from", "date_to", "known_since", "outcome_date")
WORDS_OF_ID = 5


class EntryRefusal(RuleRefusal):
    """An entry was refused: all its problems together, and nothing stored."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("record-entry-refused", count=len(problems))
        self.problems = tuple(problems)

    def rewritten(self, write: Writer) -> Self:
        """The same refusal with its parameters written by `write`."""
        other = super().rewritten(write)
        other.problems = tuple(problem.rewritten(write) for problem in self.problems)
        return other

    def in_language(self, language: str) -> str:
        """The refusal and each of its problems, a line each."""
        listed = "\n".join(f"  {told.in_language(language)}" for told in self.problems)
        return f"{super().in_language(language)}\n{listed}"


@dataclass(frozen=True)
class KnownRecord:
    """What another record may refer to one by: its kind, who did it, and whether it added or lifted a safeguard."""

    kind: str
    actor_code: str
    change: str = ""

    @classmethod
    def of(cls, record: Record) -> KnownRecord:
        """What another record may refer to this one by."""
        return cls(record.kind, record.actor_code, str(record.details.get("change", "")))


@dataclass(frozen=True)
class Entry:
    """Where an entry comes from, and what it is held to.

    Parameters
    ----------
    pair : tuple of str
        ISO codes of the two sides.
    on : date
        The day it is entered: nothing that it tells is of a later one, but for what is due.
    known : mapping of str to KnownRecord
        The records it may refer to, by identifier.
    file : str
        The file it stands in; empty for a form.
    row : int or None
        Its row there.
    """

    pair: tuple[str, str]
    on: date
    known: Mapping[str, KnownRecord]
    file: str = ""
    row: int | None = None

    def problem(self, code: str, field: str = "", **params: object) -> Problem:
        """A fault of the entry at a field."""
        return Problem(code, self.file, row=self.row, field=field or None, params=params)


@dataclass(frozen=True)
class VersionOf:
    """A record as one side tells it: what it says otherwise, and by which source; empty where it says nothing else."""

    summary: BilingualText
    references: tuple[Reference, ...]
    sign: int | None = None
    severity: float | None = None
    outcome: str = ""
    note: str = ""


def references_of(source: str, place: str = "") -> tuple[Reference, ...]:
    """The references of `key; key` with `place; place`; one place is that in each of them.

    >>> [str(reference) for reference in references_of("gao-10-837; state-2010", "p. 4; text")]
    ['gao-10-837, p. 4', 'state-2010, text']
    """
    keys = [part.strip() for part in source.split(";") if part.strip()]
    places = [part.strip() for part in place.split(";")]
    if len(places) != len(keys):
        places = [place.strip()] * len(keys)
    return tuple(Reference(key, where) for key, where in zip(keys, places, strict=True))


def source_and_place(references: Iterable[Reference]) -> tuple[str, str]:
    """The texts that `references_of` reads as these references."""
    listed = tuple(references)
    places = {reference.place for reference in listed}
    place = places.pop() if len(places) == 1 else "; ".join(reference.place for reference in listed)
    return "; ".join(reference.source for reference in listed), place


def proposed_id(values: Mapping[str, str], taken: Iterable[str]) -> str:
    """An identifier for an entry, of its year and first words, that no other record has."""
    words = values.get("summary_en") or values.get("summary_es") or values.get("kind", "")
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    parts = [values.get("date_from", "")[:4], *re.findall("[a-z0-9]+", plain)[:WORDS_OF_ID]]
    base = "-".join(part for part in parts if part)[:80].strip("-") or "record"
    others = set(taken)
    number, name = 1, base
    while name in others:
        number += 1
        name = f"{base}-{number}"
    return name


def _read(
    fields: Iterable[Field], values: Mapping[str, str], entry: Entry
) -> tuple[dict[str, Value], list[Problem]]:
    """The typed values of some fields, and every one that is missing, misread or not one of them."""
    by_name = {item.name: item for item in fields}
    problems = [
        entry.problem("record-field-unknown", name, known=", ".join(by_name))
        for name in values
        if name not in by_name and values[name].strip()
    ]
    read: dict[str, Value] = {}
    for name, item in by_name.items():
        text = values.get(name, "").strip()
        if not text:
            if item.is_required:
                problems.append(entry.problem("record-field-missing", name, label=item.label))
            continue
        text = text.removeprefix("+") if name == "sign" else text
        value = FIELD_TYPES[item.type](text)
        if value is None or NUL in text or (item.options and value not in item.options):
            known = ", ".join(item.options)
            expected = BilingualText(known, known) if known else EXPECTED[item.type]
            problems.append(
                entry.problem(
                    "record-field-misread", name, label=item.label, value=text[:80], expected=expected
                )
            )
        else:
            read[name] = value
    return read, problems


def _date_problems(dates: Mapping[str, PartialDate], entry: Entry) -> list[Problem]:
    """Days to come, and days out of their order."""
    fields, problems = record_fields(), []
    for name in DONE_BY_TODAY:
        if name in dates and dates[name].first_day > entry.on:
            label = fields[name].label
            problems.append(
                entry.problem("record-day-to-come", name, label=label, value=dates[name], today=entry.on)
            )
    if "date_from" in dates:
        first = dates["date_from"]
        for name in ("date_to", "known_since", "due_date", "outcome_date"):
            if name in dates and dates[name].last_day < first.first_day:
                label = fields[name].label
                problems.append(
                    entry.problem("record-days-order", name, label=label, value=dates[name], first=first)
                )
    return problems


def _reference_problems(read: Mapping[str, Value], entry: Entry) -> list[Problem]:
    """A safeguard that is lifted was added; an act that is answered is the other side's."""
    problems = []
    if (name := str(read.get("safeguard", ""))) and read.get("change") == "lifted":
        one = entry.known.get(name)
        if one is None or one.kind != "hedge" or one.change != "added":
            problems.append(entry.problem("record-safeguard-unknown", "safeguard", value=name))
    elif name:
        problems.append(entry.problem("record-safeguard-not-lifted", "safeguard", value=name))
    if name := str(read.get("answers", "")):
        one = entry.known.get(name)
        if one is None:
            problems.append(entry.problem("record-answered-unknown", "answers", value=name))
        elif one.actor_code != BOTH and one.actor_code == read.get("actor"):
            problems.append(entry.problem("record-answered-own", "answers", value=name))
    return problems


def check_record(
    values: Mapping[str, str],
    *,
    kind: str,
    record_id: str,
    entry: Entry,
    verification: str = "entered",
    codings: Iterable[Coding] = (),
) -> tuple[Record | None, tuple[Problem, ...]]:
    """The record that texts tell, or None and everything that is wrong with them.

    Parameters
    ----------
    values : mapping of str to str
        Texts by the names of the fields of the kind and of every record; what is empty is left out.
    kind : str
        A key of the table of kinds.
    record_id : str
        Its identifier.
    entry : Entry
        Where it stands and what it is held to.
    """
    if kind not in record_kinds():
        return None, (
            entry.problem("record-kind-unknown", "kind", value=kind, known=", ".join(record_kinds())),
        )
    own = record_kinds()[kind].fields
    asked = (*common_fields(), *own)
    if verification == MEMORY:  # kept out of every figure, and has no source yet
        asked = tuple(replace(item, is_required=False) if item.name == "source" else item for item in asked)
    read, problems = _read(asked, values, entry)
    if not FIELD_TYPES["record-id"](record_id):
        problems.append(
            entry.problem("record-id-misread", "id", value=record_id, expected=EXPECTED["record-id"])
        )
    if verification not in VERIFICATIONS:
        problems.append(
            entry.problem(
                "record-verification-unknown",
                "verification",
                value=verification,
                known=", ".join(VERIFICATIONS),
            )
        )
    actor = str(read.get("actor", ""))
    if actor and actor not in (*entry.pair, BOTH):
        problems.append(
            entry.problem("record-side-unknown", "actor", value=actor, known=", ".join(entry.pair))
        )
    if not ("summary_en" in read or "summary_es" in read):
        problems.append(entry.problem("record-summary-missing", "summary_en"))
    dates = {
        name: when
        for name, value in read.items()
        if record_fields()[name].type == "partial-date" and (when := PartialDate.parse(str(value)))
    }
    problems += _date_problems(dates, entry)
    problems += _reference_problems(read, entry)
    if "outcome_date" in read and read.get("outcome", "unknown") == "unknown":
        problems.append(entry.problem("record-outcome-missing", "outcome"))
    if problems:
        return None, tuple(problems)
    target = "" if actor == BOTH else next(code for code in entry.pair if code != actor)
    text = {name: str(value) for name, value in read.items()}
    record = Record(
        record_id=record_id,
        kind=kind,
        date_from=dates["date_from"],
        date_to=dates.get("date_to"),
        known_since=dates.get("known_since"),
        actor_code=actor,
        target_code=target,
        institution_actor=text.get("institution_actor", ""),
        institution_target=text.get("institution_target", ""),
        summary=BilingualText(text.get("summary_en", ""), text.get("summary_es", "")),
        sign=int(text["sign"]),
        domain=text["domain"],
        references=references_of(text.get("source", ""), text.get("place", "")),
        happening=text.get("happening", "") or record_id,
        verification=verification,
        note=text.get("note", ""),
        details={item.name: read[item.name] for item in own if item.name in read},
        codings=tuple(codings),
    )
    return record, ()


def read_record(values: Mapping[str, str], *, kind: str, record_id: str, entry: Entry) -> Record:
    """The record that a form tells.

    Raises
    ------
    EntryRefusal
        Every problem together: an unknown kind or field, one that is missing or cannot be read, days to come or out of
        order, a side that is none of the two, a record referred to that is not there.
    """
    record, problems = check_record(values, kind=kind, record_id=record_id, entry=entry)
    if record is None:
        raise EntryRefusal(problems)
    return record


def record_values(record: Record) -> dict[str, str]:
    """The texts that `read_record` reads as this record, in the order of the fields; what is empty too."""
    source, place = source_and_place(record.references)
    told = {
        "date_from": record.date_from,
        "date_to": record.date_to or "",
        "known_since": record.known_since or "",
        "actor": record.actor_code,
        "institution_actor": record.institution_actor,
        "institution_target": record.institution_target,
        "summary_en": record.summary.en,
        "summary_es": record.summary.es,
        "sign": record.sign,
        "domain": record.domain,
        "happening": record.happening,
        "source": source,
        "place": place,
        "note": record.note,
        **record.details,
    }
    asked = (*common_fields(), *record_kinds()[record.kind].fields)
    return {item.name: str(told.get(item.name, "")) for item in asked}


def read_version(values: Mapping[str, str], *, record: Record, entry: Entry) -> VersionOf:
    """What a side says otherwise of a record.

    Raises
    ------
    EntryRefusal
        Every problem together; `version-empty` for one that says nothing, `version-same` for one that says what the
        record does.
    """
    read, problems = _read(version_fields(record.kind), values, entry)
    text = {name: str(value) for name, value in read.items()}
    version = VersionOf(
        summary=BilingualText(text.get("summary_en", ""), text.get("summary_es", "")),
        references=references_of(text.get("source", ""), text.get("place", "")),
        sign=int(text["sign"]) if "sign" in text else None,
        severity=float(text["severity"]) if "severity" in text else None,
        outcome=text.get("outcome", ""),
        note=text.get("note", ""),
    )
    if not problems:
        if not set(read) - {"source", "place"}:
            problems.append(entry.problem("version-empty", "summary_en"))
        elif _says_the_same(version, record):
            problems.append(entry.problem("version-same", "summary_en"))
    if problems:
        raise EntryRefusal(problems)
    return version


def _says_the_same(version: VersionOf, record: Record) -> bool:
    told = {
        "en": version.summary.en in ("", record.summary.en),
        "es": version.summary.es in ("", record.summary.es),
        "sign": version.sign in (None, record.sign),
        "severity": version.severity in (None, record.severity),
        "outcome": version.outcome in ("", record.details.get("outcome", "")),
        "note": version.note in ("", record.note),
    }
    return all(told.values())


def read_coding(values: Mapping[str, str], *, coder: str, entry: Entry, version: str = "1") -> Coding:
    """How severe a reader of this day codes a record; EntryRefusal with every problem."""
    read, problems = _read(coding_fields(), values, entry)
    if problems:
        raise EntryRefusal(problems)
    confidence = read.get("confidence")
    return Coding(
        coder=coder,
        method="reader",
        version=version,
        coded_on=entry.on,
        severity=float(str(read["severity"])),
        confidence=float(str(confidence)) if confidence is not None else None,
    )


def with_both_languages(text: BilingualText) -> BilingualText:
    """A text that is there in one language only, told by it in the other too."""
    return BilingualText(text.en or text.es, text.es or text.en)


def shown(record: Record) -> Record:
    """A record whose sentence is there in both languages, as pages show it."""
    return replace(record, summary=with_both_languages(record.summary))
