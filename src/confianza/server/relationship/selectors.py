"""Reads on the records of a relationship: what an account may see of them, and how each stands."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from confianza.cooperation.actors import Actor, Operator
from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.partnership import Partnership
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.relationship.entries import Entry, KnownRecord
from confianza.cooperation.relationship.records import BOTH, Coding
from confianza.cooperation.relationship.standing import (
    RecordEvent,
    Sight,
    Standing,
    State,
    Step,
    TrackedRecord,
    Viewer,
    possible_steps,
)
from confianza.cooperation.sources import Reference
from confianza.cooperation.sources import sources as packaged_sources
from confianza.errors import RuleRefusal
from confianza.evidence.history import HistoryEvent
from confianza.evidence.sources.relationship_file import CitedSource
from confianza.server.relationship import models

ACTIONS = {
    Step.CONFIRMED: "confirm_record",
    Step.CONTESTED: "contest_record",
    Step.WITHDRAWN: "withdraw_record",
    Step.PUBLISHED: "publish_record",
    Step.CODED: "enter_record",
}
STANDING_STATES = (State.PROPOSED, State.CONFIRMED, State.CONTESTED)


def side_of(actor: Actor, partnership: Partnership) -> str:
    """The ISO code of the side that an account is of; empty for one of another party, or of none."""
    codes = {party.manual_code: party.iso_code for party in partnership.parties}
    return codes.get(actor.party_code, "")


def viewer_of(actor: Actor, partnership: Partnership) -> Viewer:
    """What an account may be shown of a partnership's records."""
    is_staff = actor.may("view_every_partnership")
    return Viewer(side_of(actor, partnership), is_staff, isinstance(actor, Operator))


def record_rows(partnership: Partnership) -> QuerySet[models.Record]:
    """Every record of a partnership as its source tells it."""
    rows = models.Record.objects.filter(partnership=partnership.code)
    return rows.select_related("actor", "target", "run")


def codings_of(rows: QuerySet[models.Record]) -> Mapping[int, Mapping[int | None, list[Coding]]]:
    """The codings of stored records, of each by the event that added it; under None those it was entered with."""
    found: dict[int, dict[int | None, list[Coding]]] = defaultdict(lambda: defaultdict(list))
    for coding in models.Coding.objects.filter(record__in=rows.values("pk")):
        found[coding.record_id][coding.event_id].append(coding.coding())
    return found


def tracked(
    rows: QuerySet[models.Record], partnership: Partnership
) -> list[tuple[models.Record, TrackedRecord]]:
    """Stored records and how each stands, with all its codings."""
    codings = codings_of(rows)
    told = models.Version.objects.filter(event__record__in=rows.values("pk"))
    versions = {version.event_id: version.version() for version in told}
    events: dict[int, list[RecordEvent]] = defaultdict(list)
    steps = models.Event.objects.filter(record__in=rows.values("pk"))
    fields = ("record", "pk", "step", "at", "account", "side", "reason")
    for record, event, step, at, account, side, reason in steps.values_list(*fields):
        coding_added = next(iter(codings[record][event]), None)
        events[record].append(
            RecordEvent(
                Step(step), at, account, side, reason, version=versions.get(event), coding=coding_added
            )
        )
    found = []
    for row in rows:
        standing = Standing(tuple(events[row.pk]))
        told_record = row.record((*codings[row.pk][None], *standing.codings))
        file_name = row.run.file_name if row.run else ""
        found.append((row, TrackedRecord(told_record, standing, partnership.pair, file_name)))
    return found


def _listed(items: list[tuple[models.Record, TrackedRecord]]) -> list[TrackedRecord]:
    """Records less the thesis's acts that only the index reads, where the record of the package tells them with more."""
    has_record = any(not row.index_id and not item.standing.side for row, item in items)
    return [
        item
        for row, item in items
        if not (has_record and row.index_id and item.record.verification == "thesis")
    ]


def _seen(partnership: Partnership, actor: Actor, **only: str) -> list[tuple[TrackedRecord, Sight]]:
    """The records of a partnership with these values, and how much of each an account sees."""
    permission_table().require(actor, "view_relationship")
    viewer = viewer_of(actor, partnership)
    items = _listed(tracked(record_rows(partnership).filter(**only), partnership))
    return [(item, item.sight(viewer)) for item in items]


def partnership_records(
    partnership: Partnership,
    actor: Actor,
    *,
    on: date | None = None,
    kinds: Collection[str] = (),
    states: Collection[State] = STANDING_STATES,
    happening: str = "",
) -> list[TrackedRecord]:
    """The records of a partnership that an account may read, by date, each with its state, versions and codings.

    Parameters
    ----------
    on : date, optional
        Only what had happened, and was known, by the end of this day.
    kinds : collection of str
        Only of these kinds; of every one without any.
    states : collection of State
        Those that stand; `State` itself for withdrawn ones too.
    happening : str
        Only those of this happening; of every one when left out.
    """
    only = {"happening": happening} if happening else {}
    items = [
        item
        for item, sight in _seen(partnership, actor, **only)
        if sight is Sight.WHOLE
        and item.state in states
        and (not kinds or item.record.kind in kinds)
        and (on is None or (item.record.known_since or item.record.date_from).last_day <= on)
    ]
    return sorted(items, key=lambda item: (item.record.first_day, item.record.record_id))


def has_records(partnership: Partnership, *kinds: str) -> bool:
    """Whether a record of a partnership is stored, of any kind or of one of these."""
    rows = models.Record.objects.filter(partnership=partnership.code)
    return (rows.filter(kind__in=kinds) if kinds else rows).exists()


