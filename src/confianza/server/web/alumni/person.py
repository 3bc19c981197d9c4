"""The page of a person, and what is recorded about one."""

import json

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from confianza.cooperation.alumni.identity import FIELD_NAMES, REASONS, Identity
from confianza.cooperation.alumni.network import PARTS
from confianza.cooperation.training_plans.process import rulebook
from confianza.cooperation.training_plans.records import Kind
from confianza.errors import ConfianzaError, sentence
from confianza.server.alumni import selectors, services
from confianza.server.alumni.models import CourseAttended, Student, Tenure
from confianza.server.language import language
from confianza.server.training_plans.selectors import visible_programs
from confianza.server.web.access import form_of, permitted
from confianza.server.web.alumni.forms import CourseForm, HoldForm, IdentityForm
from confianza.server.web.alumni.search import ON_A_PAGE, visible_or_404


def _person_page(request, student: Student, *, status=200, **more):
    user, today = request.user, timezone.localdate()
    is_kept = user.may("keep_students") and student.erased_on is None
    context = {
        "student": student,
        "today": today,
        "courses": student.courses.all(),
        "tracks": student.tracks.filter(program__in=visible_programs(user)),
        "track_statuses": rulebook(Kind.STUDENT).statuses,
        "tenures": student.tenures.select_related("post"),
        "ties": selectors.ties_of(student, selectors.visible_students(user), today)[:ON_A_PAGE],
        "parts": PARTS,
        "schools": selectors.school_names(),
        "reasons": REASONS,
        "has_identity": hasattr(student, "identity"),
        "is_kept": is_kept,
        "may_see": user.may("see_identity") and student.erased_on is None,
        "may_erase": user.may("erase_person") and student.erased_on is None,
        "course_form": CourseForm() if is_kept else None,
        "hold_form": HoldForm(partner=student.partner) if is_kept else None,
        "identity_form": IdentityForm() if user.may("see_identity") else None,
        **more,
    }
    answer = render(request, "alumni/person.html", context, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


def _refused(request, student: Student, error: ConfianzaError, **more):
    return _person_page(request, student, status=409, refusal=error.in_language(language()), **more)


@permitted("view_alumni")
def alumnus(request, pseudonym):
    return _person_page(request, visible_or_404(request, pseudonym))


@form_of("alumnus", "pseudonym")
@permitted("keep_students")
def alumnus_course(request, pseudonym):
    student, form = visible_or_404(request, pseudonym), CourseForm(request.POST)
    if not form.is_valid():
        return _person_page(request, student, status=400, course_form=form)
    try:
        services.add_course(pseudonym=pseudonym, actor=request.user.actor, **form.cleaned_data)
    except ConfianzaError as error:
        return _refused(request, student, error, course_form=form)
    return redirect("alumnus", pseudonym)


@form_of("alumnus", "pseudonym")
@permitted("keep_students")
def alumnus_post(request, pseudonym):
    student = visible_or_404(request, pseudonym)
    form = HoldForm(request.POST, partner=student.partner)
    if not form.is_valid():
        return _person_page(request, student, status=400, hold_form=form)
    try:
        services.hold_post(pseudonym=pseudonym, actor=request.user.actor, **form.cleaned_data)
    except ConfianzaError as error:
        return _refused(request, student, error, hold_form=form)
    return redirect("alumnus", pseudonym)


@form_of("alumnus", "pseudonym")
@permitted("keep_students")
def alumnus_share(request, pseudonym):
    student = visible_or_404(request, pseudonym)
    try:
        services.share_student(
            pseudonym=pseudonym, is_shared="is_shared" in request.POST, actor=request.user.actor
        )
    except ConfianzaError as error:
        return _refused(request, student, error)
    return redirect("alumnus", pseudonym)


@form_of("alumnus", "pseudonym")
@permitted("keep_students")
def alumnus_withdraw(request, pseudonym):
    """Take back a course or a tenure of a person."""
    student = visible_or_404(request, pseudonym)
    model = {"course": CourseAttended, "tenure": Tenure}.get(request.POST.get("kind"))
    number = request.POST.get("row", "")
    row = model.objects.filter(student=student, pk=number).first() if model and number.isdecimal() else None
    try:
        if row is not None:
            services.withdraw(row, actor=request.user.actor)
    except ConfianzaError as error:
        return _refused(request, student, error)
    return redirect("alumnus", pseudonym)


@form_of("alumnus", "pseudonym")
@permitted("see_identity")
def alumnus_identity(request, pseudonym):
    """With a reason show who it is; with an identity, seal it."""
    student = visible_or_404(request, pseudonym)
    try:
        if "surname" in request.POST:
            form = IdentityForm(request.POST)
            if not form.is_valid():
                return _person_page(request, student, status=400, identity_form=form)
            given = {name: str(value or "") for name, value in form.cleaned_data.items()}
            services.keep_identity(
                pseudonym=pseudonym, identity=Identity.of_json(given), actor=request.user.actor
            )
            return redirect("alumnus", pseudonym)
        reason = request.POST.get("reason", "")
        identity = services.see_identity(pseudonym=pseudonym, reason=reason, actor=request.user.actor)
    except ConfianzaError as error:
        return _refused(request, student, error)
    told = [(FIELD_NAMES[name], value) for name, value in identity.to_json().items() if value]
    return _person_page(request, student, identity=told)


@form_of("alumnus", "pseudonym")
@permitted("see_identity")
def alumnus_export(request, pseudonym):
    student = visible_or_404(request, pseudonym)
    try:
        document = services.export_person(pseudonym=pseudonym, actor=request.user.actor)
    except ConfianzaError as error:
        return _refused(request, student, error)
    content = json.dumps(document, ensure_ascii=False, indent=2)
    answer = HttpResponse(content, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{pseudonym}.json"'
    answer["Cache-Control"] = "no-store"
    return answer


@form_of("alumnus", "pseudonym")
@permitted("erase_person")
def alumnus_erase(request, pseudonym):
    """Erase the personal data when the pseudonym was typed again."""
    student = visible_or_404(request, pseudonym)
    if request.POST.get("again", "").strip() != pseudonym:
        refusal = _("Type the pseudonym to erase the personal data; nothing was erased.")
        return _person_page(request, student, status=409, refusal=refusal)
    try:
        is_whole = services.erase_person(
            pseudonym=pseudonym, on=timezone.localdate(), actor=request.user.actor
        )
    except ConfianzaError as error:
        return _refused(request, student, error)
    if is_whole:
        messages.success(request, _("The personal data were erased."), extra_tags="good")
    else:
        messages.warning(request, sentence("journal-not-empty", {}, language()))
    return redirect("alumnus", pseudonym)
