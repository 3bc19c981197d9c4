"""The yearly report of positions of prominence."""

from django.http import Http404, HttpResponse
from django.utils import timezone

from confianza.reports.tables import FORMATS
from confianza.server.alumni import exports, selectors, services
from confianza.server.language import language
from confianza.server.requests import AccountRequest
from confianza.server.web.access import form_of, permitted
from confianza.server.web.alumni.search import Search, back_to, render_search, search_of
from confianza.server.web.empty import filled


def _report(search: Search) -> list[selectors.ProminenceRow]:
    return selectors.prominence_rows(search.students.filter(partner=search.partner), search.on)


@permitted("view_alumni")
@filled("alumni")
def report(request: AccountRequest) -> HttpResponse:
    """The report of positions of prominence; a POST records that it is up to date."""
    search = search_of(request)
    context = {
        "fields": exports.FIELDS,
        "rows": exports.report_rows(_report(search), language()),
        "updated": selectors.prominence_report_updated(search.partner.pk),
        "may_keep": request.user.may("keep_students"),
    }
    return render_search(request, "alumni/report.html", search, context)


@form_of("alumni-report")
@permitted("keep_students")
def report_update(request: AccountRequest) -> HttpResponse:
    search = search_of(request)
    services.update_report(partner_code=search.partner.pk, on=timezone.localdate(), actor=request.user.actor)
    return back_to("alumni-report", request)(None)


@permitted("view_alumni")
def report_file(request: AccountRequest, form: str) -> HttpResponse:
    if form not in exports.FORMATS:
        raise Http404(form)
    search = search_of(request)
    rows = exports.report_rows(_report(search), language())
    content = b"".join(exports.report_parts(form, rows, language()))
    answer = HttpResponse(content, content_type=FORMATS[form])
    answer["Content-Disposition"] = (
        f'attachment; filename="prominence-{search.partner.pk}-{search.on}.{form}"'
    )
    return answer
