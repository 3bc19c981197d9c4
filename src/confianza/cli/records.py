"""`confianza records`: records of the relationship, entered, confirmed, contested, published, withdrawn, as files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from confianza.cli.files import FileRefusal, Format, terminal_language, write_parts
from confianza.cli.listings import ListFormat, print_result, print_table
from confianza.cli.options import FormatOption, ListFormatOption
from confianza.cli.partnership_option import PartnershipOption, chosen_partnership
from confianza.cli.steps import DateOption, day_of, submitted_fields
from confianza.cli.workspace import (
    WORKSPACE,
    AsOption,
    ViewAsOption,
    WorkspaceOption,
    acting,
    open_workspace,
    viewing,
)
from confianza.cooperation.relationship.records import record_kinds
from confianza.cooperation.relationship.standing import State
from confianza.evidence.download import is_address, local_file

if TYPE_CHECKING:
    from confianza.server.relationship.documents import RecordDeposit, TrackedRecordDocument

app = typer.Typer(
    help="Records of the relationship: list, show, add, confirm, contest, code, withdraw, publish, import, export.",
    no_args_is_help=True,
)
KINDS = ", ".join(record_kinds())
RecordArgument = Annotated[str, typer.Argument(help="Identifier of the record, as the list shows it.")]
RecordsArgument = Annotated[list[str], typer.Argument(help="Identifiers of records.")]
FieldsArgument = Annotated[
    list[str] | None,
    typer.Argument(help="Fields as name=value, such as date_from=2012-04 actor=US 'summary_en=…'."),
]


@app.command("list")
def list_(
    kind: Annotated[str, typer.Option(help=f"Only this kind: {KINDS}.")] = "",
    state: Annotated[
        State | None, typer.Option(help="Only in this state; withdrawn ones are listed only so.")
    ] = None,
    on: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="Only what had happened, and was known, by the end of this day."
        ),
    ] = None,
    account: ViewAsOption = None,
    partnership: PartnershipOption = "",
    output_format: ListFormatOption = ListFormat.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """List the records of a partnership by date; with --on, what had happened and was known by that day."""
    open_workspace(workspace)
    from confianza.server.relationship import documents, selectors

    items = selectors.partnership_records(
        chosen_partnership(partnership),
        viewing(account),
        on=on.date() if on else None,
        kinds=[kind] if kind else [],
        states=[state] if state else selectors.STANDING_STATES,
    )
    rows = [documents.record_row(item, terminal_language()) for item in items]
    columns: dict[str, str | Callable[[Any], Any]] = {
        "id": "id",
        "date": lambda row: f"{row.date_from}/{row.date_to}" if row.date_to else row.date_from,
        "by": "actor",
        "kind": "kind",
        "sign": "sign",
        "severity": "severity",
        "state": "state",
        "public": "is_public",
        "what": "summary",
    }
    print_table(rows, columns, output_format, empty="No record of this partnership matches.")


def _lines(document: TrackedRecordDocument | RecordDeposit) -> Iterator[str]:
    from confianza.server.relationship.documents import RecordDeposit

    if isinstance(document, RecordDeposit):
        released = ", ".join(document.released_by) or "neither side"
        yield f"{document.id}: deposited by {document.side} on {document.deposited_on}; released by {released}."
        return
    dates = f"{document.date_from}/{document.date_to}" if document.date_to else document.date_from
    target = f" -> {document.target}" if document.target else ""
    yield f"{document.id}: {document.summary}"
    yield f"{dates}  {document.actor}{target}  {document.kind_name}  {document.state_name}"
    for detail in document.details:
        yield f"    {detail.label}: {detail.text}"
    yield f"    source: {'; '.join(document.sources)}"
    for version in document.versions:
        yield f"version of {version.side} ({version.account}, {version.at:%Y-%m-%d}): {version.summary or '-'}"
        told = {"sign": version.sign, "severity": version.severity, "outcome": version.outcome or None}
        yield "    " + ", ".join(f"{name} {value}" for name, value in told.items() if value is not None)
        sources = (f"{one.key}, {one.place}" if one.place else one.key for one in version.sources)
        yield f"    source: {'; '.join(sources)}"
    for coding in document.codings:
        yield (
            f"coded {coding.severity:.2f} by {coding.coder} "
            f"({coding.method_name}, version {coding.version}, {coding.coded_on})"
        )
    for step in document.steps:
        side = f" for {step.side}" if step.side else ""
        reason = f": {step.reason}" if step.reason else ""
        yield f"{step.at:%Y-%m-%d} {step.name.lower()} by {step.account}{side}{reason}"


@app.command()
def show(
    record: RecordArgument,
    account: ViewAsOption = None,
    partnership: PartnershipOption = "",
    output_format: FormatOption = Format.TEXT,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Show a record with both sides' versions, its codings and what was done with it."""
    open_workspace(workspace)
    from confianza.server.relationship import documents, selectors

    item, sight = selectors.visible_record(chosen_partnership(partnership), record, viewing(account))
    document = documents.as_seen(item, sight, terminal_language())
    print_result(document, output_format, _lines(document))


