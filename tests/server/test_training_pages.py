"""The explorer, the PME share against policy, schools and places: what they say equals the rows they lead to."""

import html
import re
from urllib.parse import parse_qsl

import pytest

from confianza.cooperation.money import Money
from confianza.server.training_plans.models import TrainingPlan
from confianza.server.training_reports.models import ReportRow
from confianza.server.training_reports.selectors import TrainingQuery, pme_shares, training_rows

ADDRESSES = [
    "/training-reports/",
    "/training-reports/?partner_code=MEX&by=school_code&measure=dollars",
    "/training-reports/?category=pme&by=level&measure=courses",
    "/training-reports/?partner_code=FR",
    "/training-reports/pme/",
    "/training-reports/pme/?partner_code=&other_code=MX",
    "/training-reports/pme/?program_family=&by=institution_code",
    "/training-reports/pme/?partner_code=&from_fy=2012&to_fy=2012&by=partner_code",
    "/training-reports/imet/",
    "/training-reports/schools/",
    "/training-reports/schools/?partner_code=MX&from_fy=2012&to_fy=2012&program_family=imet&level=staff",
    "/training-reports/schools/WHINSEC/",
    "/training-reports/schools/IADC/",
]


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_of_training_opens_in_its_language(client_of, address, language):
    answer = client_of("assessor", language).get(address)
    page = answer.content.decode()
    assert answer.status_code == (400 if "FR" in address else 200)
    assert f'<html lang="{language}">' in page
    for source in re.findall(r'(?:src|srcset)="(/charts/[^"]+)"', page):
        drawn = client_of("assessor", language).get(html.unescape(source))
        assert drawn.status_code == 200, source
        assert b"<svg" in drawn.content


@pytest.mark.parametrize("address", ADDRESSES[:3] + ADDRESSES[4:12])
def test_every_figure_is_that_of_the_rows_it_opens(client_of, address):
    page = client_of("assessor").get(address).content.decode()
    links = re.findall(r'href="/training-reports/rows/\?([^"]*)">([$\d,.]+)</a>', page)
    assert links
    for query, figure in links:
        rows = training_rows(TrainingQuery.of(dict(parse_qsl(html.unescape(query)))))
        counts = rows.values_list("student_count", "cost_minor")
        students, cost = sum(row[0] for row in counts), sum(row[1] for row in counts)
        dollars = f"${cost / 100:,.2f}".removesuffix(".00")
        assert figure in {f"{students:,}", f"{len(counts):,}", dollars}, (query, figure)


def test_totals_are_those_of_all_rows(client_of):
    rows = ReportRow.objects.filter(partner_code="MX", is_planned=False)
    page = client_of("assessor").get("/training-reports/?partner_code=MX").content.decode()
    total = sum(rows.values_list("student_count", flat=True))
    figure = re.search(
        r'<p class="figure">\s*<a href="/training-reports/rows/\?partner_code=MX">(.*?)</a>', page
    )
    assert figure[1] == f"{total:,}"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("from_fy=2012&amp;to_fy=2008", "is after the last"),
        ("from_fy=12", "is no fiscal year"),
        ("school_code=NOWHERE", "NOWHERE"),
    ],
)
def test_a_query_that_asks_for_nothing_is_told_why(client_of, query, said):
    answer = client_of("assessor").get("/training-reports/?" + html.unescape(query))
    assert answer.status_code == 400
    assert said in html.unescape(answer.content.decode())


def test_every_place_of_the_map_opens_its_rows(client_of):
    page = client_of("assessor").get("/training-reports/?partner_code=MX").content.decode()
    told = page[page.index("The figures of the map") :]
    for code, city in (("IAAFA", "Lackland Air Force Base"), ("WHINSEC", "Fort Benning")):
        rows = training_rows(TrainingQuery("MX", school_code=code))
        opens = (
            f'<a href="/training-reports/rows/?partner_code=MX&amp;school_code={code}">{rows.count():,}</a>'
        )
        place = next(row for row in told.split("<tr>") if f"/training-reports/schools/{code}/" in row)
        assert opens in place
        assert city in place
    assert "/training-reports/schools/IN-COUNTRY/" not in told, "a team that travels has no place"


