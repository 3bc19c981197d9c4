"""Kelman's five concepts, Shaw's nine cells and cultural differences, by hand counts."""

from dataclasses import replace

from confianza.cooperation.relationship.foundations import (
    anchors,
    cultural_differences,
    diagnosis_of,
    foundations,
)
from confianza.cooperation.relationship.records import record_fields
from tests.cooperation.relationship.made_records import coding, record

PARTIES = ("US", "MX")


def test_with_nothing_on_record_no_figure_is_given():
    empty = foundations([], PARTIES)
    assert [steps.median_lag_days for steps in empty.steps] == [None, None]
    assert empty.third_party.share is None
    assert empty.working_trust.both_share is None
    assert [card.no_surprise_rate for card in empty.reassurance] == [None, None]
    assert {cell.state for cell in diagnosis_of([], "SEDENA").cells} == {"not on record"}


def test_a_step_answers_one_of_the_other_side_after_so_many_days():
    asked = record("ask", "act", "2000-01-01", actor="MX")
    steps = foundations(
        [
            asked,
            record("small", "commitment", "1999-01-01", severity=0.2, is_verifiable="yes"),
            record("answer", "reassurance", "2000-01-11", severity=0.5, answers="ask"),
            record("month", "reassurance", "2000-02", severity=0.5, answers="ask"),
        ],
        PARTIES,
    ).steps[0]
    assert (len(steps.records), steps.verifiable_count) == (3, 1)
    assert [item.record_id for item in steps.answering] == ["answer", "month"]
    assert steps.lag_days == (10,)
    assert [item.record_id for item in steps.too_large] == ["answer"]  # .5 is more than twice .2


def test_the_share_of_a_third_party_is_of_what_both_did_together():
    session = {"actor": "both", "third_party": "Canada"}
    third = foundations(
        [
            record("one", "third_party", **session, is_direct="yes"),
            record("attack", "third_party", actor="both", sign=0, third_party="Germany"),
            record("treaty", "agreement", actor="both"),
            record("own", "visit"),
        ],
        PARTIES,
    ).third_party
    assert (len(third.sessions), third.parties, third.share, third.direct_count) == (1, ("Canada",), 0.5, 1)


def test_an_activity_needs_the_statements_of_both():
    trust = foundations(
        [
            record("a", "working_trust", activity="training"),
            record("b", "working_trust", actor="MX", activity="training"),
            record("c", "working_trust", activity="drones"),
        ],
        PARTIES,
    ).working_trust
    assert trust.both_share == 0.5
    assert set(trust.statements["training"]) == {"US", "MX"}


def test_the_cost_at_home_is_counted_by_what_was_said_or_done():
    card = foundations([record("a", "coalition", position="dissent")], PARTIES).coalition[0]
    assert {code: len(records) for code, records in card.by_position.items()} == {
        "criticism": 0,
        "dissent": 1,
        "consent": 0,
    }


def test_of_the_sensitive_acts_those_with_a_notice_count():
    card = foundations(
        [
            record("a", sign=-1, severity=0.7, happening="h"),
            record("notice", "reassurance", happening="h", notified_days=3),
            record("b", "hedge", sign=-1, severity=0.5, change="added"),
            record("mild", sign=-1, severity=0.4),
            record("theirs", sign=-1, severity=0.9, actor="MX"),
        ],
        PARTIES,
    ).reassurance[0]
    assert [item.record_id for item in card.sensitive_acts] == ["a", "b"]
    assert card.no_surprise_rate == 0.5


def rated(cell, rating, coder):
    made = record(
        f"{cell}-{coder}", "diagnosis", cell=cell, rating=str(rating), institution_actor="SEDENA", actor="MX"
    )
    return replace(made, codings=(coding(coder, 0.0),))


def test_a_cell_has_a_value_when_two_raters_agree():
    ratings = [("results-leaders", 3, 3), ("results-structure", 1, 1), ("results-culture", 4, 3)]
    pairs = [
        rated(cell, value, who) for cell, *both in ratings for who, value in zip("ab", both, strict=True)
    ]
    diagnosis = diagnosis_of([*pairs, rated("concern-leaders", 2, "a")], "SEDENA")
    values = {cell.code: (cell.value, cell.state) for cell in diagnosis.cells}
    assert len(values) == 9
    assert diagnosis.kappa is not None
    assert diagnosis.kappa >= 0.6
    assert values["results-culture"] == (3.5, "rated")
    assert values["concern-leaders"] == (None, "one rater")
    assert values["integrity-leaders"] == (None, "not on record")


def test_raters_who_disagree_leave_the_cells_without_a_value():
    pairs = [
        rated(cell, value, who)
        for cell, *both in [("results-leaders", 0, 4), ("results-structure", 4, 0)]
        for who, value in zip("ab", both, strict=True)
    ]
    diagnosis = diagnosis_of(pairs, "SEDENA")
    assert diagnosis.kappa < 0
    assert {cell.state for cell in diagnosis.cells if cell.ratings} == {"raters disagree"}


def test_every_cell_has_five_anchors_in_both_languages():
    cells = record_fields()["cell"].options
    assert [(anchor.cell, anchor.rating) for anchor in anchors()] == [
        (cell, rating) for cell in cells for rating in range(5)
    ]
    assert all(anchor.sentence.en and anchor.sentence.es for anchor in anchors())


def test_counterparts_differ_where_they_share_no_value():
    def entry(record_id, institution, dimension, value):
        return record(record_id, "culture", institution_actor=institution, dimension=dimension, value=value)

    found = cultural_differences(
        [
            entry("a", "SEDENA", "hierarchy", "Vertical"),
            entry("b", "U.S. forces", "hierarchy", "flat"),
            entry("c", "Mexican forces", "mission", "relief"),
            entry("d", "U.S. forces", "mission", "Relief"),
            entry("e", "SEDENA", "history", "1847"),
        ],
        ["SEDENA", "Mexican forces"],
        ["U.S. forces"],
    )
    assert {item.dimension: item.differs for item in found} == {
        "hierarchy": True,
        "collectivism": None,
        "time": None,
        "communication": None,
        "history": None,
        "mission": False,
    }
