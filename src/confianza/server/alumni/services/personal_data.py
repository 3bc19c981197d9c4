"""Who a student is: sealing and seeing it, and the person's own requests, export and erasure."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone

from confianza.cooperation.actors import Actor
from confianza.cooperation.alumni import TenureHolder
from confianza.cooperation.alumni.identity import FIELD_NAMES, REASONS, Identity
from confianza.cooperation.alumni.positions import alumni
from confianza.cooperation.bilingual import bilingual_json
from confianza.cooperation.permissions import permission_table
from confianza.errors import RuleRefusal
from confianza.server.alumni import identities
from confianza.server.alumni.models import SealedIdentity, Tenure
from confianza.server.alumni.services.enrollment import in_every_language, lock_all, present_student, subject
from confianza.server.audit.models import AuditEvent
from confianza.server.audit.services import record

JOURNAL_WAIT_SECONDS = 2


@transaction.atomic
def keep_identity(*, pseudonym: str, identity: Identity, actor: Actor) -> None:
    """Seal who a student is, in place of what was kept before."""
    permission_table().require(actor, "see_identity")
    student = present_student(pseudonym)
    record(actor=actor, action="identity.keep", subject=subject(pseudonym), payload={})
    identities.seal_identity(student, identity)


@transaction.atomic
def see_identity(*, pseudonym: str, reason: str, actor: Actor) -> Identity:
    """Who a student is; the look is recorded with its reason before anything is shown.

    Raises
    ------
    RuleRefusal
        `look-reason-unknown`, `student-unknown`, `student-erased` or `identity-absent`.
    IdentityError
        The key file does not open it.
    """
    permission_table().require(actor, "see_identity")
    if reason not in REASONS:
        raise RuleRefusal("look-reason-unknown", reason=reason, known=", ".join(REASONS))
    student = present_student(pseudonym)
    record(actor=actor, action="identity.look", subject=subject(pseudonym), payload={"reason": reason})
    identity = identities.open_identity(student)
    if identity is None:
        raise RuleRefusal("identity-absent", student=pseudonym)
    return identity


def _rows_of(row: models.Model, seen: set[tuple[type[models.Model], object]]) -> Iterator[models.Model]:
    """Every row of any table that hangs on this one, and what hangs on those; not the sealed identity."""
    for relation in row._meta.related_objects:
        if relation.related_model is SealedIdentity:
            continue
        for found in relation.related_model._default_manager.filter(**{relation.field.name: row.pk}):
            if (type(found), found.pk) not in seen:
                seen.add((type(found), found.pk))
                yield found
                yield from _rows_of(found, seen)


def _fields(row: models.Model) -> list[dict[str, Any]]:
    return [
        {
            "field": field.name,
            "name": in_every_language(field.verbose_name),
            "value": field.value_to_string(row),
        }
        for field in row._meta.concrete_fields
    ]


@transaction.atomic
def export_person(*, pseudonym: str, actor: Actor) -> dict[str, Any]:
    """All that is held about a person, for that person: identity, records, and who did or saw what when.

    Names of fields come in every language of the product. The export itself is recorded as a look.
    """
    permission_table().require(actor, "see_identity")
    student = present_student(pseudonym)
    record(actor=actor, action="person.export", subject=subject(pseudonym), payload={"reason": "request"})
    identity = identities.open_identity(student)
    events = AuditEvent.objects.filter(subject__contains=pseudonym)  # those of the training track too
    return {
        "pseudonym": pseudonym,
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "identity": [
            {"field": name, "name": bilingual_json(FIELD_NAMES[name]), "value": value}
            for name, value in (identity.to_json() if identity else {}).items()
        ],
        "records": [
            {
                "kind": row._meta.label_lower,
                "name": in_every_language(row._meta.verbose_name),
                "fields": _fields(row),
            }
            for row in [student, *_rows_of(student, set())]
        ],
        "log": [
            {
                "sequence": event.sequence,
                "at": event.at.isoformat(timespec="seconds"),
                "account": event.account,
                "role": event.role,
                "action": event.action,
                "subject": event.subject,
                "payload": event.payload,
            }
            for event in events
        ],
    }


def _empty(row: models.Model) -> None:
    """Empty the fields of a row that its model names as personal."""
    names = getattr(type(row), "PERSONAL", ())
    for name in names:
        setattr(row, name, None if row._meta.get_field(name).null else "")
    if names:
        row.save(update_fields=names)


def erase_person(*, pseudonym: str, on: date, actor: Actor) -> bool:
    """Destroy who a student is; the pseudonym, the training and every count stay, and the log is untouched.

    Posts are public, and would name the person: they are cut off from the pseudonym, and go on counting as held by an
    alumnus when the person was one by `on`. Copies made before are closed by changing the key (`rotate_key`).
    True when the files of the database are rid of them too; False as `empty_journal` tells.

    Raises
    ------
    RuleRefusal
        `student-unknown` or `student-erased`.
    """
    permission_table().require(actor, "erase_person")
    emptied: list[bool] = []
    if connection.vendor == "sqlite":  # what is removed is overwritten, not only marked as free
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete=ON")
    with transaction.atomic():
        student = present_student(pseudonym)
        lock_all(student.courses.all())
        lock_all(student.tenures.all())
        record(actor=actor, action="person.erase", subject=subject(pseudonym), payload={})
        SealedIdentity.objects.filter(student=student).delete()
        is_alumnus = pseudonym in alumni((row.attendance() for row in student.courses.all()), on)
        tenures = list(student.tenures.all())
        for row in [student, *_rows_of(student, set())]:
            _empty(row)
        student.had_post = any(tenure.from_date <= on for tenure in tenures)
        student.erased_on = on
        student.save()
        kept = Tenure.objects.filter(student=student)
        if is_alumnus:
            kept.update(student=None, holder=TenureHolder.ERASED)
        else:  # whose posts counted as held by nobody known
            kept.delete()
        if connection.vendor == "sqlite":
            transaction.on_commit(lambda: emptied.append(empty_journal()))
    return False not in emptied


def empty_journal() -> bool:
    """Carry SQLite's write-ahead log into the file and cut it off, so that it holds no earlier pages.

    False when somebody who reads keeps it from that for `JOURNAL_WAIT_SECONDS`: the earlier pages are still there.
    """
    if connection.vendor != "sqlite":
        return True
    with connection.cursor() as cursor:
        (usual,) = cursor.execute("PRAGMA busy_timeout").fetchone()
        try:
            cursor.execute(f"PRAGMA busy_timeout={1000 * JOURNAL_WAIT_SECONDS}")
            (is_busy, *_) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            cursor.execute(f"PRAGMA busy_timeout={usual}")
    return not is_busy
