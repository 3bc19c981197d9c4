"""Alumni as the interface returns them and commands print them: by pseudonym, or the name a public source gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from confianza.cooperation.alumni.network import Tie
from confianza.cooperation.bilingual import BilingualText
from confianza.evidence.relationships import Broker, GraphYear, brokers
from confianza.server.alumni import selectors
from confianza.server.alumni.models import CourseAttended, Student
from confianza.server.documents import made_of


@dataclass(frozen=True, kw_only=True)
class Alumnus:
    """A person who completed a course, with the posts held on a day."""

    pseudonym: str
    name: str
    institution: str
    completed_on: date
    schools: list[str]
    posts: list[str]
    is_simulated: bool


@dataclass(frozen=True, kw_only=True)
class Relations:
    """Who studied with whom: ties, how many there are, the growth, who connects the two sides."""

    partner: str
    on: date
    count: int
    ties: list[Tie]
    growth: list[GraphYear]
    brokers: list[Broker]


@dataclass(frozen=True, kw_only=True)
class Position:
    """A post and who holds it, as far as is known."""

    post: str
    title: str
    is_senior: bool
    held_by: str
    person: str | None
    person_name: str | None


@dataclass(frozen=True, kw_only=True)
class Positions:
    """Posts with their holders, and the senior ones counted; shares are of 0-1."""

    posts: list[Position]
    post_count: int
    alumni_count: int
    other_count: int
    unknown_count: int
    known_share: float | None
    least_share: float | None
    most_share: float | None


@dataclass(frozen=True, kw_only=True)
class PersonSummary:
    """What matters of a person first: rank, positions on a day, last course, what is missing, requests about the data.

    `missing` are names of what is not on record. Looks and exports are None for those who may not see identities.
    """

    rank: str
    positions: list[str]
    last_course: CourseAttended | None
    missing: list[str]
    look_count: int | None
    exported_on: date | None


def person_summary(student: Student, *, on: date, sees_identity: bool, language: str) -> PersonSummary:
    """What matters of a person on a day, in a language."""
    courses = list(student.courses.filter(start_date__lte=on))
    tenures = list(student.tenures.filter(from_date__lte=on).select_related("post"))
    dated = [(row.start_date, row.rank) for row in courses] + [(row.from_date, row.rank) for row in tenures]
    ranks = [rank for _day, rank in sorted(dated) if rank]
    there = {
        "course": bool(courses),
        "rank": bool(ranks),
        "institution": bool(student.institution_code),
        "source": all(course.source for course in courses) and all(tenure.source for tenure in tenures),
        "identity": hasattr(student, "identity"),
    }
    looks = selectors.looks_at(student) if sees_identity else None
    return PersonSummary(
        rank=ranks[-1] if ranks else "",
        positions=[row.post_title.in_language(language) for row in tenures if row.tenure().is_held(on)],
        last_course=courses[-1] if courses else None,
        missing=[] if student.erased_on else [name for name, is_there in there.items() if not is_there],
        look_count=looks.look_count if looks else None,
        exported_on=looks.exported_on if looks else None,
    )


def alumnus(row: selectors.AlumnusRow, language: str) -> Alumnus:
    """A person who completed a course."""
    return made_of(
        Alumnus,
        row,
        pseudonym=row.student.pk,
        name=row.student.name,
        institution=row.student.institution_code,
        posts=[BilingualText.of(item.post_title).in_language(language) for item in row.current],
        is_simulated=row.student.is_simulated,
    )


def relations(
    item: selectors.Relations, part: slice = slice(None), most_brokers: int | None = None
) -> Relations:
    """Who studied with whom; of the ties a part."""
    return made_of(
        Relations,
        item,
        partner=item.partner.pk,
        count=len(item.ties),
        ties=item.ties[part],
        brokers=brokers(item.graph)[:most_brokers],
    )


def positions(rows: Sequence[selectors.PostRow], language: str) -> Positions:
    """Posts with their holders."""
    return made_of(
        Positions,
        selectors.senior_posts_held(list(rows)),
        posts=[
            Position(
                post=row.post.code,
                title=BilingualText.of(row.post.title).in_language(language),
                is_senior=row.post.is_senior,
                held_by=row.held.value,
                person=row.student.pk if row.student else None,
                person_name=row.student.name if row.student else None,
            )
            for row in rows
        ],
    )
