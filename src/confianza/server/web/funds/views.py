"""Pages of the money behind cases: its authorities, program codes, funds and their dates, projects."""

from functools import partial
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from confianza.cooperation.programs.authorities import authority_named, published_deliveries
from confianza.cooperation.programs.codes import program_codes
from confianza.reports.authorities import acts_with_authorities, authority_document
from confianza.server.chosen_partnership import asked_partnership, of_chosen, partnerships_of
from confianza.server.funds import documents, services
from confianza.server.funds.selectors import appropriations_without_dates, open_appropriations, projects
from confianza.server.requests import AccountRequest
from confianza.server.web.access import form_of, permitted
from confianza.server.web.funds.forms import FundsForm, ProjectForm
from confianza.server.web.submit import submit


@permitted("view_portfolio")
def programs(request: AccountRequest) -> HttpResponse:
    return programs_page(request)


def programs_page(
    request: AccountRequest,
    *,
    project_form: ProjectForm | None = None,
    funds_form: FundsForm | None = None,
    refusal: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    may_manage, countries = request.user.may("manage_programs"), _countries(request)
    context = {
        "codes": program_codes().values(),
        "funds": documents.funds(of_chosen(request, open_appropriations()), timezone.localdate()),
        "undated": documents.undated_funds(of_chosen(request, appropriations_without_dates())),
        "deliveries": [item for item in published_deliveries() if item.partner_code in countries],
        "projects": [documents.project(row) for row in of_chosen(request, projects())],
        "funds_form": (funds_form or FundsForm(countries=countries)) if may_manage else None,
        "project_form": (project_form or ProjectForm(own_party=request.user.party_code, countries=countries))
        if may_manage
        else None,
        "may_approve": request.user.may("approve_project"),
        "refusal": refusal,
    }
    return render(request, "funds/programs.html", context, status=status)


def _countries(request: AccountRequest) -> set[str]:
    """The ISO codes of the partners that the page is of."""
    chosen = [asked_partnership(request)] if request.partnership_code else partnerships_of(request)
    return {one.partner.iso_code for one in chosen}


@permitted("view_sources")
def authorities(request: AccountRequest) -> HttpResponse:
    return render(request, "funds/authorities.html", {"acts": acts_with_authorities(_countries(request))})


@permitted("view_sources")
def authority(request: AccountRequest, code: str) -> HttpResponse:
    found = authority_named(code)
    if found is None:
        raise Http404(code)
    return render(request, "funds/authority.html", {"item": authority_document(found)})


@form_of("programs")
@permitted("manage_programs")
def funds_add(request: AccountRequest) -> HttpResponse:
    form = FundsForm(request.POST, countries=_countries(request))
    page = partial(programs_page, request, funds_form=form)
    return submit(request, form, services.add_funds, page, lambda _: redirect("programs"))


@form_of("programs")
@permitted("manage_programs")
def project_add(request: AccountRequest) -> HttpResponse:
    form = ProjectForm(request.POST, own_party=request.user.party_code, countries=_countries(request))

    def add(partner: str, **fields: Any) -> None:
        services.add_project(partner_code=partner, **fields)

    page = partial(programs_page, request, project_form=form)
    return submit(request, form, add, page, lambda _: redirect("programs"))


@form_of("programs")
@permitted("approve_project")
def project_approve(request: AccountRequest, code: str) -> HttpResponse:
    approve = partial(services.approve_project, code=code, on=timezone.localdate())
    return submit(request, None, approve, partial(programs_page, request), lambda _: redirect("programs"))
