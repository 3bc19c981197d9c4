"""The demo login: one generated password for the demo accounts, in memory, on loopback only."""

import ipaddress
import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from confianza.server.people.models import User


def is_loopback(request: HttpRequest) -> bool:
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


class DemoBackend(ModelBackend):
    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        if settings.DEMO_PASSWORD is None or request is None or not is_loopback(request):
            return None
        if not secrets.compare_digest((password or "").encode(), settings.DEMO_PASSWORD.encode()):
            return None
        return User.objects.filter(username=username, is_demo=True, is_active=True).first()
