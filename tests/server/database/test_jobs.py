"""Long work: queued by a page, done beside it, canceled, taken up again after its process died."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from confianza.cooperation.actors import Actor
from confianza.cooperation.bilingual import BilingualText
from confianza.errors import PermissionRefusal, RuleRefusal
from confianza.server.evidence.models import ImportRun
from confianza.server.jobs import services
from confianza.server.jobs.kinds import KINDS, JobKind
from confianza.server.jobs.models import Job, State
from confianza.server.jobs.services import cancel_job, queue_job, work

VOLUME = Path(__file__).parents[2] / "data" / "fmtr" / "mx_2012_2013.pdf"
ASSESSOR = Actor("assessor", "assessor")
OTHER = Actor("cooperation-officer", "security_cooperation_officer")


@pytest.fixture
def kind(monkeypatch):
    """Makes a kind of job out of a function of its progress."""

    def of(run):
        job_kind = JobKind(
            BilingualText("Work", "Trabajo"), "import_training", (".pdf",), lambda *a: run(a[-1])
        )
        monkeypatch.setitem(KINDS, "work", job_kind)

    return of


def queued(kind="work", name="file.pdf", content=b"%PDF-", actor=ASSESSOR, **options) -> Job:
    return queue_job(kind=kind, file_name=name, chunks=[content], options=options, actor=actor)


def test_a_report_is_imported_and_its_file_does_not_wait_any_longer():
    job = queued("training-report", VOLUME.name, VOLUME.read_bytes(), partner_code="MX")
    assert not ImportRun.objects.filter(file_name=VOLUME.name).exists()
    assert work() == 1
    job.refresh_from_db()
    assert job.state == State.DONE, job.outcome
    assert job.done_count == job.total_count > 0
    run = ImportRun.objects.get(file_name=VOLUME.name)
    assert f"{run.record_count:,} rows imported" in job.outcome["en"]
    assert run.account == "assessor"
    assert not services._folder(job).exists()
    again = queued("training-report", VOLUME.name, VOLUME.read_bytes(), partner_code="MX")
    work()
    again.refresh_from_db()
    assert "imported before" in again.outcome["en"]


def test_a_refused_file_says_why_in_both_languages_and_stores_nothing():
    runs = ImportRun.objects.count()
    job = queued("training-report", content=b"%PDF-1.4 no report")
    work()
    job.refresh_from_db()
    assert job.state == State.REFUSED
    assert "file.pdf" in job.outcome["en"]
    assert "No se importó" in job.outcome["es"]
    assert ImportRun.objects.count() == runs


def test_a_job_that_waits_is_canceled_at_once_and_one_that_runs_at_its_next_step(kind):
    steps = []

    def run(progress):
        for page in range(1, 4):
            steps.append(page)
            cancel_job(running.pk, actor=ASSESSOR)
            services.TELL_EVERY = 0
            progress(page, 3)

    kind(run)
    waiting, running = queued(), queued()
    cancel_job(waiting.pk, actor=ASSESSOR)
    work()
    assert [Job.objects.get(pk=job.pk).state for job in (waiting, running)] == [State.CANCELED] * 2
    assert steps == [1]


def test_a_job_whose_process_died_is_started_again_but_not_for_ever(kind):
    starts = []
    kind(lambda progress: starts.append(1) or BilingualText("done", "hecho"))
    job = queued()
    Job.objects.filter(pk=job.pk).update(state=State.RUNNING, start_count=1)
    work()
    job.refresh_from_db()
    assert (job.state, starts, job.start_count) == (State.DONE, [1], 2)
    tired = queued()
    Job.objects.filter(pk=tired.pk).update(state=State.RUNNING, start_count=services.MOST_STARTS)
    work()
    tired.refresh_from_db()
    assert (tired.state, starts) == (State.FAILED, [1])


def test_a_fault_of_the_program_ends_one_job_and_not_the_others(kind, caplog):
    def run(progress):
        raise ZeroDivisionError

    kind(run)
    job, report = queued(), queued("training-report")
    assert work() == 2
    job.refresh_from_db()
    report.refresh_from_db()
    assert (job.state, report.state) == (State.FAILED, State.REFUSED)
    assert "ZeroDivisionError" in caplog.text


def test_two_do_not_work_at_once(kind):
    counts = []
    kind(lambda progress: counts.append(work()) or BilingualText("done", "hecho"))
    if connection.vendor == "postgresql":
        pytest.skip("the lock belongs to the connection, which this test has one of: see the killed worker")
    queued()
    assert work() == 1
    assert counts == [0]


def test_only_who_may_import_queues_and_only_what_can_be_read():
    with pytest.raises(PermissionRefusal):
        queued("training-report", actor=Actor("auditor", "auditor"))
    with pytest.raises(RuleRefusal, match=r"\.pdf"):
        queued("training-report", name="report.docx")
    assert not Job.objects.exists()


def test_another_account_may_not_cancel(kind):
    job = queued("training-report")
    with pytest.raises(PermissionRefusal):
        cancel_job(job.pk, actor=OTHER)


def test_the_page_takes_a_file_and_shows_what_came_of_it(client_of):
    client = client_of("assessor")
    file = SimpleUploadedFile(VOLUME.name, VOLUME.read_bytes())
    answer = client.post(
        "/jobs/add/", {"kind": "training-report", "file": file, "partner_code": "MX"}, follow=True
    )
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "<progress" in page
    assert 'hx-trigger="every 2s"' in page
    work()
    page = client.get("/jobs/").content.decode()
    assert "rows imported" in page
    assert "hx-trigger" not in page
    assert "renglones importados" in client_of("assessor", "es").get("/jobs/").content.decode()
    assert VOLUME.name not in client_of("security cooperation officer").get("/jobs/").content.decode()
    assert VOLUME.name in client_of("administrator").get("/jobs/").content.decode()


def test_the_page_says_what_is_wrong_with_a_file(client_of):
    client = client_of("assessor")
    file = SimpleUploadedFile("report.docx", b"x")
    answer = client.post("/jobs/add/", {"kind": "training-report", "file": file})
    assert answer.status_code == 409
    assert "report.docx" in answer.content.decode()
    job = queued("training-report")
    assert client.post(f"/jobs/{job.pk}/cancel/").status_code == 302
    assert Job.objects.get(pk=job.pk).state == State.CANCELED
    assert client_of("security cooperation officer").post(f"/jobs/{job.pk}/cancel/").status_code == 404
