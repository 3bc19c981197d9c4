"""Make what comes with the package of the training reports, from every volume at hand: Mexico's rows, and the table.

python scripts/bundle_training_rows.py VOLUME…

Each fiscal year and country is taken from one volume: that which is read best (`best_reports`).
"""

import sys
from pathlib import Path

from confianza.cooperation.training import ReportRow
from confianza.evidence.bundled import BUNDLED_FILE, rows_file
from confianza.evidence.sources.fmtr import Report, read_report
from confianza.evidence.training_table import TABLE_FILE, best_reports, build_table, table_bytes

DATA = Path(__file__).parents[1] / "src" / "confianza" / "evidence" / "data"
PARTNER = "MX"


def partner_rows(reports: list[Report]) -> list[ReportRow]:
    """The rows of what the partner did, each year of the best report; plans stand in the next report as done."""
    chosen = best_reports(reports)
    return sorted(
        (
            line
            for report in reports
            for line in report.lines
            if line.partner_code == PARTNER
            and not line.is_planned
            and chosen[line.fiscal_year, PARTNER] is report
        ),
        key=lambda line: (line.fiscal_year, line.page, line.row),
    )


def main(reports: list[Report]) -> None:
    """Write both files, and print what they hold."""
    lines, table = partner_rows(reports), build_table(reports)
    for name, content in ((BUNDLED_FILE, rows_file(lines)), (TABLE_FILE, table_bytes(table))):
        (DATA / name).write_bytes(content)
        print(f"{name}: {len(content):,} bytes")
    years = sorted({line.fiscal_year for line in lines if not line.is_planned})
    print(f"{PARTNER}: {len(lines)} rows, FY{years[0]} to FY{years[-1]} ({len(years)} years)")
    print(f"table: {len(table.entries)} entries, {len(table.coverage)} years of regions")


if __name__ == "__main__":
    main([read_report(Path(name), processes=2) for name in sys.argv[1:]])
