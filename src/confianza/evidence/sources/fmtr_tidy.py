"""The Security Force Monitor's tidy file of all training reports, and its comparison with the volumes themselves."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from confianza.cooperation.money import Money
from confianza.cooperation.training import TrainingLine
from confianza.errors import ImportRefusal, Problem
from confianza.evidence.countries import country_code, country_of_name
from confianza.evidence.sources.fmtr import refuse_pointer
from confianza.evidence.sources.fmtr_record import Kind, Report, Totals, Unchecked, mark_of, read_row

# Our names, and what the editions of the file call the columns.
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
            theirs = {
                name: next((one for one in names if one in header), None) for name, names in COLUMNS.items()
            }
            missing = [
                COLUMNS[name][0] for name, column in theirs.items() if column is None and name not in OPTIONAL
            ]
            if missing:
                params = {"missing": ", ".join(missing)}
                raise ImportRefusal([Problem("fmtr-tidy-columns", path.name, row=1, params=params)])
            for row in reader:
                texts = {name: row.get(column or "") or "" for name, column in theirs.items()}
                yield reader.line_num, {name: " ".join(text.split()) for name, text in texts.items()}
    except (UnicodeDecodeError, csv.Error) as error:
        params = {"detail": type(error).__name__}
        raise ImportRefusal([Problem("fmtr-tidy-unreadable", path.name, params=params)]) from error
    except OSError as error:
        raise ImportRefusal([Problem("fmtr-file-missing", str(path))]) from error


def _line(texts: Mapping[str, str], number: int, file: str) -> tuple[TrainingLine | None, list[Problem]]:
    def left_out(code: str, field: str) -> tuple[None, list[Problem]]:
        return None, [Problem(code, file, row=number, field=field, params={"value": texts[field]})]

    report = REPORT.match(texts["group"])
    mark = mark_of(texts["program"])
    country = country_of_name(texts["country"]) or country_code(texts["iso"])
    if report is None:
        return left_out("fmtr-tidy-report", "group")
    if country is None:
        return left_out("fmtr-tidy-country", "country")
    if mark is None or mark.kind is not Kind.BLOCK or mark.fiscal_year is None:
        return left_out("fmtr-tidy-program", "program")
    dates = {name: texts[name] for name in ("start_date", "end_date") if int(report[1]) > 2000}
    return read_row(
        {name: text for name, text in texts.items() if not name.endswith("_date")} | dates,
        report=f"{report[1]}-{report[2]}",
        volume=file,
        page=int(texts["page"]) if texts["page"].isdigit() else 1,
        row=number,
        fiscal_year=mark.fiscal_year,
        partner_code=country,
        program=mark.program,
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
    lines: dict[str, list[TrainingLine]] = defaultdict(list)
    remarks: dict[str, list[Problem]] = defaultdict(list)
    for number, texts in _rows(path):
        if "Program Totals" in texts["course_title"]:
            continue  # the printed totals, which early editions keep among the rows
        line, problems = _line(texts, number, path.name)
        report = re.sub("_", "-", texts["group"][:9])
        if line is None or partner_code in (None, line.partner_code):
            remarks[report] += problems
        if line is not None and partner_code in (None, line.partner_code):
            lines[line.report].append(line)
    if not lines:
        problems = [problem for found in remarks.values() for problem in found]
        nothing = Problem("fmtr-nothing-found", path.name, params={"partner": partner_code or "-"})
        raise ImportRefusal(problems or [nothing])
    stray = [problem for report, found in remarks.items() if report not in lines for problem in found]
    first = min(lines)
    return tuple(
        Report(
            name=name,
            volume=path.name,
            fiscal_year=int(name[:4]),
            lines=tuple(found),
            reconciliations=(),
            remarks=tuple(remarks[name] + (stray if name == first else [])),
            unchecked=tuple(_unchecked(found)),
            named=tuple(sorted({line.partner_code for line in found})),
        )
        for name, found in sorted(lines.items())
    )


def _unchecked(lines: list[TrainingLine]) -> Iterator[Unchecked]:
    students: Counter[str] = Counter()
    costs: Counter[str] = Counter()
    for line in lines:
        students[line.partner_code] += line.student_count
        costs[line.partner_code] += line.cost.minor
    for country in sorted(students):
        yield Unchecked(country, None, 1, Totals(students[country], Money(costs[country])))


# --- comparison -----------------------------------------------------------------------------------

COMPARED = (
    "fiscal_year",
    "partner_code",
    "program",
    "course_title",
    "student_count",
    "location",
    "student_unit",
    "us_unit",
    "cost",
    "start_date",
    "end_date",
)


@dataclass(frozen=True)
class Difference:
    """A row that the two sources give differently, or that only one gives: `fields` are those that differ."""

    ours: TrainingLine | None
    theirs: TrainingLine | None
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """How many rows are the same in both sources, and every one that is not."""

    same_count: int
    differences: tuple[Difference, ...]


def _values(line: TrainingLine) -> tuple[object, ...]:
    values = (getattr(line, name) for name in COMPARED)
    return tuple(" ".join(value.split()) if isinstance(value, str) else value for value in values)


def compare(ours: Iterable[TrainingLine], theirs: Iterable[TrainingLine]) -> Comparison:
    """Compare the rows of two sources, whatever their order; rows alike many times are counted as often.

    What is left after equal rows are matched is paired within a block with the row that differs in the fewest fields,
    half of them at most.
    """
    left, right = list(ours), list(theirs)
    same = 0
    waiting: dict[tuple[object, ...], list[TrainingLine]] = defaultdict(list)
    for line in reversed(right):
        waiting[_values(line)].append(line)
    unmatched = []
    for line in left:
        twins = waiting[_values(line)]
        if twins:
            twins.pop()
            same += 1
        else:
            unmatched.append(line)
    blocks: dict[tuple[object, ...], list[TrainingLine]] = defaultdict(list)
    for line in right:
        if any(line is kept for kept in waiting[_values(line)]):
            blocks[_values(line)[:3]].append(line)
    differences = []
    for line in unmatched:
        candidates = blocks[_values(line)[:3]]
        nearest = min(candidates, key=lambda other: len(_differing(line, other)), default=None)
        if nearest is not None and 2 * len(_differing(line, nearest)) <= len(COMPARED):
            candidates.remove(nearest)
            differences.append(Difference(line, nearest, _differing(line, nearest)))
        else:
            differences.append(Difference(line, None, ()))
    differences += [Difference(None, line, ()) for found in blocks.values() for line in found]
    return Comparison(same, tuple(differences))


def _differing(one: TrainingLine, other: TrainingLine) -> tuple[str, ...]:
    pairs = zip(COMPARED, _values(one), _values(other), strict=True)
    return tuple(name for name, left, right in pairs if left != right)
