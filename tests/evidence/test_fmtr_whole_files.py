"""Every file of the training report beside the project is read block by block; nothing of it is dropped in silence.

The referee is a count that knows nothing of layouts: lines of totals, and lines that end as rows do.
"""

import re
from pathlib import Path

import pytest

from confianza.evidence.sources.fmtr import Report, read_report
from confianza.evidence.sources.fmtr.pdf import all_pages

TWO_DATES = re.compile(r"\d{1,2}/\d{1,2}/\d{2,4} \d{1,2}/\d{1,2}/\d{2,4}$")
FIGURES = re.compile(r"(?<!Totals:) \d+ \$[\d,]+(?= |$)")
AMOUNT = re.compile(r"\$?[\d,]+(?:\.\d+)?")

GOLDEN = (
    Path(__file__).parent / "fmtr_volumes.tsv"
)  # what each file gave when it was last looked at, row by row


def golden() -> dict[str, list[str]]:
    """The recorded figures of each file."""
    lines = [line for line in GOLDEN.read_text("utf-8").splitlines() if not line.startswith("#")]
    return {name: figures for name, *figures in (line.split("\t") for line in lines[1:])}


def figures_of(report: Report) -> list[str]:
    """Rows, totals and those that reconcile, countries named and not read, blocks set aside, whether it is cut off."""
    figures = (
        len(report.lines),
        len(report.reconciliations),
        sum(item.reconciles for item in report.reconciliations),
        len(report.coverage.named),
        " ".join(report.coverage.missing) or "-",
        len(report.blocks_set_aside),
        int(any(problem.code == "fmtr-cut-off" for problem in report.remarks)),
    )
    return list(map(str, figures))


def printed_in_html(path: Path) -> tuple[int, int]:
    """How many rows and lines of totals a web page has, by its cells alone."""
    rows = totals = 0
    for row in re.split(r"(?i)<tr\b", path.read_text("cp1252"))[1:]:
        cells = [
            " ".join(re.sub(r"<[^>]*>|&nbsp;", " ", cell).split())
            for cell in re.split(r"(?i)<t[dh]\b[^>]*>", row)[1:]
        ]
        if any("Totals" in cell for cell in cells):
            totals += 1
        else:
            rows += any(AMOUNT.fullmatch(cell) for cell in cells[1:])
    return rows, totals


def printed_in_pdf(path: Path) -> tuple[int, int]:
    """How many lines end as rows do, and how many totals are printed."""
    texts = [line.text for page in all_pages(path) for line in page.lines]
    totals = sum(len(re.findall(r"\bTotals\b", text)) for text in texts)
    rows = sum(bool(TWO_DATES.search(text)) for text in texts if "Totals" not in text)
    return rows or sum(len(FIGURES.findall(text)) for text in texts), totals


def test_the_recorded_figures_stand_on_the_page_of_the_algorithm():
    page = (Path(__file__).parents[2] / "docs" / "algorithms" / "training-report.md").read_text("utf-8")
    for name, (rows, totals, reconcile, *_) in golden().items():
        assert f"| {name} | {int(rows):,} | {int(reconcile):,} of {int(totals):,} |" in page, name


@pytest.mark.slow
def test_every_file_is_read_block_by_block(shared_reports):
    recorded = golden()
    for path in shared_reports:
        report = read_report(path)  # no file is refused
        rows, totals = printed_in_html(path) if path.suffix == ".html" else printed_in_pdf(path)
        aside = report.blocks_set_aside
        lost = sum(len(TWO_DATES.findall(block.text)) for block in aside)
        assert len(report.lines) + sum(block.text.count("\n") for block in aside) >= rows - lost > 0, (
            path.name
        )
        assert len(report.reconciliations) >= totals - 2 * len(aside), path.name
        assert set(report.coverage.missing) <= {block.partner_code for block in aside}, path.name
        assert all(block.page and block.text and str(block.problems[0]) for block in aside), path.name
        assert figures_of(report) == recorded[path.name], path.name
