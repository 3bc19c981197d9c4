"""`confianza records timeline|promises|safeguards|foundations|levels`: what is computed from the records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from confianza.cli.files import Format, terminal_language
from confianza.cli.listings import print_result
from confianza.cli.options import FormatOption
from confianza.cli.partnership_option import PartnershipOption, chosen_partnership
from confianza.cli.records import KINDS
from confianza.cli.records import app as app
from confianza.cli.steps import day_of
from confianza.cli.workspace import WORKSPACE, ViewAsOption, WorkspaceOption, open_workspace, viewing
from confianza.cooperation.relationship.timeline import RecordFilter

if TYPE_CHECKING:
    from confianza.server.relationship import overviews

DayOption = Annotated[
    datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The day; today when left out.")
]
NOTHING = "not on record"


def _number(value: float | None, form: str = "{:g}") -> str:
    return NOTHING if value is None else form.format(value)


def _timeline_lines(document: overviews.Timeline) -> Iterator[str]:
    for row in document.items:
        date = f"{row.date_from}/{row.date_to}" if row.date_to else row.date_from
        marks = [row.state] * (row.state == "contested") + [row.verification] * (row.verification == "memory")
        yield f"{date:<21}  {row.actor:<4}  {row.kind:<13}  {row.summary}" + "".join(
            f" [{mark}]" for mark in marks
        )
    for period in document.levels:
        number = "-" if period.number is None else period.number
        yield f"level {number} ({period.name}): {period.first_day} to {period.last_day}"
    yield (
        f"{document.count} records of {document.happening_count} happenings; {document.contested_count} contested; "
        f"{document.memory_count} from memory, out of every figure."
    )
    yield document.note


@app.command()
def timeline(
    words: Annotated[str, typer.Option(help="Words of the record.")] = "",
    kind: Annotated[str, typer.Option(help=f"Only this kind: {KINDS}.")] = "",
    actor: Annotated[str, typer.Option(help="Only by this side: its ISO code, or both.")] = "",
    domain: Annotated[str, typer.Option(help="Only of this domain: defense, security, …")] = "",
    source: Annotated[str, typer.Option(help="Only of this source, by its key.")] = "",
    decade: Annotated[int | None, typer.Option(help="Only that begin in this decade, such as 1990.")] = None,
    year: Annotated[int | None, typer.Option(help="Only that begin in this year.")] = None,
    contested: Annotated[bool, typer.Option("--contested", help="Only contested ones.")] = False,
    account: ViewAsOption = None,
    partnership: PartnershipOption = "",
    output_format: FormatOption = Format.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Records of both sides along time, and the levels of cooperation held meanwhile."""
    open_workspace(workspace)
    from confianza.server.relationship.overviews import timeline_document
    from confianza.server.relationship.selectors import partnership_records

    one = chosen_partnership(partnership)
    every = partnership_records(one, viewing(account))
    wanted = RecordFilter(words, kind, actor, domain, source, decade, year, contested)
    document = timeline_document(
        one,
        [item for item in every if wanted.matches(item)],
        every=every,
        today=day_of(None),
        language=terminal_language(),
    )
    print_result(document, output_format, _timeline_lines(document))


def _side_lines(sides: Sequence[overviews.SidePromises]) -> Iterator[str]:
    for side in sides:
        median = _number(side.median_days_late)
        yield (
            f"    {side.name}: {side.count} (kept {side.kept}, kept late {side.late}, in part {side.partly}, "
            f"broken {side.broken}, not on record {side.not_on_record}); median days late: {median} "
            f"of {side.dated_count} with both days"
        )


def _promise_lines(document: overviews.PromisesDocument) -> Iterator[str]:
    yield "commitments:"
    yield from _side_lines(document.every)
    yield "firm ones only:"
    yield from _side_lines(document.firm)
    for row in document.open:
        due = f"due {row.due_date}" if row.due_date else "without a day due"
        yield f"{'DUE ' if row.is_due else 'open'}  {row.actor:<4}  {due}  {row.id}: {row.summary}"
    for stage in document.stages:
        amount = "" if stage.amount is None else f" {stage.amount}"
        share = "" if stage.share is None else f" {stage.share:.0%}"
        yield f"{stage.as_of}  {stage.stage_name}{amount}{share} of {stage.scope} ({stage.reference})"
    for name, count in (("cases", document.cases), ("simulated cases", document.simulated_cases)):
        yield (
            f"deliveries of {name}: {count.count} planned, {count.in_time} in time, {count.late} late, "
            f"{count.open} open, {count.overdue} overdue; median days late: {_number(count.median_days_late)}"
        )


