"""A workspace with nothing in it: every page answers every role, and says what belongs there."""

import html
import re
from itertools import product

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import reverse

from confianza.cooperation.permissions import permission_table
from confianza.server.api.api import api
from confianza.server.people.models import User
from confianza.server.web.charts import CHARTS, WIDTHS
from confianza.server.web.context import PAGES
from confianza.server.workspace import init_workspace
from tests.addresses import routes

ROLES = list(permission_table().roles)
# What stands for each name in an address: what the program ships with, and what is not there.
VALUES = {
    "digest": ["a" * 64],
    "form": ["csv", "xlsx", "parquet"],
    "number": ["1"],
    "identifier": ["BN-B-SAA"],
    "pseudonym": ["S-AAAAAAAA"],
    "step": ["deliver"],
    "code": ["WHINSEC", "sedena", "MX-2027"],
    "other": ["thesis-2013"],
    "change": ["close"],
    "kind": ["party", "act"],
    "record_id": ["martinez-2014-1914-tampico"],
}
UNSAFE = {"logout/", "language/"}  # answer to POST only


def addresses() -> set[str]:
    """Every address of the pages and of the interface that answers to GET."""
    found = set()
    for route in routes():
        if route in UNSAFE | {"api/"}:
            continue
        values = VALUES | {"name": ["samm-2026"]}
        if route.startswith("charts/"):
            values |= {"name": list(CHARTS), "width": list(WIDTHS)}
        names = re.findall(r"<\w+:(\w+)>", route)
        for chosen in product(*(values[name] for name in names)):
            address = "/" + route
            for name, value in zip(names, chosen, strict=True):
                address = re.sub(rf"<\w+:{name}>", value, address)
            found.add(address)
    for path, operations in api.get_openapi_schema(path_prefix="/api/")["paths"].items():
        if "get" in operations:
            found.add(re.sub(r"{\w+}", "MX-2027", path))
    return found


@pytest.fixture
def emptied():
    """Every table without rows, as a workspace is that was only made; the test's end puts them back."""
    for model in reversed(apps.get_models(include_auto_created=True)):
        model._base_manager.all()._raw_delete(connection.alias)


def signed_in(role: str) -> Client:
    user = User.objects.create(username=role, role=role, party_code="US", language="en")
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def failures(client: Client) -> list[tuple[str, int]]:
    """The addresses that fail, among all and those that their pages lead to."""
    waiting, seen, failed = sorted(addresses()), set(), []
    while waiting:
        address = waiting.pop()
        seen.add(address)
        answer = client.get(address)
        if answer.status_code >= 500:
            failed.append((address, answer.status_code))
        elif answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            links = {
                html.unescape(link)
                for link in re.findall(r'(?:href|src)="(/[^"#]*)', answer.content.decode())
            }
            waiting += sorted(link for link in links - seen - set(waiting) if not link.startswith("/static/"))
    return failed


# Staff and the liaison in every run, each other role in the slow one.
EACH = [
    role if role in {"assessor", "partner_liaison"} else pytest.param(role, marks=pytest.mark.slow)
    for role in ROLES
]


@pytest.mark.parametrize("role", EACH)
def test_every_page_answers_in_a_workspace_without_parties(emptied, role):
    assert failures(signed_in(role)) == []


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_every_page_answers_in_a_workspace_of_parties_only(emptied, role):
    init_workspace(public_record=False)
    assert failures(signed_in(role)) == []


@pytest.mark.parametrize("has_parties", [False, True])
@pytest.mark.parametrize("role", ROLES)
def test_the_first_page_of_each_kind_opens_and_says_what_brings_it(emptied, role, has_parties):
    """What the frame links to, for those who may: a page, whatever is not there yet."""
    if has_parties:
        init_workspace(public_record=False)
    client, user = signed_in(role), User.objects.get(username=role)
    texts = {}
    for name, _, action in PAGES:
        answer = client.get(reverse(name))
        assert answer.status_code == (200 if user.may(action) else 403), name
        texts[name] = answer.content.decode()
    assert ("confianza init</code>" in texts["partnership"]) == (not has_parties)
    assert ("confianza init --public-record" in texts["partnership"]) == has_parties
    for name, action in (
        ("relationship", "view_relationship"),
        ("trust", "view_trust"),
        ("seat-plan", "view_plan"),
    ):
        if user.may(action):
            assert "confianza init" in texts[name]
            assert ("confianza init --public-record" in texts[name]) == has_parties


def test_what_is_published_of_the_two_fills_every_page_without_the_simulated_country(emptied):
    init_workspace(public_record=True)
    client = signed_in("assessor")
    for name, _, action in PAGES:
        if permission_table().may("assessor", action):
            text = client.get(reverse(name)).content.decode()
            assert "confianza init" not in text, name
            assert "Bandaria" not in text, name


def test_an_account_is_added_by_a_page_before_there_are_parties(emptied):
    form = {
        "account": "ana",
        "role": "auditor",
        "party": "MX",
        "language": "es",
        "password": "una-frase-larga-4",
    }
    assert signed_in("administrator").post("/people/", form).status_code == 302
    assert User.objects.get(username="ana").party_code == "MX"
