"""Pages of the training track, on the simulated plan of Bandaria."""

import re

import pytest
from django.utils.html import strip_tags

from confianza.server.people.models import User
from confianza.server.training.models import StudentTrack

PLAN = "BN-2027"
DAY = {"on": "2026-11-28", "version": "0"}


def text_of(answer):
    return re.sub(r"\s+", " ", strip_tags(answer.content.decode()))


def way(status, number="1001"):
    """The code of a student's way in a state."""
    return StudentTrack.objects.get(status=status, code__startswith=f"{PLAN}-{number}").pk


@pytest.fixture
def liaison(client_of, person):
    """The liaison of Bandaria."""
    account = person("partner liaison")
    User.objects.filter(pk=account.pk).update(party_code="BN")
    return client_of("partner liaison")


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    "address",
    [
        "",
        "BN-2027/",
        "BN-2028/",
        "BN-2027/combined/",
        "BN-2027/lines/",
        "BN-2027-1001B/",
        "BN-2027-1005A/",
        "BN-2028-1101A/",
    ],
)
def test_a_page_of_the_track_opens(client_of, address, language):
    assert (
        client_of("security cooperation officer", language).get(f"/training/plans/{address}").status_code
        == 200
    )


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_page_of_every_student_opens(client_of, language):
    client = client_of("security cooperation officer", language)
    for row in StudentTrack.objects.all():
        assert client.get(f"/training/plans/{row.pk}/").status_code == 200
