"""Commands that were renamed: the old names work for one more version and say what they are called now."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from confianza.cli.files import terminal_language
from confianza.cooperation.bilingual import BilingualText

RENAMED = {
    "track step": "training-plans record",
    "track actions": "training-plans next",
    "track order": "training-plans travel-order",
    "track": "training-plans",
    "training normalise": "training-reports normalize",
    "training": "training-reports",
    "evidence unsettled": "training-reports unmatched",
    "evidence settle": "training-reports classify",
    "cases": "case",
    "case do": "case record",
    "alumni enrol": "alumni enroll",
}
NOTICE = BilingualText(
    "'confianza {old}' is called 'confianza {new}' now; the next version knows the new name only.",
    "'confianza {old}' se llama ahora 'confianza {new}'; la próxima versión solo conoce el nombre nuevo.",
)


def current(words: list[str]) -> list[str]:
    """The words of a command with an old name replaced, and a notice of it on standard error."""
    for old, new in sorted(RENAMED.items(), key=lambda names: -len(names[0].split())):
        count = len(old.split())
        if words[:count] == old.split():
            typer.echo(NOTICE.format(old=old, new=new).in_language(terminal_language()), err=True)
            return [*new.split(), *words[count:]]
    return words


class Commands(TyperGroup):
    """The commands by their names, the old ones hidden."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        return super().resolve_command(ctx, current(args))
