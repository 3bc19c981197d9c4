"""A case of the fictional Bandaria under the manual's editions, walked step by step."""

from datetime import date, timedelta

from confianza.cooperation.actors import Actor
from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.cases.case import Availability, Funds
from confianza.cooperation.cases.editions import editions
from confianza.cooperation.cases.process import open_case, take_step
from confianza.cooperation.money import Money
from confianza.cooperation.permissions import permission_table

LEGACY, CURRENT = editions()["samm-2012-legacy"], editions()["samm-2026"]
AVAILABLE = Money.parse("500000")
UNIT = "1st Coastal Battalion"
DIGESTS = {"memorandum-of-request": "a" * 64, "case-package": "b" * 64}
PEOPLE = {
    office: Actor(role, role) for role, entry in permission_table().roles.items() for office in entry.acts_for
}


def funds_of(fy, regime="title-10", years=1, **more):
    """Funds of a fiscal year, available for so many years, canceled five years after."""
    start, until = date(fy - 1, 10, 1), date(fy + years - 1, 9, 30)
    dates = Availability(start, start, until, date(until.year + 5, 9, 30), **more)
    name = BilingualText(f"Bandaria FY{fy}", f"Bandaria AF{fy}")
    return Funds(f"BN-FY{fy}", name, "USD", (dates,), fiscal_year=fy, authority="333", regime=regime)


LEGACY_FUNDS, CURRENT_FUNDS = funds_of(2020, years=2), funds_of(2026, years=2)


def element(name):
    return ("record-element", {"element": name, "statement": "as planned"})


# step, fields, days after the one before
WALK = [
    (*element("objectives"), 0),
    (*element("absorptive-capacity"), 0),
    (*element("baseline"), 0),
    ("record-element", {"element": "sustainment", "waived_because": "consumables only"}, 0),
    (
        "submit-request",
        {
            "reference": "MOR BN-14-01",
            "authority": "333",
            "contact": "J5",
            "requirement": "BN: 4 radios, 1 course",
            "estimated_cost": "20000",
            "shipment": "consolidated",
            "destination": "Bandaria City",
        },
        0,
    ),
    ("receive-request", {"ceiling": "20000"}, 2),
    (
        "attach-document",
        {
            "kind": "memorandum-of-request",
            "file_name": "mor.pdf",
            "digest": DIGESTS["memorandum-of-request"],
        },
        0,
    ),
    ("find-actionable", {}, 3),
    ("initiate-case", {}, 1),
    ("assess-baseline", {"baseline": "no radios", "indicators": "hours", "risks": "few"}, 1),
    ("find-complete", {}, 1),
    ("notify-unit", {"unit": UNIT, "notification": "CN 14-1"}, 0),
    ("vet-unit", {"unit": UNIT, "result": "cleared"}, 5),
    (
        "add-line",
        {
            "line": "001",
            "description": "Radios",
            "kind": "article",
            "quantity": "4",
            "unit_cost": "2500",
            "country": "BN",
            "unit": UNIT,
            "start_month": "{year}-03",
            "end_month": "{year}-12",
        },
        1,
    ),
    ("advise-country", {}, 1),
    ("approve-ia", {"at": "{day}T09:00"}, 1),
    (
        "attach-document",
        {"kind": "case-package", "file_name": "package.pdf", "digest": DIGESTS["case-package"]},
        0,
    ),
    ("upload-package", {"at": "{day}T16:30"}, 0),
    ("write-document", {}, 3),
    ("wait-bpc", {}, 1),
    ("sign-ia", {}, 2),
    ("propose", {}, 1),
    ("list-state", {}, 1),
    ("approve-state", {}, 1),
    ("countersign", {}, 1),
    ("accept-offer", {}, 5),
    ("confirm-funds", {"amount": "11000"}, 3),
    ("implement-case", {}, 1),
    ("obligate", {"line": "001", "amount": "10000"}, 20),
    ("plan-delivery", {"delivery": "D1", "line": "001", "quantity": "4", "planned_on": "{later}"}, 1),
    ("ship-delivery", {"delivery": "D1", "transport": "TCN 1"}, 10),
    ("record-arrival", {"delivery": "D1", "arrived_at": "Bandaria City"}, 10),
    ("confirm-receipt", {"delivery": "D1", "condition": "complete"}, 5),
    ("oversee-transfer", {"delivery": "D1", "reviewed": "in order"}, 1),
    ("transfer-custody", {"delivery": "D1", "receiver": UNIT}, 1),
    ("visit-monitoring", {"delivery": "D1", "kind": "routine", "finding": "in use"}, 20),
    ("pay", {"line": "001", "amount": "9800"}, 1),
    ("deobligate", {"line": "001", "amount": "200"}, 1),
    ("name-facilitator", {"office": "closure cell"}, 1),
    ("complete-supply", {}, 1),
    ("reconcile-case", {}, 1),
    ("return-residual", {}, 1),
    ("certify-closure", {}, 1),
    ("report-final", {"objectives_met": "yes", "lessons": "train earlier", "evidence": "33, 36"}, 1),
    ("close-case", {}, 1),
    ("evaluate-case", {"question": "Was it used?", "method": "visit"}, 30),
    ("conclude", {"conclusion": "It was", "evidence": "36"}, 5),
]


def new_case(edition=LEGACY, funds=None, **more):
    given = funds or (LEGACY_FUNDS if edition is LEGACY else CURRENT_FUNDS)
    return open_case(
        identifier="BN-B-SAA",
        edition_id=edition.id,
        title="Coastal rescue",
        partner_code="BN",
        funds=given,
        **more,
    )


def take(case, step, given=None, *, on=None, edition=LEGACY, actor=None, available=AVAILABLE):
    on = on or case.records[-1].on
    person = actor or PEOPLE[edition.steps[step].actors[0]]
    return take_step(
        case, step, on=on, today=TODAY, actor=person, submitted=given or {}, available=available
    )[0]


TODAY = date(2050, 1, 1)  # after every day of the tests
WALKED = {}


def walked(until, edition=LEGACY, funds=None, skip=()):
    """The case before its first step `until` (None: to the end), without the steps `skip`."""
    key = (until, edition.id, funds, skip)
    if key not in WALKED:
        WALKED[key] = walk(until, edition, funds, skip)
    return WALKED[key]


def walk(until, edition, funds, skip):
    case = new_case(edition, funds)
    start = case.funds.availability[0].available_from
    on = start + timedelta(days=40)
    for step, given, days in WALK:
        on += timedelta(days=days)
        if step == until:
            return case
        if step not in edition.steps or step in skip:
            continue
        fill = {"day": on, "year": on.year + 1, "later": on + timedelta(days=60)}
        filled = {name: value.format(**fill) for name, value in given.items()}
        case = take(case, step, filled, on=on, edition=edition)
    return case
