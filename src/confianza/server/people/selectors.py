"""Reads on accounts."""

from django.db.models import QuerySet

from confianza.server.people.models import User


def accounts() -> QuerySet[User]:
    """Every account by name."""
    return User.objects.order_by("username")
