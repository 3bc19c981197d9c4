"""What the columns of an event file are: found by content, whatever the file is called and its header says."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from confianza.errors import Problem

SEPARATORS = "\t,;|\x01"
MOST_LINES = 400
MISSING = {"", "NA", "N/A", "None", "NULL", "null", "NaN", "nan", "\\N"}
DATE_FORMS = {
    "%Y%m%d": re.compile(r"(?:19|20)\d{6}"),
    "%Y-%m-%d": re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?:[T ].*)?"),
    "%Y/%m/%d": re.compile(r"\d{4}/\d{1,2}/\d{1,2}"),
    "%y%m%d": re.compile(r"\d{6}"),
    "%d.%m.%Y": re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}"),
    "%Y": re.compile(r"(?:19|20)\d{2}"),
}
SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")


@dataclass(frozen=True)
class Sample:
    """The first rows of a table as its separator cuts them."""

    name: str
    separator: str
    quote: str | None
    rows: Sequence[Sequence[str]]
    width: int  # columns of most rows

    @property
    def header(self) -> list[str]:
        """The names of the first row in small letters without anything but letters and digits."""
        return [re.sub(r"[^a-z0-9]", "", name.casefold()) for name in self.rows[0]]

    def column(self, place: int, *, skip: int = 1) -> list[str]:
        """The cells of a column that are not missing."""
        cells = (row[place].strip() for row in self.rows[skip:] if len(row) > place)
        return [cell for cell in cells if cell not in MISSING]

    def layout(self, form: str, *, has_header: bool, columns: Mapping[str, int], **more: Any) -> Layout:
        """A layout of this table: cut as the sample is, whole rows filled up to the last column that all fill."""
        usual: dict[str, Any] = {
            "publisher": form,
            "separator": self.separator,
            "quote": self.quote,
            "width": self.width,
            "last": last_filled(self, skip=int(has_header)) if "last" not in more else None,
        }
        return Layout(form=form, has_header=has_header, columns=columns, **(usual | more))


@dataclass(frozen=True)
class Layout:
    """Where a file has what an event is made of.

    `columns` has the place of each of `date`, `source`, `target`, `code` and, where the file has them, `file_date`,
    `event_id`, `address`, `mentions`, `goldstein`, `count` (events that a row stands for), `source_country`,
    `source_sectors`, `mode` and the same of the target. Of a table by pair, `counts` has the columns of each class.
    """

    form: str
    publisher: str
    separator: str
    quote: str | None
    has_header: bool
    width: int
    columns: Mapping[str, int]
    actors: str = "code"
    code_list: str = "cameo"
    scale: str | None = None
    date_form: str = "%Y%m%d"
    last: int | None = None  # the last column that no row leaves empty
    counts: Mapping[str, Sequence[int]] = field(default_factory=dict)
    is_by_year: bool = False
    has_roots: bool = False
    notes: tuple[Problem, ...] = ()

    @property
    def is_table(self) -> bool:
        """Whether rows are counts of a pair and period, not events."""
        return bool(self.counts)


def sample_of(name: str, lines: Sequence[str]) -> Sample:
    """The rows of the first lines by the separator that cuts most of them into equally many columns."""
    lines = [line for line in lines[:MOST_LINES] if line.strip()]
    samples = [sample for separator in SEPARATORS if (sample := _cut(name, lines, separator)) is not None]
    return max(
        samples,
        key=lambda sample: sample.width,
        default=Sample(name, "\t", None, [[line] for line in lines], 1),
    )


def _cut(name: str, lines: Sequence[str], separator: str) -> Sample | None:
    """The rows by this separator; None when it does not cut half of them into equally many columns."""
    quote = _quote(lines, separator)
    ended = (f"{line}\n" for line in lines)
    try:
        rows = (
            list(csv.reader(ended, delimiter=separator))
            if quote
            else [line.split(separator) for line in lines]
        )
        rows = [row for row in rows if row]
    except csv.Error:
        return None
    if not rows:
        return None
    width, count = Counter(map(len, rows)).most_common(1)[0]
    return Sample(name, separator, quote, rows, width) if width > 1 and count >= len(rows) / 2 else None


def _quote(lines: Sequence[str], separator: str) -> str | None:
    """`"` when cells of the table stand in quotes; GDELT's and ICEWS' tables by tab have quotes as letters."""
    if separator not in "\t\x01":
        return '"'
    first = [cell for line in lines[:20] for cell in line.split(separator) if cell.strip()]
    quoted = [cell for cell in first if len(cell) > 1 and cell[0] == cell[-1] == '"']
    return '"' if first and len(quoted) > len(first) / 4 else None


def date_form(cells: Sequence[str]) -> str | None:
    """How the days of a column are written; None when they are none, or day and month cannot be told apart."""
    if not cells:
        return None
    for form, pattern in DATE_FORMS.items():
        if sum(bool(pattern.fullmatch(cell)) for cell in cells) >= 0.8 * len(cells):
            return form
    slashed = [match for cell in cells if (match := SLASHED.match(cell))]
    if len(slashed) < 0.8 * len(cells):
        return None
    first, second = (max(int(match[place]) for match in slashed) for place in (1, 2))
    if (first > 12) == (second > 12):
        return None
    return "%d/%m/%Y" if first > 12 else "%m/%d/%Y"


def last_filled(sample: Sample, *, skip: int) -> int:
    """The last column that no whole row of the sample leaves empty: a row without it is cut off."""
    rows = [row for row in sample.rows[skip:] if len(row) == sample.width]
    filled = [place for place in range(sample.width) if rows and all(row[place].strip() for row in rows)]
    return filled[-1] if filled else 0


def places(header: Sequence[str], names: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The column of each name of `names` by the spellings it may have."""
    found: dict[str, int] = {}
    for name, spellings in names.items():
        for spelling in spellings:
            if spelling in header:
                found[name] = header.index(spelling)
                break
    return found
