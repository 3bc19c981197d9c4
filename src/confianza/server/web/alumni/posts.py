"""The prominent posts of a partner, and who holds them."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _

from confianza.cooperation.alumni.network import PROMINENCES
from confianza.cooperation.bilingual import Text
from confianza.errors import ConfianzaError
from confianza.server.alumni import selectors, services
from confianza.server.alumni.models import Tenure
from confianza.server.language import language
from confianza.server.web.access import form_of, permitted
from confianza.server.web.alumni.forms import DayField, OtherForm, PostForm
from confianza.server.web.alumni.search import back_to, render_search, search_of
from confianza.server.web.empty import filled


def _posts_page(request, *, post_form=None, other_form=None, refusal=None, status=200):
    search = search_of(request)
    rows = selectors.post_rows(search.partner, search.students, search.on)
    may_keep = request.user.may("keep_students")
    first = (
        Tenure.objects.filter(post__partner=search.partner).values_list("from_date__year", flat=True).first()
    )
    last = min(search.on, timezone.localdate()).year
    years = range(first or last + 1, last + 1)
    context = {
        "rows": rows,
        "held": selectors.senior_posts_held(rows),
        "by_year": selectors.posts_by_year(search.partner, search.students, years, search.on),
        "kinds": PROMINENCES,
        "post_form": (post_form or PostForm()) if may_keep else None,
        "other_form": (other_form or OtherForm(partner=search.partner)) if may_keep and rows else None,
        "refusal": refusal,
    }
    return render_search(request, "alumni/posts.html", search, context, status=status)


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
            partner_code=search_of(request).partner.code, title=title, actor=request.user.actor, **given
        )
    except ConfianzaError as error:
        return _posts_page(request, post_form=form, refusal=error.in_language(language()), status=409)
    return back_to("/alumni/posts/", request)


@form_of("alumni-posts")
@permitted("keep_students")
def post_other(request):
    form = OtherForm(request.POST, partner=search_of(request).partner)
    if not form.is_valid():
        return _posts_page(request, other_form=form, status=400)
    try:
        services.hold_post(pseudonym=None, actor=request.user.actor, **form.cleaned_data)
    except ConfianzaError as error:
        return _posts_page(request, other_form=form, refusal=error.in_language(language()), status=409)
    return back_to("/alumni/posts/", request)


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
    return back_to("/alumni/posts/", request)
