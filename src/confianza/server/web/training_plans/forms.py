"""Forms of training plans: opening a year, nominating a student. What is sent is judged by the rules of the step."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy

from confianza.server.institutions.selectors import partner_names
from confianza.server.language import localized
from confianza.server.web.choices import OfferedField, set_choices
from confianza.server.web.day_fields import DayField
from confianza.server.web.step_forms import PLACEHOLDERS

YEARS_AHEAD = 2  # a plan is begun two fiscal years before its own


class OpenForm(forms.Form):
    """The country and fiscal year of a plan, and what it may cost."""

    partner = OfferedField(label=gettext_lazy("Country"))
    fiscal_year = forms.CharField(
        label=gettext_lazy("Fiscal year"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "pattern": r"\d{4}"}),
    )
    ceiling = forms.CharField(
        label=gettext_lazy("Ceiling"),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "placeholder": PLACEHOLDERS["money"]}),
    )
    on = DayField(label=gettext_lazy("Date"))

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        today = timezone.localdate()
        first = {"on": today, "fiscal_year": today.year + YEARS_AHEAD}
        super().__init__(data, auto_id="open-%s", initial=first)
        set_choices(self, "partner", [(code, localized(name)) for code, name in partner_names().items()])


class NominateForm(forms.Form):
    """A student for the courses of a number, in place of one who withdrew or not."""

    number = OfferedField(label=gettext_lazy("Courses (number)"))
    student = OfferedField(label=gettext_lazy("Student"))
    in_place_of = OfferedField(label=gettext_lazy("In place of"), required=False)
    on = DayField(label=gettext_lazy("Date"))

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, auto_id="nominate-%s", initial={"on": timezone.localdate()})

    def offer(
        self,
        *,
        numbers: Iterable[tuple[str, str]],
        students: Iterable[tuple[str, str]],
        withdrawn: Iterable[str],
    ) -> None:
        """Give the fields their choices: pairs of value and label."""
        set_choices(self, "number", numbers)
        set_choices(self, "student", students)
        set_choices(self, "in_place_of", [("", "—"), *((name, name) for name in withdrawn)])
