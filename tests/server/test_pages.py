"""What pages say, in both languages, and how they answer mistakes."""

import re
from urllib.parse import urlencode

import lxml.html
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.urls import reverse

from confianza.server.audit.models import AuditEvent
from confianza.server.cases.models import Case
from confianza.server.demo import DEMO_CASE, simulated_records
from confianza.server.relationship.selectors import history_events
from confianza.server.training_reports.selectors import training_figures
from confianza.server.web.planning.forms import plan_form
from tests.people import PEOPLE

CLOSED, OPEN, NEW = "E7-B-UAC", "E7-B-UAD", "E7-B-UAE"
LEGACY, CURRENT = "BN-B-SAA", "BN-P-SAB"
PAGES = [
    "/",
    "/trust/",
    "/training-reports/",
    "/seat-plan/",
    "/relationship/",
    "/promises/",
    "/safeguards/",
    "/foundations/",
    "/levels/",
    "/institutions/",
    "/sources/",
    "/cases/",
]
PAGES += [f"/cases/{CLOSED}/", f"/cases/{OPEN}/", f"/cases/{LEGACY}/", f"/cases/{CURRENT}/", "/actions/"]
PAGES += [
    "/cases/?phase=execution",
    "/portfolio/",
    "/programs/",
    "/cases/import/",
    "/rules/",
    "/rules/samm-2026/",
]
PAGES += ["/rules/thesis-2013/", "/rules/samm-2012-legacy/", "/rules/samm-2012-legacy/to/samm-2026/"]
PAGES += [
    "/training-reports/rows/",
    "/training-reports/rows/1/",
    "/training-reports/unmatched/",
    "/training-reports/reconciliation/",
]
PAGES += ["/events/"]
PAGES += ["/institutions/sedena/", "/institutions/?branch=sedena", "/profile/", "/profile/?a=MX&b=MX"]
PAGES += ["/records/", "/records/new/", "/records/new/hedge/", "/records/martinez-2014-2013-single-window/"]
PAGES += ["/series/", "/series/?a=MX&b=US"]
PAGES += ["/login/", "/nowhere/"]


def foreign_scripts(page: str) -> list[str]:
    """The scripts of a page that are no file of ours."""
    return re.findall(r'<script(?! src="/static/web/[a-z.]+"[^>]*></script>).{0,40}', page)


