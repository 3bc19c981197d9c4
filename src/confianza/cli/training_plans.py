"""`confianza training-plans`: training plans of a partner and year, the lines of their lists, their students."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from confianza.cli.files import Format, terminal_language, write_parts
from confianza.cli.listings import ListFormat, print_result, print_table
from confianza.cli.options import FormatOption, ListFormatOption
from confianza.cli.partnership_option import OnlyPartnershipOption, narrowed
from confianza.cli.steps import (
    DateOption,
    FieldsArgument,
    StepArgument,
    action_lines,
    day_of,
    record_step,
)
from confianza.cli.workspace import (
    WORKSPACE,
    AsOption,
    ViewAsOption,
    WorkspaceOption,
    acting,
    open_workspace,
    viewing,
)
from confianza.cooperation.actors import Actor
from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.money import Money
from confianza.cooperation.training_plans.records import RecordKind
from confianza.cooperation.training_plans.travel_order import order_record, travel_order
from confianza.errors import RuleRefusal

if TYPE_CHECKING:
    from confianza.server.training_plans.documents import Check, Line, Plan, PlanLine, Student

app = typer.Typer(
    help="Training plans, their lines and students: list, show, next, record, export, travel-order.",
    no_args_is_help=True,
)
CodeArgument = Annotated[
    str,
    typer.Argument(help="Plan (BN-2027), line (BN-2027-1001A) or student (BN-2027-1001-S-ABCD2345)."),
]
COLUMNS = {
    "program": "code",
    "year": "fiscal_year",
    "status": "status",
    "ceiling": "ceiling",
    "priority_a": "priority_a_cost",
    "pme_of_ceiling": "pme_ceiling_share",
    "pme_of_seats": "pme_seat_share",
    "women_of_seats": "women_seat_share",
    "shared": "is_shared",
    "simulated": "is_simulated",
}


@app.command("list")
def list_(
    account: ViewAsOption = None,
    partnership: OnlyPartnershipOption = "",
    output_format: ListFormatOption = ListFormat.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """List the plans with their ceilings, what is spent of them, and their shares."""
    open_workspace(workspace)
    from confianza.server.training_plans import documents, selectors

    actor = viewing(account)
    rows = narrowed(selectors.visible_plans(actor), partnership, actor)
    plans = [documents.plan_summary(row) for row in rows]
    print_table(plans, COLUMNS, output_format, empty="No training plan is here for you.")


@app.command()
def show(
    code: CodeArgument,
    account: ViewAsOption = None,
    on: DateOption = None,
    output_format: FormatOption = Format.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Show a plan with its checks, lines and students, or a line or student: state, charges, next steps, history."""
    open_workspace(workspace)
    from confianza.server.training_plans import documents

    subject = documents.subject(viewing(account), code, on=day_of(on), language=terminal_language())
    print_result(subject, output_format, _lines(subject))


def _lines(subject: Plan | Line | Student) -> Iterator[str]:
    from confianza.server.training_plans.documents import Line, Plan

    label = "  (simulated)" if subject.is_simulated else ""
    yield f"{subject.code}  {subject.status_name}{label}"
    if isinstance(subject, Plan):
        yield from _plan_lines(subject)
    elif isinstance(subject, Line):
        yield f"  {_line_text(subject.line)}"
    else:
        for course in subject.courses:
            begun = f"; begun on {course.begun_on}" if course.begun_on else ""
            yield f"  {_line_text(course)}{begun}" + (f", {course.outcome}" if course.outcome else "")
    for charge in [] if isinstance(subject, Plan) else subject.charges:
        yield (
            f"  charge {charge.line}  {charge.amount} ({charge.share:.0%} of the tuition): "
            f"{charge.reason} [{charge.reference}]"
        )
    for action in subject.actions:
        first, *reasons = action_lines(action)
        yield f"  next {first}"
        yield from (f"  {reason}" for reason in reasons)
    for record in subject.records:
        fields = "".join(f" {name}={_value_text(value)}" for name, value in record.details.items())
        yield f"  {record.on}  {record.step}  {record.account}{fields}"


def _plan_lines(plan: Plan) -> Iterator[str]:
    shared = "shared with the partner" if plan.is_shared else "not shared"
    yield f"  ceiling {plan.ceiling}, priority A {plan.priority_a_cost}; {shared}"
    for check in plan.checks:
        yield f"  check {check.id:<12} {_check_text(check):<26} {check.name}"
    for line in plan.lines:
        yield f"  {_line_text(line)}"
    for student in plan.students:
        yield f"  student {student.code}  {student.status_name}"
    for item in plan.waiting:
        yield f"  waits {item.code}  {item.step}: {item.name}"


