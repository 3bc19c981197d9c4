"""The head of a page of a case, plan or person: state, next action, what blocks it, hold, money, before all else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from confianza.cooperation.bilingual import join_texts
from confianza.cooperation.money import Money
from confianza.cooperation.permissions import permission_table
from confianza.server.language import localized

MOST_BLOCKED = 3  # named in the head; all are named below


@dataclass(frozen=True)
class NextAction:
    """What is to be done next, by whom and by when; `action` is the form of those who may do it."""

    name: str
    offices: str
    due: str = ""
    is_overdue: bool = False
    action: dict[str, Any] | None = None


@dataclass(frozen=True)
class Blocked:
    """A step that something stands in the way of."""

    name: str
    offices: str
    reason: str


@dataclass(frozen=True)
class MoneyPart:
    """A part of an amount; `percent` is of the whole, in whole numbers for the bar."""

    name: str
    amount: Money
    share: float | None

    @property
    def percent(self) -> int:
        return round(100 * min(max(self.share or 0.0, 0.0), 1.0))


@dataclass(frozen=True)
class MoneyBar:
    """An amount with parts of it, each beginning at zero, the largest first, and when it lapses."""

    amount: Money
    name: str
    parts: Sequence[MoneyPart] = ()
    note: str = ""
    is_urgent: bool = False


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What the first screen of a page says; what is None or empty is left out."""

    state: str
    notes: Sequence[str] = ()
    hold: str | None = None  # empty: none
    next: NextAction | None = None
    nothing_next: str = ""
    mine: str = ""  # leads to steps of the reader where the next one is another's
    blocked: Sequence[Blocked] = ()
    money: MoneyBar | None = None
    facts: Sequence[tuple[str, str]] = ()

    @property
    def first_blocked(self) -> Sequence[Blocked]:
        return self.blocked[:MOST_BLOCKED]

    @property
    def more_blocked(self) -> int:
        return max(0, len(self.blocked) - MOST_BLOCKED)


def offices_in_words(offices: Sequence[str]) -> str:
    """The names of some offices."""
    table = permission_table()
    return localized(join_texts([table.offices[office] for office in offices]))


def days_in_words(days: int) -> str:
    """How far away a day is: to come, today, or past."""
    if days == 0:
        return _("today")
    if days > 0:
        return ngettext("in %(days)s day", "in %(days)s days", days) % {"days": f"{days:,}"}
    return ngettext("%(days)s day overdue", "%(days)s days overdue", -days) % {"days": f"{-days:,}"}


def due_in_words(due_on: date | None, day: str, today: date) -> str:
    """When something is due, the day and how far away it is."""
    if due_on is None:
        return ""
    days = (due_on - today).days
    if days >= 0:
        return _("due on %(day)s (%(days)s)") % {"day": day, "days": days_in_words(days)}
    words = ngettext("overdue since %(day)s (%(days)s day)", "overdue since %(day)s (%(days)s days)", -days)
    return words % {"day": day, "days": f"{-days:,}"}


def share_of(part: Money, whole: Money) -> float | None:
    """A part of an amount as a share; None of nothing."""
    return part.minor / whole.minor if whole.minor else None
