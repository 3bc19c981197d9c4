"""What a row of a training report means in common terms, by rule tables that keep their reasons.

A report writes programs, schools, units and courses in many ways. Each table below is a list of rules, tried in
order: the first whose pattern is found decides, and the row keeps the rule, its reason and the version of the
table. Nothing is guessed: where no rule fits the value is `unmatched`, and a person may classify it by a rule of
their own (`Rules.extended`), which is tried before the packaged ones.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.institutions import data_sets, packaged_partnership, packaged_structure
from confianza.cooperation.training import Category, PmeLevel, ReportRow
from confianza.errors import ImportRefusal, Problem
from confianza.packaged import packaged_table

UNMATCHED = "unmatched"
NOT_PME = "none"  # the level of a course that is not PME
FIELDS = ("program_family", "school_code", "institution_code", "category")


@dataclass(frozen=True)
class Verdict:
    """The value a text was classified as, the rule that decided, why, and the version of the rules."""

    value: str
    rule_id: str
    reason: BilingualText
    version: str


@dataclass(frozen=True)
class NormalizedRow:
    """A row in common terms."""

    program_family: Verdict
    school_code: Verdict
    institution_code: Verdict
    category: Verdict
    level: Verdict

    def unmatched(self) -> tuple[str, ...]:
        """The fields that no rule fits."""
        return tuple(name for name in (*FIELDS, "level") if getattr(self, name).value == UNMATCHED)


@dataclass(frozen=True)
class Rule:
    """Decides on texts its pattern is found in; of one partner only, when `partner_code` is given.

    `level` is that of a course which the rule finds to be PME.
    """

    id: str
    value: str
    pattern: re.Pattern[str]
    reason: BilingualText
    partner_code: str | None = None
    level: str = NOT_PME

    def fits(self, text: str, partner_code: str) -> bool:
        """Whether the rule decides on a text of a partner."""
        return self.partner_code in (None, partner_code) and self.pattern.search(text) is not None


@dataclass(frozen=True)
class Rules:
    """The rules of every field in the order they are tried, and their version."""

    version: str
    by_field: Mapping[str, tuple[Rule, ...]]
    decided: dict[tuple[str, str, str], tuple[Verdict, Verdict]] = dataclass_field(
        default_factory=dict, repr=False, compare=False
    )  # a volume says the same thousands of times

    def extended(self, version: str, more: Mapping[str, Iterable[Rule]]) -> Rules:
        """These rules with more of them in front; the version names both."""
        return Rules(
            f"{self.version}+{version}",
            {field: (*more.get(field, ()), *self.by_field[field]) for field in FIELDS},
        )

    def decide(self, field: str, text: str, partner_code: str = "") -> tuple[Verdict, Verdict]:
        """The verdict on a text and, for a course title, on its level."""
        key = (field, text, partner_code)
        if key not in self.decided:
            rules = self.by_field[field]
            rule = next((rule for rule in rules if rule.fits(text, partner_code)), NO_RULE)
            self.decided[key] = (
                Verdict(rule.value, rule.id, rule.reason, self.version),
                Verdict(rule.level, rule.id, rule.reason, self.version),
            )
        return self.decided[key]


NAMES_SCHOOL = BilingualText(
    "The place or U.S. unit is of: {name}.", "El lugar o la unidad de EE. UU. corresponde a: {name}."
)
NO_RULE = Rule(
    "none",
    UNMATCHED,
    re.compile(""),
    BilingualText("No rule fits; a human decides.", "Ninguna regla corresponde; decide una persona."),
    level=UNMATCHED,
)


def classified_rule(
    rule_id: str, field: str, text: str, value: str, reason: BilingualText, level: str = NOT_PME
) -> Rule:
    """A rule for exactly one text (`field_text`), as a person classifies an unmatched value."""
    return _rule(
        field, {"id": rule_id, "value": value, "pattern": f"^{re.escape(text)}$", "level": level}, reason
    )


def _rule(field: str, entry: Mapping[str, Any], reason: BilingualText) -> Rule:
    level = entry.get("level", NOT_PME)
    if field == "category":
        value = Category(entry["value"])
        if level != NOT_PME:
            PmeLevel(level)
        if value.is_pme != (level != NOT_PME):
            raise ValueError("PME, and PME only, has a level")
    return Rule(
        entry["id"],
        entry["value"],
        re.compile(entry["pattern"], re.IGNORECASE),
        reason,
        entry.get("partner_code"),
        level,
    )


TABLES = {
    "program_family": "rules/program-families.toml",
    "school_code": "schools.toml",
    "institution_code": "rules/partner-institutions.toml",
    "category": "rules/course-categories.toml",
}


def read_table(name: str) -> Mapping[str, Any]:
    """A packaged table of this folder."""
    return packaged_table(__package__, name)


def _school_entries(table: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The gazetteer as rules: schools, then places, then the partner's own country, then what is left."""
    names = {
        entry["code"]: BilingualText.of(entry["name"]) for entry in [*table["schools"], *table["elsewhere"]]
    }

    def entry(rule_id: str, code: str, pattern: str, name: BilingualText, **more: str) -> Mapping[str, Any]:
        reason = NAMES_SCHOOL.format(name=name)
        return {"id": rule_id, "value": code, "pattern": pattern, "reason": reason, **more}

    for school in table["schools"]:
        yield entry(school["code"].lower(), school["code"], school["pattern"], names[school["code"]])
    for key, place in table["places"].items():
        yield entry(key, key.upper(), place["pattern"], BilingualText.of(place["city"]))
    for partner, pattern in table["in_country"].items():
        rule_id = f"in-country-{partner.lower()}"
        yield entry(rule_id, "IN-COUNTRY", rf"\b({pattern})\b", names["IN-COUNTRY"], partner_code=partner)
    abroad = rf"\b({'|'.join(table['in_country'].values())})\b"
    for place in table["elsewhere"]:
        yield entry(place["code"].lower(), place["code"], place.get("pattern", abroad), names[place["code"]])


