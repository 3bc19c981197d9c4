"""Students: pseudonyms, sealed identities, looks, export, erasure, courses, posts and the yearly report."""

import csv
import io
import json
import re
import unicodedata
from datetime import date
from pathlib import Path

import openpyxl
import polars
import pytest
from django.conf import settings
from django.db import connection

from confianza.cooperation.actors import Actor
from confianza.cooperation.alumni import HolderStatus
from confianza.cooperation.alumni.identity import Identity
from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.permissions import permission_table
from confianza.errors import ImportRefusal, PermissionRefusal, RuleRefusal
from confianza.server.alumni import exports, identities, selectors, services
from confianza.server.alumni.bulk import import_students
from confianza.server.alumni.identities import IdentityError, open_identity, rotate_key
from confianza.server.alumni.models import CourseAttended, SealedIdentity, Student, Tenure
from confianza.server.alumni.simulated import load_simulated
from confianza.server.audit.models import AuditEvent
from confianza.server.audit.services import verify_log
from confianza.server.institutions.models import Party

OFFICER = Actor("cooperation-officer", "security_cooperation_officer")
DIRECTOR = Actor("program-director", "country_program_director")
ADMINISTRATOR = Actor("administrator", "administrator")
WHO = Identity(
    surname="Zurrapastegui",
    given_names="Ximena",
    sex="F",
    birth_date=date(1980, 12, 31),
    passport_number="QX7731905",
)
TODAY = date(2024, 6, 30)


def enroll(identity=WHO, partner="MX", **more):
    return services.enroll_student(
        partner_code=partner, institution_code="semar", identity=identity, actor=OFFICER, **more
    )


def attend(student, school="IADC", start="2012-01-09", end="2012-12-14", **more):
    return services.record_course(
        pseudonym=student.pk,
        school=school,
        title=more.pop("title", "MASTER COURSE"),
        start_date=date.fromisoformat(start),
        end_date=date.fromisoformat(end),
        rank=more.pop("rank", "Capitan de Navio"),
        actor=OFFICER,
        **more,
    )


def post(code="mx-fleet", partner="MX", **more):
    return services.add_post(
        code=code,
        partner_code=partner,
        title=BilingualText("Commander of the Fleet", "Comandante de la Flota"),
        kind="flag",
        is_senior=more.pop("is_senior", True),
        source="Official site",
        actor=OFFICER,
    )


def hold(code, student, start="2015-01-01", end=None, **more):
    return services.hold_post(
        post_code=code,
        pseudonym=student.pk if student else None,
        from_date=date.fromisoformat(start),
        to_date=date.fromisoformat(end) if end else None,
        source=more.pop("source", "Official gazette on Zurrapastegui"),
        actor=OFFICER,
        **more,
    )


def everything_said():
    """All the audit log holds, as text."""
    return json.dumps(list(AuditEvent.objects.values_list("subject", "payload")), ensure_ascii=False)


# --- identities at rest -----------------------------------------------------------------------------


def test_a_student_is_known_by_a_pseudonym_that_tells_nothing():
    one, other = enroll(), enroll()
    assert re.fullmatch(r"S-[2-9A-Z]{8}", one.pk)
    assert one.pk != other.pk
    assert one.name == one.pk


def test_what_was_sealed_is_what_is_opened():
    assert open_identity(enroll()) == WHO


def every_byte_of_the_database():
    """What the tables hold, as the database would write it to its file."""
    found = b""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'select * from "{table}"')  # noqa: S608  # the names come from the database
            for row in cursor.fetchall():
                found += b"".join(
                    bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                    for value in row
                )
    return found


def test_no_table_and_no_log_holds_a_name_in_plain():
    student = enroll()
    services.see_identity(pseudonym=student.pk, reason="travel-order", actor=OFFICER)
    content = every_byte_of_the_database()
    assert student.pk.encode() in content
    for secret in ("Zurrapastegui", "Ximena", "QX7731905", "1980-12-31"):
        assert secret.encode() not in content


def test_the_key_file_is_its_owners_only(tmp_path):
    settings.IDENTITY_KEY = tmp_path / "key"
    SealedIdentity.objects.all().delete()
    enroll()
    assert settings.IDENTITY_KEY.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


