"""The page of accounts."""

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from confianza.cooperation.permissions import permission_table
from confianza.errors import ConfianzaError
from confianza.server.institutions.selectors import party_names
from confianza.server.people.models import User
from confianza.server.people.services import add_person, parties
from confianza.server.web.access import permitted
from confianza.server.web.templatetags.formats import language, said


class PersonForm(forms.Form):
    """An account to add."""

    account = forms.RegexField(r"^[\w.-]{2,60}$", label=gettext_lazy("Account (no name of a person)"))
    role = forms.ChoiceField(label=gettext_lazy("Role"))
    party = forms.ChoiceField(label=gettext_lazy("Party"))
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=[("en", gettext_lazy("English")), ("es", gettext_lazy("Spanish"))],
    )
    password = forms.CharField(label=gettext_lazy("Password"), widget=forms.PasswordInput)

    def __init__(self, data=None):
        super().__init__(data)
        roles = permission_table().roles
        self.fields["role"].choices = [(code, said(role.name)) for code, role in roles.items()]
        self.fields["party"].choices = [(code, said(name)) for code, name in parties().items()]


@permitted("manage_people")
def people(request):
    """The accounts; a POST adds one."""
    form, refusal, status = PersonForm(request.POST or None), None, 200
    if request.method == "POST":
        if form.is_valid():
            asked = form.cleaned_data
            try:
                add_person(
                    account=asked["account"],
                    role=asked["role"],
                    party_code=asked["party"],
                    language=asked["language"],
                    password=asked["password"],
                    actor=request.user.actor,
                )
            except ConfianzaError as error:
                refusal, status = error.in_language(language()), 409
            else:
                messages.success(
                    request, _("Added: %(account)s.") % {"account": asked["account"]}, extra_tags="good"
                )
                return redirect("people")
        else:
            status = 400
    roles, names = permission_table().roles, party_names()
    rows = [
        {
            "account": user.username,
            "role": roles[user.role].name if user.role in roles else user.role,
            "party": names.get(user.party_code),
            "is_demo": user.is_demo,
        }
        for user in User.objects.order_by("username")
    ]
    context = {"rows": rows, "form": form, "refusal": refusal}
    return render(request, "web/people.html", context, status=status)
