"""The path diagram shows every variable and value once, and nothing hides anything."""

import re
from itertools import pairwise

import pytest
from defusedxml import ElementTree

from benchmarks.sem_bootstrap import DEMOCRACY
from confianza import sem
from confianza.errors import ModelError
from tests.sem.referee import read_data

SVG = "{http://www.w3.org/2000/svg}"
NINE = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"


@pytest.fixture(scope="module")
def democracy():
    return sem.sem(DEMOCRACY, read_data("political"))


def texts(svg, kind=None) -> list[str]:
    root = ElementTree.fromstring(svg)
    return [one.text for one in root.iter(f"{SVG}text") if one.get("class") == kind]


def boxes(svg) -> dict[str, tuple[float, float, float, float]]:
    """Each variable's figure: left, top, right, bottom."""
    root = ElementTree.fromstring(svg)
    found = {}
    for group in root.iter(f"{SVG}g"):
        children = list(group)
        for figure, name in pairwise(children):
            if figure.get("class") != "node":
                continue
            if figure.tag == f"{SVG}ellipse":
                x, y, w, h = (float(figure.get(part)) for part in ("cx", "cy", "rx", "ry"))
                found[name.text] = (x - w, y - h, x + w, y + h)
            else:
                x, y, w, h = (float(figure.get(part)) for part in ("x", "y", "width", "height"))
                found[name.text] = (x, y, x + w, y + h)
    return found


def test_latent_variables_are_ellipses_and_observed_ones_rectangles(democracy):
    root = ElementTree.fromstring(democracy.diagram())
    assert len(list(root.iter(f"{SVG}ellipse"))) == 3
    assert len([one for one in root.iter(f"{SVG}rect") if one.get("class") == "node"]) == 11


def test_every_estimate_is_written_once(democracy):
    shown = sorted(texts(democracy.diagram(), "value"))
    table = democracy.estimates
    expected = sorted(
        f"{value:.2f}".replace("-", "−")
        for op, value in zip(table["op"], table["est"], strict=True)
        if op in {"=~", "~", "~~"}
    )
    assert shown == expected


def test_standardized_values_on_demand(democracy):
    (value,) = (
        row["est"]
        for row in democracy.standardized().rows()
        if (row["lhs"], row["rhs"]) == ("dem60", "ind60")
    )
    svg = democracy.diagram(standardized=True)
    assert f"{value:.2f}" in texts(svg, "value")
    assert "standardized" in ElementTree.fromstring(svg).find(f"{SVG}title").text


def test_causes_stand_left_of_effects_and_nothing_overlaps(democracy):
    placed = boxes(democracy.diagram())
    assert placed["ind60"][2] < placed["dem60"][0]
    assert placed["dem60"][2] < placed["dem65"][0]
    assert all(placed[name][2] < placed["ind60"][0] for name in ("x1", "x2", "x3"))
    assert all(placed[name][3] < placed["dem60"][1] for name in ("y1", "y2", "y3", "y4"))
    assert all(placed[name][0] > placed["dem65"][2] for name in ("y5", "y6", "y7", "y8"))
    names = list(placed)
    for place, first in enumerate(names):
        for second in names[place + 1 :]:
            a, b = placed[first], placed[second]
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], (first, second)


def test_picture_says_in_words_what_it_shows(democracy):
    root = ElementTree.fromstring(democracy.diagram())
    assert root.get("role") == "img"
    named = root.get("aria-labelledby").split()
    assert [root.find(f"{SVG}{part}").get("id") for part in ("title", "desc")] == named
    said = root.find(f"{SVG}desc").text
    (value,) = (
        row["est"] for row in democracy.estimates.rows() if (row["lhs"], row["rhs"]) == ("dem60", "ind60")
    )
    assert f"ind60 → dem60 {value:.2f}" in said
    assert "y1 ↔ y5" in said


def test_groups_stand_below_one_another_or_alone():
    fit = sem.cfa(NINE, read_data("hs"), group="school")
    assert texts(fit.diagram(), "heading") == ["Pasteur", "Grant-White"]
    alone = fit.diagram(group="Grant-White")
    assert texts(alone, "heading") == ["Grant-White"]
    assert fit.diagram(group=2) == alone
    with pytest.raises(ModelError, match="Groups: Pasteur, Grant-White"):
        fit.diagram(group="Chicago")


def test_fixed_values_are_dashed_and_circles_are_drawn():
    data = read_data("political")
    fit = sem.sem("y1 ~ y2 + x1\ny2 ~ y1 + x2", data)
    assert set(boxes(fit.diagram())) == {"y1", "y2", "x1", "x2"}
    cfa = sem.cfa("f =~ x1 + x2 + x3", data).diagram()
    assert len(re.findall(r'class="path fixed"', cfa)) == 1


def test_names_that_xml_would_misread_are_escaped():
    data = {f"a&{name}": values for name, values in read_data("political").items()}
    fit = sem.sem([{"lhs": "a&y1", "op": "~", "rhs": "a&x1"}], data)
    assert set(boxes(fit.diagram())) == {"a&y1", "a&x1"}
