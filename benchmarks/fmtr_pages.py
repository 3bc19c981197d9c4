"""The training-report importer beside plain text extraction by the same PDF library, in pages a second.

The volumes of six years where they lie beside the project, or else their pages on Mexico: one process, then two.
"""

from functools import partial
from pathlib import Path

import pypdfium2 as pdfium

from benchmarks.timing import IS_SMOKE, Row, best_of
from confianza.evidence.sources.fmtr import read_report

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data" / "fmtr"
VOLUMES = [
    path
    for year in range(2007, 2013)
    if (path := SHARED / f"fmtr_{year}_{year + 1}_western_hemisphere.pdf").exists()
]
MEXICO = sorted((ROOT / "tests" / "data" / "fmtr").glob("mx_*.pdf"))


def plain_text(path: Path) -> int:
    """Every page's text, thrown away; the number of pages."""
    with pdfium.PdfDocument(path) as document:
        for page in document:
            text = page.get_textpage()
            text.get_text_bounded()
            text.close()
            page.close()
        return len(document)


def run() -> list[Row]:
    paths, partner = (VOLUMES, None) if VOLUMES and not IS_SMOKE else (MEXICO, "MX")
    pages = sum(plain_text(path) for path in paths)

    def read(processes: int) -> None:
        for path in paths:
            read_report(path, partner_code=partner, processes=processes)

    def floor() -> None:
        for path in paths:
            plain_text(path)

    rows = []
    for processes in (1, 2):
        ours, peer = best_of(2, partial(read, processes), floor)
        rows.append(
            Row(
                f"{pages} pages of six years, {processes} process{'es' if processes > 1 else ''}",
                ours,
                peer,
                f"{pages / ours:.0f} pages/s",
                f"pypdfium2, text only: {pages / peer:.0f} pages/s",
            )
        )
    return rows
