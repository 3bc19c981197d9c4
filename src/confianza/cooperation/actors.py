"""Who does something or looks at it: always named, always in a role."""

from __future__ import annotations

from dataclasses import dataclass, field

from confianza.cooperation.permissions import permission_table


@dataclass(frozen=True)
class Actor:
    """A pseudonymous account, the role it acts in (a key of `permissions.toml`) and the party it is of."""

    account: str
    role: str
    party_code: str = field(default="", compare=False)  # not on record: who did a step is account and role

    def may(self, action: str) -> bool:
        """Whether the role may take an action."""
        return permission_table().may(self.role, action)

    def offices_for(self, action: str) -> frozenset[str]:
        """The offices the account acts for in what an action permits; none where it may not."""
        return permission_table().roles[self.role].acts_for if self.may(action) else frozenset()


@dataclass(frozen=True)
class Operator(Actor):
    """Whoever works on the workspace itself, as a command without an account does: sees all, takes no steps."""

    account: str = "command-line"
    role: str = "operator"

    def may(self, action: str) -> bool:
        """Whether the action only reads."""
        return action.startswith("view_")

    def offices_for(self, action: str) -> frozenset[str]:
        """Every office: what waits for any of them."""
        return frozenset(permission_table().offices)


OPERATOR = Operator()
