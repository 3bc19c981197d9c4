"""The table of training by year, country, program, school and category, of every volume at hand, with its coverage.

A volume is of one region and year, and not every one is at hand: no figure of the table is of the world. `coverage`
says, for each year and region, which countries were read and what was set aside, and `coverage_text` says it in words
for whoever prints a figure made from it. `scripts/bundle_training_rows.py` makes the table that ships.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from importlib import resources
from pathlib import Path

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.money import Money
from confianza.cooperation.sources import REGIONS, region_of
from confianza.cooperation.training import ReportRow
from confianza.cooperation.training.normalize import Rules, field_text, packaged_rules
from confianza.evidence.sources.fmtr.report import Report
from confianza.packaged import packaged_table

TABLE_FILE = "fmtr_table.csv.gz"
TERMS = ("program_family", "school_code", "category")  # of `FIELDS`, what the table is by
MOST_YEARS = 4  # spans of years that a sentence names


@dataclass(frozen=True)
class TableEntry:
    """Students, courses (rows of the reports) and whole dollars of a year, country, program, school and category."""

    fiscal_year: int
    partner_code: str
    program_family: str
    school_code: str
    category: str
    student_count: int
    course_count: int
    dollars: int

    @property
    def cost(self) -> Money:
        """The dollars as money."""
        return Money(100 * self.dollars)


@dataclass(frozen=True)
class RegionCoverage:
    """What was read of a region in a fiscal year."""

    fiscal_year: int
    region: str
    volumes: tuple[str, ...]
    countries: tuple[str, ...]  # that the volumes name
    missing: tuple[str, ...]  # of these, without a row
    set_aside_count: int  # blocks of its countries that could not be read
    set_aside_students: int  # that are printed below them
    set_aside_dollars: int


@dataclass(frozen=True)
class TrainingTable:
    """Entries in order, and their coverage by year and region."""

    entries: tuple[TableEntry, ...]
    coverage: tuple[RegionCoverage, ...]

    def years(self, region: str) -> tuple[int, ...]:
        """The fiscal years of which anything of a region was read."""
        return tuple(sorted(item.fiscal_year for item in self.coverage if item.region == region))


@cache
def _regions() -> Mapping[str, str]:
    table = packaged_table(__package__, "data/regions.toml")["regions"]
    return {code: region for region, codes in table.items() for code in codes}


def region_of_country(code: str) -> str:
    """The region that the reports list a country under; `other` where they list it under none."""
    return _regions().get(code, "other")


def region_names() -> Mapping[str, BilingualText]:
    """What the regions are called."""
    return {
        english.casefold().replace(" ", "-"): BilingualText(english, spanish)
        for english, spanish in REGIONS.items()
    }


def entries_of(lines: Iterable[ReportRow], rules: Rules | None = None) -> list[TableEntry]:
    """Rows of what was done, added up; dollars are rounded once, at the end."""
    rules = rules or packaged_rules()
    sums: dict[tuple[int, str, str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for line in lines:
        if line.is_planned:
            continue
        family, school, category = (
            rules.decide(field, field_text(field, line), line.partner_code)[0].value for field in TERMS
        )
        key = line.fiscal_year, line.partner_code, family, school, category
        of_key = sums[key]
        of_key[0] += line.student_count
        of_key[1] += 1
        of_key[2] += line.cost.minor
    return [
        TableEntry(*key, students, courses, (minor + 50) // 100)
        for key, (students, courses, minor) in sorted(sums.items())
    ]


def best_reports(reports: Iterable[Report]) -> dict[tuple[int, str], Report]:
    """The report that each fiscal year and country is taken from, where several volumes have it.

    That which sets the fewest blocks of the country aside, then that which meets most of its printed totals, then that
    with most rows, then one whose name says its region, then the first by name.
    """
    chosen: dict[tuple[int, str], tuple[tuple[int, int, int, bool, str], Report]] = {}
    for report in reports:
        counts: dict[tuple[int, str], int] = defaultdict(int)
        for line in report.lines:
            if not line.is_planned:
                counts[line.fiscal_year, line.partner_code] += 1
        aside: dict[str, int] = defaultdict(int)
        for block in report.blocks_set_aside:
            aside[block.partner_code] += 1
        wrong: dict[str, int] = defaultdict(int)
        for item in report.reconciliations:
            wrong[item.partner_code] += not item.reconciles
        for key, count in counts.items():
            rank = (aside[key[1]], wrong[key[1]], -count, not region_of(report.volume), report.volume)
            if key not in chosen or rank < chosen[key][0]:
                chosen[key] = rank, report
    return {key: report for key, (_, report) in chosen.items()}


def build_table(reports: Sequence[Report], rules: Rules | None = None) -> TrainingTable:
    """The table of some reports: each year and country once, and what was read of each year and region."""
    chosen = best_reports(reports)
    lines = [
        line
        for report in reports
        for line in report.lines
        if not line.is_planned and chosen[line.fiscal_year, line.partner_code] is report
    ]
    cells: dict[tuple[int, str], dict[str, set[str]]] = defaultdict(
        lambda: {"volumes": set(), "named": set(), "read": set()}
    )
    aside: dict[tuple[int, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for report in reports:
        for code in report.named:
            cell = cells[report.fiscal_year, region_of_country(code)]
            cell["named"].add(code)
            cell["volumes"].add(report.volume)
        for block in report.blocks_set_aside:
            year = block.fiscal_year or report.fiscal_year
            if chosen.get((year, block.partner_code), report) is report:
                place = aside[year, region_of_country(block.partner_code)]
                place[0] += 1
                place[1] += block.printed.student_count if block.printed else 0
                place[2] += block.printed.cost.minor // 100 if block.printed else 0
    for year, code in chosen:
        cells[year, region_of_country(code)]["read"].add(code)
    coverage = [
        RegionCoverage(
            year,
            region,
            tuple(sorted(cell["volumes"])),
            tuple(sorted(cell["named"] | cell["read"])),
            tuple(sorted(cell["named"] - cell["read"])),
            *aside[year, region],
        )
        for (year, region), cell in sorted(cells.items())
    ]
    return TrainingTable(tuple(entries_of(lines, rules)), tuple(coverage))


def merge_tables(older: TrainingTable, newer: TrainingTable) -> TrainingTable:
    """The older table with each year and country of the newer one in its place."""
    replaced = {(entry.fiscal_year, entry.partner_code) for entry in newer.entries}
    entries = [
        *(entry for entry in older.entries if (entry.fiscal_year, entry.partner_code) not in replaced),
        *newer.entries,
    ]
    read = {(entry.fiscal_year, entry.partner_code) for entry in entries}
    coverage = {(item.fiscal_year, item.region): item for item in older.coverage}
    for item in newer.coverage:
        earlier = coverage.get((item.fiscal_year, item.region))
        if earlier is not None:
            countries = {*earlier.countries, *item.countries}
            is_whole = set(earlier.countries) <= set(item.countries)
            item = replace(
                item,
                volumes=tuple(sorted({*earlier.volumes, *item.volumes})),
                countries=tuple(sorted(countries)),
                missing=tuple(sorted(code for code in countries if (item.fiscal_year, code) not in read)),
                set_aside_count=item.set_aside_count + (0 if is_whole else earlier.set_aside_count),
                set_aside_students=item.set_aside_students + (0 if is_whole else earlier.set_aside_students),
                set_aside_dollars=item.set_aside_dollars + (0 if is_whole else earlier.set_aside_dollars),
            )
        coverage[item.fiscal_year, item.region] = item
    return TrainingTable(
        tuple(
            sorted(entries, key=lambda entry: tuple(getattr(entry, field.name) for field in fields(entry)))
        ),
        tuple(item for _, item in sorted(coverage.items())),
    )


# --- as a file ------------------------------------------------------------------------------------


def table_bytes(table: TrainingTable) -> bytes:
    """A table as compressed CSV: first its coverage, a line a year and region, then its entries. The same each time."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([field.name for field in fields(RegionCoverage)])
    for item in table.coverage:
        writer.writerow(
            " ".join(value) if isinstance(value := getattr(item, field.name), tuple) else value
            for field in fields(item)
        )
    writer.writerow([])
    writer.writerow([field.name for field in fields(TableEntry)])
    for entry in table.entries:
        writer.writerow(getattr(entry, field.name) for field in fields(entry))
    return gzip.compress(text.getvalue().encode("utf-8"), 9, mtime=0)


