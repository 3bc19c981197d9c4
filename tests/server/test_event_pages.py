"""The page of event data in both languages, for staff and for the liaison."""

import pytest

PAGE = "/events/?a=MX&b=US&year=2020"


def test_without_a_file_the_page_says_what_brings_one(client_of):
    assert "confianza events import FILE" in client_of("assessor").get("/events/").content.decode()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            [
                "Mexico → United States",
                "By month, 2020",
                "code-missing",
                "simulated",
                "any use, with citation",
            ],
        ),
        ("es", ["México → Estados Unidos", "code-missing", "cualquier uso, con cita"]),
    ],
)
def test_the_page_shows_pair_months_coverage_and_what_was_rejected(client_of, event_file, language, words):
    for who in ("assessor", "partner liaison"):
        answer = client_of(who, language).get(PAGE)
        page = answer.content.decode()
        assert answer.status_code == 200
        assert [word for word in [*words, event_file.name, "2020-02"] if word not in page] == []


def test_a_liaison_is_told_that_other_pairs_are_not_shown(client_of, event_file):
    answer = client_of("partner liaison", "es").get("/events/?a=US&b=CO")
    assert answer.status_code == 409
    assert "no se muestran a esta cuenta" in answer.content.decode()
    assert client_of("partner liaison").get("/charts/events-wide.svg?a=US&b=CO").status_code == 404
    hidden = client_of("partner liaison").get("/api/events/pairs?actor=US&target=CO")
    assert (hidden.status_code, hidden.json()["code"]) == (404, "events-pair-hidden")


@pytest.mark.parametrize(
    "query", ["a=Atlantis&b=US", "a=US&b=US", "a=US&b=MX&year=0", "a=&b=US", "publisher=x"]
)
def test_what_cannot_be_shown_is_said(client_of, event_file, query):
    assert client_of("assessor").get(f"/events/?{query}").status_code in {400, 409}


def test_the_interface_gives_the_same_counts(client_of, event_file):
    client = client_of("assessor")
    (january, february) = client.get("/api/events/pairs?actor=USA&target=MEX").json()
    assert (january["events"], february["law_border"], february["is_simulated"]) == (1, 1, True)
    (year,) = client.get("/api/events/pairs?actor=USA&target=MEX&period=year").json()
    assert year["events"] == 2
    (file,) = client.get("/api/events/files").json()
    assert (file["lines"], file["read"], file["rejected"]) == (4, 3, {"code-missing": 1})
