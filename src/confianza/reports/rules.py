"""The editions of the process in words: one edition, or what differs between two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from confianza.cooperation.bilingual import BilingualText, join_texts
from confianza.cooperation.cases.editions import edition_of, editions
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.process.rulebook import Edition
from confianza.cooperation.training_plans.process import rulebook
from confianza.cooperation.training_plans.records import RecordKind

TABLES = {
    "phases": BilingualText("Phases", "Fases"),
    "steps": BilingualText("Steps", "Pasos"),
    "rules": BilingualText("Rules", "Reglas"),
    "clocks": BilingualText("Clocks", "Relojes"),
    "deadlines": BilingualText("Deadlines", "Plazos"),
    "documents": BilingualText("Documents", "Documentos"),
}
MARKS = {"is_verified", "remark"}  # what is known of an entry, not what it requires


def rulebooks() -> dict[str, Edition]:
    """Every rulebook by id: the editions of the case process, and those of training plans."""
    return {**editions(), **{book.id: book for book in map(rulebook, RecordKind)}}


def rulebook_of(name: str) -> Edition:
    """The rulebook of an id; RulebookError `edition-unknown` when there is none."""
    return rulebooks()[name] if name in rulebooks() else edition_of(name)


@dataclass(frozen=True)
class RuleLine:
    """An entry of an edition: what it is, who acts, what it says, where it is from."""

    table: str
    id: str
    name: str
    actors: str
    sentence: str
    reference: str
    is_verified: bool

    @property
    def has_name(self) -> bool:
        """Whether it is called something beside what it says (rules are not)."""
        return not self.sentence.startswith(self.name)


@dataclass(frozen=True)
class RuleChange:
    """An entry that one of two editions lacks (`added`, `removed`), or has with other values (`changed`)."""

    table: str
    id: str
    change: str
    name: str
    fields: tuple[str, ...] = ()


def _entries(edition: Edition, table: str) -> dict[str, object]:
    entries = getattr(edition, table)
    return dict(entries) if hasattr(entries, "keys") else {entry.id: entry for entry in entries}


REGIMES = {
    "title-10": BilingualText("Title 10", "Título 10"),
    "title-22": BilingualText("Title 22", "Título 22"),
}


def _bounds(entry: object, edition: Edition) -> list[BilingualText]:
    """When and for what money an entry binds, and what a document is required for."""
    bounds = []
    if (start := getattr(entry, "from_date", None)) is not None:
        bounds.append(BilingualText(f"From {start} on.", f"Desde el {start}."))
    if (end := getattr(entry, "to_date", None)) is not None:
        bounds.append(BilingualText(f"Until {end}.", f"Hasta el {end}."))
    if regimes := [REGIMES.get(key, BilingualText(key, key)) for key in getattr(entry, "regimes", ())]:
        bounds.append(
            BilingualText("For {money} only.", "Solo para {money}.").format(money=join_texts(regimes))
        )
    if required_for := getattr(entry, "required_for", ()):
        steps = join_texts([edition.steps[step].name for step in required_for])
        bounds.append(BilingualText("Required for: {steps}.", "Necesario para: {steps}.").format(steps=steps))
    if getattr(entry, "is_excluded", False):
        bounds.append(BilingualText("Not used in this process.", "No se usa en este proceso."))
    return bounds


def rule_lines(edition: Edition, language: str = "en") -> Iterator[RuleLine]:
    """Every entry of an edition, table by table."""
    offices = permission_table().offices
    for table in TABLES:
        for key, entry in _entries(edition, table).items():
            texts = {
                name: getattr(entry, name).in_language(language)
                for name in ("name", "sentence", "remark")
                if getattr(entry, name, None) is not None
            }
            bounds = [text.in_language(language) for text in _bounds(entry, edition)]
            actors = [offices[office].in_language(language) for office in getattr(entry, "actors", ())]
            yield RuleLine(
                table,
                key,
                texts.get("name", texts.get("sentence", "")),
                ", ".join(actors),
                " ".join([*(texts[name] for name in ("sentence", "remark") if name in texts), *bounds]),
                str(entry.reference),  # type: ignore[attr-defined]
                getattr(entry, "is_verified", True),
            )


def rule_changes(old: Edition, new: Edition, language: str = "en") -> list[RuleChange]:
    """What the second edition adds to, removes from and changes in the first."""
    changes = []
    for table in TABLES:
        before, after = _entries(old, table), _entries(new, table)
        names = {
            entry.id: entry.name
            for edition in (old, new)
            for entry in rule_lines(edition, language)
            if entry.table == table
        }
        for key in [*before, *(key for key in after if key not in before)]:
            if key not in after:
                changes.append(RuleChange(table, key, "removed", names[key]))
            elif key not in before:
                changes.append(RuleChange(table, key, "added", names[key]))
            elif fields_changed := tuple(
                field.name
                for field in fields(before[key])  # type: ignore[arg-type]
                if field.name not in MARKS
                and getattr(before[key], field.name) != getattr(after[key], field.name)
            ):
                changes.append(RuleChange(table, key, "changed", names[key], fields_changed))
    return changes
