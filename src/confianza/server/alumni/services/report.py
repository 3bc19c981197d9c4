"""The yearly report of positions of prominence."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone

from confianza.cooperation.actors import Actor
from confianza.cooperation.periods import refuse_day_to_come
from confianza.cooperation.permissions import permission_table
from confianza.server.alumni.models import ProminenceReport, SealedIdentity, Student
from confianza.server.alumni.selectors import ProminenceRow, prominence_rows
from confianza.server.alumni.services.enrollment import lock_all
from confianza.server.alumni.services.personal_data import see_identity
from confianza.server.audit.services import record
from confianza.server.institutions.selectors import party_row


@transaction.atomic
def update_report(
    *, partner_code: str, on: date, actor: Actor, today: date | None = None
) -> ProminenceReport:
    """Record that the yearly report of positions of prominence of a partner is up to date on a day.

    `today` is the day on which it is recorded, where that is not this one.
    """
    permission_table().require(actor, "keep_students")
    refuse_day_to_come(on, today=today or timezone.localdate())
    party_row(partner_code)
    count = len(prominence_rows(Student.objects.filter(partner_id=partner_code), on))
    report = ProminenceReport.objects.create(
        partner_id=partner_code, on=on, account=actor.account, row_count=count
    )
    payload = {"on": on.isoformat(), "rows": count}
    record(actor=actor, action="prominence.report", subject=f"party:{partner_code}", payload=payload)
    return report


@transaction.atomic
def names_for_report(rows: Sequence[ProminenceRow], *, actor: Actor) -> dict[str, str]:
    """The names of the pseudonymous people of a report by pseudonym; each is a recorded look.

    Who has no sealed identity stays under the pseudonym.
    """
    permission_table().require(actor, "see_identity")
    lock_all(Student.objects.filter(pk__in=[row.student.pk for row in rows]))
    names = {}
    for row in rows:
        pseudonym = row.student.pk
        if not row.student.public_name and SealedIdentity.objects.filter(pk=pseudonym).exists():
            identity = see_identity(pseudonym=pseudonym, reason="report", actor=actor)
            names[pseudonym] = f"{identity.surname}, {identity.given_names}"
    return names
