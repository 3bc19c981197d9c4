"""The United States–Mexico workspace, built once; each test's changes are rolled back."""

from datetime import date

import pytest
from django.conf import settings
from django.test import Client

import tests.quick_hashes  # noqa: F401 - makes passwords quick to check
from confianza.cooperation.actors import Actor
from confianza.server.demo import build_workspace
from confianza.server.events.services import import_events
from confianza.server.people.models import User
from tests.evidence.sources.events.gdelt_lines import line, text
from tests.people import PEOPLE


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker, tmp_path_factory):
    settings.ARCHIVE_FOLDER = tmp_path_factory.mktemp("archive")
    settings.START_JOB_WORKER = False  # a test does the work itself
    settings.IDENTITY_KEY = tmp_path_factory.mktemp("key") / "identity-key"
    with django_db_blocker.unblock():
        build_workspace()


@pytest.fixture(autouse=True)
def _database(db):
    """Every test here works on the workspace."""


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    """The day on which every test stands, whatever the clock says: steps of days to come are refused."""
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_: date(2026, 11, 30))


@pytest.fixture
def event_file(tmp_path):
    """A file of events between the United States and Mexico, made by hand and imported as simulated."""
    path = tmp_path / "20200102.export.CSV"
    rows = [
        line(1, "20200102", "USA", "MEX", "042", address="http://a.example/1"),
        line(2, "20200203", "MEX", "USAGOV", "112", address="http://a.example/2"),
        line(3, "20200203", "USACOP", "MEXCVL", "173", address="http://a.example/3"),
        line(4, "20200103", code="---"),
    ]
    path.write_text(text(*rows))
    import_events([path], actor=Actor("assessor", "assessor"), is_simulated=True)
    return path


@pytest.fixture
def person():
    """The account of one of the six people by the name of their work; None for the stranger."""

    def of(name: str):
        return None if name == "stranger" else User.objects.get(username=PEOPLE[name])

    return of


@pytest.fixture
def client_of(person):
    """A browser signed in as one of the six people, or as nobody."""

    def of(name: str, language: str = "en") -> Client:
        client = Client(headers={"accept-language": language})
        user = person(name)
        if user is not None:
            client.force_login(user, backend="confianza.server.people.backends.DemoBackend")
        return client

    return of
