"""Tables of publishers as text: CSV with any separator, also compressed or in an archive, read row by row.

A table is told by the names of its columns, which may stand below some lines of preamble. What is wrong with the rows
of a file is gathered and refused together.
"""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from confianza.cooperation.bilingual import BilingualText
from confianza.errors import ImportRefusal, Problem
from confianza.evidence.indicators import decimal
from confianza.evidence.series import SeriesKey, SeriesPoint

SEPARATORS = ",;\t"
MOST_PREAMBLE = 60  # lines above the header
MOST_PROBLEMS = 100  # told one by one
MOST_BYTES = 4 * 2**30  # of a table in an archive
MISSING = frozenset({"", "NA", "NULL", "N/A", ".", "..", "NaN", "nan"})

A_YEAR = BilingualText("a year", "un año")
A_NUMBER = BilingualText("a number with a decimal point", "un número con punto decimal")
A_STATE = BilingualText(
    "a number of a state of the Correlates of War project",
    "un número de Estado del proyecto Correlates of War",
)
A_COUNTRY = BilingualText(
    "an ISO 3166 code or a name of a country", "un código ISO 3166 o el nombre de un país"
)


@dataclass
class Faults:
    """What is wrong with a file: the first hundred faults each in its place, the others counted."""

    file: str
    problems: list[Problem] = field(default_factory=list)
    count: int = 0

    def add(self, code: str, row: int | None = None, column: str | None = None, **params: object) -> None:
        """A fault of the file, of a row or of a cell."""
        self.count += 1
        if self.count <= MOST_PROBLEMS:
            self.problems.append(Problem(code, self.file, row=row, field=column, params=params))

    def value(self, row: int, column: str, value: str, expected: BilingualText | str) -> None:
        """A cell that cannot be used, and what is expected in its place."""
        self.add("series-value", row, column, value=value[:80], expected=expected)

    def refuse(self) -> None:
        """ImportRefusal with every fault, when there is one."""
        if self.count > MOST_PROBLEMS:
            more = Problem("series-more", self.file, params={"count": self.count - MOST_PROBLEMS})
            self.problems.append(more)
        if self.problems:
            raise ImportRefusal(self.problems)


@dataclass(frozen=True)
class Table:
    """A table of a file: its name, its header and the row the header stands in."""

    name: str
    open: Callable[[], IO[bytes]]
    header: tuple[str, ...]
    header_row: int
    separator: str

    def has(self, columns: Sequence[str]) -> bool:
        """Whether it has all of these columns."""
        return set(columns) <= set(self.header)

    def rows(
        self, columns: Sequence[str], faults: Faults, *, encodings: Sequence[str] = ("utf-8-sig",)
    ) -> Iterator[tuple[int, tuple[str, ...]]]:
        """The cells of some columns of each row, with the row's number; a row of another length is a fault.

        Parameters
        ----------
        encodings : sequence of str
            The first that the whole table can be read in is taken.
        """
        places = [self.header.index(column) for column in columns]
        width = len(self.header)
        try:
            with self._text(encodings) as text:
                reader = csv.reader(text, delimiter=self.separator)
                for number, cells in enumerate(reader, start=1):
                    if number <= self.header_row or not any(map(str.strip, cells)):
                        continue
                    if len(cells) < width or any(map(str.strip, cells[width:])):
                        faults.add("series-row", number, cells=len(cells), columns=width)
                        continue
                    yield number, tuple(cells[place].strip() for place in places)
        except (OSError, EOFError, UnicodeError, csv.Error, zipfile.BadZipFile) as error:
            raise unreadable(self.name, error) from error

    @contextmanager
    def _text(self, encodings: Sequence[str]) -> Iterator[IO[str]]:
        encoding = encodings[0]
        for candidate in encodings[:-1]:
            if not self._is_in(candidate):
                encoding = encodings[encodings.index(candidate) + 1]
                continue
            encoding = candidate
            break
        with self.open() as raw, io.TextIOWrapper(raw, encoding=encoding, newline="") as text:
            yield text

    def _is_in(self, encoding: str) -> bool:
        try:
            with self.open() as raw, io.TextIOWrapper(raw, encoding=encoding, newline="") as text:
                while text.read(2**20):
                    pass
        except UnicodeDecodeError:
            return False
        return True


def unreadable(file: str, error: Exception) -> ImportRefusal:
    """The refusal of a file that could not be opened or read to its end."""
    detail = str(error).splitlines()[0] if str(error) else type(error).__name__
    return ImportRefusal([Problem("series-unreadable", file, params={"detail": detail})])


def tables_of(path: Path, is_header: Callable[[Sequence[str]], bool]) -> list[Table]:
    """The tables of a file: itself, or each CSV of an archive, whose header is one that is known."""
    try:
        if path.suffix.lower() != ".zip":
            opener: Callable[[Path, str], Any] = gzip.open if path.suffix.lower() == ".gz" else open
            return _table(path.name, lambda: opener(path, "rb"), is_header)
        with zipfile.ZipFile(path) as archive:
            members = [
                item
                for item in archive.infolist()
                if item.filename.lower().endswith((".csv", ".csv.gz", ".txt", ".tsv"))
                and item.file_size <= MOST_BYTES
            ]
        found = []
        for item in members:
            found += _table(Path(item.filename).name, _member(path, item.filename), is_header)
    except (OSError, EOFError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise unreadable(path.name, error) from error
    return found


def _member(path: Path, name: str) -> Callable[[], IO[bytes]]:
    def opened() -> IO[bytes]:
        member = zipfile.ZipFile(path).open(name)  # noqa: SIM115 - closed with the member
        return gzip.open(member, "rb") if name.lower().endswith(".gz") else member  # type: ignore[return-value]

    return opened


def _table(
    name: str, opened: Callable[[], IO[bytes]], is_header: Callable[[Sequence[str]], bool]
) -> list[Table]:
    with opened() as raw:
        lines = [raw.readline(2**16) for _ in range(MOST_PREAMBLE)]
    for number, line in enumerate(lines, start=1):
        text = line.decode("utf-8-sig", errors="replace").strip("\r\n")
        separator = max(SEPARATORS, key=text.count)
        try:
            header = [cell.strip() for cell in next(csv.reader([text], delimiter=separator), [])]
        except csv.Error:  # no line of a table
            continue
        if is_header(header):
            return [Table(name, opened, tuple(header), number, separator)]
    return []


@dataclass
class Reading:
    """What a reader has made of a file, before it is checked whole."""

    release: str = ""
    points: dict[SeriesKey, list[SeriesPoint]] = field(default_factory=dict)
    skipped: dict[str, None] = field(default_factory=dict)

    def add(self, key: SeriesKey, point: SeriesPoint) -> None:
        """A value of a series in a year."""
        self.points.setdefault(key, []).append(point)

    def skip(self, name: str) -> None:
        """A row of no country of today."""
        self.skipped[name] = None


def year_of(text: str, row: int, column: str, faults: Faults) -> int | None:
    """A year of four digits; a fault otherwise."""
    if len(text) == 4 and text.isascii() and text.isdigit():
        return int(text)
    faults.value(row, column, text, A_YEAR)
    return None


def number_of(text: str, row: int, column: str, faults: Faults) -> float | None:
    """A number; None for a mark of a missing value, and for a fault."""
    if text in MISSING:
        return None
    value = decimal(text)
    if value is None:
        faults.value(row, column, text, A_NUMBER)
    return value
