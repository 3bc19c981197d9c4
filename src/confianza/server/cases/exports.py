"""Cases and their histories as files."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

from django.db.models import QuerySet, Value
from django.db.models.functions import Concat

from confianza.cooperation.actors import Actor
from confianza.cooperation.cases.conformance import LogEvent
from confianza.cooperation.cases.editions import edition_of
from confianza.cooperation.money import MINOR_PLACES
from confianza.cooperation.permissions import permission_table
from confianza.reports.event_log import write_xes
from confianza.reports.tables import csv_parts, write_xlsx
from confianza.server.audit.models import AuditEvent
from confianza.server.cases.models import Case
from confianza.server.cases.selectors import STEP, visible_cases

COLUMNS = (
    "identifier", "document", "title", "partner", "edition", "phase", "status", "funds", "project",
    "cost", "currency", "last_step_on", "next_due_on", "is_simulated",
)  # fmt: skip


def exportable_cases(actor: Actor) -> QuerySet[Case]:
    """The cases a person may export."""
    permission_table().require(actor, "export_cases")
    return visible_cases(actor).order_by("identifier")


def case_rows(cases: QuerySet[Case]) -> Iterator[tuple[Any, ...]]:
    """One row a case, in the order of `COLUMNS`; money as a decimal number of whole units."""
    for row in cases.iterator():
        currency = row.appropriation.currency
        yield (
            row.identifier,
            row.document,
            row.title,
            row.partner_id,
            row.edition,
            row.phase or "closed",
            row.status,
            row.appropriation_id,
            row.project_id or "",
            Decimal(row.cost_minor).scaleb(-MINOR_PLACES[currency]),
            currency,
            row.last_step_on,
            row.next_due_on,
            row.is_simulated,
        )


def cases_csv(cases: QuerySet[Case]) -> bytes:
    return b"".join(csv_parts(COLUMNS, case_rows(cases)))


def cases_xlsx(cases: QuerySet[Case]) -> bytes:
    file = BytesIO()
    write_xlsx(file, COLUMNS, case_rows(cases), sheet="cases")
    return file.getvalue()


def history_events(cases: QuerySet[Case]) -> Iterator[LogEvent]:
    """The recorded steps of cases as log events, case by case."""
    editions = dict(cases.order_by().values_list("identifier", "edition"))
    subjects = cases.order_by().annotate(found=Concat(Value("case:"), "identifier")).values("found")
    events = AuditEvent.objects.filter(subject__in=subjects, action=STEP).order_by("subject", "sequence")
    for event in events.iterator():
        case = event.subject.removeprefix("case:")
        step = edition_of(editions[case]).steps[event.payload["step"]]
        yield LogEvent(
            case,
            step.milestone or step.id,
            date.fromisoformat(event.payload["on"]),
            event.role,
            str(event.payload["details"].get("delivery", "")),
            event.sequence,
            datetime.fromisoformat(at) if (at := event.payload["details"].get("at")) else None,
        )


def history_xes(cases: QuerySet[Case]) -> bytes:
    file = StringIO()
    write_xes(history_events(cases), file)
    return file.getvalue().encode()