@pytest.fixture(autouse=True)
def _the_key_of_the_workspace():
    kept, content = settings.IDENTITY_KEY, settings.IDENTITY_KEY.read_bytes()
    yield
    settings.IDENTITY_KEY = kept
    kept.write_bytes(content)


def test_a_missing_key_is_not_replaced_by_a_new_one(tmp_path):
    student = enroll()
    settings.IDENTITY_KEY = tmp_path / "gone"
    for attempt in (lambda: open_identity(student), lambda: rotate_key(actor=ADMINISTRATOR), enroll):
        with pytest.raises(IdentityError) as refusal:
            attempt()
        assert refusal.value.code == "identity-key-missing"
        assert str(tmp_path / "gone") in str(refusal.value)
    assert not settings.IDENTITY_KEY.exists()


@pytest.mark.parametrize(
    ("content", "code"), [(b"not a key\n", "identity-key-unusable"), (b"", "identity-key-unusable")]
)
def test_a_broken_key_file_is_one_clear_error(tmp_path, content, code):
    student = enroll()
    settings.IDENTITY_KEY = tmp_path / "key"
    settings.IDENTITY_KEY.write_bytes(content)
    with pytest.raises(IdentityError) as refusal:
        open_identity(student)
    assert refusal.value.code == code


def test_the_key_of_another_workspace_opens_nothing_and_changes_nothing(tmp_path):
    student = enroll()
    before = bytes(student.identity.sealed_key)
    other = identities.Fernet.generate_key() + b"\n"
    settings.IDENTITY_KEY = tmp_path / "key"
    settings.IDENTITY_KEY.write_bytes(other)
    for attempt in (lambda: open_identity(student), lambda: rotate_key(actor=ADMINISTRATOR), enroll):
        with pytest.raises(IdentityError) as refusal:
            attempt()
        assert refusal.value.code == "identity-key-wrong"
    assert bytes(SealedIdentity.objects.get(pk=student.pk).sealed_key) == before
    assert settings.IDENTITY_KEY.read_bytes() == other


def test_a_sealed_identity_moved_to_another_pseudonym_does_not_open():
    one, other = enroll(), enroll(Identity("Otra", "Persona"))
    row = SealedIdentity.objects.get(pk=one.pk)
    SealedIdentity.objects.filter(pk=other.pk).update(sealed=row.sealed, sealed_key=row.sealed_key)
    with pytest.raises(IdentityError):
        open_identity(other)


def test_after_a_rotation_the_old_key_opens_nothing():
    student = enroll()
    old = settings.IDENTITY_KEY.read_bytes()
    assert rotate_key(actor=ADMINISTRATOR) == SealedIdentity.objects.count()
    assert open_identity(student) == WHO
    assert len(settings.IDENTITY_KEY.read_bytes().split()) == 1
    settings.IDENTITY_KEY.write_bytes(old)
    with pytest.raises(IdentityError):
        open_identity(student)


def test_a_rotation_cut_off_at_any_moment_leaves_what_opens_every_identity(monkeypatch):
    student, write = enroll(), identities._write_keys
    for calls in (0, 1):
        made = []

        def failing(path, keys, *, is_new, made=made, calls=calls):
            if len(made) == calls:
                raise KeyboardInterrupt
            made.append(keys)
            write(path, keys, is_new=is_new)

        monkeypatch.setattr(identities, "_write_keys", failing)
        with pytest.raises(KeyboardInterrupt):
            rotate_key(actor=ADMINISTRATOR)
        assert open_identity(student) == WHO


def test_no_key_is_dropped_that_a_row_still_needs():
    """Whatever sealed it: a row that came back from elsewhere while the key was changed."""
    student, seal_anew = enroll(), identities._seal_anew
    with pytest.MonkeyPatch.context() as patch:
        old = bytes(SealedIdentity.objects.get(pk=student.pk).sealed_key)

        def one_comes_back(master, actor):
            count = seal_anew(master, actor)
            SealedIdentity.objects.filter(pk=student.pk).update(sealed_key=old)
            return count

        patch.setattr(identities, "_seal_anew", one_comes_back)
        rotate_key(actor=ADMINISTRATOR)
    assert len(settings.IDENTITY_KEY.read_bytes().split()) == 2
    assert open_identity(student) == WHO
    rotate_key(actor=ADMINISTRATOR)
    assert len(settings.IDENTITY_KEY.read_bytes().split()) == 1
    assert open_identity(student) == WHO


