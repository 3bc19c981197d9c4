"""Reads on students: who may be seen, who studied with whom, who holds which post."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import networkx as nx
from django.db.models import Q, QuerySet
from django.utils import timezone

from confianza.cooperation.actors import Actor
from confianza.cooperation.alumni import HolderStatus, network, positions
from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.names import name_key
from confianza.cooperation.training.courses import schools
from confianza.errors import RuleRefusal
from confianza.evidence.relationships import GraphYear, growth, relationship_graph
from confianza.server.alumni.models import CourseAttended, Post, ProminenceReport, Student, Tenure
from confianza.server.audit.models import AuditEvent
from confianza.server.institutions.models import Party
from confianza.server.institutions.selectors import hosts_of


def visible_students(actor: Actor) -> QuerySet[Student]:
    """The students a person may see: all, or those of the own country that were shared."""
    if actor.may("view_every_student"):
        return Student.objects.all()
    if not actor.may("view_alumni"):
        return Student.objects.none()
    return Student.objects.filter(is_shared=True, partner_id=actor.party_code)


def named_students(students: QuerySet[Student]) -> dict[str, set[str]]:
    """The pseudonyms of some students by the key of each name they are known by: pseudonym and public name."""
    found: dict[str, set[str]] = defaultdict(set)
    for pseudonym, public_name in students.order_by().values_list("pk", "public_name"):
        for name in filter(None, (pseudonym, public_name)):
            found[name_key(name)].add(pseudonym)
    return found


def only_one(text: str, found: Collection[str]) -> str:
    """The one pseudonym that a text names; RuleRefusal `student-unknown` or `student-ambiguous`."""
    if len(found) > 1:
        raise RuleRefusal("student-ambiguous", student=text, known=", ".join(sorted(found)))
    if not found:
        raise RuleRefusal("student-unknown", student=text)
    return next(iter(found))


def student_row(text: str, students: QuerySet[Student]) -> Student:
    """One of some students by pseudonym or public name, in any spelling of it.

    RuleRefusal `student-unknown`, or `student-ambiguous` for a name of several.
    """
    key = name_key(text)
    asked = students.filter(Q(pk=key.upper()) | ~Q(public_name=""))
    return students.get(pk=only_one(text, named_students(asked).get(key, set())))


def attended_schools() -> set[str]:
    """The schools of the courses on record."""
    return set(CourseAttended.objects.values_list("school", flat=True))


def school_names() -> dict[str, BilingualText]:
    """The name of each school of the table by code."""
    return {code: school.name for code, school in schools().items()}


def side_by_side(partner: Party, students: QuerySet[Student]) -> QuerySet[Student]:
    """Of some students those of a partner and of its hosts, simulated ones only with a fictional partner."""
    return students.filter(partner_id__in=[partner.pk, *hosts_of(partner)], is_simulated=partner.is_fictional)


def attendances_of(students: QuerySet[Student]) -> list[network.Attendance]:
    """The courses of some students as the library has them."""
    rows = CourseAttended.objects.filter(student__in=students).select_related("student")
    return [row.attendance() for row in rows]


@dataclass(frozen=True)
class Relations:
    """Who was tied to whom by a day, between a partner's people and the host's."""

    partner: Party
    on: date
    students: dict[str, Student]
    attendances: list[network.Attendance]

    @cached_property
    def ties(self) -> list[network.Tie]:
        return network.ties(self.attendances)

    @cached_property
    def graph(self) -> nx.Graph:
        return relationship_graph({item.person: item.party for item in self.attendances}, self.ties)

    @cached_property
    def growth(self) -> list[GraphYear]:
        last = max((item.end_date for item in self.attendances), default=self.on)  # years to come add nothing
        return growth(self.attendances, self.ties, min(self.on, max(last, timezone.localdate())))


def ties_of(student: Student, students: QuerySet[Student], on: date) -> list[tuple[Student, network.Tie]]:
    """The people among some, of every country, that somebody was tied to by a day, most days first."""
    chosen = students.filter(is_simulated=student.is_simulated)
    rows = CourseAttended.objects.filter(
        student__in=chosen, school__in=student.courses.values("school")
    ).select_related("student")
    known = {row.student_id: row.student for row in rows}
    attended = network.attended_by((row.attendance() for row in rows), on)
    found = [tie for tie in network.ties(attended) if student.pk in tie.pair]
    found.sort(key=lambda tie: (-tie.overlap_days, tie.pair))
    return [(known[next(other for other in tie.pair if other != student.pk)], tie) for tie in found]


def relations(
    partner: Party, students: QuerySet[Student], on: date, *, school: str = "", person: str = ""
) -> Relations:
    """The relations among some students by a day, at one school where it is named.

    With `person`, only that one's and those of the people tied to them.
    """
    chosen = side_by_side(partner, students)
    found = network.attended_by(attendances_of(chosen), on)
    if school:
        found = [item for item in found if item.school_code == school]
    result = Relations(partner, on, {row.pk: row for row in chosen}, found)
    if not person:
        return result
    if person not in result.graph:
        raise RuleRefusal("chart-person-absent", student=person)
    near = {person, *result.graph.neighbors(person)}
    return Relations(partner, on, result.students, [item for item in found if item.person in near])


@dataclass(frozen=True)
class AlumnusRow:
    """A person who completed a course, with the schools and the posts held on a day."""

    student: Student
    completed_on: date
    schools: list[str]
    current: list[Tenure]


def alumni_rows(partner: Party, students: QuerySet[Student], on: date) -> list[AlumnusRow]:
    """The alumni of a partner on a day among some students, the latest first."""
    chosen = students.filter(partner=partner)
    attended = attendances_of(chosen)
    completed = positions.alumni(attended, on)
    found = []
    for student in chosen.filter(pk__in=completed).prefetch_related("tenures__post"):
        found.append(
            AlumnusRow(
                student,
                completed[student.pk],
                sorted({item.school_code for item in attended if item.person == student.pk}),
                [row for row in student.tenures.all() if row.tenure().is_held(on)],
            )
        )
    return sorted(found, key=lambda row: (row.completed_on, row.student.pk), reverse=True)


@dataclass(frozen=True)
class PostRow:
    """A post with who holds it on a day, as far as is known."""

    post: Post
    held: HolderStatus
    tenure: Tenure | None

    @property
    def student(self) -> Student | None:
        return self.tenure.student if self.tenure else None


def _tenures(partner: Party, students: QuerySet[Student]) -> QuerySet[Tenure]:
    """The tenures of a partner's posts; of people only those that may be seen."""
    seen = Q(student=None) | Q(student__in=students)
    return Tenure.objects.filter(seen, post__partner=partner).select_related("student", "post")


