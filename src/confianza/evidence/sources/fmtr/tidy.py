"""The Security Force Monitor's tidy file of all training reports."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

from confianza.cooperation.training import ReportRow
from confianza.errors import ImportRefusal, Problem
from confianza.evidence.countries import country_code, country_of_name
from confianza.evidence.sources.fmtr.headings import HeadingKind, read_heading
from confianza.evidence.sources.fmtr.report import Report, Totals, UncheckedBlock
from confianza.evidence.sources.fmtr.rows import read_row
from confianza.evidence.sources.fmtr.volume import refuse_pointer

# Our names, and what the releases of the file call the columns.
COLUMNS = {
    "group": ("group", "qa:training_group"),
    "country": ("country", "training:country"),
    "iso": ("iso_3166_1", "qa:training_country_iso_3166_1"),
    "program": ("program", "training:program"),
    "course_title": ("course_title", "training:course_title"),
    "us_unit": ("us_unit", "training:delivery_unit"),
    "student_unit": ("student_unit", "training:recipient_unit"),
    "start_date": ("start_date", "training:start_date_raw"),
    "end_date": ("end_date", "training:end_date_raw"),
    "location": ("location", "training:location"),
    "student_count": ("quantity", "training:quantity"),
    "cost": ("total_cost", "training:total_cost"),
    "page": ("training:page_number", "page_number"),
}
OPTIONAL = {"iso", "page"}
REPORT = re.compile(r"(\d{4})_(\d{4})_")


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row by our names, with the number of its last line."""
    try:
        with path.open("rb") as file:
            refuse_pointer(path, file.read(200))
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, delimiter="\t")
            header = reader.fieldnames or []
            columns = {
                name: next((column for column in names if column in header), None)
                for name, names in COLUMNS.items()
            }
            missing = [
                COLUMNS[name][0]
                for name, column in columns.items()
                if column is None and name not in OPTIONAL
            ]
            if missing:
                params = {"missing": ", ".join(missing)}
                raise ImportRefusal([Problem("fmtr-tidy-columns", path.name, row=1, params=params)])
            for row in reader:
                texts = {name: row.get(column or "") or "" for name, column in columns.items()}
                yield reader.line_num, {name: " ".join(text.split()) for name, text in texts.items()}
    except (UnicodeDecodeError, csv.Error) as error:
        params = {"detail": type(error).__name__}
        raise ImportRefusal([Problem("fmtr-tidy-unreadable", path.name, params=params)]) from error
    except OSError as error:
        raise ImportRefusal([Problem("fmtr-file-missing", str(path))]) from error


def _line(texts: Mapping[str, str], number: int, file: str) -> tuple[ReportRow | None, list[Problem]]:
    def left_out(code: str, field: str) -> tuple[None, list[Problem]]:
        return None, [Problem(code, file, row=number, field=field, params={"value": texts[field]})]

    report = REPORT.match(texts["group"])
    block = read_heading(texts["program"])
    country = country_of_name(texts["country"]) or country_code(texts["iso"])
    if report is None:
        return left_out("fmtr-tidy-report", "group")
    if country is None:
        return left_out("fmtr-tidy-country", "country")
    if block is None or block.kind is not HeadingKind.BLOCK or block.fiscal_year is None:
        return left_out("fmtr-tidy-program", "program")
    dates = {name: texts[name] for name in ("start_date", "end_date") if int(report[1]) > 2000}
    return read_row(
        {name: text for name, text in texts.items() if not name.endswith("_date")} | dates,
        report=f"{report[1]}-{report[2]}",
        volume=file,
        page=int(texts["page"]) if texts["page"].isdigit() else 1,
        row=number,
        fiscal_year=block.fiscal_year,
        partner_code=country,
        program=block.program,
    )


def read_tidy(path: Path, *, partner_code: str | None = None) -> tuple[Report, ...]:
    """The reports of a tidy file (tab-separated), oldest first, or one country's rows of them.

    The file is a copy made by others, without the printed totals, so nothing in it can be reconciled: every country is
    listed as unchecked. Its known faults do not refuse it: `remarks` name every row with a date that cannot be one, and
    every row left out because its report, country, program, quantity or cost cannot be read. Rows are numbered by
    their line; `page` is the report's own page where the file gives it, or 1.

    Raises
    ------
    ImportRefusal
        No such file, the pointer of Git LFS instead of the file, columns missing, not one row that can be read.

    References
    ----------
    Security Force Monitor, repository `security-force-monitor/fmtrpt_data` (MIT licence).
    """
    lines: dict[str, list[ReportRow]] = defaultdict(list)
    remarks: dict[str, list[Problem]] = defaultdict(list)
    for number, texts in _rows(path):
        if "Program Totals" in texts["course_title"]:
            continue  # the printed totals, which early releases have among the rows
        line, problems = _line(texts, number, path.name)
        report = re.sub("_", "-", texts["group"][:9])
        if line is None or partner_code in (None, line.partner_code):
            remarks[report] += problems
        if line is not None and partner_code in (None, line.partner_code):
            lines[line.report].append(line)
    if not lines:
        nothing = Problem("fmtr-nothing-found", path.name, params={"partner": partner_code or "-"})
        raise ImportRefusal([*chain.from_iterable(remarks.values())] or [nothing])
    stray = [problem for report in remarks if report not in lines for problem in remarks[report]]
    first = min(lines)
    return tuple(
        Report(
            name=name,
            volume=path.name,
            fiscal_year=int(name[:4]),
            lines=tuple(rows),
            reconciliations=(),
            remarks=tuple(remarks[name] + (stray if name == first else [])),
            unchecked=tuple(_unchecked(rows)),
            named=tuple(sorted({line.partner_code for line in rows})),
        )
        for name, rows in sorted(lines.items())
    )


def _unchecked(lines: list[ReportRow]) -> Iterator[UncheckedBlock]:
    """Each country with what its rows add up to."""
    by_country: dict[str, list[ReportRow]] = defaultdict(list)
    for line in lines:
        by_country[line.partner_code].append(line)
    for country, rows in sorted(by_country.items()):
        yield UncheckedBlock(country, None, 1, Totals.of(rows))
