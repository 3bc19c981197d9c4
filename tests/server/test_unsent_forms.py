"""A form never ends in a blank page, and what was typed in one that recorded nothing comes back."""

from urllib.parse import urljoin, urlsplit

import lxml.html
import pytest
from axes.models import AccessAttempt
from django.test import Client
from django.urls import get_resolver, resolve, reverse
from django.utils import timezone

from confianza.cooperation.actors import Actor
from confianza.server.alumni.models import Student
from confianza.server.audit.models import AuditEvent
from confianza.server.funds.services import add_project
from confianza.server.institutions.selectors import partnership_of, partnerships
from confianza.server.jobs.models import Job
from confianza.server.people.models import User
from confianza.server.training_plans.models import StudentEnrollment
from tests.people import PEOPLE
from tests.records import proposed

# Each address that only takes a form: who sends it, and the page of the form.
FORMS = {
    "case-open": ("security cooperation officer", "/cases/"),
    "search-save": ("assessor", "/cases/?q=rescue"),
    "case-step": ("case manager", "/cases/E7-B-UAD/"),
    "case-document": ("case manager", "/cases/BN-B-SAA/?part=documents"),
    "case-share": ("security cooperation officer", "/cases/E7-B-UAD/"),
    "funds-add": ("country program director", "/programs/"),
    "project-add": ("country program director", "/programs/"),
    "project-approve": ("state reviewer", "/programs/"),
    "training-plan-open": ("security cooperation officer", "/training-plans/"),
    "training-plan-step": ("security cooperation officer", "/training-plans/BN-2027/"),
    "nominate": ("security cooperation officer", "/training-plans/BN-2027/?part=students"),
    "travel-order": ("security cooperation officer", "/training-plans/{track}/"),
    "enroll": ("security cooperation officer", "/alumni/?partner=BN"),
    "post-add": ("security cooperation officer", "/alumni/posts/?partner=BN"),
    "post-other": ("security cooperation officer", "/alumni/posts/?partner=BN"),
    "post-leave": ("security cooperation officer", "/alumni/posts/?partner=BN"),
    "job-add": ("assessor", "/jobs/"),
    "job-cancel": ("assessor", "/jobs/"),
    "person-change": ("administrator", "/people/{person}/"),
    "partnership-add": ("administrator", "/partnerships/"),
    "report-update": ("security cooperation officer", "/alumni/report/?partner=BN"),
}
FORMS |= {
    f"alumnus-{part}": ("security cooperation officer", "/alumni/{student}/")
    for part in ("course", "post", "share", "withdraw", "identity", "export", "erase")
}
FORMS |= {
    f"record-{step}": (who, "/records/{record}/")
    for step, who in {
        "confirm": "assessor",
        "withdraw": "partner liaison",
        "publish": "partner liaison",
    }.items()
}
FORMS |= {f"record-{step}": ("assessor", "/records/1847-chapultepec/") for step in ("contest", "code")}
# Pages that take a form of their own.
OWN = {
    "people": ("administrator", "/people/"),
    "line-add": ("security cooperation officer", "/training-plans/BN-2027/lines/"),
    "alumni-import": ("security cooperation officer", "/alumni/import/"),
    "cases-import": ("security cooperation officer", "/cases/import/"),
}
WORDS = "was typed before"
NEVER_REFUSED = {
    "search-save",
    "case-share",
    "project-approve",
    "travel-order",
    "report-update",
    "job-cancel",
}
NEVER_REFUSED |= {"alumnus-share", "alumnus-withdraw", "alumnus-export"}
NEVER_REFUSED |= {"record-confirm", "record-publish", "record-withdraw"}


@pytest.fixture
def open_form(client_of, settings):
    """A signed-in browser, the page and the form of an address, in a language."""
    settings.DEMO_PASSWORD = "a-generated-one"  # noqa: S105
    director = Actor("another-director", "country_program_director")

    def of(name: str, language: str = "en"):
        who, page = (FORMS | OWN)[name]
        if name == "project-approve":
            add_project(code="BN-COAST", title="Coast", authority="333", partner_code="BN", actor=director)
        if name == "job-cancel":
            Job.objects.create(kind="sipri", account="assessor", file_name="x.xlsx", queued_at=timezone.now())
        student = Student.objects.filter(partner_id="BN", tenures__isnull=False).first()
        other = User.objects.create(username="ana", role="assessor", party_code="US")
        record = proposed(partnership_of("us-mx", partnerships())) if name.startswith("record-") else ""
        page = page.format(student=student.pk, track="{track}", person=other.pk, record=record)
        client = client_of(who, language)
        for track in StudentEnrollment.objects.all() if "{track}" in page else [None]:
            here = page if track is None else page.format(track=track.pk)
            if form := form_on(client.get(here), here, name):
                return client, here, form
        pytest.fail(f"no page has the form of {name}")

    return of


