"""How a record stands: proposed, confirmed by a second person, contested, withdrawn; and who sees how much of it."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.relationship.entries import VersionOf
from confianza.cooperation.relationship.records import PartialDate, Record
from confianza.cooperation.relationship.standing import (
    RecordEvent,
    Sight,
    Standing,
    State,
    Step,
    TrackedRecord,
    Viewer,
    check_step,
    counted,
    possible_steps,
)
from confianza.cooperation.sources import Reference
from confianza.errors import RuleRefusal

AT = datetime(2026, 11, 30, tzinfo=UTC)
RECORD = Record(
    record_id="x",
    kind="act",
    date_from=PartialDate("2012"),
    actor_code="US",
    target_code="MX",
    summary=BilingualText("a", "a"),
    sign=1,
    domain="defense",
    references=(Reference("s"),),
)
TOLD = VersionOf(BilingualText("b", "b"), (Reference("t"),))


def event(step, account="ana", side="MX", **more):
    version = TOLD if step is Step.CONTESTED else None
    return RecordEvent(step, AT, account, side, version=version, **more)


def item(*events, record=RECORD):
    return TrackedRecord(record, Standing((event(Step.PROPOSED), *events)), ("US", "MX"))


def refused(found, step, **more) -> str:
    how = {"account": "beto", "side": "MX", "reason": "r", **more}
    try:
        check_step(found, step, **how)
    except RuleRefusal as refusal:
        return refusal.code
    return ""


CONFIRMED = event(Step.CONFIRMED, "beto")
WITHDRAWN = event(Step.WITHDRAWN, reason="entered twice")


def test_states_follow_the_events():
    assert item().state is State.PROPOSED
    assert item(CONFIRMED).state is State.CONFIRMED
    contested = item(CONFIRMED, event(Step.CONTESTED, "carl", "US"))
    assert contested.state is State.CONTESTED
    assert [version.side for version in contested.standing.versions] == ["US"]
    assert item(CONFIRMED, WITHDRAWN).state is State.WITHDRAWN


def test_the_last_version_of_a_side_is_its_version_and_the_earlier_stays_on_record():
    later = replace(event(Step.CONTESTED, "carl", "US"), version=replace(TOLD, note="later"))
    found = item(CONFIRMED, event(Step.CONTESTED, "carl", "US"), event(Step.CONTESTED), later)
    assert {version.side: version.told.note for version in found.standing.versions} == {
        "US": "later",
        "MX": "",
    }
    assert len(found.standing.events) == 5


def test_a_second_person_confirms_what_is_proposed():
    assert refused(item(), Step.CONFIRMED, account="ana") == "record-confirm-other"
    assert refused(item(), Step.CONFIRMED) == ""
    assert refused(item(CONFIRMED), Step.CONFIRMED) == "record-not-proposed"


def test_only_what_is_confirmed_is_contested_or_coded():
    for step in (Step.CONTESTED, Step.CODED):
        assert refused(item(), step) == "record-not-confirmed"
        assert refused(item(CONFIRMED), step) == ""


def test_a_side_withdraws_its_own_for_a_reason_and_nothing_follows():
    assert refused(item(), Step.WITHDRAWN, side="US") == "record-of-other-side"
    assert refused(item(), Step.WITHDRAWN, reason=" ") == "record-reason-missing"
    assert refused(item(), Step.WITHDRAWN) == ""
    for step in set(Step) - {Step.PROPOSED}:
        assert refused(item(WITHDRAWN), step) == "record-withdrawn"
    assert possible_steps(item(WITHDRAWN), account="beto", side="MX") == frozenset()


def test_a_record_is_public_when_both_sides_published_it_and_a_side_does_so_once():
    first = event(Step.PUBLISHED, side="US")
    assert not item(first).is_public
    assert refused(item(first), Step.PUBLISHED, side="US") == "record-published-already"
    assert refused(item(first), Step.PUBLISHED) == ""
    assert item(first, event(Step.PUBLISHED)).is_public


US_STAFF, MX_LIAISON, US_LIAISON = Viewer("US", True), Viewer("MX"), Viewer("US")
OTHER_STAFF, OTHER_LIAISON, OPERATOR = Viewer("", True), Viewer(""), Viewer(is_operator=True)
US_OUT, MX_OUT = event(Step.PUBLISHED, side="US"), event(Step.PUBLISHED, side="MX")


@pytest.mark.parametrize(
    ("events", "seen"),
    [
        ((), {US_STAFF, MX_LIAISON, OTHER_STAFF}),
        ((US_OUT,), {US_STAFF, MX_LIAISON, OTHER_STAFF}),  # the other side cannot publish it for its owner
        ((MX_OUT,), {US_STAFF, MX_LIAISON, US_LIAISON, OTHER_STAFF}),
        ((MX_OUT, US_OUT), {US_STAFF, MX_LIAISON, US_LIAISON, OTHER_STAFF}),
    ],
)
def test_who_reads_what_the_side_of_the_liaison_entered(events, seen):
    for viewer in (US_STAFF, MX_LIAISON, US_LIAISON, OTHER_STAFF, OTHER_LIAISON, OPERATOR):
        expected = Sight.WHOLE if viewer in {*seen, OPERATOR} else Sight.NONE
        assert item(*events).sight(viewer) is expected, viewer


@pytest.mark.parametrize("events", [(), (US_OUT,), (MX_OUT,)])
def test_a_deposit_is_read_by_its_own_side_until_both_release_it(events):
    deposit = replace(RECORD, kind="third_party", details={"is_deposited": "yes"})
    found = item(CONFIRMED, *events, record=deposit)
    sights = {viewer: found.sight(viewer) for viewer in (MX_LIAISON, Viewer("MX", True), OPERATOR)}
    assert set(sights.values()) == {Sight.WHOLE}
    assert found.sight(US_STAFF) is found.sight(US_LIAISON) is Sight.OUTSIDE
    assert found.sight(OTHER_STAFF) is found.sight(OTHER_LIAISON) is Sight.NONE
    assert counted([found]) == []
    released = item(CONFIRMED, US_OUT, MX_OUT, record=deposit)
    assert released.sight(US_STAFF) is released.sight(MX_LIAISON) is Sight.WHOLE
    assert counted([released]) == [deposit]


def test_figures_are_made_of_what_is_confirmed_and_not_from_memory():
    memory = replace(RECORD, verification="memory")
    assert counted([item(), item(CONFIRMED), item(CONFIRMED, WITHDRAWN)]) == [RECORD]
    assert counted([item(CONFIRMED, record=memory)]) == []
    assert date(2012, 12, 31) == RECORD.last_day
