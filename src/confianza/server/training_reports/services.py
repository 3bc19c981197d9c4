"""Writes on training reports: importing them, saying their rows in common terms, classifying texts by hand."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, astuple, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from confianza.cooperation.actors import Actor
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.training import Category, PmeLevel, ReportRow
from confianza.cooperation.training.normalize import FIELDS, packaged_rules
from confianza.errors import ImportRefusal, Problem, RuleRefusal
from confianza.evidence.archive import archive, digest_of
from confianza.evidence.sources.fmtr import (
    BlockReconciliation,
    Progress,
    Report,
    UncheckedBlock,
    read_reports,
)
from confianza.evidence.training_table import (
    RegionCoverage,
    TableEntry,
    TrainingTable,
    bundled_table,
    merge_tables,
    region_of_country,
    table_bytes,
)
from confianza.server.audit.services import record
from confianza.server.evidence.models import ImportRun
from confianza.server.evidence.services import archive_folder, start_run
from confianza.server.training_reports import models
from confianza.server.training_reports.selectors import training_table_path
from confianza.server.training_reports.terms import (
    NormalizedTerms,
    classification_key,
    known_values,
    rows_printed,
)

BUNDLED = "fmtr-shipped"  # the source of rows that came with the package
AT_ONCE = 5_000  # rows
MOST_NAMED = 8  # countries of a refusal
TERMS = (*FIELDS, "level")
CLASSIFIED_COLUMNS = ("field", "text", "partner_code", "value", "level", "reason")


def _years_of(lines: Iterable[ReportRow]) -> Q:
    """The stored rows of the fiscal years and countries of some lines."""
    partners: dict[tuple[int, bool], set[str]] = {}
    for line in lines:
        partners.setdefault((line.fiscal_year, line.is_planned), set()).add(line.partner_code)
    found = Q(pk__in=[])
    for (fiscal_year, is_planned), codes in partners.items():
        found |= Q(fiscal_year=fiscal_year, is_planned=is_planned, partner_code__in=codes)
    return found


def _other_parts(reports: Sequence[Report], stored: QuerySet[models.ReportRow]) -> Q:
    """The stored rows of countries that the end of one file cuts in two, and of which the other file has the rest.

    Both files are parts of one report, one of them is cut off in the country, and no course of a program is in both.
    """
    pairs = {
        (report.name, item.partner_code)
        for report in reports
        if report.reconciliations
        for item in report.unchecked
        if item.program is None
    }
    pairs.update(
        models.PrintedTotal.objects.filter(
            reconciles=None, program="", report__in={report.name for report in reports}
        ).values_list("report", "partner_code")
    )
    found = Q(pk__in=[])
    for name, partner in pairs:
        courses = {
            (line.fiscal_year, line.program, line.course_title)
            for report in reports
            for line in report.lines
            if (report.name, line.partner_code) == (name, partner)
        }
        there = stored.filter(report=name, partner_code=partner)
        if courses.isdisjoint(there.values_list("fiscal_year", "program", "course_title")):
            found |= Q(report=name, partner_code=partner)
    return found


def _refuse_twice(stored: QuerySet[models.ReportRow], file_name: str) -> None:
    """Refuse a file when there are rows of its years and countries from other files, naming these."""
    there = (
        stored.order_by("fiscal_year", "run", "partner_code")
        .values_list("fiscal_year", "run__file_name", "partner_code")
        .distinct()
    )
    problems = []
    for (fiscal_year, earlier), found in groupby(there, key=lambda row: row[:2]):
        codes = [code for *_, code in found]
        named = ", ".join(codes[:MOST_NAMED]) + (" …" if len(codes) > MOST_NAMED else "")
        params = {"fiscal_year": fiscal_year, "partners": named, "earlier": earlier}
        problems.append(Problem("fmtr-year-imported", file_name, params=params))
    if problems:
        raise ImportRefusal(problems)


def _store(run: ImportRun, lines: Sequence[ReportRow], remarks: Iterable[Problem] = ()) -> None:
    """Store the rows of a run in common terms, each with what was remarked on it."""
    terms = NormalizedTerms()
    places = {(line.page, line.row) for line in lines}
    told: dict[tuple[int | None, int | None], list[dict[str, Any]]] = {}
    for remark in remarks:
        said = {"code": remark.code, "field": remark.field, "params": dict(remark.params)}
        place = remark.page, remark.row
        if place in places:
            told.setdefault(place, []).append(said)
        else:
            run.left_out.append({"page": remark.page, "row": remark.row, **said})
    run.save()
    models.ReportRow.objects.bulk_create(
        (
            models.ReportRow(
                run=run,
                report=line.report,
                volume=line.volume,
                page=line.page,
                row=line.row,
                fiscal_year=line.fiscal_year,
                is_planned=line.is_planned,
                partner_code=line.partner_code,
                program=line.program,
                course_title=line.course_title,
                student_count=line.student_count,
                location=line.location,
                student_unit=line.student_unit,
                us_unit=line.us_unit,
                cost_minor=line.cost.minor,
                currency=line.cost.currency,
                start_date=line.start_date,
                end_date=line.end_date,
                remarks=told.get((line.page, line.row), []),
                **terms.columns(line),
            )
            for line in lines
        ),
        batch_size=AT_ONCE,
    )
    terms.keep_reasons()


def _keep_totals(run: ImportRun, report: Report) -> None:
    """Store what a report prints below its blocks and countries, and what it does not."""
    is_of_one_year = {line.fiscal_year for line in report.lines} == {report.fiscal_year}

    def total(item: BlockReconciliation | UncheckedBlock, **printed: object) -> models.PrintedTotal:
        year = getattr(item, "fiscal_year", None) or (report.fiscal_year if is_of_one_year else None)
        return models.PrintedTotal(
            run=run,
            report=report.name,
            fiscal_year=year,
            partner_code=item.partner_code,
            program=item.program or "",
            page=item.page,
            computed_student_count=item.computed.student_count,
            computed_cost_minor=item.computed.cost.minor,
            currency=item.computed.cost.currency,
            **printed,
        )

    checked = [
        total(
            item,
            printed_student_count=item.printed.student_count,
            printed_cost_minor=item.printed.cost.minor,
            reconciles=item.reconciles,
        )
        for item in report.reconciliations
    ]
    models.PrintedTotal.objects.bulk_create([*checked, *map(total, report.unchecked)])


def _keep_set_aside(run: ImportRun, report: Report) -> None:
    """Store the blocks of a report that could not be read, as they are printed."""
    rules = packaged_rules()
    models.SetAsideBlock.objects.bulk_create(
        models.SetAsideBlock(
            run=run,
            report=report.name,
            fiscal_year=block.fiscal_year or report.fiscal_year,
            partner_code=block.partner_code,
            program=block.program[:200],
            program_family=rules.decide("program_family", block.program)[0].value,
            page=block.page,
            last_page=block.last_page,
            printed_student_count=block.printed.student_count if block.printed else None,
            printed_cost_minor=block.printed.cost.minor if block.printed else None,
            currency=block.printed.cost.currency if block.printed else "USD",
            text=block.text,
            problems=[
                {
                    "code": problem.code,
                    "page": problem.page,
                    "row": problem.row,
                    "field": problem.field,
                    "params": {name: str(value) for name, value in problem.params.items()},
                }
                for problem in block.problems
            ],
        )
        for block in report.blocks_set_aside
    )


@transaction.atomic
def load_bundled_rows(lines: Sequence[ReportRow], *, file_name: str, content: bytes, actor: Actor) -> bool:
    """Store the rows that come with the package, but for years that were imported; False when they were there."""
    digest = hashlib.sha256(content).hexdigest()
    if ImportRun.objects.filter(digest=digest).exists():
        return False
    stored = models.ReportRow.objects.filter(_years_of(lines))
    stored.filter(run__source=BUNDLED).delete()  # of an earlier release
    imported = set(stored.order_by().values_list("fiscal_year", "partner_code").distinct())
    wanted = [line for line in lines if (line.fiscal_year, line.partner_code) not in imported]
    run = start_run(source=BUNDLED, file_name=file_name, digest=digest, count=len(wanted), actor=actor)
    _store(run, wanted)
    return True


def import_training_reports(
    path: Path,
    *,
    partner_code: str | None = None,
    actor: Actor,
    address: str = "",
    processes: int = 1,
    progress: Progress | None = None,
) -> tuple[tuple[Report, ...], bool]:
    """Read a file of training reports, keep it and store its rows, totals and what had to be set aside.

    The rows that come with the package give way to those of their report; `address` is where the file was fetched
    from, if it was. Returns the reports, and False when the same file was imported before.
    """
    permission_table().require(actor, "import_training")
    reports = read_reports(path, partner_code=partner_code, processes=processes, progress=progress)
    lines = [line for report in reports for line in report.lines]
    with transaction.atomic():
        digest = digest_of(path)
        if ImportRun.objects.filter(digest=digest).exists():
            return reports, False
        stored = models.ReportRow.objects.filter(_years_of(lines))
        stored = stored.exclude(~Q(run__source=BUNDLED) & _other_parts(reports, stored))
        _refuse_twice(stored.exclude(run__source=BUNDLED), path.name)
        replaced, _ = stored.delete()
        archive(path, archive_folder())
        run = start_run(
            source="fmtr",
            file_name=path.name,
            digest=digest,
            count=len(lines),
            actor=actor,
            address=address,
            shipped_rows_replaced=replaced,
        )
        run.named_countries = sorted({code for report in reports for code in report.named})
        _store(run, lines, [remark for report in reports for remark in report.remarks])
        for report in reports:
            _keep_totals(run, report)
            _keep_set_aside(run, report)
    return reports, True


# --- the table of every volume --------------------------------------------------------------------------------


def rebuild_training_table(*, actor: Actor) -> TrainingTable:
    """Make the table of this workspace: that of the package, with the years and countries that were imported."""
    permission_table().require(actor, "import_training")
    with transaction.atomic():
        table = merge_tables(bundled_table(), imported_table())
        content = table_bytes(table)
        path = training_table_path()
        payload = {"digest": hashlib.sha256(content).hexdigest(), "entries": len(table.entries)}
        record(actor=actor, action="training.table", subject="training", payload=payload)
        path.parent.mkdir(parents=True, exist_ok=True)
        written = path.with_suffix(".part")
        written.write_bytes(content)
        written.replace(path)  # whole or not at all
    return table


def imported_table() -> TrainingTable:
    """The table of the rows that were imported, with the terms they are in now."""
    groups = (
        models.ReportRow.objects.exclude(run__source=BUNDLED)
        .filter(is_planned=False, currency="USD")
        .order_by()
        .values("fiscal_year", "partner_code", "program_family", "school_code", "category")
        .annotate(students=Sum("student_count"), courses=Count("pk"), minor=Sum("cost_minor"))
    )
    entries = [
        TableEntry(
            group["fiscal_year"],
            group["partner_code"],
            group["program_family"],
            group["school_code"],
            group["category"],
            group["students"],
            group["courses"],
            (group["minor"] + 50) // 100,
        )
        for group in groups
    ]
    read: dict[tuple[int, str], set[str]] = {}
    for entry in entries:
        read.setdefault((entry.fiscal_year, region_of_country(entry.partner_code)), set()).add(
            entry.partner_code
        )
    files: dict[tuple[int, str], set[str]] = {}
    named: dict[tuple[int, str], set[str]] = {place: set(codes) for place, codes in read.items()}
    runs = (
        models.ReportRow.objects.exclude(run__source=BUNDLED)
        .filter(is_planned=False)
        .order_by()
        .values_list("fiscal_year", "partner_code", "run__file_name", "run__pk")
        .distinct()
    )
    years: dict[int, int] = {}  # the first year of a file, which the countries it names are of
    for year, partner, file, run in runs:
        files.setdefault((year, region_of_country(partner)), set()).add(file)
        years[run] = min(year, years.get(run, year))
    for imported in ImportRun.objects.filter(pk__in=years):
        for code in imported.named_countries:
            named.setdefault((years[imported.pk], region_of_country(code)), set()).add(code)
    aside: dict[tuple[int, str], list[int]] = {}
    for block in models.SetAsideBlock.objects.all():
        sums = aside.setdefault((block.fiscal_year, region_of_country(block.partner_code)), [0, 0, 0])
        sums[0] += 1
        sums[1] += block.printed_student_count or 0
        sums[2] += (block.printed_cost_minor or 0) // 100
    coverage = [
        RegionCoverage(
            year,
            region,
            tuple(sorted(files.get((year, region), ()))),
            tuple(sorted(codes)),
            tuple(sorted(codes - read.get((year, region), set()))),
            *aside.get((year, region), (0, 0, 0)),
        )
        for (year, region), codes in sorted(named.items())
    ]
    return TrainingTable(tuple(sorted(entries, key=astuple)), tuple(coverage))


# --- rows in common terms -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class TermChange:
    """How many rows a field said one thing of, and now says another."""

    field: str
    before: str
    after: str
    row_count: int


def _normalize(rows: QuerySet[models.ReportRow], terms: NormalizedTerms) -> list[TermChange]:
    """Say rows in common terms again; what changed, the most frequent first."""
    changes: Counter[tuple[str, str, str]] = Counter()
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), AT_ONCE):
        batch = models.ReportRow.objects.filter(pk__in=keys[start : start + AT_ONCE])
        # rows that come to say the same are changed together
        alike: dict[str, tuple[dict[str, Any], list[int]]] = {}
        for row in batch:
            said = terms.columns(row.line())
            before = {name: getattr(row, name) for name in said}
            if {**before, "rules_version": ""} != {**said, "rules_version": ""}:
                changes.update(
                    (name, before[name], said[name]) for name in TERMS if before[name] != said[name]
                )
                alike.setdefault(repr(said), (said, []))[1].append(row.pk)
        for said, found in alike.values():
            models.ReportRow.objects.filter(pk__in=found).update(**said)
        batch.update(rules_version=terms.rules.version)
    terms.keep_reasons()
    return [TermChange(*change, count) for change, count in changes.most_common()]


def normalize_training(*, actor: Actor) -> list[TermChange]:
    """Apply the rule tables and classifications of today to every imported row; what changed.

    Rows that the tables of today have seen already are left alone.
    """
    permission_table().require(actor, "import_training")
    with transaction.atomic():
        terms = NormalizedTerms()
        rows = models.ReportRow.objects.order_by("pk")
        if not rows.exclude(rules_version=terms.rules.version).exists():
            return []
        changes = _normalize(rows, terms)
        payload = {"rules_version": terms.rules.version, "changes": [asdict(change) for change in changes]}
        record(actor=actor, action="training.normalize", subject="training", payload=payload)
    return changes


def classify_text(
    *, field: str, text: str, value: str, reason: str, actor: Actor, partner_code: str = "", level: str = ""
) -> tuple[models.Classification, int]:
    """Say what a text of the reports means, for the rows there are and those to come; how many rows it is on.

    An empty value takes the last classification back, and the rules decide again.

    Raises
    ------
    RuleRefusal
        `classification-field-unknown`, `classification-text-unknown`, `classification-value-unknown`,
        `classification-level-unknown` or `classification-reason-missing`.
    """
    permission_table().require(actor, "classify_training")
    if field not in FIELDS:
        raise RuleRefusal("classification-field-unknown", field=field, known=", ".join(FIELDS))
    known = known_values(field)
    if value and value not in known:
        raise RuleRefusal("classification-value-unknown", value=value, known=", ".join(known))
    is_pme = field == "category" and bool(value) and Category(value).is_pme
    levels = [item.value for item in PmeLevel] if is_pme else []
    if level not in (levels or [""]):
        raise RuleRefusal(
            "classification-level-unknown", value=value, level=level, known=", ".join(levels) or "—"
        )
    if not reason.strip():
        raise RuleRefusal("classification-reason-missing", text=text)
    field, _, partner_code = classification_key(field, text, partner_code)
    with transaction.atomic():
        rows = rows_printed(field, text, partner_code)
        if not rows.exists():
            raise RuleRefusal("classification-text-unknown", text=text)
        classification = models.Classification.objects.create(
            field=field,
            text=" ".join(text.split()),
            partner_code=partner_code,
            value=value,
            level=level,
            reason=reason.strip(),
            at=timezone.now(),
            account=actor.account,
        )
        _normalize(rows, NormalizedTerms())
        payload = {
            **{name: getattr(classification, name) for name in CLASSIFIED_COLUMNS},
            "rows": (count := rows.count()),
        }
        subject = f"settlement:{classification.pk}"
        record(actor=actor, action="training.settle", subject=subject, payload=payload)
    return classification, count
