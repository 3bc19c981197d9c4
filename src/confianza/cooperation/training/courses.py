"""Which category a course belongs to and which school gives it, by the packaged rule tables."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from confianza.cooperation.texts import Text
from confianza.cooperation.training import Category


@dataclass(frozen=True)
class Classification:
    """The category of a course, the rule that decided and why."""

    category: Category
    rule_id: str
    reason: Text
    version: str


@dataclass(frozen=True)
class School:
    """A school or group of schools; `is_platform` marks those the thesis recommends for PME (pp. 70-72)."""

    code: str
    name: Text
    is_platform: bool = False
    language: str = "en"


def _table(name: str) -> Mapping[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath(name).read_text(encoding="utf-8"))


@cache
def category_rules() -> tuple[tuple[re.Pattern[str], Classification], ...]:
    """The rules in the order they are tried: a pattern, and the verdict on titles it is found in."""
    table = _table("rules/course-categories.toml")
    return tuple(
        (
            re.compile(rule["pattern"], re.IGNORECASE),
            Classification(Category(rule["category"]), rule["id"], Text.of(rule["reason"]), table["version"]),
        )
        for rule in table["rules"]
    )


def rules_version() -> str:
    """The version of the category rules."""
    return category_rules()[0][1].version


def classify_course(title: str) -> Classification:
    """The category of a course title: the first rule of the table whose pattern is found in it."""
    return next(verdict for pattern, verdict in category_rules() if pattern.search(title))


@cache
def _school_rules() -> tuple[tuple[re.Pattern[str], School], ...]:
    return tuple(
        (
            re.compile(entry["pattern"], re.IGNORECASE),
            School(
                entry["code"],
                Text.of(entry["name"]),
                entry.get("is_platform", False),
                entry.get("language", "en"),
            ),
        )
        for entry in _table("schools.toml")["schools"]
    )


def schools() -> Mapping[str, School]:
    """Every school by code."""
    return {school.code: school for _, school in _school_rules()}


def school_of(location: str, us_unit: str) -> School:
    """The school behind a report's location and U.S. unit; branch and technical schools when no other fits."""
    place = f"{location} | {us_unit}"
    return next(school for pattern, school in _school_rules() if pattern.search(place))
