"""Events by directed pair of countries and period: counts by class and role, with what was left out and why."""

from __future__ import annotations

import tempfile
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any, Literal, TypeVar

import polars as pl

from confianza.errors import ImportRefusal, Problem
from confianza.evidence.sources.events.actors import OFFICIAL, ROLES
from confianza.evidence.sources.events.codes import CLASSES, LAW_BORDER
from confianza.evidence.sources.events.detection import EventFile, files_of
from confianza.evidence.sources.events.files import BLOCK, blocks, ranges
from confianza.evidence.sources.events.layouts import Layout
from confianza.evidence.sources.events.publishers import publishers
from confianza.evidence.sources.events.rows import (
    REASONS,
    ROW_REASONS,
    collected,
    events_of,
    is_blank,
    is_regular,
    judged,
    named,
    number_of,
    raw_frame,
    width_is_wrong,
)

Item = TypeVar("Item")
Answer = TypeVar("Answer")
Period = Literal["month", "year"]
Over = Callable[[Callable[["Part"], "Partial"], Sequence["Part"]], Iterable["Partial"]]
MOST_ROWS = 3_000_000  # of rows that may repeat, in memory at once
BUCKETS = 32
AT_ONCE = 2  # blocks in work
BLOCKS_TOGETHER = 16  # whose rows are judged at once: what a cell means is then asked less often
EXAMPLES = 3  # of each reason and file
PART_BYTES = 512 << 20
NOT_KEYS = {"event_id", "address", "mentions", "goldstein", "count"}
TENTHS = 10  # Goldstein values are added in tenths, so that their sum is the same in any order
CODES = 100_000  # more than any number of a code
KEY = ("publisher", "source_iso3", "target_iso3", "period")
ROLE_COLUMNS = tuple(
    f"{side}_{role}"
    for side in ("source", "target")
    for role in ("government", "military", "police", "private")
)
SUMS = (
    "events",
    *CLASSES,
    LAW_BORDER,
    *ROLE_COLUMNS,
    "official",
    "military",
    "mirrored",
    "dated_back",
    "repeated",
    "goldstein_sum",
    "goldstein_count",
)
PUBLISHERS_OF_COUNTS = ("icews-pair-years", "icews-pair-months", "gdelt-layout-of-2007")
WITHOUT_CLASSES = ("gdelt-layout-of-2007",)
PROBLEMS = {  # of the reasons that are shown: how a row is said to be wrong, and the cell that is
    "column-count": ("event-column-count", None),
    "date": ("event-date", "date"),
    "count": ("event-count", "count"),
    "date-after-file": ("event-date-after-file", "date"),
    "code-missing": ("event-code-missing", "code"),
    "code-unknown": ("event-code-unknown", "code"),
    "code-ambiguous": ("event-code-ambiguous", "code"),
    "country-unknown": ("event-country-unknown", "source"),
}
MOST_LETTERS = 60


@dataclass(frozen=True)
class Part:
    """A file, or the lines of it that begin within some bytes, read apart from the rest."""

    file: EventFile
    number: int  # of the file
    start: int
    stop: int | None
    period: Period
    keep_repeats: bool


@dataclass
class Partial:
    """What some rows come to; two of them add up."""

    lines: Counter[tuple[int, str]] = field(
        default_factory=Counter
    )  # by file and reason; "" for rows of a pair
    sums: list[pl.DataFrame] = field(default_factory=list)
    rows: list[pl.DataFrame] = field(default_factory=list)  # of which repeats are not yet removed
    days: list[pl.DataFrame] = field(default_factory=list)
    examples: list[tuple[int, str, Problem]] = field(default_factory=list)
    bytes: int = 0  # that were read

    def add(self, other: Partial) -> None:
        """Take in what other rows come to."""
        self.lines.update(other.lines)
        self.bytes += other.bytes
        for name in ("sums", "rows", "days", "examples"):
            getattr(self, name).extend(getattr(other, name))
        if len(self.sums) > 1:
            self.sums = [pl.concat(self.sums).group_by(KEY).sum()]
        if len(self.days) > 1:
            self.days = [pl.concat(self.days).unique()]

    @property
    def height(self) -> int:
        """Rows of which repeats are not yet removed."""
        return sum(frame.height for frame in self.rows)


