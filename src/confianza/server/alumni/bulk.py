"""Taking in courses, posts and who held them from a CSV or XLSX file: all rows, or none and every problem."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.db import transaction

from confianza.cooperation.actors import Actor
from confianza.cooperation.alumni import SchoolRole, TenureHolder
from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.names import name_key, near_names, same_spelling
from confianza.cooperation.permissions import permission_table
from confianza.cooperation.training.courses import schools
from confianza.errors import ConfianzaError, ImportRefusal, Problem, RuleRefusal
from confianza.evidence.archive import digest_of
from confianza.server.alumni import services
from confianza.server.alumni.models import Post, Student, StudentFile
from confianza.server.alumni.selectors import named_students, only_one
from confianza.server.audit.services import record
from confianza.server.cases.bulk import Row, read_rows, read_table

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
    """What a file added: rows, the pseudonym of each new person by its name in the file, schools outside the table.

    `near_names` are new names that differ in accents only, from one another or from one on record.
    """

    row_count: int = 0
    people: dict[str, str] = field(default_factory=dict)
    new_schools: set[str] = field(default_factory=set)
    near_names: list[tuple[str, ...]] = field(default_factory=list)
    was_there: bool = False


def _day(given: dict[str, str], name: str) -> date:
    text = given[name][:10] if given[name].endswith("T00:00:00") else given[name]
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RuleRefusal("students-date", value=text) from None


@dataclass
class _Names:
    """Whom and what the words of a file name, in any spelling: people and schools on record, and new ones."""

    on_record: dict[str, set[str]]
    schools: dict[str, str]
    people: dict[str, tuple[str, Student]] = field(
        default_factory=dict
    )  # new ones by key, with their first label

    @classmethod
    def of_records(cls) -> "_Names":
        return cls(named_students(Student.objects.all()), services.schools_by_name())

    def add(self, label: str, student: Student) -> None:
        self.people[name_key(label)] = (label, student)
        if student.public_name:
            self.on_record.setdefault(name_key(student.public_name), set()).add(student.pk)

    def take_back(self, count: int) -> None:
        """Forget the new people but the first, when the row they came with is refused."""
        while len(self.people) > count:
            _, (_, student) = self.people.popitem()
            self.on_record.get(name_key(student.public_name), set()).discard(student.pk)


def _person(given: dict[str, str], names: _Names, actor: Actor) -> str:
    """The pseudonym of the person of a row: one on record, one met in an earlier row, or a new one."""
    label, party = given["person"], given.get("party", "")
    key = name_key(label)
    if key in names.people:
        first, student = names.people[key]
        if party not in ("", student.partner_id):
            raise RuleRefusal("students-party-differs", person=first, party=student.partner_id, other=party)
        return student.pk
    found = names.on_record.get(key, set())
    if found or not party or services.PSEUDONYM.fullmatch(key.upper()):
        return only_one(label, found)
    student = services.enroll_student(
        partner_code=party,
        institution_code=given.get("institution", ""),
        identity=None,
        public_name=given.get("public_name", ""),
        public_source=given.get("public_source", ""),
        actor=actor,
    )
    names.add(label, student)
    return student.pk


def _take_course(given: dict[str, str], taken: Taken, names: _Names, actor: Actor) -> None:
    course = services.record_course(
        pseudonym=_person(given, names, actor),
        part=given.get("part") or SchoolRole.STUDENT,
        school=given["school"],
        title=given["course"],
        start_date=_day(given, "start"),
        end_date=_day(given, "end"),
        rank=given.get("rank", ""),
        degree=given.get("degree", ""),
        funding=given.get("funding", ""),
        source=given.get("source", ""),
        known=names.schools,
        actor=actor,
    )
    if course.school not in schools():
        names.schools.setdefault(name_key(course.school), course.school)
        taken.new_schools.add(course.school)


def _take_post(given: dict[str, str], taken: Taken, names: _Names, actor: Actor) -> None:
    senior = given["is_senior"].lower()
    if senior not in YES_NO:
        raise RuleRefusal("students-value", value=given["is_senior"], known="yes, no")
    services.add_post(
        code=given["post"],
        partner_code=given["party"],
        institution_code=given.get("institution", ""),
        title=BilingualText(given["title_en"], given["title_es"]),
        kind=given["kind"],
        is_senior=YES_NO[senior],
        source=given["source"],
        actor=actor,
    )


def _take_position(given: dict[str, str], taken: Taken, names: _Names, actor: Actor) -> None:
    holder = given["holder"]
    is_person = name_key(holder) != TenureHolder.OTHER
    services.hold_post(
        post_code=given["post"],
        pseudonym=only_one(holder, names.on_record.get(name_key(holder), set())) if is_person else None,
        from_date=_day(given, "from"),
        to_date=_day(given, "to") if given.get("to") else None,
        rank=given.get("rank", ""),
        us_grade=given.get("us_grade", ""),
        source=given["source"],
        actor=actor,
    )


TAKE: dict[str, Callable[[dict[str, str], Taken, _Names, Actor], None]] = {
    "courses": _take_course,
    "posts": _take_post,
    "positions": _take_position,
}


def _near_names(labels: Collection[str]) -> list[tuple[str, ...]]:
    """The new names that differ in accents only, among themselves or from a public name on record."""
    public = Student.objects.exclude(public_name="").values_list("public_name", flat=True)
    return [group for group in near_names([*labels, *public]) if not set(labels).isdisjoint(group)]


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
    person (capitals and spaces do not matter, accents do); that word is not stored.

    Raises
    ------
    ImportRefusal
        Every row that cannot be taken with its reason; nothing is stored.
    """
    permission_table().require(actor, "keep_students")
    table = read_table(path, [required for required, _ in KINDS.values()])
    kind = _kind(path, table)
    rows, problems, taken = read_rows(path, table, *KINDS[kind]), [], Taken()
    digest = digest_of(path)
    if StudentFile.objects.filter(pk=digest).exists():
        return Taken(was_there=True)
    with transaction.atomic():
        names = _Names.of_records()
        known = list(Post.objects.values_list("code", flat=True))
        codes = {same_spelling(given["post"], known) for _, given in rows if "post" in given}
        services.lock_all(Post.objects.filter(pk__in=codes))
        keys = {
            name_key(given[column]) for _, given in rows for column in ("person", "holder") if column in given
        }
        people = set().union(*(names.on_record.get(key, ()) for key in keys))
        services.lock_all(Student.objects.filter(pk__in=people))
        for number, given in rows:
            count = len(names.people)
            try:
                with transaction.atomic():
                    TAKE[kind](given, taken, names, actor)
            except ConfianzaError as error:
                names.take_back(count)
                problems.append(Problem("cases-row", path.name, row=number, params={"reason": error}))
            else:
                taken.row_count += 1
        taken.people = {label: student.pk for label, student in names.people.values()}
        taken.near_names = _near_names(taken.people)
        if not problems:
            StudentFile.objects.create(digest=digest, row_count=taken.row_count)
            payload = {"kind": kind, "digest": digest, "rows": taken.row_count}
            record(actor=actor, action="students.import", subject=f"students:{kind}", payload=payload)
        if problems or dry_run:
            transaction.set_rollback(True)
    if problems:
        raise ImportRefusal(problems)
    return taken
