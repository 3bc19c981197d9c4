"""Event files in a workspace: all or none, each once, nothing half when killed, the same tables as the library's."""

from types import SimpleNamespace

import pytest

from confianza.cooperation.actors import Actor
from confianza.cooperation.permissions import permission_table
from confianza.errors import ImportRefusal, PermissionRefusal, RuleRefusal
from confianza.evidence.sources import events
from confianza.server.audit.models import AuditEvent
from confianza.server.events import documents, parquet, selectors, services
from confianza.server.events.models import EventFile, PairTable
from confianza.server.events.services import import_events
from confianza.server.evidence.models import ImportRun
from confianza.server.jobs.models import State
from confianza.server.jobs.services import queue_job, work
from tests.evidence.sources.events.gdelt_lines import line, text

ASSESSOR = Actor("assessor", "assessor")
LIAISON = Actor("enlace", "partner_liaison", "MX")
FIRST = text(
    line(1, "20200102", "USA", "MEX", "042", address="http://a.example/1"),
    line(2, "20200103", "MEX", "USAGOV", "112", address="http://a.example/2"),
    line(3, "20200103", "USACOP", "MEXCVL", "173", address="http://a.example/3"),
    line(4, "20200103", "USA", "COL", "042", address="http://a.example/4"),
    line(5, "20200103", code="---"),
)
LATER = text(
    line(
        9, "20200103", "MEX", "USAGOV", "112", address="http://a.example/2"
    ),  # repeats a row of the first file
    line(10, "20200203", "MEX", "USA", "190", address="http://a.example/5"),
)


@pytest.fixture
def paths(tmp_path, settings):
    settings.ARCHIVE_FOLDER = tmp_path / "archive"
    found = []
    for name, content in (("first.CSV", FIRST), ("later.CSV", LATER)):
        path = tmp_path / name
        path.write_text(content)
        found.append(path)
    return found


def table(source, target, period="month"):
    return {
        f"{row.period:%Y-%m}": (row.events, row.verbal_conflict, row.law_border)
        for row in documents.pair_periods(selectors.pair_counts(source, target, period))
    }


def test_files_of_one_call_and_of_two_come_to_the_tables_of_the_library(paths):
    for path in paths:
        import_events([path], actor=ASSESSOR)
    together = events.pairs(paths)
    stored = selectors.pair_counts("MEX", "USA", "month")
    assert stored.equals(together.table.filter(source_iso3="MEX", target_iso3="USA"))
    assert table("USA", "MEX") == {"2020-01": (2, 0, 1)}
    assert table("MEX", "USA") == {"2020-01": (1, 1, 0), "2020-02": (1, 0, 0)}
    assert table("MEX", "USA", "year") == {"2020-01": (2, 1, 0)}
    first, later = (documents.file(row, "es") for row in selectors.event_files())
    assert (first.lines, first.read, first.repeated, first.rejected) == (5, 4, 0, {"code-missing": 1})
    assert (later.lines, later.read, later.repeated, later.rejected) == (2, 1, 1, {})
    assert "first.CSV" in first.examples[0]
    assert "enlace" in first.license
    (year,) = selectors.coverage()
    assert (year.publisher, year.year, year.events, year.events_of_partners) == ("gdelt", 2020, 5, 4)
    assert year.covered_share == pytest.approx(3 / 366)


def test_the_same_file_twice_changes_nothing(paths):
    import_events(paths, actor=ASSESSOR)
    before = AuditEvent.objects.count(), PairTable.objects.count(), sorted(parquet.folder().iterdir())
    again = import_events(paths, actor=ASSESSOR)
    assert [item.is_new for item in again] == [False, False]
    assert before == (
        AuditEvent.objects.count(),
        PairTable.objects.count(),
        sorted(parquet.folder().iterdir()),
    )


def test_one_wrong_file_keeps_all_out_and_every_problem_is_said(paths, tmp_path):
    (tmp_path / "letter.txt").write_text("Dear Sir,\nno table\n")
    (tmp_path / "empty.CSV").write_text("")
    with pytest.raises(ImportRefusal) as caught:
        import_events([*paths, tmp_path / "letter.txt", tmp_path / "empty.CSV"], actor=ASSESSOR)
    assert {problem.file for problem in caught.value.problems} == {"letter.txt", "empty.CSV"}
    with pytest.raises(ImportRefusal, match="gdelt"):
        import_events(paths, actor=ASSESSOR, publisher="icews")
    with pytest.raises(RuleRefusal, match="polecat"):
        import_events(paths, actor=ASSESSOR, publisher="reuters")
    assert not EventFile.objects.exists()
    assert not PairTable.objects.exists()


