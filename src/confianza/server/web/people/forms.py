"""Forms of accounts and passwords."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.forms import PasswordChangeForm
from django.utils.translation import gettext_lazy

from confianza.cooperation.permissions import permission_table
from confianza.errors import sentence
from confianza.server.language import language, localized
from confianza.server.people import services
from confianza.server.people.services import parties
from confianza.server.web.choices import set_choices


def _new_password() -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.CharField(label=gettext_lazy("Temporary password"), widget=widget)


class RoleForm(forms.Form):
    """The role of an account."""

    role = forms.ChoiceField(label=gettext_lazy("Role"))

    def __init__(self, data: Mapping[str, Any] | None = None, **more: Any) -> None:
        super().__init__(data, **more)
        roles = permission_table().roles
        set_choices(self, "role", [(code, localized(role.name)) for code, role in roles.items()])


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

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        set_choices(self, "party", [(code, localized(name)) for code, name in parties().items()])


class OwnPasswordForm(PasswordChangeForm):
    """The present password and, twice, the one to come."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("old_password") and cleaned["old_password"] == cleaned.get("new_password1"):
            self.add_error("new_password1", sentence("password-same", {}, language()))
        return cleaned

    def save(self, commit: bool = True) -> Any:
        self.user = services.change_own_password(
            password=self.cleaned_data["new_password1"], actor=self.user.actor
        )
        return self.user
