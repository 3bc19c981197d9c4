"""The drawing of the command structures: every office once, inside the picture, its lines and links as told."""

import re
from xml.etree import ElementTree as Xml

import pytest

from confianza.cooperation.institutions import packaged_structure
from confianza.reports.structure import branch, draw_structure, levels

SVG = "{http://www.w3.org/2000/svg}"


def drawn(language="en", **how):
    text = draw_structure(
        packaged_structure("us-mexico"),
        language,
        page_of=lambda code: f"/i/{code}/",
        branch_of=lambda code: f"/?branch={code}",
        **how,
    )
    assert " style=" not in text
    return Xml.fromstring(text)  # noqa: S314


def boxes(picture):
    """x, y, width and height of each box by the code it leads to."""
    found = {}
    for link in picture.iter(f"{SVG}a"):
        rectangle = link.find(f"{SVG}rect")
        if rectangle is not None:
            code = link.get("href").split("/")[2]
            assert code not in found
            found[code] = tuple(float(rectangle.get(name)) for name in ("x", "y", "width", "height"))
    return found


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_office_is_drawn_once_within_the_picture_and_none_over_another(language):
    picture = drawn(language)
    found = boxes(picture)
    assert set(found) == {item.code for item in packaged_structure("us-mexico").institutions}
    _, _, width, height = map(float, picture.get("viewBox").split())
    places = list(found.values())
    assert all(x >= 0 and x + w <= width and y + h <= height for x, y, w, h in places)
    for number, (x, y, w, h) in enumerate(places):
        for x2, y2, w2, h2 in places[number + 1 :]:
            assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y


def test_counterparts_are_joined_across_the_border_as_told():
    joined = {path.get("data-counterpart") for path in drawn().iter(f"{SVG}path")} - {None}
    assert joined == {
        f"{item.code}:{other}"
        for item in packaged_structure("us-mexico").institutions
        for other in item.counterparts
    }


def test_advice_is_dashed_and_command_is_not():
    dashed = {
        link.get("href").split("/")[2]
        for link in drawn().iter(f"{SVG}a")
        if link.find(f"{SVG}rect") is not None and link.find(f"{SVG}rect").get("stroke-dasharray")
    }
    assert dashed == {item.code for item in packaged_structure("us-mexico").institutions if item.is_advisory}
    assert "national-security-council" in dashed


def test_a_branch_is_drawn_with_what_is_above_it_and_its_counterparts():
    found = set(boxes(drawn(root="semar")))
    below = branch(packaged_structure("us-mexico"), "semar")
    assert {"semar", "mexican-navy", "navy-staff", "naval-zone-1", "cesnav"} <= below
    across = {"usnorthcom", "sco", "northcom-deputy", "coast-guard", "chds"}
    above = {"president", "president-us", "secretary-of-defense", "homeland-security"}
    assert found == below | across | above


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_first_levels_of_both_sides_fit_on_a_page(language):
    picture = drawn(language, depth=3)
    _, _, width, height = map(float, picture.get("viewBox").split())
    assert len(boxes(picture)) < 60
    assert width < 1100
    assert height < 2600


@pytest.mark.parametrize("depth", range(1, levels(packaged_structure("us-mexico")) + 1))
def test_what_a_level_hides_is_told_by_its_number(depth):
    picture = drawn(depth=depth)
    texts = [text.text for text in picture.iter(f"{SVG}text")]
    hidden = sum(int(re.fullmatch(r"\+ (\d+) more", text)[1]) for text in texts if text and " more" in text)
    assert len(boxes(picture)) + hidden == len(packaged_structure("us-mexico").institutions)
    assert (hidden == 0) == (depth == levels(packaged_structure("us-mexico")))


def test_the_size_changes_the_picture_and_not_what_is_in_it():
    half, whole = drawn(percent=50), drawn()
    assert half.get("viewBox") == whole.get("viewBox")
    assert int(half.get("width")) == pytest.approx(int(whole.get("width")) / 2, abs=1)
