"""Imports: each is one transaction, repeated without effect, and names what it read."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from confianza.cooperation.actors import Actor
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.training import TrainingFigure
from confianza.errors import ImportRefusal, Problem
from confianza.evidence.archive import archive, digest_of
from confianza.evidence.history import HistoryEvent
from confianza.evidence.sources.fmtr import Report, read_report
from confianza.server.audit.services import record
from confianza.server.evidence.models import HistoryRecord, ImportRun, TrainingFigureRow, TrainingLineRow
from confianza.server.institutions.models import Party
from confianza.server.institutions.services import both


def _start_run(*, source: str, file_name: str, digest: str, count: int, actor: Actor) -> ImportRun:
    run = ImportRun.objects.create(
        source=source,
        file_name=file_name,
        digest=digest,
        at=timezone.now(),
        account=actor.account,
        record_count=count,
    )
    payload = {"source": source, "digest": digest, "records": count}
    record(actor=actor, action="import", subject=f"file:{file_name}"[:80], payload=payload)
    return run


@transaction.atomic
def load_figures(
    figures: tuple[TrainingFigure, ...], *, file_name: str, content: bytes, actor: Actor
) -> bool:
    """Store shipped training figures; False when these very bytes were stored before."""
    digest = hashlib.sha256(content).hexdigest()
    if ImportRun.objects.filter(digest=digest).exists():
        return False
    run = _start_run(source="fmtr", file_name=file_name, digest=digest, count=len(figures), actor=actor)
    TrainingFigureRow.objects.bulk_create(
        TrainingFigureRow(
            run=run,
            report=figure.report,
            pages=figure.pages,
            fiscal_year=figure.fiscal_year,
            partner_id=figure.partner_code,
            program=figure.program,
            school_code=figure.school_code,
            category=figure.category.value,
            student_count=figure.student_count,
            cost_minor=figure.cost.minor,
            currency=figure.cost.currency,
            rules_version=figure.rules_version,
        )
        for figure in figures
    )
    return True


@transaction.atomic
def load_history(events: tuple[HistoryEvent, ...], *, file_name: str, content: bytes, actor: Actor) -> bool:
    """Store historical acts; False when these very bytes were stored before."""
    digest = hashlib.sha256(content).hexdigest()
    if ImportRun.objects.filter(digest=digest).exists():
        return False
    source = events[0].reference.source
    run = _start_run(source=source, file_name=file_name, digest=digest, count=len(events), actor=actor)
    HistoryRecord.objects.bulk_create(
        HistoryRecord(
            run=run,
            event_id=event.event_id,
            date=event.date,
            actor_id=event.actor_code,
            target_id=event.target_code,
            kind=event.kind,
            sign=event.sign,
            summary=both(event.summary),
            date_note=both(event.date_note) if event.date_note else None,
            source=event.reference.source,
            place=event.reference.place,
        )
        for event in events
    )
    return True


def archive_folder() -> Path:
    """Where raw files of this workspace are kept."""
    return settings.ARCHIVE_FOLDER


def import_training_report(path: Path, *, partner_code: str, actor: Actor) -> tuple[Report, bool]:
    """Read a volume, keep its file and store the rows of a partner; nothing when anything is wrong.

    Returns the report, and False when the same file was imported before.
    """
    permission_table().require(actor, "import_training")
    report = read_report(path, partner_code=partner_code)
    if not Party.objects.filter(pk=partner_code).exists():
        known = ", ".join(Party.objects.values_list("code", flat=True))
        problem = Problem("partner-unknown", path.name, params={"partner": partner_code, "known": known})
        raise ImportRefusal([problem])
    with transaction.atomic():
        digest = digest_of(path)
        if ImportRun.objects.filter(digest=digest).exists():
            return report, False
        earlier = ImportRun.objects.filter(
            traininglinerow__fiscal_year=report.fiscal_year, traininglinerow__partner_code=partner_code
        ).first()
        if earlier:
            params = {"fiscal_year": report.fiscal_year, "earlier": earlier.file_name}
            raise ImportRefusal([Problem("fmtr-year-imported", path.name, params=params)])
        archive(path, archive_folder())
        run = _start_run(
            source="fmtr", file_name=path.name, digest=digest, count=len(report.lines), actor=actor
        )
        TrainingLineRow.objects.bulk_create(
            TrainingLineRow(
                run=run,
                report=line.report,
                volume=line.volume,
                page=line.page,
                row=line.row,
                fiscal_year=line.fiscal_year,
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
            )
            for line in report.lines
        )
    return report, True
