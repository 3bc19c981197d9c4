"""`confianza track`: training plans of a partner and year, the lines of their lists, students on the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from confianza.cli.files import Format, terminal_language, write_parts
from confianza.cli.listings import ListFormat, dollars, print_document, print_rows
from confianza.cli.steps import DateOption, day_of, given_fields
from confianza.cli.workspace import WORKSPACE, AsOption, WorkspaceOption, acting, open_workspace
from confianza.cooperation.bilingual import Text
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.process.rulebook import UNVERIFIED
from confianza.cooperation.training_plans.plan import (
    FILLED,
    Charge,
    PlannedLine,
    pme_share_by_students,
    priority_a_cost,
    women_share,
    working_group_checks,
)
from confianza.cooperation.training_plans.process import (
    courses_taken,
    line_charge,
    next_actions,
    rulebook,
    withdrawal_charges,
)
from confianza.cooperation.training_plans.records import History, Kind
from confianza.errors import RuleRefusal

if TYPE_CHECKING:
    from confianza.server.people.models import User
    from confianza.server.training_plans.selectors import ProgramState

app = typer.Typer(
    help="Training plans, their lines and students: list, show, step, actions, export, order.",
    no_args_is_help=True,
)
CodeArgument = Annotated[
    str,
    typer.Argument(help="Program (BN-2027), line (BN-2027-1001A) or student (BN-2027-1001-S-ABCD2345)."),
]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print the result.")]
ListFormatOption = Annotated[ListFormat, typer.Option("--format", help="How to print the rows.")]


def _account(name: str) -> User:
    """The account that acts, with what it may see."""
    from confianza.server.people.models import User

    return User.objects.get(username=acting(name).account)


def _seen(user: User, code: str) -> tuple[History, ProgramState]:
    """What a code is of and its program, where the account may see them."""
    from confianza.server.training_plans.selectors import state_around, visible_code

    asked, row = visible_code(user, code)
    state = state_around(row, asked)
    return state.of(asked.text), state


@app.command("list")
def list_(
    account: AsOption, form: ListFormatOption = ListFormat.TEXT, workspace: WorkspaceOption = WORKSPACE
) -> None:
    """List the programs with their ceilings, what is spent of them, and their shares."""
    open_workspace(workspace)
    from confianza.server.training_plans.selectors import program_state, visible_programs

    rows = []
    for row in visible_programs(_account(account)):
        program = program_state(row).program
        checks = {check.id: check for check in working_group_checks(program)}
        rows.append(
            {
                "program": row.code,
                "year": row.fiscal_year,
                "status": row.status,
                "ceiling": dollars(row.ceiling),
                "priority_a": dollars(priority_a_cost(program.imet_lines)),
                "pme_of_ceiling": _rounded(checks["pme"].found),
                "pme_of_seats": _rounded(pme_share_by_students(program.imet_lines)),
                "women_of_seats": _rounded(women_share(program.imet_lines)),
                "shared": row.is_shared,
                "simulated": row.is_simulated,
            }
        )
    print_rows(rows, form, empty="No training plan is here for you.")


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


# --- show ----------------------------------------------------------------------------------------------


def _said(text: Text) -> str:
    return text.in_language(terminal_language())


def _line(line: PlannedLine) -> dict[str, Any]:
    return {
        "wcn": line.wcn,
        "priority": line.priority,
        "status": line.status,
        "is_filled": line.is_filled,
        "program": line.program,
        "kind": line.kind,
        "direction": line.direction,
        "school": line.school,
        "course": line.course,
        "category": line.category,
        "level": line.level,
        "seats": line.student_count,
        "taken": line.taken_count,
        "women": line.women_count,
        "ecl_score": line.ecl_score,
        "start_date": line.start_date,
        "end_date": line.end_date,
        "cost": dollars(line.cost),
    }


def _charge(line: str, charge: Charge) -> dict[str, Any]:
    return {
        "line": line,
        "share": _rounded(charge.share),
        "amount": dollars(charge.amount),
        "reason": _said(charge.reason),
        "reference": str(charge.reference),
    }


def _common(user: User, history: History, state: ProgramState, on: date) -> dict[str, Any]:
    """What is told of a program, line and student alike."""
    from confianza.server.training_plans.selectors import told_to

    table = permission_table()
    return {
        "code": history.code.text,
        "status": history.status,
        "version": len(history.records),
        "is_simulated": state.row.is_simulated,
        "next": [
            {
                "step": action.step.id,
                "name": _said(action.step.name),
                "offices": [_said(table.offices[office]) for office in action.step.actors],
                "fields": [field.name for field in action.step.fields],
                "is_optional": action.step.is_optional,
                "is_verified": action.step.is_verified,
                "blocked": [refusal.in_language(terminal_language()) for refusal in action.refusals],
            }
            for action in next_actions(history, on=on, program=state.program)
        ],
        "history": [
            {
                "on": record.on,
                "step": record.step,
                "account": record.actor.account,
                "fields": {name: str(value) for name, value in record.details.items()},
            }
            for record in told_to(user, history).records
        ],
    }


def _program(user: User, state: ProgramState, on: date) -> dict[str, Any]:
    from confianza.server.training_plans.selectors import visible_codes, visible_tracks, waiting_steps

    program, table = state.program, permission_table()
    return {
        "partner": state.row.partner.pk,
        "fiscal_year": program.fiscal_year,
        "ceiling": dollars(program.ceiling),
        "priority_a": dollars(priority_a_cost(program.imet_lines)),
        "is_shared": state.row.is_shared,
        "checks": [
            {
                "check": check.id,
                "name": _said(check.name),
                "found": _rounded(check.found),
                "limit": _rounded(check.limit),
                "is_share": check.is_share,
                "is_met": check.is_met,
                "is_binding": check.is_binding,
                "is_waived": check.id in program.waived,
                "reference": str(check.reference),
            }
            for check in working_group_checks(program)
        ],
        "lines": [_line(line) for line in sorted(program.lines, key=lambda line: line.wcn)],
        "students": [
            {"code": way.code, "status": way.status}
            for way in visible_tracks(user, state.row).order_by("code")
        ],
        "waiting": [
            {"code": found.code, "step": found.step.id, "name": _said(found.step.name)}
            for found in waiting_steps(state, visible_codes(user, state), table.offices, on)
        ],
    }


def _student(history: History, state: ProgramState) -> dict[str, Any]:
    students = state.students_of(history.code.number)
    return {
        "courses": [
            _line(course.line) | {"begun_on": course.begun_on, "outcome": course.outcome or None}
            for course in courses_taken(history, state.program)
        ],
        "charges": [
            _charge(line.wcn, charge) for line, charge in withdrawal_charges(history, state.program, students)
        ],
    }


@app.command()
def show(
    code: CodeArgument,
    account: AsOption,
    on: DateOption = None,
    form: FormatOption = Format.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Show a program with its checks, lines and students, or a line or student: state, charges, next steps, history."""
    open_workspace(workspace)
    user, day = _account(account), day_of(on)
    history, state = _seen(user, code)
    told = _common(user, history, state, day)
    if history.code.kind is Kind.PROGRAM:
        told |= _program(user, state, day)
    elif history.code.kind is Kind.LINE:
        charge = line_charge(history)
        told["line"] = _line(next(line for line in state.program.lines if line.wcn == history.code.number))
        told["charges"] = [] if charge is None else [_charge(history.code.number, charge)]
    else:
        told |= _student(history, state)
    if form is Format.JSON:
        print_document(told)
        return
    for line in _text(told, history.code.kind):
        typer.echo(line.rstrip())


