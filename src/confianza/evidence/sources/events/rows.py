"""Rows of events in one form, whatever file they are from, each read or rejected with its reason.

polars cuts lines into cells; what a cell means is asked once for each different one, in plain Python.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from confianza.errors import ImportRefusal
from confianza.evidence.sources.events import actors, codes
from confianza.evidence.sources.events.detection import EventFile
from confianza.evidence.sources.events.files import blocks, unreadable
from confianza.evidence.sources.events.layouts import Layout

ACTOR_COLUMNS = {
    "code": ("{}",),
    "weis": ("{}",),
    "cow": ("{}",),
    "text": ("{}", "{}_sectors"),
    "icews": ("{}", "{}_country", "{}_sectors"),
    "icews-name": ("{}",),
    "polecat": ("{}_country", "{}_sectors"),
}
ACTOR_READERS: dict[str, Callable[..., actors.Actor]] = {
    "code": actors.actor_of_code,
    "weis": actors.actor_of_weis_code,
    "cow": actors.country_of_cow,
    "text": actors.actor_of_text,
    "icews": actors.actor_of_icews,
    "icews-name": actors.actor_of_icews_name,
    "polecat": actors.actor_of_polecat,
}
FIRST_DAILY = date(2013, 4, 1)  # GDELT gives older rows the day when its archive was made
DATED_BACK_DAYS = 7
# The first reason that fits is a row's: of the row alone, then of its pair.
ROW_REASONS = (
    "column-count",
    "date",
    "count",
    "date-after-file",
    "code-missing",
    "code-unknown",
    "code-ambiguous",
)
PAIR_REASONS = ("no-country", "region", "several-countries", "country-unknown", "one-country")
REASONS = ROW_REASONS + PAIR_REASONS


def raw_frame(
    data: bytes | Path,
    layout: Layout,
    *,
    is_first: bool,
    row_number: int | None = None,
    exact: Mapping[str, type[pl.DataType]] | None = None,
) -> pl.LazyFrame:
    """The cells of a block as text by place, `c0`, `c1` and so on; null for an empty or missing one and a blank line.

    With `exact`, what these columns are: polars then raises at a cell that is none, a byte that is not UTF-8 and a row
    with more columns. Without, there is a last column for one cell too many.
    """
    width = layout.width + (exact is None)
    return pl.scan_csv(
        data,
        separator=layout.separator,
        quote_char=layout.quote,
        has_header=False,
        skip_lines=1 if layout.has_header and is_first else 0,
        schema={f"c{place}": (exact or {}).get(f"c{place}", pl.String) for place in range(width)},
        missing_columns="insert",
        truncate_ragged_lines=exact is None,
        encoding="utf8-lossy" if exact is None else "utf8",
        raise_if_empty=False,
        glob=False,
        row_index_name=None if row_number is None else "row",
        row_index_offset=row_number or 0,
    )


def collected(frame: pl.LazyFrame, name: str) -> pl.DataFrame:
    """The frame as rows; ImportRefusal with the file's name when its quotes cannot be cut into cells."""
    try:
        return frame.collect(engine="streaming")
    except pl.exceptions.PolarsError as error:
        raise ImportRefusal([unreadable(name, error)]) from error


def is_regular(layout: Layout) -> bool:
    """Whether a file's days and codes may be numbers throughout, as GDELT publishes them."""
    return layout.form in {"gdelt-1", "gdelt-2"} and layout.date_form == "%Y%m%d" and layout.separator == "\t"


def named(layout: Layout) -> dict[str, pl.Expr]:
    """What a row is made of, as expressions over the cells: the texts that `judged` reads."""
    found = {name: pl.col(f"c{place}") for name, place in layout.columns.items()}
    if layout.code_list == "plover" and "mode" in found:
        found["code"] = pl.concat_str(found["code"], pl.lit(":"), found.pop("mode").fill_null(""))
    if "month" in found:
        month = found.pop("month").str.zfill(2)
        found["date"] = pl.concat_str(found["date"], month, ignore_nulls=False)
    if "file_date" in found:
        found["file_date"] = found["file_date"].str.head(10 if "-" in layout.date_form else 8)
    return found


def width_is_wrong(layout: Layout) -> pl.Expr:
    """Whether a row has a cell too many, or lacks one that no whole row leaves empty."""
    is_short = pl.lit(value=False) if layout.last is None else pl.col(f"c{layout.last}").is_null()
    return pl.col(f"c{layout.width}").is_not_null() | is_short


