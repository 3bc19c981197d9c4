"""Pages of the alumni: what they tell, what they take, and what they keep from whom."""

import re
from datetime import date
from xml.etree import ElementTree

import pytest
from django.urls import reverse

from confianza.cooperation.actors import Actor
from confianza.cooperation.alumni.identity import Identity
from confianza.reports.relationships import MOST_DRAWN, DrawnPerson, drawn_part, graph_svg
from confianza.server.alumni import selectors, services
from confianza.server.alumni.drawing import relations_svg
from confianza.server.alumni.identities import open_identity
from confianza.server.alumni.models import Post, SealedIdentity, Student, Tenure
from confianza.server.audit.models import AuditEvent
from confianza.server.institutions.models import Party
from tests.evidence.test_relationships import relationship_graph, tie
from tests.people import PEOPLE

OFFICER = Actor("cooperation-officer", "security_cooperation_officer")
PAGES = ["alumni", "alumni-graph", "alumni-posts", "alumni-report"]


def orsk():
    return Student.objects.get(public_name__startswith="Lena Orsk")


def vidal():
    return Tenure.objects.get(post_id="bn-war-college", to_date=None).student


def text_of(answer):
    return answer.content.decode()


@pytest.mark.parametrize("page", [*PAGES, "alumni-import"])
def test_every_page_is_in_both_languages(client_of, page):
    address = f"{reverse(page)}?partner=BN"
    english = text_of(client_of("security cooperation officer").get(address))
    spanish = text_of(client_of("security cooperation officer", "es").get(address))
    assert re.search(r"<h1>(.+?)</h1>", english)[1] != re.search(r"<h1>(.+?)</h1>", spanish)[1]
    for word in ("Show", "Import rows", "Positions held", "Yearly report", "Days together"):
        assert word not in spanish, word


def test_a_person_is_told_in_both_languages(client_of):
    page = text_of(client_of("security cooperation officer", "es").get(f"/alumni/{vidal().pk}/"))
    assert "Director del Colegio de Guerra" in page
    assert "Colegio Interamericano de Defensa" in page
    for word in ("Courses", "Classmates", "Seal", "Reason", "Export as", "Days"):
        assert word not in page, word


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("query", ["partner=ZZ", "on=tomorrow", "on=0001-01-01", "on=9999-12-31&partner=BN"])
def test_a_wrong_search_is_said_and_breaks_nothing(client_of, page, query):
    answer = client_of("assessor").get(f"{reverse(page)}?{query}")
    is_wrong = "ZZ" in query or "tomorrow" in query
    assert answer.status_code == (400 if is_wrong else 200)


def test_without_anybody_the_page_says_where_simulated_people_are(client_of):
    page = text_of(client_of("assessor").get("/alumni/"))
    assert "Nobody is on record here that you may see." in page
    assert '<a href="?partner=BN">' in page


# --- the picture ------------------------------------------------------------------------------------


def test_the_picture_shows_each_person_as_a_link_and_each_tie_as_a_line(client_of):
    page = text_of(client_of("assessor").get("/alumni/graph/?partner=BN&on=2020-12-31"))
    svg = re.search(r"<svg.*?</svg>", page, re.DOTALL)[0]
    root = ElementTree.fromstring(svg)  # noqa: S314  # our own picture
    name = "{http://www.w3.org/2000/svg}"
    found = selectors.relations(Party.objects.get(pk="BN"), Student.objects.all(), date(2020, 12, 31))
    links = {link.get("href") for link in root.iter(f"{name}a")}
    assert links == {f"/alumni/{person}/" for person in found.graph}
    assert len(list(root.iter(f"{name}line"))) == len(found.ties)
    squares = sum(data == "US" for _, data in found.graph.nodes(data="party"))
    assert len(list(root.iter(f"{name}rect"))) == squares
    assert "style=" not in svg  # the pages' policy would drop it


def test_everybody_stands_within_the_picture_and_nobody_upon_another():
    found = selectors.relations(Party.objects.get(pk="BN"), Student.objects.all(), date(2024, 12, 31))
    root = ElementTree.fromstring(relations_svg(found, "en"))  # noqa: S314
    _, _, width, height = map(float, root.get("viewBox").split())
    name = "{http://www.w3.org/2000/svg}"
    points = [(float(mark.get("cx")), float(mark.get("cy"))) for mark in root.iter(f"{name}circle")]
    points += [(float(mark.get("x")) + 8, float(mark.get("y")) + 8) for mark in root.iter(f"{name}rect")]
    assert all(0 < x < width and 0 < y < height for x, y in points)
    assert (
        min(abs(x1 - x2) + abs(y1 - y2) for place, (x1, y1) in enumerate(points) for x2, y2 in points[:place])
        > 20
    )


