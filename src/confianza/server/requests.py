"""A request as the middleware hands it to pages and interface."""

from django.http import HttpRequest

from confianza.cooperation.partnership import Partnership
from confianza.server.people.models import User


class AccountRequest(HttpRequest):
    """A request with its account and the partnership of its address.

    The name of a type only, never made. Where nobody has to sign in, `user.is_authenticated` is asked first.
    """

    user: User
    partnership_code: str  # of the address; empty where it names none
    partnership: Partnership | None  # that of the address, else the first that the account may see
    partnerships: list[Partnership]
