"""The seat plan: how many students to send to which school so that a PME share is reached at least cost.

    minimize    Σ cost[i] x[i]
    subject to  Σ x[i] = students
                Σ pme[i] x[i] ≥ ⌈share × students⌉
                Σ cost[i] x[i] ≤ budget
                0 ≤ x[i] ≤ capacity[i],  x[i] whole

solved by HiGHS (through SciPy). Costs enter in whole minor units and the plan is checked again in whole numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import ceil

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.money import Money, total
from confianza.cooperation.sources import Reference
from confianza.cooperation.training import Category, TrainingFigure
from confianza.cooperation.training.courses import School, program_parts, schools
from confianza.errors import PlanError
from confianza.evidence.imet import IMET, imet_years, is_imet
from confianza.evidence.training_table import TrainingTable, region_names


@dataclass(frozen=True)
class SeatOption:
    """Seats of PME or of all else at one school: what one cost on record, and how many were sent in the best year."""

    school_code: str
    category: Category
    cost_per_seat: Money
    capacity: int

    @property
    def is_pme(self) -> bool:
        """Whether the option is professional military education."""
        return self.category is Category.PME


@dataclass(frozen=True)
class Request:
    """What a plan must do: seat exactly so many students, at least this share of them in PME, within the budget."""

    student_count: int
    pme_share: float
    budget: Money

    @property
    def pme_seats(self) -> int:
        """The least whole number of PME seats that reaches the share."""
        return ceil(Fraction(str(self.pme_share)) * self.student_count)


@dataclass(frozen=True)
class SeatPlan:
    """An optimal plan: seats by option (all options, in order), and what they come to."""

    status: str
    request: Request
    seats: tuple[tuple[SeatOption, int], ...]

    @property
    def cost(self) -> Money:
        """The cost of all seats."""
        return _cost(self.seats)

    @property
    def pme_share_students(self) -> float:
        """PME seats over all seats, 0–1."""
        return sum(seats for option, seats in self.seats if option.is_pme) / self.request.student_count

    @property
    def pme_share_cost(self) -> float:
        """Cost of PME seats over the cost of all, 0–1."""
        return _cost([pair for pair in self.seats if pair[0].is_pme]).minor / max(self.cost.minor, 1)


@dataclass(frozen=True)
class YearDone:
    """What was done in a fiscal year: students by school and category, and what they cost."""

    fiscal_year: int
    seats: dict[tuple[str, Category], int]
    cost: Money
    pme_share_students: float
    pme_share_cost: float

    @property
    def student_count(self) -> int:
        """Students at all schools together."""
        return sum(self.seats.values())


def _cost(seats: Iterable[tuple[SeatOption, int]]) -> Money:
    return total([Money(option.cost_per_seat.minor * count) for option, count in seats])


def _imet(figures: Iterable[TrainingFigure]) -> list[TrainingFigure]:
    return [figure for figure in figures if is_imet(figure.program)]


def _half(figure: TrainingFigure) -> Category:
    """PME, or what the thesis calls technical: all the rest (p. 51). A policy of PME tells no more apart."""
    return Category.PME if figure.category.is_pme else Category.TECHNICAL


@dataclass(frozen=True)
class SchoolUse:
    """PME under IMET at a school in a fiscal year, students of every country of the volumes at hand."""

    school_code: str
    fiscal_year: int
    student_count: int
    cost: Money
    reference: Reference

    @property
    def cost_per_student(self) -> Money:
        """To the nearest dollar: the report prints no cents."""
        return Money(100 * round(self.cost.minor / 100 / self.student_count))


def school_uses(table: TrainingTable, years: Collection[int] | None = None) -> tuple[SchoolUse, ...]:
    """PME under IMET by school and year, of the fiscal years named or all.

    The reference of each names the regions whose volumes are at hand for the year: students of others are in none.
    """
    families = program_parts(IMET)
    sums: dict[tuple[str, int], tuple[int, int]] = {}
    for entry in table.entries:
        is_wanted = years is None or entry.fiscal_year in years
        if is_wanted and entry.program_family in families and Category(entry.category).is_pme:
            key = entry.school_code, entry.fiscal_year
            students, dollars = sums.get(key, (0, 0))
            sums[key] = students + entry.student_count, dollars + entry.dollars
    names = region_names()
    regions: dict[int, list[str]] = {}
    for item in table.coverage:
        if item.region in names:
            regions.setdefault(item.fiscal_year, []).append(names[item.region].en)
    return tuple(
        SchoolUse(
            school,
            year,
            students,
            Money(100 * dollars),
            Reference("fmtr", f"report {year}-{year + 1}, {', '.join(regions.get(year, []))}"),
        )
        for (school, year), (students, dollars) in sorted(sums.items())
        if students
    )


def platform_uses(uses: Iterable[SchoolUse]) -> list[SchoolUse]:
    """Those of the schools that the thesis recommends for PME."""
    return [use for use in uses if _is_platform(use.school_code)]


def _is_platform(code: str) -> bool:
    school = schools().get(code)  # none of a place that no rule names
    return school is not None and school.is_platform


def seat_options(
    figures: Iterable[TrainingFigure], *, capacity_factor: float = 1.0, uses: Iterable[SchoolUse] = ()
) -> list[SeatOption]:
    """The options on record: IMET by school and category, of the years of the figures.

    A seat costs what the years cost over the students they had (rounded up to a whole cent); the capacity is the
    most students sent in one of those years, times `capacity_factor` (rounded down). Both are defaults from the
    record, not prices or quotas of a school.

    Where `uses` say what PME at a school cost for students of every country, price and capacity are those: one
    partner's few students are no price list. They also make options of the schools recommended for PME to which the
    partner sent no one.
    """
    figures = _imet(figures)
    groups: dict[tuple[str, Category], list[SchoolUse | TrainingFigure]] = {}
    for figure in figures:
        groups.setdefault((figure.school_code, _half(figure)), []).append(figure)
    years = {figure.fiscal_year for figure in figures}
    by_school: dict[str, list[SchoolUse | TrainingFigure]] = {}
    for use in uses:
        if use.fiscal_year in years:
            by_school.setdefault(use.school_code, []).append(use)
    for school, found in by_school.items():
        key = school, Category.PME
        if key in groups or _is_platform(school):
            groups[key] = found
    options = []
    for (school, category), found in sorted(groups.items()):
        by_year: dict[int, int] = {}
        for item in found:
            by_year[item.fiscal_year] = by_year.get(item.fiscal_year, 0) + item.student_count
        cost = total([item.cost for item in found])
        students = sum(by_year.values())
        if not students:  # rows that print no student: nothing tells what a seat costs
            continue
        options.append(
            SeatOption(
                school,
                category,
                Money(-(-cost.minor // students), cost.currency),
                int(Fraction(str(capacity_factor)) * max(by_year.values())),
            )
        )
    return options


def platforms_without_pme(options: Iterable[SeatOption]) -> list[School]:
    """The schools the thesis recommends for PME without a PME seat in the rows planned from, hence without a cost."""
    seen = {option.school_code for option in options if option.is_pme}
    return [school for school in schools().values() if school.is_platform and school.code not in seen]


def default_request(figures: Iterable[TrainingFigure]) -> Request:
    """The students and the IMET cost of the last year in the reports, half of the students in PME."""
    year = imet_years(_imet(figures))[-1]
    return Request(year.student_count, 0.5, year.cost)


def years_done(figures: Iterable[TrainingFigure]) -> list[YearDone]:
    """What was done, by fiscal year."""
    found = _imet(figures)
    done = []
    for year in imet_years(found):
        seats: dict[tuple[str, Category], int] = {}
        for figure in found:
            if figure.fiscal_year == year.fiscal_year:
                key = (figure.school_code, _half(figure))
                seats[key] = seats.get(key, 0) + figure.student_count
        done.append(
            YearDone(year.fiscal_year, seats, year.cost, year.pme_share, float(year.pme_cost_share or 0))
        )
    return done


CONSTRAINTS = ("students", "share", "budget", "capacity")


def _solve(
    options: Sequence[SeatOption], request: Request, constraints: Iterable[str] = CONSTRAINTS
) -> list[int] | None:
    """Seats of a cheapest plan under the constraints named, or None when there is none."""
    kept = set(constraints)
    costs = np.array([option.cost_per_seat.minor for option in options], dtype=float)
    rows = [
        LinearConstraint(weights, lower, upper)
        for name, weights, lower, upper in (
            ("students", np.ones(len(options)), request.student_count, request.student_count),
            ("share", np.array([float(option.is_pme) for option in options]), request.pme_seats, np.inf),
            ("budget", costs, -np.inf, request.budget.minor),
        )
        if name in kept
    ]
    capacity = [option.capacity if "capacity" in kept else np.inf for option in options]
    solution = milp(
        costs,
        integrality=np.ones(len(options)),
        bounds=Bounds(0, capacity),
        constraints=rows,
        options={"mip_rel_gap": 0.0},
    )
    return [round(seats) for seats in solution.x] if solution.success else None


def plan_seats(options: Sequence[SeatOption], request: Request) -> SeatPlan:
    """The cheapest seat mix that satisfies a request.

    Among plans of equal cost HiGHS's choice stands; it is the same at every run.

    Raises
    ------
    PlanError
        `plan-request-not-valid`, or `plan-infeasible` with a smallest set of constraints that contradict each
        other: without any one of them there is a plan.
    """
    if request.student_count < 1 or not 0 <= request.pme_share <= 1 or request.budget.minor < 0:
        raise PlanError(
            "plan-request-not-valid",
            students=request.student_count,
            share=request.pme_share,
            budget=request.budget,
        )
    solution = _solve(options, request) if options else None
    if solution is None:
        raise PlanError("plan-infeasible", conflict=_conflict(options, request))
    seats = tuple(zip(options, solution, strict=True))
    plan = SeatPlan("optimal", request, seats)
    kept = (
        sum(solution) == request.student_count
        and sum(count for option, count in seats if option.is_pme) >= request.pme_seats
        and plan.cost <= request.budget
        and all(0 <= count <= option.capacity for option, count in seats)
    )
    if not kept:
        raise PlanError("plan-not-confirmed", cost=plan.cost)
    return plan


def _conflict(options: Sequence[SeatOption], request: Request) -> BilingualText:
    """A smallest set of constraints that cannot hold together, in words."""
    words = {
        "students": BilingualText(f"{request.student_count} students", f"{request.student_count} alumnos"),
        "share": BilingualText(
            f"at least {request.pme_seats} of them in PME", f"al menos {request.pme_seats} de ellos en PME"
        ),
        "budget": BilingualText(f"a budget of {request.budget}", f"un presupuesto de {request.budget}"),
        "capacity": BilingualText("the capacity of the schools", "la capacidad de las escuelas"),
    }
    for size in range(1, len(CONSTRAINTS) + 1):
        for subset in combinations(CONSTRAINTS, size):
            if not options or _solve(options, request, subset) is None:
                named = [words[name] for name in subset]
                return BilingualText(
                    " + ".join(word.en for word in named), " + ".join(word.es for word in named)
                )
    raise AssertionError("the constraints together were infeasible")


def frontier(
    options: Sequence[SeatOption], request: Request, shares: Iterable[float]
) -> list[tuple[float, SeatPlan | PlanError]]:
    """The cheapest plan at each PME share, or why there is none."""
    found: list[tuple[float, SeatPlan | PlanError]] = []
    for share in shares:
        try:
            found.append((share, plan_seats(options, Request(request.student_count, share, request.budget))))
        except PlanError as error:
            found.append((share, error))
    return found
