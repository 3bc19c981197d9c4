"""Guessed passwords: counted by account and address, refused before a password is worked out.

django-axes counts them in the database, for every process that serves the workspace. An account is shut to the address
that guessed at it, not to its owner elsewhere; an address is shut to all accounts after many more. Both open again
`AXES_COOLOFF_TIME` after the last guess that was counted. The address is the one the server names (REMOTE_ADDR).
"""

from hashlib import sha256
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.db.models import Sum
from django.db.models.query import QuerySet
from django.http import HttpRequest

ACCOUNTS_PER_ADDRESS = 6  # an address is shut after as many guesses as would shut six accounts


def _digest(account: str) -> str:
    return sha256(account.encode("utf-8", "surrogatepass")).hexdigest()


def counted_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """What guesses at an account are counted under: a digest, since some type their password in its place."""
    return _digest(str((credentials or {}).get("username") or ""))


def reset_failures(account: str) -> None:
    """Forget the guesses at an account, whose password is another now."""
    AccessAttempt.objects.filter(username=_digest(account)).delete()


def _failure_count(attempts: QuerySet[AccessAttempt]) -> int:
    return attempts.aggregate(count=Sum("failures_since_start"))["count"] or 0


class GuessCounter(AxesDatabaseHandler):  # type: ignore[misc]  # django-axes has no types
    """Counts by account and address and, with a higher limit, by address: the order of AXES_LOCKOUT_PARAMETERS."""

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        of_account, of_address = map(_failure_count, self.get_user_attempts(request, credentials))
        return max(of_account, of_address // ACCOUNTS_PER_ADDRESS)

    def reset_user_attempts(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """A sign-in forgets the guesses at its own account: whoever has one cannot guess at others without end."""
        of_account, _ = self.filter_user_attempts(request, credentials)
        return of_account.delete()[0]

    def user_login_failed(
        self, sender: object, credentials: dict[str, Any], request: Any = None, **kwargs: Any
    ) -> None:
        """Count a wrong guess; one that was refused unread is not counted, and nothing is written."""
        if request is not None and request.axes_locked_out:
            request.axes_credentials = credentials
        else:
            super().user_login_failed(sender, credentials, request, **kwargs)
