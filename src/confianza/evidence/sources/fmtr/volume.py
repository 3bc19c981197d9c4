"""One volume of the Foreign Military Training Report, a PDF or a web page."""

from __future__ import annotations

from pathlib import Path

from confianza.errors import ImportRefusal, Problem
from confianza.evidence.sources.fmtr.html import read_html
from confianza.evidence.sources.fmtr.pdf import read_pdf
from confianza.evidence.sources.fmtr.report import Progress, Report

POINTER = b"version https://git-lfs.github.com/spec/"


def refuse_pointer(path: Path, start: bytes) -> None:
    """Refuse a file that only names where its content lies (Git LFS)."""
    if start.startswith(POINTER):
        raise ImportRefusal([Problem("fmtr-lfs-pointer", path.name)])


def read_report(
    path: Path,
    *,
    partner_code: str | None = None,
    processes: int = 1,
    progress: Progress | None = None,
) -> Report:
    """A volume of the report, or of one country in it.

    Parameters
    ----------
    path : Path
        Volume I, Section IV (country training activities) of any report since FY1999-2000: a PDF, whole or the
        pages of a country, or one of the years that were published as web pages (HTML).
    partner_code : str, optional
        ISO 3166 alpha-2 code; only this country is read and checked.
    processes : int
        How many processes read the pages of a PDF, beside this one when more than one.
    progress : callable, optional
        Called with pages read and pages in all after each page.

    Returns
    -------
    Report
        Rows with report, volume, page and row; costs in whole dollars. `reconciliations` holds every block and
        country; those that do not reconcile are the report's own differences, both figures shown, or countries of
        which a block is set aside. `blocks_set_aside` holds each block that could not be read, with its page, printed
        totals and text. `remarks` name the rows kept with a date that cannot be one. A report before FY2001 gives two
        years: `fiscal_year` is the first, and rows of the next are planned ones.

    Raises
    ------
    ImportRefusal
        Nothing of the file can be read: no such file, not PDF or HTML, not this report, nothing of the country.

    References
    ----------
    U.S. Department of State and Department of Defense, Foreign Military Training and DoD Engagement Activities of
    Interest, joint report to Congress, yearly.
    """
    if not path.is_file():
        raise ImportRefusal([Problem("fmtr-file-missing", str(path))])
    with path.open("rb") as file:
        start = file.read(4096)
    refuse_pointer(path, start)
    if b"%PDF" not in start[:1024] and start.lstrip().startswith((b"<", b"\xef\xbb\xbf<")):
        return read_html(path, partner_code=partner_code)
    return read_pdf(path, partner_code=partner_code, processes=processes, progress=progress)
