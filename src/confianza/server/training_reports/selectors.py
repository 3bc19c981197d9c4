"""Reads on the training reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Count, F, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.money import Money, total
from confianza.cooperation.training import Category, TrainingFigure
from confianza.cooperation.training.courses import program_parts
from confianza.cooperation.training.normalize import FIELDS, UNMATCHED, field_text
from confianza.errors import Problem, RuleRefusal
from confianza.evidence.countries import known_country
from confianza.evidence.imet import IMET
from confianza.evidence.sources.fmtr import CountryCoverage
from confianza.evidence.training_reports import PmeShare
from confianza.evidence.training_table import TABLE_FILE, TrainingTable, table_at
from confianza.server.evidence.models import ImportRun
from confianza.server.evidence.services import archive_folder
from confianza.server.training_reports import models
from confianza.server.training_reports.terms import BY_PERSON, PRINTED, classification_key, known_value

DIMENSIONS = (
    "fiscal_year",
    "partner_code",
    "program_family",
    "school_code",
    "institution_code",
    "category",
    "level",
)  # what rows are summed by

STATUSES = {"executed": [False], "planned": [True], "both": [False, True]}  # whether rows are planned ones


@dataclass(frozen=True)
class TrainingQuery:
    """What rows are narrowed by; None does not narrow."""

    partner_code: str | None = None
    from_fy: int | None = None
    to_fy: int | None = None
    program_family: str | None = None
    school_code: str | None = None
    institution_code: str | None = None
    category: str | None = None
    level: str | None = None
    status: str = (
        "executed"  # of `STATUSES`: what a report says was done, or (early ones) what it says was planned
    )

    @classmethod
    def of(cls, given: Mapping[str, str]) -> TrainingQuery:
        """The query that parameters of an address ask for; empty ones do not narrow, others are left out.

        Raises
        ------
        RuleRefusal
            `training-year-not-valid`, `training-years-reversed`, `country-unknown` or `training-term-unknown`.
        """
        wanted: dict[str, Any] = {}
        for name in (field.name for field in fields(cls)):
            text = given.get(name, "").strip()
            if not text:
                continue
            if name in {"from_fy", "to_fy"}:
                if not (text.isascii() and text.isdigit() and len(text) == 4):
                    raise RuleRefusal("training-year-not-valid", year=text)
                wanted[name] = int(text)
            elif name == "status":
                if text not in STATUSES:
                    raise RuleRefusal(
                        "training-term-unknown", field=name, value=text, near=", ".join(STATUSES)
                    )
                wanted[name] = text
            elif name == "partner_code":
                wanted[name] = known_country(text)
            else:
                wanted[name] = known_value(name, text)
        query = cls(**wanted)
        if query.from_fy and query.to_fy and query.from_fy > query.to_fy:
            raise RuleRefusal("training-years-reversed", first=query.from_fy, last=query.to_fy)
        return query

    def narrowed(self, values: Mapping[str, str | int]) -> TrainingQuery:
        """The query for those of its rows that have these values, by some of `DIMENSIONS`."""
        to: dict[str, Any] = dict(values)
        if (year := to.pop("fiscal_year", None)) is not None:
            to |= {"from_fy": year, "to_fy": year}
        return replace(self, **to)

    def parameters(self) -> dict[str, str]:
        """What narrows, as the parameters of an address."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        left_out = (None, TrainingQuery.status)
        return {name: str(value) for name, value in found.items() if value not in left_out}


@dataclass(frozen=True)
class SummaryRow:
    """Students, courses (rows of the reports) and cost of the rows that have these values."""

    values: Mapping[str, str | int]  # by dimension
    student_count: int
    course_count: int
    cost: Money


