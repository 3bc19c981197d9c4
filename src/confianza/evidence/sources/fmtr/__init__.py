"""The Foreign Military Training Report: country training activities, from the official volumes and from copies."""

from __future__ import annotations

from pathlib import Path

from confianza.evidence.sources.fmtr.report import (
    BlockReconciliation,
    BlockSetAside,
    CountryCoverage,
    Progress,
    Report,
    Totals,
    UncheckedBlock,
    coverage_of,
)
from confianza.evidence.sources.fmtr.tidy import read_tidy
from confianza.evidence.sources.fmtr.volume import read_report

__all__ = [
    "BlockReconciliation",
    "BlockSetAside",
    "CountryCoverage",
    "Progress",
    "Report",
    "Totals",
    "UncheckedBlock",
    "coverage_of",
    "read_report",
    "read_reports",
    "read_tidy",
]


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