def test_a_name_cannot_break_out_of_the_picture():
    graph = relationship_graph({"a": "BN", "b": "BN"}, [tie("a", "b")])
    people = {person: DrawnPerson('<b>"&', "'\"><script>", "/x?a=1&b=2", False) for person in graph}
    root = ElementTree.fromstring(graph_svg(graph, people, 'T"<'))  # noqa: S314
    name = "{http://www.w3.org/2000/svg}"
    assert {link.get("aria-label") for link in root.iter(f"{name}a")} == {"'\"><script>"}
    assert {words.text for words in root.iter(f"{name}text")} == {'<b>"&'}


def test_of_many_people_those_with_most_ties_are_drawn():
    people = [f"p{number:03}" for number in range(MOST_DRAWN + 5)]
    graph = relationship_graph(dict.fromkeys(people, "BN"), [tie("p304", "p303"), tie("p303", "p302")])
    part = drawn_part(graph)
    assert part.number_of_nodes() == MOST_DRAWN
    assert {"p302", "p303", "p304"} <= set(part)


def test_one_person_is_shown_with_those_tied_to_it_only(client_of):
    client, person = client_of("assessor"), vidal()
    page = text_of(client.get(f"/alumni/graph/?partner=BN&person={person.pk}&zoom=2"))
    svg = re.search(r"<svg.*?</svg>", page, re.DOTALL)[0]
    near = {
        person.pk,
        *(other.pk for other, _ in selectors.ties_of(person, Student.objects.all(), date(2025, 1, 1))),
    }
    assert set(re.findall(r'href="/alumni/(S-\w+)/"', svg)) == near
    assert 'width="1800"' in svg
    assert client.get("/alumni/graph/?partner=BN&person=S-ZZZZZZZZ").status_code == 404


# --- what the forms take ----------------------------------------------------------------------------


def test_a_person_is_enrolled_with_course_and_post_through_the_pages(client_of):
    client = client_of("security cooperation officer")
    answer = client.post("/alumni/enroll/", {"partner": "MX", "institution_code": "semar"})
    pseudonym = answer["Location"].strip("/").split("/")[-1]
    course = {
        "part": "student",
        "school": "IADC",
        "title": "MASTER COURSE",
        "start_date": "2012-01-09",
        "end_date": "2012-12-14",
    }
    assert client.post(f"/alumni/{pseudonym}/course/", course).status_code == 302
    post = {"code": "mx-fleet", "title_en": "Fleet", "title_es": "Flota", "kind": "flag", "source": "Gazette"}
    assert client.post("/alumni/posts/add/?partner=MX", post | {"is_senior": "on"}).status_code == 302
    held = {"post_code": "mx-fleet", "from_date": "2015-01-01", "source": "Gazette"}
    assert client.post(f"/alumni/{pseudonym}/post/", held).status_code == 302
    page = text_of(client.get("/alumni/posts/?partner=MX"))
    assert "1 of 1" in page
    again = client.post(f"/alumni/{pseudonym}/course/", course)
    assert again.status_code == 409
    assert "has this course of" in text_of(again)
    tenure = Tenure.objects.get(post_id="mx-fleet")
    left = client.post("/alumni/posts/leave/?partner=MX", {"tenure": tenure.pk, "to_date": "2016-01-01"})
    assert left.status_code == 302
    client.post(
        "/alumni/posts/other/?partner=MX", {"post_code": "mx-fleet", "from_date": "2016-01-02", "source": "G"}
    )
    assert "0 of 1" in text_of(client.get("/alumni/posts/?partner=MX"))
    client.post(f"/alumni/{pseudonym}/withdraw/", {"kind": "tenure", "row": tenure.pk})
    assert not Student.objects.get(pk=pseudonym).tenures.exists()


def test_a_mistake_of_one_person_cannot_be_taken_back_on_the_page_of_another(client_of):
    row = orsk().courses.first()
    client_of("security cooperation officer").post(
        f"/alumni/{vidal().pk}/withdraw/", {"kind": "course", "row": row.pk}
    )
    assert orsk().courses.filter(pk=row.pk).exists()


