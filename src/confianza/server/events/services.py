"""Imports of event data: all files of a call or none, each once, and the tables by pair made anew of all of them.

What is bulky is written to Parquet files first, under names that nothing points to yet; one transaction then registers
them. A process that is killed leaves at most such files, which the next import writes again or removes.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl
from django.db import IntegrityError, transaction
from django.utils import timezone

from confianza.cooperation.actors import Actor
from confianza.cooperation.permissions import permission_table
from confianza.errors import ImportRefusal, Problem, RuleRefusal
from confianza.evidence.archive import archive, digest_of
from confianza.evidence.sources import events
from confianza.server.audit.services import record
from confianza.server.events import parquet
from confianza.server.events.models import EventFile, PairTable
from confianza.server.events.selectors import pairs_of_partners
from confianza.server.evidence.services import archive_folder, start_run

Progress = Callable[[int, int], None]
PERIODS: tuple[events.Period, ...] = ("month", "year")
MOST_TRIES = 5  # to register beside others who import at the same time
KEPT_TABLES = 2  # of each period: a page that has just looked up the last one can still read it


@dataclass(frozen=True)
class Imported:
    """A file of an import: what became of it; `is_new` is False when it was there before and nothing changed."""

    row: EventFile
    is_new: bool


@dataclass(frozen=True)
class _New:
    path: Path
    digest: str
    kept: events.Kept

    @property
    def digests(self) -> dict[str, str]:
        where = {
            "rows_digest": (self.kept.has_rows, parquet.rows_path(self.digest)),
            "counts_digest": (self.kept.has_counts, parquet.counts_path(self.digest)),
        }
        return {name: digest_of(path) if is_there else "" for name, (is_there, path) in where.items()}

    @property
    def place(self) -> events.KeptFile:
        return events.KeptFile(
            parquet.rows_path(self.digest) if self.kept.has_rows else None,
            parquet.counts_path(self.digest) if self.kept.has_counts else None,
            self.kept.days,
        )


def import_events(
    paths: Sequence[Path],
    *,
    actor: Actor,
    publisher: str = "",
    is_simulated: bool = False,
    addresses: Mapping[Path, str] | None = None,
    progress: Progress | None = None,
) -> list[Imported]:
    """Keep files of events and make the tables by pair of all files; nothing when anything is wrong with one of them.

    A file that is here is left as it is, but for Parquet files that were lost or damaged: they are written again.

    Parameters
    ----------
    publisher : str
        Whose the files have to be; empty for any that is known.
    is_simulated : bool
        Whether the events are made up, as pages and exports then say.
    addresses : mapping
        Where a file was fetched from, if it was.

    Raises
    ------
    ImportRefusal
        All problems of all files.
    RuleRefusal
        `events-publisher-unknown`, or `events-busy` when others import without end.
    PermissionRefusal
        The role may not import event data.
    """
    permission_table().require(actor, "import_events")
    if publisher and publisher not in events.publishers():
        raise RuleRefusal(
            "events-publisher-unknown", publisher=publisher, known=", ".join(events.publishers())
        )
    digests = {path: digest_of(path) for path in paths if path.is_file()}
    _refuse_others(paths, publisher)
    here = {row.run.digest: row for row in EventFile.objects.select_related("run")}
    waiting = {
        digest: path
        for path, digest in digests.items()
        if digest not in here or not _is_whole(here[digest], digest)
    }
    if waiting or not _tables_are_whole():
        kept = _keep(waiting, progress)
        _register(kept, here, actor=actor, is_simulated=is_simulated, addresses=addresses or {})
    rows = {row.run.digest: row for row in EventFile.objects.select_related("run")}
    return [Imported(rows[digest], digest not in here) for digest in digests.values()]


def _refuse_others(paths: Sequence[Path], publisher: str) -> None:
    """ImportRefusal with every file that is no table of events, or of another publisher than was said."""
    problems: list[Problem] = []
    for path in paths:
        try:
            files = events.files_of(path)
        except ImportRefusal as refusal:
            problems += refusal.problems
            continue
        problems += [
            Problem("events-other-publisher", file.name, params={"found": file.layout.publisher})
            for file in files
            if publisher and file.layout.publisher != publisher
        ]
    if problems:
        raise ImportRefusal(problems)


def _is_whole(row: EventFile, digest: str) -> bool:
    return all(
        not wanted or parquet.is_whole(path, wanted)
        for wanted, path in (
            (row.rows_digest, parquet.rows_path(digest)),
            (row.counts_digest, parquet.counts_path(digest)),
        )
    )


def _tables_are_whole() -> bool:
    tables = [PairTable.objects.filter(period=period).first() for period in PERIODS]
    if not EventFile.objects.exists():
        return True
    return all(
        table is not None and parquet.is_whole(parquet.table_path(table.period, table.digest), table.digest)
        for table in tables
    )


def _keep(waiting: Mapping[str, Path], progress: Progress | None) -> list[_New]:
    """Write the Parquet files of each file; ImportRefusal with the problems of all."""
    parquet.folder().mkdir(parents=True, exist_ok=True)
    sizes = {digest: path.stat().st_size for digest, path in waiting.items()}
    total, before = sum(sizes.values()), 0
    kept: list[_New] = []
    problems: list[Problem] = []
    for digest, path in waiting.items():
        size = sizes[digest]

        def tell(done: int, of: int, before: int = before, size: int = size) -> None:
            if progress is not None:
                progress(min(before + round(size * done / max(of, 1)), total), total)

        try:
            kept.append(_New(path, digest, _kept(path, digest, tell)))
        except ImportRefusal as refusal:
            problems += refusal.problems
        before += size
    if problems:
        raise ImportRefusal(problems)
    return kept


def _kept(path: Path, digest: str, progress: Progress) -> events.Kept:
    targets = {"rows": parquet.rows_path(digest), "counts": parquet.counts_path(digest)}
    partials = {name: parquet.partial_of(target) for name, target in targets.items()}
    try:
        kept = events.keep(path, progress=progress, **partials)
        for name, is_there in (("rows", kept.has_rows), ("counts", kept.has_counts)):
            if is_there:
                parquet.put_in_place(partials[name], targets[name])
    finally:
        for partial in partials.values():
            partial.unlink(missing_ok=True)
    return kept


def _register(
    kept: Sequence[_New],
    here: Mapping[str, EventFile],
    *,
    actor: Actor,
    is_simulated: bool,
    addresses: Mapping[Path, str],
) -> None:
    """Make the tables of all files and register files and tables, again when others registered some meanwhile."""
    for _ in range(MOST_TRIES):
        rows = list(EventFile.objects.select_related("run"))
        known = {row.run.digest for row in rows}
        new = [item for item in kept if item.digest not in known]
        written_again = {item.digest: item for item in kept if item.digest in known}
        places = [_place(row, written_again) for row in rows] + [item.place for item in new]
        combined = events.combine(places, partners=pairs_of_partners())
        for item in new:
            archive(item.path, archive_folder())
        digests = {period: _written(combined.tables[period], period) for period in PERIODS}
        with suppress(IntegrityError), transaction.atomic():
            if set(EventFile.objects.values_list("pk", flat=True)) != {row.pk for row in rows}:
                continue
            files = rows + [_stored(item, actor, is_simulated, addresses) for item in new]
            for item in written_again.values():
                _write_again(item, here, actor)
            _add_coverage(files, combined, len(rows))
            for period in PERIODS:
                last = PairTable.objects.filter(period=period).first()
                PairTable.objects.create(
                    period=period,
                    number=last.number + 1 if last else 1,
                    digest=digests[period],
                    row_count=combined.tables[period].height,
                    file_count=len(files),
                    at=timezone.now(),
                )
            transaction.on_commit(_remove_others)
            return
    raise RuleRefusal("events-busy")


def _written(table: pl.DataFrame, period: events.Period) -> str:
    return parquet.written(
        lambda path: events.write_pairs(table, path), lambda digest: parquet.table_path(period, digest)
    )


def _place(row: EventFile, written_again: Mapping[str, _New]) -> events.KeptFile:
    digest = row.run.digest
    if digest in written_again:
        return written_again[digest].place
    rows, counts = parquet.rows_path(digest), parquet.counts_path(digest)
    return events.KeptFile(
        parquet.whole(rows, row.rows_digest) if row.rows_digest else None,
        parquet.whole(counts, row.counts_digest) if row.counts_digest else None,
        row.day_runs(),
    )


def _stored(item: _New, actor: Actor, is_simulated: bool, addresses: Mapping[Path, str]) -> EventFile:
    kept = item.kept
    run = start_run(
        source=kept.publishers[0],
        file_name=item.path.name[-200:],
        digest=item.digest,
        count=kept.lines["read"],
        actor=actor,
        address=addresses.get(item.path, ""),
        is_simulated=is_simulated,
    )
    return EventFile(
        run=run,
        forms=list(kept.forms),
        publishers=list(kept.publishers),
        is_simulated=is_simulated,
        lines=dict(kept.lines),
        days={
            publisher: [[first.isoformat(), last.isoformat()] for first, last in runs]
            for publisher, runs in kept.days.items()
        },
        problems=[asdict(problem) for problem in kept.problems],
        notes=[asdict(note) for note in kept.notes],
        **item.digests,
    )


def _write_again(item: _New, here: Mapping[str, EventFile], actor: Actor) -> None:
    """The Parquet files of a file that was here had been lost; what they are now is recorded when it differs."""
    row = here[item.digest]
    if item.digests != {"rows_digest": row.rows_digest, "counts_digest": row.counts_digest}:
        EventFile.objects.filter(pk=row.pk).update(**item.digests)
        subject = f"file:{row.run.file_name}"[:80]
        record(actor=actor, action="events.rewrite", subject=subject, payload=item.digests)


def _add_coverage(files: Sequence[EventFile], combined: events.Combined, old: int) -> None:
    """Of each file what it adds; of a new one also the rows that repeat those of earlier files."""
    by_file: dict[int, list[dict[str, object]]] = {}
    for row in combined.coverage.iter_rows(named=True):
        by_file.setdefault(row.pop("file"), []).append(row)
    for number, file in enumerate(files):
        file.coverage = by_file.get(number, [])
        if number >= old:
            repeated = combined.repeated[number]
            file.lines["read"] -= repeated
            file.lines["repeated"] += repeated
        file.save()


def _remove_others() -> None:
    """Remove tables that newer ones stand for, and files that an interrupted import left."""
    tables = {
        parquet.table_path(table.period, table.digest)
        for period in PERIODS
        for table in PairTable.objects.filter(period=period)[:KEPT_TABLES]
    }
    for path in parquet.folder().glob("pairs-*.parquet"):
        if path not in tables:
            with suppress(OSError):
                path.unlink()
