"""Every step of every rulebook, typed into the form of its own page: what was typed stands on record."""

from datetime import date, timedelta
from html.parser import HTMLParser

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from confianza.cooperation.actors import Actor
from confianza.cooperation.cases.case import Availability
from confianza.cooperation.cases.editions import editions
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.process.fields import from_json, read_details
from confianza.cooperation.training_plans.process import rulebook
from confianza.cooperation.training_plans.records import RecordKind
from confianza.server.alumni.services import enroll_student, share_student, update_report
from confianza.server.audit.models import AuditEvent
from confianza.server.cases.services import open_case, revise_dates
from confianza.server.people.models import User
from confianza.server.training_plans.models import StudentRemark
from tests.cooperation.bandaria import STAFF_COLLEGE
from tests.cooperation.manual_case import UNIT, WALK
from tests.cooperation.test_case_process import WALK as THESIS_WALK

CASE = "BN-B-ZZZ"
DIRECTOR = Actor("program-director", "country_program_director")
OFFICER = Actor("cooperation-officer", "security_cooperation_officer")
TYPED = {"text": "Words, á", "words": "Two\r\nlines", "count": "3", "money": "1234.50", "month": "2026-05"}


@pytest.fixture(autouse=True)
def _later(monkeypatch):
    """A day after every step here."""
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_: date(2050, 1, 1))


class Forms(HTMLParser):
    """The forms of a page: where each goes, what it sends, whether it has a button."""

    def __init__(self, page: str):
        super().__init__()
        self.forms, self.select, self.ids = [], None, []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "form":
            self.forms.append({"action": given.get("action"), "fields": [], "has_button": False})
        elif not self.forms:
            return
        elif tag in {"input", "select", "textarea"} and "name" in given:
            field = {"name": given["name"], "tag": tag, "type": given.get("type", "")}
            field |= {"value": given.get("value", ""), "options": [], "is_required": "required" in given}
            self.forms[-1]["fields"].append(field)
            self.select = field if tag == "select" else None
        elif tag == "option" and self.select is not None:
            self.select["options"].append(given.get("value"))
        elif tag == "button":
            self.forms[-1]["has_button"] = True

    def to(self, action: str) -> dict:
        (form,) = [form for form in self.forms if form["action"] == action]
        return form


def account_of(offices, country: str = "") -> User:
    """Somebody who acts for one of some offices; the liaison of a country for the partner."""
    roles = permission_table().roles
    people = [user for user in User.objects.filter(is_demo=True) if roles[user.role].acts_for & set(offices)]
    return next((user for user in people if user.party_code == country), people[0])


def browser(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user, backend="confianza.server.people.backends.DemoBackend")
    return client


def typed(form: dict, fields, wanted: dict[str, str]) -> dict[str, str]:
    """What a person sends with a form: hidden values as they are, every field of the step filled by its type."""
    types = {field.name: field for field in fields}
    sent = {}
    for field in form["fields"]:
        name = field["name"]
        if field["type"] == "hidden":
            sent[name] = field["value"]
        elif name in wanted:
            assert field["tag"] != "select" or wanted[name] in field["options"], (name, field["options"])
            sent[name] = wanted[name]
        elif name in types and field["tag"] == "select":
            sent[name] = next(option for option in field["options"] if option)
        elif name in types:
            sent[name] = TYPED[types[name].type]
        elif field["tag"] == "select":
            sent[name] = field["options"][0]
    return sent


def record(client, page: str, action: str, step, wanted: dict[str, str]) -> dict[str, str]:
    """Find the form of a step on its page, fill it in and send it; what was sent."""
    parsed = Forms(client.get(page).content.decode())
    form = parsed.to(action)
    names = [field["name"] for field in form["fields"]]
    assert sorted(names) == sorted(set(names)), f"{step.id}: a name twice"
    assert len(parsed.ids) == len(set(parsed.ids)), f"{page}: an id twice"
    assert form["has_button"], step.id
    sent = typed(form, step.fields, wanted)
    answer = client.post(action, sent)
    assert answer.status_code == 302, (step.id, answer.content.decode().split('role="alert"')[-1][:600])
    return sent


