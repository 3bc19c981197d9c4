"""Forms of alumni: what the pages are narrowed by, people, courses, posts, identities."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from confianza.cooperation.alumni import PROMINENCES, SCHOOL_ROLES
from confianza.cooperation.alumni.identity import DATES, FIELD_NAMES, SEXES
from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.training.courses import schools
from confianza.server.alumni.selectors import attended_schools, posts_of, tenures
from confianza.server.institutions.selectors import party_names
from confianza.server.language import localized
from confianza.server.web.choices import set_choices
from confianza.server.web.day_fields import DayField


def _choices(texts: Mapping[Any, BilingualText | str]) -> list[tuple[str, str]]:
    return [(code, localized(text)) for code, text in texts.items()]


class SearchForm(forms.Form):
    """What the pages are narrowed by; `school` only where people are shown by their courses."""

    partner = forms.ChoiceField(label=gettext_lazy("Country"))
    school = forms.ChoiceField(label=gettext_lazy("School"), required=False)
    on = DayField(label=gettext_lazy("As of"))

    def __init__(self, data: Mapping[str, Any], *, user: Any, has_school: bool) -> None:
        super().__init__(data, auto_id="search-%s")
        names = party_names()
        if not user.may("view_every_student"):
            names = {user.party_code: names[user.party_code]} if user.party_code in names else {}
        set_choices(self, "partner", _choices(names))
        if not has_school:
            del self.fields["school"]
            return
        there = attended_schools()
        known: dict[str, BilingualText | str] = {
            code: school.name for code, school in schools().items() if code in there
        }
        known |= {name: name for name in sorted(there - set(schools()))}
        set_choices(self, "school", [("", gettext_lazy("all")), *_choices(known)])


class EnrollForm(forms.Form):
    """A new person; who it is, is sealed on the person's own page."""

    partner = forms.ChoiceField(label=gettext_lazy("Country"))
    institution_code = forms.CharField(
        label=gettext_lazy("Institution (its code)"), max_length=40, required=False
    )
    public_name = forms.CharField(
        label=gettext_lazy("Name, only of a public source"), max_length=120, required=False
    )
    public_source = forms.CharField(label=gettext_lazy("That source"), max_length=200, required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, *, partner: Any = None) -> None:
        super().__init__(data, initial={"partner": partner.pk} if partner else None)
        set_choices(self, "partner", _choices(party_names()))


class CourseForm(forms.Form):
    """A course that a person attended or taught."""

    part = forms.ChoiceField(label=gettext_lazy("Role"))
    school = forms.CharField(label=gettext_lazy("School (code or name)"), max_length=80)
    title = forms.CharField(label=gettext_lazy("Course"), max_length=300)
    start_date = DayField(label=gettext_lazy("Begins"))
    end_date = DayField(label=gettext_lazy("Ends"))
    rank = forms.CharField(label=gettext_lazy("Rank at the time"), max_length=60, required=False)
    degree = forms.CharField(label=gettext_lazy("Degree"), max_length=120, required=False)
    funding = forms.CharField(label=gettext_lazy("Source of funding"), max_length=80, required=False)
    source = forms.CharField(label=gettext_lazy("How obtained"), max_length=200, required=False)

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, auto_id="course-%s")
        set_choices(self, "part", _choices(SCHOOL_ROLES))


class HoldForm(forms.Form):
    """A post that a person holds or held."""

    post_code = forms.ChoiceField(label=gettext_lazy("Position"))
    from_date = DayField(label=gettext_lazy("From"))
    to_date = DayField(label=gettext_lazy("To (empty: still)"), required=False)
    rank = forms.CharField(label=gettext_lazy("Rank"), max_length=60, required=False)
    us_grade = forms.CharField(label=gettext_lazy("U.S. grade"), max_length=10, required=False)
    source = forms.CharField(label=gettext_lazy("How obtained"), max_length=200)

    def __init__(self, data: Mapping[str, Any] | None = None, *, partner: Any) -> None:
        super().__init__(data, auto_id="hold-%s")
        posts = posts_of(partner)
        set_choices(self, "post_code", [(post.code, localized(post.title)) for post in posts])


class IdentityForm(forms.Form):
    """Who a person is, as in the passport."""

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, auto_id="identity-%s")
        for name, text in FIELD_NAMES.items():
            is_needed = name in ("surname", "given_names")
            field: forms.Field
            if name == "sex":
                field = forms.ChoiceField(choices=[("", "—"), *((sex, sex) for sex in SEXES)], required=False)
            elif name in DATES:
                field = DayField(required=False)
            else:
                field = forms.CharField(max_length=120, required=is_needed)
            field.label = localized(text)
            field.widget.attrs["autocomplete"] = "off"
            self.fields[name] = field


class PostForm(forms.Form):
    """A prominent post."""

    code = forms.RegexField(r"^[a-z0-9-]{2,40}$", label=gettext_lazy("Code, such as co-navy-chief"))
    title_en = forms.CharField(label=gettext_lazy("Title in English"), max_length=120)
    title_es = forms.CharField(label=gettext_lazy("Title in Spanish"), max_length=120)
    kind = forms.ChoiceField(label=gettext_lazy("Prominent as"))
    institution_code = forms.CharField(
        label=gettext_lazy("Institution (its code)"), max_length=40, required=False
    )
    is_senior = forms.BooleanField(label=gettext_lazy("Counts among the senior positions"), required=False)
    source = forms.CharField(label=gettext_lazy("Source"), max_length=200)

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, auto_id="post-%s")
        set_choices(self, "kind", _choices(PROMINENCES))


class OtherForm(forms.Form):
    """A post taken by somebody known to be no alumnus."""

    post_code = forms.ChoiceField(label=gettext_lazy("Position"))
    from_date = DayField(label=gettext_lazy("From"))
    to_date = DayField(label=gettext_lazy("To (empty: still)"), required=False)
    source = forms.CharField(label=gettext_lazy("How obtained"), max_length=200)

    def __init__(self, data: Mapping[str, Any] | None = None, *, partner: Any) -> None:
        super().__init__(data, auto_id="other-%s")
        posts = posts_of(partner)
        set_choices(self, "post_code", [(post.code, localized(post.title)) for post in posts])


class EraseForm(forms.Form):
    """The pseudonym of a person whose personal data are to be erased, typed again."""

    again = forms.CharField(label=gettext_lazy("Type the pseudonym again"))

    def __init__(self, data: Mapping[str, Any] | None = None, *, pseudonym: str) -> None:
        super().__init__(data, auto_id="erase-%s")
        self.pseudonym = pseudonym
        self.fields["again"].widget.attrs["autocomplete"] = "off"

    def clean_again(self) -> str:
        if self.cleaned_data["again"] != self.pseudonym:
            raise forms.ValidationError(
                _("Type the pseudonym to erase the personal data; nothing was erased.")
            )
        return self.pseudonym


class LeaveForm(forms.Form):
    """The last day of a tenure that goes on."""

    tenure = forms.ModelChoiceField(tenures())
    to_date = DayField()
