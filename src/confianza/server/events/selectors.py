"""Reads on event data: the files, the counts of a pair by period, and what is covered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import iso3166
import polars as pl
from django.db.models import QuerySet

from confianza.cooperation.actors import Actor
from confianza.errors import RuleRefusal
from confianza.evidence.countries import known_country
from confianza.evidence.sources import events
from confianza.server.events import parquet
from confianza.server.events.models import EventFile, PairTable
from confianza.server.institutions.selectors import partnerships, visible_partnerships

ALL = "view_every_partnership"


def alpha3(code: str) -> str:
    """The alpha-3 code of a country by its alpha-2 code; of one that ISO does not have the code itself."""
    country = iso3166.countries_by_alpha2.get(code)
    return country.alpha3 if country else code


def pairs_of_partners() -> set[tuple[str, str]]:
    """The pairs of countries of the workspace's partnerships, in both directions."""
    pairs = {(alpha3(one.host.iso_code), alpha3(one.partner.iso_code)) for one in partnerships()}
    return pairs | {(target, source) for source, target in pairs}


def event_files() -> QuerySet[EventFile]:
    """Every imported file of events, in the order they were imported."""
    return EventFile.objects.select_related("run")


def has_event_files() -> bool:
    """Whether a file of events was imported."""
    return EventFile.objects.exists()


def last_table(period: events.Period) -> PairTable | None:
    """The table by pair that stands for every imported file; None when none was imported."""
    return PairTable.objects.filter(period=period).first()


def table_file(period: events.Period) -> Path | None:
    """The Parquet file of the table by pair; RuleRefusal `events-parquet-damaged` when it is lost or damaged."""
    table = last_table(period)
    return parquet.whole(parquet.table_path(period, table.digest), table.digest) if table else None


def _country(text: str) -> str:
    """The alpha-2 code of a country, or that of a party that ISO does not have."""
    parties = {party.iso_code for one in partnerships() for party in one.parties}
    return text if text in parties else known_country(text)


def pair_of(actor: Actor, source: str, target: str) -> tuple[str, str]:
    """The alpha-3 codes of two countries, by code or name.

    Raises
    ------
    RuleRefusal
        `country-unknown`, `events-one-country`, or `events-pair-hidden` for those who see only the own party's pairs.
    """
    found = _country(source), _country(target)
    if found[0] == found[1]:
        raise RuleRefusal("events-one-country", country=found[0])
    if not actor.may(ALL):
        own = {frozenset((one.host.iso_code, one.partner.iso_code)) for one in visible_partnerships(actor)}
        if frozenset(found) not in own:
            raise RuleRefusal("events-pair-hidden", source=found[0], target=found[1])
    return alpha3(found[0]), alpha3(found[1])


def pair_counts(
    source: str,
    target: str,
    period: events.Period,
    *,
    year: int | None = None,
    publisher: str = "",
) -> pl.DataFrame:
    """The rows of a directed pair (alpha-3 codes) in the table by pair, by publisher and period."""
    path = table_file(period)
    if path is None:
        return pl.DataFrame(schema=events.combine([]).tables[period].schema)
    rows = pl.scan_parquet(path, glob=False).filter(source_iso3=source, target_iso3=target)
    if year is not None:
        rows = rows.filter(pl.col("period").dt.year() == year)
    if publisher:
        rows = rows.filter(publisher=publisher)
    return rows.sort("publisher", "period").collect()


@dataclass(frozen=True)
class YearCoverage:
    """A publisher's year: the share of its days that a file covers, and the events that are here of it."""

    publisher: str
    year: int
    covered_share: float | None
    events: int
    events_of_partners: int
    is_simulated: bool


def coverage() -> list[YearCoverage]:
    """What the imported files cover, by publisher and year, of all pairs and of the workspace's partners."""
    shares = _shares()
    found: dict[tuple[str, int], list[Any]] = {}
    for file in event_files():
        for row in file.coverage:
            entry = found.setdefault((row["publisher"], row["year"]), [0, 0, False])
            entry[0] += row["events"]
            entry[1] += row["events_of_partners"]
            entry[2] = entry[2] or file.is_simulated
    return [
        YearCoverage(publisher, year, shares.get((publisher, year)), *entry)
        for (publisher, year), entry in sorted(found.items())
    ]


def _shares() -> dict[tuple[str, int], float]:
    path = table_file("year")
    if path is None:
        return {}
    columns = pl.scan_parquet(path, glob=False).select(
        "publisher", pl.col("period").dt.year().alias("year"), "covered_share"
    )
    rows = columns.unique().drop_nulls().collect()
    return {(publisher, year): share for publisher, year, share in rows.iter_rows()}


def is_simulated(publisher: str) -> bool:
    """Whether a file of this publisher is of made-up events."""
    return any(publisher in file.publishers for file in event_files() if file.is_simulated)


def damaged_files() -> Iterator[str]:
    """The Parquet files that are lost or have other content than they were registered with."""
    registered = [
        (path, digest)
        for file in event_files()
        for path, digest in (
            (parquet.rows_path(file.run.digest), file.rows_digest),
            (parquet.counts_path(file.run.digest), file.counts_digest),
        )
        if digest
    ]
    tables: Sequence[Literal["month", "year"]] = ("month", "year")
    registered += [
        (parquet.table_path(period, table.digest), table.digest)
        for period in tables
        if (table := last_table(period)) is not None
    ]
    return (path.name for path, digest in registered if not parquet.is_whole(path, digest))
