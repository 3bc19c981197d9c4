"""The form of a file to import."""

from django import forms
from django.utils.translation import gettext_lazy as _

from confianza.server.jobs.kinds import KINDS
from confianza.server.language import language


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

    def __init__(self, *args, user):
        super().__init__(*args)
        self.fields["kind"].choices = [
            (code, kind.name.in_language(language())) for code, kind in KINDS.items() if user.may(kind.action)
        ]