def training_rows(query: TrainingQuery) -> QuerySet[models.ReportRow]:
    """The rows that fit, by fiscal year and partner, in the order of their report."""
    columns = {"from_fy": "fiscal_year__gte", "to_fy": "fiscal_year__lte"}
    wanted = {
        columns.get(name, name): value
        for field in fields(query)
        if (name := field.name) != "status" and (value := getattr(query, name)) is not None
    }
    if query.status != "both":
        wanted["is_planned"] = query.status == "planned"
    if query.program_family:
        wanted["program_family__in"] = program_parts(wanted.pop("program_family"))
    return models.ReportRow.objects.filter(**wanted)


def training_summary(query: TrainingQuery, by: tuple[str, ...]) -> list[SummaryRow]:
    """The rows that fit, added up by some of `DIMENSIONS`, in the order of their values; one row without any."""
    names = tuple(dict.fromkeys(by))
    # SQLite is led to an index that has all of a sum: by a value to look up in it and, where no index has these sums in
    # order, by terms that no index is in the order of. Else it reads row by row what it need not sort.
    rows = training_rows(query).filter(is_planned__in=STATUSES[query.status])
    is_whole = query == TrainingQuery(status=query.status)
    is_in_order = is_whole and any(names == order[: len(names)] for order in models.IN_ORDER)
    terms = {f"{name}_": F(name) if is_in_order else Coalesce(name, name) for name in ("currency", *names)}
    groups: Iterable[Mapping[str, Any]] = (
        rows.order_by()
        .values(**terms)
        .annotate(student_total=Sum("student_count"), course_total=Count("*"), cost_total=Sum("cost_minor"))
    )
    found = [
        SummaryRow(
            {name: group[f"{name}_"] for name in names},
            group["student_total"],
            group["course_total"],
            Money(group["cost_total"], group["currency_"]),
        )
        for group in groups
    ]
    return sorted(found, key=lambda row: (*row.values.values(), row.cost.currency))


EACH_COUNTRY = """
WITH RECURSIVE found(code) AS (
    SELECT MIN(partner_code) FROM training_reports_reportrow WHERE is_planned = %s
    UNION ALL
    SELECT (SELECT MIN(partner_code) FROM training_reports_reportrow WHERE is_planned = %s AND partner_code > found.code)
    FROM found WHERE found.code IS NOT NULL
)
SELECT code FROM found WHERE code IS NOT NULL
"""


def recorded_countries() -> list[str]:
    """The countries that have rows: looked up one after the other, where DISTINCT would read every row."""
    found: set[str] = set()
    with connection.cursor() as cursor:
        for is_planned in STATUSES["both"]:
            cursor.execute(EACH_COUNTRY, [is_planned, is_planned])
            found |= {code for (code,) in cursor.fetchall()}
    return sorted(found)


def is_under_ceiling(query: TrainingQuery, by: tuple[str, ...]) -> bool:
    """Whether sums are those that a ceiling is of: IMET as a whole, of a country and year, done or planned."""
    narrowed = {name for name, value in query.parameters().items() if value}
    return (
        query.program_family == IMET
        and query.status != "both"
        and narrowed | set(by)
        <= {"partner_code", "fiscal_year", "from_fy", "to_fy", "program_family", "status"}
    )


def pme_shares(
    query: TrainingQuery, by: tuple[str, ...], ceilings: Mapping[tuple[str, int], Money] | None = None
) -> list[PmeShare]:
    """The rows that fit, added up by some of `DIMENSIONS`, with the PME among them.

    `ceilings` are those of IMET by partner and fiscal year; a sum has one only where it is of what the ceiling is of.
    """
    known = ceilings if ceilings and is_under_ceiling(query, by) else {}
    groups: dict[tuple[tuple[str | int, ...], str], list[SummaryRow]] = {}
    for row in training_summary(query, (*by, "category")):
        key = tuple(row.values[name] for name in by), row.cost.currency
        groups.setdefault(key, []).append(row)
    shares = []
    for (group, currency), rows in groups.items():
        pme = [row for row in rows if row.values["category"] == Category.PME]
        only_year = query.from_fy if query.from_fy == query.to_fy else None
        values: dict[str, Any] = {
            "partner_code": query.partner_code,
            "fiscal_year": only_year,
            **rows[0].values,
        }
        shares.append(
            PmeShare(
                group,
                sum(row.student_count for row in rows),
                sum(row.course_count for row in rows),
                total([row.cost for row in rows], currency),
                sum(row.student_count for row in pme),
                sum(row.course_count for row in pme),
                total([row.cost for row in pme], currency),
                known.get((values["partner_code"], values["fiscal_year"])),
            )
        )
    return shares


