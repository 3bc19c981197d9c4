"""What the marks of a chart open: the list of their records, in the partnership whose page the chart is on."""

import json

import lxml.html
import pytest

from confianza.server.web.charts import CHARTS

# An address of each chart, and of a mark the page it opens with the part of that page.
OPENED = [
    ("trust", "", "/relationship/?year=1914", None),
    ("relationship", "year=1914", "/records/1914-tampico-arrest/", None),
    (
        "share",
        "",
        "/training-reports/rows/?partner_code=MX&from_fy=2008&to_fy=2008&program_family=imet",
        None,
    ),
    (
        "students",
        "",
        "/training-reports/rows/?partner_code=MX&from_fy=2008&to_fy=2008&program_family=imet&category=pme",
        None,
    ),
    ("money", "", "/#money-2008", "money-2008"),
    ("seats", "", "/training-reports/schools/WHINSEC/", None),
    ("training", "by=fiscal_year", "/training-reports/rows/?from_fy=2008&to_fy=2008", None),
    ("training", "by=school_code", "/training-reports/schools/WHINSEC/", None),
    (
        "training",
        "by=category&partner_code=MX",
        "/training-reports/rows/?partner_code=MX&category=pme",
        None,
    ),
    ("places", "partner_code=MX", "/training-reports/schools/AIR-UNIVERSITY/", None),
    (
        "places",
        "partner_code=MX",
        "/training-reports/?partner_code=MX#place-washington-dc",
        "place-washington-dc",
    ),
    (
        "pme",
        "partner_code=MX&program_family=imet",
        "/training-reports/rows/?partner_code=MX&from_fy=2008&to_fy=2008&program_family=imet",
        None,
    ),
    (
        "series",
        "a=US&b=MX&measure=un-agreement",
        "/series/?a=US&b=MX#un-agreement",
        "un-agreement",
    ),
    ("alumni", "partner=BN", "/alumni/graph/?partner=BN&on=2012-12-31", None),
    ("events", "a=US&b=MX", "/events/?a=US&b=MX&publisher=gdelt&year=2020#months", "months"),
    (
        "profile",
        "a=MX&b=US&indicator=desertions&part=sedena",
        "/profile/?a=MX&b=US#desertions-sedena-mx-sedena-desertions-2016-2026-11",
        "desertions-sedena-mx-sedena-desertions-2016-2026-11",
    ),
]


@pytest.fixture(autouse=True)
def _event_data(request):
    """The chart of event data needs a file, which the workspace does not come with."""
    if getattr(request.node, "callspec", None) and request.node.callspec.params.get("name") == "events":
        request.getfixturevalue("event_file")


def opened_by(client, name: str, query: str, width: str = "wide", prefix: str = "") -> set[str]:
    answer = client.get(f"{prefix}/charts/{name}-{width}.json?{query}")
    assert answer.status_code == 200
    tables = [data.get("values") for data in json.loads(answer.content)["spec"]["data"]]
    rows = [row for table in tables if isinstance(table, list) for row in table]
    return {row["href"] for row in rows if row.get("href")}


def test_every_chart_opens_its_records():
    """None is left out: a new chart says here what its marks open."""
    assert {name for name, *_ in OPENED} == set(CHARTS)


@pytest.mark.parametrize(("name", "query", "address", "part"), OPENED)
def test_a_mark_opens_the_list_of_its_records(client_of, name, query, address, part):
    client = client_of("assessor")
    every = opened_by(client, name, query)
    assert address in every
    assert opened_by(client, name, query, "narrow") == every
    page = client.get(address.partition("#")[0])
    assert page.status_code == 200
    if part:
        document = lxml.html.document_fromstring(page.content.decode())
        assert len(document.xpath(f"//*[@id='{part}']")) == 1


@pytest.mark.parametrize(("name", "query", "address", "part"), OPENED)
def test_a_mark_opens_its_records_in_the_partnership_and_in_either_language(
    client_of, name, query, address, part
):
    english = opened_by(client_of("assessor"), name, query, prefix="/p/us-mx")
    spanish = opened_by(client_of("assessor", "es"), name, query, prefix="/p/us-mx")
    assert f"/p/us-mx{address}" in english
    assert english == spanish
    assert all(found.startswith("/p/us-mx/") for found in english)


def test_the_thesis_has_no_rows_to_open(client_of):
    """Its figures are a printed table: a point of the thesis opens nothing, all else of the chart does."""
    body = client_of("assessor").get("/charts/share-wide.json").json()
    rows = [row for data in body["spec"]["data"] for row in data.get("values", []) if "source" in row]
    assert {row["source"] for row in rows if not row["href"]} == {"thesis, students"}


@pytest.mark.parametrize(("name", "query"), [(name, query) for name, query, *_ in OPENED])
def test_a_picture_of_a_chart_carries_no_link(client_of, name, query):
    svg = client_of("assessor").get(f"/charts/{name}-wide.svg?{query}").content.decode()
    assert "<a" not in svg
    assert "href=" not in svg


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("/training-reports/?by=school_code", "/training-reports/schools/WHINSEC/"),
        ("/trust/", "/relationship/?year=2008"),
        ("/seat-plan/", "/training-reports/schools/WHINSEC/"),
        ("/alumni/graph/?partner=BN", "?partner=BN&on=2012-12-31"),
    ],
)
def test_the_table_below_a_chart_leads_where_its_marks_do(client_of, page, address):
    document = lxml.html.document_fromstring(client_of("assessor").get(page).content.decode())
    assert any(link.startswith(address) for link in document.xpath("//table//a/@href"))


def test_the_relationship_is_narrowed_to_a_year_and_says_what_moved_trust_then(client_of):
    client = client_of("assessor")
    document = lxml.html.document_fromstring(client.get("/relationship/?year=1914").content.decode())
    days = [cell.text_content() for cell in document.xpath("//tbody//th")]
    assert days
    assert all(day.startswith("1914") for day in days)
    assert "/trust/?direction=US&year=1914#moved" in document.xpath("//a/@href")
    assert "No record matches the search." in client.get("/relationship/?year=1915").content.decode()
    assert client.get("/relationship/?year=x").status_code == 400
