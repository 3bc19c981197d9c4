"""Pages of the alumni: who trained, who studied with whom, who holds which post, the report, a person's requests."""

import json
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from confianza.cooperation.alumni.identity import DATES, FIELD_NAMES, REASONS, SEXES, Identity
from confianza.cooperation.alumni.network import IADC_CLAIM, IADC_CLAIM_SHARE, PARTS, PROMINENCES
from confianza.cooperation.bilingual import Text
from confianza.cooperation.training.courses import schools
from confianza.cooperation.training_plans.process import rulebook
from confianza.cooperation.training_plans.records import Kind
from confianza.errors import ConfianzaError, sentence
from confianza.evidence.relationships import brokers
from confianza.reports import charts
from confianza.reports.relationships import MOST_DRAWN
from confianza.reports.tables import FORMS
from confianza.server.alumni import bulk, exports, selectors, services
from confianza.server.alumni.drawing import relations_svg
from confianza.server.alumni.models import CourseAttended, Post, Student, Tenure
from confianza.server.institutions.models import Party
from confianza.server.institutions.selectors import party_names
from confianza.server.training_plans.selectors import visible_programs
from confianza.server.web.access import form_of, permitted
from confianza.server.web.empty import filled
from confianza.server.web.templatetags.formats import language, said
from confianza.server.web.uploads import take_table

ON_A_PAGE = 50
MOST_BROKERS = 20
ZOOMS = (1, 2, 4)


class DayField(forms.DateField):
    """A day, written and read as browsers do."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    input_formats = ("%Y-%m-%d",)


def _choices(texts: dict) -> list[tuple[str, str]]:
    return [(code, said(text)) for code, text in texts.items()]


class SearchForm(forms.Form):
    """What the pages are narrowed by; `school` only where people are shown by their courses."""

    partner = forms.ChoiceField(label=gettext_lazy("Country"))
    school = forms.ChoiceField(label=gettext_lazy("School"), required=False)
    on = DayField(label=gettext_lazy("As of"))

    def __init__(self, data, *, user, has_school: bool):
        super().__init__(data, auto_id="search-%s")
        names = party_names()
        if not user.may("view_every_student"):
            names = {user.party_code: names[user.party_code]} if user.party_code in names else {}
        self.fields["partner"].choices = _choices(names)
        if not has_school:
            del self.fields["school"]
            return
        there = set(CourseAttended.objects.values_list("school", flat=True))
        known = {code: school.name for code, school in schools().items() if code in there}
        known |= {name: name for name in sorted(there - set(schools()))}
        self.fields["school"].choices = [("", gettext_lazy("all")), *_choices(known)]


@dataclass(frozen=True)
class Asked:
    """What a page is to show, and to whom."""

    form: SearchForm
    partner: Party
    school: str
    on: date
    students: QuerySet[Student]
    query: str


def _asked(request, *, has_school: bool = False) -> Asked:
    """The search of a request; in place of a wrong value what is shown first, and the form says so."""
    user, today = request.user, timezone.localdate()
    first = {
        "partner": _first_partner(request) if user.may("view_every_student") else user.party_code,
        "on": today.isoformat(),
    }
    given = {name: request.GET[name] for name in ("partner", "school", "on") if request.GET.get(name)}
    form = SearchForm(first | given, user=user, has_school=has_school)
    form.is_valid()
    found = form.cleaned_data
    party = Party.objects.filter(pk=found.get("partner", first["partner"])).first()
    if party is None:
        raise Http404("partner")
    query = urlencode({name: value for name, value in given.items() if name in found})
    students = selectors.visible_students(user)
    return Asked(form, party, found.get("school", ""), found.get("on", today), students, query)


def _first_partner(request) -> str:
    """The partner whose people are shown first: that of the partnership, or without one the first party."""
    if request.partnership:
        return request.partnership.partner.manual_code
    return next(iter(party_names()), "")


def _shown(request, template: str, asked: Asked, context: dict, *, status: int = 200):
    if asked.form.errors:
        status = 400
    return render(
        request,
        template,
        {"search_form": asked.form, "search_query": asked.query, "asked": asked, **context},
        status=status,
    )


def _visible_or_404(request, pseudonym: str) -> Student:
    student = selectors.visible_students(request.user).filter(pk=pseudonym).select_related("partner").first()
    if student is None:
        raise Http404(pseudonym)
    return student


# --- the list, and adding to it ---------------------------------------------------------------------


class EnrolForm(forms.Form):
    """A new person; who it is, is sealed on the person's own page."""

    partner = forms.ChoiceField(label=gettext_lazy("Country"))
    institution_code = forms.CharField(
        label=gettext_lazy("Institution (its code)"), max_length=40, required=False
    )
    public_name = forms.CharField(
        label=gettext_lazy("Name, only of a public source"), max_length=120, required=False
    )
    public_source = forms.CharField(label=gettext_lazy("That source"), max_length=200, required=False)

    def __init__(self, data=None, *, partner: Party | None = None):
        super().__init__(data, initial={"partner": partner.pk} if partner else None)
        self.fields["partner"].choices = _choices(party_names())


