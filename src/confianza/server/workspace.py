"""Building the United States–Mexico workspace.

Each step is whole or not begun, so that an interrupted build is completed by the next one.
"""

from collections.abc import Callable
from datetime import date
from importlib import resources

from django.db import transaction
from django.utils import timezone

from confianza.cooperation.actors import Actor
from confianza.cooperation.cases.case import Availability
from confianza.cooperation.institutions import us_mexico
from confianza.cooperation.programs import merida_appropriations
from confianza.cooperation.texts import Text
from confianza.evidence.history import history
from confianza.evidence.training import EMBEDDED, embedded_csv, embedded_figures
from confianza.server.cases.models import Case
from confianza.server.cases.selectors import case_state
from confianza.server.cases.services import derive, open_case, take_step
from confianza.server.evidence.services import load_figures, load_history
from confianza.server.institutions.services import add_party, both, load_institutions
from confianza.server.people.models import User
from confianza.server.people.services import add_demo_people
from confianza.server.programs.models import Appropriation
from confianza.server.programs.services import load_appropriations, open_funds

BUILDER = Actor("confianza-demo", "assessor")
BANDARIA = Text("Bandaria (fictional)", "Bandaria (ficticia)")
FUNDS_CODE = "BN-FY2013"
DEMO_CASE = "E7-B-UAC"

# The simulated case, step by step: step, day, account of the demo, fields.
DEMO_STEPS = [
    (
        "define-requirement",
        "2012-10-15",
        "cooperation-officer",
        {"objective": "Search and rescue along the coast"},
    ),
    (
        "evaluate-solution",
        "2012-10-24",
        "case-manager",
        {"finding": "Radios and boats in service elsewhere suit best"},
    ),
    ("submit-request", "2012-11-02", "cooperation-officer", {"request_reference": "MOR BN-13-01"}),
    (
        "add-line",
        "2012-11-20",
        "case-manager",
        {"line": "001", "description": "Coastal radios", "quantity": "40", "unit_cost": "5200.00"},
    ),
    (
        "add-line",
        "2012-11-20",
        "case-manager",
        {"line": "002", "description": "Rescue boats", "quantity": "4", "unit_cost": "118000.00"},
    ),
    ("prepare-loa", "2012-12-03", "case-manager", {}),
    ("review-quality", "2012-12-12", "case-writer", {}),
    ("approve-dsca", "2012-12-17", "program-director", {}),
    ("approve-state", "2012-12-19", "state-reviewer", {}),
    ("inform-partner", "2013-01-07", "case-manager", {}),
    ("accept-offer", "2013-01-14", "case-manager", {}),
    ("transfer-funds", "2013-01-22", "program-director", {"amount": "690000.00"}),
    ("implement-case", "2013-01-25", "resource-manager", {}),
    ("obligate", "2013-02-11", "case-manager", {"line": "001", "amount": "208000.00"}),
    ("obligate", "2013-03-04", "case-manager", {"line": "002", "amount": "472000.00"}),
    ("deliver", "2013-05-20", "case-manager", {"line": "001", "quantity": "40"}),
    ("inventory", "2013-05-28", "cooperation-officer", {"line": "001", "quantity": "40"}),
    ("transfer-custody", "2013-06-04", "cooperation-officer", {"line": "001", "quantity": "40"}),
    ("pay", "2013-06-20", "resource-manager", {"line": "001", "amount": "205400.00"}),
    ("deobligate", "2013-06-24", "case-manager", {"line": "001", "amount": "2600.00"}),
    ("deliver", "2013-08-15", "case-manager", {"line": "002", "quantity": "4"}),
    ("inventory", "2013-08-22", "cooperation-officer", {"line": "002", "quantity": "4"}),
    ("transfer-custody", "2013-09-03", "cooperation-officer", {"line": "002", "quantity": "4"}),
    ("begin-monitoring", "2013-09-05", "cooperation-officer", {}),
    ("pay", "2013-09-16", "resource-manager", {"line": "002", "amount": "472000.00"}),
    ("begin-closure", "2013-09-20", "case-manager", {}),
    ("return-residual", "2013-09-24", "case-manager", {}),
    (
        "report-final",
        "2013-10-15",
        "case-manager",
        {"objectives_met": "Yes", "lessons": "Train the crews before the boats arrive"},
    ),
    ("close-case", "2013-10-28", "case-manager", {}),
]
OPEN_CASE = "E7-B-UAD"  # the same as far as the first delivery of line 001, for trying the pages
OPEN_CASE_STEPS = 14


