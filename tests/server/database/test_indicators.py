"""Indicators in a workspace: imported once, editions beside each other, every figure with its source."""

import csv
import html
from dataclasses import replace
from datetime import date
from importlib import import_module
from io import BytesIO, StringIO
from urllib.parse import parse_qsl

import openpyxl
import polars
import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.test.utils import CaptureQueriesContext

from confianza.cooperation.actors import Actor
from confianza.cooperation.institutions import Link, packaged_structure
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.sources import Reference
from confianza.errors import ImportRefusal, PermissionRefusal, RuleRefusal
from confianza.server.audit.models import AuditEvent
from confianza.server.demo import build_workspace
from confianza.server.evidence.models import ImportRun
from confianza.server.indicators.exports import COLUMNS, figure_parts
from confianza.server.indicators.models import Figure, Release
from confianza.server.indicators.selectors import (
    coverage,
    every_release,
    known_indicator,
    latest_series,
    profiles,
    stored_figures,
)
from confianza.server.indicators.services import import_indicators
from confianza.server.institutions.models import Institution
from confianza.server.institutions.selectors import command_structure, partnerships
from confianza.server.institutions.services import load_institutions
from confianza.server.training_reports.selectors import TrainingQuery, training_rows

ASSESSOR = Actor("assessor", "assessor")
YEARS = (2010, 2011, 2012)


def download(
    tmp_path,
    values,
    *,
    code="MS.MIL.XPND.GD.ZS",
    name="Military expenditure (% of GDP)",
    updated="2024-05-30",
):
    """A World Bank CSV of Mexico and the United States; `values` by country code, one a year."""
    lines = ['"Data Source","World Development Indicators",', f'"Last Updated Date","{updated}",']
    lines.append(",".join(["Country Name,Country Code,Indicator Name,Indicator Code", *map(str, YEARS)]))
    lines += [
        ",".join([country, country, f'"{name}"', code, *map(str, figures)])
        for country, figures in values.items()
    ]
    path = tmp_path / f"API_{code}_{updated}.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def brought_in(path, kind="worldbank"):
    return import_indicators(path, kind=kind, actor=ASSESSOR)


def written(form, **narrowed):
    return b"".join(figure_parts(stored_figures(**narrowed), form))


def of_bank(series):
    return [item for item in series if item.source == "worldbank-wdi"]


def test_the_same_file_twice_changes_nothing(tmp_path):
    path = download(tmp_path, {"MEX": [0.45, 0.48, 0.52]})
    assert brought_in(path)[1] is True
    counts = [model.objects.count() for model in (ImportRun, Release, Figure, AuditEvent)]
    assert brought_in(path)[1] is False
    assert [model.objects.count() for model in (ImportRun, Release, Figure, AuditEvent)] == counts


def test_a_refused_file_leaves_nothing(tmp_path):
    path = download(tmp_path, {"MEX": [0.45, "0.48 (e)", 0.52]})
    counts = [model.objects.count() for model in (ImportRun, Release, Figure, AuditEvent)]
    with pytest.raises(ImportRefusal):
        brought_in(path)
    assert [model.objects.count() for model in (ImportRun, Release, Figure, AuditEvent)] == counts


def test_a_newer_edition_is_shown_and_the_older_is_kept(tmp_path):
    """Also when the older one is imported last; what the newer withdrew is missing, not filled from the older."""
    brought_in(download(tmp_path, {"MEX": [0.45, 0.48, ""]}, updated="2025-05-30"))
    brought_in(download(tmp_path, {"MEX": [0.44, 0.47, 0.52]}, updated="2024-05-30"))
    (series,) = of_bank(latest_series("MX", "expenditure-gdp"))
    assert series.release == "2025-05-30"
    assert {year: point.value for year, point in series.by_year.items()} == {2010: 0.45, 2011: 0.48}
    assert series.missing_years == (2012,)
    releases = of_bank(every_release("MX", "expenditure-gdp"))
    assert [item.release for item in releases] == ["2025-05-30", "2024-05-30"]
    assert releases[1].by_year[2012].value == 0.52


def sipri_book(tmp_path, last, value, copyright_year=2023, name=None):
    book = openpyxl.Workbook()
    sheet = book.create_sheet(f"Constant ({last - 1}) US$")
    sheet.append(
        [f"Military expenditure, in constant ({last - 1}) US$ m., 2019-{last} © SIPRI {copyright_year}"]
    )
    sheet.append(["Country", "Notes", *range(2019, last + 1)])
    sheet.append(["Mexico", None, *([value] * (last - 2018))])
    path = tmp_path / (name or f"sipri-{last}.xlsx")
    book.save(path)
    return path