def read_table(content: bytes) -> TrainingTable:
    """The table of such a file."""
    first, _, second = gzip.decompress(content).decode("utf-8").partition("\n\n")
    coverage = [
        RegionCoverage(
            int(row["fiscal_year"]),
            row["region"],
            tuple(row["volumes"].split()),
            tuple(row["countries"].split()),
            tuple(row["missing"].split()),
            int(row["set_aside_count"]),
            int(row["set_aside_students"]),
            int(row["set_aside_dollars"]),
        )
        for row in csv.DictReader(io.StringIO(first))
    ]
    rows = csv.reader(io.StringIO(second))
    next(rows)
    entries = [
        TableEntry(int(year), partner, program, school, category, int(students), int(courses), int(dollars))
        for year, partner, program, school, category, students, courses, dollars in rows
    ]
    return TrainingTable(tuple(entries), tuple(coverage))


@cache
def bundled_table() -> TrainingTable:
    """The table that comes with the package."""
    return read_table(resources.files("confianza.evidence").joinpath("data", TABLE_FILE).read_bytes())


@cache
def _read_at(path: Path, _changed: int) -> TrainingTable:
    return read_table(path.read_bytes())


def table_at(path: Path) -> TrainingTable:
    """The table of a file, or the bundled one where there is no such file."""
    return _read_at(path, path.stat().st_mtime_ns) if path.is_file() else bundled_table()