@pytest.mark.parametrize("place", ["_register", "_kept"])
def test_an_import_that_ends_in_the_middle_leaves_nothing_and_can_be_done_again(paths, monkeypatch, place):
    import_events(paths[:1], actor=ASSESSOR)
    before = table("MEX", "USA"), ImportRun.objects.count(), AuditEvent.objects.count()

    def end(*_args, **_more):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(services, place, end)
        with pytest.raises(KeyboardInterrupt):
            import_events(paths, actor=ASSESSOR)
    assert (table("MEX", "USA"), ImportRun.objects.count(), AuditEvent.objects.count()) == before
    assert list(selectors.damaged_files()) == []
    assert not list(parquet.folder().glob(".*"))
    assert [item.is_new for item in import_events(paths, actor=ASSESSOR)] == [False, True]
    assert table("MEX", "USA") == {"2020-01": (1, 1, 0), "2020-02": (1, 0, 0)}


def test_a_lost_or_changed_parquet_file_is_said_and_written_again(paths):
    import_events(paths, actor=ASSESSOR)
    rows, (month, _) = (
        next(parquet.folder().glob("*.rows.parquet")),
        sorted(parquet.folder().glob("pairs-*")),
    )
    rows.unlink()
    month.write_bytes(month.read_bytes()[:-1])
    assert set(selectors.damaged_files()) == {rows.name, month.name}
    with pytest.raises(RuleRefusal, match=month.name):
        table("MEX", "USA")
    import_events(paths, actor=ASSESSOR)
    assert list(selectors.damaged_files()) == []
    assert table("MEX", "USA") == {"2020-01": (1, 1, 0), "2020-02": (1, 0, 0)}


def test_others_who_import_at_the_same_time_are_not_lost(paths, monkeypatch):
    combine, other = events.combine, []

    def slow(*args, **more):
        if not other:
            other.append(True)
            import_events(paths[1:], actor=ASSESSOR)
        return combine(*args, **more)

    monkeypatch.setattr(services, "events", SimpleNamespace(**{**vars(events), "combine": slow}))
    import_events(paths[:1], actor=ASSESSOR)
    assert EventFile.objects.count() == 2
    assert table("MEX", "USA") == {"2020-01": (1, 1, 0), "2020-02": (1, 0, 0)}


def test_simulated_files_are_said_to_be(paths):
    import_events(paths[:1], actor=ASSESSOR, is_simulated=True)
    assert all(
        row.is_simulated for row in documents.pair_periods(selectors.pair_counts("USA", "MEX", "year"))
    )
    assert selectors.coverage()[0].is_simulated


def test_a_liaison_sees_the_pairs_of_the_own_party_only():
    assert selectors.pair_of(LIAISON, "MX", "United States") == ("MEX", "USA")
    with pytest.raises(RuleRefusal, match="own party"):
        selectors.pair_of(LIAISON, "US", "CO")
    assert selectors.pair_of(ASSESSOR, "US", "CO") == ("USA", "COL")
    with pytest.raises(RuleRefusal, match="two countries"):
        selectors.pair_of(ASSESSOR, "US", "USA")


@pytest.mark.parametrize("role", permission_table().roles)
def test_each_role_imports_events_if_the_table_says_so(paths, role):
    actor = Actor("x", role)
    if permission_table().may(role, "import_events"):
        assert import_events(paths[:1], actor=actor)[0].is_new
    else:
        with pytest.raises(PermissionRefusal):
            import_events(paths[:1], actor=actor)


def test_a_job_of_the_page_imports_a_file_and_tells_what_came_of_it(paths):
    job = queue_job(kind="events", file_name="first.CSV", chunks=[FIRST.encode()], options={}, actor=ASSESSOR)
    assert work() == 1
    job.refresh_from_db()
    assert job.state == State.DONE, job.outcome
    assert job.outcome["en"] == "4 events read, 0 rows repeat others, 1 rejected."
    assert job.outcome["es"] == "4 eventos leídos, 0 renglones repiten otros, 1 rechazados."
    assert table("USA", "MEX") == {"2020-01": (2, 0, 1)}
