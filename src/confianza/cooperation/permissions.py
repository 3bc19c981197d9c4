"""The permission table: which role may do what, and for which offices it acts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from confianza.cooperation.bilingual import BilingualText
from confianza.errors import PermissionRefusal
from confianza.packaged import packaged_table

if TYPE_CHECKING:
    from confianza.cooperation.actors import Actor


@dataclass(frozen=True)
class Role:
    """A role of the product and the offices of the process it acts for."""

    name: BilingualText
    acts_for: frozenset[str]


@dataclass(frozen=True)
class Action:
    """Something that is permitted to some roles."""

    text: BilingualText
    roles: frozenset[str]


@dataclass(frozen=True)
class PermissionTable:
    """`permissions.toml`, read once."""

    offices: Mapping[str, BilingualText]
    roles: Mapping[str, Role]
    actions: Mapping[str, Action]

    def may(self, role: str | None, action: str) -> bool:
        """Whether a role (None: nobody is signed in) may take an action."""
        return role in self.actions[action].roles

    def require(self, actor: Actor, action: str) -> None:
        """Return quietly when the actor may take the action.

        Raises
        ------
        PermissionRefusal
            `not-permitted`, naming the roles that may.
        """
        if not actor.may(action):
            role = self.roles[actor.role].name if actor.role in self.roles else actor.role
            raise PermissionRefusal(
                "not-permitted",
                account=actor.account,
                role=role,
                action=self.actions[action].text,
                allowed=", ".join(sorted(self.actions[action].roles)),
            )


@cache
def permission_table() -> PermissionTable:
    """The table the product ships with."""
    raw = packaged_table(__package__, "permissions.toml")
    groups: Mapping[str, list[str]] = raw["groups"]

    def members(names: list[str]) -> frozenset[str]:
        return frozenset().union(*(members(groups[name]) if name in groups else {name} for name in names))

    return PermissionTable(
        offices={code: BilingualText.of(name) for code, name in raw["offices"].items()},
        roles={
            code: Role(BilingualText.of(role["name"]), frozenset(role["acts_for"]))
            for code, role in raw["roles"].items()
        },
        actions={
            code: Action(BilingualText.of(action["text"]), members(action["roles"]))
            for code, action in raw["actions"].items()
        },
    )
