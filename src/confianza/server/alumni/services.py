"""Writes on students: enrolment, courses, posts, looks at an identity, export and erasure.

The audit log tells of every change by pseudonym. It never carries a name, and never joins a pseudonym to a post. A write
locks every row it changes before its first event locks the head of the log: else two of them could wait for each other.
"""

import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone, translation

from confianza.cooperation.actors import Actor
from confianza.cooperation.alumni import Prominence, SchoolRole, TenureHolder
from confianza.cooperation.alumni.identity import FIELD_NAMES, REASONS, Identity
from confianza.cooperation.alumni.positions import alumni
from confianza.cooperation.bilingual import Text, bilingual_json
from confianza.cooperation.names import name_key, same_spelling, spelled
from confianza.cooperation.periods import refuse_day_to_come
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.training.courses import schools
from confianza.errors import LANGUAGES, RuleRefusal
from confianza.server.alumni import identities
from confianza.server.alumni.models import (
    CourseAttended,
    Post,
    ProminenceReport,
    SealedIdentity,
    Student,
    Tenure,
)
from confianza.server.alumni.selectors import ProminenceRow, prominence_rows
from confianza.server.audit.models import AuditEvent
from confianza.server.audit.services import record
from confianza.server.institutions.models import Institution
from confianza.server.institutions.selectors import party_row

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is taken for another
PSEUDONYM_LETTERS = 8
JOURNAL_WAIT_SECONDS = 2
PSEUDONYM = re.compile(f"S-[{LETTERS}]{{{PSEUDONYM_LETTERS}}}")


def _new_pseudonym() -> str:
    """A random one: it tells nothing of the person."""
    return "S-" + "".join(secrets.choice(LETTERS) for _ in range(PSEUDONYM_LETTERS))


def subject(pseudonym: str) -> str:
    """The subject of a student's events in the audit log."""
    return f"student:{pseudonym}"


def _store(row: models.Model) -> None:
    """Store a new row; RuleRefusal `students-too-long` for a text that its column does not hold."""
    for column in row._meta.concrete_fields:
        value = getattr(row, column.attname)
        if isinstance(value, str) and column.max_length is not None and len(value) > column.max_length:
            name = Text(*_in_both(column.verbose_name).values())
            raise RuleRefusal("students-too-long", field=name, most=column.max_length)
    row.save(force_insert=True)


def one_of(value: str, known: type[SchoolRole] | type[Prominence]) -> str:
    """The value when it is one of an enumeration; RuleRefusal `students-value` otherwise."""
    if value not in set(known):
        raise RuleRefusal("students-value", value=value, known=", ".join(known))
    return value


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
    _store(student)
    payload = {"partner": partner_code, "has_identity": identity is not None, "is_public": bool(public_name)}
    record(actor=actor, action="student.enrol", subject=subject(student.pseudonym), payload=payload)
    if identity is not None:
        identities.seal_identity(student, identity)
    return student


def _present(pseudonym: str) -> Student:
    """The student, locked; RuleRefusal `student-unknown`, or `student-erased`."""
    student = Student.objects.select_for_update(no_key=True).filter(pk=pseudonym).first()
    if student is None:
        raise RuleRefusal("student-unknown", student=pseudonym)
    if student.erased_on is not None:
        raise RuleRefusal("student-erased", student=pseudonym, on=student.erased_on)
    return student


def lock_all(found: models.QuerySet) -> None:
    """Lock the rows found, in the order of their keys."""
    list(found.select_for_update(no_key=True).order_by("pk").values_list("pk"))


@transaction.atomic
def keep_identity(*, pseudonym: str, identity: Identity, actor: Actor) -> None:
    """Seal who a student is, in place of what was kept before."""
    permission_table().require(actor, "see_identity")
    student = _present(pseudonym)
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
    student = _present(pseudonym)
    record(actor=actor, action="identity.look", subject=subject(pseudonym), payload={"reason": reason})
    identity = identities.open_identity(student)
    if identity is None:
        raise RuleRefusal("identity-absent", student=pseudonym)
    return identity


@transaction.atomic
def share_student(*, pseudonym: str, is_shared: bool, actor: Actor) -> None:
    """Show a student to the liaison of the student's country, or no longer."""
    permission_table().require(actor, "keep_students")
    student = _present(pseudonym)
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


def add_course(*, actor: Actor, **course: Any) -> CourseAttended:
    """A course that a person attended or taught, as `keep_course` takes it."""
    permission_table().require(actor, "keep_students")
    refuse_day_to_come(course["start_date"], today=timezone.localdate())
    return keep_course(actor=actor, **course)


@transaction.atomic
def keep_course(
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
    actor: Actor,
) -> CourseAttended:
    """A course that a person attended or taught, for whoever may take the step that tells of it.

    Raises
    ------
    RuleRefusal
        `course-dates`, `course-twice`, `course-school-group`, `students-value`, or a student that cannot be changed.
    """
    student, code = _present(pseudonym), school_of(school, known)
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
    _store(course)
    payload = {"part": part, "school": code, "title": title}
    payload |= {"start": start_date.isoformat(), "end": end_date.isoformat()}
    record(actor=actor, action="student.course", subject=subject(pseudonym), payload=payload)
    return course


