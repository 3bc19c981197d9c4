"""Rows of the reports in common terms: the packaged rules, and before them what people of this workspace classified."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from confianza.cooperation.bilingual import BilingualText, bilingual_json
from confianza.cooperation.training import Category, PmeLevel, ReportRow
from confianza.cooperation.training.courses import program_wholes
from confianza.cooperation.training.courses import value_names as packaged_names
from confianza.cooperation.training.normalize import (
    FIELDS,
    NOT_PME,
    UNMATCHED,
    Rule,
    Rules,
    classified_rule,
    field_text,
    normalize,
    packaged_rules,
    read_rules,
)
from confianza.cooperation.training.normalize import institution_codes as packaged_institution_codes
from confianza.errors import RuleRefusal
from confianza.server.institutions.selectors import partner_institutions
from confianza.server.training_reports import models

BY_PERSON = "settled-"  # how the rule of a classification is named on the rows
PRINTED = {
    "program_family": ("program",),
    "school_code": ("location", "us_unit"),
    "institution_code": ("student_unit", "partner_code"),
    "category": ("course_title",),
}  # the columns that decide a field


@cache
def _read(path: str) -> Rules:
    return read_rules(Path(path))


def rules_in_force() -> Rules:
    """The packaged rules, behind those of the workspace's own file where the settings name one."""
    return _read(settings.TRAINING_RULES) if settings.TRAINING_RULES else packaged_rules()


def classification_key(field: str, text: str, partner_code: str) -> tuple[str, str, str]:
    """What a classification is on: units of the same name are not the same in two countries, all else is."""
    return field, " ".join(text.split()).casefold(), partner_code if field == "institution_code" else ""


def classifications() -> dict[tuple[str, str, str], models.Classification]:
    """The classifications that count."""
    last = {
        classification_key(row.field, row.text, row.partner_code): row
        for row in models.Classification.objects.all()
    }
    return {key: row for key, row in last.items() if row.value}


def _rule(row: models.Classification) -> Rule:
    reason = BilingualText.of(row.reason)
    rule = classified_rule(row.rule_id, row.field, row.text, row.value, reason, row.level or NOT_PME)
    return replace(rule, partner_code=row.partner_code or None)


class NormalizedTerms:
    """The rules and classifications as they stand, applied to rows; remembers the reasons of the rules it used."""

    def __init__(self) -> None:
        self.rules = rules_in_force()
        self.tables_version = self.rules.version
        classified = sorted(classifications().values(), key=lambda row: row.pk)
        self.reasons: dict[tuple[str, str], BilingualText] = {}
        if classified:
            more = {field: [_rule(row) for row in classified if row.field == field] for field in FIELDS}
            self.rules = self.rules.extended(classified[-1].rule_id, more)

    def columns(self, line: ReportRow) -> dict[str, Any]:
        """The columns of a row that rules and classifications decide."""
        said = normalize(line, self.rules)
        verdicts = {field: getattr(said, field) for field in FIELDS}
        self.reasons |= {(field, verdict.rule_id): verdict.reason for field, verdict in verdicts.items()}
        return {
            **{field: verdict.value for field, verdict in verdicts.items()},
            "level": said.level.value,
            "rules": {field: verdict.rule_id for field, verdict in verdicts.items()},
            "rules_version": self.rules.version,
        }

    def keep_reasons(self) -> None:
        """Store the reasons of the rules used; those of classifications stand with them."""
        models.RuleReason.objects.bulk_create(
            [
                models.RuleReason(
                    rules_version=self.tables_version,
                    field=field,
                    rule_id=rule_id,
                    reason=bilingual_json(reason),
                )
                for (field, rule_id), reason in self.reasons.items()
                if not rule_id.startswith(BY_PERSON)
            ],
            ignore_conflicts=True,
        )


def value_names(field: str) -> Mapping[str, BilingualText]:
    """What the values of a field are called, by code; institutions those of the workspace too."""
    names = packaged_names(field)
    return {**names, **partner_institutions()} if field == "institution_code" else names


def institution_codes(countries: Collection[str]) -> set[str]:
    """The institutions that rows of some countries (ISO codes) can be of, those of the workspace too."""
    return packaged_institution_codes(countries) | set(partner_institutions(countries))


def known_values(field: str) -> list[str]:
    """What a text may be classified as."""
    if field == "category":
        return [category.value for category in Category if category.value != UNMATCHED]
    values = {rule.value for rule in rules_in_force().by_field[field]}
    if field == "institution_code":
        values |= set(value_names(field)) - {UNMATCHED}
    return sorted(values)


def known_value(field: str, text: str) -> str:
    """The value of a field (or level) that a person named, whatever the capitals.

    Raises
    ------
    RuleRefusal
        `training-term-unknown`, naming those most like it.
    """
    levels = [NOT_PME, *(level.value for level in PmeLevel)]
    values = [UNMATCHED, *(levels if field == "level" else known_values(field))]
    if field == "program_family":
        values += program_wholes()
    known = {value.casefold(): value for value in values}
    if text.casefold() not in known:
        near = get_close_matches(text.casefold(), known, n=8, cutoff=0.4) or sorted(known)
        named = ", ".join(known[name] for name in near[:8])
        raise RuleRefusal("training-term-unknown", field=field, value=text, near=named)
    return known[text.casefold()]


def rows_printed(field: str, text: str, partner_code: str) -> QuerySet[models.ReportRow]:
    """The rows that print a text, whatever its capitals and spaces."""
    key = classification_key(field, text, partner_code)
    every = models.ReportRow.objects.order_by()
    if key[2]:
        every = every.filter(partner_code=partner_code)
    as_printed = [
        values
        for values in every.values(*PRINTED[field]).distinct()
        if classification_key(field, field_text(field, models.ReportRow(**values)), partner_code) == key
    ]
    found = models.ReportRow.objects.none()
    for values in as_printed:
        found |= every.filter(**values)
    return found