@dataclass(frozen=True)
class PairTable:
    """Events by directed pair and period, the count of every line of every file, and what is to be known of them.

    `table` has a row for each publisher, pair and period with an event; `lines` a row for each file, whose numbers add
    up to the lines of the file; `problems` the first rejected rows of each file and reason; `notes` what was found
    otherwise than the publisher has it.
    """

    table: pl.DataFrame
    lines: pl.DataFrame
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...]

    def write(self, path: Path) -> None:
        """Write the table to a Parquet file that names its sources."""
        write_pairs(self.table, path)


def write_pairs(table: pl.DataFrame, path: Path | IO[bytes]) -> None:
    """Write a table by pair to Parquet that names its sources."""
    known = publishers()
    names = table["publisher"].unique(maintain_order=True).to_list()
    cited = [known[name].citation for name in names if name in known and known[name].citation]
    table.write_parquet(path, metadata={"citation": "; ".join(dict.fromkeys(cited))})


def pairs(
    paths: Path | Sequence[Path],
    *,
    period: Period = "month",
    keep_repeats: bool = False,
    over: Over | None = None,
) -> PairTable:
    """Counts of events by publisher, directed pair of countries and period.

    A row repeats an earlier one when day, both actors, code and address (of the article or story; where there is none,
    the publisher's number of the event) are the same; it is counted once. A row is mirrored when another of the same
    day has its actors swapped. *Law and border* (arrests, deportations, police against citizens) is apart from the four
    classes: the five columns add up to `events`.

    Parameters
    ----------
    period : "month" or "year"
        Length of a period; `period` in the table is its first day.
    keep_repeats : bool
        Count rows as they stand, twice as fast: `mirrored` and `repeated` are then unknown.
    over : callable
        How a function is called for each of many parts: `executor.map`, or a scheduler's; one after the other without.
        Results are the same.

    Returns
    -------
    PairTable

    Raises
    ------
    ImportRefusal
        A file is no table of events that is known, has no row that can be read, or has years only where months are asked
        for: all problems of all files together.
    """
    files = files_of(paths)
    _refuse_years(files, period)
    parts = [
        Part(file, number, start, stop, period, keep_repeats)
        for number, file in enumerate(files)
        for start, stop in (
            ranges(file.head, quote=_quote(file), bytes_each=PART_BYTES) if over else [(0, None)]
        )
    ]
    with ExitStack() as stack:
        store = RowStore(stack)
        for partial in over(whole_partial, parts) if over else _each(parts):
            store.add(partial)
        sums, repeated = store.finish()
        total = store.total
    refuse_empty(files, total)
    return PairTable(
        pair_rows(sums, total.days, period, keep_repeats=keep_repeats),
        lines_of(files, total.lines, repeated),
        tuple(first_examples(total.examples)),
        tuple(note for file in files for note in file.layout.notes),
    )


def _quote(file: EventFile) -> bytes | None:
    return file.layout.quote.encode() if file.layout.quote else None


def _refuse_years(files: Sequence[EventFile], period: Period) -> None:
    problems = [
        Problem("events-by-year", file.name, params={"form": file.layout.form})
        for file in files
        if file.layout.is_by_year and period == "month"
    ]
    if problems:
        raise ImportRefusal(problems)


def refuse_empty(files: Sequence[EventFile], total: Partial) -> None:
    """ImportRefusal with each file that has no event of any pair, and why its rows were left out."""
    problems = []
    for number, file in enumerate(files):
        counts = {
            reason: count for (of, reason), count in total.lines.items() if of == number and reason != "blank"
        }
        if not any(count for reason, count in counts.items() if reason not in ROW_REASONS):
            reasons = ", ".join(f"{reason} {count}" for reason, count in counts.items() if count) or "0"
            params = {"form": file.layout.form, "reasons": reasons}
            problems.append(Problem("events-no-row", file.name, params=params))
            problems += [example for of, _, example in total.examples if of == number]
    if problems:
        raise ImportRefusal(problems)


