"""The tables of a workspace: which version of Confianza they are of, and bringing them up to date.

Every migration and its record are one transaction on both databases, so that a build or an upgrade that is killed
leaves what was there before it, and of two at once the second waits for the first.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState
from django.utils import timezone

from confianza.cooperation.actors import OPERATOR
from confianza.server.audit.services import record

FIRST = ("audit", "0001_audit_log")  # every workspace has it, whatever its version
ADVISORY_LOCK = 18_46_20_13  # on PostgreSQL: the number by which builds and upgrades wait for each other

# Apps that version 0.1 called otherwise, with their tables: a workspace of it gets the labels of today first of all.
TABLES_OF_0_1 = {
    "programs": ("funds", ("appropriation", "availabilitydates", "project")),
    "ledger": ("funds", ("ledgerentry", "posting")),
    "students": (
        "alumni",
        ("student", "sealedidentity", "courseattended", "post", "tenure", "prominencereport", "studentfile"),
    ),
    "training": ("training_plans", ("trainingprogram", "trainingline", "studenttrack", "studentremark")),
}
MIGRATIONS_OF_0_1 = {("ledger", "0001_ledger"): ("funds", "0003_ledger")}  # those of another name today


class Version(StrEnum):
    """How the tables of a database stand to those of this program."""

    EMPTY = "empty"
    FOREIGN = "foreign"
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"


@dataclass(frozen=True)
class Standing:
    """The version of a database, and the migrations by which it differs from this program."""

    version: Version
    migrations: tuple[str, ...] = ()


@dataclass(frozen=True)
class Upgrade:
    """The migrations that were applied, and the copy of the file from before them."""

    migrations: tuple[str, ...]
    copy: Path | None = None


def standing() -> Standing:
    """How the open database stands to this program."""
    tables = set(connection.introspection.table_names())
    executor = _executor()
    loader = executor.loader
    applied = set(loader.applied_migrations)
    if FIRST not in applied:
        is_ours = {app for app, _ in applied} <= loader.migrated_apps
        is_begun = bool(applied) or connection.vendor != "sqlite" or tables <= _tables_of_first(executor)
        return Standing(Version.EMPTY if is_ours and is_begun else Version.FOREIGN)
    replaced = {key for migration in loader.disk_migrations.values() for key in migration.replaces}
    if unknown := applied - loader.disk_migrations.keys() - replaced:
        return Standing(Version.NEWER, tuple(f"{app}.{name}" for app, name in sorted(unknown)))
    if plan := executor.migration_plan(loader.graph.leaf_nodes()):
        return Standing(Version.OLDER, _names(plan))
    return Standing(Version.CURRENT)


def _executor() -> "_Executor":
    """What brings the open database up to date, with what is applied to it by the labels of today."""
    executor = _Executor(connection, _check_references)
    applied = executor.loader.applied_migrations
    executor.loader.applied_migrations = {_key_of_today(key): row for key, row in applied.items()}
    return executor


def _tables_of_0_1() -> dict[str, str]:
    """The names of today of those tables that are there under another one."""
    there = set(connection.introspection.table_names())
    return {
        f"{old}_{name}": f"{label}_{name}"
        for old, (label, names) in TABLES_OF_0_1.items()
        for name in names
        if f"{old}_{name}" in there
    }


def _key_of_today(key: tuple[str, str]) -> tuple[str, str]:
    app, name = key
    label, _ = TABLES_OF_0_1.get(app, (app, ()))
    return MIGRATIONS_OF_0_1.get(key, (label, name))


def _rename_apps_of_0_1() -> None:
    """Give the tables and the recorded migrations of a workspace of version 0.1 the labels of today.

    A table may be there whose migration is not recorded, so tables go by what is there.
    """
    quoted = connection.ops.quote_name
    with connection.cursor() as cursor:
        for old, new in _tables_of_0_1().items():
            cursor.execute(f"ALTER TABLE {quoted(old)} RENAME TO {quoted(new)}")
    recorder = MigrationRecorder(connection)
    for key in recorder.applied_migrations():
        if (today := _key_of_today(key)) != key:
            rows = recorder.migration_qs.filter(app=key[0], name=key[1])
            rows.update(app=today[0], name=today[1])


def _tables_of_first(executor: MigrationExecutor) -> set[str]:
    """The tables of a build that was killed before its first migration was recorded."""
    first, _ = executor.migration_plan(executor.loader.graph.leaf_nodes())[0]
    state = first.mutate_state(executor.loader.project_state((), at_end=False))
    return {"django_migrations"} | _shapes(state, state.models.keys()).keys()


def _names(plan: Iterable[tuple[Migration, bool]]) -> tuple[str, ...]:
    return tuple(f"{migration.app_label}.{migration.name}" for migration, _ in plan)


@contextmanager
def alone() -> Iterator[None]:
    """One transaction that no other build or upgrade of the workspace runs beside."""
    with transaction.atomic():  # on SQLite it locks the file as it begins
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])
        yield


@contextmanager
def _foreign_keys_unchecked() -> Iterator[None]:
    """SQLite alters a table by making it anew, and can leave off checking only outside of a transaction.

    What refers to what is checked after every migration.
    """
    unchecked = connection.vendor == "sqlite" and connection.disable_constraint_checking()
    try:
        yield
    finally:
        if unchecked:
            connection.enable_constraint_checking()


def upgrade(*, keep_copy: bool) -> Upgrade:
    """Make the tables, or bring them up to date; with `keep_copy`, copy a SQLite file before it changes."""
    with _foreign_keys_unchecked(), alone():
        executor = _executor()
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if not plan:
            return Upgrade(())
        copy = copy_beside() if keep_copy and connection.vendor == "sqlite" else None
        is_new = FIRST not in executor.loader.applied_migrations
        try:
            _rename_apps_of_0_1()
            executor.migrate(None, plan, fake_initial=True)
            if not is_new:
                record(
                    actor=OPERATOR,
                    action="workspace.migrate",
                    subject="workspace",
                    payload={"migrations": _names(plan)},
                )
        except BaseException:
            if copy is not None:  # the file itself stays as it was
                copy.unlink(missing_ok=True)
            raise
    return Upgrade(_names(plan), copy)


def _check_references(action: str, migration: Migration | None = None, fake: bool | None = False, /) -> None:
    """Between two migrations, as their own transactions would: PostgreSQL alters no table with checks pending."""
    if action == "apply_success":
        connection.check_constraints()


def copy_beside() -> Path:
    """A copy of the SQLite file as it stands, beside it and readable by its owner only; nothing half-copied is left."""
    path = Path(connection.settings_dict["NAME"])
    copy = path.with_name(f"{path.name}.before-{timezone.now():%Y%m%dT%H%M%S%fZ}")
    partial = path.with_name(f".{path.name}.copy")
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(partial)) as target:
            source.backup(target)
        partial.rename(copy)
    except sqlite3.Error as error:
        raise DatabaseError(f"{partial}: {error}") from error
    finally:
        partial.unlink(missing_ok=True)
    return copy


def check_whole() -> None:
    """DatabaseError when a page of a SQLite file is damaged."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA quick_check(1)")
            answer = cursor.fetchone()[0]
        if answer != "ok":
            raise DatabaseError(answer)


