"""Addresses of the version before lead to the new ones."""

import pytest

from confianza.server.web.renamed import RENAMED
from confianza.server.web.urls import urlpatterns


@pytest.mark.parametrize("old", RENAMED)
def test_an_old_address_leads_to_the_new_one_with_its_query(client_of, old):
    answer = client_of("assessor").get(f"/{old}", {"partner_code": "MX", "students": "30"})
    assert answer.status_code == 301
    assert answer["Location"] == f"/{RENAMED[old]}?partner_code=MX&students=30"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/training/", "/training-reports/"),
        ("/training/rows.csv", "/training-reports/rows.csv"),
        ("/training/settle/", "/training-reports/unmatched/"),
        ("/training/schools/WHINSEC/", "/training-reports/schools/WHINSEC/"),
        ("/training/plans/BN-2027-1001A/", "/training-plans/BN-2027-1001A/"),
        ("/evidence/reconciliation/", "/training-reports/reconciliation/"),
        ("/plan/", "/seat-plan/"),
        ("/history/", "/relationship/"),
    ],
)
def test_what_stood_at_an_old_address_stands_at_the_new_one(client_of, old, new):
    answer = client_of("security cooperation officer").get(old, follow=True)
    assert answer.redirect_chain == [(new, 301)]
    assert answer.status_code == 200


def test_a_form_sent_to_an_old_address_is_sent_on_whole(client_of):
    client = client_of("security cooperation officer")
    fields = {"partner": "BN", "fiscal_year": "2029", "on": "2026-11-30", "ceiling": "420000"}
    answer = client.post("/training/plans/open/", fields)
    assert (answer.status_code, answer["Location"]) == (308, "/training-plans/open/")
    assert client.post("/training/plans/open/", fields, follow=True).status_code == 200


def test_no_page_stands_at_an_old_address():
    routes = [str(pattern.pattern) for pattern in urlpatterns]
    assert not [route for route in routes if route.startswith(tuple(RENAMED))]