def posts_of(partner: Party) -> QuerySet[Post]:
    """The prominent posts of a partner."""
    return Post.objects.filter(partner=partner)


def tenures() -> QuerySet[Tenure]:
    """Every tenure of a prominent post."""
    return Tenure.objects.all()


def first_year_of_tenures(partner: Party) -> int | None:
    """The first year in which a prominent post of a partner is known to have been taken."""
    return Tenure.objects.filter(post__partner=partner).values_list("from_date__year", flat=True).first()


def entry_of(student: Student, kind: str, number: str) -> CourseAttended | Tenure | None:
    """A `course` or a `tenure` of a student by its number."""
    if number.isdecimal() and kind == "course":
        return student.courses.filter(pk=number).first()
    if number.isdecimal() and kind == "tenure":
        return student.tenures.filter(pk=number).first()
    return None


def simulated_party_of(students: QuerySet[Student]) -> Party | None:
    """A fictional party that some of the students are of."""
    return Party.objects.filter(is_fictional=True, student__in=students).first()


def post_rows(partner: Party, students: QuerySet[Student], on: date) -> list[PostRow]:
    """The posts of a partner with their holders on a day."""
    posts = list(Post.objects.filter(partner=partner))
    rows = {row.post_id: row for row in _tenures(partner, students) if row.tenure().is_held(on)}
    completed = positions.alumni(attendances_of(students.filter(partner=partner)), on)
    held = positions.holders(
        [post.code for post in posts], [row.tenure() for row in rows.values()], completed, on
    )
    return [PostRow(post, held[post.code], rows.get(post.code)) for post in posts]


