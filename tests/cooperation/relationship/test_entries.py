"""What is typed as a record: read by the table, everything wrong with it named together, in both languages."""

from datetime import date

import pytest

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.relationship.entries import (
    Entry,
    EntryRefusal,
    KnownRecord,
    proposed_id,
    read_coding,
    read_record,
    read_version,
    record_values,
    references_of,
    source_and_place,
)
from confianza.cooperation.relationship.records import record_kinds
from confianza.cooperation.sources import Reference

KNOWN = {
    "2001-vetting": KnownRecord("hedge", "US", "added"),
    "2002-vetting-ended": KnownRecord("hedge", "US", "lifted"),
    "2003-note": KnownRecord("act", "MX"),
    "2004-talks": KnownRecord("exchange", "both"),
}
ENTRY = Entry(("US", "MX"), date(2026, 11, 30), KNOWN)
GOOD = {
    "date_from": "2012-04",
    "actor": "US",
    "summary_en": "The first combined exercise at sea is held.",
    "sign": "+1",
    "domain": "defense",
    "source": "gao-10-837; state-2010",
    "place": "p. 4; text",
}


def problems(kind="act", /, **changed) -> set[tuple[str, str]]:
    with pytest.raises(EntryRefusal) as refused:
        read_record({**GOOD, **changed}, kind=kind, record_id="x", entry=ENTRY)
    for language in ("en", "es"):
        assert refused.value.in_language(language).count("\n") == len(refused.value.problems)
    return {(problem.code, problem.field) for problem in refused.value.problems}


def test_a_record_is_read_and_written_back_the_same():
    record = read_record(GOOD, kind="exercise", record_id="2012-exercise", entry=ENTRY)
    assert (record.actor_code, record.target_code, record.sign) == ("US", "MX", 1)
    assert record.references == (Reference("gao-10-837", "p. 4"), Reference("state-2010", "text"))
    assert record.happening == "2012-exercise"
    again = read_record(record_values(record), kind="exercise", record_id="2012-exercise", entry=ENTRY)
    assert again == record


def test_what_both_did_has_no_target():
    record = read_record({**GOOD, "actor": "both"}, kind="exchange", record_id="x", entry=ENTRY)
    assert (record.is_mutual, record.target_code) == (True, "")


def test_one_language_is_enough_and_none_is_not():
    spanish = {**GOOD, "summary_en": "", "summary_es": "Se celebra el primer ejercicio."}
    record = read_record(spanish, kind="act", record_id="x", entry=ENTRY)
    assert record.summary == BilingualText("", "Se celebra el primer ejercicio.")
    assert problems(summary_en=" ") == {("record-summary-missing", "summary_en")}


@pytest.mark.parametrize(
    ("kind", "changed", "code", "field"),
    [
        ("act", {"actor": "GB"}, "record-side-unknown", "actor"),
        ("act", {"actor": "us"}, "record-field-misread", "actor"),
        ("act", {"sign": "2"}, "record-field-misread", "sign"),
        ("act", {"sign": ""}, "record-field-missing", "sign"),
        ("act", {"date_from": "2012-4"}, "record-field-misread", "date_from"),
        ("act", {"date_from": "2026-12"}, "record-day-to-come", "date_from"),
        ("act", {"date_to": "2011"}, "record-days-order", "date_to"),
        ("act", {"known_since": "2011-12-31"}, "record-days-order", "known_since"),
        ("act", {"outcome": "kept"}, "record-field-unknown", "outcome"),
        ("act", {"source": ""}, "record-field-missing", "source"),
        ("commitment", {"due_date": "2011"}, "record-days-order", "due_date"),
        ("commitment", {"outcome": "kept", "outcome_date": "2027"}, "record-day-to-come", "outcome_date"),
        ("commitment", {"outcome_date": "2013"}, "record-outcome-missing", "outcome"),
        ("commitment", {"answers": "no-such"}, "record-answered-unknown", "answers"),
        ("reassurance", {"actor": "MX", "answers": "2003-note"}, "record-answered-own", "answers"),
        ("hedge", {}, "record-field-missing", "change"),
        ("hedge", {"change": "lifted", "safeguard": "no-such"}, "record-safeguard-unknown", "safeguard"),
        ("hedge", {"change": "lifted", "safeguard": "2003-note"}, "record-safeguard-unknown", "safeguard"),
        (
            "hedge",
            {"change": "lifted", "safeguard": "2002-vetting-ended"},
            "record-safeguard-unknown",
            "safeguard",
        ),
        (
            "hedge",
            {"change": "added", "safeguard": "2001-vetting"},
            "record-safeguard-not-lifted",
            "safeguard",
        ),
    ],
)
def test_each_fault_is_named_at_its_field_and_no_other(kind, changed, code, field):
    assert problems(kind, **changed) == {(code, field)}