def form_on(answer, page: str, name: str):
    """Where a form on a page is sent, and its fields as a person fills them in; None when the page has none."""
    for form in lxml.html.document_fromstring(answer.content.decode()).forms:
        address = urljoin(page, form.action or page)
        if form.method == "POST" and resolve(urlsplit(address).path).url_name == name:
            return address, typed(form)
    return None


def typed(form) -> dict[str, str]:
    fields = {}
    for item in form.inputs:
        if item.tag == "select":
            options = [option.get("value", option.text) for option in item.iter("option")]
            fields[item.name] = options[-1]
        elif item.get("type") == "hidden":
            fields[item.name] = item.get("value")
        elif item.get("type") in ("date", "month", "datetime-local"):
            fields[item.name] = "2023-01-10"
        elif item.get("type") in (None, "text", "number") or item.tag == "textarea":
            fields[item.name] = WORDS
    fields.pop("csrfmiddlewaretoken", None)
    return fields


def text_fields(answer, address: str) -> set[str]:
    """The names of the fields of the address's form that hold what was typed."""
    forms = lxml.html.document_fromstring(answer.content.decode()).forms
    base = answer.request["PATH_INFO"]
    return {
        item.name
        for form in forms
        if form.get("id") == "unsent" and urljoin(base, form.action or address) == address
        for item in form.inputs
        if WORDS in (item.get("value"), item.text)
    }


def wanted(fields: dict[str, str]) -> set[str]:
    return {name for name, value in fields.items() if value == WORDS}


def sent(client, answer, action: str, **more):
    """Sends the form with that action of a page just read, with its hidden fields."""
    forms = lxml.html.document_fromstring(answer.content.decode()).forms
    form = next(form for form in forms if (form.action or "").startswith(action))
    hidden = {item.name: item.get("value") for item in form.inputs if item.get("type") == "hidden"}
    hidden.pop("csrfmiddlewaretoken", None)
    return client.post(form.action, hidden | more, follow=True)


def test_every_address_that_only_takes_a_form_is_tried_here():
    patterns = get_resolver().url_patterns
    only_forms = {pattern.name for pattern in patterns if hasattr(pattern.callback, "form_of")}
    assert only_forms == {*FORMS, "logout"}


@pytest.mark.parametrize("name", FORMS)
def test_the_address_of_a_form_opened_by_itself_leads_to_its_page(open_form, name):
    client, page, (address, _fields) = open_form(name)
    for answer in (client.get(address, follow=True), client.head(address, follow=True)):
        assert answer.status_code == 200
        assert urlsplit(page).path == answer.request["PATH_INFO"]


@pytest.mark.parametrize("name", FORMS)
def test_another_method_is_answered_by_a_page_in_the_language_of_the_reader(open_form, name):
    client, _page, (address, _fields) = open_form(name, "es")
    answer = client.delete(address)
    assert answer.status_code == 405
    assert "POST" in answer["Allow"]
    page = answer.content.decode()
    assert '<html lang="es">' in page
    assert 'href="/"' in page


@pytest.mark.parametrize("name", {**FORMS, **OWN})
def test_a_form_sent_after_the_session_ended_waits_for_the_sign_in(open_form, name):
    client, _page, (address, fields) = open_form(name)
    client.logout()
    before = AuditEvent.objects.count()
    answer = client.post(address, fields)
    text = answer.content.decode()
    if not fields:
        assert answer["Location"].startswith("/login/?next=")
        return
    assert answer.status_code == 403
    assert "Nothing was recorded" in text
    answer = sent(client, answer, "/login/", username=PEOPLE[(FORMS | OWN)[name][0]], password="wrong")  # noqa: S106
    assert "or the password is wrong" in answer.content.decode()
    account = PEOPLE[(FORMS | OWN)[name][0]]
    answer = sent(client, answer, "/login/", username=account, password="a-generated-one")  # noqa: S106
    assert answer.status_code == 200
    assert "Nothing was recorded" in answer.content.decode()
    if name == "search-save":  # its form stands only beside a search
        assert f"<li>{WORDS}</li>" in answer.content.decode()
    else:
        assert text_fields(answer, address) == wanted(fields)
    assert AuditEvent.objects.count() == before
    assert WORDS not in str(dict(client.session))