def senior_posts_held(rows: list[PostRow]) -> positions.PositionsHeld:
    """The senior ones of some posts, counted by who holds them."""
    return positions.positions_held({row.post.code: row.held for row in rows if row.post.is_senior})


def posts_by_year(
    partner: Party, students: QuerySet[Student], years: range, on: date
) -> list[tuple[int, positions.PositionsHeld]]:
    """The senior posts held at the end of each year, and in the last of them on a day."""
    senior = list(Post.objects.filter(partner=partner, is_senior=True).values_list("code", flat=True))
    tenures = [row.tenure() for row in _tenures(partner, students)]
    completed = positions.alumni(attendances_of(students.filter(partner=partner)), on)
    return [
        (
            year,
            positions.positions_held(
                positions.holders(senior, tenures, completed, min(date(year, 12, 31), on))
            ),
        )
        for year in years
    ]


def advanced(partner: Party, students: QuerySet[Student], on: date) -> list[positions.Advanced]:
    """Of the alumni of each school, how many are known to have reached a prominent post."""
    chosen = students.filter(partner=partner)
    last: dict[str, date | None] = dict.fromkeys(chosen.filter(had_post=True).values_list("pk", flat=True))
    known = chosen.filter(tenures__from_date__lte=on).values_list("pk", "tenures__to_date")
    for pseudonym, to_date in known:
        earlier = last.get(pseudonym, date.min)
        last[pseudonym] = None if to_date is None or earlier is None else max(to_date, earlier)
    return positions.advanced_by_school(attendances_of(chosen), last, on)


@dataclass(frozen=True)
class ProminenceRow:
    """A person of the yearly report: the fields of SAMM C10.21."""

    student: Student
    grade: str
    us_grade: str
    tenures: list[Tenure]
    courses: list[CourseAttended]
    on: date

    @property
    def current(self) -> list[Tenure]:
        """The posts held on the day of the report."""
        return [row for row in self.tenures if row.tenure().is_held(self.on)]

    @property
    def degrees(self) -> list[str]:
        return list(dict.fromkeys(row.degree for row in self.courses if row.degree))

    @property
    def sources(self) -> list[str]:
        """How the information was obtained."""
        rows: list[Tenure | CourseAttended] = [*self.tenures, *self.courses]
        said = [self.student.public_source, *(row.source for row in rows)]
        return list(dict.fromkeys(filter(None, said)))


def prominence_rows(students: QuerySet[Student], on: date) -> list[ProminenceRow]:
    """The alumni among some students who hold or held a prominent post by a day, in the order of their names."""
    completed = positions.alumni(attendances_of(students), on)
    chosen = students.filter(tenures__from_date__lte=on).distinct()
    found = []
    for student in chosen.select_related("partner").prefetch_related("courses", "tenures__post"):
        if student.pk not in completed:
            continue
        tenures = [row for row in student.tenures.all() if row.from_date <= on]
        courses = [row for row in student.courses.all() if row.end_date <= on]
        rows: list[CourseAttended | Tenure] = [*courses, *tenures]
        ranks = [row.rank for row in rows if row.rank]
        grades = [row.us_grade for row in tenures if row.us_grade]
        found.append(
            ProminenceRow(
                student,
                ranks[-1] if ranks else "",
                grades[-1] if grades else "",
                tenures,
                courses,
                on,
            )
        )
    return sorted(found, key=lambda row: (row.student.partner_id, row.student.name))


def prominence_report_updated(partner_code: str) -> date | None:
    """The last day the report of positions of prominence of a partner was brought up to date; None before the first."""
    return ProminenceReport.objects.filter(partner_id=partner_code).values_list("on", flat=True).last()


@dataclass(frozen=True)
class Looks:
    """How often an identity was looked at, and the last day all that is held was exported for the person."""

    look_count: int
    exported_on: date | None


def looks_at(student: Student) -> Looks:
    """The looks at the identity of a person."""
    events = AuditEvent.objects.filter(subject=f"student:{student.pk}")
    exported = events.filter(action="person.export").values_list("at", flat=True).last()
    return Looks(
        events.filter(action="identity.look").count(),
        timezone.localtime(exported).date() if exported else None,
    )
