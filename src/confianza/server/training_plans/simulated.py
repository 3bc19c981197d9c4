"""The simulated training programs of Bandaria, for trying the pages and the commands."""

import tomllib
from importlib import resources
from typing import Any

from django.db import transaction

from confianza.cooperation.actors import Actor
from confianza.cooperation.alumni.identity import Identity
from confianza.server.alumni.services import enroll_student, share_student, update_report
from confianza.server.people.models import User
from confianza.server.training_plans.models import TrainingPlan
from confianza.server.training_plans.services import take_step


@transaction.atomic
def load_simulated_programs(partner_code: str) -> bool:
    """Students, programs, lines and their steps; False when they were there."""
    text = resources.files(__package__).joinpath("simulated.toml").read_text(encoding="utf-8")
    records = tomllib.loads(text)
    if TrainingPlan.objects.filter(pk=records["programs"][0]["code"]).exists():
        return False
    actors = {user.username: user.actor for user in User.objects.filter(is_demo=True)}
    officer = actors["cooperation-officer"]
    people = {raw["id"]: _enroll(raw, partner_code, officer) for raw in records["people"]}
    day = records["prominence_on"]
    update_report(partner_code=partner_code, on=day, today=day, actor=officer)
    for program in records["programs"]:
        for code, step, on, account, given in program["steps"]:
            take_step(
                code="-".join(filter(None, [program["code"], code.format(**people)])),
                step=step,
                on=on,
                today=on,
                given={name: value.format(**people) for name, value in given.items()},
                actor=actors[account],
            )
    return True


def _enroll(raw: dict[str, Any], partner_code: str, actor: Actor) -> str:
    student = enroll_student(
        partner_code=partner_code,
        institution_code=raw["institution"],
        identity=Identity.of_json(raw["identity"]) if "identity" in raw else None,
        is_simulated=True,
        actor=actor,
    )
    if raw.get("is_shared"):
        share_student(pseudonym=student.pseudonym, is_shared=True, actor=actor)
    return student.pseudonym
