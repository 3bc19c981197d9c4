"""The demo: the United States–Mexico partnership as published, and fictional Bandaria with simulated data."""

import tomllib
from datetime import date
from functools import partial
from importlib import resources
from typing import Any

from django.db import transaction
from django.utils import timezone

from confianza.cooperation import partnership
from confianza.cooperation.actors import Actor
from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.cases.case import ATTACH, Availability
from confianza.cooperation.institutions import packaged_partnership
from confianza.cooperation.money import Money
from confianza.server.alumni.simulated import load_simulated
from confianza.server.cases.models import Case
from confianza.server.cases.selectors import case_state
from confianza.server.cases.services import attach_document, open_case, refresh_derived_rows, take_step
from confianza.server.funds.models import Appropriation
from confianza.server.funds.services import open_funds
from confianza.server.institutions.models import Party
from confianza.server.institutions.services import add_partnership, add_party
from confianza.server.people.models import User
from confianza.server.people.services import add_demo_people
from confianza.server.training_plans.simulated import load_simulated_programs
from confianza.server.workspace import Step, carried_out, published_steps

DATA_SET = "us-mexico"
BUILDER = Actor("confianza-demo", "assessor")
ADMINISTRATOR = Actor(BUILDER.account, "administrator")
BANDARIA = partnership.Party(
    "BN", "XB", BilingualText("Bandaria (fictional)", "Bandaria (ficticia)"), is_fictional=True
)
SHOWN_YEARS = (1942, 1985, 2008)  # in the printed assessment, between the first and the last
DEMO_CASE = "E7-B-UAC"
OPEN_CASE = "E7-B-UAD"  # begun, for trying the pages


DEMO_PEOPLE = {
    "case-manager": ("case_manager", "US", "en"),
    "resource-manager": ("resource_manager", "US", "en"),
    "program-director": ("country_program_director", "US", "en"),
    "case-writer": ("case_writer", "US", "en"),
    "state-reviewer": ("state_reviewer", "US", "en"),
    "cooperation-officer": ("security_cooperation_officer", "US", "en"),
    "requesting-authority": ("requesting_authority", "US", "en"),
    "command-overseer": ("command_overseer", "US", "en"),
    "assessor": ("assessor", "US", "en"),
    "enlace": ("partner_liaison", "MX", "es"),
    "bandaria-liaison": ("partner_liaison", "BN", "es"),
    "auditor": ("auditor", "US", "en"),
    "administrator": ("administrator", "US", "en"),
}


def _people() -> bool:
    return add_demo_people(DEMO_PEOPLE, actor=BUILDER)


def _bandaria() -> bool:
    """The fictional country and the host's partnership with it."""
    if Party.objects.filter(pk=BANDARIA.manual_code).exists():
        return False
    add_party(
        iso_code=BANDARIA.iso_code,
        manual_code=BANDARIA.manual_code,
        name=BANDARIA.name,
        is_fictional=True,
        actor=ADMINISTRATOR,
    )
    host = packaged_partnership(DATA_SET).host.iso_code
    add_partnership(host_code=host, partner_code=BANDARIA.iso_code, actor=ADMINISTRATOR)
    return True


def simulated_records() -> dict[str, Any]:
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
            partner_id=BANDARIA.manual_code,
            is_simulated=True,
        )
        dates = Availability(**raw["dates"])
        director = Actor(BUILDER.account, "country_program_director")
        open_funds(appropriation=appropriation, availability=dates, on=dates.known_from, actor=director)
    return bool(missing)


def _simulated_case(raw: dict[str, Any]) -> bool:
    actors = {user.username: user.actor for user in User.objects.filter(is_demo=True)}
    row = Case.objects.filter(pk=raw["identifier"]).first()
    if row is not None and row.version >= len(raw["steps"]):
        return False  # complete, or people go on with it
    if row is None:
        row = open_case(
            identifier=raw["identifier"],
            edition=raw["edition"],
            title=raw["title"],
            partner_code=BANDARIA.manual_code,
            appropriation_code=raw["funds"],
            actor=actors["cooperation-officer"],
        )
    for step, on, account, given in raw["steps"][row.version :]:
        day = date.fromisoformat(on)
        how: dict[str, Any] = {
            "identifier": row.identifier,
            "on": day,
            "today": day,
            "actor": actors[account],
        }
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
        refresh_derived_rows(row, case_state(row), on=timezone.localdate())
    return bool(found)


def _simulated_people() -> bool:
    return load_simulated(account=BUILDER.account, partner_code=BANDARIA.manual_code)


DEMO: list[Step] = [
    ("demo accounts", _people),
    ("what lists find older cases by", _derived),
    ("Bandaria, a fictional partner", _bandaria),
    ("simulated funds of Bandaria", _simulated_funds),
    ("simulated cases of Bandaria", _simulated_cases),
    ("simulated people of Bandaria", _simulated_people),
    ("simulated training programs of Bandaria", partial(load_simulated_programs, BANDARIA.manual_code)),
]


def build_workspace() -> list[str]:
    """Do what of the demo is not done yet; the names of the steps that changed something."""
    return carried_out([*published_steps(DATA_SET), *DEMO])
