"""What the pages of the relationship are narrowed by."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from confianza.cooperation.partnership import Partnership
from confianza.cooperation.relationship.records import record_fields, record_kinds
from confianza.cooperation.relationship.timeline import RecordFilter
from confianza.server.language import language, localized
from confianza.server.relationship.overviews import side_names
from confianza.server.web.choices import set_choices

LONGEST = 70  # letters of a title in a list to choose from
EVERY = ("", gettext_lazy("all"))


def _set_options(form: forms.Form, name: str, options: Mapping[str, Any]) -> None:
    set_choices(form, name, [EVERY, *((code, localized(text)) for code, text in options.items())])


def _set_sides(form: forms.Form, partnership: Partnership) -> None:
    set_choices(form, "actor", [EVERY, *side_names(partnership, language()).items()])


class _Titles(forms.Select):
    """Titles of publications, most of them English, whatever the language of the page."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if value:
            option["attrs"]["lang"] = "en"
        return option


class TimelineForm(forms.Form):
    """Which records are shown along time; the chips of the page set the same fields."""

    q = forms.CharField(label=gettext_lazy("Words or identifier"), required=False, max_length=80)
    actor = forms.ChoiceField(label=gettext_lazy("By"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False)
    year = forms.IntegerField(label=gettext_lazy("Year"), min_value=1, max_value=9999, required=False)
    source = forms.ChoiceField(label=gettext_lazy("Source"), required=False, widget=_Titles)
    entering = forms.BooleanField(label=gettext_lazy("Only events that enter the index"), required=False)
    decade = forms.IntegerField(min_value=0, max_value=9990, required=False, widget=forms.HiddenInput)
    domain = forms.ChoiceField(required=False, widget=forms.HiddenInput)
    contested = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, partnership: Partnership, sources: Mapping[str, str]) -> None:
        super().__init__(data, auto_id="search-%s")
        _set_sides(self, partnership)
        _set_options(self, "kind", {code: kind.name for code, kind in record_kinds().items()})
        _set_options(self, "domain", record_fields()["domain"].options)
        titles = (
            (key, title if len(title) <= LONGEST else f"{title[:LONGEST]}…") for key, title in sources.items()
        )
        set_choices(self, "source", [EVERY, *titles])

    def record_filter(self) -> RecordFilter:
        """What the records are narrowed to."""
        asked = self.cleaned_data
        same = ("actor", "kind", "year", "source", "decade", "domain")
        return RecordFilter(
            words=asked["q"], is_contested=asked["contested"], **{name: asked[name] for name in same}
        )


class PromiseFilter(forms.Form):
    """Which commitments are listed."""

    actor = forms.ChoiceField(label=gettext_lazy("By"), required=False)
    outcome = forms.ChoiceField(label=gettext_lazy("Outcome"), required=False)
    firm = forms.BooleanField(label=gettext_lazy("Only firm promises"), required=False)

    def __init__(self, data: Any, *, partnership: Partnership) -> None:
        super().__init__(data, auto_id="search-%s")
        _set_sides(self, partnership)
        _set_options(self, "outcome", record_fields()["outcome"].options)


class DayForm(forms.Form):
    """The day that is asked about."""

    on = forms.DateField(
        label=gettext_lazy("On"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data, auto_id="search-%s")


class SafeguardFilter(DayForm):
    """The day that safeguards are in force on, and which changes are listed."""

    actor = forms.ChoiceField(label=gettext_lazy("By"), required=False)
    change = forms.ChoiceField(label=gettext_lazy("Added or lifted"), required=False)
    year = forms.IntegerField(label=gettext_lazy("Year"), min_value=1, max_value=9999, required=False)

    def __init__(self, data: Any, *, partnership: Partnership) -> None:
        super().__init__(data)
        _set_sides(self, partnership)
        _set_options(self, "change", record_fields()["change"].options)
