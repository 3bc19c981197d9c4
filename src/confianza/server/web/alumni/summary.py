"""The head of the page of a person."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from confianza.cooperation.bilingual import BilingualText
from confianza.server.alumni.documents import PersonSummary
from confianza.server.language import format_day, localized
from confianza.server.web.summary import Summary


def person_head(
    student: Any, found: PersonSummary, schools: Mapping[str, BilingualText], enrollment: str
) -> Summary:
    """What the first screen of a person says; `enrollment` is where the last training plan stands."""
    course = found.last_course
    school = localized(schools[course.school]) if course and course.school in schools else ""
    missing = {
        "course": _("a course"),
        "rank": _("the rank"),
        "institution": _("the institution"),
        "source": _("how some of it was obtained"),
        "identity": _("the sealed identity"),
    }
    facts = [
        (_("Rank"), found.rank or _("not stated")),
        (_("Position"), "; ".join(found.positions) or _("none known")),
        (
            _("Last course"),
            f"{course.title}, {school or course.school}, {format_day(course.end_date)}"
            if course
            else _("none"),
        ),
    ]
    if enrollment:
        facts.append((_("Training plan"), enrollment))
    if found.missing:
        facts.append((_("Missing"), ", ".join(missing[name] for name in found.missing)))
    if found.look_count is not None:
        looks = ngettext("identity seen %(count)s time", "identity seen %(count)s times", found.look_count)
        looks %= {"count": found.look_count}
        exported = (
            _("exported for the person on %(day)s") % {"day": format_day(found.exported_on)}
            if found.exported_on
            else _("never exported for the person")
        )
        facts.append((_("Personal data"), f"{looks}; {exported}"))
    return Summary(state=_("Erased") if student.erased_on else _state(student, found), facts=facts)


def _state(student: Any, found: PersonSummary) -> str:
    """What the person is to the office: in a position, an alumnus, or neither yet."""
    if found.positions:
        return _("in a position of prominence")
    return _("trained") if found.last_course else _("on record")
