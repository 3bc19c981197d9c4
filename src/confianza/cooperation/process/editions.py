"""Editions of a process, read from TOML and checked: every name used must be a name there is."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.process import rulebook
from confianza.cooperation.process.fields import FIELD_TYPES, RESERVED, Field
from confianza.cooperation.process.rulebook import Edition
from confianza.cooperation.sources import Reference, sources
from confianza.errors import RulebookError

TEXTS = {"name", "sentence", "reason", "remedy", "note", "remark"}
LISTS = {
    "actors",
    "after",
    "steps",
    "except_steps",
    "resets",
    "regimes",
    "required_for",
    "programs",
    "except_programs",
    "kinds",
}
TABLES = {
    "phases": rulebook.Phase,
    "steps": rulebook.Step,
    "rules": rulebook.Rule,
    "clocks": rulebook.Clock,
    "deadlines": rulebook.Deadline,
    "documents": rulebook.DocumentKind,
}
FUNDS_DATES = {"available_until", "reobligate_until", "cancels_on"}


def _without(item: dict[str, Any], removed: set[str]) -> dict[str, Any]:
    """The entry without the names of removed ones in its lists."""
    return {
        key: [name for name in value if name not in removed]
        if key in LISTS and isinstance(value, list)
        else value
        for key, value in item.items()
    }


def _path_of(name: str, folders: Iterable[Path]) -> Path:
    """The file of an edition in the first folder that has it; one of the last folder if none has."""
    paths = [folder / f"{name}.toml" for folder in folders]
    return next((path for path in paths if path.exists()), paths[-1])


def _inherited(raw: dict[str, Any], folders: Sequence[Path]) -> dict[str, Any]:
    """The tables of the edition that `extends` names, changed entry by entry by this one."""
    if "extends" not in raw:
        return raw
    parent = _read(_path_of(raw["extends"], folders), folders[1:])
    removed = set(raw.get("removes", ()))
    merged = {key: value for key, value in raw.items() if key not in {"extends", "removes"}}
    for table in TABLES:
        entries = {item["id"]: {"source": parent["source"], **item} for item in parent.get(table, ())}
        changed = {item["id"]: item for item in raw.get(table, ())}
        entries = {
            key: {**_without(item, removed), **changed.pop(key, {})}
            for key, item in entries.items()
            if key not in removed
        }
        merged[table] = [*entries.values(), *changed.values()]
    for key in ("lists", "categories", "versions"):
        if key in parent:
            merged[key] = {**parent[key], **raw.get(key, {})} if key == "lists" else raw.get(key, parent[key])
    return merged


def _read(path: Path, bundled: Sequence[Path]) -> dict[str, Any]:
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RulebookError("rulebook-not-toml", file=path.name, detail=error) from error
    return _inherited(raw, (path.parent, *bundled))


def _field(raw: dict[str, Any], lists: Mapping[str, Mapping[str, Any]]) -> Field:
    made = {**raw, "label": BilingualText.of(raw["label"])}
    if "list" in made:
        made["options"] = {key: BilingualText.of(name) for key, name in lists[made.pop("list")].items()}
    return Field(**made)


def _entry(kind: type[Any], raw: dict[str, Any], edition: dict[str, Any]) -> Any:
    made = dict(raw)
    made["reference"] = Reference(made.pop("source", edition["source"]), made.pop("place"))
    for key in made.keys() & TEXTS:
        made[key] = BilingualText.of(made[key])
    for key in made.keys() & LISTS:
        if isinstance(made[key], list):  # the one `after` of a deadline is a name
            made[key] = tuple(made[key])
    if "fields_of" in made:
        other = made.pop("fields_of")
        made["fields"] = next(item["fields"] for item in edition["steps"] if item["id"] == other)
        if made.pop("fields_optional", False):
            made["fields"] = [{**item, "is_required": False} for item in made["fields"]]
    if "fields" in made:
        made["fields"] = tuple(_field(item, edition.get("lists", {})) for item in made["fields"])
    return kind(**made)


def _marked(entry: Any, edition: dict[str, Any]) -> Any:
    """The entry with a remark when its source is of another year than the edition.

    What cites an older text of the edition's own work (the manual's chapter of 2012, in an edition of 2026) is
    unverified: nobody read that it still holds.
    """
    cited, own = sources().get(entry.reference.source), sources().get(edition["source"])
    if cited is None or own is None:
        return entry
    if cited.work and cited.work == own.work and cited.year < own.year and entry.reference.place:
        note = BilingualText(f"Cites the manual of {cited.year}.", f"Cita el manual de {cited.year}.")
        is_verified = False
    elif cited.year > own.year:
        note = BilingualText(f"Source of {cited.year}.", f"Fuente de {cited.year}.")
        is_verified = entry.is_verified
    else:
        return entry
    remark = entry.remark and BilingualText(f"{entry.remark.en} {note.en}", f"{entry.remark.es} {note.es}")
    return replace(entry, is_verified=is_verified, remark=remark or note)


def _build(raw: dict[str, Any]) -> Edition:
    made = {
        table: tuple(_marked(_entry(kind, item, raw), raw) for item in raw.get(table, ()))
        for table, kind in TABLES.items()
    }

    def scope(item: dict[str, Any]) -> rulebook.Scope:
        made: dict[str, Any] = {key: tuple(value) if key in LISTS else value for key, value in item.items()}
        return rulebook.Scope(**made)

    return Edition(
        id=raw["id"],
        title=BilingualText.of(raw["title"]),
        note=BilingualText.of(raw["note"]),
        source=raw["source"],
        phases=made["phases"],
        steps={step.id: step for step in made["steps"]},
        rules=made["rules"],
        clocks=made["clocks"],
        deadlines=made["deadlines"],
        documents={kind.id: kind for kind in made["documents"]},
        scopes=tuple(scope(item) for item in raw.get("scopes", ())),
        categories=tuple(raw.get("categories", ())),
        versions=tuple(raw.get("versions", ())),
        statuses={
            key: BilingualText.of(name) for key, name in raw.get("lists", {}).get("statuses", {}).items()
        },
    )


def _check_names(step: rulebook.Step, file: str) -> None:
    """Every field of a step has a name of its own, and none that a form sends beside the fields."""
    names = [item.name for item in step.fields]
    for name in names:
        if name in RESERVED or names.count(name) > 1:
            raise RulebookError(
                "rulebook-field-name",
                file=file,
                entry=f"step {step.id}",
                field=name,
                reserved=", ".join(sorted(RESERVED)),
            )


def _check(edition: Edition, file: str, gates: Collection[str], effects: Collection[str]) -> None:
    """Every name an entry uses is a name there is."""
    steps, phases = list(edition.steps), [phase.id for phase in edition.phases]
    offices = list(permission_table().offices)
    registers = {step.register for step in edition.steps.values() if step.register}

    def check(entry: str, field: str, values: Iterable[str], among: Iterable[str]) -> None:
        allowed = set(among)
        for value in values:
            if value not in allowed:
                raise RulebookError(
                    "rulebook-unknown-value",
                    file=file,
                    entry=entry,
                    field=field,
                    value=value,
                    known=", ".join(sorted(allowed)),
                )

    check(edition.id, "source", [edition.source], sources())
    for phase in edition.path:
        check(f"phase {phase.id}", "completed_by", [phase.completed_by], steps)
    for step in edition.steps.values():
        where = f"step {step.id}"
        check(where, "phase", [step.phase], phases)
        check(where, "effect", [step.effect], effects)
        check(where, "status", [step.status] if step.status else [], edition.statuses)
        check(where, "actors", step.actors, offices)
        check(where, "after", step.after, steps)
        check(where, "resets", step.resets, steps)
        if step.register:
            check(where, "key", [step.key], [item.name for item in step.fields])
        _check_names(step, file)
        for item in step.fields:
            check(where, f"fields.{item.name}.type", [item.type], FIELD_TYPES)
            check(where, f"fields.{item.name}.register", [item.register] if item.register else [], registers)
    for rule in edition.rules:
        check(f"rule {rule.id}", "gate", [rule.gate], gates)
        check(f"rule {rule.id}", "steps", rule.steps, [*steps, "*"])
        check(f"rule {rule.id}", "except_steps", rule.except_steps, steps)
        values = [rule.params[name] for name in ("of", "start", "end") if name in rule.params]
        named = [name for value in values for name in ([value] if isinstance(value, str) else value)]
        check(f"rule {rule.id}", "params", named, steps)
        if "register" in rule.params:
            check(f"rule {rule.id}", "params.register", [rule.params["register"]], registers)
    for clock in edition.clocks:
        named = [name for name in (clock.start, clock.stop, clock.hold, clock.release) if name]
        check(f"clock {clock.id}", "start or stop", named, steps)
    for deadline in edition.deadlines:
        where = f"deadline {deadline.id}"
        check(where, "satisfied_by", [deadline.satisfied_by], steps)
        check(where, "after", [deadline.after] if deadline.after else [], steps)
        check(where, "funds_date", [deadline.funds_date] if deadline.funds_date else [], FUNDS_DATES)
        if deadline.per:
            fields = [
                {item.name for item in edition.steps[step].fields}
                for step in (deadline.after, deadline.satisfied_by)
            ]
            check(where, "per", [deadline.per], set.intersection(*fields))
    for kind in edition.documents.values():
        check(f"document {kind.id}", "required_for", kind.required_for, steps)
    for name in TABLES:
        table = getattr(edition, name)
        for entry in table.values() if isinstance(table, Mapping) else table:
            check(f"{name} {entry.id}", "source", [entry.reference.source], sources())


def read_edition(
    path: Path, *, gates: Collection[str], effects: Collection[str] = ("none",), bundled: Sequence[Path] = ()
) -> Edition:
    """The edition in a TOML file; with `extends`, on top of the edition of that name.

    That edition is looked for beside the file, then in the folders `bundled`. `gates` and `effects` are the names
    its rules and steps may use.

    Raises
    ------
    RulebookError
        `rulebook-not-toml`, `rulebook-incomplete` or `rulebook-unknown-value` (an unknown phase, step,
        office, gate, effect, field type or source); names file, entry, field and known values.
    """
    try:
        edition = _build(_read(path, bundled))
    except (KeyError, TypeError, AttributeError) as error:
        raise RulebookError("rulebook-incomplete", file=path.name, detail=error) from error
    _check(edition, path.name, gates, effects)
    return edition