def _list_page(request, *, form=None, refusal=None, status=200):
    asked = _asked(request, has_school=True)
    people = asked.students.filter(partner=asked.partner).prefetch_related("courses", "tenures__post")
    if asked.school:
        people = people.filter(courses__school=asked.school).distinct()
    page = Paginator(people, ON_A_PAGE).get_page(request.GET.get("page"))
    rows = [
        {
            "student": student,
            "courses": [row for row in student.courses.all() if row.start_date <= asked.on],
            "current": [row for row in student.tenures.all() if row.tenure().is_held(asked.on)],
        }
        for student in page
    ]
    simulated = Party.objects.filter(is_fictional=True, student__in=asked.students).first()
    context = {
        "page": page,
        "rows": rows,
        "parts": PARTS,
        "schools": selectors.school_names(),
        "advanced": selectors.advanced(asked.partner, asked.students, asked.on),
        "claim": IADC_CLAIM,
        "claim_share": IADC_CLAIM_SHARE,
        "simulated": simulated if simulated != asked.partner else None,
        "form": (form or EnrolForm(partner=asked.partner)) if request.user.may("keep_students") else None,
        "refusal": refusal,
    }
    return _shown(request, "web/alumni.html", asked, context, status=status)


@permitted("view_alumni")
@filled("alumni")
def alumni(request):
    return _list_page(request)


@form_of("alumni")
@permitted("keep_students")
def enrol(request):
    form = EnrolForm(request.POST)
    if not form.is_valid():
        return _list_page(request, form=form, status=400)
    asked = form.cleaned_data
    try:
        student = services.enrol_student(
            partner_code=asked["partner"],
            institution_code=asked["institution_code"],
            identity=None,
            public_name=asked["public_name"],
            public_source=asked["public_source"],
            actor=request.user.actor,
        )
    except ConfianzaError as error:
        return _list_page(request, form=form, refusal=error.in_language(language()), status=409)
    return redirect("alumnus", student.pk)


@permitted("keep_students")
def alumni_import(request):
    """Upload a file of courses, posts or positions: look what it would do, then do it."""
    context: dict = {"kinds": bulk.KINDS}
    if request.method == "POST":
        context |= take_table(request, bulk.import_students)
    return render(request, "web/alumni_import.html", context, status=400 if "refusal" in context else 200)


# --- a person ---------------------------------------------------------------------------------------


class CourseForm(forms.Form):
    """A course that a person attended or taught."""

    part = forms.ChoiceField(label=gettext_lazy("As"))
    school = forms.CharField(label=gettext_lazy("School (code or name)"), max_length=80)
    title = forms.CharField(label=gettext_lazy("Course"), max_length=300)
    start_date = DayField(label=gettext_lazy("Begins"))
    end_date = DayField(label=gettext_lazy("Ends"))
    rank = forms.CharField(label=gettext_lazy("Rank then"), max_length=60, required=False)
    degree = forms.CharField(label=gettext_lazy("Degree"), max_length=120, required=False)
    funding = forms.CharField(label=gettext_lazy("Source of funding"), max_length=80, required=False)
    source = forms.CharField(label=gettext_lazy("How obtained"), max_length=200, required=False)

    def __init__(self, data=None):
        super().__init__(data, auto_id="course-%s")
        self.fields["part"].choices = _choices(PARTS)


class HoldForm(forms.Form):
    """A post that a person holds or held."""

    post_code = forms.ChoiceField(label=gettext_lazy("Post"))
    from_date = DayField(label=gettext_lazy("From"))
    to_date = DayField(label=gettext_lazy("To (empty: still)"), required=False)
    rank = forms.CharField(label=gettext_lazy("Grade"), max_length=60, required=False)
    us_grade = forms.CharField(label=gettext_lazy("U.S. grade"), max_length=10, required=False)
    source = forms.CharField(label=gettext_lazy("How obtained"), max_length=200)

    def __init__(self, data=None, *, partner: Party):
        super().__init__(data, auto_id="hold-%s")
        posts = Post.objects.filter(partner=partner)
        self.fields["post_code"].choices = [(post.code, said(post.title)) for post in posts]