def _text(told: dict[str, Any], kind: Kind) -> Iterator[str]:
    label = "  (simulated)" if told["is_simulated"] else ""
    yield f"{told['code']}  {_said(rulebook(kind).statuses[told['status']])}{label}"
    if kind is Kind.PROGRAM:
        shared = "shared with the partner" if told["is_shared"] else "not shared"
        yield f"  ceiling ${told['ceiling']:,}, priority A ${told['priority_a']:,}; {shared}"
    for check in told.get("checks", ()):
        yield f"  check {check['check']:<12} {_answer(check):<26} {check['name']}"
    for line in told.get("lines", ()):
        yield f"  {_line_text(line)}"
    if "line" in told:
        yield f"  {_line_text(told['line'])}"
    for course in told.get("courses", ()):
        begun = f"; begun on {course['begun_on']}" if course["begun_on"] else ""
        yield f"  {_line_text(course)}{begun}" + (f", {course['outcome']}" if course["outcome"] else "")
    for student in told.get("students", ()):
        yield f"  student {student['code']}  {_said(rulebook(Kind.STUDENT).statuses[student['status']])}"
    for charge in told.get("charges", ()):
        yield (
            f"  charge {charge['line']}  ${charge['amount']:,} ({charge['share']:.0%} of the tuition): "
            f"{charge['reason']} [{charge['reference']}]"
        )
    for found in told.get("waiting", ()):
        yield f"  waits {found['code']}  {found['step']}: {found['name']}"
    for action in told["next"]:
        fields = "".join(f" {name}=…" for name in action["fields"])
        mark = " (optional)" if action["is_optional"] else ""
        mark += "" if action["is_verified"] else f" ({_said(UNVERIFIED)})"
        yield f"  next {action['step']}{fields}  [{', '.join(action['offices'])}]{mark}"
        for reason in action["blocked"]:
            yield f"      blocked: {reason}"
    for record in told["history"]:
        fields = "".join(f" {name}={' '.join(value.split())}" for name, value in record["fields"].items())
        yield f"  {record['on']}  {record['step']}  {record['account']}{fields}"