def test_what_an_interrupted_rotation_left_beside_the_file_is_used_and_cleared_up():
    student, key = enroll(), settings.IDENTITY_KEY
    old = key.read_bytes()
    rotate_key(actor=ADMINISTRATOR)
    draft = key.with_name(f"{key.name}.draft-0a1b2c3d")  # its name never reached the disk, but its rows did
    draft.write_bytes(key.read_bytes() + old)
    (torn := key.with_name(f"{key.name}.draft-ffffffff")).write_bytes(old[:20])
    (other := key.with_name(f"{key.name}.20260131")).write_bytes(old)
    key.write_bytes(old)
    with pytest.raises(IdentityError) as refusal:
        open_identity(student)
    assert "rotate-key" in str(refusal.value)
    rotate_key(actor=ADMINISTRATOR)
    assert open_identity(student) == WHO
    assert len(key.read_bytes().split()) == 1
    assert (draft.exists(), torn.exists(), other.exists()) == (False, False, True)
    other.unlink()


def test_a_rotation_waits_for_the_one_that_runs_and_says_so(monkeypatch):
    monkeypatch.setattr(identities, "ROTATION_WAIT_SECONDS", 0.05)
    before = settings.IDENTITY_KEY.read_bytes()
    with identities._rotation_lock(), pytest.raises(IdentityError) as refusal:
        rotate_key(actor=ADMINISTRATOR)
    assert refusal.value.code == "identity-key-busy"
    assert settings.IDENTITY_KEY.read_bytes() == before
    rotate_key(actor=ADMINISTRATOR)  # the file of the lock is still there, and locks nothing


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o604])
def test_a_key_file_that_others_can_read_is_taken_from_them_and_told(mode, caplog):
    student = enroll()
    settings.IDENTITY_KEY.chmod(mode)
    assert open_identity(student) == WHO
    assert settings.IDENTITY_KEY.stat().st_mode & 0o777 == 0o600
    assert f"mode {mode:04o}" in caplog.text


def test_a_key_file_that_cannot_be_taken_from_others_is_refused(monkeypatch):
    student = enroll()
    settings.IDENTITY_KEY.chmod(0o644)

    def not_ours(*arguments, **more):
        raise PermissionError

    monkeypatch.setattr(Path, "chmod", not_ours)
    with pytest.raises(IdentityError) as refusal:
        open_identity(student)
    monkeypatch.undo()
    settings.IDENTITY_KEY.chmod(0o600)
    assert refusal.value.code == "identity-key-open"
    assert "0644" in str(refusal.value)


def test_a_key_file_in_a_folder_where_everybody_writes_is_refused(tmp_path):
    student = enroll()
    (folder := tmp_path / "open").mkdir()
    (folder / "key").write_bytes(settings.IDENTITY_KEY.read_bytes())
    settings.IDENTITY_KEY = folder / "key"
    folder.chmod(0o777)
    for attempt in (lambda: open_identity(student), lambda: rotate_key(actor=ADMINISTRATOR), enroll):
        with pytest.raises(IdentityError) as refusal:
            attempt()
        assert refusal.value.code == "identity-key-folder-open"
    folder.chmod(0o1777)  # as /tmp: nobody removes a file of others
    assert open_identity(student) == WHO


@pytest.mark.parametrize(
    "given", [{"surname": ""}, {"given_names": " "}, {"sex": "Q"}, {"birth_date": "31/12/1980"}]
)
def test_a_wrong_field_of_an_identity_is_named_and_its_value_is_not(given):
    with pytest.raises(RuleRefusal) as refusal:
        Identity.of_json(WHO.to_json() | given)
    (name, value), message = next(iter(given.items())), str(refusal.value)
    assert name in message
    assert "Zurrapastegui" not in message
    assert len(value.strip()) < 2 or value not in message


