"""Writes on accounts."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from confianza.cooperation.actors import Actor
from confianza.cooperation.institutions import us_mexico
from confianza.cooperation.names import name_key
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.texts import Text
from confianza.errors import LANGUAGES, PermissionRefusal
from confianza.server.audit.services import record
from confianza.server.institutions.selectors import party_names
from confianza.server.people.models import User

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


def parties() -> dict[str, Text]:
    """The parties an account can be of; in a workspace without any yet, those to come."""
    return party_names() or dict(us_mexico().parties)


def _check_role(role: str) -> None:
    if role not in permission_table().roles:
        raise PermissionRefusal("role-unknown", role=role, known=", ".join(permission_table().roles))


@transaction.atomic
def add_person(
    *, account: str, role: str, party_code: str, language: str, password: str, actor: Actor
) -> User:
    """A new account with a password of its own; PermissionRefusal names what is wrong with the values."""
    _check_role(role)
    if party_code not in (known := parties()):
        raise PermissionRefusal("party-unknown", party=party_code, known=", ".join(sorted(known)))
    if language not in LANGUAGES:
        raise PermissionRefusal("language-unknown", language=language, known=", ".join(LANGUAGES))
    if name_key(account) in map(name_key, User.objects.values_list("username", flat=True)):
        raise PermissionRefusal("account-exists", account=account)
    user = User(username=account, role=role, party_code=party_code, language=language)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise PermissionRefusal("password-weak", account=account, reasons=" ".join(error.messages)) from error
    user.set_password(password)
    user.save()
    record(actor=actor, action="person.add", subject=f"person:{account}", payload={"role": role})
    return user


@transaction.atomic
def add_demo_people(*, actor: Actor) -> bool:
    """One person a role for the demo and the liaison of its fictional country; False when all were there."""
    there = set(User.objects.filter(is_demo=True).values_list("username", flat=True))
    missing = [account for account in DEMO_PEOPLE if account not in there]
    for account in missing:
        role, party_code, language = DEMO_PEOPLE[account]
        user = User(username=account, role=role, party_code=party_code, language=language, is_demo=True)
        user.set_unusable_password()
        user.save()
    if missing:
        record(actor=actor, action="demo.people", subject="workspace", payload={"accounts": missing})
    return bool(missing)