@pytest.mark.parametrize("name", {**FORMS, **OWN})
def test_the_language_button_after_a_refusal_keeps_the_page_and_what_was_typed(open_form, name):
    client, page, (address, fields) = open_form(name)
    answer = client.post(address, dict.fromkeys(fields, WORDS))
    if name in NEVER_REFUSED:
        assert answer.status_code in (200, 302)
        if name == "travel-order":  # a page of its own
            assert sent(client, answer, "/language/", language="es").status_code == 200
        return
    assert answer.status_code in (400, 409)
    before = AuditEvent.objects.count()
    for code in ("es", "en"):
        answer = sent(client, answer, "/language/", language=code)
        assert answer.status_code == 200
        assert f'<html lang="{code}">' in answer.content.decode()
        assert text_fields(answer, address) >= wanted(fields)
    assert client.get(page).status_code == 200
    assert AuditEvent.objects.count() == before


def test_letters_that_no_page_can_hold_are_left_out_of_what_comes_back(open_form):
    """A word processor writes a soft line break as a vertical tab."""
    client, _page, (address, fields) = open_form("case-step")
    client.logout()
    answer = client.post(address, dict.fromkeys(fields, f"{WORDS}\x0b"))
    answer = sent(client, answer, "/login/", username="case-manager", password="a-generated-one")  # noqa: S106
    assert answer.status_code == 200
    assert text_fields(answer, address) >= wanted(fields)


def test_a_wrong_password_keeps_nothing_of_the_form_that_waits(open_form):
    client, _page, (address, fields) = open_form("case-step")
    client.logout()
    answer = client.post(address, fields)
    sent(client, answer, "/login/", username="case-manager", password="wrong")  # noqa: S106
    assert WORDS not in AccessAttempt.objects.get().post_data


def test_a_password_never_travels_with_a_form(open_form):
    client, _page, (address, fields) = open_form("people")
    secret = "una-frase-larga-4"  # noqa: S105
    client.logout()
    assert secret not in client.post(address, fields | {"password": secret}).content.decode()


def test_a_form_without_its_token_comes_back_when_our_own_page_sent_it(open_form, person):
    _client, _page, (address, fields) = open_form("case-step")
    client = Client(enforce_csrf_checks=True)
    client.force_login(person("case manager"), backend="confianza.server.people.backends.DemoBackend")
    before = AuditEvent.objects.count()
    own = client.post(address, fields, headers={"sec-fetch-site": "same-origin"})
    assert own.status_code == 403
    assert text_fields(own, address) == wanted(fields)
    foreign = client.post(address, fields, headers={"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403
    assert WORDS not in foreign.content.decode()
    assert AuditEvent.objects.count() == before


def test_a_form_whose_page_has_it_no_longer_is_told_in_full(client_of):
    """The step was taken by another meanwhile."""
    client = client_of("case manager")
    unsent = (
        '{"address": "/cases/E7-B-UAC/deliver/", "fields": [["why", "was typed before"]], "has_files": true}'
    )
    answer = client.post("/language/", {"language": "es", "next": "/", "unsent": unsent})
    page = answer.content.decode()
    assert f"<li>{WORDS}</li>" in page
    assert "No se registró nada" in page


@pytest.mark.parametrize(
    "unsent", ["x", "{}", '{"address": "//example.org/", "fields": [], "has_files": false}']
)
def test_what_no_page_of_ours_wrote_is_no_form(client_of, unsent):
    answer = client_of("case manager").post("/language/", {"language": "es", "next": "/", "unsent": unsent})
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_signing_out_by_its_address_alone_signs_nobody_out(client_of):
    client = client_of("assessor")
    assert client.get(reverse("logout"), follow=True).redirect_chain == [("/", 302)]
    assert client.post(reverse("logout"))["Location"] == "/login/"
    assert client.post(reverse("logout"))["Location"] == "/login/"