# --- looking --------------------------------------------------------------------------------------


def test_every_look_is_recorded_with_its_reason_and_no_name():
    student = enroll()
    assert services.see_identity(pseudonym=student.pk, reason="screening", actor=OFFICER) == WHO
    event = AuditEvent.objects.last()
    assert (event.account, event.action, event.subject, event.payload) == (
        "cooperation-officer",
        "identity.look",
        f"student:{student.pk}",
        {"reason": "screening"},
    )
    assert verify_log()


@pytest.mark.parametrize("role", permission_table().roles)
def test_who_a_student_is_is_told_to_the_roles_of_the_table_only(role):
    student, actor = enroll(), Actor("x", role)
    before = AuditEvent.objects.count()
    attempts = {
        "see_identity": [
            lambda: services.see_identity(pseudonym=student.pk, reason="request", actor=actor),
            lambda: services.export_person(pseudonym=student.pk, actor=actor),
            lambda: services.keep_identity(pseudonym=student.pk, identity=WHO, actor=actor),
        ],
        "keep_students": [
            lambda: services.share_student(pseudonym=student.pk, is_shared=True, actor=actor),
            lambda: services.update_report(partner_code="MX", on=TODAY, actor=actor),
            lambda: services.enroll_student(
                partner_code="MX", institution_code="", identity=None, actor=actor
            ),
        ],
        "erase_person": [lambda: services.erase_person(pseudonym=student.pk, on=TODAY, actor=actor)],
    }
    recorded = 0
    for action, tries in attempts.items():
        for attempt in tries:
            if permission_table().may(role, action):
                attempt()
                recorded += 1
            else:
                with pytest.raises(PermissionRefusal):
                    attempt()
    assert AuditEvent.objects.count() == before + recorded


def test_a_look_without_a_known_reason_or_without_an_identity_shows_nothing():
    student = enroll(None)
    for reason, code in (("curious", "look-reason-unknown"), ("request", "identity-absent")):
        with pytest.raises(RuleRefusal) as refusal:
            services.see_identity(pseudonym=student.pk, reason=reason, actor=OFFICER)
        assert refusal.value.code == code
    assert AuditEvent.objects.last().action == "student.enrol"


def test_a_public_name_needs_its_source():
    with pytest.raises(RuleRefusal) as refusal:
        enroll(None, public_name="General X")
    assert refusal.value.code == "student-source-missing"


# --- export and erasure -----------------------------------------------------------------------------


def test_the_export_holds_all_about_the_person_in_both_languages():
    student = enroll()
    attend(student, funding="IMET-1")
    post()
    hold("mx-fleet", student, us_grade="O-7")
    services.see_identity(pseudonym=student.pk, reason="screening", actor=OFFICER)
    document = json.loads(json.dumps(services.export_person(pseudonym=student.pk, actor=OFFICER)))
    assert {item["field"]: item["value"] for item in document["identity"]} == WHO.to_json()
    assert document["identity"][0]["name"] == {"en": "Surname", "es": "Apellidos"}
    kinds = [row["kind"] for row in document["records"]]
    assert kinds == ["alumni.student", "alumni.courseattended", "alumni.tenure"]
    course = {item["field"]: item["value"] for item in document["records"][1]["fields"]}
    assert (course["school"], course["funding"], course["rank"]) == ("IADC", "IMET-1", "Capitan de Navio")
    looks = [(event["action"], event["account"]) for event in document["log"]]
    assert ("identity.look", "cooperation-officer") in looks
    assert looks[-1] == ("person.export", "cooperation-officer")


def counted(on):
    """What is counted of Mexico's people, as pages and reports do."""
    students, party = Student.objects.all(), Party.objects.get(pk="MX")
    found = selectors.relations(party, students, on)
    return (
        found.growth,
        [(tie.pair, tie.overlap_days) for tie in found.ties],
        selectors.senior_posts_held(selectors.post_rows(party, students, on)),
        selectors.posts_by_year(party, students, range(2014, 2025), on),
        selectors.advanced(party, students, on),
    )


