"""Make the rows that come with the package from the official volumes of FY2007 to FY2012.

python scripts/bundle_training_rows.py VOLUME…
"""

import sys
from pathlib import Path

from confianza.evidence.bundled import BUNDLED_FILE, rows_csv
from confianza.evidence.sources.fmtr import read_report

TARGET = Path(__file__).parents[1] / "src" / "confianza" / "evidence" / "data" / BUNDLED_FILE

if __name__ == "__main__":
    reports = [read_report(Path(name), partner_code="MX") for name in sys.argv[1:]]
    reports.sort(key=lambda report: report.fiscal_year)
    lines = [line for report in reports for line in report.lines]
    TARGET.write_text(rows_csv(lines), encoding="utf-8", newline="")
    print(f"{TARGET}: {len(lines)} rows")
