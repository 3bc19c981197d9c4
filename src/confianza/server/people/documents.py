"""Accounts as commands print them."""

from dataclasses import dataclass

from confianza.server.people.models import User


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account of the workspace; never its password."""

    account: str
    role: str
    party: str
    language: str
    is_open: bool


def account(user: User) -> Account:
    """An account."""
    return Account(
        account=user.username,
        role=user.role,
        party=user.party_code,
        language=user.language,
        is_open=user.is_active,
    )
