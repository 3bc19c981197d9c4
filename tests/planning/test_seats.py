"""The seat plan: brute force and dynamic programming are the referees of the solver."""

from dataclasses import replace
from fractions import Fraction
from itertools import product
from math import ceil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confianza.cooperation.institutions import packaged_partnership
from confianza.cooperation.money import Money
from confianza.cooperation.training import Category
from confianza.errors import PlanError
from confianza.evidence.imet import is_imet
from confianza.evidence.sources.fmtr import read_report
from confianza.evidence.training_reports import aggregate, bundled_figures
from confianza.evidence.training_table import bundled_table
from confianza.planning.seats import (
    Request,
    SeatOption,
    default_request,
    frontier,
    plan_seats,
    platform_uses,
    platforms_without_pme,
    school_uses,
    seat_options,
    years_done,
)
from tests.searches import search

MEXICO = packaged_partnership("us-mexico")
FIGURES = [figure for figure in bundled_figures() if MEXICO.plans_from(figure.fiscal_year)]


def test_a_school_whose_rows_print_no_student_has_no_cost_of_a_seat():
    known = {figure.school_code for figure in FIGURES}
    unprinted = [replace(figure, school_code="NOWHERE", student_count=0) for figure in FIGURES]
    assert "NOWHERE" not in known
    assert seat_options([*FIGURES, *unprinted]) == seat_options(FIGURES)


def option(code: str, cost: int, capacity: int, *, pme: bool = False) -> SeatOption:
    return SeatOption(code, Category.PME if pme else Category.TECHNICAL, Money(cost), capacity)


def cheapest_by_brute_force(options, request) -> int | None:
    costs = [
        sum(count * item.cost_per_seat.minor for count, item in zip(mix, options, strict=True))
        for mix in product(*(range(item.capacity + 1) for item in options))
        if sum(mix) == request.student_count
        and sum(count for count, item in zip(mix, options, strict=True) if item.is_pme) >= request.pme_seats
    ]
    return min((cost for cost in costs if cost <= request.budget.minor), default=None)


def cheapest_by_dynamic_programming(options, request) -> int | None:
    """Least cost by (students, PME seats, capped at what is asked), one option after the other."""
    least = {(0, 0): 0}
    for item in options:
        after: dict[tuple[int, int], int] = {}
        for (students, pme), cost in least.items():
            for count in range(min(item.capacity, request.student_count - students) + 1):
                key = students + count, min(pme + count * item.is_pme, request.pme_seats)
                total = cost + count * item.cost_per_seat.minor
                if total < after.get(key, total + 1):
                    after[key] = total
        least = after
    best = least.get((request.student_count, request.pme_seats))
    return best if best is not None and best <= request.budget.minor else None


def planned_cost(options, request) -> int | None:
    try:
        return plan_seats(options, request).cost.minor
    except PlanError as error:
        if error.code != "plan-infeasible":
            raise
        return None


options_strategy = st.lists(
    st.builds(
        lambda cost, capacity, pme: option("S", cost, capacity, pme=pme),
        st.integers(0, 5_000_00),
        st.integers(0, 4),
        st.booleans(),
    ),
    min_size=1,
    max_size=5,
)


@search(full=150, quick=30)
@given(
    options_strategy,
    st.integers(1, 12),
    st.integers(0, 20).map(lambda step: step / 20),
    st.integers(0, 20_000_00),
)
def test_the_plan_costs_what_brute_force_finds(options, students, share, budget):
    request = Request(students, share, Money(budget))
    expected = cheapest_by_brute_force(options, request)
    assert planned_cost(options, request) == expected
    assert cheapest_by_dynamic_programming(options, request) == expected


@pytest.mark.parametrize("share", [0.0, 0.1, 0.35, 0.4, 0.5, 0.55, 0.6, 1.0])
def test_the_real_plan_costs_what_dynamic_programming_finds(share):
    options, usual = seat_options(FIGURES), default_request(FIGURES)
    request = Request(usual.student_count, share, usual.budget)
    assert planned_cost(options, request) == cheapest_by_dynamic_programming(options, request)


def test_the_plan_of_fy2012():
    """47 students and the cost of FY2012 in the reports; 306,299.91 dollars seat half of them in PME."""
    request = default_request(FIGURES)
    assert (request.student_count, request.budget, request.pme_seats) == (47, Money(80_897_200), 24)
    plan = plan_seats(seat_options(FIGURES), request)
    assert plan.status == "optimal"
    assert plan.cost == Money(30_629_991)
    assert plan.pme_share_students == 24 / 47


@given(st.integers(1, 500), st.integers(0, 100))
def test_the_pme_seats_reach_the_share_and_one_less_does_not(students, percent):
    seats = Request(students, percent / 100, Money(0)).pme_seats
    assert Fraction(seats, students) >= Fraction(percent, 100)
    assert seats == 0 or Fraction(seats - 1, students) < Fraction(percent, 100)
    assert seats == ceil(Fraction(percent, 100) * students)


# --- options from the record -----------------------------------------------------------------------


def test_an_option_costs_the_mean_and_holds_the_best_year():
    """The Army Command and General Staff College had three students in each of the five years."""
    (cgsc,) = [item for item in seat_options(FIGURES) if item.school_code == "CGSC"]
    done = years_done(FIGURES)
    seats = [year.seats.get(("CGSC", Category.PME), 0) for year in done]
    assert seats == [3, 3, 3, 3, 3]
    assert cgsc.capacity == 3
    cost = sum(
        figure.cost.minor
        for figure in FIGURES
        if figure.school_code == "CGSC" and figure.program.startswith("IMET") and figure.fiscal_year >= 2008
    )
    assert cgsc.cost_per_seat.minor == ceil(cost / 15)