class _Executor(MigrationExecutor):
    """Takes up where a program that recorded each migration after its transaction was killed between the two.

    That program may have had the migrations in another order: any of a plan can be such a one, in no new database.
    """

    def migrate(self, *args: Any, **more: Any) -> ProjectState:
        self.is_new = not self.connection.introspection.table_names()
        return super().migrate(*args, **more)

    def detect_soft_applied(  # type: ignore[override]  # `migrate` gives the state
        self, project_state: ProjectState, migration: Migration
    ) -> tuple[bool, ProjectState]:
        if self.is_new:
            return False, project_state
        after = migration.mutate_state(project_state)
        if self._is_applied(project_state, after):
            return True, after
        return False, project_state

    def _is_applied(self, before: ProjectState, after: ProjectState) -> bool:
        """Whether every table that differs between two states is as the second has it, and not as the first."""
        shared = before.models.keys() & after.models.keys()
        changed = before.models.keys() ^ after.models.keys()
        changed |= {key for key in shared if before.models[key] != after.models[key]}
        earlier, later = _shapes(before, changed), _shapes(after, changed)
        if earlier == later:
            return False  # a change that leaves no trace here, and can be made again
        return all(self._is_as(later.get(table), table, earlier.get(table)) for table in earlier | later)

    def _is_as(self, shape: "_Shape | None", table: str, other: "_Shape | None") -> bool:
        """Whether a table has the columns of a shape and, of the named constraints of both, its own."""
        with self.connection.cursor() as cursor:
            if table not in self.connection.introspection.table_names(cursor):
                return shape is None
            if shape is None:
                return False
            described = self.connection.introspection.get_table_description(cursor, table)
            names = self.connection.introspection.get_constraints(cursor, table).keys()
        either = shape.names | (other.names if other else set())
        return {column.name for column in described} == shape.columns and names & either == shape.names


@dataclass(frozen=True)
class _Shape:
    """What can be seen of a model in the database."""

    columns: set[str]
    names: set[str]


def _shapes(state: ProjectState, models: AbstractSet[tuple[str, str]]) -> dict[str, _Shape]:
    """The shape of each table of some models in a state of the migrations."""
    every = [state.apps.get_model(*key)._meta for key in models & state.models.keys()]
    return {
        meta.db_table: _Shape(
            {field.column for field in meta.local_concrete_fields},
            {part.name for part in (*meta.indexes, *meta.constraints)},
        )
        for meta in every
        if meta.managed and not meta.proxy and not meta.swapped
    }