def stands(subject: str, step, sent: dict[str, str]) -> None:
    """The last event of a subject is the step with the values that were typed."""
    event = AuditEvent.objects.filter(subject=subject).last()
    assert (event.payload["step"], event.payload["on"]) == (step.id, sent["on"])
    kept = from_json(event.payload["details"])
    kept |= {row.field: row.text for row in StudentRemark.objects.filter(event=event.sequence)}
    given = {field.name: sent[field.name] for field in step.fields if field.name in sent}
    assert kept == read_details(step.fields, given)


# --- cases -------------------------------------------------------------------------------------------

LINE_2 = {
    "line": "002",
    "description": "Course",
    "kind": "article",
    "quantity": "1",
    "unit_cost": "500",
    "country": "BN",
    "unit": UNIT,
    "start_month": "{month}",
    "end_month": "{month}",
}
AMENDING = ("sign-amendment", "approve-amendment", "countersign-amendment", "accept-amendment")
# What is taken besides the steps of the plain history, before a step of it.
BESIDES = {
    "find-actionable": [
        ("find-insufficient", {}),
        ("supplement-request", {}),
        ("revise-ceiling", {"ceiling": "40000"}),
        ("find-actionable", {}),
        ("report-significant-change", {}),
    ],
    "notify-unit": [
        ("request-hold", {}),
        ("acknowledge-hold", {}),
        ("refuse-hold", {}),
        ("request-hold", {}),
        ("approve-hold", {}),
        ("remove-hold", {}),
        ("add-factor", {}),
        ("close-factor", {}),
    ],
    "advise-country": [
        ("add-line", LINE_2),
        ("revise-line", LINE_2 | {"quantity": "2"}),
        ("remove-line", {"line": "002"}),
    ],
    "approve-ia": [("approve-ia", {"at": "{day}T08:00"}), ("return-document", {})],
    "confirm-funds": [("request-emergency", {})],
    "plan-delivery": [
        ("suspend", {}),
        ("report-impact", {}),
        ("complete-impact", {}),
        ("lift-suspension", {}),
        ("open-amendment", {"version": "A01"}),
        ("withdraw-amendment", {}),
        ("open-amendment", {"version": "A01"}),
        ("change-line", {"line": "001", "quantity": "4", "unit_cost": "2600"}),
        ("add-line-by-amendment", LINE_2),
        *[(step, {}) for step in AMENDING],
        ("implement-amendment", {}),
        ("open-modification", {"version": "M01"}),
        ("withdraw-modification", {}),
        ("open-modification", {"version": "M01"}),
        ("change-line-within-scope", {"line": "002", "unit_cost": "400"}),
        ("sign-modification", {}),
        ("countersign-modification", {}),
        ("obligate", {"line": "002", "amount": "400"}),
        ("plan-delivery", {"delivery": "D0", "line": "002", "quantity": "1", "planned_on": "{later}"}),
        ("ship-delivery", {"delivery": "D0"}),
        ("record-arrival", {"delivery": "D0"}),
        ("confirm-receipt", {"delivery": "D0"}),
        ("oversee-transfer", {"delivery": "D0"}),
        ("transfer-custody", {"delivery": "D0"}),
        ("hold-review", {}),
    ],
    "deobligate": [("pay", {"line": "002", "amount": "400"})],
    "return-residual": [
        ("record-expiry", {"on": "{expired}"}),
        ("restore-funds", {"on": "{restored}"}),
        ("record-expiry", {"on": "{cancelled}"}),
        ("record-cancellation", {"on": "{cancelled}"}),
    ],
}
CHANGED = {
    "confirm-funds": {"amount": "12000", "funds": "{funds}"},
    "report-final": {"evidence": ""},
    "conclude": {"evidence": ""},
}


def manual_walk(edition, first: date):
    """Each step of an edition at least once, in an order that the rules allow: step, day, what is typed."""
    on = first
    for step, given, days in WALK:
        on += timedelta(days=days)
        for name, wanted in [*BESIDES.get(step, []), (step, given | CHANGED.get(step, {}))]:
            if name in edition.steps:
                yield name, on, wanted


def case_evidence() -> str:
    events = AuditEvent.objects.filter(subject=f"case:{CASE}", action="case.step")
    return ", ".join(str(event.sequence) for event in list(events)[-2:])