def test_an_empty_form_says_what_is_missing_and_changes_nothing(client_of):
    client, before = client_of("security cooperation officer"), AuditEvent.objects.count()
    for address in (
        f"/alumni/{vidal().pk}/course/",
        f"/alumni/{vidal().pk}/post/",
        "/alumni/posts/add/?partner=BN",
    ):
        answer = client.post(address, {})
        assert answer.status_code == 400
        assert "This field is required." in text_of(answer)
    assert client.post("/alumni/posts/leave/?partner=BN", {"tenure": "x"}).status_code == 400
    assert (AuditEvent.objects.count(), Post.objects.filter(partner_id="BN").count()) == (before, 7)


def test_who_it_is_is_shown_once_with_a_reason_and_kept_by_no_cache(client_of):
    client, address = client_of("security cooperation officer"), f"/alumni/{vidal().pk}/"
    assert "Mara" not in text_of(client.get(address))
    before = AuditEvent.objects.count()
    answer = client.post(f"{address}identity/", {"reason": "screening"})
    assert "Mara" in text_of(answer)
    assert answer["Cache-Control"] == "no-store"
    assert AuditEvent.objects.count() == before + 1
    assert "Mara" not in text_of(client.get(address))
    assert client.post(f"{address}identity/", {"reason": ""}).status_code == 409


def test_an_identity_is_sealed_through_its_form(client_of):
    student = services.enroll_student(partner_code="MX", institution_code="", identity=None, actor=OFFICER)
    client = client_of("security cooperation officer")
    given = {"surname": "Zurrapastegui", "given_names": "X", "birth_date": "1980-12-31", "sex": "F"}
    wrong = client.post(f"/alumni/{student.pk}/identity/", given | {"birth_date": "31.12.1980"})
    assert wrong.status_code == 400
    assert not SealedIdentity.objects.filter(pk=student.pk).exists()
    assert client.post(f"/alumni/{student.pk}/identity/", given).status_code == 302
    kept = Identity("Zurrapastegui", "X", sex="F", birth_date=date(1980, 12, 31))
    assert open_identity(student) == kept


def test_a_person_is_erased_only_when_the_pseudonym_is_typed_again(client_of):
    client, person = client_of("administrator"), orsk()
    assert client.post(f"/alumni/{person.pk}/erase/", {"again": "S-"}).status_code == 409
    assert orsk() == person
    client.post(f"/alumni/{person.pk}/erase/", {"again": person.pk})
    page = text_of(client.get(f"/alumni/{person.pk}/"))
    assert "Orsk" not in page
    assert "The personal data were erased on" in page
    assert "an alumnus, erased on request" in text_of(client.get("/alumni/posts/?partner=BN"))


@pytest.mark.parametrize(("language", "words"), [("en", "still holds it"), ("es", "todavía lo contiene")])
def test_an_erasure_that_left_the_journal_full_does_not_say_that_all_is_done(
    client_of, monkeypatch, language, words
):
    monkeypatch.setattr(services, "erase_person", lambda **asked: False)
    client, person = client_of("administrator", language), orsk()
    page = text_of(client.post(f"/alumni/{person.pk}/erase/", {"again": person.pk}, follow=True))
    assert words in page
    assert "The personal data were erased." not in page


@pytest.mark.parametrize("who", PEOPLE)
def test_of_an_erased_person_no_page_keeps_or_tells_anything_more_to_anybody(client_of, person, who):
    """Every path of a person's page: refused with the reason to those who may, closed to the others."""
    student, administrator = orsk(), Actor("administrator", "administrator")
    services.erase_person(pseudonym=student.pk, on=date(2026, 1, 1), actor=administrator)
    course = {"part": "student", "school": "IADC", "title": "X"}
    course |= {"start_date": "2012-01-09", "end_date": "2012-12-14"}
    held = {"post_code": "bn-minister", "from_date": "2031-01-01", "source": "Gazette"}
    given = {
        "course/": ("keep_students", course),
        "post/": ("keep_students", held),
        "share/": ("keep_students", {"is_shared": "1"}),
        "withdraw/": ("keep_students", {"kind": "course", "row": student.courses.first().pk}),
        "identity/": ("see_identity", {"reason": "request"}),
        "identity/?seal": ("see_identity", {"surname": "X", "given_names": "Y"}),
        "export/": ("see_identity", {}),
        "erase/": ("erase_person", {"again": student.pk}),
    }
    before, courses = AuditEvent.objects.count(), student.courses.count()
    account, client = person(who), client_of(who)
    for path, (action, form) in given.items():
        answer = client.post(f"/alumni/{student.pk}/{path}", form)
        may = account.may(action)
        assert answer.status_code == (409 if may else 403), path
        assert not may or "were erased on" in text_of(answer)
    assert (AuditEvent.objects.count(), student.courses.count()) == (before, courses)
    if account.may("view_every_student"):
        page = text_of(client.get(f"/alumni/{student.pk}/"))
        assert "were erased on" in page
        assert f'action="/alumni/{student.pk}/' not in page