def test_erasure_leaves_no_name_and_every_count_and_the_chain():
    student, other = (
        enroll(public_name="Ximena Zurrapastegui", public_source="Zurrapastegui.example"),
        enroll(None),
    )
    attend(student, source="Told by Zurrapastegui")
    attend(other)
    post()
    hold("mx-fleet", student, rank="Almirante Zurrapastegui")
    before, events = counted(TODAY), AuditEvent.objects.count()
    services.erase_person(pseudonym=student.pk, on=TODAY, actor=ADMINISTRATOR)
    assert counted(TODAY) == before
    content = every_byte_of_the_database()
    for secret in ("Zurrapastegui", "Ximena", "Capitan de Navio,"):
        assert secret.encode() not in content
    row = Student.objects.get(pk=student.pk)
    assert (row.erased_on, row.name, row.had_post) == (TODAY, student.pk, True)
    assert [course.rank for course in row.courses.all()] == [""]
    assert not row.tenures.exists()
    assert not SealedIdentity.objects.filter(pk=student.pk).exists()
    assert verify_log() == events + 1
    assert AuditEvent.objects.last().payload == {}


def test_nothing_in_the_log_joins_an_erased_pseudonym_to_a_post():
    student = enroll()
    attend(student)
    post()
    tenure = hold("mx-fleet", student)
    services.erase_person(pseudonym=student.pk, on=TODAY, actor=ADMINISTRATOR)
    for event in AuditEvent.objects.filter(subject="post:mx-fleet"):
        assert student.pk not in json.dumps(event.payload)
    assert Tenure.objects.get(pk=tenure.pk).student is None
    rows = selectors.post_rows(Party.objects.get(pk="MX"), Student.objects.all(), TODAY)
    assert [(row.held, row.student) for row in rows] == [(HolderStatus.ALUMNUS, None)]


def test_of_an_erased_person_nothing_can_be_kept_or_seen_any_more():
    student = enroll()
    course = attend(student)
    services.erase_person(pseudonym=student.pk, on=TODAY, actor=ADMINISTRATOR)
    for attempt in (
        lambda: services.erase_person(pseudonym=student.pk, on=TODAY, actor=ADMINISTRATOR),
        lambda: services.keep_identity(pseudonym=student.pk, identity=WHO, actor=OFFICER),
        lambda: services.see_identity(pseudonym=student.pk, reason="request", actor=OFFICER),
        lambda: services.export_person(pseudonym=student.pk, actor=OFFICER),
        lambda: services.share_student(pseudonym=student.pk, is_shared=True, actor=OFFICER),
        lambda: services.withdraw(course, actor=OFFICER),
        lambda: attend(student, title="Another course"),
    ):
        with pytest.raises(RuleRefusal) as refusal:
            attempt()
        assert refusal.value.code == "student-erased"


# --- courses and posts ---------------------------------------------------------------------------------


def test_a_school_is_known_by_its_code_or_either_name():
    assert services.school_of("iadc") == "IADC"
    assert services.school_of("Colegio Interamericano de Defensa") == "IADC"
    assert services.school_of("Heroico Colegio Militar") == "Heroico Colegio Militar"
    with pytest.raises(RuleRefusal) as refusal:
        services.school_of("IN-COUNTRY")
    assert refusal.value.code == "course-school-group"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"end": "2012-01-08"}, "course-dates"),
        ({}, "course-twice"),
        ({"part": "guest", "title": "X"}, "students-value"),
        ({"title": "X" * 301}, "students-too-long"),
    ],
)
def test_a_course_that_cannot_be_is_refused_and_changes_nothing(more, code):
    student = enroll(None)
    attend(student)
    before = AuditEvent.objects.count()
    with pytest.raises(RuleRefusal) as refusal:
        attend(student, **more)
    assert refusal.value.code == code
    assert (student.courses.count(), AuditEvent.objects.count()) == (1, before)


