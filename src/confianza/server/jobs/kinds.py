"""What can be done as a job: each kind with its name, the permission it asks for, and the work itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from confianza.cooperation.actors import Actor
from confianza.cooperation.bilingual import BilingualText
from confianza.evidence.sources.fmtr import Progress
from confianza.server.indicators.services import import_indicators
from confianza.server.training_reports.services import import_training_reports

NOTHING_NEW = BilingualText(
    "This file was imported before; nothing changed.", "Este archivo ya se había importado; nada cambió."
)
Work = Callable[[Path, Mapping[str, str], Actor, Progress], BilingualText]


@dataclass(frozen=True)
class JobKind:
    """Work on an uploaded file; `run` says what came of it, and raises ConfianzaError when it refuses."""

    name: BilingualText
    action: str
    suffixes: tuple[str, ...]
    run: Work


def _import_training(
    path: Path, options: Mapping[str, str], actor: Actor, progress: Progress
) -> BilingualText:
    reports, is_new = import_training_reports(
        path, partner_code=options.get("partner_code") or None, actor=actor, progress=progress
    )
    if not is_new:
        return NOTHING_NEW
    count = sum(len(report.lines) for report in reports)
    checks = [item.reconciles for report in reports for item in report.reconciliations]
    text = BilingualText(f"{count:,} rows imported.", f"{count:,} renglones importados.")
    if checks:
        text = BilingualText(
            f"{text.en} {sum(checks):,} of {len(checks):,} printed totals reconcile.",
            f"{text.es} {sum(checks):,} de {len(checks):,} totales impresos concilian.",
        )
    if aside := sum(len(report.blocks_set_aside) for report in reports):
        text = BilingualText(
            f"{text.en} Blocks that could not be read: {aside:,}.",
            f"{text.es} Bloques que no pudieron leerse: {aside:,}.",
        )
    return text


def _import_indicators(kind: str) -> Work:
    def run(path: Path, options: Mapping[str, str], actor: Actor, progress: Progress) -> BilingualText:
        files, is_new = import_indicators(path, kind=kind, actor=actor)
        if not is_new:
            return NOTHING_NEW
        count = sum(len(file.observations) for file in files)
        return BilingualText(f"{count:,} figures imported.", f"{count:,} cifras importadas.")

    return run


KINDS: dict[str, JobKind] = {
    "training-report": JobKind(
        BilingualText("Import a training report (FMTR)", "Importar un informe de adiestramiento (FMTR)"),
        "import_training",
        (".pdf", ".html", ".htm", ".tsv", ".txt"),
        _import_training,
    ),
    "world-bank": JobKind(
        BilingualText("Import World Bank indicators", "Importar indicadores del Banco Mundial"),
        "import_indicators",
        (".csv", ".zip"),
        _import_indicators("worldbank"),
    ),
    "sipri": JobKind(
        BilingualText(
            "Import the SIPRI military expenditure workbook", "Importar el libro de gasto militar del SIPRI"
        ),
        "import_indicators",
        (".xlsx",),
        _import_indicators("sipri"),
    ),
}
