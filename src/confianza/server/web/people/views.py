"""The pages of accounts, of one's own password, of signing in and out."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from confianza.cooperation.permissions import permission_table
from confianza.errors import sentence
from confianza.server.demo import DEMO_PEOPLE
from confianza.server.institutions.selectors import party_names
from confianza.server.language import language
from confianza.server.people import services
from confianza.server.people.selectors import accounts
from confianza.server.requests import AccountRequest
from confianza.server.web.access import form_of, permitted
from confianza.server.web.people.forms import OwnPasswordForm, PasswordForm, PersonForm, RoleForm
from confianza.server.web.submit import submit
from confianza.server.web.unsent import FIELD, UnsentForm, shown_again


@method_decorator(login_not_required, name="dispatch")
class SignIn(auth.LoginView):
    template_name = "people/login.html"
    redirect_authenticated_user = True
    request: AccountRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        accounts = list(DEMO_PEOPLE) if settings.DEMO_PASSWORD else []
        return super().get_context_data(demo_accounts=accounts, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        if waiting := UnsentForm.read(self.request.POST.get(FIELD, "")):
            response = shown_again(self.request, waiting)
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            form.get_user().language,
            samesite="Lax",
            secure=settings.LANGUAGE_COOKIE_SECURE,
        )
        return response


@login_not_required
@form_of("partnership")
def sign_out(request: AccountRequest) -> HttpResponse:
    return auth.LogoutView.as_view()(request)


def _row(user: Any) -> dict[str, Any]:
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
def people(request: AccountRequest) -> HttpResponse:
    """The accounts; a POST adds one."""
    if request.method != "POST":
        return _people_page(request, form=PersonForm())
    form = PersonForm(request.POST)

    def add(party: str, **fields: Any) -> None:
        services.add_person(party_code=party, **fields)

    def done(_result: Any) -> HttpResponse:
        text = _("Added: %(account)s.") % {"account": form.cleaned_data["account"]}
        messages.success(request, text, extra_tags="good")
        return redirect("people")

    return submit(request, form, add, partial(_people_page, request, form=form), done)


def _people_page(
    request: AccountRequest, *, form: PersonForm, refusal: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    context = {"rows": [_row(user) for user in accounts()], "form": form, "refusal": refusal}
    return render(request, "people/people.html", context, status=status)


# What is done to an account: the form it takes, the service, and what the page says then.
CHANGES: dict[str, tuple[Callable[..., forms.Form], Callable[..., Any], Any]] = {
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


def _person_page(
    request: AccountRequest,
    user: Any,
    *,
    form: forms.Form | None = None,
    status: int = 200,
    refusal: dict[str, Any] | None = None,
) -> HttpResponse:
    context = {
        "row": _row(user),
        "is_own": user == request.user,
        "role_form": form if isinstance(form, RoleForm) else RoleForm(initial={"role": user.role}),
        "password_form": form if isinstance(form, PasswordForm) else PasswordForm(),
        "refusal": refusal,
        "demo_sentence": sentence("account-of-demo", {"account": user.username}, language()),
    }
    return render(request, "people/person.html", context, status=status)


@permitted("manage_people")
def person(request: AccountRequest, number: int) -> HttpResponse:
    """An account, and what can be done to it."""
    return _person_page(request, get_object_or_404(accounts(), pk=number))


@form_of("person", "number")
@permitted("manage_people")
def person_change(request: AccountRequest, number: int, change: str) -> HttpResponse:
    """Close or reopen an account, or set its role or password."""
    user = get_object_or_404(accounts(), pk=number)
    if change not in CHANGES:
        raise Http404(change)
    form_class, service, text = CHANGES[change]
    form = form_class(request.POST)

    def done(_result: Any) -> HttpResponse:
        messages.success(request, text, extra_tags="good")
        return redirect("person", number)

    page = partial(_person_page, request, user, form=form)
    return submit(request, form, partial(service, account=user.username), page, done)


class OwnPassword(auth.PasswordChangeView):
    """Changes the password of whoever is signed in; the sessions begun with the one before end, but for this one."""

    template_name = "people/password.html"
    form_class = OwnPasswordForm
    request: AccountRequest
    success_url = reverse_lazy("partnership")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        refusal = sentence("account-of-demo", {"account": user.username}, language()) if user.is_demo else ""
        return super().get_context_data(refusal=refusal, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.request.user.is_demo:
            return self.render_to_response(self.get_context_data(), status=409)
        return super().post(request, *args, **kwargs)

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=400)

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        messages.success(self.request, _("Your password was changed."), extra_tags="good")
        return answer


own_password = permitted("change_own_password")(OwnPassword.as_view())
