"""The training-report importer beside plain text extraction by the same PDF library, in pages a second."""

from pathlib import Path

import pypdfium2 as pdfium

from benchmarks.timing import Row, best_of
from confianza.evidence.sources.fmtr import read_report

PAGES = sorted((Path(__file__).parents[1] / "tests" / "data" / "fmtr").glob("mx_*.pdf"))


def plain_text(path: Path) -> int:
    """Every page's text, thrown away; the number of pages."""
    with pdfium.PdfDocument(path) as document:
        for page in document:
            page.get_textpage().get_text_bounded()
        return len(document)


def run() -> list[Row]:
    pages = sum(plain_text(path) for path in PAGES)
    ours, peer = best_of(
        3,
        lambda: [read_report(path, partner_code="MX") for path in PAGES],
        lambda: [plain_text(path) for path in PAGES],
    )
    return [
        Row(
            f"{pages} pages of six years",
            ours,
            peer,
            f"{pages / ours:.0f} pages/s",
            f"pypdfium2, text only: {pages / peer:.0f} pages/s",
        )
    ]
