"""Building the United States–Mexico workspace.

A build is one transaction: killed, it left nothing, and of two at once the second waits and finds everything there.
"""

import tomllib
from collections.abc import Callable
from datetime import date
from importlib import resources

from django.db import transaction
from django.utils import timezone

from confianza.cooperation.actors import Actor
from confianza.cooperation.bilingual import Text
from confianza.cooperation.cases.case import ATTACH, Availability
from confianza.cooperation.institutions import us_mexico
from confianza.cooperation.money import Money
from confianza.cooperation.programs import merida_appropriations
from confianza.evidence.bundled import BUNDLED_FILE, bundled_csv, bundled_rows
from confianza.evidence.history import history
from confianza.evidence.indicators import RECORDS, packaged_records
from confianza.server.alumni.simulated import load_simulated
from confianza.server.cases.models import Case
from confianza.server.cases.selectors import case_state
from confianza.server.cases.services import attach_document, derive, open_case, take_step
from confianza.server.evidence.services import load_history
from confianza.server.funds.models import Appropriation
from confianza.server.funds.services import load_appropriations, open_funds, open_in_ledger
from confianza.server.indicators.services import load_records
from confianza.server.institutions.models import Party
from confianza.server.institutions.services import add_party, load_institutions
from confianza.server.people.models import User
from confianza.server.people.services import add_demo_people
from confianza.server.schema import alone
from confianza.server.training_plans.simulated import load_simulated_programs
from confianza.server.training_reports.services import load_bundled_rows, normalise_training

BUILDER = Actor("confianza-demo", "assessor")
BANDARIA = Text("Bandaria (fictional)", "Bandaria (ficticia)")
DEMO_CASE = "E7-B-UAC"
OPEN_CASE = "E7-B-UAD"  # begun, for trying the pages


def _package_bytes(path: str) -> bytes:
    return resources.files("confianza.evidence").joinpath(path).read_bytes()


def _institutions() -> bool:
    return load_institutions(us_mexico(), actor=BUILDER)


def _programs() -> bool:
    return load_appropriations(merida_appropriations(), actor=BUILDER)


def _books() -> bool:
    return open_in_ledger(actor=BUILDER)


def _training() -> bool:
    return load_bundled_rows(bundled_rows(), file_name=BUNDLED_FILE, content=bundled_csv(), actor=BUILDER)


def _terms() -> bool:
    """Rows of an older workspace, or of older rules, are said in the common terms of today."""
    return bool(normalise_training(actor=BUILDER))


def _history() -> bool:
    name = "history_us_mx.toml"
    return load_history(history(), file_name=name, content=_package_bytes(f"data/{name}"), actor=BUILDER)


def _indicators() -> bool:
    name = RECORDS.rpartition("/")[2]
    return load_records(packaged_records(), file_name=name, content=_package_bytes(RECORDS), actor=BUILDER)


def _people() -> bool:
    return add_demo_people(actor=BUILDER)


def simulated_records() -> dict:
    """Funds and cases of the fictional country, with every step of the cases."""
    text = resources.files("confianza.server").joinpath("simulated.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@transaction.atomic
def _simulated_funds() -> bool:
    missing = [
        raw
        for raw in simulated_records()["funds"]
        if not Appropriation.objects.filter(pk=raw["code"]).exists()
    ]
    if missing and not Party.objects.filter(pk="BN").exists():
        add_party(code="BN", name=BANDARIA, is_fictional=True, actor=BUILDER)
    for raw in missing:
        amount = Money.parse(raw["amount"])
        appropriation = Appropriation(
            code=raw["code"],
            name=raw["name"],
            program=raw["program_code"],
            program_code=raw["program_code"],
            authority=raw.get("authority", ""),
            regime=raw.get("regime", ""),
            account="simulated",
            measure="simulated",
            fiscal_year=raw["fiscal_year"],
            kind="appropriation",
            amount_minor=amount.minor,
            currency=amount.currency,
            partner_id="BN",
            is_simulated=True,
        )
        dates = Availability(**raw["dates"])
        director = Actor(BUILDER.account, "country_program_director")
        open_funds(appropriation=appropriation, availability=dates, on=dates.known_from, actor=director)
    return bool(missing)


def _simulated_case(raw: dict) -> bool:
    actors = {user.username: user.actor for user in User.objects.filter(is_demo=True)}
    row = Case.objects.filter(pk=raw["identifier"]).first()
    if row is not None and row.version >= len(raw["steps"]):
        return False  # complete, or people go on with it
    if row is None:
        row = open_case(
            identifier=raw["identifier"],
            edition=raw["edition"],
            title=raw["title"],
            partner_code="BN",
            appropriation_code=raw["funds"],
            actor=actors["cooperation-officer"],
        )
    for step, on, account, given in raw["steps"][row.version :]:
        day = date.fromisoformat(on)
        how = {"identifier": row.identifier, "on": day, "today": day, "actor": actors[account]}
        if step == ATTACH:
            attach_document(**{**given, "content": given["content"].encode()}, **how)
        else:
            take_step(step=step, given=given, **how)
    return True


def _simulated_cases() -> bool:
    changed = [_simulated_case(raw) for raw in simulated_records()["cases"]]
    return any(changed)


def _derived() -> bool:
    """Cases of an older workspace get the rows that lists find them by."""
    rows = Case.objects.filter(version__gt=0, last_step_on=None)
    for row in (found := list(rows)):
        derive(row, case_state(row), on=timezone.localdate())
    return bool(found)


def _simulated_people() -> bool:
    return load_simulated(account=BUILDER.account)


Step = tuple[str, Callable[[], bool]]
PARTIES: list[Step] = [("parties and institutions", _institutions)]
RECORD: list[Step] = [
    ("Mérida appropriations (table 1)", _programs),
    ("Mérida appropriations in the ledger", _books),
    ("training of Mexico in the public reports", _training),
    ("training rows by the rules of today", _terms),
    ("history, 1846–2013", _history),
    ("force profile of the thesis and the public record", _indicators),
]
DEMO: list[Step] = [
    ("demo accounts", _people),
    ("what lists find older cases by", _derived),
    ("simulated funds of Bandaria", _simulated_funds),
    ("simulated cases of Bandaria", _simulated_cases),
    ("simulated people of Bandaria", _simulated_people),
    ("simulated training programs of Bandaria", load_simulated_programs),
]


def build_workspace() -> list[str]:
    """Do what of the demo is not done yet; the names of the steps that changed something."""
    return _done([*PARTIES, *RECORD, *DEMO])


def init_workspace(*, public_record: bool) -> list[str]:
    """The parties and their institutions, and with `public_record` what is published of them; nothing simulated."""
    return _done([*PARTIES, *(RECORD if public_record else [])])


def _done(steps: list[Step]) -> list[str]:
    with alone():
        return [name for name, step in steps if step()]