def is_blank(layout: Layout) -> pl.Expr:
    """Whether a line has nothing at its beginning nor in any column that is read."""
    return pl.all_horizontal(pl.col(f"c{place}").is_null() for place in {0, *layout.columns.values()})


@lru_cache(maxsize=65536)
def day_of(text: str | None, form: str) -> date | None:
    """The day of a cell; None when there is no such day."""
    given = (text or "").strip()
    given = given[:-2] if given.endswith(".0") else given
    given = given[:10].strip() if form == "%Y-%m-%d" else given
    if form.startswith("%Y") and len(given) == 6 and given.isdecimal() and form == "%Y":
        form = "%Y%m"
    try:
        return datetime.strptime(given, form).date() if given.isascii() else None  # noqa: DTZ007
    except ValueError:
        return None


@lru_cache(maxsize=65536)
def file_day_of(text: str | None) -> date | None:
    """The day on which the publisher added a row: `20161013`, `20161013151500`, `2016-10-13`; None for `2.02E+13`."""
    digits = (text or "").replace("-", "")[:8]
    return day_of(digits, "%Y%m%d") if digits.isdecimal() and len(digits) == 8 else None


def _looked_up(
    frame: pl.DataFrame, columns: Sequence[str], outputs: dict[str, Any], read: Callable[..., tuple[Any, ...]]
) -> pl.DataFrame:
    """The frame with what `read` says of these columns, asked once for each different row of them."""
    keys = frame.select(columns).unique(maintain_order=True)
    answers = [read(*row) for row in keys.iter_rows()]
    table = keys.with_columns(
        pl.Series(name, [answer[place] for answer in answers], dtype=kind)
        for place, (name, kind) in enumerate(outputs.items())
    )
    return frame.join(table, on=list(columns), how="left", nulls_equal=True, maintain_order="left")


