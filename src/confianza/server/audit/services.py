"""Appending to the audit log, and checking it."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from confianza.cooperation import audit
from confianza.cooperation.actors import Actor
from confianza.server.audit.models import AuditEvent, AuditHead


def lock_head() -> AuditHead:
    """The head of the log, locked to the end of the transaction: nobody records, so nobody changes anything."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an audit event belongs to the transaction of its change")
    return AuditHead.objects.select_for_update().get_or_create(pk=1)[0]


def log_head() -> AuditHead | None:
    """The last event's number and hash; None before the first."""
    return AuditHead.objects.first()


def record(*, actor: Actor, action: str, subject: str, payload: dict[str, Any]) -> AuditEvent:
    """Append one event inside the transaction of the change it tells of."""
    head = lock_head()
    sealed = audit.seal(
        sequence=head.sequence + 1,
        at=timezone.now(),
        account=actor.account,
        role=actor.role,
        action=action,
        subject=subject,
        payload=payload,
        previous=head.digest,
    )
    event = AuditEvent.objects.create(**{name: getattr(sealed, name) for name in sealed.__dataclass_fields__})
    head.sequence, head.digest = event.sequence, event.digest
    head.save()
    return event


def verify_log() -> int:
    """How many events the log holds when its chain holds and ends where its head says; AuditError otherwise."""
    last = AuditEvent.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0
    head = AuditHead.objects.filter(pk=1).first() or AuditHead()  # read after the event: never behind it
    events = AuditEvent.objects.filter(sequence__lte=head.sequence)
    count = audit.verify(event.sealed() for event in events.iterator())
    if count != head.sequence or last > head.sequence:
        raise audit.AuditError("audit-broken", sequence=max(last, count + 1), expected=count + 1)
    if (
        count and events.get(sequence=count).digest != head.digest
    ):  # sealed anew, and nothing after it to tell
        raise audit.AuditError("audit-broken", sequence=count, expected=count)
    return count
