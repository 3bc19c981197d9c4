"""Steps of cases, training plans, lines and students: recorded and printed in one way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from confianza.cli.files import terminal_language
from confianza.cli.workspace import acting, open_workspace
from confianza.cooperation.actors import Actor
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.process.rulebook import UNVERIFIED
from confianza.errors import RuleRefusal

if TYPE_CHECKING:
    from confianza.server.documents import Action, Refusal

DateOption = Annotated[
    datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="Day of the step; today when left out.")
]
StepArgument = Annotated[str, typer.Argument(help="Step of the rulebook, such as obligate or nominate.")]
FieldsArgument = Annotated[
    list[str] | None,
    typer.Argument(help="Fields of the step as name=value, such as line=001 amount=1200.50."),
]


def day_of(on: datetime | None) -> date:
    return on.date() if on else date.today()  # noqa: DTZ011 - the local calendar day is meant


def submitted_fields(pairs: Iterable[str] | None) -> dict[str, str]:
    """The fields of a step by name; RuleRefusal `field-not-a-pair`."""
    fields = {}
    for pair in pairs or ():
        name, equals, value = pair.partition("=")
        if not equals:
            raise RuleRefusal("field-not-a-pair", text=pair)
        fields[name] = value
    return fields


def record_step(
    code: str,
    step: str,
    pairs: Iterable[str] | None,
    on: datetime | None,
    account: str,
    workspace: Path,
    take: Callable[[str, str, date, Mapping[str, str], Actor], str],
) -> None:
    """Record a step of what has a code; `take` does it and returns where that stands then."""
    fields = submitted_fields(pairs)
    open_workspace(workspace)
    standing = take(code, step, day_of(on), fields, acting(account))
    typer.echo(f"{code}: {step} recorded. {standing}.")


def unverified(mark: str, *, is_verified: bool) -> str:
    """The mark of what no source read states; nothing of the rest."""
    return "" if is_verified else mark.format(UNVERIFIED.in_language(terminal_language()))


def office_names(offices: Iterable[str]) -> str:
    """The names of offices."""
    names = permission_table().offices
    return ", ".join(names[office].in_language(terminal_language()) for office in offices)


def refusal_text(refusal: Refusal) -> str:
    """Reason, remedy, rule and reference as one line."""
    mark = unverified(", {}", is_verified=refusal.is_verified)
    return f"{refusal.reason} {refusal.remedy} [{refusal.rule}, {refusal.reference}{mark}]"


def action_lines(action: Action) -> Iterator[str]:
    """A step on offer: its fields, the offices that take it, and what blocks it."""
    fields = "".join(f" {name}=…" for name in action.fields)
    optional = " (optional)" if action.is_optional else ""
    mark = unverified(" ({})", is_verified=action.is_verified)
    yield f"{action.step}{fields}  [{office_names(action.offices)}]{optional}{mark}"
    for refusal in action.refusals:
        yield f"    blocked: {refusal_text(refusal)}"
