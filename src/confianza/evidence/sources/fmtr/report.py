"""A Foreign Military Training Report that was read: its rows, and how they agree with what it prints."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from confianza.cooperation.money import Money
from confianza.cooperation.training import ReportRow
from confianza.errors import Problem

Progress = Callable[[int, int], None]  # pages read, pages in all


@dataclass(frozen=True)
class Totals:
    """Students and whole dollars, as printed or as computed from the rows."""

    student_count: int
    cost: Money

    @classmethod
    def of(cls, lines: Collection[ReportRow]) -> Totals:
        """What rows add up to."""
        return cls(sum(line.student_count for line in lines), Money(sum(line.cost.minor for line in lines)))

    def agrees_with(self, printed: Totals) -> bool:
        """Whether students are those printed exactly, and dollars when rounded to whole ones."""
        return (
            self.student_count == printed.student_count and 2 * abs((self.cost - printed.cost).minor) <= 100
        )


@dataclass(frozen=True)
class BlockReconciliation:
    """A block (with a `program`) or a country: what its rows add up to, beside what the report prints."""

    partner_code: str
    program: str | None
    page: int
    computed: Totals
    printed: Totals
    fiscal_year: int | None = None  # None: all years of the report together
    set_aside_count: int = 0  # blocks under these totals that were set aside: their rows are not computed

    @property
    def reconciles(self) -> bool:
        """Students agree exactly, and dollars when rounded to whole ones, as the report prints them."""
        return self.computed.agrees_with(self.printed)


@dataclass(frozen=True)
class UncheckedBlock:
    """A block or country without printed totals, in a report that prints none or whose pages lack them."""

    partner_code: str
    program: str | None
    page: int
    computed: Totals


@dataclass(frozen=True)
class BlockSetAside:
    """A block that could not be read, or figures outside of any: not in the rows, kept as it is printed.

    `problems` say why. A page that could not be read at all has no program and no text.
    """

    partner_code: str  # empty: the country is not known
    program: str  # empty: not known
    fiscal_year: int | None
    page: int  # where it begins
    last_page: int
    printed: Totals | None  # below the block, where that can be read
    text: str  # every line, as printed
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class CountryCoverage:
    """The countries, by code, that a file names, and those of them of which nothing was read."""

    named: tuple[str, ...]
    missing: tuple[str, ...]

    @classmethod
    def of(cls, named: Iterable[str], read: Collection[str]) -> CountryCoverage:
        """The coverage of countries named by those read."""
        named = tuple(named)
        return cls(named, tuple(code for code in named if code not in read))

    @property
    def read_count(self) -> int:
        """How many of the countries named were read."""
        return len(self.named) - len(self.missing)

    def only(self, partner_code: str) -> CountryCoverage:
        """The coverage of one country."""
        return CountryCoverage.of({partner_code} & set(self.named), set(self.named) - set(self.missing))


@dataclass(frozen=True)
class Report:
    """One volume: its rows and how they reconcile.

    `remarks` name the rows that are here though something in them cannot be, or is not printed. `named` are the
    countries, by code, that its contents, headings or totals name. What is in `blocks_set_aside` is in no row.
    """

    name: str  # "2011-2012"
    volume: str
    fiscal_year: int  # of the activities; early reports add those planned for the next
    lines: tuple[ReportRow, ...]
    reconciliations: tuple[BlockReconciliation, ...]
    remarks: tuple[Problem, ...] = ()
    unchecked: tuple[UncheckedBlock, ...] = ()
    named: tuple[str, ...] = ()
    blocks_set_aside: tuple[BlockSetAside, ...] = ()

    @property
    def coverage(self) -> CountryCoverage:
        """The countries that the volume names, and those of which nothing was read."""
        return coverage_of([self])


def coverage_of(reports: Iterable[Report]) -> CountryCoverage:
    """The countries that any of some reports names, and those of which none has anything.

    A country has something when there are rows of it, or when it has none and its printed totals are of none.
    """
    named: set[str] = set()
    read: set[str] = set()
    for report in reports:
        named.update(report.named)
        read.update(line.partner_code for line in report.lines)
        read.update(item.partner_code for item in report.reconciliations if item.reconciles)
    return CountryCoverage.of(sorted(named), read)