def of_sipri(series):
    return [(item.release, item.by_year[2019].value / 1e6) for item in series if item.source == "sipri-milex"]


@pytest.mark.parametrize("order", [(2021, 2023), (2023, 2021)])
def test_the_newer_of_two_workbooks_with_one_copyright_is_shown_whichever_came_first(tmp_path, order):
    for last in order:
        brought_in(sipri_book(tmp_path, last, last), "sipri")
    assert of_sipri(latest_series("MX", "expenditure-constant")) == [("2023", 2023)]


def test_two_files_of_one_edition_are_told_apart_by_the_day_of_release(tmp_path):
    first = sipri_book(tmp_path, 2023, 100, name="first.xlsx")
    second = sipri_book(tmp_path, 2023, 101, name="second.xlsx")
    brought_in(first, "sipri")
    with pytest.raises(ImportRefusal, match="other figures of this release") as refusal:
        brought_in(second, "sipri")
    assert refusal.value.problems[0].params["other"] == "first.xlsx"
    for path, day in ((first, date(2024, 4, 22)), (second, date(2024, 3, 1))):
        import_indicators(path, kind="sipri", actor=ASSESSOR, released=day)
    assert of_sipri(every_release("MX", "expenditure-constant")) == [
        ("2023, released 2024-04-22", 100),
        ("2023, released 2024-03-01", 101),
    ]


def test_two_downloads_of_one_day_that_contradict_each_other_are_a_refusal(tmp_path):
    brought_in(download(tmp_path, {"MEX": [0.45, 0.48, 0.52]}))
    with pytest.raises(ImportRefusal, match="other figures of this release"):
        brought_in(download(tmp_path, {"MEX": [0.45, 0.49, 0.52]}))
    assert brought_in(download(tmp_path, {"MEX": [0.45, 0.48, 0.52], "USA": [1, 2, 3]}))[1]


def test_records_of_one_source_add_up(tmp_path):
    path = tmp_path / "more.csv"
    path.write_text(
        "indicator,country,part,year,value,source\ncomplaints,MX,sedena,2016,464,sedena-complaints-2016\n"
    )
    brought_in(path, "records")
    series = [
        item
        for item in latest_series("MX", "complaints")
        if (item.source, item.part) == ("sedena-complaints-2016", "sedena")
    ]
    assert [sorted(item.by_year) for item in series] == [[2012, 2013, 2014, 2015, 2016]]


def test_the_thesiss_share_of_2012_stands_beside_the_publishers(tmp_path):
    """0.44 and 0.52 % in the text, p. 29, which cites the World Bank's series."""
    brought_in(download(tmp_path, {"MEX": [0.45, 0.48, 0.52], "USA": [4.9, 4.8, 4.5]}))
    row = next(row for row in profiles("MX", "US") if row.indicator.code == "expenditure-gdp")
    assert [series.source for series in row.by_country[0]] == ["worldbank-wdi", "martinez-2014"]
    values = {series.source: series.by_year[2012].value for series in row.by_country[0]}
    assert values["worldbank-wdi"] == pytest.approx(values["martinez-2014"])
    assert row.substitute(row.by_country[0][0]) is not None  # SIPRI's own workbook is preferred
    multiple = next(row for row in profiles("US") if row.indicator.code == "defence-budget-multiple")
    assert round(4.5 / 0.52) == 9 != multiple.by_country[0][0].latest.value


def test_missing_places_are_counted_by_edition(tmp_path):
    brought_in(download(tmp_path, {"MEX": [0.45, "", 0.52], "USA": ["", "", 4.5]}))
    (item,) = [item for item in coverage() if item.source == "worldbank-wdi"]
    assert (item.country_count, item.first_year, item.last_year) == (2, 2010, 2012)
    assert (item.figure_count, item.missing_count) == (3, 3)


def test_an_indicator_of_the_bank_alone_goes_by_its_own_name(tmp_path):
    brought_in(download(tmp_path, {"MEX": [1, 2, 3]}, code="SL.TLF.TOTL.IN", name="Labor force, total"))
    assert known_indicator("SL.TLF.TOTL.IN").name.en == "Labor force, total"
    with pytest.raises(RuleRefusal) as refusal:
        known_indicator("SL.TLF")
    assert "SL.TLF.TOTL.IN" in str(refusal.value)