def _answer(check: dict[str, Any]) -> str:
    """What a check found, as a person reads it."""
    answer = "met" if check["is_met"] else "waived" if check["is_waived"] else "not met"
    if not check["is_binding"]:
        answer = "told"
    if check["found"] is None:
        return answer
    if not check["is_share"]:
        return f"{answer}, {check['found']:.0f}"
    limit = "" if check["limit"] is None else f", limit {check['limit']:.0%}"
    return f"{answer}, {check['found']:.1%}{limit}"


def _line_text(line: dict[str, Any]) -> str:
    status = _said(FILLED if line["is_filled"] else rulebook(Kind.LINE).statuses[line["status"]])
    return (
        f"line {line['wcn']}  {line['priority']}  {status:<10} {line['taken']} of {line['seats']} seats  "
        f"{line['start_date']} – {line['end_date']}  ${line['cost']:,}  {line['school']}: {line['course']}"
    )


# --- steps -----------------------------------------------------------------------------------------------


@app.command()
def step(
    code: CodeArgument,
    name: Annotated[str, typer.Argument(metavar="STEP", help="Step of the rulebook, such as nominate.")],
    account: AsOption,
    fields: Annotated[
        list[str] | None,
        typer.Argument(help="Fields of the step as name=value, such as result=passed."),
    ] = None,
    on: DateOption = None,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Record a step of a program, line or student, the first of which opens it; refused with rule, reason and remedy."""
    given = given_fields(fields)
    open_workspace(workspace)
    from confianza.server.training_plans.services import take_step

    row = take_step(code=code, step=name, on=day_of(on), given=given, actor=acting(account))
    typer.echo(f"{code}: {name} recorded. Status: {row.status}.")


@app.command()
def actions(
    account: AsOption,
    on: DateOption = None,
    form: ListFormatOption = ListFormat.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """List the steps that wait for the offices of an account."""
    open_workspace(workspace)
    from confianza.server.training_plans.selectors import my_waiting_steps

    rows = [
        {"code": found.code, "step": found.step.id, "name": _said(found.step.name)}
        for found in my_waiting_steps(_account(account), day_of(on))
    ]
    print_rows(rows, form, empty="Nothing waits for you.")


# --- files and the travel order ----------------------------------------------------------------------------


@app.command()
def export(
    code: Annotated[str, typer.Argument(help="Program, such as BN-2027.")],
    output: Annotated[Path, typer.Argument(help="File to write: .csv, .xlsx or .parquet.")],
    account: AsOption,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Write the training list of a program: a row a line, amounts in whole units."""
    open_workspace(workspace)
    from confianza.server.training_plans.exports import FORMS, list_parts

    form = output.suffix[1:].lower()
    if form not in FORMS:
        raise RuleRefusal("export-type", file=output.name, allowed=", ".join(f".{name}" for name in FORMS))
    history, state = _seen(_account(account), code)
    if history.code.kind is not Kind.PROGRAM:
        raise RuleRefusal("training-unknown", code=code)
    write_parts(output, list_parts(form, state))
    typer.echo(f"{output}: {len(state.program.lines)} lines.")


@app.command()
def order(
    code: Annotated[str, typer.Argument(help="Student, such as BN-2027-1001-S-ABCD2345.")],
    account: AsOption,
    form: FormatOption = Format.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Print the travel order of a student in the order of its form; the look at the identity is recorded."""
    open_workspace(workspace)
    from confianza.cooperation.training_plans.travel_order import order_record, travel_order
    from confianza.server.training_plans.services import identity_for_travel_order

    user = _account(account)
    history, state = _seen(user, code)
    identity = identity_for_travel_order(code=code, actor=user.actor)
    fields = travel_order(
        history,
        state.program,
        identity,
        country=Text.of(state.row.partner.name),
        issued_by=order_record(history).actor.account,
    )
    listed = [
        {"field": _said(item.name), "values": [_said(value) for value in item.values]} for item in fields
    ]
    if form is Format.JSON:
        print_document(listed)
        return
    width = max(len(item["field"]) for item in listed)
    for item in listed:
        first, *more = item["values"] or [""]
        typer.echo(f"{item['field']:<{width}}  {first}".rstrip())
        for value in more:
            typer.echo(f"{'':<{width}}  {value}")
