"""`confianza records timeline`, `promises`, `safeguards`, `foundations` and `levels`, as people run them."""

import json

from confianza.cooperation.relationship.promises import promises
from confianza.evidence.relationship_record import packaged_record


def test_records_are_told_along_time_with_what_their_number_is_not(shell):
    said = shell.run("records", "timeline", "--year", "1914").stdout
    assert "1914-04-09" in said
    assert "never a measure" in said
    assert "level 3 (deconfliction)" in said or "level 2 (communication)" in said


def test_promises_by_side_are_those_of_the_library(shell):
    document = json.loads(shell.run("records", "promises", "--format", "json").stdout)
    table = promises(packaged_record("us-mexico"), ("US", "MX"))
    assert [(side["actor"], side["count"], side["broken"]) for side in document["every"]] == [
        (side.actor_code, len(side.records), side.count("broken")) for side in table
    ]
    assert "median days late" in shell.run("records", "promises").stdout


def test_safeguards_foundations_and_levels_answer_for_a_day(shell):
    assert "in force on 2021-12-31" in shell.run("records", "safeguards", "--on", "2021-12-31").stdout
    assert "not on record" in shell.run("records", "foundations").stdout
    said = shell.run("records", "levels", "--on", "1915-01-01").stdout
    assert said.startswith("1915-01-01: nothing is on record")
    assert "years without evidence of a level" in said
