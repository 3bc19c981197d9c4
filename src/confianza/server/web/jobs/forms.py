"""The form of a file to import."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from confianza.server.jobs.kinds import KINDS
from confianza.server.language import language
from confianza.server.web.choices import set_choices


class ImportForm(forms.Form):
    """A file, and as what it is imported."""

    kind = forms.ChoiceField(label=_("Import"))
    file = forms.FileField(label=_("File"))
    partner_code = forms.RegexField(
        "^[A-Z]{2}$",
        label=_("Only this country (training report)"),
        help_text=_("ISO 3166 code of two letters, such as CO; empty: every country."),
        required=False,
    )

    def __init__(self, *args: Any, may: Callable[[str], bool]) -> None:
        super().__init__(*args)
        kinds = {code: kind for code, kind in KINDS.items() if may(kind.action)}
        self.has_kinds = bool(kinds)
        set_choices(self, "kind", [(code, kind.name.in_language(language())) for code, kind in kinds.items()])