def test_a_file_is_checked_then_taken_in(client_of, tmp_path):
    client, path = client_of("security cooperation officer"), tmp_path / "people.csv"
    path.write_text("person,party,school,course,start,end\na,MX,IADC,X,2012-01-09,2012-12-14\n")
    before = Student.objects.count()
    for extra, added in (({}, 0), ({"store": "1"}, 1), ({"store": "1"}, 1)):
        with path.open("rb") as file:
            assert client.post("/alumni/import/", {"file": file, **extra}).status_code == 200
        assert Student.objects.count() == before + added
    path.write_text("person,party,school,course,start,end\na,MX,IADC,X,2012-01-09,\n")
    with path.open("rb") as file:
        refused = client.post("/alumni/import/", {"file": file, "store": "1"})
    assert refused.status_code == 400
    assert "row 2, field end: the value is missing" in text_of(refused)


# --- the partner's liaison --------------------------------------------------------------------------


@pytest.fixture
def liaison(client_of, person):
    account = person("partner liaison")
    account.party_code = "BN"
    account.save()
    return client_of("partner liaison")


ADDRESSES = ["/alumni/", "/alumni/graph/", "/alumni/posts/", "/alumni/report/", "/alumni/report.csv"]
ADDRESSES += [f"/api/alumni{part}?partner=BN" for part in ("", "/graph", "/posts", "/report")]


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_liaison_sees_those_shared_of_the_own_country_and_nobody_else(liaison, address):
    shared = {student.pk for student in Student.objects.filter(is_shared=True)} | {"Lena Orsk (invented)"}
    assert len(shared) == 7
    hidden = set(Student.objects.filter(is_shared=False).values_list("pk", flat=True)) | {
        "Aron Tamm (invented)"
    }
    text = text_of(liaison.get(address))
    assert [name for name in hidden if name in text] == []
    assert any(name in text for name in shared)


@pytest.mark.parametrize(
    "address", ["/alumni/?partner=MX", "/alumni/graph/?partner=MX", "/alumni/posts/?partner=MX"]
)
def test_another_country_is_no_choice_of_the_liaison(liaison, address):
    assert liaison.get(address).status_code == 400


def test_a_person_who_was_not_shared_answers_as_one_that_is_not_there(liaison):
    hidden = Student.objects.filter(is_shared=False, partner_id="BN").first()
    told = [liaison.get(f"/alumni/{code}/") for code in (hidden.pk, "S-ZZZZZZZZ")]
    assert [answer.status_code for answer in told] == [404, 404]
    hidden_field = r'name="csrfmiddlewaretoken" value="\w+"'
    said = [re.sub(hidden_field, "", text_of(answer)).replace(hidden.pk, "S-ZZZZZZZZ") for answer in told]
    assert said[0] == said[1]
    assert liaison.get(f"/alumni/{vidal().pk}/").status_code == 200


# --- the interface ----------------------------------------------------------------------------------


def test_the_interface_tells_what_the_pages_tell(client_of):
    client = client_of("assessor")
    listed = client.get("/api/alumni?partner=BN&on=2024-12-31&limit=2").json()
    assert (listed["count"], len(listed["items"])) == (9, 2)
    graph = client.get("/api/alumni/graph?partner=BN&on=2024-12-31&limit=3").json()
    assert (graph["count"], len(graph["ties"]), graph["growth"][-1]["tie_count"]) == (17, 3, 17)
    posts = client.get("/api/alumni/posts?partner=BN&on=2024-12-31").json()
    assert (posts["alumni_count"], posts["other_count"], posts["unknown_count"]) == (3, 1, 2)
    report = client.get("/api/alumni/report?partner=BN&on=2024-12-31").json()
    assert list(report[0])[:4] == ["country", "name", "grade", "us_grade"]
    unknown = client.get("/api/alumni?partner=ZZ")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "party-unknown")