def judged(frame: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """Rows of texts with what they mean, and the reason of the rejected.

    The frame has the texts of `named`, `is_wrong` (`width_is_wrong`), `is_blank` and `events` (`events_of`).
    `reason` is None for a row of a pair of countries; one of `ROW_REASONS` when the row cannot be read, of
    `PAIR_REASONS` when its actors make no pair; `blank` for a line without anything.
    """
    frame = _looked_up(frame, ["date"], {"day": pl.Date}, lambda text: (day_of(text, layout.date_form),))
    if "file_date" in frame.columns:
        frame = _looked_up(frame, ["file_date"], {"file_day": pl.Date}, lambda text: (file_day_of(text),))
    else:
        frame = frame.with_columns(file_day=pl.lit(None, pl.Date))
    if layout.is_table:
        frame = frame.with_columns(
            event_code=pl.lit(None, pl.String),
            event_class=pl.lit(None, pl.String),
            value=pl.lit(None, pl.Float64),
            is_law=pl.lit(value=False),
            code_reason=pl.lit(None, pl.String),
        )
    else:
        frame = _looked_up(
            frame,
            ["code"],
            {
                "event_code": pl.String,
                "event_class": pl.String,
                "value": pl.Float64,
                "is_law": pl.Boolean,
                "code_reason": pl.String,
            },
            lambda text: _code(text, layout),
        )
    for side in ("source", "target"):
        columns = [form.format(side) for form in ACTOR_COLUMNS[layout.actors]]
        columns = [column for column in columns if column in frame.columns]
        frame = _looked_up(
            frame,
            columns,
            {f"{side}_iso3": pl.String, f"{side}_role": pl.String, f"{side}_reason": pl.String},
            lambda *cells, names=tuple(columns), side=side: _actor(layout, side, names, cells),
        )
    reason = pl.coalesce(
        pl.when(pl.col("is_blank")).then(pl.lit("blank")),
        pl.when(pl.col("is_wrong")).then(pl.lit("column-count")),
        pl.when(pl.col("day").is_null()).then(pl.lit("date")),
        pl.when(pl.col("events").is_null() | (pl.col("events") < 0)).then(pl.lit("count")),
        pl.when(pl.col("day") > pl.col("file_day") + pl.duration(days=1)).then(pl.lit("date-after-file")),
        pl.col("code_reason"),
        *(
            pl.when(pl.col(f"{side}_reason") == kind).then(pl.lit(kind))
            for kind in PAIR_REASONS
            for side in ("source", "target")
        ),
        pl.when(pl.col("source_iso3") == pl.col("target_iso3")).then(pl.lit("one-country")),
    )
    is_police = (pl.col("source_role") == "police") & (pl.col("target_role") == "private")
    daily = pl.col("file_day") >= FIRST_DAILY
    return frame.with_columns(
        reason=reason,
        is_law=pl.col("is_law") | (is_police & (pl.col("event_class") == codes.MATERIAL_CONFLICT)),
        is_dated_back=(
            daily & (pl.col("file_day") - pl.col("day") >= pl.duration(days=DATED_BACK_DAYS))
        ).fill_null(value=False),
        seen_day=pl.when(daily).then("file_day").otherwise("day"),
    )


def _code(text: str | None, layout: Layout) -> tuple[Any, ...]:
    found = codes.event_code(text, layout.code_list, layout.scale, has_roots=layout.has_roots)
    return found.code, found.event_class, found.goldstein, found.is_law, found.reason


def _actor(layout: Layout, side: str, names: Sequence[str], cells: Sequence[str | None]) -> tuple[Any, ...]:
    given = dict(zip(names, cells, strict=True))
    found = ACTOR_READERS[layout.actors](
        *(given.get(form.format(side)) for form in ACTOR_COLUMNS[layout.actors])
    )
    return found.iso3, found.role, found.reason


SCHEMA: dict[str, Any] = {
    "file": pl.String,
    "row": pl.UInt32,
    "publisher": pl.String,
    "event_id": pl.String,
    "date": pl.Date,
    "file_date": pl.Date,
    "source_iso3": pl.String,
    "source_role": pl.String,
    "target_iso3": pl.String,
    "target_role": pl.String,
    "code": pl.String,
    "event_class": pl.String,
    "is_law_border": pl.Boolean,
    "goldstein": pl.Float64,
    "mentions": pl.Int64,
    "address": pl.String,
    "event_count": pl.Int64,
    "is_dated_back": pl.Boolean,
    "reason": pl.String,
}


def event_rows(file: EventFile) -> Iterator[pl.DataFrame]:
    """The rows of a file in the form of `SCHEMA`, a frame for each block; blank lines are left out.

    `goldstein` is what the row prints, and the table's of its source where it prints none. A row of a table by pair
    stands for its `event_count` events, whose codes are unknown.
    """
    layout = file.layout
    row = 2 if layout.has_header else 1
    quote = layout.quote.encode() if layout.quote else None
    for number, data in enumerate(blocks(file.source, file.head, quote=quote)):
        raw = raw_frame(data, layout, is_first=number == 0, row_number=row)
        texts = named(layout)
        cells = raw.select(
            "row",
            *(expression.alias(name) for name, expression in texts.items()),
            width_is_wrong(layout).alias("is_wrong"),
            is_blank(layout).alias("is_blank"),
            events_of(layout).alias("events"),
        )
        frame = collected(cells, file.name)
        row += frame.height
        yield _in_schema(judged(frame, layout).filter(pl.col("reason").ne_missing("blank")), file)


def number_of(places: Sequence[int]) -> pl.Expr:
    """The sum of these columns of whole numbers; null when a cell is none."""
    return pl.sum_horizontal(
        [pl.col(f"c{place}").cast(pl.Float64, strict=False).cast(pl.Int64, strict=False) for place in places],
        ignore_nulls=False,
    )


def events_of(layout: Layout) -> pl.Expr:
    """How many events a row stands for: one, or what its counts say."""
    if layout.is_table:
        return number_of([place for columns in layout.counts.values() for place in columns])
    if "count" in layout.columns:
        return number_of([layout.columns["count"]])
    return pl.lit(1, pl.Int64)


def _in_schema(frame: pl.DataFrame, file: EventFile) -> pl.DataFrame:
    def cell(name: str, kind: Any) -> pl.Expr:
        return pl.col(name) if name in frame.columns else pl.lit(None, pl.String).cast(kind)

    return frame.select(
        file=pl.lit(file.name),
        row=pl.col("row"),
        publisher=pl.lit(file.layout.publisher),
        event_id=cell("event_id", pl.String),
        date=pl.col("day"),
        file_date=pl.col("file_day"),
        source_iso3=pl.col("source_iso3"),
        source_role=pl.col("source_role"),
        target_iso3=pl.col("target_iso3"),
        target_role=pl.col("target_role"),
        code=pl.col("event_code"),
        event_class=pl.col("event_class"),
        is_law_border=pl.col("is_law"),
        goldstein=pl.coalesce(cell("goldstein", pl.String).cast(pl.Float64, strict=False), "value"),
        mentions=cell("mentions", pl.String).cast(pl.Int64, strict=False),
        address=cell("address", pl.String),
        event_count=pl.col("events"),
        is_dated_back=pl.col("is_dated_back"),
        reason=pl.col("reason"),
    ).cast(SCHEMA)  # type: ignore[arg-type]