def _each(parts: Sequence[Part]) -> Iterator[Partial]:
    for part in parts:
        yield from partials(part)


def whole_partial(part: Part) -> Partial:
    """What the rows of a part come to; a part is small enough for the memory of a process."""
    total = Partial()
    for partial in partials(part):
        total.add(partial)
    return total


def partials(part: Part) -> Iterator[Partial]:
    """What the rows of a part come to, block by block."""
    layout = part.file.layout
    header = int(layout.has_header and part.start == 0)
    shown: set[str] = set()  # reasons of which examples were looked for
    row = 0

    def read(numbered: tuple[int, bytes | Path]) -> tuple[int, int, pl.DataFrame]:
        number, data = numbered
        size = data.stat().st_size if isinstance(data, Path) else len(data)
        return number, size, _grouped(data, part, is_first=number == 0 and part.start == 0)

    for batch in _batches(_ahead(read, enumerate(_data(part))), BLOCKS_TOGETHER):
        partial = _partial(judged(_together([frame for *_, frame in batch]), layout), part)
        partial.bytes = sum(size for _, size, _ in batch)
        kinds = {reason for _, reason in partial.lines if reason in PROBLEMS and reason not in shown}
        if kinds:
            first_row = (row if part.start == 0 else row + _lines_before(part)) + header + 1
            partial.examples = _examples(part, kinds, first_block=batch[0][0], first_row=first_row)
            shown |= kinds
        row += sum(int(frame["n"].sum()) for *_, frame in batch)
        yield partial


def _batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    items = iter(items)
    while batch := list(islice(items, size)):
        yield batch


def _together(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The grouped rows of several blocks, grouped again where that leaves fewer."""
    if len(frames) == 1:
        return frames[0]
    columns = sorted(frames[0].columns)
    joined = pl.concat([frame.select(columns) for frame in frames])
    if 2 * joined.height > joined["n"].sum():
        return joined
    return joined.group_by([name for name in columns if name != "n"]).agg(pl.col("n").sum())


def _ahead(function: Callable[[Item], Answer], items: Iterable[Item]) -> Iterator[Answer]:
    """What the function makes of each item, in order; two are in work while the next is fetched."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        waiting: deque[Future[Answer]] = deque()
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) > AT_ONCE:
                yield waiting.popleft().result()
        for future in waiting:
            yield future.result()


def _grouped(data: bytes | Path, part: Part, *, is_first: bool) -> pl.DataFrame:
    """The texts of rows that say the same, once, with their number `n` and the `events` that each stands for."""
    layout = part.file.layout
    texts = named(layout)
    identity = None if part.keep_repeats else _identity(texts)
    if is_regular(layout):
        try:
            return _grouped_numbers(data, layout, identity, is_first=is_first)
        except (pl.exceptions.PolarsError, _IrregularError):
            pass  # a cell that is no number, a row of another width, a byte that is not UTF-8: read as texts
    keys: dict[str, Any] = {name: text for name, text in texts.items() if name not in NOT_KEYS}
    keys["is_wrong"] = width_is_wrong(layout)
    keys["is_blank"] = is_blank(layout)
    if identity is not None:
        keys["identity"] = identity
    if layout.is_table or "count" in layout.columns:
        keys["events"] = events_of(layout)
        keys |= {f"n_{name}": number_of(places) for name, places in layout.counts.items()}
    raw = raw_frame(data, layout, is_first=is_first)
    grouped = collected(raw.group_by(**keys).agg(n=pl.len().cast(pl.Int64)), part.file.name)
    return grouped if "events" in grouped.columns else grouped.with_columns(events=pl.lit(1, pl.Int64))


