"""Reads on the audit log."""

from django.db.models import QuerySet

from confianza.server.audit.models import AuditEvent, AuditHead


def chain_head() -> AuditHead:
    """The last number and digest of the chain; that of an empty one before the first event."""
    return AuditHead.objects.first() or AuditHead()


def audit_events(*, subject: str = "", account: str = "") -> QuerySet[AuditEvent]:
    """The events of a subject, of an account, or all; the newest first."""
    events = AuditEvent.objects.order_by("-sequence")
    if subject:
        events = events.filter(subject=subject)
    return events.filter(account=account) if account else events
