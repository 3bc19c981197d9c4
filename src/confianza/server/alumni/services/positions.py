"""Writes on posts and who held them; what was entered by mistake."""

from datetime import date

from django.db import models, transaction
from django.utils import timezone

from confianza.cooperation.actors import Actor
from confianza.cooperation.alumni import Prominence, TenureHolder
from confianza.cooperation.bilingual import BilingualText, bilingual_json
from confianza.cooperation.names import name_key, same_spelling
from confianza.cooperation.periods import refuse_day_to_come
from confianza.cooperation.permissions import permission_table
from confianza.errors import RuleRefusal
from confianza.server.alumni.models import CourseAttended, Post, Tenure
from confianza.server.alumni.services.enrollment import lock_all, one_of, present_student, store_row, subject
from confianza.server.audit.services import record
from confianza.server.institutions.selectors import party_row


@transaction.atomic
def add_post(
    *,
    code: str,
    partner_code: str,
    title: BilingualText,
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
    store_row(post)
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
    student = None if pseudonym is None else present_student(pseudonym)
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
    store_row(tenure)
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
        present_student(row.student_id)
    lock_all(type(row).objects.filter(pk=row.pk))
    about = subject(row.student_id) if isinstance(row, CourseAttended) else f"post:{row.post_id}"
    payload = {"kind": row._meta.model_name, "row": row.pk}
    record(actor=actor, action="student.withdraw", subject=about, payload=payload)
    row.delete()
