"""The page of a person, and what is recorded about one."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from confianza.cooperation.actors import Actor
from confianza.cooperation.alumni import SCHOOL_ROLES
from confianza.cooperation.alumni.identity import FIELD_NAMES, REASONS, Identity
from confianza.cooperation.training_plans.process import rulebook
from confianza.cooperation.training_plans.records import RecordKind
from confianza.errors import sentence
from confianza.server.alumni import documents, selectors, services
from confianza.server.language import language, localized
from confianza.server.requests import AccountRequest
from confianza.server.training_plans.selectors import visible_plans
from confianza.server.web.access import form_of, permitted
from confianza.server.web.alumni.forms import CourseForm, EraseForm, HoldForm, IdentityForm
from confianza.server.web.alumni.search import ON_A_PAGE, visible_or_404
from confianza.server.web.alumni.summary import person_head
from confianza.server.web.parts import Part
from confianza.server.web.submit import CHECKED, submit


def _person_page(request: AccountRequest, student: Any, *, status: int = 200, **more: Any) -> HttpResponse:
    user, today = request.user, timezone.localdate()
    is_kept = user.may("keep_students") and student.erased_on is None
    tracks = student.enrollments.filter(plan__in=visible_plans(user.actor))
    statuses = rulebook(RecordKind.STUDENT).statuses
    last = tracks.order_by("plan__fiscal_year").last()
    found = documents.person_summary(
        student, on=today, sees_identity=user.may("see_identity"), language=language()
    )
    enrollment = f"{last.plan_id}: {localized(statuses[last.status])}" if last else ""
    context = {
        "student": student,
        "today": today,
        "summary": person_head(student, found, selectors.school_names(), enrollment),
        "sections": _sections(user, student),
        "courses": student.courses.all(),
        "tracks": tracks,
        "track_statuses": statuses,
        "tenures": student.tenures.select_related("post"),
        "ties": selectors.ties_of(student, selectors.visible_students(user.actor), today)[:ON_A_PAGE],
        "parts": SCHOOL_ROLES,
        "schools": selectors.school_names(),
        "reasons": REASONS,
        "has_identity": hasattr(student, "identity"),
        "is_kept": is_kept,
        "may_see": user.may("see_identity") and student.erased_on is None,
        "may_erase": user.may("erase_person") and student.erased_on is None,
        "course_form": CourseForm() if is_kept else None,
        "hold_form": HoldForm(partner=student.partner) if is_kept else None,
        "identity_form": IdentityForm() if user.may("see_identity") else None,
        "erase_form": EraseForm(pseudonym=student.pk),
        **more,
    }
    answer = render(request, "alumni/person.html", context, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


def _sections(user: Any, student: Any) -> list[Part]:
    """The headings of the page that a reader has, as addresses in it."""
    names = {"courses": _("Courses"), "positions": _("Positions held"), "classmates": _("Classmates")}
    if (user.may("see_identity") or user.may("erase_person")) and student.erased_on is None:
        names["identity"] = _("Identity")
    return [Part(name, label, f"#{name}", is_shown=False) for name, label in names.items()]


def _back(pseudonym: str) -> Callable[[Any], HttpResponse]:
    """What follows a form of the page: the page."""
    return lambda _result: redirect("alumnus", pseudonym)


@permitted("view_alumni")
def alumnus(request: AccountRequest, pseudonym: str) -> HttpResponse:
    return _person_page(request, visible_or_404(request, pseudonym))


@form_of("alumnus", "pseudonym")
@permitted("keep_students")
def alumnus_course(request: AccountRequest, pseudonym: str) -> HttpResponse:
    student, form = visible_or_404(request, pseudonym), CourseForm(request.POST)
    add = partial(services.record_course, pseudonym=pseudonym)
    return submit(
        request, form, add, partial(_person_page, request, student, course_form=form), _back(pseudonym)
    )


@form_of("alumnus", "pseudonym")
@permitted("keep_students")
def alumnus_post(request: AccountRequest, pseudonym: str) -> HttpResponse:
    student = visible_or_404(request, pseudonym)
    form = HoldForm(request.POST, partner=student.partner)
    hold = partial(services.hold_post, pseudonym=pseudonym)
    return submit(
        request, form, hold, partial(_person_page, request, student, hold_form=form), _back(pseudonym)
    )


@form_of("alumnus", "pseudonym")
@permitted("keep_students")
def alumnus_share(request: AccountRequest, pseudonym: str) -> HttpResponse:
    student = visible_or_404(request, pseudonym)
    share = partial(services.share_student, pseudonym=pseudonym, is_shared="is_shared" in request.POST)
    return submit(request, None, share, partial(_person_page, request, student), _back(pseudonym))


@form_of("alumnus", "pseudonym")
@permitted("keep_students")
def alumnus_withdraw(request: AccountRequest, pseudonym: str) -> HttpResponse:
    """Remove a course or a position of a person that was entered by mistake."""
    student = visible_or_404(request, pseudonym)
    row = selectors.entry_of(student, request.POST.get("kind", ""), request.POST.get("row", ""))
    if row is None:
        return redirect("alumnus", pseudonym)
    page = partial(_person_page, request, student)
    return submit(request, None, partial(services.withdraw, row), page, _back(pseudonym))


@form_of("alumnus", "pseudonym")
@permitted("see_identity")
def alumnus_identity(request: AccountRequest, pseudonym: str) -> HttpResponse:
    """With a reason show who it is; with an identity, seal it."""
    student = visible_or_404(request, pseudonym)
    if "surname" in request.POST:
        form = IdentityForm(request.POST)

        def seal(actor: Actor, **fields: Any) -> None:
            identity = Identity.of_json({name: str(value or "") for name, value in fields.items()})
            if CHECKED not in request.headers:  # the key it is sealed with lies beside the database
                services.keep_identity(pseudonym=pseudonym, identity=identity, actor=actor)

        page = partial(_person_page, request, student, identity_form=form)
        return submit(request, form, seal, page, _back(pseudonym))

    def show(identity: Identity) -> HttpResponse:
        fields = [(FIELD_NAMES[name], value) for name, value in identity.to_json().items() if value]
        return _person_page(request, student, identity=fields)

    see = partial(services.see_identity, pseudonym=pseudonym, reason=request.POST.get("reason", ""))
    return submit(request, None, see, partial(_person_page, request, student), show)


@form_of("alumnus", "pseudonym")
@permitted("see_identity")
def alumnus_export(request: AccountRequest, pseudonym: str) -> HttpResponse:
    student = visible_or_404(request, pseudonym)

    def download(document: dict[str, Any]) -> HttpResponse:
        content = json.dumps(document, ensure_ascii=False, indent=2)
        answer = HttpResponse(content, content_type="application/json")
        answer["Content-Disposition"] = f'attachment; filename="{pseudonym}.json"'
        answer["Cache-Control"] = "no-store"
        return answer

    export = partial(services.export_person, pseudonym=pseudonym)
    return submit(request, None, export, partial(_person_page, request, student), download)


@form_of("alumnus", "pseudonym")
@permitted("erase_person")
def alumnus_erase(request: AccountRequest, pseudonym: str) -> HttpResponse:
    """Erase the personal data when the pseudonym was typed again."""
    student = visible_or_404(request, pseudonym)
    form = EraseForm(request.POST, pseudonym=pseudonym)
    if not form.is_valid():
        return _person_page(request, student, status=409, erase_form=form)

    def done(is_whole: bool) -> HttpResponse:
        if is_whole:
            messages.success(request, _("The personal data were erased."), extra_tags="good")
        else:
            messages.warning(request, sentence("journal-not-empty", {}, language()))
        return redirect("alumnus", pseudonym)

    erase = partial(services.erase_person, pseudonym=pseudonym, on=timezone.localdate())
    return submit(request, None, erase, partial(_person_page, request, student), done)
