"""Records of the relationship in a workspace: each step once and on record, files whole or not at all, who sees what."""

import json

import pytest

from confianza.cooperation.actors import Actor
from confianza.cooperation.relationship.standing import Sight, State
from confianza.errors import ImportRefusal, PermissionRefusal, RuleRefusal
from confianza.server.audit.models import AuditEvent
from confianza.server.audit.services import verify_log
from confianza.server.institutions.selectors import partnership_of, partnerships
from confianza.server.jobs.kinds import KINDS
from confianza.server.relationship import models, selectors, services
from confianza.server.relationship.exports import record_parts
from tests.records import DAY, LIAISON, VERSION, proposed

ACT = "martinez-2014-2013-single-window"
ASSESSOR = Actor("assessor", "assessor", "US")
OFFICER = Actor("cooperation-officer", "security_cooperation_officer", "US")
DIRECTOR = Actor("program-director", "country_program_director", "US")
COLLEAGUE = Actor("enlace-2", "partner_liaison", "MX")
STRANGER = Actor("bandaria-liaison", "partner_liaison", "BN")


@pytest.fixture
def one():
    return partnership_of("us-mx", partnerships())


def state_of(one, record_id) -> State:
    return selectors.visible_record(one, record_id, ASSESSOR)[0].state


def test_a_record_goes_from_proposed_over_contested_to_withdrawn_each_with_its_audit_event(one):
    before = AuditEvent.objects.count()
    name = proposed(one)
    assert state_of(one, name) is State.PROPOSED
    with pytest.raises(RuleRefusal, match="second person"):
        services.confirm_records(partnership=one, record_ids=[name], actor=LIAISON)
    services.confirm_records(partnership=one, record_ids=[name], actor=OFFICER)
    services.contest_record(
        partnership=one, record_id=name, values={"sign": "0", "source": "Note"}, actor=ASSESSOR, on=DAY
    )
    services.code_record(partnership=one, record_id=name, values={"severity": "0.3"}, actor=ASSESSOR, on=DAY)
    with pytest.raises(RuleRefusal, match="entered by the other side"):
        services.withdraw_record(partnership=one, record_id=name, reason="x", actor=ASSESSOR)
    services.withdraw_record(partnership=one, record_id=name, reason="dos veces", actor=LIAISON)
    assert state_of(one, name) is State.WITHDRAWN
    row, _item = selectors.record_row(one, name)
    steps = ["proposed", "confirmed", "contested", "coded", "withdrawn"]
    assert [event.step for event in row.events.all()] == steps
    assert AuditEvent.objects.count() == before + len(steps)
    assert [event.audit.action.partition(".")[0] for event in row.events.all()] == ["record"] * len(steps)
    verify_log()
    assert name not in {item.record.record_id for item in selectors.partnership_records(one, LIAISON)}


def test_nothing_on_record_is_changed_or_deleted(one):
    for row in (models.Record.objects.first(), models.Event.objects.first()):
        with pytest.raises(TypeError):
            row.save()
        with pytest.raises(TypeError):
            row.delete()


def test_what_one_side_holds_back_the_liaison_of_the_other_does_not_see(one):
    name = proposed(one, actor=ASSESSOR)
    mine = proposed(one, summary_es="Otra cosa.")
    seen = {item.record.record_id for item in selectors.partnership_records(one, LIAISON)}
    assert mine in seen
    assert name not in seen
    with pytest.raises(RuleRefusal, match="There is no record"):
        services.confirm_records(partnership=one, record_ids=[name], actor=LIAISON)
    services.publish_records(partnership=one, record_ids=[name], actor=DIRECTOR)  # offered
    item, sight = selectors.visible_record(one, name, LIAISON)
    assert (sight, item.is_public) == (Sight.WHOLE, False)
    services.publish_records(partnership=one, record_ids=[name], actor=LIAISON)
    assert selectors.visible_record(one, name, LIAISON)[0].is_public


def test_a_liaison_of_another_partnership_sees_and_does_nothing(one):
    name = proposed(one)
    assert selectors.partnership_records(one, STRANGER) == []
    for action in (
        lambda: selectors.visible_record(one, name, STRANGER),
        lambda: proposed(one, actor=STRANGER),
        lambda: services.publish_records(partnership=one, record_ids=[ACT], actor=STRANGER),
    ):
        with pytest.raises(RuleRefusal):
            action()


def test_the_vault_is_opened_by_both_sides_together(one):
    deposit = proposed(one, kind="third_party", is_deposited="yes", summary_es="Secreto de la Armada.")
    for actor in (ASSESSOR, OFFICER, DIRECTOR, Actor("auditor", "auditor", "US")):
        assert selectors.visible_record(one, deposit, actor)[1] is Sight.OUTSIDE
        assert deposit not in {item.record.record_id for item in selectors.partnership_records(one, actor)}
    assert [item.record_id for item in selectors.deposits(one, ASSESSOR)] == [deposit]
    told = json.dumps(list(AuditEvent.objects.values("subject", "payload")))
    assert "secreto" not in f"{deposit} {told}".casefold()
    with pytest.raises(RuleRefusal):
        services.contest_record(partnership=one, record_id=deposit, values=VERSION, actor=ASSESSOR, on=DAY)
    services.confirm_records(partnership=one, record_ids=[deposit], actor=COLLEAGUE)
    services.publish_records(partnership=one, record_ids=[deposit], actor=DIRECTOR)
    assert selectors.visible_record(one, deposit, ASSESSOR)[1] is Sight.OUTSIDE
    services.publish_records(partnership=one, record_ids=[deposit], actor=LIAISON)
    assert selectors.visible_record(one, deposit, ASSESSOR)[1] is Sight.WHOLE