def index_records(partnership: Partnership, actor: Actor, ids: Collection[str]) -> list[TrackedRecord]:
    """The records that the trust index reads, of these of its acts, by date: those that an account may read."""
    permission_table().require(actor, "view_relationship")
    viewer = viewer_of(actor, partnership)
    items = [item for _, item in tracked(record_rows(partnership).filter(index_id__in=ids), partnership)]
    return sorted(
        (item for item in items if item.sight(viewer) is Sight.WHOLE and item.state in STANDING_STATES),
        key=lambda item: (item.record.first_day, item.record.record_id),
    )


@dataclass(frozen=True)
class Deposit:
    """A deposit with the third party as the other side sees it: that it is there, from whom and since when."""

    record_id: str
    side: str
    released_by: frozenset[str]
    deposited_on: date


def deposits(partnership: Partnership, actor: Actor) -> list[Deposit]:
    """What the other side has deposited with the third party and both have not released yet."""
    return [
        Deposit(
            item.record.record_id,
            item.standing.side,
            item.standing.published_by,
            item.standing.events[0].at.date(),
        )
        for item, sight in _seen(partnership, actor, details__is_deposited="yes")
        if sight is Sight.OUTSIDE and not item.standing.withdrawal
    ]


def record_row(
    partnership: Partnership, record_id: str, *, lock: bool = False
) -> tuple[models.Record, TrackedRecord]:
    """A stored record and how it stands; RuleRefusal `record-unknown`."""
    if lock:
        list(
            models.Record.objects.select_for_update().filter(
                partnership=partnership.code, record_id=record_id
            )
        )
    found = tracked(record_rows(partnership).filter(record_id=record_id), partnership)
    if not found:
        raise RuleRefusal("record-unknown", record=record_id, partnership=partnership.code)
    return found[0]


def visible_record(partnership: Partnership, record_id: str, actor: Actor) -> tuple[TrackedRecord, Sight]:
    """A record and how much of it an account sees.

    Raises
    ------
    RuleRefusal
        `record-unknown`, also for one that the account may not know of.
    PermissionRefusal
    """
    permission_table().require(actor, "view_relationship")
    _row, item = record_row(partnership, record_id)
    sight = item.sight(viewer_of(actor, partnership))
    if sight is Sight.NONE:
        raise RuleRefusal("record-unknown", record=record_id, partnership=partnership.code)
    return item, sight


def open_steps(item: TrackedRecord, partnership: Partnership, actor: Actor) -> frozenset[Step]:
    """The steps that an account may take with a record now."""
    side = side_of(actor, partnership)
    found = {
        step
        for step in possible_steps(item, account=actor.account, side=side)
        if actor.may(ACTIONS[step]) and side
    }
    if Step.PUBLISHED in found and not publishes(actor, partnership):
        found.discard(Step.PUBLISHED)
    if item.sight(viewer_of(actor, partnership)) is not Sight.WHOLE:
        found &= {Step.PUBLISHED}
    if Step.WITHDRAWN in found and not item.standing.side and not actor.may("view_every_partnership"):
        found.discard(Step.WITHDRAWN)
    return frozenset(found)


def publishes(actor: Actor, partnership: Partnership) -> bool:
    """Whether an account publishes for its side: a liaison for the own one, the director for the host."""
    side = side_of(actor, partnership)
    return bool(side) and (actor.role == "partner_liaison" or side == partnership.host.iso_code)


def entry_for(partnership: Partnership, on: date) -> Entry:
    """What a record that is entered on a day is held to."""
    rows = models.Record.objects.filter(partnership=partnership.code)
    known = {
        record_id: KnownRecord(kind, actor or BOTH, details.get("change", ""))
        for record_id, kind, actor, details in rows.values_list(
            "record_id", "kind", "actor__iso_code", "details"
        )
    }
    return Entry(partnership.pair, on, known)


def cited_sources(references: Iterable[Reference]) -> dict[str, CitedSource]:
    """Of the sources that references name, those that are on record, by key."""
    keys = {reference.source for reference in references}
    found = {
        key: CitedSource(key, one.title, one.author, str(one.year), "", one.rights.en)
        for key, one in packaged_sources().items()
        if key in keys
    }
    names = ("key", "title", "publisher", "date", "address", "rights")
    for row in models.Source.objects.filter(pk__in=keys):
        found[row.key] = CitedSource(*(getattr(row, name) for name in names))
    return found


def source_keys() -> set[str]:
    """The keys of every source that the workspace keeps."""
    return set(models.Source.objects.values_list("key", flat=True))


# --- what the trust index of the package reads -----------------------------------------------------


def _history_event(row: models.Record) -> HistoryEvent:
    record = row.record()
    return HistoryEvent(
        event_id=row.index_id,
        date=f"{row.date_from}/{row.date_to}" if row.date_to else row.date_from,
        actor_code=record.actor_code,
        target_code=record.target_code,
        kind=row.index_kind,
        sign=row.sign,
        summary=record.summary,
        reference=record.references[0],
        date_note=BilingualText.of(row.index_note) if row.index_note else None,
    )


def _with_step(step: Step) -> QuerySet[models.Event, Any]:
    return models.Event.objects.filter(step=step).values("record")


def history_events(pair: Collection[str]) -> list[HistoryEvent]:
    """The acts of the two parties with these ISO codes toward each other that the trust index reads, by date.

    They are the confirmed records that were recorded with a kind of the index; one that was withdrawn counts no more.
    """
    rows = (
        models.Record.objects.exclude(index_id="")
        .filter(actor__iso_code__in=pair, target__iso_code__in=pair)
        .exclude(pk__in=_with_step(Step.WITHDRAWN))
        .filter(pk__in=_with_step(Step.CONFIRMED))
        .select_related("actor", "target")
    )
    return sorted((_history_event(row) for row in rows), key=lambda event: (event.date, event.event_id))