def _package_bytes(path: str) -> bytes:
    return resources.files("confianza.evidence").joinpath(path).read_bytes()


def _institutions() -> bool:
    return load_institutions(us_mexico(), actor=BUILDER)


def _programs() -> bool:
    return load_appropriations(merida_appropriations(), actor=BUILDER)


def _training() -> bool:
    return load_figures(
        embedded_figures(), file_name=EMBEDDED.rpartition("/")[2], content=embedded_csv(), actor=BUILDER
    )


def _history() -> bool:
    name = "history_us_mx.toml"
    return load_history(history(), file_name=name, content=_package_bytes(f"data/{name}"), actor=BUILDER)


def _people() -> bool:
    return add_demo_people(actor=BUILDER)


@transaction.atomic
def _simulated_funds() -> bool:
    if Appropriation.objects.filter(pk=FUNDS_CODE).exists():
        return False
    add_party(code="BN", name=BANDARIA, is_fictional=True, actor=BUILDER)
    name = Text("Simulated coastal security funds, FY2013", "Fondos simulados de seguridad costera, AF2013")
    appropriation = Appropriation(
        code=FUNDS_CODE,
        name=both(name),
        program="E7",
        account="simulated",
        measure="simulated",
        fiscal_year=2013,
        kind="appropriation",
        amount_minor=250_000_000,
        currency="USD",
        partner_id="BN",
        is_simulated=True,
    )
    dates = Availability(date(2012, 10, 1), date(2012, 10, 1), date(2013, 9, 30), date(2018, 9, 30))
    director = Actor(BUILDER.account, "country_program_director")
    open_funds(appropriation=appropriation, availability=dates, on=date(2012, 10, 1), actor=director)
    return True


def _simulated_case(identifier: str, steps: list) -> bool:
    actors = {user.username: user.actor for user in User.objects.filter(is_demo=True)}
    changed = False
    row = Case.objects.filter(pk=identifier).first()
    if row is None:
        row = open_case(
            identifier=identifier,
            edition="thesis-2013",
            title="Coastal search and rescue",
            partner_code="BN",
            appropriation_code=FUNDS_CODE,
            actor=actors["cooperation-officer"],
        )
        changed = True
    for step, on, account, given in steps[row.version :]:
        take_step(
            identifier=identifier, step=step, on=date.fromisoformat(on), given=given, actor=actors[account]
        )
        changed = True
    return changed


def _closed_case() -> bool:
    return _simulated_case(DEMO_CASE, DEMO_STEPS)


def _case_to_try() -> bool:
    if Case.objects.filter(pk=OPEN_CASE, version__gte=OPEN_CASE_STEPS).exists():
        return False  # people go on with this one
    return _simulated_case(OPEN_CASE, DEMO_STEPS[:OPEN_CASE_STEPS])


def _derived() -> bool:
    """Cases of an older workspace get the rows that lists find them by."""
    rows = Case.objects.filter(version__gt=0, last_step_on=None)
    for row in (found := list(rows)):
        derive(row, case_state(row), on=timezone.localdate())
    return bool(found)


STEPS: list[tuple[str, Callable[[], bool]]] = [
    ("parties and institutions", _institutions),
    ("Mérida appropriations (table 1)", _programs),
    ("training figures of the public reports", _training),
    ("history, 1846–2013", _history),
    ("demo accounts", _people),
    ("what lists find older cases by", _derived),
    ("simulated funds of Bandaria", _simulated_funds),
    ("simulated case, all five phases", _closed_case),
    ("simulated case to try the pages on", _case_to_try),
]


def build_workspace() -> list[str]:
    """Do what is not done yet; the names of the steps that changed something."""
    return [name for name, step in STEPS if step()]