def test_a_search_without_rows_says_so_and_draws_nothing(client_of):
    page = client_of("assessor").get("/training-reports/?from_fy=1990&to_fy=1990").content.decode()
    assert "No imported row matches the filters" in page
    assert "/charts/" not in page


def test_the_share_is_that_of_imet_as_a_whole(client_of):
    page = client_of("assessor").get("/training-reports/pme/?from_fy=2008&to_fy=2012").content.decode()
    years = re.findall(r'<th scope="row"[^>]*>(\d{4})</th>\s*<td class="n"[^>]*>\s*<a [^>]*>(\d+)</a>', page)
    assert years == [("2008", "27"), ("2009", "120"), ("2010", "61"), ("2011", "49"), ("2012", "47")]


def test_the_share_says_that_no_ceiling_is_recorded(client_of):
    page = client_of("assessor").get("/training-reports/pme/").content.decode()
    assert "print no ceiling" in page
    assert page.count("no ceiling recorded") == 22, "one a year, FY1999 to FY2020"
    of_one_family = client_of("assessor").get("/training-reports/pme/?program_family=imet-x").content.decode()
    assert "no ceiling recorded" not in of_one_family, "a ceiling is of IMET as a whole"


@pytest.mark.parametrize(("beyond_cents", "said"), [(0, "50.0 % met"), (1, "50.0 % not met")])
def test_a_year_with_a_ceiling_is_judged_to_the_cent(client_of, beyond_cents, said):
    (share,) = pme_shares(TrainingQuery("MX", 2012, 2012, program_family="imet"), ())
    ceiling = 2 * share.pme_cost.minor + beyond_cents
    TrainingPlan.objects.create(code="MX-2012", partner_id="MX", fiscal_year=2012, ceiling_minor=ceiling)
    page = client_of("assessor").get("/training-reports/pme/").content.decode()
    assert f"{ceiling // 100:,}" in page
    assert said in " ".join(re.sub("<[^>]+>", " ", page).split())
    assert page.count("no ceiling recorded") == 21
    assert 'href="/training-plans/MX-2012/"' in page


def test_shares_by_country_are_judged_where_they_are_of_one_year(client_of):
    TrainingPlan.objects.create(code="MX-2012", partner_id="MX", fiscal_year=2012, ceiling_minor=1)
    by_country = "/training-reports/pme/?partner_code=&by=partner_code&from_fy=2012"
    page = client_of("assessor").get(f"{by_country}&to_fy=2012").content.decode()
    assert 'href="/training-plans/MX-2012/"' in page
    of_two_years = client_of("assessor").get(f"{by_country[:-1]}1&to_fy=2012").content.decode()
    assert "MX-2012" not in of_two_years
    assert "no ceiling recorded" not in of_two_years, "two years have no ceiling in common"


def test_shares_by_program_are_those_of_its_rows(client_of):
    page = (
        client_of("assessor").get("/training-reports/pme/?program_family=&by=program_family").content.decode()
    )
    for share in pme_shares(TrainingQuery("MX"), ("program_family",)):
        opens = f"/training-reports/rows/?partner_code=MX&amp;program_family={share.group[0]}"
        assert f'<a href="{opens}&amp;category=pme">{share.pme_student_count:,}</a>' in page


@pytest.mark.parametrize(
    ("address", "query"),
    [
        ("/training-reports/?partner_code=MX&by=level", "partner_code=MX"),
        ("/training-reports/pme/", "partner_code=MX&amp;program_family=imet"),
        ("/training-reports/schools/WHINSEC/", "school_code=WHINSEC"),
    ],
)
def test_pages_of_sums_export_their_rows_in_every_form(client_of, address, query):
    page = client_of("assessor").get(address).content.decode()
    for form in ("csv", "xlsx", "parquet"):
        assert f'href="/training-reports/rows.{form}?{query}"' in page


