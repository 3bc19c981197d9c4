"""The history: what ships is sound, and a file with any fault is refused whole."""

import re
from pathlib import Path

import pytest

from confianza.errors import ImportRefusal
from confianza.evidence.history import event_kinds, history, read_history

# Goldstein's scale by CAMEO code, as published (CAMEO.goldsteinscale.txt).
GOLDSTEIN = {
    "036": 4.0,
    "057": 8.0,
    "062": 7.4,
    "072": 8.3,
    "112": -2.0,
    "12": -4.0,
    "161": -4.0,
    "173": -5.0,
    "190": -10.0,
}
# The severity table of the measurement specification.
OWN = {
    "betrayal": 1.0,
    "broken-promise": 0.5,
    "public-insult": 0.3,
    "prior-notification": 0.2,
    "costly-step": 0.6,
    "ceremony": 0.05,
}

GOOD = """
[[events]]
id = "1914-veracruz"
date = "1914-04-21"
actor = "US"
target = "MX"
kind = "use-of-force"
sign = -1
place = "pp. 38-40"
summary = { en = "The port is occupied.", es = "Se ocupa el puerto." }
"""


def file_of(folder: Path, *records: str, source: str = "martinez-2014") -> Path:
    path = folder / "acts.toml"
    path.write_text(f'source = "{source}"\nparties = ["US", "MX"]\n' + "".join(records), encoding="utf-8")
    return path


def faults(path: Path) -> list[tuple[int | None, str | None]]:
    with pytest.raises(ImportRefusal) as refusal:
        read_history(path)
    return [(problem.row, problem.field) for problem in refusal.value.problems]


def test_the_history_runs_from_1846_to_2013_in_order_of_date():
    events = history()
    assert len(events) >= 25
    assert (events[0].year, events[-1].year) == (1846, 2013)
    assert [event.date for event in events] == sorted(event.date for event in events)
    assert len({event.event_id for event in events}) == len(events)


def test_every_act_has_a_page_of_section_3a_and_both_languages():
    for event in history():
        pages = [int(page) for page in re.findall(r"\d+", event.reference.place)]
        assert pages, event.event_id
        assert 33 <= min(pages) <= max(pages) <= 49, event.event_id
        assert event.summary.en != event.summary.es


def test_known_acts_stand_on_their_pages():
    pages = {event.event_id: event.reference.place for event in history()}
    assert pages["1846-invasion"] == "p. 34"
    assert pages["1914-tampico"] == "p. 38"
    assert pages["2013-single-window"] == "p. 48"


def test_a_year_the_thesis_does_not_give_says_so():
    noted = {event.event_id for event in history() if event.date_note}
    assert {"1947-wreath", "1985-agent", "2005-katrina", "2013-single-window"} <= noted


def test_a_mutual_act_is_one_record_each_way():
    by_id = {event.event_id: event for event in history()}
    mutual = [name.removesuffix("-us") for name in by_id if name.removesuffix("-us") + "-mx" in by_id]
    assert len(mutual) >= 3
    for name in mutual:
        ours, theirs = by_id[f"{name}-us"], by_id[f"{name}-mx"]
        assert (ours.actor_code, ours.target_code) == (theirs.target_code, theirs.actor_code) == ("US", "MX")
        assert (ours.date, ours.weight) == (theirs.date, theirs.weight)


def test_a_period_has_no_year_of_its_own():
    periods = [event for event in history() if "/" in event.date]
    assert periods
    assert all(event.year is None for event in periods)


def test_a_weight_is_the_sign_times_the_severity_of_the_kind():
    by_id = {event.event_id: event for event in history()}
    assert by_id["1914-veracruz"].weight == -1.0
    assert by_id["1914-tampico"].weight == -0.5
    assert by_id["1947-wreath"].weight == 0.05
    assert by_id["2008-merida-us"].weight == 0.83


def test_severities_are_those_of_the_specification_and_of_goldstein():
    for code, kind in event_kinds().items():
        if kind.basis.en == "own table":
            assert kind.severity == OWN[code]
        else:
            cameo, goldstein = re.fullmatch(r"CAMEO (\d+), Goldstein (-?[\d.]+)", kind.basis.en).groups()
            assert float(goldstein) == GOLDSTEIN[cameo], code
            assert kind.severity == pytest.approx(abs(GOLDSTEIN[cameo]) / 10)
    assert OWN.keys() <= event_kinds().keys()


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("kind", '"use-of-force"', '"rudeness"'),
        ("sign", "-1", "0"),
        ("actor", '"US"', '"USA"'),
        ("target", '"MX"', '"US"'),
        ("date", '"1914-04-21"', '"21 April 1914"'),
        ("date", '"1914-04-21"', "1914-04-21"),
        ("place", 'place = "pp. 38-40"\n', ""),
    ],
)
def test_a_record_with_an_unknown_value_is_refused_by_number_and_field(tmp_path, field, good, bad):
    assert good in GOOD
    second = GOOD.replace("1914-veracruz", "second").replace(good, bad)
    assert faults(file_of(tmp_path, GOOD, second)) == [(2, field)]


def test_two_records_may_not_share_an_id(tmp_path):
    assert faults(file_of(tmp_path, GOOD, GOOD)) == [(2, "id")]


def test_an_unknown_source_is_refused(tmp_path):
    assert faults(file_of(tmp_path, GOOD, source="hearsay")) == [(None, "source")]


def test_all_faults_of_a_file_are_told_together_in_both_languages(tmp_path):
    bad = GOOD.replace('"use-of-force"', '"rudeness"').replace("sign = -1", "sign = 2")
    with pytest.raises(ImportRefusal) as refusal:
        read_history(file_of(tmp_path, bad))
    assert [problem.field for problem in refusal.value.problems] == ["kind", "sign"]
    assert "row 1, field kind: 'rudeness' cannot be used" in str(refusal.value)
    assert "fila 1, campo kind: 'rudeness' no puede usarse" in refusal.value.in_language("es")


def test_a_file_that_is_not_toml_is_refused(tmp_path):
    path = tmp_path / "acts.toml"
    path.write_text("date; actor; target\n", encoding="utf-8")
    assert faults(path) == [(None, None)]


def test_a_good_file_is_read(tmp_path):
    (event,) = read_history(file_of(tmp_path, GOOD))
    assert (event.event_id, event.year, event.weight) == ("1914-veracruz", 1914, -1.0)
    assert str(event.reference) == "martinez-2014, pp. 38-40"