class IdentityForm(forms.Form):
    """Who a person is, as in the passport."""

    def __init__(self, data=None):
        super().__init__(data, auto_id="identity-%s")
        for name, text in FIELD_NAMES.items():
            is_needed = name in ("surname", "given_names")
            if name == "sex":
                field = forms.ChoiceField(choices=[("", "—"), *((sex, sex) for sex in SEXES)], required=False)
            elif name in DATES:
                field = DayField(required=False)
            else:
                field = forms.CharField(max_length=120, required=is_needed)
            field.label = said(text)
            field.widget.attrs["autocomplete"] = "off"
            self.fields[name] = field


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
    answer = render(request, "web/alumnus.html", context, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


def _refused(request, student: Student, error: ConfianzaError, **more):
    return _person_page(request, student, status=409, refusal=error.in_language(language()), **more)


@permitted("view_alumni")
def alumnus(request, pseudonym):
    return _person_page(request, _visible_or_404(request, pseudonym))


@form_of("alumnus", "pseudonym")
@permitted("keep_students")
def alumnus_course(request, pseudonym):
    student, form = _visible_or_404(request, pseudonym), CourseForm(request.POST)
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
    student = _visible_or_404(request, pseudonym)
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
    student = _visible_or_404(request, pseudonym)
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
    student = _visible_or_404(request, pseudonym)
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
    student = _visible_or_404(request, pseudonym)
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
    student = _visible_or_404(request, pseudonym)
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
    student = _visible_or_404(request, pseudonym)
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


# --- the graph ----------------------------------------------------------------------------------------


@permitted("view_alumni")
@filled("alumni")
def graph(request):
    asked = _asked(request, has_school=True)
    person = request.GET.get("person", "")
    zoom = int(request.GET["zoom"]) if request.GET.get("zoom") in map(str, ZOOMS) else 1
    try:
        found = selectors.relations(
            asked.partner, asked.students, asked.on, school=asked.school, person=person
        )
    except ConfianzaError as error:
        raise Http404(person) from error
    names = {code: student.name for code, student in found.students.items()}
    ties = [
        {"tie": tie, "people": [(code, names[code]) for code in tie.pair]}
        for tie in sorted(found.ties, key=lambda tie: (-tie.overlap_days, tie.pair))
    ]
    context = {
        "found": found,
        "person": found.students.get(person),
        "svg": relations_svg(found, language(), zoom=zoom, marked=person) if found.graph else "",
        "most_drawn": MOST_DRAWN if found.graph.number_of_nodes() > MOST_DRAWN else None,
        "zoom": zoom,
        "zooms": ZOOMS,
        "page": Paginator(ties, ON_A_PAGE).get_page(request.GET.get("page")),
        "brokers": [(names[row.person], row) for row in brokers(found.graph)[:MOST_BROKERS]],
        "schools": selectors.school_names(),
    }
    return _shown(request, "web/alumni_graph.html", asked, context)


def growth_chart(request, width):
    """The growth of the graph that the page shows."""
    asked = _asked(request, has_school=True)
    found = selectors.relations(asked.partner, asked.students, asked.on, school=asked.school)
    return charts.growth_chart(found.growth, language(), width)


# --- posts --------------------------------------------------------------------------------------------


class PostForm(forms.Form):
    """A prominent post."""

    code = forms.RegexField(r"^[a-z0-9-]{2,40}$", label=gettext_lazy("Code, such as mx-navy-chief"))
    title_en = forms.CharField(label=gettext_lazy("Title in English"), max_length=120)
    title_es = forms.CharField(label=gettext_lazy("Title in Spanish"), max_length=120)
    kind = forms.ChoiceField(label=gettext_lazy("Prominent as"))
    institution_code = forms.CharField(
        label=gettext_lazy("Institution (its code)"), max_length=40, required=False
    )
    is_senior = forms.BooleanField(label=gettext_lazy("Counts among the senior posts"), required=False)
    source = forms.CharField(label=gettext_lazy("Source"), max_length=200)

    def __init__(self, data=None):
        super().__init__(data, auto_id="post-%s")
        self.fields["kind"].choices = _choices(PROMINENCES)


class OtherForm(forms.Form):
    """A post taken by somebody known to be no alumnus."""

    post_code = forms.ChoiceField(label=gettext_lazy("Post"))
    from_date = DayField(label=gettext_lazy("From"))
    to_date = DayField(label=gettext_lazy("To (empty: still)"), required=False)
    source = forms.CharField(label=gettext_lazy("How obtained"), max_length=200)

    def __init__(self, data=None, *, partner: Party):
        super().__init__(data, auto_id="other-%s")
        posts = Post.objects.filter(partner=partner)
        self.fields["post_code"].choices = [(post.code, said(post.title)) for post in posts]


def _posts_page(request, *, post_form=None, other_form=None, refusal=None, status=200):
    asked = _asked(request)
    rows = selectors.post_rows(asked.partner, asked.students, asked.on)
    may_keep = request.user.may("keep_students")
    first = (
        Tenure.objects.filter(post__partner=asked.partner).values_list("from_date__year", flat=True).first()
    )
    last = min(asked.on, timezone.localdate()).year
    years = range(first or last + 1, last + 1)
    context = {
        "rows": rows,
        "held": selectors.senior_posts_held(rows),
        "by_year": selectors.posts_by_year(asked.partner, asked.students, years, asked.on),
        "kinds": PROMINENCES,
        "post_form": (post_form or PostForm()) if may_keep else None,
        "other_form": (other_form or OtherForm(partner=asked.partner)) if may_keep and rows else None,
        "refusal": refusal,
    }
    return _shown(request, "web/alumni_posts.html", asked, context, status=status)


def _back_to(view: str, request):
    return redirect(
        f"{view}?{urlencode({'partner': request.GET['partner']})}" if "partner" in request.GET else view
    )


@permitted("view_alumni")
@filled("alumni")
def posts(request):
    return _posts_page(request)


@form_of("alumni-posts")
@permitted("keep_students")
def post_add(request):
    form = PostForm(request.POST)
    if not form.is_valid():
        return _posts_page(request, post_form=form, status=400)
    given = form.cleaned_data
    title = Text(given.pop("title_en"), given.pop("title_es"))
    try:
        services.add_post(
            partner_code=_asked(request).partner.pk, title=title, actor=request.user.actor, **given
        )
    except ConfianzaError as error:
        return _posts_page(request, post_form=form, refusal=error.in_language(language()), status=409)
    return _back_to(reverse("alumni-posts"), request)


@form_of("alumni-posts")
@permitted("keep_students")
def post_other(request):
    form = OtherForm(request.POST, partner=_asked(request).partner)
    if not form.is_valid():
        return _posts_page(request, other_form=form, status=400)
    try:
        services.hold_post(pseudonym=None, actor=request.user.actor, **form.cleaned_data)
    except ConfianzaError as error:
        return _posts_page(request, other_form=form, refusal=error.in_language(language()), status=409)
    return _back_to(reverse("alumni-posts"), request)


@form_of("alumni-posts")
@permitted("keep_students")
def post_leave(request):
    """The last day of a tenure that goes on."""
    tenure, day = request.POST.get("tenure", ""), DayField()
    try:
        last = day.clean(request.POST.get("to_date"))
        services.leave_post(tenure_id=int(tenure), to_date=last, actor=request.user.actor)
    except (forms.ValidationError, ValueError, Tenure.DoesNotExist):
        return _posts_page(request, refusal=_("Give the last day of the post."), status=400)
    except ConfianzaError as error:
        return _posts_page(request, refusal=error.in_language(language()), status=409)
    return _back_to(reverse("alumni-posts"), request)


# --- the yearly report ----------------------------------------------------------------------------------


def _report(asked: Asked):
    return selectors.prominence_rows(asked.students.filter(partner=asked.partner), asked.on)


@permitted("view_alumni")
@filled("alumni")
def report(request):
    """The report of positions of prominence; a POST records that it is up to date."""
    asked = _asked(request)
    context = {
        "fields": exports.FIELDS,
        "rows": exports.report_rows(_report(asked), language()),
        "updated": selectors.prominence_report_updated(asked.partner.pk),
        "may_keep": request.user.may("keep_students"),
    }
    return _shown(request, "web/alumni_report.html", asked, context)


@form_of("alumni-report")
@permitted("keep_students")
def report_update(request):
    asked = _asked(request)
    services.update_report(partner_code=asked.partner.pk, on=timezone.localdate(), actor=request.user.actor)
    return _back_to(reverse("alumni-report"), request)


@permitted("view_alumni")
def report_file(request, form):
    if form not in exports.FORMS:
        raise Http404(form)
    asked = _asked(request)
    rows = exports.report_rows(_report(asked), language())
    content = b"".join(exports.report_parts(form, rows, language()))
    answer = HttpResponse(content, content_type=FORMS[form])
    answer["Content-Disposition"] = f'attachment; filename="prominence-{asked.partner.pk}-{asked.on}.{form}"'
    return answer
