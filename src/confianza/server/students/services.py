"""Writes on students: enrolment, courses, posts, looks at an identity, export and erasure."""

import secrets

from django.db import transaction

from confianza.cooperation.actors import Actor
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.training.identity import Identity
from confianza.errors import RuleRefusal
from confianza.server.audit.services import record
from confianza.server.institutions.models import Party
from confianza.server.students.identities import seal_identity
from confianza.server.students.models import Student

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is taken for another
PSEUDONYM_LETTERS = 8


def _new_pseudonym() -> str:
    """A random one: it tells nothing of the person."""
    return "S-" + "".join(secrets.choice(LETTERS) for _ in range(PSEUDONYM_LETTERS))


@transaction.atomic
def enrol_student(
    *,
    partner_code: str,
    institution_code: str,
    identity: Identity | None,
    actor: Actor,
    public_name: str = "",
    public_source: str = "",
    is_simulated: bool = False,
) -> Student:
    """A new student or instructor under a pseudonym; the identity, where given, is sealed apart.

    Raises
    ------
    RuleRefusal
        `student-party-unknown`, or `student-source-missing` for a public name without its source.
    """
    permission_table().require(actor, "keep_students")
    if not Party.objects.filter(pk=partner_code).exists():
        known = ", ".join(Party.objects.order_by("code").values_list("code", flat=True))
        raise RuleRefusal("student-party-unknown", party=partner_code, known=known)
    if public_name and not public_source:
        raise RuleRefusal("student-source-missing")
    student = Student.objects.create(
        pseudonym=_new_pseudonym(),
        partner_id=partner_code,
        institution_code=institution_code,
        public_name=public_name,
        public_source=public_source,
        is_simulated=is_simulated,
    )
    payload = {"partner": partner_code, "has_identity": identity is not None, "is_public": bool(public_name)}
    record(actor=actor, action="student.enrol", subject=f"student:{student.pseudonym}", payload=payload)
    if identity is not None:
        seal_identity(student, identity)
    return student
