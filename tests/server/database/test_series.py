"""Series in a workspace: imported once, the newest release of a source in front, what ships shown on the page."""

import zipfile

import lxml.html
import pytest
from django.test import Client

from confianza.cooperation.actors import Actor
from confianza.errors import ImportRefusal, PermissionRefusal, RuleRefusal
from confianza.evidence.series import measures
from confianza.server.demo import build_workspace
from confianza.server.evidence.models import ImportRun
from confianza.server.jobs.kinds import KINDS
from confianza.server.people.models import User
from confianza.server.series.documents import measure_list
from confianza.server.series.models import SeriesRelease, StoredSeries
from confianza.server.series.selectors import measures_of_pair, series_between
from confianza.server.series.services import import_series, load_shipped
from tests.people import PEOPLE

ASSESSOR = Actor("assessor", "assessor")
SHIPPED = {"un-votes", "un-ideal-points", "us-foreign-aid", "cow-nmc", "lapop", "opinion-secondary"}
VOTES = "rcid,country_code,vote\n1,US,yes\n1,MX,no\n1,CO,yes\n"
ROLL_CALLS = "rcid,session,date\n1,80,2025-12-01\n"


@pytest.fixture(autouse=True)
def _workspace(db):
    build_workspace()


def votes(folder, text=VOTES):
    path = folder / "votes.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("un_votes.csv", text)
        archive.writestr("un_roll_calls.csv", ROLL_CALLS)
    return path


def page_of(name, address, language="en"):
    client = Client(headers={"accept-language": language})
    user = User.objects.get(username=PEOPLE[name])
    user.language = language
    user.save()
    client.force_login(user)
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(lxml.html.document_fromstring(answer.content.decode()).text_content().split())


def test_the_workspace_of_the_pair_has_what_ships_and_loads_it_once():
    assert {series.source for series in series_between("US", "MX")} == SHIPPED
    assert series_between("MX", "US") != []
    assert not load_shipped(actor=ASSESSOR)


def test_a_file_is_imported_once_and_its_release_stands_in_front_of_an_older_one(tmp_path):
    path = votes(tmp_path)
    (file,), is_new = import_series(path, actor=ASSESSOR)
    assert (file.source, is_new) == ("un-votes", True)
    runs = ImportRun.objects.count()
    assert not import_series(path, actor=ASSESSOR)[1]
    assert ImportRun.objects.count() == runs
    (series,) = series_between("US", "MX", "un-agreement")
    assert [(point.year, point.value, point.n) for point in series.points] == [(2025, 0.0, 1)]
    assert [series.window for series in series_between("US", "CO", "un-agreement")] == [(2025, 2025)]
    assert SeriesRelease.objects.filter(source="un-votes").count() == 2


def test_a_refused_file_changes_nothing(tmp_path):
    rows = StoredSeries.objects.count()
    with pytest.raises(ImportRefusal):
        import_series(votes(tmp_path, VOTES + "1,XX,perhaps\n"), actor=ASSESSOR)
    with pytest.raises(PermissionRefusal):
        import_series(votes(tmp_path), actor=Actor("enlace", "partner_liaison"))
    assert StoredSeries.objects.count() == rows


def test_what_cannot_be_a_pair_or_a_measure_is_refused():
    with pytest.raises(RuleRefusal, match="twice"):
        series_between("US", "US")
    with pytest.raises(RuleRefusal, match="There is no series 'x'"):
        series_between("US", "MX", "x")
    assert series_between("CO", "PE") == []


def test_the_distance_of_ideal_points_is_made_of_both():
    rows = {row.measure.code: row for row in measures_of_pair("US", "MX")}
    own, other = rows["ideal-point"].series
    assert [own.key.from_code, other.key.from_code] == ["US", "MX"]
    (distance,) = rows["ideal-point-distance"].series
    first = next(point for point in distance.points if point.value is not None)
    sides = [next(p for p in side.points if p.year == first.year).value for side in (own, other)]
    assert first.value == pytest.approx(abs(sides[0] - sides[1]))


def test_every_measure_tells_its_terms_and_the_releases_that_are_here():
    found = {item.code: item for item in measure_list("es")}
    assert set(found) == set(measures())
    assert found["un-agreement"].releases == ["1946–2019"]
    assert found["arms-orders"].releases == []
    assert found["arms-orders"].terms.startswith("Uso no comercial")


def test_the_page_shows_window_source_and_terms_in_both_languages():
    english = page_of("assessor", "/series/")
    for words in (
        "Agreement in the UN General Assembly",
        "1946–2019",
        "CC0 1.0",
        "secondary",
        "Nothing is known before",
    ):
        assert words in english
    spanish = page_of("partner liaison", "/series/?a=US&b=MX", "es")
    assert "Coincidencia en la Asamblea General de la ONU" in spanish
    assert "Punto ideal" in spanish


def test_the_page_of_one_country_twice_asks_for_two():
    client = Client()
    client.force_login(User.objects.get(username=PEOPLE["assessor"]))
    answer = client.get("/series/?a=MX&b=MX")
    assert answer.status_code == 400
    assert "Choose two different countries." in answer.content.decode()


def test_the_page_of_imports_takes_series_and_every_form_of_the_world_bank(tmp_path):
    assert KINDS["world-bank"].suffixes == (".csv", ".zip", ".xls", ".xlsx")
    outcome = KINDS["series"].run(votes(tmp_path), {}, ASSESSOR, lambda done, count: None)
    assert outcome.es == "3 valores importados (un-votes)."
    path = tmp_path / "nmc.csv"
    path.write_text("ccode,year,milex,milper,tpop,cinc\n2,2023,9,1,2,0.2\n")
    assert KINDS["capabilities"].run(path, {}, ASSESSOR, lambda done, count: None).en == "3 figures imported."


def test_the_force_profile_of_the_united_states_rests_on_the_capabilities_data():
    text = page_of("assessor", "/profile/?a=US&b=MX")
    assert "cow-nmc" in text