@pytest.mark.parametrize("role", permission_table().roles)
def test_each_role_imports_indicators_if_the_table_says_so(tmp_path, role):
    path, actor = download(tmp_path, {"MEX": [1, 2, 3]}), Actor("x", role)
    if permission_table().may(role, "import_indicators"):
        assert import_indicators(path, kind="worldbank", actor=actor)[1]
    else:
        with pytest.raises(PermissionRefusal):
            import_indicators(path, kind="worldbank", actor=actor)
        assert not Release.objects.filter(source="worldbank-wdi").exists()


def test_exports_hold_every_figure_with_file_and_digest():
    count = Figure.objects.count()
    rows = list(csv.DictReader(StringIO(written("csv").decode("utf-8-sig"))))
    assert len(rows) == count
    desertion = next(row for row in rows if (row["indicator"], row["year"]) == ("desertions", "2005"))
    assert (desertion["value"], desertion["source"], desertion["place"]) == (
        "20224.0",
        "jornada-2007",
        "p. 18",
    )
    assert desertion["digest"] == ImportRun.objects.get(file_name=desertion["file"]).digest
    sheet = openpyxl.load_workbook(BytesIO(written("xlsx"))).active
    assert (sheet.max_row, [cell.value for cell in sheet[1]]) == (count + 1, list(COLUMNS))
    frame = polars.read_parquet(BytesIO(written("parquet")))
    assert frame.height == count
    assert frame["value"].sum() == pytest.approx(sum(float(row["value"]) for row in rows))
    assert {line.split(",")[1] for line in written("csv", country="US").decode().splitlines()[1:]} == {"US"}


def test_an_edition_leads_to_the_file_it_was_read_from(client_of, tmp_path):
    path = download(tmp_path, {"MEX": [0.45, 0.48, 0.52]})
    brought_in(path)
    digest = ImportRun.objects.get(file_name=path.name).digest
    client = client_of("partner liaison")
    assert f'href="/profile/files/{digest}/"' in client.get("/profile/").content.decode()
    assert b"".join(client.get(f"/profile/files/{digest}/").streaming_content) == path.read_bytes()
    assert client.get(f"/profile/files/{'0' * 64}/").status_code == 404


# --- pages and interface ------------------------------------------------------------------------------


def test_the_profile_names_the_source_of_every_figure_and_what_is_missing(client_of):
    page = " ".join(client_of("partner liaison").get("/profile/").content.decode().split())
    assert "265,812" in page
    assert "2014 · resdal-atlas-2014" in page
    assert "453.7" in page
    assert "more than 60 %" in page
    assert '<span class="quiet">missing</span>' in page
    assert "Values stand only in the image" in page


def test_a_pair_that_is_none_is_told_and_not_shown(client_of):
    answer = client_of("assessor").get("/profile/?a=MX&b=XX")
    assert answer.status_code == 400
    assert "265,812" not in answer.content.decode()


def test_the_chart_of_an_indicator_is_drawn_where_there_are_years(client_of):
    client = client_of("assessor", "es")
    drawn = client.get("/charts/profile-narrow.svg?indicator=desertions&part=sedena")
    assert drawn.status_code == 200
    assert "Deserciones en un año" in drawn.content.decode()
    for none in ("?indicator=gdp-rank", "?indicator=no-such", "?part=sedena", ""):
        assert client.get(f"/charts/profile-narrow.svg{none}").status_code == 404
    assert client.get("/charts/profile-narrow.svg?indicator=desertions&part=sedena&a=XX").status_code == 404


def test_a_chart_reads_no_other_indicator_however_many_are_here(client_of, tmp_path):
    def queries(address):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        return [query["sql"] for query in asked]

    def bring(*codes):
        for code in codes:
            brought_in(download(tmp_path, {"MEX": [1, 2, 3], "USA": [4, 5, 6]}, code=code, name=code))

    client = client_of("assessor")
    bring("SP.POP.TOTL", "MS.MIL.TOTL.P1")
    chart = "/charts/profile-wide.svg?indicator=civilians-per-soldier"
    before = {address: len(queries(address)) for address in ("/profile/", chart, "/api/indicators")}
    bring("SL.TLF.TOTL.IN", "SL.TLF.ADVN.ZS", "SL.TLF.BASC.ZS")
    assert {address: len(queries(address)) for address in before} == before
    figures = [sql for sql in queries(chart) if 'FROM "indicators_figure"' in sql and "DISTINCT" not in sql]
    assert len(figures) == 6
    assert all('"indicators_figure"."indicator_code" = ' in sql for sql in figures)


