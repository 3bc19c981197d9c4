"""Pages of training plans, on the simulated plan of Bandaria."""

import re

import pytest
from django.utils.html import strip_tags

from confianza.server.audit.models import AuditEvent
from confianza.server.people.models import User
from confianza.server.training_plans.models import PlanLine, StudentEnrollment, TrainingPlan
from tests.people import PEOPLE

PLAN = "BN-2027"
DAY = {"on": "2026-11-28", "records_seen": "0"}


def text_of(answer):
    return re.sub(r"\s+", " ", strip_tags(answer.content.decode().replace("<", " <")))


def way(status, number="1001"):
    """The code of a student's way in a state."""
    return StudentEnrollment.objects.get(status=status, code__startswith=f"{PLAN}-{number}").pk


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
        client_of("security cooperation officer", language).get(f"/training-plans/{address}").status_code
        == 200
    )


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_page_of_every_student_opens(client_of, language):
    client = client_of("security cooperation officer", language)
    for row in StudentEnrollment.objects.all():
        assert client.get(f"/training-plans/{row.pk}/").status_code == 200


# --- plans, lines and students ----------------------------------------------------------------------


def test_a_year_is_opened_and_a_line_planned_in_it(client_of):
    officer = client_of("security cooperation officer")
    given = {**DAY, "partner": "BN", "fiscal_year": "2029", "ceiling": "1000.00"}
    assert officer.post("/training-plans/open/", given)["Location"] == "/training-plans/BN-2029/"
    assert "The training list has no lines yet." in text_of(
        officer.get("/training-plans/BN-2029/?part=lines")
    )
    assert 'value="1001A"' in officer.get("/training-plans/BN-2029/lines/").content.decode()
    answer = officer.post("/training-plans/BN-2029/lines/", {**DAY, **LINE, "subject": "1001A"})
    assert answer["Location"] == "/training-plans/BN-2029-1001A/"
    assert "Staff course" in text_of(officer.get("/training-plans/BN-2029/?part=lines"))


LINE = {
    "priority": "B",
    "program": "imet",
    "kind": "course",
    "direction": "to-us",
    "course": "Staff course",
    "school": "CGSC",
    "implementing_agency": "B",
    "category": "pme",
    "seats": "1",
    "start_date": "2028-11-01",
    "end_date": "2028-12-01",
}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"school": "CGS"}, "is not the code of a school"),
        (
            {"start_date": "2029-11-01", "end_date": "2029-12-01"},
            "is not between October 1, 2026 and September 30, 2027",
        ),
        ({"on": "tomorrow"}, "not a date"),
        ({"subject": "10"}, "not a code of a training plan"),
        ({"seats": "none"}, "a whole number above zero"),
    ],
)
def test_a_wrong_line_is_told_why_keeps_what_was_typed_and_changes_nothing(client_of, wrong, told):
    before = AuditEvent.objects.count()
    given = {**DAY, **LINE, "subject": "1010A", "start_date": "2027-05-01", "end_date": "2027-06-01", **wrong}
    answer = client_of("security cooperation officer").post("/training-plans/BN-2027/lines/", given)
    assert answer.status_code == (400 if "on" in wrong else 409)
    assert told in text_of(answer)
    assert 'value="Staff course"' in answer.content.decode()
    assert AuditEvent.objects.count() == before


def test_a_student_is_nominated_from_the_plan_and_takes_the_seat(client_of):
    officer = client_of("security cooperation officer")
    page = officer.get("/training-plans/BN-2027/?part=students").content.decode()
    student = re.search(r'<select name="student".*?value="(S-\w+)"', page, re.S)[1]
    answer = officer.post("/training-plans/BN-2027/students/", {**DAY, "number": "1004", "student": student})
    assert answer["Location"] == f"/training-plans/BN-2027-1004-{student}/"
    assert PlanLine.objects.get(pk="BN-2027-1004A").taken_count == 1
    again = officer.post("/training-plans/BN-2027/students/", {**DAY, "number": "1004", "student": student})
    assert again.status_code == 409


def test_a_full_course_takes_nobody_more(client_of):
    officer = client_of("security cooperation officer")
    page = officer.get("/training-plans/BN-2027/?part=students").content.decode()
    student = re.search(r'<select name="student".*?value="(S-\w+)"', page, re.S)[1]
    answer = officer.post("/training-plans/BN-2027/students/", {**DAY, "number": "1002", "student": student})
    assert answer.status_code == 409
    assert "No seat is left on: 1002A" in text_of(answer)


def test_a_step_upon_what_has_changed_meanwhile_is_refused(client_of):
    answer = client_of("security cooperation officer").post(
        "/training-plans/BN-2027-1005A/request-line/", {**DAY, "records_seen": "0"}
    )
    assert answer.status_code == 409
    assert "changed while you were looking" in text_of(answer)


