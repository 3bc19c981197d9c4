"""Writes on accounts.

A password that somebody else set is temporary: its owner changes it at the first sign-in. Whoever is closed or gets
another password is signed out everywhere, since a session holds only while the password it began with does.
"""

from collections.abc import Mapping

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from confianza.cooperation.actors import Actor
from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.names import name_key, spelled
from confianza.cooperation.permissions import permission_table
from confianza.errors import LANGUAGES, PermissionRefusal
from confianza.evidence.countries import country_names
from confianza.server.audit.services import record
from confianza.server.institutions.selectors import party_names
from confianza.server.people.models import User
from confianza.server.people.throttling import reset_failures


def parties() -> dict[str, BilingualText]:
    """The parties an account can be of; in a workspace without any yet, every country."""
    return party_names() or dict(country_names())


def _check_role(role: str) -> None:
    if role not in permission_table().roles:
        raise PermissionRefusal("role-unknown", role=role, known=", ".join(permission_table().roles))


@transaction.atomic
def add_person(
    *, account: str, role: str, party_code: str, language: str, password: str, actor: Actor
) -> User:
    """A new account with a password of its own; PermissionRefusal names what is wrong with the values."""
    account = User.normalize_username(spelled(account))  # as the sign-in page reads it
    _check_role(role)
    if party_code not in (known := parties()):
        raise PermissionRefusal("party-unknown", party=party_code, known=", ".join(sorted(known)))
    if language not in LANGUAGES:
        raise PermissionRefusal("language-unknown", language=language, known=", ".join(LANGUAGES))
    if name_key(account) in map(name_key, User.objects.values_list("username", flat=True)):
        raise PermissionRefusal("account-exists", account=account)
    user = User(username=account, role=role, party_code=party_code, language=language)
    _give_password(user, password, is_temporary=True)
    record(actor=actor, action="person.add", subject=subject(account), payload={"role": role})
    return user


def subject(account: str) -> str:
    """The subject of an account's events in the audit log."""
    return f"person:{account}"


def _give_password(user: User, password: str, *, is_temporary: bool) -> None:
    """Save the account with a password; PermissionRefusal `password-weak` names what is wrong with it."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        reasons = " ".join(error.messages)
        raise PermissionRefusal("password-weak", account=user.username, reasons=reasons) from error
    user.set_password(password)
    user.password_is_temporary = is_temporary
    user.save()


def _administering() -> Q:
    return Q(role__in=permission_table().actions["manage_people"].roles, is_demo=False, is_active=True)


def _locked(account: str, *, is_open: bool = True) -> User:
    """An account that may be changed, locked with every administrator's: no two of them close each other.

    Raises
    ------
    PermissionRefusal
        `account-unknown`, `account-of-demo`, `account-closed` or `account-open`.
    """
    rows = User.objects.filter(_administering() | Q(username=account)).order_by("pk")
    user = next((row for row in rows.select_for_update(no_key=True) if row.username == account), None)
    if user is None:
        known = ", ".join(User.objects.order_by("username").values_list("username", flat=True)) or "-"
        raise PermissionRefusal("account-unknown", account=account, known=known)
    if user.is_demo:
        raise PermissionRefusal("account-of-demo", account=account)
    if user.is_active != is_open:
        raise PermissionRefusal("account-closed" if is_open else "account-open", account=account)
    return user


def _leave_an_administrator(user: User) -> None:
    others = User.objects.filter(_administering()).exclude(pk=user.pk)
    if user.may("manage_people") and not others.exists():
        raise PermissionRefusal("last-administrator", account=user.username)


@transaction.atomic
def close_person(*, account: str, actor: Actor) -> None:
    """Shut an account: its password is destroyed, and its sessions end at once."""
    user = _locked(account)
    _leave_an_administrator(user)
    user.is_active = False
    user.set_unusable_password()
    user.save()
    record(actor=actor, action="person.close", subject=subject(account), payload={})


@transaction.atomic
def reopen_person(*, account: str, password: str, actor: Actor) -> None:
    """Open a closed account with a temporary password."""
    user = _locked(account, is_open=False)
    user.is_active = True
    _give_password(user, password, is_temporary=True)
    reset_failures(account)
    record(actor=actor, action="person.reopen", subject=subject(account), payload={"role": user.role})


@transaction.atomic
def set_password(*, account: str, password: str, actor: Actor) -> None:
    """Give an account a temporary password; who is signed in with the one before is so no longer."""
    if account == actor.account:
        raise PermissionRefusal("password-own", account=account)
    _give_password(_locked(account), password, is_temporary=True)
    reset_failures(account)
    record(actor=actor, action="person.password", subject=subject(account), payload={"is_temporary": True})


@transaction.atomic
def change_own_password(*, password: str, actor: Actor) -> User:
    """Change the password of the account that acts, which gave the one before."""
    user = _locked(actor.account)
    _give_password(user, password, is_temporary=False)
    record(
        actor=actor, action="person.password", subject=subject(user.username), payload={"is_temporary": False}
    )
    return user


@transaction.atomic
def set_role(*, account: str, role: str, actor: Actor) -> None:
    """Give an account another role; it counts from the next page on."""
    _check_role(role)
    user = _locked(account)
    if not permission_table().may(role, "manage_people"):
        _leave_an_administrator(user)
    before, user.role = user.role, role
    user.save()
    payload = {"role": role, "before": before}
    record(actor=actor, action="person.role", subject=subject(account), payload=payload)


@transaction.atomic
def add_demo_people(people: Mapping[str, tuple[str, str, str]], *, actor: Actor) -> bool:
    """Accounts of a demo, by name with role, party and language; False when all were there."""
    there = set(User.objects.filter(is_demo=True).values_list("username", flat=True))
    missing = [account for account in people if account not in there]
    for account in missing:
        role, party_code, language = people[account]
        user = User(username=account, role=role, party_code=party_code, language=language, is_demo=True)
        user.set_unusable_password()
        user.save()
    if missing:
        record(actor=actor, action="demo.people", subject="workspace", payload={"accounts": missing})
    return bool(missing)