# --- one row, and why its terms are what they are -------------------------------------------------------------


@dataclass(frozen=True)
class ShownTerm:
    """What a field says of a row, the rule that decided and why; `classification` when a person did."""

    field: str
    value: str
    rule_id: str
    reason: BilingualText | None
    printed: str
    classification: models.Classification | None


def training_row(number: int) -> models.ReportRow | None:
    """A row with the file it was read from."""
    return models.ReportRow.objects.select_related("run").filter(pk=number).first()


def terms_of(row: models.ReportRow) -> list[ShownTerm]:
    """The terms of a row with their reasons, as they were given when the row was last looked at."""
    tables_version = row.rules_version.partition(f"+{BY_PERSON}")[0]
    reasons = {
        (reason.field, reason.rule_id): BilingualText.of(reason.reason)
        for reason in models.RuleReason.objects.filter(
            rules_version=tables_version, rule_id__in=row.rules.values()
        )
    }
    classified = {
        found.rule_id: found
        for rule_id in row.rules.values()
        if rule_id.startswith(BY_PERSON)
        for found in models.Classification.objects.filter(pk=rule_id.removeprefix(BY_PERSON))
    }
    return [
        ShownTerm(
            field,
            getattr(row, field),
            rule_id,
            reasons.get((field, rule_id)),
            field_text(field, row.line()),
            classified.get(rule_id),
        )
        for field in FIELDS
        if (rule_id := row.rules.get(field))
    ]


# --- what a person classifies ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class UnmatchedText:
    """A text of the reports that no rule fits, and how much hangs on it."""

    text: str
    partner_code: str  # empty where the country does not matter
    row_count: int
    student_count: int
    from_fy: int
    to_fy: int
    example: int  # a row that prints it


def unmatched_counts() -> dict[str, int]:
    """How many rows are unmatched, by field."""
    return models.ReportRow.objects.aggregate(
        **{field: Count("pk", filter=Q(**{field: UNMATCHED})) for field in FIELDS}
    )


def unmatched_texts(field: str, partner_code: str | None = None) -> list[UnmatchedText]:
    """The texts that no rule fits, those on most rows first."""
    rows = training_rows(TrainingQuery(partner_code, status="both")).filter(**{field: UNMATCHED}).order_by()
    groups = rows.values(*PRINTED[field]).annotate(
        row_total=Count("pk"),
        student_total=Sum("student_count"),
        first=Min("fiscal_year"),
        last=Max("fiscal_year"),
        example=Min("pk"),
    )
    found: dict[tuple[str, str, str], UnmatchedText] = {}
    for group in groups:
        printed = models.ReportRow(**{name: group[name] for name in PRINTED[field]})
        text = field_text(field, printed)
        key = classification_key(field, text, printed.partner_code)
        same = found.get(key)
        found[key] = UnmatchedText(
            same.text if same else text,
            key[2],
            group["row_total"] + (same.row_count if same else 0),
            group["student_total"] + (same.student_count if same else 0),
            min(group["first"], same.from_fy if same else group["first"]),
            max(group["last"], same.to_fy if same else group["last"]),
            same.example if same else group["example"],
        )
    return sorted(found.values(), key=lambda item: (-item.row_count, item.text))


def classification_history() -> QuerySet[models.Classification]:
    """What people classified, the last first."""
    return models.Classification.objects.order_by("-pk")


