"""How a record stands, replayed from its events: proposed, confirmed, contested, withdrawn, and who published it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.relationship.entries import VersionOf
from confianza.cooperation.relationship.records import Coding, Record
from confianza.errors import RuleRefusal


class Step(StrEnum):
    """What is done with a record; each is an event, and none is ever taken back."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    CONTESTED = "contested"
    WITHDRAWN = "withdrawn"
    PUBLISHED = "published"
    CODED = "coded"


class State(StrEnum):
    """Where a record stands."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    CONTESTED = "contested"
    WITHDRAWN = "withdrawn"


STATE_NAMES = {
    State.PROPOSED: BilingualText("proposed", "propuesto"),
    State.CONFIRMED: BilingualText("confirmed", "confirmado"),
    State.CONTESTED: BilingualText("contested", "impugnado"),
    State.WITHDRAWN: BilingualText("withdrawn", "retirado"),
}
STEP_NAMES = {
    Step.PROPOSED: BilingualText("Proposed", "Propuesto"),
    Step.CONFIRMED: BilingualText("Confirmed", "Confirmado"),
    Step.CONTESTED: BilingualText("Contested", "Impugnado"),
    Step.WITHDRAWN: BilingualText("Withdrawn", "Retirado"),
    Step.PUBLISHED: BilingualText("Published", "Publicado"),
    Step.CODED: BilingualText("Coded", "Codificado"),
}
METHOD_NAMES = {
    "automated": BilingualText("automated", "automatizada"),
    "reader": BilingualText("by a reader", "por un lector"),
    "named": BilingualText("by a named coder", "por un codificador identificado"),
}


@dataclass(frozen=True)
class RecordEvent:
    """One step of a record: when, by which account, for which side (ISO code; empty for the workspace itself)."""

    step: Step
    at: datetime
    account: str
    side: str = ""
    reason: str = ""
    version: VersionOf | None = None
    coding: Coding | None = None


@dataclass(frozen=True)
class Version:
    """The version of a side, and when it was entered by which account."""

    side: str
    account: str
    at: datetime
    told: VersionOf


@dataclass(frozen=True)
class Standing:
    """How a record stands after its events, oldest first."""

    events: tuple[RecordEvent, ...]

    @property
    def entered_by(self) -> str:
        """The account that proposed it."""
        return self.events[0].account

    @property
    def side(self) -> str:
        """The side that entered it; empty for what came with the workspace."""
        return self.events[0].side

    @property
    def confirmed_by(self) -> str:
        """The account that confirmed it; empty before."""
        return next((event.account for event in self.events if event.step is Step.CONFIRMED), "")

    @property
    def withdrawal(self) -> RecordEvent | None:
        """The event that withdrew it."""
        return next((event for event in self.events if event.step is Step.WITHDRAWN), None)

    @property
    def versions(self) -> tuple[Version, ...]:
        """The version of each side that contests it: the last that the side gave."""
        last = {
            event.side: Version(event.side, event.account, event.at, event.version)
            for event in self.events
            if event.step is Step.CONTESTED and event.version is not None
        }
        return tuple(last.values())

    @property
    def published_by(self) -> frozenset[str]:
        """The sides that published it."""
        return frozenset(event.side for event in self.events if event.step is Step.PUBLISHED)

    @property
    def codings(self) -> tuple[Coding, ...]:
        """The codings that were added to it since it was entered."""
        return tuple(event.coding for event in self.events if event.coding is not None)

    @property
    def state(self) -> State:
        """The state it is in; a contested one was confirmed before."""
        if self.withdrawal:
            return State.WITHDRAWN
        if self.versions:
            return State.CONTESTED
        return State.CONFIRMED if self.confirmed_by else State.PROPOSED

    @property
    def is_confirmed(self) -> bool:
        """Whether a second person confirmed it and nobody withdrew it since."""
        return self.state in (State.CONFIRMED, State.CONTESTED)


class Sight(StrEnum):
    """How much of a record somebody sees: all of it, that there is one, or nothing."""

    WHOLE = "whole"
    OUTSIDE = "outside"
    NONE = "none"


@dataclass(frozen=True)
class Viewer:
    """Who looks: the side of the account (ISO code; empty for another party), and whether it is of the staff.

    Who works on the workspace itself (`is_operator`) sees everything that is in its file.
    """

    side: str = ""
    is_staff: bool = False
    is_operator: bool = False


@dataclass(frozen=True)
class TrackedRecord:
    """A record and how it stands."""

    record: Record
    standing: Standing
    pair: tuple[str, str]
    recorded_in: str = field(default="", compare=False)  # the file it was imported from

    @property
    def state(self) -> State:
        """The state it is in."""
        return self.standing.state

    @property
    def is_contested(self) -> bool:
        """Whether a side tells it otherwise."""
        return self.state is State.CONTESTED

    @property
    def is_public(self) -> bool:
        """Whether both sides published it."""
        return self.standing.published_by >= set(self.pair)

    @property
    def is_counted(self) -> bool:
        """Whether figures may be made from it: confirmed, not withdrawn, not from memory, not a sealed deposit."""
        is_sealed = self.record.is_deposited and not self.is_public
        return self.standing.is_confirmed and self.record.is_used and not is_sealed

    def sight(self, viewer: Viewer) -> Sight:
        """How much of it a viewer sees.

        A deposit with the third party is read by the side that made it, and by the other once both released it: until
        then the other sees that it is there. Of the rest the staff sees all; a liaison, what the own side entered and
        what the side that entered it has published.
        """
        if viewer.is_operator or (self.is_public and viewer.side in self.pair):
            return Sight.WHOLE
        own = bool(viewer.side) and viewer.side == self.standing.side
        if self.record.is_deposited:
            if own:
                return Sight.WHOLE
            return Sight.OUTSIDE if viewer.side in self.pair else Sight.NONE
        if own or viewer.is_staff:
            return Sight.WHOLE
        is_offered = self.standing.side in self.standing.published_by
        return Sight.WHOLE if viewer.side in self.pair and is_offered else Sight.NONE


def check_step(item: TrackedRecord, step: Step, *, account: str, side: str, reason: str = "") -> None:
    """Return quietly when an account of a side may take the step as the record stands.

    Raises
    ------
    RuleRefusal
        `record-withdrawn`: nothing follows a withdrawal. `record-not-proposed`, `record-confirm-other`: a proposed
        record is confirmed by a second person. `record-not-confirmed`: only what is confirmed is contested or coded.
        `record-of-other-side`, `record-reason-missing`: the side that entered it withdraws it, for a reason.
        `record-published-already`.
    """
    standing, name = item.standing, item.record.record_id
    state = STATE_NAMES[standing.state]
    if standing.withdrawal:
        raise RuleRefusal("record-withdrawn", record=name, reason=standing.withdrawal.reason)
    if step is Step.CONFIRMED:
        if standing.state is not State.PROPOSED:
            raise RuleRefusal("record-not-proposed", record=name, state=state)
        if account == standing.entered_by:
            raise RuleRefusal("record-confirm-other", record=name, account=account)
    if step in (Step.CONTESTED, Step.CODED) and not standing.is_confirmed:
        raise RuleRefusal("record-not-confirmed", record=name, state=state)
    if step is Step.WITHDRAWN:
        if standing.side and side != standing.side:
            raise RuleRefusal("record-of-other-side", record=name, side=standing.side)
        if not reason.strip():
            raise RuleRefusal("record-reason-missing", field="reason")
    if step is Step.PUBLISHED and side in standing.published_by:
        raise RuleRefusal("record-published-already", record=name, side=side)


def possible_steps(item: TrackedRecord, *, account: str, side: str) -> frozenset[Step]:
    """The steps that an account of a side could take now."""
    found = set()
    for step in Step:
        try:
            check_step(item, step, account=account, side=side, reason="x")
        except RuleRefusal:
            continue
        found.add(step)
    return frozenset(found - {Step.PROPOSED})


def counted(items: Iterable[TrackedRecord]) -> list[Record]:
    """The records that figures may be made from."""
    return [item.record for item in items if item.is_counted]
