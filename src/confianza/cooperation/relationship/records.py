"""Records of a relationship: what happened, when, who toward whom, as which source tells it, coded by whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.partial_dates import PartialDate
from confianza.cooperation.process.fields import Field, Value
from confianza.cooperation.sources import Reference
from confianza.packaged import packaged_table

__all__ = [
    "BOTH",
    "Coding",
    "PartialDate",
    "Record",
    "RecordKind",
    "coding_fields",
    "common_fields",
    "record_fields",
    "record_kinds",
    "version_fields",
]
BOTH = "both"  # the actor of what two sides did together


@dataclass(frozen=True)
class RecordKind:
    """A kind of record: its name, what it is evidence of, and the fields that it alone has."""

    code: str
    name: BilingualText
    concept: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Coding:
    """How much one coder thinks a record would change the other side's expectation, 0–1, and how sure the coder is.

    `method` is `automated`, `reader` (a person who is not named) or `named`; two codings of the first two kinds show
    how consistent the anchors are, never how reliable.
    """

    coder: str
    method: str
    version: str
    coded_on: date
    severity: float
    confidence: float | None = None


@dataclass(frozen=True)
class Record:
    """One record, as a source tells it.

    Parameters
    ----------
    actor_code, target_code : str
        ISO codes; for what both did together the actor is `both` and the target empty.
    date_to : PartialDate or None
        The last day of a period; None for what happened at `date_from`.
    sign : int
        1, 0 or −1: how the side it was toward would take it; 0 where it could be taken either way.
    happening : str
        What records of one happening share (a promise, its delivery and its audit; an act and the protest against it);
        the record's own identifier when it stands alone.
    verification : str
        `verified` (read in the source named), `thesis` (told by the thesis only), `memory` (kept out of every
        figure), or `entered` by an account of the workspace.
    details : mapping
        The fields of its kind, as `read_details` gives them.
    """

    record_id: str
    kind: str
    date_from: PartialDate
    actor_code: str
    target_code: str
    summary: BilingualText
    sign: int
    domain: str
    references: tuple[Reference, ...]
    date_to: PartialDate | None = None
    known_since: PartialDate | None = None
    institution_actor: str = ""
    institution_target: str = ""
    happening: str = ""
    verification: str = "entered"
    note: str = ""
    details: Mapping[str, Value] = field(default_factory=dict)
    codings: tuple[Coding, ...] = ()

    @property
    def is_mutual(self) -> bool:
        """Whether both sides did it together."""
        return self.actor_code == BOTH

    @property
    def is_period(self) -> bool:
        """Whether it lasted."""
        return self.date_to is not None and self.date_to != self.date_from

    @property
    def first_day(self) -> date:
        """The first day it can have begun."""
        return self.date_from.first_day

    @property
    def last_day(self) -> date:
        """The last day it can have ended."""
        return (self.date_to or self.date_from).last_day

    @property
    def is_deposited(self) -> bool:
        """Whether a side deposited it with the third party: nobody of the other reads it before both release it."""
        return self.details.get("is_deposited") == "yes"

    @property
    def is_used(self) -> bool:
        """Whether figures may be made from it: what rests on memory alone stays out."""
        return self.verification != "memory"

    @property
    def severity(self) -> float | None:
        """The mean of its codings; None without any."""
        return sum(coding.severity for coding in self.codings) / len(self.codings) if self.codings else None


def _options(name: str) -> dict[str, BilingualText]:
    table = packaged_table(__package__, "kinds.toml")["options"]
    return {code: BilingualText.of(text) for code, text in table[name].items()} if name else {}


@cache
def record_fields() -> Mapping[str, Field]:
    """Every field that a record of some kind has, by name."""
    return {
        name: Field(
            name,
            entry["type"],
            BilingualText.of(entry["label"]),
            entry.get("is_required", False),
            _options(entry.get("options", "")),
        )
        for name, entry in packaged_table(__package__, "kinds.toml")["fields"].items()
    }


def common_fields() -> tuple[Field, ...]:
    """The fields of every record."""
    return _listed("common")


def _listed(name: str) -> tuple[Field, ...]:
    return tuple(record_fields()[field] for field in packaged_table(__package__, "kinds.toml")[name])


def version_fields(kind: str) -> tuple[Field, ...]:
    """The fields of the version that a side sets beside a record of a kind: a part of the record's own."""
    own = {item.name for item in (*common_fields(), *record_kinds()[kind].fields, *coding_fields())}
    asked = (item for item in _listed("version") if item.name in own)
    return tuple(replace(item, is_required=item.name == "source") for item in asked)


def coding_fields() -> tuple[Field, ...]:
    """The fields of a coding by a reader."""
    return _listed("coding")


@cache
def record_kinds() -> Mapping[str, RecordKind]:
    """The kinds of records, by code."""
    return {
        code: RecordKind(
            code,
            BilingualText.of(entry["name"]),
            entry["concept"],
            tuple(record_fields()[name] for name in entry.get("fields", ())),
        )
        for code, entry in packaged_table(__package__, "kinds.toml")["kinds"].items()
    }
