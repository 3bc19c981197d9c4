"""The form of the seat plan."""

from decimal import Decimal

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from confianza.cooperation.training import TrainingFigure
from confianza.planning.seats import default_request
from confianza.server.web.number_fields import CountField, DollarsField, NumberField


class PlanForm(forms.Form):
    """What a seat plan must do."""

    students = CountField(label=gettext_lazy("Students"), min_value=1, max_value=100_000)
    share = NumberField(
        label=gettext_lazy("PME share of the students, %"),
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
    )
    budget = DollarsField(
        label=gettext_lazy("Budget, US dollars"), min_value=0, max_digits=14, decimal_places=2
    )
    capacity = NumberField(
        label=gettext_lazy("Capacity, as a multiple of the best year on record"),
        min_value=Decimal("0.1"),
        max_value=100,
        max_digits=6,
        decimal_places=2,
    )


def plan_form(data: QueryDict, figures: list[TrainingFigure]) -> PlanForm:
    usual = default_request(figures)
    given = {
        "students": usual.student_count,
        "share": f"{100 * usual.pme_share:g}",
        "budget": f"{usual.budget.minor / 100:.2f}",
        "capacity": "1",
    }
    return PlanForm({**given, **data.dict()})
