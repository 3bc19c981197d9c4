"""A file of training reports, whatever its form: a volume as published, or the tidy file of all of them."""

from __future__ import annotations

from pathlib import Path

from confianza.evidence.sources.fmtr import Progress, Report, read_report
from confianza.evidence.sources.fmtr_tidy import read_tidy


def read_reports(
    path: Path,
    *,
    partner_code: str | None = None,
    processes: int = 1,
    progress: Progress | None = None,
) -> tuple[Report, ...]:
    """The reports of a file: one of a volume (`read_report`), all of a tidy one (`read_tidy`); its first line tells."""
    if path.is_file():
        with path.open("rb") as file:
            first = file.readline(4096)
        if b"\t" in first and b"%PDF" not in first:
            return read_tidy(path, partner_code=partner_code)
    return (read_report(path, partner_code=partner_code, processes=processes, progress=progress),)
