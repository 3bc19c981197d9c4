"""Count how rules and language models agree on course titles; write it into docs/algorithms/course-categories.md.

python scripts/course_categories.py            write the tables
python scripts/course_categories.py --check    exit 1 when the page is not what the labels and rules give
"""

import csv
import re
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from confianza.cooperation.training import Category
from confianza.cooperation.training.normalize import normalize, packaged_rules
from confianza.evidence.imet import is_imet
from confianza.evidence.sources.fmtr import read_report

ROOT = Path(__file__).parents[1]
LABELS = ROOT / "tests" / "data" / "courses" / "labels.csv"
PAGES = ROOT / "tests" / "data" / "fmtr"
PAGE = ROOT / "docs" / "algorithms" / "course-categories.md"
HALF = 225


def agreement(first: Sequence[str], second: Sequence[str]) -> tuple[float, float]:
    """The share of equal labels, and Cohen's kappa: (observed - chance) / (1 - chance)."""
    count = len(first)
    observed = sum(a == b for a, b in zip(first, second, strict=True)) / count
    times, others = Counter(first), Counter(second)
    chance = sum(times[label] * others[label] for label in times) / count**2
    return observed, (observed - chance) / (1 - chance)


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |\n" for line in lines)


def labeled() -> list[dict[str, str]]:
    """The labeled titles, with what the rules say of each."""
    with LABELS.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        category, level = packaged_rules().decide("category", row["title"])
        row |= {"rule": category.value, "rule_level": level.value, "rule_id": category.rule_id}
    return rows


def agreements(rows: list[dict[str, str]]) -> str:
    """Everybody's agreement with everybody, in the halves they were measured on."""
    halves = {"all": rows, "training half": rows[:HALF], "held-out half": rows[HALF:]}
    wanted = [
        ("first session and second", "first", "second", "all"),
        ("rules and first session", "rule", "first", "training half"),
        ("rules and first session", "rule", "first", "held-out half"),
        ("rules and second session", "rule", "second", "training half"),
        ("**rules and second session**", "rule", "second", "held-out half"),
    ]
    lines = []
    for name, one, other, half in wanted:
        some = halves[half]
        category = agreement([row[one] for row in some], [row[other] for row in some])
        pme = agreement(
            [str(row[one] == Category.PME) for row in some],
            [str(row[other] == Category.PME) for row in some],
        )
        both = [row for row in some if row[one] == row[other] == Category.PME]
        level = agreement([row[f"{one}_level"] for row in both], [row[f"{other}_level"] for row in both])
        cells = [f"{100 * share:.1f} % (κ {kappa:.3f})" for share, kappa in (category, pme, level)]
        lines.append([name, half, str(len(some)), *cells, str(len(both))])
    head = ["Who", "Titles", "Count", "Category", "PME or not", "Level of PME", "of titles"]
    return table(head, lines)


def confusion(rows: list[dict[str, str]]) -> str:
    """The second labels down, the rules across, over the held-out half."""
    counts = Counter((row["second"], row["rule"]) for row in rows[HALF:])
    names = [category.value for category in Category if any(category.value in pair for pair in counts)]
    lines = [
        [f"**{label}**", *(str(counts[label, rule] or "") for rule in names)]
        for label in names
        if any(counts[label, rule] for rule in names)
    ]
    return table(["label \\ rule", *names], lines)


def disagreements(rows: list[dict[str, str]]) -> str:
    """Every title on which the two labels and the rule are not all one."""
    lines = [
        [row["title"], row["first"], row["second"], row["rule"], row["rule_id"], half]
        for number, row in enumerate(rows)
        if len({row["first"], row["second"], row["rule"]}) > 1
        for half in ["training" if number < HALF else "held out"]
    ]
    return table(["Title", "First", "Second", "Rules", "Rule", "Half"], lines)


def mexican_pme() -> str:
    """The titles the rules count as PME in Mexico's IMET, by fiscal year of the thesis's table."""
    lines = []
    for path in sorted(PAGES.glob("mx_*.pdf")):
        counts: Counter[str] = Counter()
        for line in read_report(path, partner_code="MX").lines:
            found = normalize(line)
            if is_imet(line.program) and found.category.value == Category.PME:
                counts[f"{' '.join(line.course_title.upper().split())} ({found.level.value})"] += (
                    line.student_count
                )
        titles = "; ".join(
            f"{title} × {count}" if count > 1 else title for title, count in sorted(counts.items())
        )
        lines.append([f"FY{line.fiscal_year}", str(sum(counts.values())), titles])
    return table(["Year", "Students", "Courses"], lines)


def made() -> dict[str, str]:
    """The tables of the page by name."""
    rows = labeled()
    return {
        "agreement": agreements(rows),
        "confusion": confusion(rows),
        "disagreements": disagreements(rows),
        "mexico": mexican_pme(),
    }


if __name__ == "__main__":
    page = PAGE.read_text(encoding="utf-8")
    written = page
    for name, text in made().items():
        start, end = f"<!-- {name}: made by scripts/course_categories.py -->\n", f"<!-- end of {name} -->"
        pattern = re.escape(start) + ".*?" + re.escape(end)
        if not re.search(pattern, written, re.DOTALL):
            sys.exit(f"{PAGE}: the marks of the table {name} are missing")
        written = re.sub(pattern, lambda _, t=start + text + end: t, written, flags=re.DOTALL)
    if "--check" in sys.argv:
        sys.exit(0 if written == page else f"{PAGE} is not what the labels and rules give")
    PAGE.write_text(written, encoding="utf-8")
