"""Accounts: a pseudonymous name, one role of the permission table, a party and a language."""

from django.contrib.auth.models import AbstractUser
from django.db import models

from confianza.cooperation.actors import Actor
from confianza.cooperation.permissions import permission_table


class User(AbstractUser):
    role = models.CharField(max_length=40)
    party_code = models.CharField(max_length=2, blank=True)
    language = models.CharField(max_length=2, default="en")
    is_demo = models.BooleanField(default=False)
    password_is_temporary = models.BooleanField(
        default=False
    )  # set by another, to be changed at first sign-in

    @property
    def actor(self) -> Actor:
        return Actor(self.username, self.role)

    def may(self, action: str) -> bool:
        return permission_table().may(self.role, action)

    def offices_for(self, action: str) -> frozenset[str]:
        """The offices the account acts for in what an action permits; none where it may not."""
        return permission_table().roles[self.role].acts_for if self.may(action) else frozenset()