@transaction.atomic
def add_post(
    *,
    code: str,
    partner_code: str,
    title: Text,
    kind: str,
    is_senior: bool,
    source: str,
    institution_code: str = "",
    is_simulated: bool = False,
    actor: Actor,
) -> Post:
    """A prominent post of a country.

    Raises
    ------
    RuleRefusal
        `post-twice`, `party-unknown` or `students-value`.
    """
    permission_table().require(actor, "keep_students")
    party_row(partner_code)
    if name_key(code) in map(name_key, Post.objects.values_list("code", flat=True)):
        raise RuleRefusal("post-twice", post=code)
    post = Post(
        code=code,
        partner_id=partner_code,
        institution_code=institution_code,
        title=bilingual_json(title),
        kind=one_of(kind, Prominence),
        is_senior=is_senior,
        source=source,
        is_simulated=is_simulated,
    )
    _store(post)
    payload = {"partner": partner_code, "title": bilingual_json(title), "kind": kind, "is_senior": is_senior}
    record(actor=actor, action="post.add", subject=f"post:{code}", payload=payload)
    return post


@transaction.atomic
def hold_post(
    *,
    post_code: str,
    pseudonym: str | None,
    from_date: date,
    to_date: date | None = None,
    rank: str = "",
    us_grade: str = "",
    source: str,
    actor: Actor,
) -> Tenure:
    """Who took a post on a day: a person on record, or (None) somebody known to be no alumnus.

    Raises
    ------
    RuleRefusal
        `post-unknown`, `post-party`, `post-dates`, `post-held`, or a student that cannot be changed.
    """
    permission_table().require(actor, "keep_students")
    for day in filter(None, (from_date, to_date)):
        refuse_day_to_come(day, today=timezone.localdate())
    known_codes = Post.objects.values_list("code", flat=True)
    if not known_codes.filter(pk=post_code).exists():
        post_code = same_spelling(post_code, known_codes)
    post = Post.objects.select_for_update(no_key=True).filter(pk=post_code).first()
    if post is None:
        known = ", ".join(known_codes) or "-"
        raise RuleRefusal("post-unknown", post=post_code, known=known)
    student = None if pseudonym is None else _present(pseudonym)
    if student is not None and student.partner_id != post.partner_id:
        raise RuleRefusal(
            "post-party",
            post=post_code,
            party=post.partner_id,
            student=student.pseudonym,
            other=student.partner_id,
        )
    if to_date is not None and to_date < from_date:
        raise RuleRefusal("post-dates", start=from_date, to=to_date)
    earlier = post.tenures.filter(models.Q(to_date=None) | models.Q(to_date__gte=from_date))
    if to_date is not None:
        earlier = earlier.filter(from_date__lte=to_date)
    if held := earlier.first():
        raise RuleRefusal("post-held", post=post_code, start=held.from_date, to=held.to_date or "…")
    tenure = Tenure(
        post=post,
        holder=TenureHolder.OTHER if student is None else TenureHolder.PERSON,
        student=student,
        from_date=from_date,
        to_date=to_date,
        rank=rank,
        us_grade=us_grade,
        source=source,
    )
    _store(tenure)
    payload = {"tenure": tenure.pk, "from": from_date.isoformat(), "to": to_date and to_date.isoformat()}
    record(actor=actor, action="post.hold", subject=f"post:{post_code}", payload=payload)
    return tenure


@transaction.atomic
def leave_post(*, tenure_id: int, to_date: date, actor: Actor) -> None:
    """The last day a post was held; RuleRefusal `post-dates` before the first."""
    permission_table().require(actor, "keep_students")
    refuse_day_to_come(to_date, today=timezone.localdate())
    tenure = Tenure.objects.select_for_update(no_key=True).get(pk=tenure_id)
    if to_date < tenure.from_date:
        raise RuleRefusal("post-dates", start=tenure.from_date, to=to_date)
    tenure.to_date = to_date
    tenure.save()
    payload = {"tenure": tenure_id, "to": to_date.isoformat()}
    record(actor=actor, action="post.leave", subject=f"post:{tenure.post_id}", payload=payload)


@transaction.atomic
def withdraw(row: CourseAttended | Tenure, *, actor: Actor) -> None:
    """Take back a course or a tenure that was entered by mistake; the log keeps that it was."""
    permission_table().require(actor, "keep_students")
    if row.student_id is not None:
        _present(row.student_id)
    lock_all(type(row).objects.filter(pk=row.pk))
    about = subject(row.student_id) if isinstance(row, CourseAttended) else f"post:{row.post_id}"
    payload = {"kind": row._meta.model_name, "row": row.pk}
    record(actor=actor, action="student.withdraw", subject=about, payload=payload)
    row.delete()


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


# --- the person's own requests ----------------------------------------------------------------------


def _rows_of(row: models.Model, seen: set[tuple[type, object]]) -> Iterator[models.Model]:
    """Every row of any table that hangs on this one, and what hangs on those; not the sealed identity."""
    for relation in row._meta.related_objects:
        if relation.related_model is SealedIdentity:
            continue
        for found in relation.related_model._default_manager.filter(**{relation.field.name: row.pk}):
            if (type(found), found.pk) not in seen:
                seen.add((type(found), found.pk))
                yield found
                yield from _rows_of(found, seen)


def _in_both(word: object) -> dict[str, str]:
    said = {}
    for language in LANGUAGES:
        with translation.override(language):
            said[language] = str(word)
    return said


def _fields(row: models.Model) -> list[dict]:
    return [
        {"field": field.name, "name": _in_both(field.verbose_name), "value": field.value_to_string(row)}
        for field in row._meta.concrete_fields
    ]


@transaction.atomic
def export_person(*, pseudonym: str, actor: Actor) -> dict:
    """All that is held about a person, for that person: identity, records, and who did or saw what when.

    Names of fields come in every language of the product. The export itself is recorded as a look.
    """
    permission_table().require(actor, "see_identity")
    student = _present(pseudonym)
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
            {"kind": row._meta.label_lower, "name": _in_both(row._meta.verbose_name), "fields": _fields(row)}
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
        student = _present(pseudonym)
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