# --- in words -------------------------------------------------------------------------------------


def _spans(years: Sequence[int]) -> str:
    """Years as spans: FY1999–FY2001, FY2004."""
    spans: list[list[int]] = []
    for year in sorted(years):
        if spans and year == spans[-1][1] + 1:
            spans[-1][1] = year
        else:
            spans.append([year, year])
    named = [f"FY{first}" if first == last else f"FY{first}–FY{last}" for first, last in spans[:MOST_YEARS]]
    return ", ".join(named) + (" …" if len(spans) > MOST_YEARS else "")


def coverage_text(
    table: TrainingTable, *, years: Iterable[int] | None = None, regions: Iterable[str] | None = None
) -> BilingualText:
    """What figures made from the table rest on: regions with their years, countries without rows, blocks set aside."""
    wanted_years, wanted = (None if given is None else set(given) for given in (years, regions))
    items = [
        item
        for item in table.coverage
        if (wanted_years is None or item.fiscal_year in wanted_years)
        and (wanted is None or item.region in wanted)
    ]
    if not items:
        return BilingualText("No volume at hand covers this.", "Ningún volumen a la mano cubre esto.")
    names = region_names()
    found = sorted({item.region for item in items} - {"other"})
    spans = {
        region: _spans([item.fiscal_year for item in items if item.region == region]) for region in found
    }
    missing = sum(len(item.missing) for item in items)
    aside = sum(item.set_aside_count for item in items)
    students = sum(item.set_aside_students for item in items)
    dollars = sum(item.set_aside_dollars for item in items)
    english = "Of the volumes at hand: " + "; ".join(f"{names[one].en} {spans[one]}" for one in found)
    spanish = "De los volúmenes a la mano: " + "; ".join(f"{names[one].es} {spans[one]}" for one in found)
    if aside:
        english += f"; without {aside} blocks set aside ({students:,} students, ${dollars:,} printed)"
        spanish += f"; sin {aside} bloques apartados ({students:,} alumnos, US${dollars:,} impresos)"
    if missing:
        english += f"; {missing} times a country that is named has no row"
        spanish += f"; {missing} veces un país nombrado no tiene renglones"
    return BilingualText(english + ".", spanish + ".")
