"""Every file of the training report beside the project is read whole or refused by name; nothing of it is dropped.

The referee is a count that knows nothing of layouts: lines of totals, and lines that end as rows do.
"""

import re
from pathlib import Path

import pytest

from confianza.errors import ImportRefusal, Problem
from confianza.evidence.sources.fmtr import Report, read_report
from confianza.evidence.sources.fmtr.pdf import all_pages

TWO_DATES = re.compile(r"\d{1,2}/\d{1,2}/\d{2,4} \d{1,2}/\d{1,2}/\d{2,4}$")
FIGURES = re.compile(r"(?<!Totals:) \d+ \$[\d,]+(?= |$)")
AMOUNT = re.compile(r"\$?[\d,]+(?:\.\d+)?")

# What cannot be read yet, and why: rows or headings that the file itself has lost, or pages that it lacks.
REFUSED = {
    "2000_2001__3164.pdf": {"fmtr-cut-off"},
    "2000_2001__3165.pdf": {"fmtr-cut-off"},
    "2001_2002__10969.pdf": {"fmtr-cut-off"},
    "2001_2002__10970.pdf": {
        "fmtr-line-outside-table",
        "fmtr-cost-not-an-amount",
        "fmtr-block-without-totals",
    },
    "2006_2007__Europe_2006_2007.html": {
        "fmtr-students-not-a-number",
        "fmtr-cost-not-an-amount",
        "fmtr-totals-not-understood",
        "fmtr-block-without-totals",
    },
    "fmtr_2007_2008_africa.pdf": {"fmtr-totals-not-understood", "fmtr-block-without-totals"},
    "fmtr_2017_2018_africa.pdf": {
        "fmtr-line-outside-table",
        "fmtr-students-not-a-number",
        "fmtr-cost-not-an-amount",
        "fmtr-date-not-understood",
        "fmtr-totals-not-understood",
        "fmtr-block-without-totals",
    },
}
# Printed totals that the rows do not add up to: pages that the file lacks, and the report's own sums.
DIFFERING = {"2000_2001__3166.pdf": 3, "2005_2006__75058.pdf": 31, "fmtr_2016_2017_western_hemisphere.pdf": 1}


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


def outcome(path: Path) -> Report | list[Problem]:
    """The report of a file, or the problems it is refused for; any other error is a fault."""
    try:
        return read_report(path)
    except ImportRefusal as refusal:
        return list(refusal.problems)


@pytest.mark.slow
def test_every_file_is_read_whole_or_refused_by_name(shared_reports):
    refused, differing = {}, {}
    for path in shared_reports:
        report = outcome(path)
        if isinstance(report, list):
            refused[path.name] = {problem.code for problem in report}
            assert all(problem.file == path.name and problem.page and str(problem) for problem in report)
            continue
        rows, totals = printed_in_html(path) if path.suffix == ".html" else printed_in_pdf(path)
        assert len(report.lines) >= rows > 0, path.name
        assert len(report.reconciliations) == totals, path.name
        assert report.coverage.missing == (), path.name
        if wrong := [item for item in report.reconciliations if not item.reconciles]:
            differing[path.name] = len(wrong)
    names = {path.name for path in shared_reports}
    assert refused == {name: codes for name, codes in REFUSED.items() if name in names}
    assert differing == {name: count for name, count in DIFFERING.items() if name in names}
