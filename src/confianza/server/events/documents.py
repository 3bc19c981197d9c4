"""Event data as the interface returns it, commands print it and pages show it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import polars as pl

from confianza.evidence.sources import events
from confianza.server.documents import made_of
from confianza.server.events import models, selectors

NUMBERS = ("lines", "header", "blank", "read", "repeated")


@dataclass(frozen=True, kw_only=True)
class File:
    """An imported file: what became of every line; `rejected` by reason, `examples` the first rows of each."""

    file_name: str
    digest: str
    address: str
    publishers: list[str]
    forms: list[str]
    license: str
    is_simulated: bool
    lines: int
    header: int
    blank: int
    read: int
    repeated: int
    rejected: dict[str, int]
    rejected_count: int
    first_date: date | None
    last_date: date | None
    examples: list[str]
    notes: list[str]
    rows_digest: str
    counts_digest: str
    imported_by: str
    imported_at: str


def file(row: models.EventFile, language: str) -> File:
    """An imported file of events."""
    known = events.publishers()
    days = [day for runs in row.day_runs().values() for run in runs for day in run]
    licenses = dict.fromkeys(known[name].license.in_language(language) for name in row.publishers)
    return made_of(
        File,
        row,
        file_name=row.run.file_name,
        digest=row.run.digest,
        address=row.run.address,
        license="; ".join(licenses),
        **{name: row.lines[name] for name in NUMBERS},
        first_date=min(days, default=None),
        last_date=max(days, default=None),
        examples=[problem.in_language(language) for problem in row.problem_list("problems")],
        notes=[note.in_language(language) for note in row.problem_list("notes")],
        imported_by=row.run.account,
        imported_at=row.run.at.isoformat(timespec="seconds"),
    )


@dataclass(frozen=True, kw_only=True)
class PairPeriod:
    """Events of a directed pair in a period, one row of the table by pair.

    The four classes and `law_border` add up to `events`; what a table of counts does not tell is empty, never zero.
    """

    publisher: str
    source: str
    target: str
    period: date
    events: int
    verbal_cooperation: int | None
    material_cooperation: int | None
    verbal_conflict: int | None
    material_conflict: int | None
    law_border: int | None
    official: int | None
    military: int | None
    mirrored: int | None
    dated_back: int | None
    repeated: int | None
    goldstein_mean: float | None
    covered_share: float | None
    is_simulated: bool

    @property
    def shown_counts(self) -> tuple[int | None, ...]:
        """Volume, classes, law and border, events of officials on both sides, repeated rows: as the page has them."""
        return (
            self.events,
            self.verbal_cooperation,
            self.material_cooperation,
            self.verbal_conflict,
            self.material_conflict,
            self.law_border,
            self.official,
            self.repeated,
        )


SHOWN = (
    "publisher",
    "period",
    "events",
    "verbal_cooperation",
    "material_cooperation",
    "verbal_conflict",
    "material_conflict",
    "law_border",
    "repeated",
    "covered_share",
    "is_simulated",
)
PAIR_COLUMNS: Mapping[str, type] = {
    item.name: bool
    if item.name == "is_simulated"
    else float
    if item.name in {"goldstein_mean", "covered_share"}
    else str
    if item.name in {"publisher", "source", "target", "period"}
    else int
    for item in fields(PairPeriod)
}


def pair_periods(counts: pl.DataFrame) -> list[PairPeriod]:
    """The rows of the table by pair."""
    simulated = {name: selectors.is_simulated(name) for name in counts["publisher"].unique().to_list()}
    return [_pair_period(row, simulated) for row in counts.iter_rows(named=True)]


def _pair_period(row: Mapping[str, Any], simulated: Mapping[str, bool]) -> PairPeriod:
    own = {"source", "target", "goldstein_mean", "is_simulated"}
    same = {item.name: row[item.name] for item in fields(PairPeriod) if item.name not in own}
    count = row["goldstein_count"]
    return PairPeriod(
        source=row["source_iso3"],
        target=row["target_iso3"],
        goldstein_mean=row["goldstein_sum"] / count if count else None,
        is_simulated=simulated[row["publisher"]],
        **same,
    )
