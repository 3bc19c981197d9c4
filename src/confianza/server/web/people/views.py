"""The pages of accounts, and of one's own password."""

from django import forms
from django.contrib import messages
from django.contrib.auth import views as auth
from django.contrib.auth.forms import PasswordChangeForm
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from confianza.cooperation.permissions import permission_table
from confianza.errors import ConfianzaError, sentence
from confianza.server.institutions.selectors import party_names
from confianza.server.people import services
from confianza.server.people.models import User
from confianza.server.people.services import parties
from confianza.server.web.access import form_of, permitted
from confianza.server.web.templatetags.formats import language, said


def _new_password() -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.CharField(label=gettext_lazy("Temporary password"), widget=widget)


class RoleForm(forms.Form):
    """The role of an account."""

    role = forms.ChoiceField(label=gettext_lazy("Role"))

    def __init__(self, data=None, **more):
        super().__init__(data, **more)
        roles = permission_table().roles
        self.fields["role"].choices = [(code, said(role.name)) for code, role in roles.items()]


class PasswordForm(forms.Form):
    """A temporary password for an account."""

    password = _new_password()


class PersonForm(RoleForm):
    """An account to add."""

    account = forms.RegexField(r"^[\w.-]{2,60}$", label=gettext_lazy("Account (no name of a person)"))
    party = forms.ChoiceField(label=gettext_lazy("Party"))
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=[("en", gettext_lazy("English")), ("es", gettext_lazy("Spanish"))],
    )
    password = _new_password()
    field_order = ("account", "role", "party", "language", "password")

    def __init__(self, data=None):
        super().__init__(data)
        self.fields["party"].choices = [(code, said(name)) for code, name in parties().items()]


def _row(user: User) -> dict:
    """What the pages tell of an account."""
    roles = permission_table().roles
    return {
        "number": user.pk,
        "account": user.username,
        "role": roles[user.role].name if user.role in roles else user.role,
        "party": party_names().get(user.party_code),
        "is_demo": user.is_demo,
        "is_open": user.is_active,
        "is_temporary": user.is_active and user.password_is_temporary,
    }


@permitted("manage_people")
def people(request):
    """The accounts; a POST adds one."""
    form, refusal, status = PersonForm(request.POST or None), None, 200
    if request.method == "POST":
        if form.is_valid():
            asked = form.cleaned_data
            try:
                services.add_person(
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
    rows = [_row(user) for user in User.objects.order_by("username")]
    context = {"rows": rows, "form": form, "refusal": refusal}
    return render(request, "web/people.html", context, status=status)


# What is done to an account: the form it takes, the service, and what the page says then.
CHANGES = {
    "role": (RoleForm, services.set_role, gettext_lazy("The role was changed.")),
    "password": (
        PasswordForm,
        services.set_password,
        gettext_lazy("The account has a temporary password and is signed out everywhere."),
    ),
    "close": (
        forms.Form,
        services.close_person,
        gettext_lazy("The account is closed and signed out everywhere."),
    ),
    "reopen": (
        PasswordForm,
        services.reopen_person,
        gettext_lazy("The account is open again, with a temporary password."),
    ),
}


def _person_page(request, user: User, *, status=200, refusal=None):
    context = {
        "row": _row(user),
        "is_own": user == request.user,
        "role_form": RoleForm(initial={"role": user.role}),
        "password_form": PasswordForm(),
        "refusal": refusal,
        "demo_sentence": sentence("account-of-demo", {"account": user.username}, language()),
    }
    return render(request, "web/person.html", context, status=status)


@permitted("manage_people")
def person(request, number):
    """An account, and what can be done to it."""
    return _person_page(request, get_object_or_404(User, pk=number))


@form_of("person", "number")
@permitted("manage_people")
def person_change(request, number, change):
    """Close or reopen an account, or set its role or password."""
    user = get_object_or_404(User, pk=number)
    if change not in CHANGES:
        raise Http404(change)
    form_class, service, done = CHANGES[change]
    form = form_class(request.POST)
    if not form.is_valid():
        problems = [f"{form.fields[name].label}: {' '.join(texts)}" for name, texts in form.errors.items()]
        return _person_page(request, user, status=400, refusal=" ".join(problems))
    try:
        service(account=user.username, actor=request.user.actor, **form.cleaned_data)
    except ConfianzaError as error:
        return _person_page(request, user, status=409, refusal=error.in_language(language()))
    messages.success(request, done, extra_tags="good")
    return redirect("person", number)


# --- one's own password ---------------------------------------------------------------------------


class OwnPasswordForm(PasswordChangeForm):
    """The present password and, twice, the one to come."""

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("old_password") and cleaned["old_password"] == cleaned.get("new_password1"):
            self.add_error("new_password1", sentence("password-same", {}, language()))
        return cleaned

    def save(self, commit=True):
        self.user = services.change_own_password(
            password=self.cleaned_data["new_password1"], actor=self.user.actor
        )
        return self.user


class OwnPassword(auth.PasswordChangeView):
    """Changes the password of whoever is signed in; the sessions begun with the one before end, but for this one."""

    template_name = "web/password.html"
    form_class = OwnPasswordForm
    success_url = reverse_lazy("partnership")

    def get_context_data(self, **kwargs):
        user = self.request.user
        refusal = sentence("account-of-demo", {"account": user.username}, language()) if user.is_demo else ""
        return super().get_context_data(refusal=refusal, **kwargs)

    def post(self, request, *args, **kwargs):
        if request.user.is_demo:
            return self.render_to_response(self.get_context_data(), status=409)
        return super().post(request, *args, **kwargs)

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=400)

    def form_valid(self, form):
        answer = super().form_valid(form)
        messages.success(self.request, _("Your password was changed."), extra_tags="good")
        return answer


own_password = permitted("change_own_password")(OwnPassword.as_view())