class _IrregularError(Exception):
    """A file that looked regular has an empty cell where a number should be."""


def _grouped_numbers(
    data: bytes | Path, layout: Layout, identity: pl.Expr | None, *, is_first: bool
) -> pl.DataFrame:
    """As `_grouped`, of a file whose days and codes are numbers throughout: a third faster."""
    day, code, file_day = (f"c{layout.columns[name]}" for name in ("date", "code", "file_date"))
    shift = 1_000_000 if layout.form == "gdelt-2" else 1
    keys = {name: f"c{layout.columns[name]}" for name in ("source", "target")}
    exact = {day: pl.Int32, code: pl.Int16, file_day: pl.Int64}
    grouped = (
        raw_frame(data, layout, is_first=is_first, exact=exact)
        .group_by(
            pl.col(keys["source"]).alias("source"),
            pl.col(keys["target"]).alias("target"),
            (pl.col(day).cast(pl.Int64) * CODES + pl.col(code)).alias("day_and_code"),
            (pl.col(file_day) // shift).alias("file_date"),
            *([] if identity is None else [identity.alias("identity")]),
        )
        .agg(n=pl.len().cast(pl.Int64))
        .collect(engine="streaming")
    )
    if grouped["day_and_code"].null_count() or grouped["file_date"].null_count():
        raise _IrregularError
    return grouped.with_columns(
        date=(pl.col("day_and_code") // CODES).cast(pl.String),
        code=(pl.col("day_and_code") % CODES).cast(pl.String),
        file_date=pl.col("file_date").cast(pl.String),
        is_wrong=pl.lit(value=False),
        is_blank=pl.lit(value=False),
        events=pl.lit(1, pl.Int64),
    ).drop("day_and_code")


def _data(part: Part) -> Iterable[bytes | Path]:
    """The lines of a part block by block; where rows are only counted, a plain file whole: polars reads it itself."""
    file = part.file
    is_counted = part.keep_repeats or file.layout.is_table
    if is_counted and file.head.is_plain and not file.head.mark and (part.start, part.stop) == (0, None):
        return [file.source.path]
    return _blocks(part)


def _blocks(part: Part) -> Iterator[bytes]:
    file = part.file
    return blocks(file.source, file.head, start=part.start, stop=part.stop, quote=_quote(file))


def _identity(texts: Mapping[str, pl.Expr]) -> pl.Expr | None:
    """What tells an event from others of its day, actors and code: its address, or the publisher's number."""
    found = [
        texts[name].hash(seed=place) for place, name in enumerate(("address", "event_id")) if name in texts
    ]
    shown = [texts[name] for name in ("address", "event_id") if name in texts]
    if not found:
        return None
    return pl.coalesce(
        *(
            pl.when(~text.is_in(["", "NA", "None"]) & text.is_not_null()).then(hashed)
            for text, hashed in zip(shown, found, strict=True)
        )
    )


def _partial(frame: pl.DataFrame, part: Part) -> Partial:
    layout = part.file.layout
    found = Partial()
    for reason, count in frame.group_by("reason").agg(pl.col("n").sum()).iter_rows():
        found.lines[part.number, reason or ""] += count
    if not layout.is_by_year and not layout.is_table:
        seen = frame.filter(~pl.col("reason").is_in([*ROW_REASONS, "blank"]) | pl.col("reason").is_null())
        found.days = [
            seen.select(pl.lit(layout.publisher).alias("publisher"), pl.col("seen_day").alias("day")).unique()
        ]
    good = frame.filter(pl.col("reason").is_null()).with_columns(
        publisher=pl.lit(layout.publisher), period=_first_day(part.period)
    )
    if layout.is_table:
        found.sums = [_sums_of_counts(good, layout.counts)]
    elif part.keep_repeats or "count" in layout.columns:
        good = good.with_columns(
            weight=pl.col("n") * pl.col("events"), is_mirrored=pl.lit(value=False), again=pl.lit(0, pl.Int64)
        )
        found.sums = [_sums(good)]
    else:
        found.rows = [_compact(good, part)]
    return found


def _first_day(period: Period) -> pl.Expr:
    return pl.col("day").dt.truncate("1mo" if period == "month" else "1y")


def _sums_of_counts(frame: pl.DataFrame, counts: Mapping[str, Sequence[int]]) -> pl.DataFrame:
    zero = pl.lit(0, pl.Int64)
    known = {name: (pl.col(f"n_{name}") * pl.col("n")).sum() for name in counts if name != "events"}
    values = {name: known.get(name, zero) for name in SUMS} | {
        "events": (pl.col("events") * pl.col("n")).sum()
    }
    return frame.group_by(KEY).agg(**values)


def _sums(frame: pl.DataFrame) -> pl.DataFrame:
    """The sums of a pair and period of rows with `weight` (events), `again` (repeats) and `is_mirrored`."""
    weight = pl.col("weight")

    def where(condition: pl.Expr) -> pl.Expr:
        return weight.filter(condition).sum()

    def role(side: str, *roles: str) -> pl.Expr:
        return pl.col(f"{side}_role").is_in(roles)

    values = {
        "events": weight.sum(),
        **{name: where((pl.col("event_class") == name) & ~pl.col("is_law")) for name in CLASSES},
        LAW_BORDER: where(pl.col("is_law")),
        **{name: where(role(*name.split("_", 1))) for name in ROLE_COLUMNS},
        "official": where(role("source", *OFFICIAL) & role("target", *OFFICIAL)),
        "military": where(role("source", "military") & role("target", "military")),
        "mirrored": where(pl.col("is_mirrored")),
        "dated_back": where(pl.col("is_dated_back")),
        "repeated": pl.col("again").sum(),
        "goldstein_sum": (weight * (pl.col("value") * TENTHS).round().cast(pl.Int64)).sum(),
        "goldstein_count": where(pl.col("value").is_not_null()),
    }
    return frame.group_by(KEY).agg(**{name: values[name] for name in SUMS})


TEXTS = ("source_iso3", "target_iso3", "source_role", "target_role", "event_class")
COMPACT = (
    "key",
    "first",
    "second",
    "day",
    "period",
    "publisher",
    *TEXTS,
    "value",
    "is_law",
    "is_dated_back",
    "n",
    "file",
)

KEPT = [name for name in COMPACT if name not in {"period", "file"}]


def _compact(frame: pl.DataFrame, part: Part) -> pl.DataFrame:
    """Rows of a pair by what tells whether they repeat or mirror each other, as numbers."""
    actors = {
        "first": pl.concat_str(
            [pl.col(name).fill_null("") for name in _actor_columns(frame, "source")], separator="\t"
        ),
        "second": pl.concat_str(
            [pl.col(name).fill_null("") for name in _actor_columns(frame, "target")], separator="\t"
        ),
    }
    frame = frame.with_columns(**{name: text.hash(seed=2) for name, text in actors.items()})
    key = (
        pl.struct("publisher", "day", "first", "second", "event_code", "identity").hash(seed=3)
        if "identity" in frame.columns
        else None
    )
    frame = frame.with_columns(
        key=pl.lit(None, pl.UInt64) if key is None else pl.when(pl.col("identity").is_not_null()).then(key)
    )
    return of_file(frame, part.number, part.period)


def of_file(rows: pl.DataFrame, number: int, period: Period) -> pl.DataFrame:
    """Rows with the number of their file and their period, their words as numbers."""
    roles = pl.Enum(ROLES)
    return rows.with_columns(
        file=pl.lit(number, pl.Int32),
        period=_first_day(period),
        publisher=pl.col("publisher").cast(pl.Categorical),
        source_iso3=pl.col("source_iso3").cast(pl.Categorical),
        target_iso3=pl.col("target_iso3").cast(pl.Categorical),
        source_role=pl.col("source_role").cast(roles),
        target_role=pl.col("target_role").cast(roles),
        event_class=pl.col("event_class").cast(pl.Enum(CLASSES)),
    ).select(COMPACT)


def _actor_columns(frame: pl.DataFrame, side: str) -> list[str]:
    """An actor is told by its name or code, and its country."""
    return [name for name in (side, f"{side}_country") if name in frame.columns]


class RowStore:
    """Partials added up; rows that may repeat go to disk, by day and actors, before they fill the memory."""

    def __init__(self, stack: ExitStack) -> None:
        self.total = Partial()
        self._stack = stack
        self._folder: Path | None = None
        self._written = 0

    def add(self, partial: Partial) -> None:
        """Add what a slice of a file gave; rows go to disk when they grow past `MOST_ROWS`."""
        self.total.add(partial)
        if self.total.height > MOST_ROWS:
            rows = _without_repeats(pl.concat(self.total.rows))
            self.total.rows = [rows]
            if rows.height > MOST_ROWS / 2:
                self._write()

    def _write(self) -> None:
        if self._folder is None:
            self._folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="confianza-")))
        rows = pl.concat(self.total.rows) if self.total.rows else None
        self.total.rows = []
        if rows is None:
            return
        low, high = pl.min_horizontal("first", "second"), pl.max_horizontal("first", "second")
        bucket = pl.struct(pl.col("day"), low.alias("low"), high.alias("high")).hash(seed=4) % BUCKETS
        for (number,), frame in (
            rows.with_columns(bucket=bucket).partition_by("bucket", as_dict=True, include_key=False).items()
        ):
            frame.write_parquet(self._folder / f"{number}-{self._written}.parquet")
        self._written += 1

    def _buckets(self) -> Iterator[pl.DataFrame]:
        if self._folder is None:
            if self.total.rows:
                yield pl.concat(self.total.rows)
            return
        self._write()
        for number in range(BUCKETS):
            files = sorted(self._folder.glob(f"{number}-*.parquet"))
            if files:
                yield pl.concat([pl.read_parquet(file) for file in files])

    def write_rows(self, target: Path) -> bool:
        """Write the rows, each event once, to one Parquet file; False when there are none."""
        if self._folder is None:
            if not self.total.rows:
                return False
            _kept(self.total.rows).write_parquet(target)
            return True
        self._write()
        folder = self._folder
        for number in range(BUCKETS):
            files = sorted(folder.glob(f"{number}-*.parquet"))
            if files:
                _kept([pl.read_parquet(file) for file in files]).write_parquet(
                    folder / f"kept-{number}.parquet"
                )
        pl.scan_parquet(sorted(folder.glob("kept-*.parquet"))).sink_parquet(target)
        return True

    def finish(
        self, seen: Callable[[pl.DataFrame], None] | None = None
    ) -> tuple[pl.DataFrame | None, Counter[int]]:
        """The sums of every pair and period, and the repeated rows of each file; `seen` is shown the events."""
        repeated: Counter[int] = Counter()
        sums = Partial(sums=self.total.sums)
        for rows in self._buckets():
            once = _without_repeats(rows)
            repeated.update(_repeated_by_file(rows, once))
            is_single = pl.col("key").is_null()  # nothing tells such rows apart: each is an event
            once = once.with_columns(
                weight=pl.when(is_single).then("n").otherwise(1),
                again=pl.when(is_single).then(0).otherwise(pl.col("n") - 1),
            )
            if seen is not None:
                seen(once)
            sums.add(
                Partial(
                    sums=[
                        _sums(_mirrored(once)).with_columns(
                            pl.col("publisher", "source_iso3", "target_iso3").cast(pl.String)
                        )
                    ]
                )
            )
        return (sums.sums[0] if sums.sums else None), repeated