def test_several_are_confirmed_together_or_none(one):
    first, second = proposed(one), proposed(one, actor=OFFICER, summary_es="Otra.")
    with pytest.raises(RuleRefusal):
        services.confirm_records(partnership=one, record_ids=[first, second], actor=OFFICER)
    assert state_of(one, first) is State.PROPOSED
    assert services.confirm_records(partnership=one, record_ids=[first, second, first], actor=ASSESSOR) == 2


@pytest.mark.parametrize("role", ["auditor", "case_manager", "country_program_director"])
def test_who_may_not_import_records_does_not(one, tmp_path, role):
    with pytest.raises(PermissionRefusal):
        services.import_records(tmp_path / "x.csv", partnership=one, actor=Actor("x", role, "US"), on=DAY)


FILE = (
    "id,kind,date_from,actor,summary_en,sign,domain,source,change,severity_a,method_a,version_a,coded_on_a\n"
    "2001-vetting,hedge,2001-05,US,Units are vetted.,-1,defense,law-2001,added,0.6,automated,1,2026-11-30\n"
    "2002-talks,exchange,2002,both,Talks begin.,1,defense,law-2001,,,,,\n"
)


def test_a_file_is_proposed_whole_and_twice_changes_nothing(one, tmp_path):
    path = tmp_path / "records.csv"
    path.write_text(FILE)
    before = AuditEvent.objects.count()
    done = services.import_records(path, partnership=one, actor=LIAISON, on=DAY)
    assert (done.new_count, done.same_count) == (2, 0)
    assert AuditEvent.objects.count() == before + 1
    item, _ = selectors.visible_record(one, "2001-vetting", LIAISON)
    assert (item.state, item.record.severity, item.standing.side) == (State.PROPOSED, 0.6, "MX")
    done = services.import_records(path, partnership=one, actor=LIAISON, on=DAY)
    assert (done.new_count, done.same_count) == (0, 2)
    assert AuditEvent.objects.count() == before + 1

    path.write_text(FILE.replace("Talks begin", "Talks end") + "2003-x,act,2003,US,x,1,defense,s,,,,,\n")
    with pytest.raises(ImportRefusal, match=r"row 3.*2002-talks"):
        services.import_records(path, partnership=one, actor=LIAISON, on=DAY)
    assert not models.Record.objects.filter(record_id="2003-x").exists()


def test_an_export_is_imported_again_without_a_change(one, tmp_path):
    path = tmp_path / "records.csv"
    path.write_text(FILE)
    services.import_records(path, partnership=one, actor=LIAISON, on=DAY)
    for form in ("csv", "xlsx"):
        out = tmp_path / f"out.{form}"
        out.write_bytes(b"".join(record_parts(selectors.partnership_records(one, ASSESSOR), form)))
        assert services.import_records(out, partnership=one, actor=ASSESSOR, on=DAY).new_count == 0


def test_the_page_of_imports_takes_records(one, tmp_path):
    path = tmp_path / "records.csv"
    path.write_text(FILE)
    run = KINDS["records"].run
    told = run(path, {"partnership": "us-mx"}, ASSESSOR, lambda _done, _total: None)
    assert "2 records proposed" in told.en
    assert "2 registros propuestos" in told.es
    assert state_of(one, "2002-talks") is State.PROPOSED


def test_the_index_reads_the_acts_it_read_before_and_none_that_was_withdrawn(one):
    events = selectors.history_events(("US", "MX"))
    assert len(events) == 27
    assert {event.event_id for event in events} >= {"1914-tampico", "2013-single-window"}
    period = next(event for event in events if "/" in event.date)
    assert period.year is None
    services.withdraw_record(partnership=one, record_id=ACT, reason="x", actor=ASSESSOR)
    assert len(selectors.history_events(("US", "MX"))) == 26


def test_an_act_gets_an_identifier_that_an_address_can_have():
    assert services.act_id("memoria-2012", "Ünter_Strait 3") == "memoria-2012-nter-strait-3"


def test_the_record_of_the_package_is_public_from_the_beginning_and_loaded_once(one):
    item = selectors.visible_record(one, ACT, LIAISON)[0]
    assert item.is_public
    assert item.standing.side == ""
    row = [services.act_record(event, "thesis") for event in selectors.history_events(one.pair)]
    loaded = services.load_packaged_record(row, (), partnership=one, file_name="x", actor=ASSESSOR)
    assert not loaded
