"""Alumni: people after training, under pseudonyms. The words that their records share."""

from __future__ import annotations

from enum import StrEnum

from confianza.cooperation.bilingual import BilingualText


class SchoolRole(StrEnum):
    """What a person was at a school."""

    STUDENT = "student"
    INSTRUCTOR = "instructor"


SCHOOL_ROLES = {
    SchoolRole.STUDENT: BilingualText("student", "alumno"),
    SchoolRole.INSTRUCTOR: BilingualText("instructor", "instructor"),
}


class Prominence(StrEnum):
    """Why a position counts as prominent (SAMM C10.21): the rank, the position itself, or a civilian equivalent."""

    FLAG = "flag"
    NAMED = "named"
    CIVILIAN = "civilian"


PROMINENCES = {
    Prominence.FLAG: BilingualText("flag or general officer", "oficial general"),
    Prominence.NAMED: BilingualText("named position of a lesser rank", "cargo específico de menor grado"),
    Prominence.CIVILIAN: BilingualText("civilian equivalent", "equivalente civil"),
}


class TenureHolder(StrEnum):
    """Who is on record as the holder of a position: a person, an alumnus whose data were erased, or no alumnus."""

    PERSON = "person"
    ERASED = "erased"
    OTHER = "other"


class HolderStatus(StrEnum):
    """By whom a position is held on a day, as far as is known."""

    ALUMNUS = "alumnus"
    OTHER = "other"
    UNKNOWN = "unknown"