def take_on_page(edition, step, on: date, wanted: dict[str, str]) -> None:
    page = f"/cases/{CASE}/"
    client = browser(account_of(step.actors))
    if step.id == "attach-document":
        form = Forms(client.get(f"{page}?part=documents").content.decode()).to(
            f"{page}documents/?part=documents"
        )
        names = [field["name"] for field in form["fields"]]
        assert sorted(names) == sorted(set(names))
        sent = typed(form, (), {"kind": wanted["kind"], "on": on.isoformat()})
        content = f"{wanted['kind']} of {CASE}".encode()
        sent["file"] = SimpleUploadedFile(wanted["file_name"].replace(".pdf", ".txt"), content)
        assert client.post(f"{page}documents/", sent).status_code == 302
        event = AuditEvent.objects.filter(subject=f"case:{CASE}").last()
        assert (event.payload["step"], event.payload["details"]["kind"]) == (step.id, wanted["kind"])
        return
    sent = record(client, page, f"{page}{step.id}/", step, wanted | {"on": on.isoformat()})
    stands(f"case:{CASE}", step, sent)


def opened(edition, funds: str) -> None:
    open_case(
        identifier=CASE.replace("BN-", "E7-") if edition.id == "thesis-2013" else CASE,
        edition=edition.id,
        title="Every step",
        partner_code="BN",
        appropriation_code=funds,
        actor=OFFICER,
    )


@pytest.mark.parametrize(
    ("edition", "funds", "year"), [("samm-2012-legacy", "BN-FY2022", 2022), ("samm-2026", "BN-FY2026", 2026)]
)
def test_every_step_of_the_manual_is_recorded_from_its_form(edition, funds, year):
    edition = editions()[edition]
    opened(edition, funds)
    start, until = date(year - 1, 10, 1), date(year + 1, 9, 30)
    restored = until + timedelta(days=60)
    taken = set()
    for name, on, given in manual_walk(edition, start + timedelta(days=40)):
        fill = {
            "day": on,
            "funds": funds,
            "year": on.year + 1,
            "month": f"{on.year + 1}-05",
            "later": on + timedelta(days=60),
            "expired": until + timedelta(days=1),
            "restored": restored,
            "cancelled": date(year + 6, 10, 1),
        }
        wanted = {key: value.format(**fill) for key, value in given.items()}
        if name == "restore-funds":
            longer = Availability(restored, start, restored + timedelta(days=30), date(year + 6, 9, 30))
            revise_dates(appropriation_code=funds, availability=longer, actor=DIRECTOR)
        if name == "record-cancellation" or (taken >= {"record-cancellation"}):
            on = date(year + 6, 10, 1)
        if "evidence" in wanted:
            wanted["evidence"] = case_evidence()
        on = date.fromisoformat(wanted.pop("on", on.isoformat()))
        take_on_page(edition, edition.steps[name], on, wanted)
        taken.add(name)
    assert set(edition.steps) - taken == set()


def test_every_step_of_the_thesis_is_recorded_from_its_form(monkeypatch):
    monkeypatch.setattr(f"{__name__}.CASE", "E7-B-ZZZ")
    edition, taken = editions()["thesis-2013"], set()
    opened(edition, "BN-FY2013")
    besides = {
        "submit-request": [("evaluate-solution", {})],
        "prepare-loa": [
            ("add-line", {"line": "002", "description": "Boats", "quantity": "1", "unit_cost": "10"}),
            ("revise-line", {"line": "002", "quantity": "2", "unit_cost": "20"}),
            ("remove-line", {"line": "002"}),
        ],
        "begin-closure": [("begin-monitoring", {})],
        "close-case": [("report-final", {})],
    }
    for step, on, given in THESIS_WALK:
        for name, wanted in [*besides.get(step, []), (step, given)]:
            take_on_page(edition, edition.steps[name], date.fromisoformat(on), wanted)
            taken.add(name)
    assert set(edition.steps) - taken == set()


# --- training plans ------------------------------------------------------------------------------------

PLAN = "BN-2026"
LINE, OTHER, THIRD = f"{PLAN}-1420A", f"{PLAN}-1500A", f"{PLAN}-1510A"
COURSE = STAFF_COLLEGE | {
    "women": "1",
    "report_date": "2026-06-30",
    "fifth_quarter": "",
    "dedicated": "yes",
    "masl_id": "B171000",
    "analysis_code": "2A",
    "ecl_score": "80",
}


