"""The record that comes with the package: made from what was coded, sound, and counted as its makers counted it."""

import csv
import importlib.util
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from confianza.cooperation.process.fields import FIELD_TYPES
from confianza.cooperation.relationship.consistency import consistency
from confianza.cooperation.relationship.coverage import coverage
from confianza.cooperation.relationship.foundations import diagnosis_of, foundations
from confianza.cooperation.relationship.promises import OUTCOMES, promises
from confianza.cooperation.relationship.records import PartialDate, record_fields, record_kinds
from confianza.cooperation.relationship.safeguards import changes_by_year, in_force
from confianza.cooperation.sources import sources
from confianza.evidence.history import history
from confianza.evidence.relationship_record import (
    desired_level,
    packaged_record,
    program_by_date,
    record_sources,
)
from confianza.packaged import packaged_table

ROOT = Path(__file__).parents[2]
CODED = ROOT.parent / "shared" / "data" / "record"
RECORD = packaged_record("us-mexico")
BY_ID = {record.record_id: record for record in RECORD}
ROWS = [record for record in RECORD if len(record.codings) == 2]
TABLE = packaged_table("confianza.evidence", "data/relationship/us-mexico.toml")
SIDES = ("US", "MX")


def test_the_packaged_files_are_made_from_what_was_coded():
    if not CODED.is_dir():
        pytest.skip(f"the record as it was coded is not at {CODED}")
    spec = importlib.util.spec_from_file_location(
        "bundle_relationship_record", ROOT / "scripts/bundle_relationship_record.py"
    )
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    for name, text in script.packaged_files(CODED).items():
        assert (script.TARGET / name).read_text(encoding="utf-8") == text, name


def test_no_row_is_lost_and_the_counts_are_those_of_the_coders():
    assert len(ROWS) == 378
    assert Counter(record.verification for record in ROWS) == {"verified": 359, "thesis": 8, "memory": 11}
    assert Counter(record.kind for record in ROWS) == {
        "act": 129,
        "hedge": 58,
        "commitment": 49,
        "reassurance": 33,
        "agreement": 30,
        "visit": 23,
        "assistance": 17,
        "exchange": 17,
        "exercise": 11,
        "education": 7,
        "third_party": 4,
    }
    assert Counter(record.domain for record in ROWS) == {
        "defense": 170,
        "security": 131,
        "diplomatic": 64,
        "economic": 13,
    }
    assert Counter(record.actor_code for record in ROWS) == {"US": 182, "MX": 131, "both": 65}
    signs = Counter((record.actor_code, record.sign) for record in ROWS)
    assert [signs["US", sign] for sign in (1, -1, 0)] == [112, 62, 8]
    assert [signs["MX", sign] for sign in (1, -1, 0)] == [57, 62, 12]


@pytest.mark.parametrize(
    ("firm_only", "expected"),
    [
        (False, {"US": [6, 7, 3, 1, 10], "MX": [5, 3, 3, 0, 0], "both": [5, 2, 1, 0, 3]}),
        (True, {"US": [6, 6, 1, 1, 7], "MX": [5, 3, 1, 0, 0], "both": [5, 2, 0, 0, 3]}),
    ],
)
def test_promises_are_those_of_the_coders_table(firm_only, expected):
    table = promises(RECORD, SIDES, firm_only=firm_only)
    assert {one.actor_code: [one.count(outcome) for outcome in OUTCOMES] for one in table} == expected


def test_safeguards_are_those_of_the_coders_table():
    """Their table counts what rests on memory too, which every figure leaves out: three of the 58."""
    counts = Counter(
        (record.actor_code, record.details["change"]) for record in ROWS if record.kind == "hedge"
    )
    assert counts == {
        ("US", "added"): 22,
        ("US", "lifted"): 8,
        ("MX", "added"): 22,
        ("MX", "lifted"): 6,
    }
    used = Counter()
    for (side, _), changes in changes_by_year(RECORD).items():
        used[side, "added"] += changes["added"]
        used[side, "lifted"] += changes["lifted"]
    assert counts - used == {("US", "lifted"): 1, ("MX", "added"): 2}


def test_safeguards_in_force_at_the_end_of_2021():
    assert [item.added.record_id for item in in_force(RECORD, date(2021, 12, 31))] == [
        "1972-deposit-rule",
        "1975-scholarship-guise",
        "1992-agent-rules",
        "2008-merida-15pct",
        "2013-single-window",
        "2020-agents-law",
        "2020-contact-reports",
        "2021-agents-rules",
    ]


def test_the_two_codings_agree_as_published():
    agreement = consistency(ROWS, ("a", "b"))
    assert round(agreement.quadratic_kappa, 2) == 0.88
    assert round(agreement.linear_kappa, 2) == 0.81
    assert round(100 * agreement.same_bin_share) == 82
    assert agreement.same_value_count == 241
    assert agreement.table == (
        (11, 0, 0, 0, 0),
        (17, 112, 6, 0, 0),
        (0, 23, 140, 6, 0),
        (0, 0, 12, 36, 2),
        (0, 0, 0, 1, 12),
    )
    assert {coding.method for record in RECORD for coding in record.codings} == {"automated"}


