"""The prominent posts of a partner, and who holds them."""

from datetime import date
from functools import partial
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from confianza.cooperation.actors import Actor
from confianza.cooperation.alumni import PROMINENCES
from confianza.cooperation.bilingual import BilingualText
from confianza.server.alumni import selectors, services
from confianza.server.requests import AccountRequest
from confianza.server.web.access import form_of, permitted
from confianza.server.web.alumni.forms import LeaveForm, OtherForm, PostForm
from confianza.server.web.alumni.search import back_to, render_search, search_of
from confianza.server.web.empty import filled
from confianza.server.web.submit import submit


def _posts_page(
    request: AccountRequest,
    *,
    post_form: PostForm | None = None,
    other_form: OtherForm | None = None,
    leave_form: LeaveForm | None = None,
    refusal: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    search = search_of(request)
    rows = selectors.post_rows(search.partner, search.students, search.on)
    may_keep = request.user.may("keep_students")
    first = selectors.first_year_of_tenures(search.partner)
    last = min(search.on, timezone.localdate()).year
    years = range(first or last + 1, last + 1)
    context = {
        "rows": rows,
        "held": selectors.senior_posts_held(rows),
        "by_year": selectors.posts_by_year(search.partner, search.students, years, search.on),
        "kinds": PROMINENCES,
        "post_form": (post_form or PostForm()) if may_keep else None,
        "other_form": (other_form or OtherForm(partner=search.partner)) if may_keep and rows else None,
        "leave_form": leave_form,
        "refusal": refusal,
    }
    return render_search(request, "alumni/posts.html", search, context, status=status)


@permitted("view_alumni")
@filled("alumni")
def posts(request: AccountRequest) -> HttpResponse:
    return _posts_page(request)


@form_of("alumni-posts")
@permitted("keep_students")
def post_add(request: AccountRequest) -> HttpResponse:
    form = PostForm(request.POST)

    def add(title_en: str, title_es: str, **fields: Any) -> None:
        title = BilingualText(title_en, title_es)
        services.add_post(partner_code=search_of(request).partner.pk, title=title, **fields)

    return submit(
        request, form, add, partial(_posts_page, request, post_form=form), back_to("alumni-posts", request)
    )


@form_of("alumni-posts")
@permitted("keep_students")
def post_other(request: AccountRequest) -> HttpResponse:
    form = OtherForm(request.POST, partner=search_of(request).partner)
    hold = partial(services.hold_post, pseudonym=None)
    return submit(
        request, form, hold, partial(_posts_page, request, other_form=form), back_to("alumni-posts", request)
    )


@form_of("alumni-posts")
@permitted("keep_students")
def post_leave(request: AccountRequest) -> HttpResponse:
    """The last day of a tenure that goes on."""
    form = LeaveForm(request.POST)

    def leave(tenure: Any, to_date: date, actor: Actor) -> None:
        services.leave_post(tenure_id=tenure.pk, to_date=to_date, actor=actor)

    return submit(
        request, form, leave, partial(_posts_page, request, leave_form=form), back_to("alumni-posts", request)
    )
