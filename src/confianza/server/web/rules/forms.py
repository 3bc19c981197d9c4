"""What the audit log is narrowed by."""

from django import forms
from django.utils.translation import gettext_lazy


class AuditForm(forms.Form):
    """Whose events, and of what."""

    subject = forms.CharField(
        label=gettext_lazy("Subject"),
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "case:E7-B-UAC"}),
    )
    account = forms.CharField(label=gettext_lazy("Account"), required=False)