def test_every_record_is_sound():
    known = set(record_sources("us-mexico")) | set(sources())
    assert len(BY_ID) == len(RECORD)
    for record in RECORD:
        where, kind = record.record_id, record_kinds()[record.kind]
        assert record.summary.en, where
        assert record.summary.es, where
        assert record.summary.en != record.summary.es, where
        assert record.domain in record_fields()["domain"].options, where
        assert (record.target_code == "") == record.is_mutual, where
        assert record.first_day <= record.last_day, where
        assert {item.source for item in record.references} <= known, where
        assert record.references or record.verification == "memory", where
        assert record.happening in {other.happening for other in RECORD if other.record_id != where} or (
            record.happening == where
        ), where
        for field in kind.fields:
            value = record.details.get(field.name)
            assert value or not field.is_required, (where, field.name)
            if value and field.options:
                assert str(value) in field.options, (where, field.name)
            elif value and field.type == "partial-date":
                assert PartialDate.parse(str(value)), (where, field.name)
            elif value and field.type in ("title", "key"):
                assert FIELD_TYPES[field.type](str(value)) == value, (where, field.name)
        assert set(record.details) <= {field.name for field in kind.fields}, where


def test_what_answers_is_of_the_other_side_and_not_before():
    for record in RECORD:
        if "answers" in record.details:
            answered = BY_ID[record.details["answers"]]
            assert {record.actor_code, answered.actor_code} == {"US", "MX"}, record.record_id
            assert answered.first_day <= record.last_day, record.record_id
        if "safeguard" in record.details:
            added = BY_ID[record.details["safeguard"]]
            assert added.details["change"] == "added", record.record_id
            assert record.details["change"] == "lifted", record.record_id
            assert (added.actor_code, added.first_day <= record.first_day) == (record.actor_code, True)


def test_a_promise_and_its_delivery_are_one_happening():
    assert BY_ID["2009-bell412"].happening == BY_ID["2008-bell412-promise"].happening
    assert BY_ID["1998-casablanca-protest"].happening == BY_ID["1998-casablanca"].happening
    merida = {record.record_id for record in RECORD if record.happening == "2007-merida-announced"}
    assert {"2008-merida-law", "2009-merida-slow", "2010-merida-pace", "2007-merida-mexico"} <= merida


def test_every_act_of_the_thesis_is_told_by_a_record_that_cites_it():
    told = TABLE["thesis_acts"]
    assert set(told) == {event.event_id for event in history()}
    for record_id in told.values():
        assert any(item.source == "martinez-2014" for item in BY_ID[record_id].references), record_id


def test_spelling_is_american_and_titles_are_left_alone():
    words = " ".join(f"{record.summary.en} {record.note} {record.institution_actor}" for record in RECORD)
    for british in (
        "defence",
        "programme",
        "labour",
        "recognis",
        "centre",
        "licence",
        "manoeuvre",
        "neighbour",
    ):
        assert british not in words.casefold(), british
    assert record_sources("us-mexico")["adn-2014-04-23"].publisher == "Asian Defence News"


def test_no_rating_of_the_nine_cells_ships():
    assert {cell.state for cell in diagnosis_of(RECORD, "SEDENA").cells} == {"not on record"}
    assert not any(record.kind == "diagnosis" for record in RECORD)


def test_the_foundations_of_the_packaged_record():
    """Counted by hand in the files."""
    cards = foundations(RECORD, SIDES)
    assert [len(card.records) for card in cards.reassurance] == [30, 2]  # one of 31 rests on memory
    assert [len(steps.records) for steps in cards.steps] == [27 + 30, 11 + 2]
    assert cards.third_party.parties == ("Canada",)
    assert len(cards.third_party.sessions) == 3
    assert cards.working_trust.both_share == 1 / 4


def test_a_program_by_date_names_what_each_figure_is_of():
    stages = [(str(item.as_of), item.stage, item.share) for item in program_by_date("us-mexico").stages]
    assert ("2010-03-31", "obligated", 0.46) in stages
    assert ("2010-03-31", "expended", 0.09) in stages
    known = set(record_sources("us-mexico")) | set(sources())
    for item in program_by_date("us-mexico").stages:
        assert item.amount or item.share
        assert item.scope.en
        assert item.scope.es
        assert item.reference.source in known


def test_what_the_page_of_the_record_says_is_so():
    page = " ".join((ROOT / "docs/reference/relationship-record.md").read_text(encoding="utf-8").split())
    found = coverage(RECORD, first_year=1914, last_year=2021)
    assert f"{found.count} records" in page
    assert f"{found.happening_count} happenings" in page
    assert ", ".join(map(str, found.empty_years)) in page
    for kind, count in found.by_kind.items():
        assert f"| {record_kinds()[kind].name.en} | {count} |" in page, kind
    for decade, count in found.by_decade.items():
        assert f"| {decade}s | {count} |" in page, decade
    assert f"{len(found.by_source)} publications" in page


def test_a_data_set_without_a_record_has_none():
    assert packaged_record("") == ()
    assert packaged_record("no-such") == ()
    assert record_sources("no-such") == {}
    assert desired_level("no-such") is None


def test_the_columns_of_the_file_are_read():
    """A column that nothing reads would be kept for nothing."""
    path = ROOT / "src/confianza/evidence/data/relationship/us_mx_record.csv"
    with path.open(encoding="utf-8", newline="") as file:
        columns = next(csv.reader(file))
    read = (ROOT / "src/confianza/evidence/relationship_record.py").read_text(encoding="utf-8")
    fields = {field.name for kind in record_kinds().values() for field in kind.fields}
    unread = {column for column in columns if f'"{column}"' not in read} - fields
    assert unread == {"precision", "severity_a", "severity_b"}
