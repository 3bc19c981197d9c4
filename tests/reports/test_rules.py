"""Editions in words, and what differs between them."""

from confianza.cooperation.cases.editions import editions
from confianza.reports.rules import rule_changes, rule_lines, rulebooks

LEGACY, CURRENT, THESIS = (editions()[name] for name in ("samm-2012-legacy", "samm-2026", "thesis-2013"))


def test_every_entry_has_words_in_both_languages_and_a_source():
    for edition in rulebooks().values():
        for language in ("en", "es"):
            for line in rule_lines(edition, language):
                assert line.name, (edition.id, line.id)
                assert line.reference
    english, spanish = ({line.id: line.name for line in rule_lines(LEGACY, code)} for code in ("en", "es"))
    same = {key for key in english if english[key] == spanish[key]}
    assert same == set()


def test_what_the_current_edition_changes_is_what_the_manual_changed():
    found = {(item.change, item.table, item.id) for item in rule_changes(LEGACY, CURRENT)}
    assert found >= {
        ("removed", "steps", "open-modification"),
        ("added", "steps", "oversee-transfer"),
        ("removed", "rules", "section-333-second-year"),
        ("added", "rules", "section-333-third-year"),
        ("changed", "clocks", "case-development"),
        ("changed", "phases", "closure"),
    }
    assert not {entry for entry in found if entry[1:] == ("steps", "submit-request")}


def test_an_edition_does_not_differ_from_itself_and_the_two_ways_mirror():
    assert rule_changes(LEGACY, LEGACY) == []
    there = {(item.change, item.id) for item in rule_changes(THESIS, CURRENT)}
    back = {(item.change, item.id) for item in rule_changes(CURRENT, THESIS)}
    mirror = {"added": "removed", "removed": "added", "changed": "changed"}
    assert {(mirror[change], key) for change, key in there} == back


def test_dates_money_and_papers_are_told():
    told = {line.id: line.sentence for line in rule_lines(CURRENT)}
    assert told["four-elements"].endswith("From 2013-04-05 on.")
    assert told["case-development"].endswith("Until 2024-09-30.")
    assert told["section-333-third-year"].endswith("For Title 10 only.")
    assert told["case-package"] == "Required for: Upload the package."
    assert told["quarterly-bill"] == "Not used in this process."
    spanish = {line.id: line.sentence for line in rule_lines(LEGACY, "es")}
    assert spanish["section-333-second-year"].endswith("Solo para Título 10.")
    assert spanish["four-elements"].endswith("Desde el 2013-04-05.")


def test_what_no_source_states_is_marked():
    marked = {line.id for line in rule_lines(LEGACY) if not line.is_verified}
    assert {"vetting-before-transfer", "first-monitoring", "dates-in-order"} <= marked
    assert "package-in-24-hours" not in marked
