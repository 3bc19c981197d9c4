"""Taking in courses, posts and who held them from a CSV or XLSX file: all rows, or none and every problem."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.db import transaction
from django.db.models import Q

from confianza.cooperation.actors import Actor
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.texts import Text
from confianza.cooperation.training.alumni import Holder, Part
from confianza.cooperation.training.courses import schools
from confianza.errors import ConfianzaError, ImportRefusal, Problem, RuleRefusal
from confianza.evidence.archive import digest_of
from confianza.server.audit.services import record
from confianza.server.cases.bulk import Row, read_rows, read_table
from confianza.server.students import services
from confianza.server.students.models import Post, Student, StudentFile
from confianza.server.students.selectors import student_row

COURSES = ("person", "school", "course", "start", "end")
COURSES_OPTIONAL = (
    "party", "institution", "part", "rank", "degree", "funding", "source", "public_name", "public_source",
)  # fmt: skip
POSTS = ("post", "party", "title_en", "title_es", "kind", "is_senior", "source")
POSTS_OPTIONAL = ("institution",)
POSITIONS = ("post", "holder", "from", "source")
POSITIONS_OPTIONAL = ("to", "rank", "us_grade")
KINDS = {
    "courses": (COURSES, COURSES_OPTIONAL),
    "posts": (POSTS, POSTS_OPTIONAL),
    "positions": (POSITIONS, POSITIONS_OPTIONAL),
}
YES_NO = {"yes": True, "sí": True, "si": True, "true": True, "1": True}
YES_NO |= {"no": False, "false": False, "0": False}


@dataclass
class Taken:
    """What a file added: rows, the pseudonym of each new person by its name in the file, schools outside the table."""

    row_count: int = 0
    people: dict[str, str] = field(default_factory=dict)
    new_schools: set[str] = field(default_factory=set)
    was_there: bool = False


def _day(given: dict[str, str], name: str) -> date | None:
    text = given.get(name, "")[:10] if given.get(name, "").endswith("T00:00:00") else given.get(name, "")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RuleRefusal("students-date", value=text) from None


def _person(given: dict[str, str], taken: Taken, parties: dict[str, str], actor: Actor) -> str:
    """The pseudonym of the person of a row: one on record, one met in an earlier row, or a new one."""
    label, party = given["person"], given.get("party", "")
    if label in taken.people:
        if party not in ("", parties[label]):
            raise RuleRefusal("students-party-differs", person=label, party=parties[label], other=party)
        return taken.people[label]
    try:
        return student_row(label, Student.objects.all()).pk
    except RuleRefusal:
        if not party or services.PSEUDONYM.fullmatch(label):
            raise
    student = services.enrol_student(
        partner_code=party,
        institution_code=given.get("institution", ""),
        identity=None,
        public_name=given.get("public_name", ""),
        public_source=given.get("public_source", ""),
        actor=actor,
    )
    taken.people[label], parties[label] = student.pk, party
    return student.pk


def _take_course(given: dict[str, str], taken: Taken, parties: dict[str, str], actor: Actor) -> None:
    course = services.add_course(
        pseudonym=_person(given, taken, parties, actor),
        part=given.get("part") or Part.STUDENT,
        school=given["school"],
        title=given["course"],
        start_date=_day(given, "start"),
        end_date=_day(given, "end"),
        rank=given.get("rank", ""),
        degree=given.get("degree", ""),
        funding=given.get("funding", ""),
        source=given.get("source", ""),
        actor=actor,
    )
    if course.school not in schools():
        taken.new_schools.add(course.school)


def _take_post(given: dict[str, str], taken: Taken, parties: dict[str, str], actor: Actor) -> None:
    senior = given["is_senior"].lower()
    if senior not in YES_NO:
        raise RuleRefusal("students-value", value=given["is_senior"], known="yes, no")
    services.add_post(
        code=given["post"],
        partner_code=given["party"],
        institution_code=given.get("institution", ""),
        title=Text(given["title_en"], given["title_es"]),
        kind=given["kind"],
        is_senior=YES_NO[senior],
        source=given["source"],
        actor=actor,
    )


def _take_position(given: dict[str, str], taken: Taken, parties: dict[str, str], actor: Actor) -> None:
    is_person = given["holder"] != Holder.OTHER
    services.hold_post(
        post_code=given["post"],
        pseudonym=student_row(given["holder"], Student.objects.all()).pk if is_person else None,
        from_date=_day(given, "from"),
        to_date=_day(given, "to"),
        rank=given.get("rank", ""),
        us_grade=given.get("us_grade", ""),
        source=given["source"],
        actor=actor,
    )


TAKE: dict[str, Callable[[dict[str, str], Taken, dict[str, str], Actor], None]] = {
    "courses": _take_course,
    "posts": _take_post,
    "positions": _take_position,
}


def _named(rows: list[tuple[int, dict[str, str]]], *columns: str) -> set[str]:
    """What rows name in some columns."""
    return {given[column] for _, given in rows for column in columns if given.get(column)}


def _kind(path: Path, table: list[Row]) -> str:
    """What a file is of, by the columns only its kind has."""
    header = set(table[0][1]) if table else set()
    for kind, mark in (("courses", "course"), ("positions", "holder"), ("posts", "kind")):
        if mark in header:
            return kind
    params = {kind: ", ".join(required) for kind, (required, _) in KINDS.items()}
    raise ImportRefusal([Problem("students-kind", path.name, row=1, params=params)])


def import_students(path: Path, *, actor: Actor, dry_run: bool = False) -> Taken:
    """Take in a file of courses, posts or positions; the same file twice changes nothing.

    A person is named by pseudonym, by the public name on record, or by any word that is the same in all rows of a new
    person; that word is not stored.

    Raises
    ------
    ImportRefusal
        Every row that cannot be taken with its reason; nothing is stored.
    """
    permission_table().require(actor, "keep_students")
    table = read_table(path, [required for required, _ in KINDS.values()])
    kind = _kind(path, table)
    rows, problems, taken = read_rows(path, table, *KINDS[kind]), [], Taken()
    parties: dict[str, str] = {}
    digest = digest_of(path)
    if StudentFile.objects.filter(pk=digest).exists():
        return Taken(was_there=True)
    with transaction.atomic():
        services.lock_all(Post.objects.filter(pk__in=_named(rows, "post")))
        people = _named(rows, "person", "holder")
        services.lock_all(Student.objects.filter(Q(pk__in=people) | Q(public_name__in=people)))
        for number, given in rows:
            people = dict(taken.people)
            try:
                with transaction.atomic():
                    TAKE[kind](given, taken, parties, actor)
            except ConfianzaError as error:
                taken.people = people  # the row's new person went with it
                problems.append(Problem("cases-row", path.name, row=number, params={"reason": error}))
            else:
                taken.row_count += 1
        if not problems:
            StudentFile.objects.create(digest=digest, row_count=taken.row_count)
            payload = {"kind": kind, "digest": digest, "rows": taken.row_count}
            record(actor=actor, action="students.import", subject=f"students:{kind}", payload=payload)
        if problems or dry_run:
            transaction.set_rollback(True)
    if problems:
        raise ImportRefusal(problems)
    return taken
