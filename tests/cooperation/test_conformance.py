"""Hand-made logs with known deviations; each names the rule it is from."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from confianza.cooperation.cases.conformance import DeviationKind, LogEvent, conform
from tests.cooperation.manual_case import CURRENT, LEGACY, TODAY, walked


def log(edition=LEGACY, case="BN-B-SAA"):
    """The history of the walked case, which keeps to the edition."""
    found = []
    for row, record in enumerate(walked(None, edition).records, start=1):
        step = edition.steps[record.step]
        about = str(record.details.get("delivery", ""))
        activity = step.milestone if row % 2 and step.milestone else step.id
        found.append(LogEvent(case, activity, record.on, record.actor.role, about, row))
    return found


def kinds(events, edition=LEGACY):
    return [(item.kind, item.activity, item.rule) for item in conform(events, edition, today=TODAY)]


def without(events, *activities):
    return [event for event in events if event.activity not in activities]


def place(events, activity):
    return next(
        index
        for index, event in enumerate(events)
        if event.activity == activity or LEGACY.steps[activity].milestone == event.activity
    )


@pytest.mark.parametrize("edition", [LEGACY, CURRENT], ids=lambda edition: edition.id)
def test_a_history_that_kept_to_the_edition_has_no_deviation(edition):
    assert conform(log(edition), edition, today=TODAY) == []


def test_a_history_of_the_other_edition_deviates_where_they_differ():
    assert kinds(log(CURRENT), LEGACY) == [(DeviationKind.UNKNOWN, "oversee-transfer", "samm-2012-legacy")]


def test_a_skipped_step_is_named_at_the_step_that_needed_it():
    events = without(log(), "approve-state", "STAP")
    (found,) = conform(events, LEGACY, today=TODAY)
    assert (found.kind, found.rule) == (DeviationKind.SKIPPED, "steps-in-order")
    assert found.activity in {"countersign", "DCSGN"}
    assert found.in_language("en") == "never recorded before it: Approve for State"
    assert found.in_language("es") == "nunca se registró antes: Aprobar por el Departamento de Estado"


def test_two_steps_in_the_wrong_order_are_told_once():
    events = log()
    first, second = place(events, "sign-ia"), place(events, "propose")
    early, late = events[first], events[second]
    events[first], events[second] = (
        LogEvent(late.case, late.activity, early.on, late.role, "", early.row),
        LogEvent(early.case, early.activity, late.on, early.role, "", late.row),
    )
    assert [(kind, rule) for kind, _, rule in kinds(events)] == [
        (DeviationKind.OUT_OF_ORDER, "steps-in-order")
    ]


def test_a_step_taken_twice_and_an_office_that_may_not_are_told():
    events = log()
    index = place(events, "accept-offer")
    again = LogEvent("BN-B-SAA", "accept-offer", events[index].on, "partner_liaison", "", 999)
    assert sorted(kinds([*events, again])) == [
        (DeviationKind.REPEATED, "accept-offer", "once"),
        (DeviationKind.WRONG_ACTOR, "accept-offer", "responsible-office"),
    ]


def test_an_event_of_a_day_to_come_is_told():
    events = log()
    last = events[-1].on
    found = conform(events, LEGACY, today=last - timedelta(days=1))
    assert [(item.kind, item.activity, item.rule) for item in found] == [
        (DeviationKind.TO_COME, events[-1].activity, "day-has-come")
    ]
    assert found[0].in_language("es").startswith("su día es posterior al")
    assert conform(events, LEGACY, today=last) == []


def test_a_step_taken_back_may_be_taken_again():
    events = log()
    index = place(events, "upload-package")
    day = events[index].on
    again = [
        LogEvent("BN-B-SAA", name, day, "", "", 0)
        for name in ("return-document", "approve-ia", "upload-package")
    ]
    events[index + 1 : index + 1] = again
    renumbered = [
        LogEvent(event.case, event.activity, event.on, event.role, event.about, row)
        for row, event in enumerate(events)
    ]
    assert conform(renumbered, LEGACY, today=TODAY) == []


def test_a_late_clock_and_a_late_receipt_are_told_with_their_standard():
    events = log()
    wait, receipt = place(events, "wait-bpc"), place(events, "confirm-receipt")
    events = [
        LogEvent(
            event.case,
            event.activity,
            event.on + timedelta(days=60 * (index >= wait) + 26 * (index >= receipt)),
            event.role,
            event.about,
            event.row,
        )
        for index, event in enumerate(events)
    ]
    found = conform(events, LEGACY, today=TODAY)
    assert [(item.kind, item.rule) for item in found] == [
        (DeviationKind.LATE, "case-development"),
        (DeviationKind.LATE, "receipt-in-30-days"),
    ]
    assert "60" in found[0].detail.en


@pytest.mark.parametrize(
    ("days", "approved", "uploaded", "is_late"),
    [
        (1, "09:00", "09:00", False),
        (1, "09:00", "09:01", True),
        (1, "08:00:00-06:00", "13:00", True),
        (1, None, "18:00", False),
        (2, None, None, True),
    ],
)
def test_a_package_after_24_hours_is_told(days, approved, uploaded, is_late):
    events = log()
    first, second = place(events, "approve-ia"), place(events, "upload-package")

    def moved(event, by, clock):
        on = event.on + timedelta(days=by)
        return replace(event, on=on, at=datetime.fromisoformat(f"{on}T{clock}") if clock else None)

    later = [replace(event, on=event.on + timedelta(days=3)) for event in events[second + 1 :]]
    events = [
        *events[:first],
        moved(events[first], 0, approved),
        *events[first + 1 : second],
        moved(events[second], days, uploaded),
        *later,
    ]
    found = [
        (item.kind, item.activity)
        for item in conform(events, LEGACY, today=TODAY)
        if item.rule == "package-in-24-hours"
    ]
    assert found == ([(DeviationKind.LATE, "upload-package")] if is_late else [])


def test_a_deviation_from_an_unverified_rule_says_so():
    events = log()
    visit = place(events, "visit-monitoring")
    events = [
        replace(event, on=event.on + timedelta(days=100 * (index >= visit)))
        for index, event in enumerate(events)
    ]
    (found,) = conform(events, LEGACY, today=TODAY)
    assert (found.rule, found.is_verified) == ("first-monitoring", False)
    assert found.in_language("en").endswith("(unverified)")
    assert found.in_language("es").endswith("(sin verificar)")


def test_cases_are_judged_apart_and_rows_are_kept():
    events = [*log(case="BN-B-SAA"), *without(log(case="BN-B-SAB"), "propose", "PSTATUS")]
    (found,) = conform(events, LEGACY, today=TODAY)
    assert found.case == "BN-B-SAB"
    assert found.row == next(event.row for event in log() if event.activity in {"list-state", "STLST"})


def test_an_unknown_activity_is_told_and_nothing_else_is_lost():
    odd = LogEvent("BN-B-SAA", "LUNCH", date(2014, 1, 1), "", "", 500)
    assert kinds([*log(), odd]) == [(DeviationKind.UNKNOWN, "LUNCH", "samm-2012-legacy")]


# --- logs of other programs ------------------------------------------------------------------------


def timed(activity, at, row, transition=""):
    instant = datetime.fromisoformat(at)
    is_day = len(at) == 10
    return LogEvent(
        "A", activity, instant.date(), row=row, at=None if is_day else instant, transition=transition
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2021-10-14T09:00:00-05:00", "2021-10-14T15:00:00-05:00"),
        ("2021-10-14T09:00:00", "2021-10-14T15:00:00"),
        ("2021-10-15T01:00:00+09:00", "2021-10-14T17:00:00+00:00"),  # an hour apart, whatever the days say
        ("2021-10-14T23:30:00-06:00", "2021-10-15"),
    ],
)
def test_events_stand_in_the_order_of_their_instants_whatever_the_file_does(first, second):
    events = [timed("submit-request", first, 1), timed("receive-request", second, 2)]
    swapped = [replace(events[1], row=1), replace(events[0], row=2)]
    assert kinds(events) == []
    assert kinds(swapped) == []


def test_where_only_the_day_is_known_the_order_of_the_log_counts():
    day = "2021-10-14"
    events = [timed("receive-request", f"{day}T09:00", 1), timed("submit-request", day, 2)]
    assert [kind for kind, *_ in kinds(events)] == [DeviationKind.OUT_OF_ORDER]
    assert kinds([timed("submit-request", day, 1), timed("receive-request", day, 2)]) == []


def life(*transitions):
    asked = timed("submit-request", "2021-10-14T08:00", 1)
    return [
        asked,
        *(
            timed("receive-request", f"2021-10-14T{hour:02}:00", hour, name)
            for hour, name in enumerate(transitions, start=9)
        ),
        timed("notify-unit", "2021-10-15T08:00", 90),
    ]


@pytest.mark.parametrize(
    "transitions",
    [
        ["start", "complete"],
        ["schedule", "assign", "start", "suspend", "resume", "complete"],
        ["start"],
        ["schedule", "start"],
    ],
)
def test_an_activity_logged_with_its_start_and_completion_happened_once(transitions):
    assert DeviationKind.REPEATED not in [kind for kind, *_ in kinds(life(*transitions))]
    assert DeviationKind.SKIPPED not in [kind for kind, *_ in kinds(life(*transitions))]


def test_an_activity_completed_twice_is_repeated_and_one_given_up_did_not_happen():
    assert [
        kind
        for kind, activity, _ in kinds(life("start", "complete", "start", "complete"))
        if activity == "receive-request"
    ] == [DeviationKind.REPEATED]
    for transitions in (["start", "ate_abort"], ["schedule", "withdraw"], ["manualskip"]):
        assert (DeviationKind.SKIPPED, "notify-unit") in [
            (kind, activity) for kind, activity, _ in kinds(life(*transitions))
        ]