def test_every_problem_is_named_together():
    found = problems("hedge", date_from="x", sign="7", domain="", summary_en="", more="1", actor="GB")
    assert {code for code, _ in found} == {
        "record-field-misread",
        "record-field-missing",
        "record-summary-missing",
        "record-field-unknown",
        "record-side-unknown",
    }


def test_what_is_due_may_be_to_come_and_an_answer_to_both_is_one():
    commitment = read_record({**GOOD, "due_date": "2030"}, kind="commitment", record_id="x", entry=ENTRY)
    assert commitment.details == {"due_date": "2030"}
    answer = read_record({**GOOD, "answers": "2004-talks"}, kind="reassurance", record_id="x", entry=ENTRY)
    assert answer.details == {"answers": "2004-talks"}


def test_an_unknown_kind_or_identifier_is_refused():
    with pytest.raises(EntryRefusal, match="is no kind of record"):
        read_record(GOOD, kind="rumor", record_id="x", entry=ENTRY)
    with pytest.raises(EntryRefusal, match="cannot be the identifier"):
        read_record(GOOD, kind="act", record_id="X Y", entry=ENTRY)


def test_an_identifier_is_made_of_year_and_words_and_taken_by_nobody():
    values = {"date_from": "1914-04-21", "summary_es": "Ocupación de Veracruz por la Armada de aquel país"}
    first = proposed_id(values, ())
    assert first == "1914-ocupacion-de-veracruz-por-la"
    assert proposed_id(values, {first, f"{first}-2"}) == f"{first}-3"
    assert proposed_id({}, ()) == "record"


@pytest.mark.parametrize("text", ["p. 4", "p. 4; text", "", "a; b; c"])
def test_places_go_with_their_sources(text):
    references = references_of("one; two", text)
    assert references_of(*source_and_place(references)) == references


def test_a_version_says_something_of_its_own_with_a_source():
    record = read_record(GOOD, kind="commitment", record_id="x", entry=ENTRY)
    told = read_version(
        {"summary_es": "No se prometió nada.", "sign": "0", "severity": "0.20", "source": "Nota 12"},
        record=record,
        entry=ENTRY,
    )
    assert (told.summary.es, told.sign, told.severity, told.outcome) == ("No se prometió nada.", 0, 0.2, "")
    for values, codes in [
        ({}, {"record-field-missing"}),
        ({"source": "x"}, {"version-empty"}),
        ({"source": "x", "sign": "1"}, {"version-same"}),
        ({"source": "x", "severity": "1.2"}, {"record-field-misread"}),
        ({"source": "x", "actor": "US"}, {"record-field-unknown"}),
    ]:
        with pytest.raises(EntryRefusal) as refused:
            read_version(values, record=record, entry=ENTRY)
        assert {problem.code for problem in refused.value.problems} == codes, values


def test_an_outcome_is_contested_only_where_the_kind_has_one():
    act = read_record(GOOD, kind="act", record_id="x", entry=ENTRY)
    with pytest.raises(EntryRefusal, match="no such field"):
        read_version({"source": "x", "outcome": "broken"}, record=act, entry=ENTRY)


def test_a_coding_is_of_its_reader_and_day():
    coding = read_coding({"severity": "0,4"}, coder="assessor", entry=ENTRY)
    assert (coding.coder, coding.method, coding.severity, coding.confidence, coding.coded_on) == (
        "assessor",
        "reader",
        0.4,
        None,
        ENTRY.on,
    )
    with pytest.raises(EntryRefusal):
        read_coding({"severity": "-0.1"}, coder="assessor", entry=ENTRY)


def test_every_kind_is_entered_with_what_it_needs():
    texts = {"title": "x", "key": "x", "record-id": "2003-note", "words": "x", "count": "3", "share": "0.5"}
    for code, kind in record_kinds().items():
        more = {
            item.name: next(iter(item.options), texts.get(item.type, "2012"))
            for item in kind.fields
            if item.is_required
        }
        read_record({**GOOD, **more}, kind=code, record_id="x", entry=ENTRY)
