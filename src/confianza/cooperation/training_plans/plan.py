"""A partner's training plan of one fiscal year: its lines, and what the working group checks of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.money import Money, total
from confianza.cooperation.periods import fiscal_year_end, fiscal_year_start, months_later
from confianza.cooperation.sources import Reference
from confianza.errors import RuleRefusal
from confianza.packaged import packaged_table

PME = "pme"
STANDING = ("planned", "requested", "confirmed")  # statuses of a line that counts
FILLED = BilingualText("filled", "cubierta")  # a confirmed line whose seats are all taken


@dataclass(frozen=True)
class TrainingListLine:
    """A line of the training list: priority A (firm), B or D, category, seats and their cost together.

    `wcn` is its worksheet control number; the lines whose numbers differ only in the letter are the courses a
    student takes one after the other. `taken_count` is how many of its seats have a student.
    """

    priority: str
    category: str
    student_count: int
    cost: Money
    wcn: str = ""
    status: str = "planned"
    program: str = "imet"
    kind: str = "course"
    direction: str = "to-us"
    course: str = ""
    school: str = ""
    level: str = ""
    implementing_agency: str = ""
    masl_id: str = ""
    analysis_code: str = ""
    tuition: Money | None = None  # of one seat
    women_count: int = 0
    ecl_score: int | None = None
    report_date: date | None = None
    start_date: date | None = None
    end_date: date | None = None
    is_fifth_quarter: bool = False
    is_dedicated: bool = False
    taken_count: int = 0

    @property
    def wcn_base(self) -> str:
        """The worksheet control number without its letter."""
        return self.wcn[:-1]

    @property
    def is_standing(self) -> bool:
        """Whether the line is planned, requested or confirmed: neither a proposal nor canceled."""
        return self.status in STANDING

    @property
    def is_filled(self) -> bool:
        """Whether every seat of a confirmed line has a student."""
        return self.status == "confirmed" and self.taken_count >= self.student_count

    @property
    def free_count(self) -> int:
        """Seats without a student."""
        return max(0, self.student_count - self.taken_count)


@dataclass(frozen=True)
class TrainingPlan:
    """A partner's training of one fiscal year under a ceiling, as far as it is recorded."""

    code: str
    partner_code: str
    fiscal_year: int
    ceiling: Money
    lines: tuple[TrainingListLine, ...] = ()
    approved_on: date | None = None
    prominence_on: date | None = None  # positions of prominence brought up to date
    women_in_forces_share: float | None = None
    waived: frozenset[str] = frozenset()
    is_closed: bool = False
    withdrawn: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by number, those not replaced
    begun: frozenset[str] = frozenset()  # lines that a student who holds a seat has begun
    ordered: frozenset[str] = frozenset()  # numbers with a student past the travel order
    traveling_count: int = 0  # students between travel order and return
    sections: Mapping[str, str] = field(default_factory=dict)  # texts of the combined plan, by section

    @property
    def imet_lines(self) -> list[TrainingListLine]:
        """The lines that count against the ceiling."""
        return [line for line in self.lines if line.program == "imet" and line.is_standing]

    def sequence(self, wcn_base: str) -> list[TrainingListLine]:
        """The lines of a number that are not canceled, in the order of their letters."""
        lines = [line for line in self.lines if line.wcn_base == wcn_base and line.status != "cancelled"]
        return sorted(lines, key=lambda line: line.wcn)

    def line(self, wcn: str) -> TrainingListLine | None:
        """The line with a worksheet control number, or None."""
        return next((line for line in self.lines if line.wcn == wcn), None)


@dataclass(frozen=True)
class Check:
    """One question of the working group: the figure (a share 0-1 or a count), the limit, whether it is met.

    One that does not bind is shown and never refuses anything.
    """

    id: str
    name: BilingualText
    figure: float | None
    limit: float | None
    is_met: bool
    is_share: bool
    is_binding: bool
    reference: Reference


def training_rules() -> Mapping[str, Any]:
    """The working group's questions, numbers of lines and charges, from `training-list.toml`."""
    return packaged_table(__package__, "rules/training-list.toml")


def pme_share_by_students(lines: Iterable[TrainingListLine]) -> float | None:
    """The share (0-1) of the seats that are PME; None without seats. The rule counts dollars, the thesis this."""
    return _share_of_seats(lines, lambda line: line.student_count if line.category == PME else 0)


def women_share(lines: Iterable[TrainingListLine]) -> float | None:
    """The share (0-1) of the seats that are for women; None without seats."""
    return _share_of_seats(lines, lambda line: line.women_count)


def _share_of_seats(lines: Iterable[TrainingListLine], counted: Any) -> float | None:
    listed = list(lines)
    seats = sum(line.student_count for line in listed)
    return sum(counted(line) for line in listed) / seats if seats else None


def _minor(lines: Iterable[TrainingListLine], currency: str) -> int:
    return total([line.cost for line in lines], currency).minor


def priority_a_cost(lines: Iterable[TrainingListLine], currency: str = "USD") -> Money:
    """What the lines of priority A cost together."""
    return Money(_minor((line for line in lines if line.priority == "A"), currency), currency)