@app.command()
def promises(
    on: DayOption = None,
    account: ViewAsOption = None,
    partnership: PartnershipOption = "",
    output_format: FormatOption = Format.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """What each side promised and what became of it; deliveries of cases by themselves."""
    open_workspace(workspace)
    from confianza.server.assessment import promises_of

    one = chosen_partnership(partnership)
    document = promises_of(one, viewing(account), day_of(on), terminal_language())
    print_result(document, output_format, _promise_lines(document))


def _safeguard_lines(document: overviews.SafeguardsDocument) -> Iterator[str]:
    for side in document.sides:
        yield f"{side.name}: {len(side.rows)} in force on {document.on}"
        for row in side.rows:
            yield f"    since {row.since}, until {row.last_day or NOTHING}  {row.id}: {row.summary}"
    for year in document.years:
        yield f"{year.year}  {year.name}: {year.added} added, {year.lifted} lifted"


@app.command()
def safeguards(
    on: DayOption = None,
    account: ViewAsOption = None,
    partnership: PartnershipOption = "",
    output_format: FormatOption = Format.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Safeguards of each side against the other in force on a day; added and lifted by year."""
    open_workspace(workspace)
    from confianza.server.relationship.overviews import safeguards_document
    from confianza.server.relationship.selectors import partnership_records

    one = chosen_partnership(partnership)
    items = partnership_records(one, viewing(account), kinds=["hedge"])
    document = safeguards_document(one, items, on=day_of(on), language=terminal_language())
    print_result(document, output_format, _safeguard_lines(document))


def _foundation_lines(document: overviews.FoundationsDocument) -> Iterator[str]:
    for steps in document.steps:
        yield (
            f"1. {steps.name}: {len(steps.records)} steps, {len(steps.answering)} answer one of the other side, "
            f"median days until the answer: {_number(steps.median_lag_days)}; "
            f"more than twice the step before: {len(steps.too_large)}"
        )
    third = document.third_party
    yield f"2. third party: {len(third.sessions)} sessions, share {_number(third.share, '{:.1%}')}"
    both = _number(document.working_trust.both_share, "{:.1%}")
    yield f"3. stated interests: {len(document.working_trust.activities)} activities, with both sides: {both}"
    for coalition in document.coalition:
        counts = (f"{name} {len(rows) or NOTHING}" for name, rows in coalition.by_position.items())
        yield f"4. {coalition.name}: {', '.join(counts)}"
    for calm in document.reassurance:
        rate = _number(calm.no_surprise_rate, "{:.1%}")
        yield f"5. {calm.name}: {len(calm.records)} reassurances; rate without surprise: {rate}"
    for table in document.diagnoses:
        for cell in (cell for row in table.rows for cell in row):
            value = cell.state_name if cell.value is None else f"{cell.value:.1f} of 4"
            yield f"{table.institution or 'diagnosis'}, {cell.name}: {value}"
    for culture in document.cultures:
        differing = [row.name for row in culture.rows if row.differs]
        yield f"{culture.first} - {culture.second} differ in: {'; '.join(differing) or NOTHING}"


@app.command()
def foundations(
    account: ViewAsOption = None,
    partnership: PartnershipOption = "",
    output_format: FormatOption = Format.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Kelman's five concepts, Shaw's nine cells and cultural differences, computed from the records."""
    open_workspace(workspace)
    from confianza.server.relationship.overviews import foundations_document
    from confianza.server.relationship.selectors import partnership_records

    one = chosen_partnership(partnership)
    document = foundations_document(
        one, partnership_records(one, viewing(account)), language=terminal_language()
    )
    print_result(document, output_format, _foundation_lines(document))


def _level_lines(document: overviews.LevelsDocument) -> Iterator[str]:
    day = document.day
    level = day.name if day.number is None else f"level {day.number}, {day.name}"
    missing = f"; missing for {day.next_number}: {', '.join(day.missing)}" if day.missing else ""
    yield f"{day.on}: {level}{missing}"
    for row in document.years:
        if row.number is not None:
            yield f"{row.year}  {row.number} {row.name} ({row.first_day} to {row.last_day})"
    for said, years in (
        ("without evidence of a level", document.years_without_evidence),
        ("in which no record begins", document.years_without_records),
    ):
        yield f"years {said}: {', '.join(map(str, years)) or '-'}"


@app.command()
def levels(
    on: DayOption = None,
    account: ViewAsOption = None,
    partnership: PartnershipOption = "",
    output_format: FormatOption = Format.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """The level of cooperation by year, and what it lacks for the next on a day."""
    open_workspace(workspace)
    from confianza.server.relationship.overviews import levels_document
    from confianza.server.relationship.selectors import partnership_records

    one = chosen_partnership(partnership)
    document = levels_document(
        one,
        partnership_records(one, viewing(account)),
        on=on.date() if on else one.day(day_of(None)),
        today=day_of(None),
        language=terminal_language(),
    )
    print_result(document, output_format, _level_lines(document))
