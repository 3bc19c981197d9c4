"""What pages of the training reports are narrowed by, and the form that classifies a text."""

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from confianza.cooperation.training import PmeLevel
from confianza.cooperation.training.courses import School
from confianza.errors import ConfianzaError
from confianza.evidence.countries import country_code
from confianza.server.language import localized, told
from confianza.server.training_reports.selectors import TrainingQuery, recorded_countries
from confianza.server.training_reports.terms import institution_codes, known_values, value_names
from confianza.server.web.choices import set_choices
from confianza.server.web.training_reports.summaries import DIMENSIONS, MEASURES, names_of

SHARED_OUT_BY = (
    "fiscal_year",
    "partner_code",
    "program_family",
    "institution_code",
)  # what PME shares are by
STATUSES = {
    "executed": gettext_lazy("what was done"),
    "planned": gettext_lazy("what was planned"),
    "both": gettext_lazy("both"),
}
LANGUAGES = {"en": gettext_lazy("English"), "es": gettext_lazy("Spanish")}


def choices(dimension: str, *, only: Collection[str] | None = None) -> list[tuple[str, str]]:
    """The values of a dimension by their names, after one that does not narrow."""
    named = sorted(
        (localized(name), code) for code, name in names_of(dimension).items() if only is None or code in only
    )
    return [("", _("all")), *((code, name) for name, code in named)]


class Select(forms.Select):
    """A list drawn at once: Django takes a template for each of hundreds of countries and schools."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        widget = self.get_context(name, value, attrs)["widget"]
        options = (
            (flatatt({"value": option["value"], "selected": option["selected"]}), option["label"])
            for _group, found, _index in widget["optgroups"]
            for option in found
        )
        drawn = format_html_join("", "<option{}>{}</option>", options)
        return format_html("<select{}>{}</select>", flatatt({"name": name, **widget["attrs"]}), drawn)


class ChoiceField(forms.ChoiceField):
    widget = Select


class TrainingForm(forms.Form):
    """What rows are narrowed by; `query` is what it asks for once it is valid."""

    partner_code = ChoiceField(label=DIMENSIONS["partner_code"], required=False)
    from_fy = forms.IntegerField(label=gettext_lazy("From fiscal year"), required=False)
    to_fy = forms.IntegerField(label=gettext_lazy("To fiscal year"), required=False)
    program_family = ChoiceField(label=DIMENSIONS["program_family"], required=False)
    status = ChoiceField(
        label=gettext_lazy("Done or planned"), choices=list(STATUSES.items()), required=False
    )

    def __init__(self, data: Mapping[str, Any]) -> None:
        given = data.dict() if hasattr(data, "dict") else dict(data)
        for name in ("partner_code", "other_code"):
            if given.get(name):
                given[name] = country_code(given[name]) or given[name]
        super().__init__(given)
        self.countries = recorded_countries()
        only = {"partner_code": self.countries, "institution_code": institution_codes(self.countries)}
        for name, field in self.fields.items():
            if name in DIMENSIONS and isinstance(field, ChoiceField):
                field.choices = choices(name, only=only.get(name))

    def clean(self) -> None:
        try:
            self.query = TrainingQuery.of({name: str(self.data.get(name, "")) for name in self.fields})
        except ConfianzaError as error:
            self.add_error(None, told(error))


class RowsForm(TrainingForm):
    """Every filter of rows."""

    school_code = ChoiceField(label=DIMENSIONS["school_code"], required=False)
    institution_code = ChoiceField(label=DIMENSIONS["institution_code"], required=False)
    category = ChoiceField(label=DIMENSIONS["category"], required=False)
    level = ChoiceField(label=DIMENSIONS["level"], required=False)


class ExplorerForm(RowsForm):
    """The filters of rows, what they are grouped by and what is drawn."""

    by = ChoiceField(label=gettext_lazy("Group by"), choices=list(DIMENSIONS.items()), required=False)
    measure = ChoiceField(label=gettext_lazy("Chart of"), choices=list(MEASURES.items()), required=False)

    @property
    def by_measure(self) -> tuple[str, str]:
        return self.cleaned_data["by"] or "fiscal_year", self.cleaned_data["measure"] or "students"


class PolicyForm(TrainingForm):
    """Which country's PME share stands beside which other's."""

    other_code = ChoiceField(label=gettext_lazy("Compare with"), required=False)
    by = ChoiceField(
        label=gettext_lazy("Group by"),
        choices=[(name, DIMENSIONS[name]) for name in SHARED_OUT_BY],
        required=False,
    )
    field_order = ("partner_code", "other_code", "from_fy", "to_fy", "program_family", "status", "by")

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        set_choices(
            self,
            "other_code",
            [
                ("", _("no other")),
                *choices("partner_code", only=self.countries)[1:],
            ],
        )


class SchoolsForm(TrainingForm):
    """Which schools are listed, and what of their use is counted."""

    level = ChoiceField(label=DIMENSIONS["level"], required=False)
    kind = ChoiceField(label=gettext_lazy("Kind of school"), required=False)
    language = ChoiceField(
        label=gettext_lazy("Language"),
        choices=[("", gettext_lazy("all")), *LANGUAGES.items(), ("-", gettext_lazy("unknown"))],
        required=False,
    )

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        kinds = sorted((localized(name), code) for code, name in value_names("kind").items())
        set_choices(self, "kind", [("", _("all")), *((code, name) for name, code in kinds)])

    def is_wanted(self, school: School) -> bool:
        """Whether a school is of the kind and language asked for."""
        asked = self.cleaned_data
        return asked["kind"] in ("", school.kind) and asked["language"] in ("", school.language or "-")


class ClassificationForm(forms.Form):
    """What a text means, and how one knows."""

    value = forms.ChoiceField(label=gettext_lazy("Meaning"), required=False)
    level = forms.ChoiceField(label=gettext_lazy("Level, of PME only"), required=False)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=400)

    def __init__(self, data: Mapping[str, Any] | None, field: str) -> None:
        super().__init__(data)
        names, levels = value_names(field), value_names("level")
        known = [(value, localized(names.get(value, value))) for value in known_values(field)]
        set_choices(
            self,
            "value",
            [
                ("", gettext_lazy("as the rules classify it")),
                *sorted(known, key=lambda choice: choice[1].casefold()),
            ],
        )
        if field == "category":
            ranks = [(level.value, localized(levels[level.value])) for level in PmeLevel]
            set_choices(self, "level", [("", "—"), *ranks])
        else:
            del self.fields["level"]