def test_a_ceiling_that_was_not_shared_is_not_shown_to_the_partner(client_of):
    TrainingPlan.objects.create(code="MX-2012", partner_id="MX", fiscal_year=2012, ceiling_minor=123_456_700)
    assert "1,234,567" in client_of("assessor").get("/training-reports/pme/").content.decode()
    assert "1,234,567" not in client_of("partner liaison").get("/training-reports/pme/").content.decode()


@pytest.mark.parametrize(
    ("query", "by"),
    [
        (TrainingQuery("MX", 2012, 2012), ("fiscal_year",)),
        (TrainingQuery("MX", program_family="imet-1"), ("fiscal_year",)),
        (TrainingQuery("MX", program_family="imet", school_code="WHINSEC"), ("fiscal_year",)),
        (TrainingQuery("MX", program_family="imet", status="both"), ("fiscal_year",)),
        (TrainingQuery("MX", program_family="imet"), ()),
        (TrainingQuery(program_family="imet"), ("fiscal_year",)),
        (TrainingQuery("MX", program_family="imet"), ("fiscal_year", "school_code")),
    ],
)
def test_a_ceiling_judges_imet_as_a_whole_of_a_country_and_year_alone(query, by):
    ceilings = {("MX", 2012): Money(100)}
    assert [share for share in pme_shares(query, by, ceilings) if share.ceiling] == []
    whole = pme_shares(TrainingQuery(program_family="imet"), ("partner_code", "fiscal_year"), ceilings)
    assert [share.group for share in whole if share.ceiling] == [("MX", 2012)]


def test_a_school_that_is_not_known_is_not_there(client_of):
    assert client_of("assessor").get("/training-reports/schools/NOWHERE/").status_code == 404


def schools_listed(client, query):
    page = client.get(f"/training-reports/schools/?{query}").content.decode()
    return re.findall(r'href="/training-reports/schools/([A-Z0-9-]+)/"', page)


def test_schools_are_those_of_the_country_years_and_program_asked_for(client_of):
    rows = ReportRow.objects.filter(fiscal_year=2012, program_family__in=["imet-1", "imet-x"])
    platforms = {"IADC", "WHINSEC", "IAAFA"}
    wanted = set(rows.values_list("school_code", flat=True)) | platforms - {"unmatched"}
    listed = schools_listed(
        client_of("assessor"), "partner_code=MX&from_fy=2012&to_fy=2012&program_family=imet"
    )
    assert set(listed) == wanted
    assert set(listed[:3]) == platforms
    assert len(listed) < len(schools_listed(client_of("assessor"), ""))


def test_schools_are_of_the_kind_and_language_asked_for(client_of):
    assessor = client_of("assessor")
    assert set(schools_listed(assessor, "kind=joint&language=es")) == {"WHINSEC"}
    unknown = schools_listed(assessor, "language=-")
    assert "IN-COUNTRY" in unknown
    assert not {"CGSC", "WHINSEC"} & set(unknown)
    assert (
        "No school matches the filters"
        in assessor.get("/training-reports/schools/?kind=mobile&language=es").content.decode()
    )
    assert assessor.get("/training-reports/schools/?kind=castle").status_code == 400


def test_the_table_of_schools_tells_no_language_of_a_team_that_travels(client_of):
    page = client_of("assessor").get("/training-reports/schools/?kind=mobile").content.decode()
    table = page[page.index("<tbody>") : page.index("</tbody>")]
    assert table.count("<tr>") > 2
    assert "English" not in table
    assert (
        "Language" not in client_of("assessor").get("/training-reports/schools/IN-COUNTRY/").content.decode()
    )
