"""What was promised and what became of it, by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

from confianza.cooperation.relationship.records import BOTH, PartialDate, Record

OUTCOMES = ("kept", "late", "partly", "broken", "unknown")
NOT_ON_RECORD = "unknown"


@dataclass(frozen=True)
class Promises:
    """The commitments of one side, or those that both made together.

    `days_late` has one number for each whose day due and day of the outcome are both on record; below zero is early.
    """

    actor_code: str
    records: tuple[Record, ...] = ()
    days_late: tuple[int, ...] = field(default=())

    def count(self, outcome: str) -> int:
        """How many had an outcome: `kept`, `late`, `partly`, `broken` or `unknown`."""
        return len(self.with_outcome(outcome))

    def with_outcome(self, outcome: str) -> tuple[Record, ...]:
        """The commitments that had an outcome."""
        return tuple(record for record in self.records if outcome_of(record) == outcome)

    @property
    def decided_count(self) -> int:
        """How many have an outcome on record."""
        return len(self.records) - self.count(NOT_ON_RECORD)

    @property
    def kept_share(self) -> float | None:
        """Kept in time, of those with an outcome on record, 0–1; None where nothing is on record."""
        return self.count("kept") / self.decided_count if self.decided_count else None

    @property
    def median_days_late(self) -> float | None:
        """The median of `days_late`; None without any."""
        return median(self.days_late) if self.days_late else None


def outcome_of(record: Record) -> str:
    """What became of a commitment; `unknown` where the record does not say."""
    return str(record.details.get("outcome") or NOT_ON_RECORD)


def is_firm(record: Record) -> bool:
    """Whether a commitment is more than a hope, a forecast or a general pledge; where nothing is said, it is."""
    return record.details.get("is_firm", "yes") == "yes"


def days_late(record: Record) -> int | None:
    """Days from the day due to the day of the outcome; None where either is not on record as a day."""
    due, done = (
        PartialDate.parse(str(record.details.get(name, ""))) for name in ("due_date", "outcome_date")
    )
    if due is None or done is None or {due.precision, done.precision} != {"day"}:
        return None
    return (done.first_day - due.first_day).days


def promises(records: Iterable[Record], parties: Sequence[str], *, firm_only: bool = False) -> list[Promises]:
    """The commitments of each party, then those that both made, by first day.

    What rests on memory alone is left out. A commitment is one row: the delivery and the audit of it are records of
    other kinds and are not counted again.

    Parameters
    ----------
    parties : sequence of str
        ISO codes of the two sides.
    firm_only : bool
        Whether to leave out hopes, forecasts and general pledges.
    """
    made = sorted(
        (
            record
            for record in records
            if record.kind == "commitment" and record.is_used and (not firm_only or is_firm(record))
        ),
        key=lambda record: (record.first_day, record.record_id),
    )
    table = []
    for actor in (*parties, BOTH):
        own = tuple(record for record in made if record.actor_code == actor)
        days = (days_late(record) for record in own)
        table.append(Promises(actor, own, tuple(late for late in days if late is not None)))
    return table
