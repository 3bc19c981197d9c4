"""Reads on accounts."""

from django.db.models import QuerySet

from confianza.errors import PermissionRefusal
from confianza.server.people.models import User


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
