"""The head of the page of a case."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from confianza.cooperation.process.rulebook import Edition
from confianza.server.cases.documents import CaseMoney, CaseSummary
from confianza.server.language import format_day, localized, written
from confianza.server.web.summary import (
    Blocked,
    MoneyBar,
    MoneyPart,
    NextAction,
    Summary,
    days_in_words,
    due_in_words,
    offices_in_words,
    share_of,
)

URGENT_DAYS = 90  # money that lapses within them is marked


def case_head(
    found: CaseSummary, actions: Sequence[dict[str, Any]], edition: Edition, status: str, today: date
) -> Summary:
    """What the first screen of a case says; `actions` are the steps on offer with their forms."""
    is_open = found.phase is not None
    return Summary(
        state=localized(found.phase.name) if found.phase else _("Closed"),
        notes=_notes(found, edition, status, today),
        hold=" ".join(found.holds) if is_open and found.may_be_held else None,
        next=_next(found, actions, today),
        nothing_next=(
            _("Nothing can be recorded at this point.")
            if is_open
            else _("The case is closed; nothing is left to do.")
        ),
        mine=_("Your steps") if any(action["is_mine"] for action in actions) else "",
        blocked=[
            Blocked(
                localized(action.step.name),
                offices_in_words(action.step.actors),
                localized(action.refusals[0].rewritten(written).reason),
            )
            for action in found.agenda.blocked
        ],
        money=_money(found.money, today, is_open=is_open),
    )


def _notes(found: CaseSummary, edition: Edition, status: str, today: date) -> list[str]:
    notes = []
    if found.since and found.phase:
        days = (today - found.since).days + 1
        notes.append(_("day %(days)s, since %(day)s") % {"days": f"{days:,}", "day": format_day(found.since)})
    elif found.since:
        notes.append(_("since %(day)s") % {"day": format_day(found.since)})
    if status:
        notes.append(localized(edition.statuses[status]))
    for clock in found.clocks:
        left = (clock.due_on - today).days
        notes.append(
            _("%(clock)s: %(days)s of %(most)s days, %(left)s")
            % {
                "clock": localized(clock.clock.name),
                "days": clock.elapsed_days,
                "most": clock.clock.days,
                "left": days_in_words(left),
            }
        )
    return notes


def _next(found: CaseSummary, actions: Sequence[dict[str, Any]], today: date) -> NextAction | None:
    first, due = found.agenda.next, found.agenda.due
    if first is None:
        return None
    form = next((action for action in actions if action["step"].id == first.step.id), None)
    name = localized(first.step.name)
    return NextAction(
        name=f"{name} · {due.about}" if due and due.about else name,
        offices=offices_in_words(first.step.actors),
        due=due_in_words(due.due_on, format_day(due.due_on), today) if due else "",
        is_overdue=due is not None and due.due_on < today,
        action=form if form and form["is_mine"] else None,
    )


def _money(money: CaseMoney, today: date, *, is_open: bool) -> MoneyBar:
    note, days = "", None
    if money.lapses_on and is_open:
        days = (money.lapses_on - today).days
        words = (
            _("the funds expire after %(day)s (%(days)s)")
            if money.becomes == "expired"
            else _("the funds are canceled after %(day)s (%(days)s)")
        )
        note = words % {"day": format_day(money.lapses_on), "days": _days(days)}
    elif money.canceled_on and is_open:
        note = _("the funds were canceled after %(day)s") % {"day": format_day(money.canceled_on)}
    return MoneyBar(
        amount=money.cost,
        name=_("cost of all lines"),
        parts=[
            MoneyPart(_("obligated"), money.obligated, share_of(money.obligated, money.cost)),
            MoneyPart(_("paid"), money.paid, share_of(money.paid, money.cost)),
        ],
        note=note,
        is_urgent=bool(note) and (days is None or days <= URGENT_DAYS),
    )


def _days(days: int) -> str:
    return ngettext("%(days)s day left", "%(days)s days left", days) % {"days": f"{days:,}"}
