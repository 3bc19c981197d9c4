"""Pages that have nothing to show yet: what belongs there, and the command that brings it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from confianza.cooperation.partnership import Partnership
from confianza.planning.seats import years_done
from confianza.server.assessment import has_index, planning_figures
from confianza.server.events.selectors import has_event_files
from confianza.server.indicators.selectors import has_figures
from confianza.server.institutions.selectors import command_structure
from confianza.server.relationship.selectors import has_records
from confianza.server.requests import AccountRequest
from confianza.server.series.selectors import has_series
from confianza.server.training_reports.selectors import has_training_rows

INIT = "confianza init"
PUBLIC_RECORD = "confianza init --public-record"
REPORTS = "confianza evidence import fmtr FILE"
ACTS = "confianza evidence import history FILE"
RECORDS = "confianza records import FILE"


@dataclass(frozen=True)
class Empty:
    """A page without what it shows: its heading, what belongs there and the command that brings it.

    `published` is the command for a partnership whose data come with the package.
    """

    heading: Promise
    belongs: Promise
    command: str
    is_filled: Callable[[Partnership], bool]
    published: str = ""

    def command_for(self, partnership: Partnership | None) -> str:
        if partnership is None:
            return INIT
        return self.published if self.published and partnership.data_set else self.command


def has_acts(partnership: Partnership) -> bool:
    """Whether an act of the pair is on record that trust can be measured by."""
    return has_index(partnership, timezone.localdate())


def _has_records(partnership: Partnership, kinds: tuple[str, ...]) -> bool:
    return has_records(partnership, *kinds)


def has_seats(partnership: Partnership) -> bool:
    """Whether a year is on record that seats can be planned from."""
    return bool(years_done(planning_figures(partnership)))


def has_rows(partnership: Partnership) -> bool:
    """Whether a row of the partner is on record."""
    return has_training_rows(partnership.partner.iso_code)


EMPTY = {
    "partnership": Empty(
        _("Partnership"),
        _(
            "This page shows a partnership of two countries. This workspace has none yet, or none that you may see."
        ),
        INIT,
        lambda partnership: True,
    ),
    "institutions": Empty(
        _("Institutions and counterparts"),
        _("This page shows the command structures of both parties. None is recorded yet."),
        "confianza institutions add CODE",
        lambda partnership: bool(command_structure(partnership).institutions),
        INIT,
    ),
    "trust": Empty(
        _("Trust"),
        _("Trust is estimated from recorded events between the two sides. None is recorded yet."),
        ACTS,
        has_acts,
        PUBLIC_RECORD,
    ),
    "relationship": Empty(
        _("Relationship"),
        _(
            "This page shows what each side did, promised, allowed and withheld, along time. Nothing is on record yet."
        ),
        RECORDS,
        partial(_has_records, kinds=()),
        PUBLIC_RECORD,
    ),
    "promises": Empty(
        _("Promises"),
        _("This page shows what each side promised and what became of it. No commitment is on record yet."),
        RECORDS,
        partial(_has_records, kinds=("commitment",)),
        PUBLIC_RECORD,
    ),
    "safeguards": Empty(
        _("Safeguards in force"),
        _("This page shows the safeguards of each side against the other. None is on record yet."),
        RECORDS,
        partial(_has_records, kinds=("hedge",)),
        PUBLIC_RECORD,
    ),
    "foundations": Empty(
        _("Foundations of trust"),
        _("This page shows what trust rests on, computed from records. None is on record yet."),
        RECORDS,
        partial(_has_records, kinds=()),
        PUBLIC_RECORD,
    ),
    "levels": Empty(
        _("Level by year"),
        _("This page shows the level of cooperation by year, from evidence of one. None is on record yet."),
        RECORDS,
        partial(_has_records, kinds=("level",)),
        PUBLIC_RECORD,
    ),
    "records": Empty(
        _("Records of the relationship"),
        _("This page shows what each side of a partnership did. This workspace has no partnership yet."),
        INIT,
        lambda partnership: True,
    ),
    "profile": Empty(
        _("Force profile"),
        _("This page shows forces, budgets and other figures of both countries. None is on record yet."),
        "confianza indicators import worldbank FILE",
        lambda partnership: has_figures(),
        PUBLIC_RECORD,
    ),
    "series": Empty(
        _("Series of the pair"),
        _(
            "This page shows what others count of both countries by year, such as votes, aid and arms. None is here yet."
        ),
        "confianza series import FILE",
        lambda partnership: has_series(),
        PUBLIC_RECORD,
    ),
    "events": Empty(
        _("Event data"),
        _("This page shows what files of coded events tell of the two countries. None was imported yet."),
        "confianza events import FILE",
        lambda partnership: has_event_files(),
    ),
    "seat-plan": Empty(
        _("Seat plan"),
        _("Seats are planned from the years of training on record. None is yet."),
        REPORTS,
        has_seats,
        PUBLIC_RECORD,
    ),
    "training-reports-imet": Empty(
        _("IMET by year"),
        _("This page shows the rows of the public training reports. None of this partner was imported yet."),
        REPORTS,
        has_rows,
        PUBLIC_RECORD,
    ),
    "training-reports-pme": Empty(
        _("PME share against policy"),
        _("The share is computed from the rows of the public training reports. None was imported yet."),
        REPORTS,
        lambda partnership: has_training_rows(),
    ),
    "alumni": Empty(
        _("Alumni"),
        _("This page shows the people who trained, by party. This workspace has no party yet."),
        INIT,
        lambda partnership: True,
    ),
}


def filled(name: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Show what belongs on a page in place of the page, as long as that or the partnership is not there."""
    empty = EMPTY[name]

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def wrapped(request: AccountRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            one = request.partnership
            if one is not None and empty.is_filled(one):
                return view(request, *args, **kwargs)
            context = {"empty": empty, "command": empty.command_for(one)}
            return render(request, "empty.html", context)

        return wrapped

    return decorate
