"""Headings and totals of a Foreign Military Training Report: what a line between rows says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from confianza.cooperation.money import Money
from confianza.evidence.countries import country_of_name
from confianza.evidence.sources.fmtr.report import Totals

YEAR = r"(?:FY|Fiscal Year) ?(?P<year>\d{4})"
SHORT_YEAR = r"FY ?(?P<year>\d\d)"
TOTALS = r"(?P<students>[\d,]+) ?\$? ?(?P<cost>[\d,]+)$"
BLOCK = re.compile(rf"(?P<program>.+?) -\s?{YEAR} .*Training$")
PROGRAM_TOTALS = re.compile(rf"{YEAR} Program Totals {TOTALS}")
COUNTRY_TOTALS = re.compile(rf"(?P<country>.+?) {YEAR} Totals {TOTALS}")
EARLY_BLOCK = re.compile(
    rf"(?P<department>DO?[A-Z]{{1,2}} )?(?P<region>.+? Region, )?(?P<names>.+?), ?{SHORT_YEAR}$",
    re.IGNORECASE,
)
EARLY_TOTALS = re.compile(
    rf"(?P<of>{SHORT_YEAR}|Program|Country) Totals:(?= ?[\d$])(?: (?P<students>[\d,]+))?(?: \$? ?(?P<cost>[\d,]+))?$"
)
OTHER_TOTALS = re.compile(
    r"\btotals:?$|\bsub-?total:?$|^(?:(?:FY|Fiscal Year) ?\d+ |grand |program |country )*total:?$",
    re.IGNORECASE,
)
WORDS_OF_TOTALS = re.compile(
    rf"(?:{YEAR} Program Totals|(?:FY ?\d\d|Program|Country) Totals:)", re.IGNORECASE
)
WORDS_OF_COUNTRY_TOTALS = re.compile(rf"(?P<country>.+?) {YEAR} Totals")


class HeadingKind(StrEnum):
    """What a line between rows says."""

    COUNTRY = "country"
    BLOCK = "block"
    YEAR_TOTALS = "year totals"
    PROGRAM_TOTALS = "program totals"
    COUNTRY_TOTALS = "country totals"


@dataclass(frozen=True)
class Heading:
    """A heading or a line of totals.

    `is_early`: of a report before FY2006, whose blocks name their country; `is_running`: at the head of a page, for
    the block that goes on there.
    """

    kind: HeadingKind
    text: str
    country: str | None = None  # code; None in the totals of an unknown country
    program: str = ""
    fiscal_year: int | None = None
    printed: Totals | None = None
    is_early: bool = False
    is_running: bool = False
    line: str = ""  # all of it

    @property
    def is_of_unknown_country(self) -> bool:
        """Whether this heads a block whose country is not known by its spelling."""
        return self.kind is HeadingKind.BLOCK and self.is_early and self.country is None


def read_heading(text: str, *, is_early: bool = False) -> Heading | None:
    """The heading of a block or the totals that a line prints; None when it is anything else.

    In an early report a heading shows by its form, whatever country it names; in a later one a cell may have that form.
    """
    heading = _heading(text, is_early)
    return None if heading is None else replace(heading, line=text)


def totals_in_cells(texts: Mapping[str, str]) -> Heading | None:
    """The line of totals whose words stand in the title of a row, with its figures in their columns.

    Such a line carries cells of a row that it stands over. None when the words are not all there, or no figures.
    """
    title, students, cost = (texts.get(name, "") for name in ("course_title", "student_count", "cost"))
    match = WORDS_OF_TOTALS.search(title) or WORDS_OF_COUNTRY_TOTALS.search(title)
    return read_heading(f"{match[0]} {students} {cost}") if match and students and cost else None


def _heading(text: str, is_early: bool) -> Heading | None:
    if "Totals" in text:
        if match := PROGRAM_TOTALS.match(text):
            year = int(match["year"])
            return Heading(HeadingKind.PROGRAM_TOTALS, text, fiscal_year=year, printed=_printed(match))
        if match := COUNTRY_TOTALS.match(text):
            country = country_of_name(match["country"])
            return Heading(HeadingKind.COUNTRY_TOTALS, match["country"], country, printed=_printed(match))
        if match := EARLY_TOTALS.match(text):
            kinds = {"Program": HeadingKind.PROGRAM_TOTALS, "Country": HeadingKind.COUNTRY_TOTALS}
            kind = kinds.get(match["of"], HeadingKind.YEAR_TOTALS)
            early_year = _early_year(match["year"]) if match["year"] else None
            return Heading(kind, text, fiscal_year=early_year, printed=_printed(match), is_early=True)
    elif ("FY" in text or "Fiscal Year" in text) and "$" not in text:
        if match := BLOCK.match(text):
            return Heading(HeadingKind.BLOCK, text, program=match["program"], fiscal_year=int(match["year"]))
        if match := EARLY_BLOCK.match(text):
            heading = _early_block(text, match)
            return heading if is_early or match["region"] or heading.country else None
    return None


def _printed(match: re.Match[str]) -> Totals:
    students, dollars = (  # totals of rows without a cost print none either
        int((match[name] or "0").replace(",", "")) for name in ("students", "cost")
    )
    return Totals(students, Money(dollars * 100))


def _early_year(text: str) -> int:
    return int(text) + (2000 if int(text) < 70 else 1900)


def _early_block(text: str, match: re.Match[str]) -> Heading:
    """The block of `country, program`, where either may hold commas itself."""
    year = _early_year(match["year"])
    is_running = match["region"] is not None and match["department"] is None
    country, program = split_country(match["names"])
    if country is None:
        text, program = match["names"], ""
    return Heading(HeadingKind.BLOCK, text, country, program, year, is_early=True, is_running=is_running)


def split_country(text: str, separator: str = ", ") -> tuple[str | None, str]:
    """The code of the country a text starts with, and what stands after the separator; the longest name is meant."""
    parts = [part.strip() for part in text.split(separator.strip() or None)]
    for size in range(len(parts) - 1, 0, -1):
        if country := country_of_name(separator.join(parts[:size])):
            return country, separator.join(parts[size:])
    return None, text