@app.command()
def add(
    kind: Annotated[str, typer.Argument(help=f"One of: {KINDS}.")],
    account: AsOption,
    fields: FieldsArgument = None,
    record: Annotated[
        str, typer.Option("--id", help="Identifier; made from year and words when left out.")
    ] = "",
    partnership: PartnershipOption = "",
    on: DateOption = None,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Enter a record; a second person confirms it."""
    values = submitted_fields(fields)
    open_workspace(workspace)
    from confianza.server.relationship.services import propose_record

    row = propose_record(
        partnership=chosen_partnership(partnership),
        kind=kind,
        values=values,
        record_id=record,
        actor=acting(account),
        on=day_of(on),
    )
    typer.echo(
        f"{row.record_id}: proposed. A second person confirms it: confianza records confirm {row.record_id}"
    )


@app.command()
def confirm(
    records: RecordsArgument,
    account: AsOption,
    partnership: PartnershipOption = "",
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Confirm records that somebody else entered: all of them or, where one is refused, none."""
    open_workspace(workspace)
    from confianza.server.relationship.services import confirm_records

    count = confirm_records(
        partnership=chosen_partnership(partnership), record_ids=records, actor=acting(account)
    )
    typer.echo(f"{count} confirmed.")


@app.command()
def contest(
    record: RecordArgument,
    account: AsOption,
    fields: FieldsArgument = None,
    partnership: PartnershipOption = "",
    on: DateOption = None,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Set the version of the account's side beside a record: what it tells otherwise, with its source."""
    values = submitted_fields(fields)
    open_workspace(workspace)
    from confianza.server.relationship.services import contest_record

    contest_record(
        partnership=chosen_partnership(partnership),
        record_id=record,
        values=values,
        actor=acting(account),
        on=day_of(on),
    )
    typer.echo(f"{record}: contested. Both versions: confianza records show {record}")


@app.command()
def code(
    record: RecordArgument,
    account: AsOption,
    fields: FieldsArgument = None,
    partnership: PartnershipOption = "",
    on: DateOption = None,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Code how severe a record is, by the anchors: severity=0.4 confidence=0.8."""
    values = submitted_fields(fields)
    open_workspace(workspace)
    from confianza.server.relationship.services import code_record

    code_record(
        partnership=chosen_partnership(partnership),
        record_id=record,
        values=values,
        actor=acting(account),
        on=day_of(on),
    )
    typer.echo(f"{record}: coded.")


@app.command()
def withdraw(
    record: RecordArgument,
    reason: Annotated[str, typer.Option(help="Why; it stays on record.")],
    account: AsOption,
    partnership: PartnershipOption = "",
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Withdraw a record of the account's side; it stays to be read, and no figure is made from it."""
    open_workspace(workspace)
    from confianza.server.relationship.services import withdraw_record

    withdraw_record(
        partnership=chosen_partnership(partnership), record_id=record, reason=reason, actor=acting(account)
    )
    typer.echo(f"{record}: withdrawn.")


@app.command()
def publish(
    records: RecordsArgument,
    account: AsOption,
    partnership: PartnershipOption = "",
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Publish records for the account's side, or release deposits; what both sides published is public."""
    open_workspace(workspace)
    from confianza.server.relationship.services import publish_records

    count = publish_records(
        partnership=chosen_partnership(partnership), record_ids=records, actor=acting(account)
    )
    typer.echo(f"{count} published.")


@app.command("import")
def import_(
    file: Annotated[str, typer.Argument(help="Records (CSV or XLSX): a path or an https address.")],
    account: AsOption,
    sources: Annotated[
        Path | None, typer.Option(help="Their sources: source_key, title, publisher, date, address, license.")
    ] = None,
    partnership: PartnershipOption = "",
    on: DateOption = None,
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Propose the records of a file, whole or not at all; those that are here already stay as they are."""
    open_workspace(workspace)
    from confianza.server.relationship.services import import_records

    with local_file(file) as path:
        done = import_records(
            path,
            partnership=chosen_partnership(partnership),
            sources=sources,
            actor=acting(account),
            on=day_of(on),
            address=file if is_address(file) else "",
        )
    if done.is_new:
        typer.echo(f"{path.name}: {done.new_count:,} records proposed, {done.same_count:,} here before.")
    else:
        typer.echo(f"{path.name}: imported before; nothing changed.")


@app.command()
def export(
    out: Annotated[Path, typer.Option(help="File to write: .csv, .xlsx, .parquet or .json.")],
    kind: Annotated[str, typer.Option(help=f"Only this kind: {KINDS}.")] = "",
    account: ViewAsOption = None,
    partnership: PartnershipOption = "",
    workspace: WorkspaceOption = WORKSPACE,
) -> None:
    """Write the records with their sources and codings; a file that can be imported again."""
    file_format = out.suffix.lstrip(".").lower()
    open_workspace(workspace)
    from confianza.server.relationship.exports import FORMATS, record_parts
    from confianza.server.relationship.selectors import partnership_records

    if file_format not in FORMATS:
        raise FileRefusal("file-form-unknown", file=out, known=", ".join(FORMATS))
    items = partnership_records(
        chosen_partnership(partnership), viewing(account), kinds=[kind] if kind else []
    )
    write_parts(out, record_parts(items, file_format))
    typer.echo(f"{out}: {len(items):,} records.")
