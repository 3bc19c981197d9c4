"""Forms of records: made from the table of kinds, and checked by the same reader as files and the interface."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from confianza.cooperation.partnership import Partnership
from confianza.cooperation.process.fields import Field
from confianza.cooperation.relationship.records import BOTH, record_kinds
from confianza.cooperation.relationship.standing import STATE_NAMES
from confianza.errors import Problem
from confianza.server.language import localized, told
from confianza.server.web.choices import set_choices

PLACEHOLDERS = {"partial-date": "2012-04-21", "record-id": "2012-first-exercise", "share": "0.4"}
Checks = Callable[[Mapping[str, str]], Sequence[Problem]]


def _form_field(asked: Field, partnership: Partnership) -> forms.Field:
    """One field of the table as a form asks for it."""
    label = localized(asked.label)
    if not asked.is_required:
        label = f"{label} ({_('if any')})"
    if asked.type == "side":
        sides = [(code, localized(name)) for code, name in partnership.names.items()]
        return forms.ChoiceField(label=label, choices=[*sides, (BOTH, _("both sides together"))])
    if asked.options:
        choices = [(code, localized(name)) for code, name in asked.options.items()]
        blank = [] if asked.is_required else [("", "—")]
        return forms.ChoiceField(label=label, choices=blank + choices, required=asked.is_required)
    field = forms.CharField(label=label, required=asked.is_required)
    if asked.type == "words":
        field.widget = forms.Textarea(attrs={"rows": 3})
    elif asked.type in PLACEHOLDERS:
        field.widget.attrs["placeholder"] = PLACEHOLDERS[asked.type]
    return field


class TableForm(forms.Form):
    """Fields of the table; `problems_of` says everything that is wrong with the texts, each beside its field."""

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        fields: Iterable[Field],
        *,
        partnership: Partnership,
        problems_of: Checks,
        name: str,
    ) -> None:
        super().__init__(data, auto_id=f"{name}-%s")
        self.problems_of = problems_of
        for asked in fields:
            self.fields[asked.name] = _form_field(asked, partnership)

    def clean(self) -> dict[str, Any]:
        """The texts that are not empty, as the services take them."""
        values = {
            name: text
            for name in self.fields
            if (text := str(self.data.get(name, "")).replace("\r\n", "\n").strip())
        }
        for problem in self.problems_of(values):
            field = problem.field if problem.field in self.fields else None
            if field is None or field not in self.errors:
                self.add_error(field, told(Problem(problem.code, "", params=problem.params)))
        return {"values": values}


class ReasonForm(forms.Form):
    """Why a record is withdrawn."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, auto_id="withdraw-%s")


class RecordSearch(forms.Form):
    """What the list of records is narrowed by."""

    q = forms.CharField(label=gettext_lazy("Words or identifier"), required=False, max_length=80)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False)
    actor = forms.ChoiceField(label=gettext_lazy("By"), required=False)
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)
    year = forms.IntegerField(label=gettext_lazy("Year"), min_value=1, max_value=9999, required=False)

    def __init__(self, data: Any, *, partnership: Partnership) -> None:
        super().__init__(data, auto_id="search-%s")
        every = ("", gettext_lazy("all"))
        kinds = ((code, localized(kind.name)) for code, kind in record_kinds().items())
        set_choices(self, "kind", [every, *kinds])
        sides = ((code, localized(name)) for code, name in partnership.names.items())
        set_choices(self, "actor", [every, *sides, (BOTH, gettext_lazy("both sides together"))])
        states = ((state.value, localized(name)) for state, name in STATE_NAMES.items())
        set_choices(self, "state", [every, *states])
