"""Cut the pages of one country out of official volumes, for the tests.

python scripts/cut_fmtr_pages.py OUT MX VOLUME.pdf...
"""

import sys
from pathlib import Path

import pypdfium2 as pdfium

from confianza.evidence.sources.fmtr import read_report


def main(out: Path, partner: str, volumes: list[Path]) -> None:
    for volume in volumes:
        report = read_report(volume, partner_code=partner)
        pages = sorted({line.page for line in report.lines} | {item.page for item in report.reconciliations})
        with pdfium.PdfDocument(volume) as whole, pdfium.PdfDocument.new() as cut:
            cut.import_pages(whole, [page - 1 for page in range(pages[0], pages[-1] + 1)])
            target = out / f"{partner.lower()}_{report.name.replace('-', '_')}.pdf"
            cut.save(target)
        print(f"{target}: pages {pages[0]} to {pages[-1]} of {volume.name}, {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], [Path(name) for name in sys.argv[3:]])
