"""Pages of the money behind cases: program codes, funds and their dates, projects."""

from django import forms
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy

from confianza.cooperation.ledger import Account
from confianza.cooperation.programs.codes import program_codes
from confianza.errors import ConfianzaError
from confianza.server.institutions.selectors import party_names
from confianza.server.ledger.selectors import statements
from confianza.server.programs import services
from confianza.server.programs.models import Project
from confianza.server.programs.selectors import open_appropriations
from confianza.server.web.access import form_of, permitted
from confianza.server.web.partnership_address import of_chosen
from confianza.server.web.templatetags.formats import language, said


class ProjectForm(forms.Form):
    """A project that cases can belong to."""

    code = forms.SlugField(label=gettext_lazy("Code"), max_length=40)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=120)
    authority = forms.CharField(label=gettext_lazy("Authority"), max_length=40)
    partner = forms.ChoiceField(label=gettext_lazy("Partner"))

    def __init__(self, data=None, *, own_party: str):
        super().__init__(data)
        self.fields["partner"].choices = [
            (code, said(name)) for code, name in party_names().items() if code != own_party
        ]


@permitted("view_portfolio")
def programs(request):
    return programs_page(request)


def programs_page(request, *, form=None, refusal=None, status=200):
    today = timezone.localdate()
    held = {statement.name: statement.balances for statement in statements("funds")}
    funds = [
        {
            "row": row,
            "now": row.funds.availability_on(today),
            "versions": len(row.funds.availability),
            "available": held[row.code][Account.AVAILABLE] if row.code in held else None,
        }
        for row in of_chosen(request, open_appropriations())
    ]
    may_manage = request.user.may("manage_programs")
    context = {
        "codes": program_codes().values(),
        "funds": funds,
        "projects": of_chosen(request, Project.objects.select_related("partner")),
        "form": (form or ProjectForm(own_party=request.user.party_code)) if may_manage else None,
        "may_approve": request.user.may("approve_project"),
        "refusal": refusal,
    }
    return render(request, "web/programs.html", context, status=status)


@form_of("programs")
@permitted("manage_programs")
def project_add(request):
    form = ProjectForm(request.POST, own_party=request.user.party_code)
    if not form.is_valid():
        return programs_page(request, form=form, status=400)
    asked = form.cleaned_data
    try:
        services.add_project(
            code=asked["code"],
            title=asked["title"],
            authority=asked["authority"],
            partner_code=asked["partner"],
            actor=request.user.actor,
        )
    except ConfianzaError as error:
        return programs_page(request, form=form, refusal=error.in_language(language()), status=409)
    return redirect("programs")


@form_of("programs")
@permitted("approve_project")
def project_approve(request, code):
    try:
        services.approve_project(code=code, on=timezone.localdate(), actor=request.user.actor)
    except ConfianzaError as error:
        return programs_page(request, refusal=error.in_language(language()), status=409)
    return redirect("programs")