def _kept(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Rows as they are kept: each event once, in one order, whatever order they were read in."""
    texts = [pl.col("publisher", *TEXTS).cast(pl.String)]
    rows = _without_repeats(pl.concat(frames)).select(KEPT).with_columns(texts)
    return rows.sort(KEPT)


def _without_repeats(rows: pl.DataFrame) -> pl.DataFrame:
    """One row for each event, `n` its rows; of its file the first, and dated back only where each of its rows is."""
    known = rows.filter(pl.col("key").is_not_null())
    others = [name for name in COMPACT if name not in {"key", "n", "file", "is_dated_back"}]
    once = known.group_by("key").agg(
        *(pl.col(name).first() for name in others),
        pl.col("is_dated_back").min(),
        pl.col("n").sum(),
        pl.col("file").min(),
    )
    return pl.concat([once.select(COMPACT), rows.filter(pl.col("key").is_null())])


def _repeated_by_file(rows: pl.DataFrame, once: pl.DataFrame) -> Counter[int]:
    def count(frame: pl.DataFrame, number: pl.Expr) -> Counter[int]:
        known = frame.filter(pl.col("key").is_not_null())
        return Counter(dict(known.group_by("file").agg(number.alias("n")).iter_rows()))

    found = count(rows, pl.col("n").sum())
    found.subtract(count(once, pl.len()))
    return found


def _mirrored(rows: pl.DataFrame) -> pl.DataFrame:
    swapped = rows.select("publisher", "day", first="second", second="first").unique()
    swapped = swapped.with_columns(is_mirrored=pl.lit(value=True))
    joined = rows.join(swapped, on=["publisher", "day", "first", "second"], how="left")
    return joined.with_columns(pl.col("is_mirrored").fill_null(value=False))


def pair_rows(
    sums: pl.DataFrame | None, days: Sequence[pl.DataFrame], period: Period, *, keep_repeats: bool
) -> pl.DataFrame:
    """One row a publisher, pair and period: counts as read; repeated rows once, unless `keep_repeats`."""
    schema: dict[str, Any] = {
        "publisher": pl.String,
        "source_iso3": pl.String,
        "target_iso3": pl.String,
        "period": pl.Date,
    }
    numbers: dict[str, Any] = dict.fromkeys(SUMS, pl.Int64)
    if sums is None:
        sums = pl.DataFrame(schema=schema | numbers)
    is_count = pl.col("publisher").is_in(PUBLISHERS_OF_COUNTS)
    unknown_of_counts = [name for name in SUMS if name not in ("events", *CLASSES)]
    table = sums.select(*KEY, *SUMS).cast(schema | numbers)
    table = table.with_columns(
        *(pl.when(~is_count).then(name).alias(name) for name in unknown_of_counts),
        *(pl.when(~pl.col("publisher").is_in(WITHOUT_CLASSES)).then(name).alias(name) for name in CLASSES),
    )
    table = table.with_columns(goldstein_sum=pl.col("goldstein_sum") / TENTHS)
    if keep_repeats:
        table = table.with_columns(mirrored=pl.lit(None, pl.Int64), repeated=pl.lit(None, pl.Int64))
    table = table.join(_coverage(days, period), on=["publisher", "period"], how="left")
    return table.with_columns(covered_share=pl.when(~is_count).then("covered_share")).sort(KEY)


def _coverage(days: Sequence[pl.DataFrame], period: Period) -> pl.DataFrame:
    """The share of the days of each period of which a row was read."""
    seen = pl.concat(days) if days else pl.DataFrame(schema={"publisher": pl.String, "day": pl.Date})
    length = "1mo" if period == "month" else "1y"
    first = pl.col("day").dt.truncate(length)
    total = (pl.col("period").dt.offset_by(length) - pl.col("period")).dt.total_days()
    counted = (
        seen.drop_nulls().unique().group_by("publisher", first.alias("period")).agg(pl.len().alias("seen"))
    )
    return counted.select("publisher", "period", covered_share=pl.col("seen") / total)


def lines_of(
    files: Sequence[EventFile], lines: Mapping[tuple[int, str], int], repeated: Mapping[int, int]
) -> pl.DataFrame:
    """Of each file, its lines: header, blank, counted in pairs, repeated, and rejected by reason."""
    rows = []
    for number, file in enumerate(files):
        again = repeated.get(number, 0)
        counts = {reason: lines.get((number, reason), 0) for reason in REASONS}
        header = int(file.layout.has_header)
        of_pairs = lines.get((number, ""), 0)
        blank = lines.get((number, "blank"), 0)
        rows.append(
            {
                "file": file.name,
                "form": file.layout.form,
                "lines": header + blank + of_pairs + sum(counts.values()),
                "header": header,
                "blank": blank,
                "read": of_pairs - again,
                "repeated": again,
                **counts,
            }
        )
    texts = {"file": pl.String, "form": pl.String}
    names = ("lines", "header", "blank", "read", "repeated", *REASONS)
    return pl.DataFrame(rows, schema=texts | dict.fromkeys(names, pl.Int64))


def _examples(
    part: Part, kinds: set[str], *, first_block: int, first_row: int
) -> list[tuple[int, str, Problem]]:
    """The first rejected rows of these reasons from a block on, read once more by row, as far as it takes.

    A reason that has fewer is looked for to the end of the part, so that it is asked for once.
    """
    wanted = dict.fromkeys(kinds, EXAMPLES)
    found: list[tuple[int, str, Problem]] = []
    for number, data in enumerate(_blocks(part)):
        if number < first_block:
            continue
        frame = _rows_of_block(data, part, is_first=number == 0 and part.start == 0, first_row=first_row)
        first_row += frame.height
        shown = frame.filter(pl.col("reason").is_in(list(wanted)))
        for (reason,), rows in shown.partition_by("reason", as_dict=True).items():
            for row in rows.head(wanted[reason]).iter_rows(named=True):
                wanted[reason] -= 1
                found.append((part.number, reason, _example(part, reason, row)))
        wanted = {reason: left for reason, left in wanted.items() if left}
        if not wanted:
            break
    return found


def _rows_of_block(data: bytes, part: Part, *, is_first: bool, first_row: int) -> pl.DataFrame:
    layout = part.file.layout
    raw = raw_frame(data, layout, is_first=is_first, row_number=first_row)
    frame = raw.select(
        "row",
        *(expression.alias(name) for name, expression in named(layout).items()),
        width_is_wrong(layout).alias("is_wrong"),
        is_blank(layout).alias("is_blank"),
        events_of(layout).alias("events"),
    )
    return judged(collected(frame, part.file.name), layout)


def _example(part: Part, reason: str, row: Mapping[str, Any]) -> Problem:
    code, cell = PROBLEMS[reason]
    if reason == "country-unknown":
        side = "source" if row["source_reason"] == reason else "target"
        cell = f"{side}_country" if row.get(f"{side}_country") else side
    value = "" if cell is None else str(row.get(cell) or "")
    params = {"value": value[:MOST_LETTERS], "columns": part.file.layout.width}
    return Problem(code, part.file.name, row=row["row"], field=cell, params=params)


def _lines_before(part: Part) -> int:
    with part.file.source.path.open("rb") as file:
        left, count = part.start, 0
        while left > 0 and (data := file.read(min(BLOCK, left))):
            count += data.count(b"\n")
            left -= len(data)
        file.seek(part.start - 1)
        return count + (file.read(1) != b"\n")


def first_examples(examples: Sequence[tuple[int, str, Problem]]) -> Iterator[Problem]:
    """The first `EXAMPLES` problems of each file and reason, in the order of files, reasons and rows."""
    counts: Counter[tuple[int, str]] = Counter()
    for number, reason, problem in sorted(
        examples, key=lambda item: (item[0], REASONS.index(item[1]), item[2].row or 0)
    ):
        counts[number, reason] += 1
        if counts[number, reason] <= EXAMPLES:
            yield problem
