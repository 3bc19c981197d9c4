"""Passwords: those that are made, and those that are too easy to guess."""

import secrets

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LETTERS = "23456789abcdefghjkmnpqrstvwxyz"  # none that is taken for another
GROUPS, GROUP_LENGTH = 4, 4
LEAST_SCORE = 3  # of 4: more than 10^8 guesses, by the estimate of zxcvbn
LONGEST_ESTIMATED = 72  # letters: the estimate takes longer with each
# What is tried first here, beside the common English words, names and keyboard rows that zxcvbn knows.
WORDS_HERE = (
    "confianza", "contraseña", "contrasena", "clave", "secreto", "ejército", "ejercito", "armada", "marina", "defensa",
    "fuerza", "aérea", "sedena", "semar", "méxico", "mexico", "embajada", "adiestramiento", "army", "navy", "defense",
)  # fmt: skip


def made_password() -> str:
    """A random password that can be read out."""
    groups = ("".join(secrets.choice(LETTERS) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))
    return "-".join(groups)


class HardToGuess:
    """Refuses what few guesses find: repeated and common words, sequences, keyboard rows, dates."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        from zxcvbn import zxcvbn  # its lists of words take a while to load

        own = [name := user.get_username(), *name.replace(".", "-").split("-")] if user else []
        estimate = zxcvbn(password[:LONGEST_ESTIMATED], user_inputs=[*WORDS_HERE, *own])
        if estimate["score"] < LEAST_SCORE:
            raise ValidationError(self.get_help_text(), code="password_guessable")

    def get_help_text(self) -> str:
        return _("This password is easy to guess: take several words that do not belong together.")