def _value_text(value: object) -> str:
    """A recorded value in one line; amounts as they are written."""
    return " ".join(str(Money(**value) if isinstance(value, dict) else value).split())


def _check_text(check: Check) -> str:
    """Whether a check is met, and the figure found."""
    answer = "met" if check.is_met else "waived" if check.is_waived else "not met"
    if not check.is_binding:
        answer = "reported"
    if check.figure is None:
        return answer
    if not check.is_share:
        return f"{answer}, {check.figure:.0f}"
    limit = "" if check.limit is None else f", limit {check.limit:.0%}"
    return f"{answer}, {check.figure:.1%}{limit}"


def _line_text(line: PlanLine) -> str:
    return (
        f"line {line.wcn}  {line.priority}  {line.status_name:<10} {line.taken_count} of {line.student_count} "
        f"seats  {line.start_date} – {line.end_date}  {line.cost}  {line.school}: {line.course}"
    )


@app.command("next")
def next_(
    account: ViewAsOption = None,
    partnership: OnlyPartnershipOption = "",
    on: DateOption = None,
    output_format: ListFormatOption = ListFormat.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """List the open actions of an account's offices, or of every office."""
    open_workspace(workspace)
    from confianza.server.training_plans import documents, selectors

    actor = viewing(account)
    plans = narrowed(selectors.visible_plans(actor), partnership, actor)
    waiting = selectors.my_waiting_steps(actor, plans, day_of(on))
    pending = [documents.pending_step(item, terminal_language()) for item in waiting]
    columns = {name: name for name in ("code", "step", "name")}
    print_table(pending, columns, output_format, empty="No pending actions.")


@app.command()
def record(
    code: CodeArgument,
    step: StepArgument,
    account: AsOption,
    fields: FieldsArgument = None,
    on: DateOption = None,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Record a step of a plan, line or student, the first of which opens it; refused with rule, reason and remedy."""
    record_step(code, step, fields, on, account, workspace, _take)


def _take(code: str, step: str, on: date, fields: Mapping[str, str], actor: Actor) -> str:
    from confianza.server.training_plans.services import take_step

    return f"Status: {take_step(code=code, step=step, on=on, given=fields, actor=actor).status}"


@app.command()
def export(
    code: Annotated[str, typer.Argument(help="Plan, such as BN-2027.")],
    output: Annotated[Path, typer.Argument(help="File to write: .csv, .xlsx or .parquet.")],
    account: ViewAsOption = None,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Write the training list of a plan: a row a line, amounts in whole units."""
    open_workspace(workspace)
    from confianza.server.training_plans import exports, selectors

    file_format = output.suffix[1:].lower()
    if file_format not in exports.FORMATS:
        allowed = ", ".join(f".{name}" for name in exports.FORMATS)
        raise RuleRefusal("export-type", file=output.name, allowed=allowed)
    read, row = selectors.visible_code(viewing(account), code)
    if read.kind is not RecordKind.PLAN:
        raise RuleRefusal("training-unknown", code=code)
    state = selectors.plan_state(row)
    write_parts(output, exports.list_parts(file_format, state))
    typer.echo(f"{output}: {len(state.plan.lines)} lines.")


@app.command("travel-order")
def travel_order_(
    code: Annotated[str, typer.Argument(help="Student, such as BN-2027-1001-S-ABCD2345.")],
    account: AsOption,
    output_format: FormatOption = Format.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Print the travel order of a student in the order of its form; access to the identity is recorded."""
    open_workspace(workspace)
    from confianza.server.training_plans import selectors
    from confianza.server.training_plans.services import identity_for_travel_order

    read, row = selectors.visible_code(viewing(account), code)
    state = selectors.state_around(row, read)
    history = state.of(code)
    identity = identity_for_travel_order(code=code, actor=acting(account))
    fields = travel_order(
        history,
        state.plan,
        identity,
        country=BilingualText.of(row.partner.name),
        issued_by=order_record(history).actor.account,
    )
    language = terminal_language()
    listed = [
        {
            "field": item.name.in_language(language),
            "values": [value.in_language(language) for value in item.values],
        }
        for item in fields
    ]
    print_result(listed, output_format, _form_lines(listed))


def _form_lines(fields: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The fields of a form, each value on a line of its own."""
    width = max(len(item["field"]) for item in fields)
    for item in fields:
        for number, value in enumerate(item["values"] or [""]):
            yield f"{'' if number else item['field']:<{width}}  {value}"