def words(answer) -> str:
    """The text of a page without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("address", PAGES)
def test_every_page_speaks_its_language(client_of, address, language):
    who = "stranger" if address == "/login/" else "security cooperation officer"
    answer = client_of(who, language).get(address)
    assert answer.status_code == (404 if address == "/nowhere/" else 200)
    page = answer.content.decode()
    assert f'<html lang="{language}">' in page
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")
    assert not re.search(r'(src|href|action)="(https?:)?//', page)
    assert not foreign_scripts(page)
    assert " style=" not in page


STEPS = next(case for case in simulated_records()["cases"] if case["identifier"] == DEMO_CASE)["steps"]
TYPED = [  # what people of the simulated case wrote, in their language
    "Coastal search and rescue",
    "Search and rescue along the coast",
    "Radios and boats in service elsewhere suit best",
    "Train the crews before the boats arrive",
    "Rescue within two hours along the coast",
    "One boat, no radios",
    "Spare parts for two years",
    "Two trained crews",
]


def test_no_english_is_left_on_a_spanish_page(client_of):
    client = client_of("security cooperation officer", "es")
    for address in PAGES[:-2]:
        text = client.get(address).content.decode()
        text = re.sub(r'<cite>.*?</cite>|<(\w+)[^>]* lang="en"[^>]*>.*?</\1>', "", text)
        for typed in TYPED:
            text = text.replace(typed, "")
        page = re.sub(r"<[^>]+>", " ", text)
        found = re.findall(r"(?<![-\w])(?:the|and|with|from|which|because|students|of)(?![-\w])", page)
        assert found == [], (address, found)


def test_places_and_fiscal_years_are_cited_in_the_language_of_the_page(client_of):
    said = {
        language: [words(client_of("assessor", language).get(page)) for page in ("/", "/institutions/")]
        for language in ("en", "es")
    }
    assert "martinez-2014, p. 47, table 1" in said["en"][0]
    assert "FY2010, P.L. 111-117, ESF: $6 million" in said["en"][0]
    assert "pp. 18-19, figure 2, appendix A" in said["en"][1]
    assert "martinez-2014, p. 47, tabla 1" in said["es"][0]
    assert "AF2010, P.L. 111-117, ESF: El Departamento" in said["es"][0]
    assert "pp. 18-19, figura 2, apéndice A" in said["es"][1]
    assert not re.search(r"\b(table|figure|appendix) \w|\bFY", " ".join(said["es"]))


def test_a_language_button_keeps_the_page(client_of):
    client = client_of("assessor", "en")
    answer = client.post(
        reverse("set_language"), {"language": "es", "next": "/training-reports/"}, follow=True
    )
    assert answer.redirect_chain == [("/training-reports/", 302)]
    assert '<html lang="es">' in answer.content.decode()


# --- what the pages must say ---------------------------------------------------------------------------


def test_the_training_page_shows_both_records_and_every_difference(client_of):
    page = words(client_of("assessor").get("/training-reports/imet/"))
    for year, students in ((2008, 27), (2009, 120), (2010, 61), (2011, 49), (2012, 47)):
        assert re.search(rf"\b{year} {students} \$", page)
    assert "2008–2012 304 89 304 109" in page
    assert "109 of 304 = 35.9 %" in page
    assert "“less than 35 percent”" in page
    assert "the two do not agree" in page
    assert "327,282 dollars more: about 59 for each of 5,546 student-days" in page
    assert "Section III of these years is not at hand" in page


def test_the_partnership_page_reconciles_every_printed_total(client_of):
    page = client_of("assessor").get("/").content.decode()
    assert page.count("✓") == 13
    assert "✗" not in page
    assert "$1,930,100,000" in page


def test_the_trust_page_says_what_it_rests_on_and_that_the_survey_is_missing(client_of):
    page = words(client_of("assessor").get("/trust/"))
    assert "behavioral only" in page
    assert "the survey half (bonds, trust, commitment) is missing" in page
    assert page.count(" default ") >= 9
    assert "19 events enter the index" in page


def test_a_year_is_explained_by_record(client_of):
    page = words(client_of("assessor").get("/trust/?direction=MX&year=1914"))
    assert "Veracruz" in page
    assert "news" in page


@pytest.mark.parametrize("query", ["year=1800", "year=x", "direction=XX", "direction=BN&year=1950"])
def test_a_year_or_side_that_is_not_there_is_said_at_its_field(client_of, query):
    answer = client_of("assessor").get(f"/trust/?{query}")
    assert answer.status_code == 400
    assert 'aria-invalid="true"' in answer.content.decode()


def test_the_plan_page_answers_its_form(client_of):
    page = words(client_of("assessor").get("/seat-plan/"))
    assert "$177,556.44" in page
    assert "optimal" in page
    page = words(client_of("assessor").get("/seat-plan/?students=30&share=40&budget=500000&capacity=1"))
    assert "40.0 %" in page


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            [
                "Of the volumes at hand: ",
                "2009 12 $5,396",
                "2009 192 $6,588",
                "Trust does not",
            ],
        ),
        (
            "es",
            [
                "De los volúmenes a la mano: ",
                "2009 12 5,396 USD",
                "2009 192 6,588 USD",
                "La confianza todavía",
            ],
        ),
    ],
)
def test_the_plan_says_what_its_prices_rest_on(client_of, language, said):
    page = words(client_of("assessor", language).get("/seat-plan/"))
    assert [text for text in said if text not in page] == []


def test_a_plan_that_cannot_be_says_which_wishes_collide(client_of):
    answer = client_of("assessor", "es").get("/seat-plan/?share=90&budget=100000")
    assert "al menos 43 de ellos en PME" in words(answer)
    assert "seats-wide" not in answer.content.decode()
    assert client_of("assessor").get("/charts/seats-wide.svg?share=90&budget=100000").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "students=0",
        "students=-3",
        "students=x",
        "students=1.000",
        "students=2.5",
        "share=101",
        "share=12.500",
        "budget=-1",
        "budget=1.234",
        "budget=1e6",
        "capacity=0",
    ],
)
def test_a_bad_value_in_the_plan_is_said_at_its_field(client_of, query):
    answer = client_of("assessor").get(f"/seat-plan/?{query}")
    assert answer.status_code == 400
    assert 'aria-invalid="true"' in answer.content.decode()


def test_the_numbers_of_the_plan_are_read_with_a_decimal_comma_too(client_of):
    given = {"students": "1,000", "share": "12,5", "budget": "$1.500.000,50", "capacity": "1,5"}
    form = plan_form(
        QueryDict(urlencode(given)),
        [figure for figure in training_figures("MX") if figure.fiscal_year >= 2008],
    )
    assert form.is_valid()
    assert list(map(str, form.cleaned_data.values())) == ["1000", "12.5", "1500000.50", "1.5"]


def test_the_events_of_the_index_are_listed_with_their_pages(client_of):
    page = client_of("partner liaison", "es").get("/relationship/?entering=on").content.decode()
    assert len(history_events(("US", "MX"))) == 27
    assert page.count("martinez-2014, p") == 19


def test_simulated_cases_say_so(client_of):
    client = client_of("assessor")
    assert "Simulated: Bandaria is the fictional country" in words(client.get(f"/cases/{CLOSED}/"))
    assert client.get("/cases/").content.decode().count(">simulated</span>") == len(
        simulated_records()["cases"]
    )


def test_the_closed_case_shows_five_phases_with_dates_and_a_ledger_that_balances(client_of):
    page = client_of("assessor").get(f"/cases/{CLOSED}/").content.decode()
    assert page.count('<li class="done">') == 5
    assert "Oct. 28, 2013" in page
    page = client_of("assessor").get(f"/cases/{CLOSED}/?part=money").content.decode()
    assert re.search(r'Sum \(zero when the entries balance\)</th>\s*<td class="n">\$0<', page)


def test_a_case_is_opened_and_carried_through_all_five_phases_on_pages(client_of):
    """The steps of the simulated case again, each posted by the person whose office takes it."""
    who = {account: name for name, account in PEOPLE.items()}
    opening = {"title": "Rescue", "partner": "BN", "funds": "BN-FY2013", "edition": "thesis-2013"}
    answer = client_of("security cooperation officer").post("/cases/open/", {"identifier": NEW, **opening})
    assert answer["Location"] == f"/cases/{NEW}/"
    for version, (step, on, account, given) in enumerate(STEPS):
        client = client_of(who[account])
        page = client.get(f"/cases/{NEW}/").content.decode()
        assert f'action="/cases/{NEW}/{step}/"' in page
        answer = client.post(f"/cases/{NEW}/{step}/", {"on": on, "records_seen": version, **given})
        assert answer.status_code == 302, (step, words(answer))
    page = client_of("assessor").get(f"/cases/{NEW}/").content.decode()
    assert page.count('<li class="done">') == 5
    assert "The case is closed; nothing is left to do." in page


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"identifier": "rescue"}, 409, "&#x27;rescue&#x27; is not a case identifier"),
        ({"identifier": CLOSED}, 409, "exists already"),
        ({"partner": "MX"}, 409, "MX"),
        ({"title": ""}, 400, "aria-invalid"),
        ({"funds": "NONE"}, 400, "aria-invalid"),
        ({"edition": "samm-1999"}, 400, "aria-invalid"),
    ],
)
def test_a_case_that_does_not_fit_is_not_opened(client_of, changes, status, said):
    opening = {
        "identifier": NEW,
        "title": "Rescue",
        "partner": "BN",
        "funds": "BN-FY2013",
        "edition": "thesis-2013",
    }
    answer = client_of("security cooperation officer").post("/cases/open/", opening | changes)
    assert answer.status_code == status
    assert said in answer.content.decode()
    assert Case.objects.count() == len(simulated_records()["cases"])


def test_a_case_says_what_blocks_each_step_and_who_must_act_also_to_those_who_wait(client_of):
    """The auditor acts for no office: each step of others comes with its office and what stands in its way."""
    page = client_of("auditor").get(f"/cases/{LEGACY}/").content.decode()
    waiting = page[page.index("Waiting on others") : page.index("Clock and deadlines")]
    entry = next(item for item in waiting.split("<li>") if ">SSC</span>" in item)
    assert "Implementing agency (IA)" in re.sub("<[^>]+>", "", entry)
    assert "002" in entry
    assert "(close-after-delivery" in entry


def test_the_record_of_a_case_is_in_words(client_of):
    client = client_of("auditor", "es")
    page = words(client.get(f"/cases/{LEGACY}/?part=record&kind=attach-document"))
    assert "Clase: memorando de solicitud" in page
    assert "Archivo: memorandum.txt" in page
    page += words(client.get(f"/cases/{LEGACY}/?part=record&kind=plan-delivery"))
    assert "Prevista para: 1 de marzo de 2023" in page
    assert "memorandum-of-request" not in page


# --- mistakes on the case page -----------------------------------------------------------------------------


def post(client, step, **given):
    version = given.pop("records_seen", None) or Case.objects.get(pk=OPEN).version
    return client.post(f"/cases/{OPEN}/{step}/", {"on": "2013-06-03", "records_seen": version, **given})


def nothing_recorded(before) -> bool:
    return AuditEvent.objects.count() == before


def test_an_obligation_after_the_funds_expired_is_refused_with_rule_reason_and_remedy(client_of):
    before = AuditEvent.objects.count()
    answer = post(client_of("case manager"), "obligate", on="2013-10-01", line="002", amount="472000")
    assert answer.status_code == 409
    page = words(answer)
    assert "Rule" in page
    assert "Sept. 30, 2013" in page
    assert "2013-09-30" not in page, "a day as the page's language writes it"
    assert nothing_recorded(before)


def test_what_was_typed_is_kept_after_a_refusal(client_of):
    answer = post(client_of("case manager"), "obligate", on="2013-10-01", line="002", amount="471999.50")
    assert 'value="471999.50"' in answer.content.decode()


def test_closing_with_undelivered_lines_is_refused(client_of):
    before = AuditEvent.objects.count()
    answer = post(client_of("case manager"), "begin-closure")
    assert answer.status_code == 409
    assert "001" in words(answer)
    assert nothing_recorded(before)


@pytest.mark.parametrize(
    ("step", "given", "status"),
    [
        ("deliver", {"line": "001", "quantity": "-1"}, 409),
        ("deliver", {"line": "009", "quantity": "1"}, 409),
        ("deliver", {"line": "001", "quantity": "41"}, 409),
        ("deliver", {"line": "001"}, 409),
        ("deliver", {"line": "001", "quantity": "1", "on": "yesterday"}, 400),
        ("deliver", {"line": "001", "quantity": "1", "records_seen": "x"}, 409),
        ("no-such-step", {}, 409),
    ],
)
def test_a_mistake_is_one_clear_error_and_nothing_is_recorded(client_of, step, given, status):
    before = AuditEvent.objects.count()
    answer = post(client_of("case manager"), step, **given)
    assert answer.status_code == status
    assert answer.content.decode().count('role="alert"') == 1
    assert nothing_recorded(before)


def test_a_case_that_changed_meanwhile_is_not_overwritten(client_of):
    first, second = client_of("case manager"), client_of("case manager")
    version = Case.objects.get(pk=OPEN).version
    assert post(first, "deliver", line="001", quantity="10", records_seen=version).status_code == 302
    before = AuditEvent.objects.count()
    answer = post(second, "deliver", line="001", quantity="10", records_seen=version)
    assert answer.status_code == 409
    assert nothing_recorded(before)


def test_a_step_without_the_token_of_its_form_is_refused(client_of, person):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(person("case manager"), backend="confianza.server.people.backends.DemoBackend")
    answer = post(client, "deliver", line="001", quantity="1")
    assert answer.status_code == 403
    assert "no longer valid" in words(answer)


def test_a_failure_of_ours_is_said_in_both_languages_without_its_details(client_of, monkeypatch):
    client = client_of("assessor")
    client.raise_request_exception = False
    monkeypatch.setattr("confianza.server.web.evidence.views.import_runs", lambda *of: 1 / 0)
    answer = client.get("/sources/")
    assert answer.status_code == 500
    assert "Nothing of your last step was recorded" in words(answer)
    assert "Algo falló" in words(answer)
    assert "ZeroDivision" not in words(answer)


def test_what_people_type_is_never_markup(client_of):
    post(client_of("resource manager"), "pay", line="001", amount="<b>1</b>")
    page = post(
        client_of("case manager"), "deliver", line="001", quantity="<script>x</script>"
    ).content.decode()
    assert "<script>x" not in page
    assert "&lt;script&gt;" in page


def test_titles_names_and_files_of_people_are_never_markup(client_of):
    bad = '"><script>x</script>'
    director, officer = client_of("country program director"), client_of("security cooperation officer")
    project = {"code": "BN-COAST", "title": bad, "authority": "333", "partner": "BN"}
    assert director.post("/programs/add/", project).status_code == 302
    refused = director.post("/programs/add/", {**project, "code": "BN-ODD", "authority": bad})
    assert refused.status_code == 400
    assert not foreign_scripts(refused.content.decode())
    opening = {"identifier": "BN-B-SAX", "title": bad, "partner": "BN", "funds": "BN-FY2022"}
    opening |= {"edition": "samm-2012-legacy", "project": "BN-COAST"}
    assert officer.post("/cases/open/", opening).status_code == 302
    Case.objects.filter(pk="BN-B-SAX").update(phase="execution", next_due_on="2023-01-01")
    officer.post("/cases/search/", {"name": bad, "query": f"q={bad}"})
    version = Case.objects.get(pk=LEGACY).version
    given = {"kind": "transportation-plan", "on": "2023-01-10", "records_seen": version}
    upload = SimpleUploadedFile("x<script>x.txt", b"x")
    manager = client_of("case manager")
    assert manager.post(f"/cases/{LEGACY}/documents/", {**given, "file": upload}).status_code == 302
    seen = [
        "/cases/",
        "/cases/?phase=execution",
        f"/cases/?q={bad}",
        "/actions/",
        "/portfolio/",
        "/programs/",
    ]
    for address in [*seen, "/cases/BN-B-SAX/", f"/cases/{LEGACY}/", f"/cases/{LEGACY}/?part=documents"]:
        page = officer.get(address).content.decode()
        assert not foreign_scripts(page), address
    assert "&lt;script&gt;" in page
    bad_file = SimpleUploadedFile("cases.csv", f"identifier,{bad}\n".encode())
    assert not foreign_scripts(director.post("/cases/import/", {"file": bad_file}).content.decode())


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org/", "/\\example.org/"])
def test_no_form_leads_to_another_site(client_of, elsewhere):
    client = client_of("assessor")
    answers = [
        client.post("/language/", {"language": "es", "next": elsewhere}),
        client.post("/cases/search/", {"name": "x", "query": elsewhere}),
    ]
    assert [
        answer["Location"].startswith(("/cases/?", "/?")) or answer["Location"] == "/" for answer in answers
    ] == [
        True,
        True,
    ]


# --- signing in -----------------------------------------------------------------------------------------------


@pytest.fixture
def demo_password(settings):
    settings.DEMO_PASSWORD = "a-generated-one"  # noqa: S105
    return settings.DEMO_PASSWORD


def sign_in(client, account, password, **more):
    return client.post("/login/", {"username": account, "password": password}, **more)


@pytest.mark.parametrize("who", PEOPLE)
def test_the_demo_password_opens_the_demo_accounts_in_their_language(client_of, demo_password, who):
    client = client_of("stranger")
    answer = sign_in(client, PEOPLE[who], demo_password)
    assert answer["Location"] == "/"
    language = "es" if who == "partner liaison" else "en"
    assert f'<html lang="{language}">' in client.get("/").content.decode()


def test_a_wrong_password_is_one_clear_error(client_of, demo_password):
    answer = sign_in(client_of("stranger"), "assessor", "guess")
    assert answer.status_code == 200
    assert "or the password is wrong" in words(answer)


def test_the_demo_password_works_on_loopback_only(client_of, demo_password):
    answer = sign_in(client_of("stranger"), "assessor", demo_password, REMOTE_ADDR="192.0.2.7")
    assert answer.status_code == 200


def test_without_a_demo_its_accounts_are_closed_and_not_named(client_of):
    client = client_of("stranger")
    assert sign_in(client, "assessor", "").status_code == 200
    assert "enlace" not in client.get("/login/").content.decode()


def test_an_account_of_its_own_signs_in_with_its_own_password(client_of, demo_password):
    from confianza.cooperation.actors import Actor
    from confianza.server.people.services import add_person

    add_person(
        account="maria",
        role="assessor",
        party_code="MX",
        language="es",
        password="una-frase-larga-4",  # noqa: S106
        actor=Actor("command-line", "operator"),
    )
    assert sign_in(client_of("stranger"), "maria", "una-frase-larga-4").status_code == 302
    assert sign_in(client_of("stranger"), "maria", demo_password).status_code == 200


def test_a_sign_in_leads_nowhere_else(client_of, demo_password):
    answer = client_of("stranger").post(
        "/login/?next=https://example.org/",
        {"username": "assessor", "password": demo_password, "next": "https://example.org/"},
    )
    assert answer["Location"] == "/"


# --- people -------------------------------------------------------------------------------------------------


def test_the_administrator_adds_an_account_and_a_weak_one_is_refused(client_of):
    from confianza.server.people.models import User

    client = client_of("administrator", "es")
    given = {
        "account": "ana",
        "role": "assessor",
        "party": "MX",
        "language": "es",
        "password": "una-frase-larga-4",
    }
    assert client.post("/people/", {**given, "password": "corta"}).status_code == 409
    assert client.post("/people/", {**given, "account": "a b"}).status_code == 400
    assert not User.objects.filter(username="ana").exists()
    page = client.post("/people/", given, follow=True).content.decode()
    assert "Agregado: ana." in page
    assert User.objects.get(username="ana").check_password("una-frase-larga-4")
    found = re.findall(r"(?<![-\w])(?:the|and|with|from|of)(?![-\w])", re.sub(r"<[^>]+>", " ", page))
    assert found == []
    audit = client.get("/audit/?subject=person:ana").content.decode()
    assert "una-frase-larga-4" not in audit
    assert ">person:ana</td>" in audit


@pytest.mark.parametrize(
    ("language", "meaning"),
    [("en", "professional military education"), ("es", "educación militar profesional")],
)
def test_an_abbreviation_is_explained_where_a_page_first_has_it(client_of, language, meaning):
    page = client_of("assessor", language).get("/training-reports/pme/").content.decode()
    assert page.count(f'<abbr title="{meaning}">PME</abbr>') == 1


@pytest.mark.parametrize(
    ("address", "above"),
    [
        ("/", []),
        ("/training-plans/", []),
        ("/training-plans/BN-2027/", ["/training-plans/"]),
        ("/training-plans/BN-2027-1001A/", ["/training-plans/", "/training-plans/BN-2027/"]),
        ("/rules/samm-2026/", ["/cases/", "/rules/"]),
        ("/training-reports/schools/WHINSEC/", ["/training-reports/"]),
    ],
)
def test_breadcrumbs_lead_to_the_pages_above(client_of, address, above):
    page = lxml.html.document_fromstring(client_of("assessor").get(address).content.decode())
    assert [link.get("href") for link in page.xpath("//nav[@class='crumbs']//a")] == above
    if above:
        last = page.xpath("//nav[@class='crumbs']//li")[-1]
        (here,) = last.xpath("./*[@aria-current='page']")
        assert page.xpath("string(//title)").split(" · ")[0].strip() == here.text_content().strip()
