"""Writes on students and their courses, and what every write on students needs."""

import re
import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import models, transaction
from django.utils import timezone, translation

from confianza.cooperation.actors import Actor
from confianza.cooperation.alumni import Prominence, SchoolRole
from confianza.cooperation.alumni.identity import Identity
from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.names import name_key, same_spelling, spelled
from confianza.cooperation.periods import refuse_day_to_come
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.training.courses import schools
from confianza.errors import LANGUAGES, RuleRefusal
from confianza.server.alumni import identities
from confianza.server.alumni.models import CourseAttended, Student
from confianza.server.audit.services import record
from confianza.server.institutions.models import Institution
from confianza.server.institutions.selectors import party_row

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is taken for another
PSEUDONYM_LETTERS = 8
PSEUDONYM = re.compile(f"S-[{LETTERS}]{{{PSEUDONYM_LETTERS}}}")


def _new_pseudonym() -> str:
    """A random one: it tells nothing of the person."""
    return "S-" + "".join(secrets.choice(LETTERS) for _ in range(PSEUDONYM_LETTERS))


def subject(pseudonym: str) -> str:
    """The subject of a student's events in the audit log."""
    return f"student:{pseudonym}"


def store_row(row: models.Model) -> None:
    """Store a new row; RuleRefusal `students-too-long` for a text that its column does not hold."""
    for column in row._meta.concrete_fields:
        value = getattr(row, column.attname)
        if isinstance(value, str) and column.max_length is not None and len(value) > column.max_length:
            name = BilingualText(*in_every_language(column.verbose_name).values())
            raise RuleRefusal("students-too-long", field=name, most=column.max_length)
    row.save(force_insert=True)


def one_of(value: str, known: type[SchoolRole] | type[Prominence]) -> str:
    """The value when it is one of an enumeration; RuleRefusal `students-value` otherwise."""
    if value not in set(known):
        raise RuleRefusal("students-value", value=value, known=", ".join(known))
    return value


def present_student(pseudonym: str) -> Student:
    """The student, locked; RuleRefusal `student-unknown`, or `student-erased`."""
    student = Student.objects.select_for_update(no_key=True).filter(pk=pseudonym).first()
    if student is None:
        raise RuleRefusal("student-unknown", student=pseudonym)
    if student.erased_on is not None:
        raise RuleRefusal("student-erased", student=pseudonym, on=student.erased_on)
    return student


def lock_all(found: models.QuerySet[Any]) -> None:
    """Lock the rows found, in the order of their keys."""
    list(found.select_for_update(no_key=True).order_by("pk").values_list("pk"))


@transaction.atomic
def enroll_student(
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

    Whoever belongs to a fictional country is simulated; others where told so.

    Raises
    ------
    RuleRefusal
        `party-unknown`, or `student-source-missing` for a public name without its source.
    """
    permission_table().require(actor, "keep_students")
    partner = party_row(partner_code)
    if public_name and not public_source:
        raise RuleRefusal("student-source-missing")
    student = Student(
        pseudonym=_new_pseudonym(),
        partner_id=partner_code,
        institution_code=same_spelling(institution_code, Institution.objects.values_list("code", flat=True)),
        public_name=spelled(public_name),
        public_source=public_source,
        is_simulated=is_simulated or partner.is_fictional,
    )
    store_row(student)
    payload = {"partner": partner_code, "has_identity": identity is not None, "is_public": bool(public_name)}
    record(actor=actor, action="student.enrol", subject=subject(student.pseudonym), payload=payload)
    if identity is not None:
        identities.seal_identity(student, identity)
    return student


@transaction.atomic
def share_student(*, pseudonym: str, is_shared: bool, actor: Actor) -> None:
    """Show a student to the liaison of the student's country, or no longer."""
    permission_table().require(actor, "keep_students")
    student = present_student(pseudonym)
    student.is_shared = is_shared
    student.save()
    payload = {"is_shared": is_shared}
    record(actor=actor, action="student.share", subject=subject(pseudonym), payload=payload)


def schools_by_name() -> dict[str, str]:
    """The schools of the table and those outside it that are on record, by the key of their code or name."""
    outside = CourseAttended.objects.order_by().values_list("school", flat=True).distinct()
    found = {name_key(school): school for school in outside}
    for code, school in schools().items():
        found |= dict.fromkeys(map(name_key, (code, school.name.en, school.name.es)), code)
    return found


def school_of(text: str, known: Mapping[str, str] | None = None) -> str:
    """The code of a school given by code or name; of one outside the table the name, as it is on record.

    Raises
    ------
    RuleRefusal
        `course-school-group` for a code that stands for several places.
    """
    code = (schools_by_name() if known is None else known).get(name_key(text), text)
    if code in schools() and schools()[code].place is None:
        raise RuleRefusal("course-school-group", school=code)
    return code


@transaction.atomic
def record_course(
    *,
    pseudonym: str,
    part: str = SchoolRole.STUDENT,
    school: str,
    title: str,
    start_date: date,
    end_date: date,
    rank: str = "",
    degree: str = "",
    funding: str = "",
    source: str = "",
    known: Mapping[str, str] | None = None,
    is_permitted: bool = False,
    actor: Actor,
) -> CourseAttended:
    """A course that a person attended or taught; `is_permitted` where a step that may be taken tells of it.

    Raises
    ------
    RuleRefusal
        `course-dates`, `course-twice`, `course-school-group`, `students-value`, or a student that cannot be changed.
    """
    if not is_permitted:
        permission_table().require(actor, "keep_students")
        refuse_day_to_come(start_date, today=timezone.localdate())
    student, code = present_student(pseudonym), school_of(school, known)
    if end_date < start_date:
        raise RuleRefusal("course-dates", start=start_date, end=end_date)
    begun = student.courses.filter(school=code, start_date=start_date).values_list("title", flat=True)
    if name_key(title) in map(name_key, begun):
        raise RuleRefusal("course-twice", student=pseudonym, school=code, start=start_date)
    course = CourseAttended(
        student=student,
        part=one_of(part, SchoolRole),
        school=code,
        title=title,
        start_date=start_date,
        end_date=end_date,
        rank=rank,
        degree=degree,
        funding=funding,
        source=source,
    )
    store_row(course)
    payload = {"part": part, "school": code, "title": title}
    payload |= {"start": start_date.isoformat(), "end": end_date.isoformat()}
    record(actor=actor, action="student.course", subject=subject(pseudonym), payload=payload)
    return course


def in_every_language(word: object) -> dict[str, str]:
    said = {}
    for language in LANGUAGES:
        with translation.override(language):
            said[language] = str(word)
    return said
