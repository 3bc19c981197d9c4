"""Charts: valid Vega-Lite, the right figures, every word in both languages, a title for those who cannot see."""

import re
import xml.etree.ElementTree as ET
from importlib import resources

import pytest

from confianza.cooperation.institutions import packaged_partnership
from confianza.cooperation.programs import published_appropriations
from confianza.evidence.history import history
from confianza.evidence.imet import compare_with_thesis
from confianza.evidence.indicators import indicators, packaged_records, series_of
from confianza.evidence.series import SeriesPoint
from confianza.evidence.training_reports import bundled_figures
from confianza.planning.seats import default_request, plan_seats, seat_options, years_done
from confianza.reports import charts
from confianza.reports.charts import base, places, training
from confianza.trust.index import IndexParams, trust_index

MEXICO = packaged_partnership("us-mexico")
FIGURES = [figure for figure in bundled_figures() if MEXICO.plans_from(figure.fiscal_year)]
INDEX = trust_index(history(), IndexParams.default(), years=(1914, 2013), pair=MEXICO.pair)
EVENT_YEARS = [
    charts.EventYear("United States → Mexico", 2019, 9, {"verbal_cooperation": 6, "law_border": 3}),
    charts.EventYear("United States → Mexico", 2021, 4, {}),
    charts.EventYear("Mexico → United States", 2020, 2, {"material_conflict": 2, "law_border": 0}),
]
DRAWN = {
    "trust": lambda *how: charts.trust_chart(INDEX, MEXICO.names, *how),
    "share": lambda *how: charts.share_chart(compare_with_thesis(bundled_figures()), *how),
    "students": lambda *how: charts.students_chart(compare_with_thesis(bundled_figures()), *how),
    "events": lambda *how: charts.events_chart(EVENT_YEARS, *how),
    "money": lambda *how: charts.money_chart(published_appropriations(), MEXICO.money_name, *how),
    "seats": lambda *how: charts.seats_chart(
        plan_seats(seat_options(FIGURES), default_request(FIGURES)), years_done(FIGURES), *how
    ),
}


def rows(spec) -> list[dict]:
    """Every record a specification carries."""
    found = [row for data in spec.get("datasets", {}).values() for row in data]
    stack = [spec]
    while stack:
        part = stack.pop()
        if isinstance(part, dict):
            found += part.get("data", {}).get("values", []) if isinstance(part.get("data"), dict) else []
            stack += part.values()
        elif isinstance(part, list):
            stack += part
    return found


@pytest.mark.parametrize("width", [charts.WIDE, charts.NARROW])
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", DRAWN)
def test_a_chart_is_a_picture_with_a_title_that_fits_its_place(name, language, width):
    made = DRAWN[name](language, width)
    assert charts.to_spec(made)["$schema"].startswith("https://vega.github.io/schema/vega-lite/")
    svg = charts.to_svg(made, language)
    root = ET.fromstring(svg)  # noqa: S314 - our own
    assert root.attrib["role"] == "img"
    title = base.label(f"title_{name}", language)
    assert root.attrib["aria-label"] == title.format(name=MEXICO.money_name.in_language(language))
    assert float(root.attrib["viewBox"].split()[2]) <= width * 1.2
    assert "http" not in re.sub(r'xmlns[:a-z]*="[^"]+"', "", svg)
    text = " ".join(root.itertext())
    assert "undefined" not in text
    assert "NaN" not in text


def test_the_words_of_the_policy_cover_no_share():
    """At either width they stand above the highest point that is drawn."""
    for width in (charts.WIDE, charts.NARROW):
        spec = charts.to_spec(DRAWN["share"]("es", width))
        marks = {layer["mark"]["type"]: layer for layer in spec["layer"]}
        bottom = marks["text"]["encoding"]["y"]["value"] + marks["text"]["mark"]["fontSize"]
        highest = max(row["share"] for row in rows(spec))
        assert bottom < spec["height"] * (1 - highest)


def test_a_series_breaks_where_a_year_is_missing_and_shows_its_interval():
    points = [
        SeriesPoint(2000, 0.5, low=0.4, high=0.6),
        SeriesPoint(2001, None),
        SeriesPoint(2002, 0.0),
        SeriesPoint(2002, 9.0, period="2002tq"),
    ]
    lines = [charts.Line("Mexico", points, "a"), charts.Line("United States", points[:1], "b")]
    for width in (charts.WIDE, charts.NARROW):
        made = charts.series_chart("Ideal point", "score", lines, "en", width, opens=lambda mark: f"/#{mark}")
        spec = charts.to_spec(made)
        values = {(row["series"], row["year"]): row["value"] for row in rows(spec)}
        assert values == {
            ("Mexico", 2000): 0.5,
            ("Mexico", 2001): None,
            ("Mexico", 2002): 0.0,
            ("United States", 2000): 0.5,
        }
        assert {layer["mark"]["type"] for layer in spec["layer"]} == {"line", "rule"}
        assert "Mexico" in charts.to_svg(made, "en")