def working_group_checks(plan: TrainingPlan) -> list[Check]:
    """The working group's questions, answered for a plan (SAMM figure C10.F2).

    Shares are compared in whole minor units: 49.99 percent of the ceiling is not 50.

    Raises
    ------
    RuleRefusal
        `ceiling-not-positive`.
    """
    ceiling, lines = plan.ceiling, plan.imet_lines
    if ceiling.minor <= 0:
        raise RuleRefusal("ceiling-not-positive", ceiling=ceiling)
    rules = training_rules()["checks"]
    pme = _minor((line for line in lines if line.category == PME), ceiling.currency)
    firm = priority_a_cost(lines, ceiling.currency).minor
    least, most = rules["pme"]["least_share"], rules["priority-a"]["most_share"]
    outside = sum(
        line.priority == "B"
        and (line.category not in rules["priority-b"]["categories"] or late_team(line) is not None)
        for line in lines
    )
    left = sum(line.priority == "D" for line in lines)
    by_students, women = pme_share_by_students(lines), women_share(lines)
    forces = plan.women_in_forces_share
    answers: dict[str, tuple[float | None, float | None, bool]] = {
        "approved": (None, None, plan.approved_on is not None),
        "women": (women, forces, women is not None and forces is not None),
        "priority-a": (firm / ceiling.minor, most, firm <= most * ceiling.minor),
        "priority-b": (float(outside), 0.0, outside == 0),
        "priority-d": (float(left), 0.0, left == 0),
        "pme": (pme / ceiling.minor, least, pme >= least * ceiling.minor),
        "pme-students": (by_students, least, by_students is not None and by_students >= least),
        "prominence": (None, None, plan.prominence_on is not None),
    }
    return [
        Check(
            key,
            BilingualText.of(rules[key]["name"]),
            figure,
            limit,
            is_met,
            is_share=key in {"women", "priority-a", "pme", "pme-students"},
            is_binding=rules[key].get("is_binding", True),
            reference=Reference(rules[key].get("source", training_rules()["source"]), rules[key]["place"]),
        )
        for key, (figure, limit, is_met) in answers.items()
    ]


def late_team(line: TrainingListLine) -> date | None:
    """The day a mobile team would begin in the fifth quarter, in which none can be sent (figure C10.F2, item 3)."""
    return line.start_date if line.is_fifth_quarter and line.kind == "mobile-team" else None


def days_of_year(fy: int, *, is_fifth_quarter: bool) -> tuple[date, date]:
    """First and last day on which a line of a fiscal year may begin.

    The fifth quarter is the first quarter of the next fiscal year, paid with the money of this one.
    """
    if not is_fifth_quarter:
        return fiscal_year_start(fy), fiscal_year_end(fy)
    first = fiscal_year_end(fy) + timedelta(days=1)
    return first, months_later(first, training_rules()["fifth-quarter"]["months"]) - timedelta(days=1)


@dataclass(frozen=True)
class Charge:
    """What a canceled seat costs: its share of the tuition, the amount of all canceled seats, and why."""

    share: float
    amount: Money
    reason: BilingualText
    reference: Reference


def cancellation_charge(
    line: TrainingListLine, *, on: date, cause: str, seat_count: int, refilled_count: int = 0
) -> Charge:
    """The charge for seats of a line given up on a day (SAMM C10.15.1).

    The first entry of the table that applies decides: by the cause, then by whether the course has begun, is
    dedicated to foreign students or contracted, then by the days before its start. A student who leaves a course
    that has begun is charged for the share of its days that have passed. Seats that another student takes are free.

    Parameters
    ----------
    cause : str
        `partner`, or one of the causes that cost nothing (`united-states`, `unavoidable`, `visa`).
    seat_count, refilled_count : int
        Seats given up, and how many of them another student takes.
    """
    table, start = training_rules()["charges"], line.start_date
    reference = Reference(training_rules()["source"], table["place"])
    tuition = line.tuition or Money(0, line.cost.currency)
    if refilled_count >= seat_count:
        return Charge(0.0, Money(0, tuition.currency), BilingualText.of(table["refilled"]), reference)
    has_begun = start is not None and on >= start
    days = (start - on).days if start else None
    entry = next(
        entry
        for entry in table["entries"]
        if cause in entry.get("causes", [cause])
        and entry.get("begun", has_begun) == has_begun
        and entry.get("dedicated", line.is_dedicated) == line.is_dedicated
        and (days is None or days < entry.get("days_before", days + 1))
    )
    if "share" in entry:
        share = Fraction(str(entry["share"]))
    else:
        end = max(line.end_date or on, start or on)
        length = (end - (start or on)).days + 1
        share = min(Fraction(1), Fraction((on - (start or on)).days + 1, length))
    exact = share * tuition.minor * (seat_count - refilled_count)
    amount = Money(int(exact + Fraction(1, 2)), tuition.currency)
    return Charge(float(share), amount, BilingualText.of(entry["reason"]), reference)


def unmet(plan: TrainingPlan, checks: Collection[str]) -> list[Check]:
    """The checks named that are not met and not waived."""
    return [
        check
        for check in working_group_checks(plan)
        if check.id in checks and check.is_binding and not check.is_met and check.id not in plan.waived
    ]