# --- what could not be read ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SetAside:
    """How many blocks that figures lack, and what is printed below those that print totals."""

    block_count: int
    student_count: int
    cost: Money


def blocks_set_aside(query: TrainingQuery) -> QuerySet[models.SetAsideBlock]:
    """The blocks that could not be read, and that may belong to what a query asks for.

    Those whose country or program is not known may belong to any.
    """
    found = models.SetAsideBlock.objects.select_related("run")
    if query.partner_code:
        found = found.filter(partner_code__in=["", query.partner_code])
    if query.program_family:
        found = found.filter(program_family__in=[UNMATCHED, *program_parts(query.program_family)])
    if query.from_fy is not None:
        found = found.filter(fiscal_year__gte=query.from_fy)
    if query.to_fy is not None:
        found = found.filter(fiscal_year__lte=query.to_fy)
    return found


def set_aside(query: TrainingQuery) -> SetAside | None:
    """What figures of a query lack; None where nothing was set aside."""
    sums = (
        blocks_set_aside(query)
        .order_by()
        .aggregate(blocks=Count("pk"), students=Sum("printed_student_count"), cost=Sum("printed_cost_minor"))
    )
    if not sums["blocks"]:
        return None
    return SetAside(sums["blocks"], sums["students"] or 0, Money(sums["cost"] or 0))


def set_aside_problems(block: models.SetAsideBlock) -> list[Problem]:
    """Why a block could not be read."""
    return [
        Problem(
            noted["code"], block.run.file_name, noted["page"], noted["row"], noted["field"], noted["params"]
        )
        for noted in block.problems
    ]


# --- printed totals --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ImportedFile:
    """An imported file of training reports: what it brought, and how it reconciles."""

    run: ImportRun
    row_count: int
    partner_count: int
    from_fy: int
    to_fy: int
    total_count: int
    reconciled_count: int
    coverage: CountryCoverage  # of the countries that the file names; none where that was not stored
    set_aside_count: int = 0  # blocks that could not be read


def training_imports() -> list[ImportedFile]:
    """The imported files of which anything is there, in the order they came."""
    rows = models.ReportRow.objects.order_by().values("run", "fiscal_year", "partner_code")
    counts: dict[int, list[tuple[int, str, int]]] = {}
    for found in rows.annotate(row_total=Count("pk")):
        counts.setdefault(found["run"], []).append(
            (found["fiscal_year"], found["partner_code"], found["row_total"])
        )
    totals = {
        found["run"]: (found["printed"], found["good"])
        for found in models.PrintedTotal.objects.order_by()
        .values("run")
        .annotate(
            printed=Count("pk", filter=Q(reconciles__isnull=False)),
            good=Count("pk", filter=Q(reconciles=True)),
        )
    }
    agreeing: dict[int, set[str]] = {}  # a country without a row may have totals of none
    for pk, partner in (
        models.PrintedTotal.objects.filter(reconciles=True)
        .order_by()
        .values_list("run", "partner_code")
        .distinct()
    ):
        agreeing.setdefault(pk, set()).add(partner)
    aside = {
        found["run"]: (found["blocks"], found["first"], found["last"])
        for found in models.SetAsideBlock.objects.order_by()
        .values("run")
        .annotate(blocks=Count("pk"), first=Min("fiscal_year"), last=Max("fiscal_year"))
    }

    def imported(run: ImportRun) -> ImportedFile:
        found = counts.get(run.pk, [])
        blocks, *span = aside.get(run.pk, (0,))
        years = [year for year, *_ in found] or span
        read = {partner for _, partner, _ in found} | agreeing.get(run.pk, set())
        return ImportedFile(
            run,
            sum(count for *_, count in found),
            len({partner for _, partner, _ in found}),
            min(years),
            max(years),
            *totals.get(run.pk, (0, 0)),
            CountryCoverage.of(run.named_countries, read),
            blocks,
        )

    return [imported(run) for run in ImportRun.objects.filter(pk__in={*counts, *aside})]