def test_every_word_of_a_chart_is_in_both_languages():
    table = base.LABELS
    assert all(set(words) == {"en", "es"} and all(words.values()) for words in table.values())
    folder = resources.files("confianza.reports").joinpath("charts")
    source = "".join(
        file.read_text(encoding="utf-8") for file in folder.iterdir() if file.name.endswith(".py")
    )
    unused = [
        key for key in table if not key.startswith(("by_", "title_", "tip_")) and f'"{key}"' not in source
    ]
    assert [key for key in unused if "->" not in key] == []


def test_the_trust_chart_shows_the_index_and_never_a_mean_without_its_interval():
    spec = charts.to_spec(DRAWN["trust"]("en", charts.WIDE))
    shown = {(row["direction"], row["year"]): row for row in rows(spec) if "score" in row}
    assert len(shown) == 200
    last = INDEX.direction("US")[-1]
    row = shown["United States → Mexico", 2013]
    assert (row["score"], row["lower"], row["upper"]) == pytest.approx(
        (last.score, last.score_lower, last.score_upper), abs=1e-3
    )
    marks = {row["year"] for row in rows(spec) if "act" in row}
    assert marks == {event.year for event in INDEX.events}


def test_the_money_chart_adds_up_to_what_was_enacted():
    spec = charts.to_spec(DRAWN["money"]("en", charts.WIDE))
    assert sum(row["millions"] for row in rows(spec)) == pytest.approx(1930.1)


def test_the_share_chart_leaves_out_a_year_that_the_thesis_lacks():
    spec = charts.to_spec(DRAWN["share"]("en", charts.WIDE))
    thesis = {row["fiscal_year"] for row in rows(spec) if row.get("source") == "thesis, students"}
    assert thesis == {"2008", "2009", "2010", "2011", "2012"}


def test_the_seat_chart_shows_every_option_of_the_plan():
    plan = plan_seats(seat_options(FIGURES), default_request(FIGURES))
    spec = charts.to_spec(DRAWN["seats"]("es", charts.WIDE))
    shown = [row["seats"] for row in rows(spec) if row.get("what") == "plan"]
    assert shown == [seats for _, seats in plan.seats]


def test_a_year_without_a_record_keeps_its_place():
    spec = charts.to_spec(charts.years_chart({2008: 3, 2011: 5}, "students", "en"))
    assert spec["layer"][0]["encoding"]["x"]["scale"]["domain"] == ["2008", "2009", "2010", "2011"]


def test_only_the_largest_amounts_are_drawn_and_the_title_says_so():
    amounts = [charts.Amount(f"school {count}", count) for count in range(training.MOST_BARS + 1)]
    spec = charts.to_spec(charts.amounts_chart(amounts, "school_code", "dollars", "es"))
    rows = next(iter(spec["datasets"].values())) if "datasets" in spec else spec["data"]["values"]
    assert [row["amount"] for row in rows] == list(range(training.MOST_BARS, 0, -1))
    assert spec["title"]["text"] == ["Dólares (US$) por escuela (los 15 mayores)"]


@pytest.mark.parametrize("width", [charts.WIDE, charts.NARROW])
def test_the_map_shows_every_place_within_its_frame(width):
    points = [charts.Point("Garmisch", 11.1, 47.49, 9), charts.Point("Fort Benning", -84.95, 32.36, 40)]
    west, south, east, north = places.map_extent(points)
    assert all(west < point.longitude < east and south < point.latitude < north for point in points)
    svg = charts.to_svg(charts.places_map(points, "students", "en", width), "en")
    assert "Garmisch" in svg
    assert "Fort Benning" in svg


def test_a_name_at_the_eastern_edge_of_the_map_stands_before_its_place():
    points = [charts.Point("Garmisch", 11.1, 47.49, 9), charts.Point("Fort Benning", -84.95, 32.36, 40)]
    svg = charts.to_svg(charts.places_map(points, "students", "en"), "en")
    texts = re.findall(r'text-anchor="(start|end)"[^>]*>([^<]*)', svg)
    anchors = {name: anchor for anchor, name in texts}
    assert anchors["Garmisch"] == "end"
    assert anchors["Fort Benning"] == "start"


