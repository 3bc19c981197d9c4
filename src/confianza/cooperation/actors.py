"""The person who does something: always named, always in a role."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """A pseudonymous account and the role it acts in (a key of `permissions.toml`)."""

    account: str
    role: str
