"""Training figures: rows of the reports added up by fiscal year, program, school and category."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from confianza.cooperation.money import Money, total
from confianza.cooperation.training import Category, ReportRow, TrainingFigure
from confianza.cooperation.training.normalize import FIELDS, Rules, normalize, packaged_rules
from confianza.cooperation.training_plans.plan import training_rules
from confianza.errors import RuleRefusal
from confianza.evidence.bundled import bundled_rows


def aggregate(lines: Iterable[ReportRow], rules: Rules | None = None) -> list[TrainingFigure]:
    """Students and cost of what was done by report, program, school and category; `pages` are those of the volume."""
    rules = rules or packaged_rules()
    groups: dict[tuple[str, int, str, str, str, Category], list[ReportRow]] = {}
    for line in lines:
        if line.is_planned:
            continue
        terms = normalize(line, rules)
        school, category = terms.school_code.value, Category(terms.category.value)
        key = (line.report, line.fiscal_year, line.partner_code, line.program, school, category)
        groups.setdefault(key, []).append(line)
    return [
        TrainingFigure(
            report=report,
            volumes=tuple(sorted({line.volume for line in rows})),
            pages=" ".join(map(str, sorted({line.page for line in rows}))),
            fiscal_year=fiscal_year,
            partner_code=partner_code,
            program=program,
            school_code=school_code,
            category=category,
            student_count=sum(line.student_count for line in rows),
            cost=total([line.cost for line in rows]),
            rules_version=rules.version,
        )
        for (report, fiscal_year, partner_code, program, school_code, category), rows in sorted(
            groups.items()
        )
    ]


@dataclass(frozen=True)
class PmeShare:
    """Training of a group, and the professional military education in it, in three measures.

    The rule of the manual counts dollars of the country's ceiling; the thesis counts students. `ceiling` is None
    where none is recorded: the public reports print none, so that the rule cannot be judged from them.
    """

    group: tuple[str | int, ...]
    student_count: int
    course_count: int
    cost: Money
    pme_student_count: int
    pme_course_count: int
    pme_cost: Money
    ceiling: Money | None = None

    @property
    def student_share(self) -> float | None:
        """PME students over all students, 0–1; None for rows of equipment alone, which print none."""
        return self.pme_student_count / self.student_count if self.student_count else None

    @property
    def course_share(self) -> float:
        """PME courses (rows) over all courses, 0–1."""
        return self.pme_course_count / self.course_count

    @property
    def cost_share(self) -> float | None:
        """PME cost over all cost, 0–1; None where nothing cost anything."""
        return self.pme_cost.minor / self.cost.minor if self.cost.minor else None

    @property
    def ceiling_share(self) -> float | None:
        """PME cost over the ceiling, 0–1 and more; None without a ceiling."""
        return self.pme_cost.minor / self.ceiling.minor if self.ceiling is not None else None

    @property
    def meets_policy(self) -> bool | None:
        """Whether PME is at least half of the ceiling, in whole minor units (49.99 % is not); None without one."""
        least = training_rules()["checks"]["pme"]["least_share"]
        return self.pme_cost.minor >= least * self.ceiling.minor if self.ceiling is not None else None


GROUPS = ("fiscal_year", "partner_code", "report", "program", *FIELDS, "level")


def pme_shares(
    lines: Iterable[ReportRow],
    by: Sequence[str] = ("fiscal_year",),
    *,
    ceilings: Mapping[tuple[str | int, ...], Money] | None = None,
    rules: Rules | None = None,
) -> list[PmeShare]:
    """The share of PME by students, by courses and by dollars, of groups of rows of what was done, sorted by group.

    Parameters
    ----------
    lines : iterable of ReportRow
    by : sequence of str
        What makes a group: some of `GROUPS`.
    ceilings : mapping
        The ceiling of a group, where one is known; compared with the cost of its PME.
    rules : Rules
        The packaged rules when left out.

    Raises
    ------
    RuleRefusal
        `training-group-unknown`, `ceiling-not-positive`.

    References
    ----------
    SAMM figure C10.F2: at least 50 percent of the fiscal year's ceiling for PME.
    """
    for name in by:
        if name not in GROUPS:
            raise RuleRefusal("training-group-unknown", name=name, known=", ".join(GROUPS))
    for ceiling in (ceilings or {}).values():
        if ceiling.minor <= 0:
            raise RuleRefusal("ceiling-not-positive", ceiling=ceiling)
    groups: dict[tuple[str | int, ...], list[tuple[ReportRow, bool]]] = {}
    for line in lines:
        if line.is_planned:
            continue
        terms = normalize(line, rules)
        key = tuple(
            getattr(terms, name).value if hasattr(terms, name) else getattr(line, name) for name in by
        )
        is_pme = Category(terms.category.value).is_pme
        groups.setdefault(key, []).append((line, is_pme))
    shares = []
    for key, rows in sorted(groups.items()):
        every, pme = [line for line, _ in rows], [line for line, is_pme in rows if is_pme]
        currency = every[0].cost.currency
        shares.append(
            PmeShare(
                key,
                sum(line.student_count for line in every),
                len(every),
                total([line.cost for line in every], currency),
                sum(line.student_count for line in pme),
                len(pme),
                total([line.cost for line in pme], currency),
                (ceilings or {}).get(key),
            )
        )
    return shares


@cache
def bundled_figures() -> tuple[TrainingFigure, ...]:
    """The figures of the rows that come with the package."""
    return tuple(sorted(aggregate(bundled_rows()), key=lambda figure: figure.fiscal_year))