def test_the_years_done_are_those_of_the_reports():
    done = {year.fiscal_year: year.student_count for year in years_done(FIGURES)}
    assert done == {2008: 27, 2009: 120, 2010: 61, 2011: 49, 2012: 47}


def test_capacity_grows_with_its_factor():
    once, half = seat_options(FIGURES), seat_options(FIGURES, capacity_factor=0.5)
    assert [item.capacity for item in half] == [item.capacity // 2 for item in once]


def test_a_platform_without_a_pme_seat_on_record_is_named():
    assert [school.code for school in platforms_without_pme(seat_options(FIGURES))] == ["IAAFA"]


# --- no plan ------------------------------------------------------------------------------------------

OPTIONS = [option("STAFF", 1_000_00, 3, pme=True), option("TECH", 100_00, 10)]


@pytest.mark.parametrize(
    ("request_", "conflict"),
    [
        (Request(20, 0.0, Money(10**9)), "20 students + the capacity of the schools"),
        (Request(10, 0.5, Money(10**9)), "at least 5 of them in PME + the capacity of the schools"),
        (Request(5, 0.2, Money(1_300_00)), "5 students + at least 1 of them in PME + a budget of"),
        (Request(5, 0.0, Money(100_00)), "5 students + a budget of"),
    ],
)
def test_a_request_without_a_plan_names_the_smallest_conflict(request_, conflict):
    with pytest.raises(PlanError) as refusal:
        plan_seats(OPTIONS, request_)
    assert refusal.value.code == "plan-infeasible"
    assert conflict in refusal.value.in_language("en")
    assert "alumnos" in refusal.value.in_language("es") or "PME" in refusal.value.in_language("es")


@pytest.mark.parametrize(
    "request_", [Request(0, 0.5, Money(1)), Request(5, 1.5, Money(1)), Request(5, 0.5, Money(-1))]
)
def test_a_request_that_makes_no_sense_is_refused(request_):
    with pytest.raises(PlanError) as refusal:
        plan_seats(OPTIONS, request_)
    assert refusal.value.code == "plan-request-not-valid"


def test_no_school_at_all_is_a_conflict_too():
    with pytest.raises(PlanError):
        plan_seats([], Request(1, 0.0, Money(1)))


def test_a_higher_share_never_costs_less():
    found = frontier(seat_options(FIGURES), default_request(FIGURES), [step / 20 for step in range(21)])
    costs = [plan.cost.minor for _, plan in found if not isinstance(plan, PlanError)]
    assert costs == sorted(costs)
    feasible = [not isinstance(plan, PlanError) for _, plan in found]
    assert feasible == sorted(feasible, reverse=True)
    assert not all(feasible)


# --- prices and places of every country ------------------------------------------------------------

USES = school_uses(bundled_table())


def test_the_platforms_of_fy2009_cost_what_the_volume_shows():
    """Printed in the report 2009-2010, Western Hemisphere: one student of Mexico alone would say $37,539."""
    uses = [use for use in platform_uses(USES) if use.fiscal_year == 2009]
    assert {use.school_code: (use.student_count, use.cost_per_student.minor // 100) for use in uses} == {
        "WHINSEC": (192, 6588),
        "IAAFA": (12, 5396),
        "IADC": (1, 116594),
    }
    assert all("Western Hemisphere" in use.reference.place for use in uses)


def test_pme_seats_are_priced_by_the_students_of_every_country():
    alone = {(item.school_code, item.category): item for item in seat_options(FIGURES)}
    every = {(item.school_code, item.category): item for item in seat_options(FIGURES, uses=USES)}
    school = "WHINSEC", Category.PME
    assert every[school].cost_per_seat < alone[school].cost_per_seat
    assert every[school].capacity > 100 * alone[school].capacity
    years = {figure.fiscal_year for figure in FIGURES}
    of_school = [use for use in USES if use.school_code == "WHINSEC" and use.fiscal_year in years]
    assert every[school].capacity == max(use.student_count for use in of_school)
    assert {key for key in alone if not alone[key].is_pme} == {key for key in every if not every[key].is_pme}
    assert platforms_without_pme(every.values()) == []
    assert set(every) - set(alone) == {("IAAFA", Category.PME)}


VOLUME = (
    Path(__file__).parents[3] / "shared" / "data" / "fmtr" / "fmtr_2009_2010_western_hemisphere.pdf"
)  # beside the project


@pytest.mark.slow
@pytest.mark.skipif(
    not VOLUME.exists(), reason="the Western Hemisphere volume of FY2009 is not beside the project"
)
def test_what_the_table_has_of_the_platforms_is_what_the_volume_has():
    figures = [
        figure
        for figure in aggregate(read_report(VOLUME).lines)
        if is_imet(figure.program) and figure.category is Category.PME
    ]
    for use in platform_uses(USES):
        if use.fiscal_year == 2009:
            of_school = [figure for figure in figures if figure.school_code == use.school_code]
            assert sum(figure.student_count for figure in of_school) == use.student_count
            assert abs(sum(figure.cost.minor for figure in of_school) - use.cost.minor) <= 100 * len(
                of_school
            )