@pytest.mark.parametrize(
    ("start", "end", "is_free"),
    [
        ("2014-01-01", "2014-12-31", True),
        ("2014-01-01", "2015-01-01", False),
        ("2014-01-01", None, False),
        ("2016-06-01", "2016-06-02", False),
        ("2016-12-31", None, False),
        ("2017-01-01", None, True),
    ],
)
def test_a_post_has_one_holder_at_a_time(start, end, is_free):
    student = enroll(None)
    post()
    hold("mx-fleet", student, "2015-01-01", "2016-12-31")
    if is_free:
        hold("mx-fleet", None, start, end)
    else:
        with pytest.raises(RuleRefusal) as refusal:
            hold("mx-fleet", None, start, end)
        assert refusal.value.code == "post-held"


def test_a_post_is_held_by_people_of_its_country():
    post()
    with pytest.raises(RuleRefusal) as refusal:
        hold("mx-fleet", enroll(None, partner="US"))
    assert refusal.value.code == "post-party"


def test_a_post_is_left_and_a_mistake_taken_back_on_record():
    student = enroll(None)
    post()
    tenure = hold("mx-fleet", student)
    services.leave_post(tenure_id=tenure.pk, to_date=date(2016, 1, 1), actor=OFFICER)
    tenure.refresh_from_db()
    assert tenure.to_date == date(2016, 1, 1)
    with pytest.raises(RuleRefusal):
        services.leave_post(tenure_id=tenure.pk, to_date=date(2014, 1, 1), actor=OFFICER)
    services.withdraw(tenure, actor=OFFICER)
    assert not student.tenures.exists()
    assert AuditEvent.objects.last().action == "student.withdraw"


# --- the yearly report -------------------------------------------------------------------------------


def report_file(form, rows, language) -> bytes:
    return b"".join(exports.report_parts(form, rows, language))


def test_the_report_has_the_manuals_fields_in_their_order():
    student = enroll()
    attend(student, funding="IMET-1", degree="Master", source="Yearbook")
    post()
    hold("mx-fleet", student, "2015-01-01", "2016-01-01", rank="Almirante", us_grade="O-8", source="Gazette")
    rows = selectors.prominence_rows(Student.objects.filter(partner_id="MX"), TODAY)
    names = services.names_for_report(rows, actor=OFFICER)
    text = report_file("csv", exports.report_rows(rows, "en", names), "en").decode("utf-8-sig")
    header, row = csv.reader(io.StringIO(text))
    assert [name.split(":")[0] for name in header] == [
        "Country",
        "Name",
        "Grade",
        "U.S. grade",
        "Prominent positions",
        "Current position",
        "Degree",
        "Training",
        "How obtained",
    ]
    assert row == [
        "Mexico",
        "Zurrapastegui, Ximena",
        "Almirante",
        "O-8",
        "Commander of the Fleet (2015-01-01–2016-01-01)",
        "",
        "Master",
        "MASTER COURSE, Inter-American Defense College, Capitan de Navio, 2012, IMET-1",
        "Gazette; Yearbook",
    ]
    assert AuditEvent.objects.last().payload == {"reason": "report"}
    book = openpyxl.load_workbook(io.BytesIO(report_file("xlsx", exports.report_rows(rows, "es"), "es")))
    cells = list(book.worksheets[0].iter_rows(values_only=True))
    assert cells[0][:2] == ("País", "Nombre")
    assert cells[1][:5] == (
        "México",
        student.pk,
        "Almirante",
        "O-8",
        "Comandante de la Flota (2015-01-01–2016-01-01)",
    )
    frame = polars.read_parquet(io.BytesIO(report_file("parquet", exports.report_rows(rows, "es"), "es")))
    assert frame.columns[:2] == ["País", "Nombre"]
    assert frame["Grado"].to_list() == ["Almirante"]


def test_only_alumni_with_a_post_by_the_day_are_reported():
    alumnus, unfinished = enroll(None), enroll(None)
    attend(alumnus)
    attend(unfinished, end="2030-01-01")
    post()
    post("mx-zone")
    hold("mx-fleet", alumnus, "2015-01-01")
    hold("mx-zone", unfinished, "2015-01-01")
    students = Student.objects.filter(partner_id="MX")
    assert [row.student for row in selectors.prominence_rows(students, TODAY)] == [alumnus]
    assert selectors.prominence_rows(students, date(2014, 12, 31)) == []