def test_the_page_of_an_institution_tells_its_place_and_its_figures(client_of):
    page = client_of("assessor").get("/institutions/sedena/").content.decode()
    for words in (
        "President of Mexico",
        "National Defense Staff",
        "United States Northern Command",
        "20,224",
    ):
        assert words in page
    assert client_of("assessor").get("/institutions/nobody/").status_code == 404


@pytest.mark.parametrize(
    ("code", "query"),
    [("semar", "partner_code=MX&institution_code=semar"), ("whinsec", "school_code=WHINSEC")],
)
def test_the_page_of_an_institution_tells_whom_it_sent_or_taught(client_of, code, query):
    page = client_of("assessor").get(f"/institutions/{code}/").content.decode()
    students = sum(row.student_count for row in training_rows(TrainingQuery.of(dict(parse_qsl(query)))))
    assert students > 0
    assert f'href="/training-reports/rows/?{html.escape(query)}">{students:,}</a>' in page
    assert 'href="/profile/"' in page
    assert "public reports" not in client_of("assessor").get("/institutions/dfas/").content.decode()


def test_the_chart_of_the_structures_is_cut_and_enlarged_by_links_alone(client_of):
    client = client_of("assessor")
    whole, cut = (
        client.get(f"/institutions/{query}").content.decode() for query in ("", "?levels=1&size=150")
    )
    assert "data-counterpart" in whole
    drawing = cut[cut.index("<svg") : cut.index("</svg>")]
    assert "SEDENA" not in drawing
    assert "?branch=president#chart" in drawing
    assert client.get("/institutions/?levels=99").status_code == 400
    assert client.get("/institutions/?branch=nobody").status_code == 400


def test_the_interface_gives_series_with_their_places(client_of):
    client = client_of("assessor")
    listed = {item["code"]: item for item in client.get("/api/indicators").json()}
    assert listed["civilians-per-soldier"]["formula"] == "1 * population / personnel"
    assert listed["desertions"]["editions"][0]["figure_count"] == 7
    found = client.get("/api/indicators/desertion-rate", {"country": "MEX"}).json()
    assert {series["source"] for series in found} == {"martinez-2014", "derived"}
    assert client.get("/api/indicators/desertion-rate?country=Atlantis").status_code == 409
    assert client.get("/api/indicators/x?country=MX").status_code == 404


# --- structures -----------------------------------------------------------------------------------------


def test_the_stored_structure_is_that_of_the_package():
    assert command_structure(partnerships()[0]) == packaged_structure("us-mexico")


def test_a_structure_told_anew_is_brought_up_to_date_once():
    Institution.objects.filter(pk="usnorthcom").update(parent=None, place="p. 1")
    builder = Actor("confianza-demo", "assessor")
    assert load_institutions(packaged_structure("us-mexico"), actor=builder) is True
    assert AuditEvent.objects.latest("sequence").payload == {"codes": ["usnorthcom"]}
    assert load_institutions(packaged_structure("us-mexico"), actor=builder) is False
    assert build_workspace() == []


def test_a_counterpart_that_no_source_names_is_not_stored():
    structure = packaged_structure("us-mexico")
    one, other = structure.institutions[:2]
    lonely = replace(one, links=(Link(other.code, Reference("")),))
    with pytest.raises(RuleRefusal, match="counterpart"):
        load_institutions(
            replace(structure, institutions=(lonely,)), actor=Actor("confianza-demo", "assessor")
        )


def test_sipri_editions_of_an_older_workspace_are_named_by_their_last_year(tmp_path):
    for last in (2021, 2023):
        brought_in(sipri_book(tmp_path, last, last), "sipri")
    for last, old in ((2023, "2024"), (2021, "2023")):
        Release.objects.filter(source="sipri-milex", name=str(last)).update(name=old)
    name = "0002_sipri_editions_by_last_year"
    then = MigrationLoader(connection).project_state(("indicators", name)).apps
    import_module(f"confianza.server.indicators.migrations.{name}").rename(then, None)
    assert of_sipri(every_release("MX", "expenditure-constant")) == [("2023", 2023), ("2021", 2021)]
