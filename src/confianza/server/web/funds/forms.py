"""The form of a project."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from confianza.server.institutions.selectors import party_names
from confianza.server.language import localized
from confianza.server.web.choices import set_choices


class ProjectForm(forms.Form):
    """A project that cases can belong to."""

    code = forms.SlugField(label=gettext_lazy("Code"), max_length=40)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=120)
    authority = forms.CharField(label=gettext_lazy("Authority"), max_length=40)
    partner = forms.ChoiceField(label=gettext_lazy("Partner"))

    def __init__(self, data: Mapping[str, Any] | None = None, *, own_party: str) -> None:
        super().__init__(data)
        set_choices(
            self,
            "partner",
            [(code, localized(name)) for code, name in party_names().items() if code != own_party],
        )