def test_the_day_the_report_was_brought_up_to_date_is_told():
    assert selectors.prominence_report_updated("MX") is None
    services.update_report(partner_code="MX", on=date(2024, 2, 1), actor=DIRECTOR)
    services.update_report(partner_code="MX", on=date(2024, 1, 1), actor=DIRECTOR)
    assert selectors.prominence_report_updated("MX") == date(2024, 2, 1)


# --- files -------------------------------------------------------------------------------------------

COURSES = """person,party,institution,school,course,start,end,rank,public_name,public_source
navy one,MX,semar,IADC,MASTER COURSE,2012-01-09,2012-12-14,Capitan,,
navy one,,,WHINSEC,STAFF COURSE,2014-01-09,2014-12-14,Capitan,,
public,MX,semar,Heroico Colegio Militar,EXCHANGE,2012-01-09,2012-12-14,,General Y,Official site
"""


def written(folder: Path, text: str, name="people.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_of_courses_enrolls_its_people_once(tmp_path):
    path, before = written(tmp_path, COURSES), Student.objects.count()
    dry = import_students(path, actor=OFFICER, dry_run=True)
    assert (dry.row_count, Student.objects.count()) == (3, before)
    taken = import_students(path, actor=OFFICER)
    assert (taken.row_count, set(taken.people), taken.new_schools) == (
        3,
        {"navy one", "public"},
        {"Heroico Colegio Militar"},
    )
    assert Student.objects.get(pk=taken.people["navy one"]).courses.count() == 2
    assert b"navy one" not in every_byte_of_the_database()
    assert import_students(path, actor=OFFICER).was_there
    assert Student.objects.count() == before + 2


ONE_PERSON = ["Muñoz", unicodedata.normalize("NFD", "Muñoz"), "MUÑOZ", " muñoz ", "Mu\u200bñoz"]


def test_a_person_is_one_in_every_spelling_of_the_name_and_accents_make_another(tmp_path):
    rows = "".join(
        f"{name},MX,,IADC,Course {number},2012-01-0{number},2012-12-14,,,\n"
        for number, name in enumerate([*ONE_PERSON, "Munoz"], start=1)
    )
    taken = import_students(written(tmp_path, COURSES.partition("\n")[0] + "\n" + rows), actor=OFFICER)
    assert list(taken.people) == ["Muñoz", "Munoz"]
    assert Student.objects.get(pk=taken.people["Muñoz"]).courses.count() == len(ONE_PERSON)
    assert taken.near_names == [("Muñoz", "Munoz")]


def test_a_public_name_or_pseudonym_on_record_is_known_in_any_spelling(tmp_path):
    student = enroll(None, public_name="Ana  Núñez", public_source="Gazette")
    assert student.public_name == "Ana Núñez"
    for text in (
        "ana núñez",
        unicodedata.normalize("NFD", "Ana Núñez"),
        student.pk.lower(),
        f" {student.pk}",
    ):
        assert selectors.student_row(text, Student.objects.all()) == student
    header = COURSES.partition("\n")[0]
    rows = f"ANA NÚÑEZ,MX,,IADC,A,2012-01-09,2012-12-14,,,\n{student.pk.lower()},MX,,IADC,B,2012-01-09,2012-12-14,,,\n"
    assert import_students(written(tmp_path, f"{header}\n{rows}"), actor=OFFICER).people == {}
    assert student.courses.count() == 2
    enroll(None, public_name="ANA NÚÑEZ", public_source="Gazette")
    with pytest.raises(RuleRefusal, match="Several people") as refused:
        selectors.student_row("Ana Núñez", Student.objects.all())
    assert refused.value.code == "student-ambiguous"


def test_schools_courses_and_posts_are_the_same_in_any_spelling():
    student = enroll(None)
    attend(student, school="Escuela de  Guerra", title="Curso A")
    course = attend(student, school="ESCUELA DE GUERRA", title="Curso B")
    assert course.school == "Escuela de  Guerra"
    assert attend(student, school="iadc", title="Curso C").school == "IADC"
    with pytest.raises(RuleRefusal) as refused:
        attend(student, school="Escuela de Guerra", title="CURSO  A")
    assert refused.value.code == "course-twice"
    post("mx-fleet")
    with pytest.raises(RuleRefusal) as refused:
        post("MX-Fleet")
    assert refused.value.code == "post-twice"
    assert hold("MX-FLEET", student).post_id == "mx-fleet"
    assert enroll(None).institution_code == "semar"


def test_posts_and_who_held_them_are_taken_in_too(tmp_path):
    taken = import_students(written(tmp_path, COURSES), actor=OFFICER)
    posts = "post,party,title_en,title_es,kind,is_senior,source\nmx-fleet,MX,Fleet,Flota,flag,yes,Gazette\n"
    import_students(written(tmp_path, posts, "posts.csv"), actor=OFFICER)
    held = (
        "post,holder,from,to,source\nmx-fleet,other,2010-01-01,2013-12-31,Gazette\n"
        f"mx-fleet,{taken.people['navy one']},2014-12-15,2015-12-31,Gazette\nmx-fleet,General Y,2016-01-01,,Gazette\n"
    )
    import_students(written(tmp_path, held, "held.csv"), actor=OFFICER)
    assert [row.holder for row in Tenure.objects.filter(post_id="mx-fleet")] == ["other", "person", "person"]


def test_every_wrong_row_is_named_and_nothing_is_stored(tmp_path):
    text = (
        COURSES
        + "navy one,US,,IADC,X,2012-01-09,2012-12-14,,,\n"
        + "two,MX,,IADC,X,2012-01-09,2011-12-14,,,\n"
        + "two,MX,,IADC,X,09/01/2012,2012-12-14,,,\n"
        + "three,XX,,IADC,X,2012-01-09,2012-12-14,,,\n"
        + "S-22222222,MX,,IADC,X,2012-01-09,2012-12-14,,,\n"
    )
    before = Student.objects.count(), AuditEvent.objects.count()
    with pytest.raises(ImportRefusal) as refusal:
        import_students(written(tmp_path, text), actor=OFFICER)
    found = [(problem.row, problem.params["reason"].code) for problem in refusal.value.problems]
    assert found == [
        (5, "students-party-differs"),
        (6, "course-dates"),
        (7, "students-date"),
        (8, "party-unknown"),
        (9, "student-unknown"),
    ]
    assert (Student.objects.count(), AuditEvent.objects.count()) == before


def test_a_file_of_another_kind_is_refused_with_the_columns_there_are(tmp_path):
    with pytest.raises(ImportRefusal) as refusal:
        import_students(written(tmp_path, "surname,given_names\nA,B\n"), actor=OFFICER)
    assert refusal.value.problems[0].code == "students-kind"
    assert "person, school, course, start, end" in str(refusal.value)


def test_a_workbook_of_courses_is_read_with_its_days(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["person", "party", "school", "course", "start", "end"])
    book.active.append(["a", "MX", "IADC", "X", date(2012, 1, 9), date(2012, 12, 14)])
    book.save(tmp_path / "people.xlsx")
    taken = import_students(tmp_path / "people.xlsx", actor=OFFICER)
    (course,) = CourseAttended.objects.filter(student_id=taken.people["a"])
    assert (course.start_date, course.end_date) == (date(2012, 1, 9), date(2012, 12, 14))


# --- the simulated people ----------------------------------------------------------------------------


def test_the_simulated_people_are_there_once_and_never_among_true_ones():
    assert load_simulated(account="x", partner_code="BN") is False
    students = Student.objects.all()
    assert not selectors.relations(Party.objects.get(pk="MX"), students, TODAY).students
    found = selectors.relations(Party.objects.get(pk="BN"), students, TODAY)
    assert {row.is_simulated for row in found.students.values()} == {True}
    assert any(tie.is_between_countries for tie in found.ties)
    rows = selectors.post_rows(Party.objects.get(pk="BN"), students, TODAY)
    held = selectors.senior_posts_held(rows)
    assert (held.alumni_count, held.other_count, held.unknown_count) == (3, 1, 2)
