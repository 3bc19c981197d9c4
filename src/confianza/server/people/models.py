"""Accounts: a pseudonymous name, one role of the permission table, a party and a language."""

from django.contrib.auth.models import AbstractUser
from django.db import models

from confianza.cooperation.actors import Actor


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
        return Actor(self.username, self.role, self.party_code)

    def may(self, action: str) -> bool:
        return self.actor.may(action)