def run_of_file(digest: str) -> ImportRun | None:
    """The import of a file of training reports that has a digest; None when nothing of it is there."""
    run = ImportRun.objects.filter(digest=digest).first()
    kinds = (models.ReportRow, models.SetAsideBlock)
    return run if run and any(kind.objects.filter(run=run).exists() for kind in kinds) else None


def left_out(run: ImportRun, most: int | None = None) -> list[Problem]:
    """The rows of a file that could not be kept, and why."""
    return [
        Problem(said["code"], run.file_name, said["page"], said["row"], said["field"], said["params"])
        for said in run.left_out[:most]
    ]


def import_remarks() -> Iterator[Problem]:
    """What importers could not read or believe: rows kept without it, and rows that were left out."""
    for imported in training_imports():
        yield from left_out(imported.run)
        for row in models.ReportRow.objects.filter(run=imported.run).exclude(remarks=[]).order_by("pk"):
            for said in row.remarks:
                yield Problem(said["code"], row.volume, row.page, row.row, said["field"], said["params"])


def printed_totals(
    partner_code: str | None = None, *, only_differences: bool = False
) -> QuerySet[models.PrintedTotal]:
    """What the reports print below blocks and countries, beside what their rows add up to."""
    found = models.PrintedTotal.objects.select_related("run")
    if partner_code:
        found = found.filter(partner_code=partner_code)
    return found.filter(reconciles=False) if only_differences else found


def has_printed_totals(partner_code: str | None = None) -> bool:
    """Whether any total is printed, so that it can agree or differ."""
    return printed_totals(partner_code).filter(reconciles__isnull=False).exists()


def has_training_rows(partner_code: str | None = None) -> bool:
    """Whether any row of training was imported, of which something can be said."""
    rows = (
        models.ReportRow.objects.filter(partner_code=partner_code)
        if partner_code
        else models.ReportRow.objects
    )
    return rows.exists()


# --- the table of every volume --------------------------------------------------------------------------------


def training_table_path() -> Path:
    """Where the table of a workspace lies, once it was rebuilt."""
    return archive_folder() / TABLE_FILE


def training_table() -> TrainingTable:
    """The table of the workspace where it was rebuilt, and that of the package elsewhere."""
    return table_at(training_table_path())


# --- figures -----------------------------------------------------------------------------------------------


def training_lines(partner_code: str) -> QuerySet[models.ReportRow]:
    """The imported rows of a partner."""
    return training_rows(TrainingQuery(partner_code))


def training_figures(partner_code: str) -> list[TrainingFigure]:
    """The rows of a partner added up by report, program as printed, school and category."""
    by = ("report", "fiscal_year", "partner_code", "program", "school_code", "category", "currency")
    groups = (
        training_lines(partner_code)
        .order_by(*by, "page", "volume")
        .values(*by, "page", "volume")
        .annotate(students=Sum("student_count"), cost=Sum("cost_minor"), version=Max("rules_version"))
    )
    figures = []
    for key, found in groupby(groups, key=lambda group: {name: group[name] for name in by}):
        parts = list(found)
        figures.append(
            TrainingFigure(
                report=key["report"],
                volumes=tuple(sorted({part["volume"] for part in parts})),
                pages=" ".join(dict.fromkeys(str(part["page"]) for part in parts)),
                fiscal_year=key["fiscal_year"],
                partner_code=key["partner_code"],
                program=key["program"],
                school_code=key["school_code"],
                category=Category(key["category"]),
                student_count=sum(part["students"] for part in parts),
                cost=Money(sum(part["cost"] for part in parts), key["currency"]),
                rules_version=max(part["version"] for part in parts),
            )
        )
    return sorted(
        figures, key=lambda figure: (figure.fiscal_year, figure.program, figure.school_code, figure.category)
    )
