"""Passwords hashed a thousand times over in tests, not a million: what is kept is proven, not how long it takes."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher

PBKDF2PasswordHasher.iterations = 1_000
