"""Reads on accounts, and who looks: an account, or the operator of the workspace."""

from dataclasses import dataclass

from django.db.models import QuerySet

from confianza.cooperation.actors import Actor
from confianza.cooperation.permissions import permission_table
from confianza.errors import PermissionRefusal
from confianza.server.people.models import User


@dataclass(frozen=True)
class Operator:
    """Whoever works on the workspace itself, as a command without an account does: sees all, records nothing."""

    actor = Actor("command-line", "operator")
    party_code = ""

    def may(self, action: str) -> bool:
        """Whether the action only reads."""
        return action.startswith("view_")

    def offices_for(self, action: str) -> frozenset[str]:
        """Every office: what waits for any of them."""
        return frozenset(permission_table().offices)


Viewer = User | Operator


def accounts() -> QuerySet[User]:
    """Every account by name."""
    return User.objects.order_by("username")


def account_row(account: str) -> User:
    """An account that is open; PermissionRefusal `account-unknown` names those there are."""
    open_accounts = accounts().filter(is_active=True)
    user = open_accounts.filter(username=account).first()
    if user is None:
        known = ", ".join(open_accounts.values_list("username", flat=True)) or "-"
        raise PermissionRefusal("account-unknown", account=account, known=known)
    return user


def viewer(account: str | None) -> Viewer:
    """Who sees what an account sees; without an account, the operator."""
    return Operator() if account is None else account_row(account)