def test_no_travel_order_is_issued_before_the_screening_and_the_page_says_which(client_of):
    code = way("nominated")
    given = {"on": "2026-09-20", "records_seen": "3", "order_number": "X", "report_by": "2026-10-02"}
    answer = client_of("security cooperation officer").post(
        f"/training-plans/{code}/issue-travel-order/", given
    )
    assert answer.status_code == 409
    told = text_of(answer)
    assert "Human rights vetting is not passed" in told
    assert "The medical examination is not passed" in told
    assert StudentEnrollment.objects.get(pk=code).status == "nominated"


def test_a_withdrawn_student_costs_nothing_once_another_takes_the_seat(client_of):
    page = text_of(client_of("assessor").get(f"/training-plans/{way('withdrawn', '1002')}/"))
    assert "Charge of the cancellation: $0" in page
    assert "another student takes the seat" in page


def test_the_travel_order_names_the_student_and_the_look_is_on_record(client_of):
    code = way("in-training")
    answer = client_of("security cooperation officer").post(f"/training-plans/{code}/order/")
    told = text_of(answer)
    assert "Surname Ilves (invented)" in told
    assert "1001A: General English training, DLIELC" in told
    assert answer["Cache-Control"] == "no-store"
    look = AuditEvent.objects.latest("sequence")
    assert (look.action, look.payload) == ("identity.look", {"reason": "travel-order"})


def test_without_an_order_nobody_is_named(client_of):
    before = AuditEvent.objects.count()
    answer = client_of("security cooperation officer").post(f"/training-plans/{way('nominated')}/order/")
    assert answer.status_code == 409
    assert "no travel order in force" in text_of(answer)
    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize("who", sorted(set(PEOPLE) - {"security cooperation officer"}))
def test_nobody_else_sees_who_travels(client_of, who):
    assert client_of(who).post(f"/training-plans/{way('in-training')}/order/").status_code == 403


def test_the_combined_plan_has_both_years_side_by_side(client_of):
    told = text_of(client_of("assessor").get("/training-plans/BN-2027/combined/"))
    assert "budget year 2027" in told
    assert "planning year 2028" in told
    assert "1.2 Host nation objectives Dos plazas de estado mayor" in told
    assert "61.5 % met" in told
    assert "28.6 % not met" in told


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet"])
def test_the_training_list_is_a_file(client_of, form):
    answer = client_of("assessor").get(f"/training-plans/BN-2027/list.{form}")
    assert f'filename="BN-2027.{form}"' in answer["Content-Disposition"]
    assert len(b"".join(answer.streaming_content)) > 500


def test_what_waits_stands_among_the_next_actions(client_of):
    assert "Vet for human rights" in text_of(client_of("state reviewer").get("/actions/"))
    assert "Vet for human rights" not in text_of(client_of("case manager").get("/actions/"))


def test_a_school_shows_the_seats_planned_there_to_those_who_see_the_plan(client_of, liaison):
    for client in (client_of("assessor"), liaison):
        told = text_of(client.get("/training-reports/schools/WHINSEC/"))
        assert "BN-2027-1002A simulated 2027 confirmed 3/3" in told
    TrainingPlan.objects.filter(pk=PLAN).update(is_shared=False)
    assert "BN-2027-1002A" not in text_of(liaison.get("/training-reports/schools/WHINSEC/"))


# --- the partner's liaison ----------------------------------------------------------------------------


def test_the_liaison_sees_the_shared_plan_and_the_shared_students_only(liaison):
    told = text_of(liaison.get("/training-plans/BN-2027/?part=students"))
    hidden = StudentEnrollment.objects.filter(student__is_shared=False)
    assert hidden.count() == 2
    assert "2 students are not shared with you." in told
    for row in StudentEnrollment.objects.select_related("student"):
        assert (row.student_id in told) == row.student.is_shared
        expected = 200 if row.student.is_shared else 404
        assert liaison.get(f"/training-plans/{row.pk}/").status_code == expected


def test_a_plan_no_longer_shared_is_gone_for_the_liaison(client_of, liaison):
    program = TrainingPlan.objects.get(pk=PLAN)
    given = {"on": "2026-11-28", "records_seen": program.version}
    officer = client_of("security cooperation officer")
    assert officer.post("/training-plans/BN-2027/stop-sharing/", given).status_code == 302
    assert "BN-2027" not in text_of(liaison.get("/training-plans/"))
    for page in (
        "BN-2027/",
        "BN-2027/combined/",
        "BN-2027/list.csv",
        "BN-2027-1001A/",
        f"{way('nominated')}/",
    ):
        assert liaison.get(f"/training-plans/{page}").status_code == 404
    before = AuditEvent.objects.count()
    assert liaison.post("/training-plans/BN-2027-1005A/agree-line/", DAY).status_code == 404
    assert AuditEvent.objects.count() == before


def test_the_liaison_agrees_to_a_line_and_cannot_request_it(liaison):
    row = PlanLine.objects.get(pk="BN-2027-1005A")
    given = {"on": "2026-11-28", "records_seen": row.version}
    assert liaison.post("/training-plans/BN-2027-1005A/agree-line/", given).status_code == 302
    refused = liaison.post(
        "/training-plans/BN-2027-1005A/request-line/", given | {"records_seen": row.version + 1}
    )
    assert refused.status_code == 409
    assert "Partner liaison does not act for" in text_of(refused)
