"""IMET by fiscal year: what the reports add up to, beside the table the thesis prints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.money import Money, total
from confianza.cooperation.sources import region_of
from confianza.cooperation.training import Category, TrainingFigure
from confianza.cooperation.training.courses import program_parts, schools
from confianza.cooperation.training.normalize import packaged_rules
from confianza.packaged import packaged_table

IMET = "imet"  # as a whole: the thesis's "IMET-1 & IMET-X", table 2


@dataclass(frozen=True)
class ImetYear:
    """Students, cost and PME students of one fiscal year, and where they were read."""

    fiscal_year: int
    student_count: int
    cost: Money
    pme_student_count: int
    pme_cost: Money | None
    source: str
    e_imet_student_count: int | None = (
        None  # of expanded-IMET courses at schools; None when the source has none
    )

    @property
    def pme_share(self) -> float:
        """PME students over all students, 0–1."""
        return self.pme_student_count / self.student_count

    @property
    def pme_cost_share(self) -> float | None:
        """PME cost over all cost, 0–1; None when the source gives no cost of PME."""
        return None if self.pme_cost is None else self.pme_cost.minor / self.cost.minor


@dataclass(frozen=True)
class ImetComparison:
    """One fiscal year in the reports and, where it has it, in the thesis's table."""

    reports: ImetYear
    thesis: ImetYear | None

    @property
    def student_difference(self) -> int | None:
        """Students of the thesis less those of the reports."""
        return self.thesis.student_count - self.reports.student_count if self.thesis else None

    @property
    def cost_difference(self) -> Money | None:
        """Dollars of the thesis less those of the reports."""
        return self.thesis.cost - self.reports.cost if self.thesis else None

    @property
    def pme_difference(self) -> int | None:
        """PME students of the thesis less those of the reports."""
        return self.thesis.pme_student_count - self.reports.pme_student_count if self.thesis else None

    @property
    def explanations(self) -> tuple[BilingualText, ...]:
        """What is known of each difference: students, dollars, PME; empty for a year the thesis lacks."""
        if self.thesis is None or self.cost_difference is None:
            return ()
        row = next(row for row in thesis_table_2()["years"] if row["fiscal_year"] == self.thesis.fiscal_year)
        pme, e_imet = self.reports.pme_student_count, self.reports.e_imet_student_count or 0
        pme_key = (
            "pme-agrees" if self.pme_difference == 0 else "pme-differs" if e_imet else "pme-differs-alone"
        )
        surplus, days = self.cost_difference.minor / 100, row["student_days"]
        return (
            _explanation("students-agree" if self.student_difference == 0 else "students-differ"),
            _explanation(
                "dollars", surplus=f"{surplus:,.0f}", days=f"{days:,}", per_day=round(surplus / days)
            ),
            _explanation(
                pme_key, count=pme, thesis=self.thesis.pme_student_count, e_imet=e_imet, both=pme + e_imet
            ),
        )


def _explanation(key: str, **params: object) -> BilingualText:
    return BilingualText.of(thesis_table_2()["explanations"][key]).format(**params)


def table_explanations() -> tuple[BilingualText, ...]:
    """What is known of the differences in all years of the table together: dollars, PME."""
    return _explanation("all-dollars"), _explanation("all-pme")


def thesis_table_2() -> Mapping[str, Any]:
    """Table 2 of the thesis as it stands in `thesis-table-2.toml`."""
    return packaged_table(__package__, "data/thesis-table-2.toml")


def thesis_years() -> dict[int, ImetYear]:
    """The rows of the thesis's table by fiscal year."""
    table = thesis_table_2()
    return {
        row["fiscal_year"]: ImetYear(
            row["fiscal_year"],
            row["students"],
            Money(row["imet"] * 100),
            row["pme_students"],
            None,
            f"{table['source']}, {table['place']}",
        )
        for row in table["years"]
    }


def is_imet(program: str) -> bool:
    """Whether a program, as a report heads it, is of IMET."""
    family, _ = packaged_rules().decide("program_family", program)
    return family.value in program_parts(IMET)


def imet_years(figures: Iterable[TrainingFigure]) -> list[ImetYear]:
    """IMET by fiscal year, from figures of one partner."""
    by_year: dict[int, list[TrainingFigure]] = {}
    for figure in figures:
        if is_imet(figure.program):
            by_year.setdefault(figure.fiscal_year, []).append(figure)
    mobile = {code for code, school in schools().items() if school.kind == "mobile"}
    years = []
    for fiscal_year, found in sorted(by_year.items()):
        pme = [figure for figure in found if figure.category.is_pme]
        e_imet = [
            figure
            for figure in found
            if figure.category is Category.E_IMET and figure.school_code not in mobile
        ]
        regions = sorted({region_of(volume) for figure in found for volume in figure.volumes} - {""})
        pages = sorted({int(page) for figure in found for page in figure.pages.split()})
        years.append(
            ImetYear(
                fiscal_year,
                sum(figure.student_count for figure in found),
                total([figure.cost for figure in found]),
                sum(figure.student_count for figure in pme),
                total([figure.cost for figure in pme]),
                ", ".join([f"fmtr {found[0].report}", *regions, f"p. {', '.join(map(str, pages))}"]),
                sum(figure.student_count for figure in e_imet),
            )
        )
    return years


def compare_with_thesis(figures: Iterable[TrainingFigure]) -> list[ImetComparison]:
    """Every fiscal year of one partner's reports, and beside it the thesis's table where that is of the partner."""
    figures = list(figures)
    is_printed = {figure.partner_code for figure in figures} == {thesis_table_2()["partner_code"]}
    printed = thesis_years() if is_printed else {}
    return [ImetComparison(year, printed.get(year.fiscal_year)) for year in imet_years(figures)]
