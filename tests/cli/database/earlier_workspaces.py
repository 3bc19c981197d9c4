"""Steps of `test_earlier_workspaces.py` that need Django on a workspace: python earlier_workspaces.py STEP …

`load FILE` puts the rows of a SQLite workspace of version 0.1 into an empty PostgreSQL database, in the tables of that
version; `unrecord APP` forgets that the migrations of an app were applied, as a kill of an early program left some;
`seen` prints what a reader of the workspace sees, in the shape of its `seen.json`; `schema` prints its tables.
"""

import json
import os
import sqlite3
import sys
from contextlib import closing

import django

os.environ.setdefault("CONFIANZA_WORKSPACE", "confianza.sqlite3")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "confianza.server.settings")
django.setup()

from django.apps import apps  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.migrations.executor import MigrationExecutor  # noqa: E402

from confianza.server import schema  # noqa: E402
from confianza.server.alumni import identities  # noqa: E402
from confianza.server.alumni.models import Student, Tenure  # noqa: E402
from confianza.server.audit.models import AuditEvent  # noqa: E402
from confianza.server.audit.services import verify_log  # noqa: E402
from confianza.server.cases.models import Case  # noqa: E402
from confianza.server.funds.selectors import statements  # noqa: E402
from confianza.server.relationship.selectors import history_events  # noqa: E402
from confianza.server.training_plans.models import TrainingPlan  # noqa: E402
from confianza.server.training_plans.selectors import plan_state  # noqa: E402
from confianza.server.training_reports import selectors as reports  # noqa: E402
from confianza.server.training_reports.models import PrintedTotal, ReportRow  # noqa: E402


def load(path: str) -> None:
    """The tables of version 0.1, filled."""
    of_today = {
        f"{old}_{name}": f"{label}_{name}"
        for old, (label, names) in schema.TABLES_OF_0_1.items()
        for name in names
    }
    quoted = connection.ops.quote_name
    with closing(sqlite3.connect(path)) as source:
        applied = source.execute("select app, name from django_migrations").fetchall()
        executor = MigrationExecutor(connection)
        executor.migrate([schema._key_of_today(key) for key in applied])
        tables = [name for (name,) in source.execute("select name from sqlite_master where type = 'table'")]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("delete from django_migrations")
            for table in tables:
                if table.startswith("sqlite_"):
                    continue
                target = of_today.get(table, table)
                rows = source.execute(f"select * from {quoted(table)}")  # noqa: S608
                columns = [column[0] for column in rows.description]
                described = connection.introspection.get_table_description(cursor, target)
                kinds = {
                    column.name: connection.introspection.get_field_type(column.type_code, column)
                    for column in described
                }
                is_flag = [kinds[name] == "BooleanField" for name in columns]
                values = [
                    [
                        bool(value) if flag and value is not None else value
                        for value, flag in zip(row, is_flag, strict=True)
                    ]
                    for row in rows
                ]
                names, places = ", ".join(map(quoted, columns)), ", ".join(["%s"] * len(columns))
                statement = f"insert into {quoted(target)} ({names}) values ({places})"  # noqa: S608
                if values:
                    cursor.executemany(statement, values)
                if kinds.get("id") == "BigAutoField":
                    cursor.execute(
                        "select setval(pg_get_serial_sequence(%s, 'id'), %s)",
                        [target, max((row[columns.index("id")] for row in values), default=1)],
                    )
            connection.check_constraints()
            for old, new in of_today.items():
                cursor.execute(f"alter table {quoted(new)} rename to {quoted(old)}")


def unrecord(app: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("delete from django_migrations where app = %s", [app])


def seen() -> dict:
    """What a reader of the workspace sees; of the log, what it was before the upgrade."""
    events = verify_log() - AuditEvent.objects.filter(action="workspace.migrate").count()
    classification = reports.classification_history().get()
    return {
        "audit": {"events": events, "head": AuditEvent.objects.get(sequence=events).digest},
        "cases": {
            row.pk: {
                "phase": row.phase,
                "status": row.status,
                "steps": row.version,
                "cost_minor": row.cost_minor,
                "is_shared": row.is_shared,
                "project": row.project_id,
            }
            for row in Case.objects.all()
        },
        "statements": {
            by: [
                [
                    item.name,
                    item.is_simulated,
                    {key.value: money.minor for key, money in item.balances.items() if money.minor},
                ]
                for item in sorted(statements(by), key=lambda item: (item.name, item.is_simulated))
            ]
            for by in ("case", "program", "authority", "funds")
        },
        "training_plans": {
            row.pk: {
                "status": row.status,
                "steps": row.version,
                "ceiling_minor": row.ceiling_minor,
                "is_shared": row.is_shared,
                "lines": {line.pk: [line.status, line.taken_count] for line in row.lines.all()},
                "students": {
                    code: [history.status, len(history.records)]
                    for code, history in plan_state(row).students.items()
                },
            }
            for row in TrainingPlan.objects.all()
        },
        "people": {
            row.pk: {
                "is_shared": row.is_shared,
                "is_erased": row.erased_on is not None,
                "courses": row.courses.count(),
                "posts": row.tenures.count(),
                "surname": getattr(identities.open_identity(row), "surname", None),
            }
            for row in Student.objects.all()
        },
        "tenures": Tenure.objects.count(),
        "training_reports": {
            "rows": ReportRow.objects.count(),
            "imports": [[item.run.file_name, item.row_count] for item in reports.training_imports()],
            "printed_totals": PrintedTotal.objects.count(),
            "by_year": [
                [row.values["fiscal_year"], row.student_count, row.cost.minor]
                for row in reports.training_summary(reports.TrainingQuery(), ("fiscal_year",))
            ],
            "classification": {
                "field": classification.field,
                "text": classification.text,
                "value": classification.value,
                "reason": classification.reason,
                "rows": ReportRow.objects.filter(
                    rules__category=classification.rule_id, category=classification.value
                ).count(),
            },
        },
        "acts": len(history_events(("US", "MX"))),
    }


def tables() -> dict:
    """Each table: its columns, and its constraints and indexes, by name where a model names them."""
    every = [model._meta for model in apps.get_models(include_auto_created=True)]
    named = {part.name for meta in every for part in (*meta.indexes, *meta.constraints)}
    found = {}
    introspection = connection.introspection
    with connection.cursor() as cursor:
        for table in introspection.table_names(cursor):
            columns = [
                [column.name, str(column.type_code), column.display_size, column.null_ok, column.default]
                for column in introspection.get_table_description(cursor, table)
            ]
            constraints = [
                [name if name in named else "", {**part, "definition": None}]
                for name, part in introspection.get_constraints(cursor, table).items()
            ]
            found[table] = [sorted(columns), sorted(constraints, key=repr)]
    return found


STEPS = {"load": load, "unrecord": unrecord, "seen": seen, "schema": tables}

if __name__ == "__main__":
    step, *arguments = sys.argv[1:]
    print(json.dumps(STEPS[step](*arguments), default=str))
