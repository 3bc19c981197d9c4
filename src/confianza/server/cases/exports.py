"""Cases and their histories as files."""

import csv
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import xlsxwriter
from django.db.models import Value
from django.db.models.functions import Concat

from confianza.cooperation.cases.conformance import LogEvent
from confianza.cooperation.cases.editions import edition_of
from confianza.cooperation.money import MINOR_PLACES
from confianza.cooperation.permissions import permission_table
from confianza.reports.event_log import write_xes
from confianza.server.audit.models import AuditEvent
from confianza.server.cases.selectors import STEP, visible_cases

COLUMNS = (
    "identifier", "document", "title", "partner", "edition", "phase", "status", "funds", "project",
    "cost", "currency", "last_step_on", "next_due_on", "is_simulated",
)  # fmt: skip


def exportable_cases(user) -> Any:
    """The cases a person may export."""
    permission_table().require(user.actor, "export_cases")
    return visible_cases(user).order_by("identifier")


def case_rows(cases):
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


def _harmless(value):
    """Text that a spreadsheet would take for a formula begins with an apostrophe."""
    return (
        f"'{value}"
        if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
        else value
    )


def cases_csv(cases) -> bytes:
    file = StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([_harmless("" if value is None else value) for value in row] for row in case_rows(cases))
    return file.getvalue().encode("utf-8-sig")


def cases_xlsx(cases) -> bytes:
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet("cases")
        day, bold = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"bold": True})
        sheet.freeze_panes(1, 1)
        sheet.write_row(0, 0, COLUMNS, bold)
        for number, row in enumerate(case_rows(cases), start=1):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(number, column, value, day)
                elif isinstance(value, str):  # never a formula or a link, whatever it looks like
                    sheet.write_string(number, column, value)
                elif value is not None:
                    sheet.write(number, column, value)
        sheet.autofit()
    return file.getvalue()


def history_events(cases):
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


def history_xes(cases) -> bytes:
    file = StringIO()
    write_xes(history_events(cases), file)
    return file.getvalue().encode()