class Track:
    """A training year, taken step by step on its pages."""

    def __init__(self):
        self.taken = set()
        self.students = [self.student() for _ in range(2)]

    def student(self) -> str:
        student = enroll_student(
            partner_code="BN",
            institution_code="bn-army",
            identity=None,
            is_simulated=True,
            actor=OFFICER,
        )
        share_student(pseudonym=student.pk, is_shared=True, actor=OFFICER)
        return student.pk

    def do(self, kind, code, step, on, /, *, page="", action="", office=None, **wanted):
        step = rulebook(kind).steps[step]
        client = browser(account_of([office or step.actors[0]], "BN"))
        page = page or f"/training-plans/{code}/"
        sent = record(client, page, action or f"{page}{step.id}/", step, wanted | {"on": on})
        stands(f"training:{code}", step, sent)
        self.taken.add((kind, step.id))


def test_every_step_of_a_training_year_is_recorded_from_its_form():
    track = Track()
    program, line, student = RecordKind.PLAN, RecordKind.LINE, RecordKind.STUDENT
    plan = f"/training-plans/{PLAN}/"
    opening = {"page": "/training-plans/", "action": "/training-plans/open/"}
    track.do(
        program,
        PLAN,
        "open-program",
        "2025-06-01",
        partner="BN",
        fiscal_year="2026",
        ceiling="90000.00",
        **opening,
    )
    track.do(program, PLAN, "revise-ceiling", "2025-06-02", ceiling="100000.00")
    track.do(program, PLAN, "share-program", "2025-06-02")
    track.do(program, PLAN, "write-section", "2025-06-02", text="Two\r\nlines")
    track.do(program, PLAN, "record-women", "2025-06-02", women_in_forces="3", forces="90")
    adding = {"page": f"{plan}lines/", "action": f"{plan}lines/"}
    track.do(line, LINE, "plan-line", "2025-09-01", subject="1420A", **adding, **COURSE)
    proposal = COURSE | {"priority": "D", "course": "Another course"}
    track.do(line, OTHER, "propose-line", "2025-09-01", subject="1500A", **adding, **proposal)
    track.do(line, OTHER, "adopt-line", "2025-09-02", priority="D")
    track.do(line, OTHER, "agree-line", "2025-09-02")
    track.do(line, OTHER, "change-line", "2025-09-02", **COURSE | {"priority": "D", "seats": "3"})
    track.do(line, OTHER, "cancel-line", "2025-09-03", refilled="1")
    track.do(line, LINE, "request-line", "2025-09-03")
    track.do(line, LINE, "confirm-line", "2025-09-03")
    track.do(program, PLAN, "waive-check", "2025-09-03", check="pme")
    track.do(program, PLAN, "agree-program", "2025-09-04")
    track.do(program, PLAN, "approve-program", "2025-09-05")
    update_report(partner_code="BN", on=date(2025, 9, 6), actor=OFFICER)
    track.do(program, PLAN, "hold-working-group", "2025-09-07")
    first, other = (f"{PLAN}-1420-{name}" for name in track.students)
    nominating = {"page": f"{plan}?part=students", "action": f"{plan}students/?part=students"}
    nominating["number"] = "1420"
    track.do(student, other, "nominate", "2025-10-01", student=track.students[1], **nominating)
    track.do(student, other, "withdraw", "2025-10-02")
    replacing = {"student": track.students[0], "in_place_of": track.students[1]}
    track.do(student, first, "nominate", "2025-10-03", office="sco", **replacing, **nominating)
    for screening in ("screen-security", "screen-human-rights", "screen-medical"):
        track.do(student, first, screening, "2026-05-01", result="passed")
    track.do(student, first, "test-english", "2026-05-01", score="70")
    track.do(student, first, "waive-english", "2026-05-01")
    order = {"order_number": "BN-1", "visa": "A-2", "fund_cite": "97X", "report_by": "2026-06-30"}
    track.do(student, first, "issue-travel-order", "2026-06-01", **order)
    track.do(student, first, "revoke-travel-order", "2026-06-02")
    track.do(student, first, "issue-travel-order", "2026-06-03", **order)
    track.do(student, first, "record-arrival", "2026-06-29")
    track.do(student, first, "begin-course", "2026-07-01", wcn="1420A")
    track.do(student, first, "report-course", "2026-09-20", wcn="1420A")
    track.do(student, first, "record-return", "2026-09-22")
    track.do(student, first, "follow-up", "2026-09-23")
    track.do(program, PLAN, "stop-sharing", "2026-09-24")
    track.do(program, PLAN, "close-program", "2027-02-01")
    every = {(kind, step) for kind in RecordKind for step in rulebook(kind).steps}
    assert every - track.taken == set()
