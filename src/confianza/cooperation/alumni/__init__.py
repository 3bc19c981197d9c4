"""Alumni: people after training, under pseudonyms. The words that their records share."""

from __future__ import annotations

from enum import StrEnum

from confianza.cooperation.bilingual import Text


class SchoolRole(StrEnum):
    """What a person was at a school."""

    STUDENT = "student"
    INSTRUCTOR = "instructor"


SCHOOL_ROLES = {
    SchoolRole.STUDENT: Text("student", "alumno"),
    SchoolRole.INSTRUCTOR: Text("instructor", "instructor"),
}


class Prominence(StrEnum):
    """Why a position counts as prominent (SAMM C10.21): the rank, the position itself, or a civilian equivalent."""

    FLAG = "flag"
    NAMED = "named"
    CIVILIAN = "civilian"


PROMINENCES = {
    Prominence.FLAG: Text("flag or general officer", "oficial general"),
    Prominence.NAMED: Text("named post of a lesser rank", "cargo designado de menor grado"),
    Prominence.CIVILIAN: Text("civilian equivalent", "equivalente civil"),
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