def test_names_on_the_map_do_not_run_into_one_another():
    far = [
        charts.Point("Cape Disappointment", -124.0, 46.3, 5),
        charts.Point("Garmisch-Partenkirchen", 11.1, 47.5, 4),
    ]
    for width, count in ((charts.WIDE, 2), (charts.NARROW, 1)):
        assert len(places.named_points(far, (-165.0, 10.0, 20.0, 60.0), width)) == count
    near = [charts.Point("larger", -77.0, 38.9, 5), charts.Point("smaller", -77.1, 38.8, 4)]
    assert [point.name for point in places.named_points(near, places.map_extent(near), charts.WIDE)] == [
        "larger"
    ]


def test_an_indicator_breaks_its_line_at_a_missing_year_and_tells_sources_by_dash():
    found = [
        series
        for file in packaged_records()
        for series in series_of(file.observations, source=file.source, release=file.release)
        if (series.indicator_code, series.part) == ("desertions", "sedena")
    ]
    spec = charts.to_spec(charts.indicator_chart(indicators()["desertions"], found, "es"))
    values = {(row["series"], row["year"]): row["value"] for row in next(iter(spec["datasets"].values()))}
    assert values["México · sedena-desertions-2016", 2011] is None
    assert values["México · jornada-2007", 2005] == 20_224
    assert spec["encoding"]["color"]["scale"]["range"] == [base.BLUE, base.BLUE]
    assert spec["encoding"]["strokeDash"]["scale"]["range"] == [[1, 0], [6, 3]]
    assert spec["title"]["text"] == ["Deserciones en un año"]


def marks(spec) -> list[dict]:
    """Every mark of a compiled specification."""
    return [part for mark in spec["marks"] for part in [mark, *(marks(mark) if "marks" in mark else [])]]


def answers(spec, channel: str) -> set[str]:
    """The marks that answer by a channel, by their types."""
    return {mark["type"] for mark in marks(spec) if channel in mark.get("encode", {}).get("update", {})}


def test_a_mark_opens_what_it_was_given_and_a_picture_does_not():
    chart = charts.years_chart({2008: 3, 2011: 5}, "students", "en", opens=lambda year: f"rows?{year}")
    compiled = charts.to_vega(chart, "en")
    assert "rect" in answers(compiled, "href")
    assert {row["href"] for data in compiled["data"] for row in data.get("values", [])} == {
        "rows?2008",
        "rows?2011",
    }
    assert "<a" not in charts.to_svg(chart, "en")
    plain = charts.to_vega(charts.years_chart({2008: 3}, "students", "en"), "en")
    assert answers(plain, "href") == set()


def test_the_points_of_a_line_answer_and_the_line_does_not():
    """A line is one mark of every year: it would tell and open its first."""
    compiled = charts.to_vega(
        charts.trust_chart(INDEX, MEXICO.names, "en", opens=lambda year: f"acts?{year}"), "en"
    )
    assert answers(compiled, "href") == {"symbol"}
    assert answers(compiled, "tooltip") == {"symbol"}
    tips = [mark["encode"]["update"].get("tooltip", {}).get("signal", "") for mark in marks(compiled)]
    assert any("Lower bound" in tip and "Upper bound" in tip for tip in tips), "no mean without its interval"


@pytest.mark.parametrize(("language", "word"), [("en", "Fiscal year"), ("es", "Año fiscal")])
def test_the_tip_of_a_fiscal_year_says_so(language, word):
    compiled = charts.to_vega(charts.years_chart({2008: 3}, "students", language), language)
    tips = [
        mark["encode"]["update"]["tooltip"]["signal"] for mark in marks(compiled) if mark["type"] == "rect"
    ]
    assert tips
    assert all(f'"{word}"' in tip for tip in tips)


def test_the_event_chart_shows_every_event_once_and_law_and_border_beside_the_classes():
    found = [row for row in rows(charts.to_spec(DRAWN["events"]("en", charts.WIDE))) if "event_class" in row]
    assert sum(row["events"] for row in found) == sum(year.events for year in EVENT_YEARS)
    assert {row["bar"] for row in found if row["event_class"] == "law and border"} == {"law"}
    assert [row["event_class"] for row in found if row["year"] == "2021"] == ["class unknown"]