@cache
def packaged_rules() -> Rules:
    """The rules that ship with the package."""
    version, by_field = "", {}
    for field, name in TABLES.items():
        table = read_table(name)
        version = max(version, table["version"])
        by_field[field] = tuple(
            _rule(field, entry, BilingualText.of(entry["reason"]))
            for entry in (table["rules"] if "rules" in table else _school_entries(table))
        )
    return Rules(version, by_field)


def read_rules(path: Path) -> Rules:
    """The packaged rules with those of a workspace's own TOML file in front.

    The file has a `version` and, under the name of a field, rules written as in the packaged tables::

        version = "our-1"

        [[institution_code]]
        id = "our-marine-academy"
        value = "navy"
        partner_code = "CO"
        pattern = "ESCUELA NAVAL"
        reason = { en = "The naval academy.", es = "La escuela naval." }

    Raises
    ------
    ImportRefusal
        `rules-file-unreadable`, or `rule-not-valid` for every rule at fault.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ImportRefusal(
            [Problem("rules-file-unreadable", path.name, params={"detail": str(error)})]
        ) from error
    problems: list[Problem] = []
    more: dict[str, list[Rule]] = {}

    def fault(field: str | None, row: int | None, detail: object) -> None:
        problems.append(Problem("rule-not-valid", path.name, row=row, field=field, params={"detail": detail}))

    if not (isinstance(version := table.pop("version", None), str) and version):
        fault("version", None, "missing")
    for field, entries in table.items():
        if field not in FIELDS:
            fault(field, None, f"{field} is none of {', '.join(FIELDS)}")
            continue
        for number, entry in enumerate(entries, start=1):
            try:
                more.setdefault(field, []).append(_rule(field, entry, BilingualText.of(entry["reason"])))
            except KeyError as error:
                fault(field, number, f"{error.args[0]} is missing")
            except (TypeError, ValueError, re.error) as error:
                fault(field, number, error)
    if problems:
        raise ImportRefusal(problems)
    return packaged_rules().extended(str(version), more)


class PrintedTexts(Protocol):
    """What a row of a report prints of a course, whatever keeps it."""

    @property
    def program(self) -> str:
        """The program, as its block is headed."""

    @property
    def location(self) -> str:
        """Where the course is held."""

    @property
    def us_unit(self) -> str:
        """The unit that holds it."""

    @property
    def student_unit(self) -> str:
        """The students' unit."""

    @property
    def course_title(self) -> str:
        """The title of the course."""


def field_text(field: str, line: PrintedTexts) -> str:
    """The text of a row that decides a field, as the rules see it: capitals do not matter, spaces are single."""
    texts = {
        "program_family": line.program,
        "school_code": f"{line.location} | {line.us_unit}",
        "institution_code": line.student_unit,
        "category": line.course_title,
    }
    return " ".join(texts[field].split())


def normalize(line: ReportRow, rules: Rules | None = None) -> NormalizedRow:
    """A row of a report in common terms, with the rule behind each.

    Parameters
    ----------
    line : ReportRow
        The row as read.
    rules : Rules
        The packaged rules when left out.

    Returns
    -------
    NormalizedRow
        One verdict a field. `value` is `unmatched` where no rule fits; `level` is `none` for a course that is
        not PME.
    """
    used = rules or packaged_rules()
    verdicts = {field: used.decide(field, field_text(field, line), line.partner_code) for field in FIELDS}
    category, level = verdicts.pop("category")
    return NormalizedRow(
        **{field: verdict for field, (verdict, _) in verdicts.items()}, category=category, level=level
    )


def institution_codes(countries: Collection[str]) -> set[str]:
    """The institutions that rows of some countries (ISO codes) can be of: those of every country, and their own."""
    rules = packaged_rules().by_field["institution_code"]
    codes = {rule.value for rule in rules if not rule.partner_code or rule.partner_code in countries}
    for data_set in data_sets():
        partner = packaged_partnership(data_set).partner
        if partner.iso_code in countries:
            own = packaged_structure(data_set).institutions
            codes |= {item.code for item in own if item.party == partner.manual_code}
    return codes | {UNMATCHED}
