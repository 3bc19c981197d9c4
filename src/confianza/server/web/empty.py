"""Pages that have nothing to show yet: what belongs there, and the command that brings it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from confianza.planning.seats import years_done
from confianza.server.assessment import PARTNER
from confianza.server.evidence.selectors import history_events
from confianza.server.institutions.selectors import has_institutions, party_codes
from confianza.server.training_reports.selectors import has_training_rows, training_figures
from confianza.trust.index import entering_acts

INIT = "confianza init"
PUBLIC_RECORD = "confianza init --public-record"


@dataclass(frozen=True)
class Empty:
    """A page without what it shows: its heading, what belongs there and the command that brings it."""

    heading: Promise
    belongs: Promise
    command: str
    is_filled: Callable[[], bool]


def has_acts() -> bool:
    """Whether an act of the pair is on record that trust can be measured by."""
    return bool(entering_acts(history_events()))


def has_parties() -> bool:
    """Whether the workspace has a party."""
    return bool(party_codes())


def has_seats() -> bool:
    """Whether a year is on record that seats can be planned from."""
    return bool(years_done(training_figures(PARTNER)))


EMPTY = {
    "partnership": Empty(
        _("Partnership"),
        _("The two parties and their institutions belong here. This workspace has none yet."),
        INIT,
        has_parties,
    ),
    "institutions": Empty(
        _("Institutions and counterparts"),
        _("The command structures of both parties belong here. This workspace has none yet."),
        INIT,
        has_institutions,
    ),
    "trust": Empty(
        _("Trust"),
        _("Trust is measured by what each side did to the other. No such act is recorded yet."),
        PUBLIC_RECORD,
        has_acts,
    ),
    "seat-plan": Empty(
        _("Seat plan"),
        _("Seats are planned from the years of training on record. None is yet."),
        PUBLIC_RECORD,
        has_seats,
    ),
    "training-reports-imet": Empty(
        _("Beside the thesis"),
        _(
            "The rows of the public training reports belong here, beside the thesis's table. None was imported yet."
        ),
        PUBLIC_RECORD,
        lambda: has_training_rows(PARTNER),
    ),
    "training-reports-pme": Empty(
        _("PME share against policy"),
        _("The share is taken from the rows of the public training reports. None was imported yet."),
        "confianza evidence import fmtr FILE",
        has_training_rows,
    ),
    "alumni": Empty(
        _("Alumni"),
        _("People who trained stand here by the party they belong to. This workspace has no party yet."),
        INIT,
        has_parties,
    ),
}


def filled(name: str):
    """Show what belongs on a page in place of the page, as long as that is not there."""
    empty = EMPTY[name]

    def decorate(view):
        @wraps(view)
        def wrapped(request, *args, **kwargs):
            if empty.is_filled():
                return view(request, *args, **kwargs)
            return render(request, "empty.html", {"empty": empty})

        return wrapped

    return decorate
