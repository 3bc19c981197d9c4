"""What can be done as a job: each kind with its name, the permission it asks for, and the work itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.utils import timezone

from confianza.cooperation.actors import Actor
from confianza.cooperation.bilingual import BilingualText
from confianza.evidence.sources.fmtr import Progress
from confianza.evidence.sources.relationship_file import SUFFIXES
from confianza.evidence.sources.series import SUFFIXES as SERIES_SUFFIXES
from confianza.server.events.services import import_events
from confianza.server.indicators.services import import_indicators
from confianza.server.institutions.selectors import partnership_of, visible_partnerships
from confianza.server.relationship.services import import_records
from confianza.server.series.services import import_series
from confianza.server.training_reports.services import import_training_reports

NOTHING_NEW = BilingualText(
    "This file was imported before; nothing changed.", "Este archivo ya se había importado; nada cambió."
)
PAGES = BilingualText("pages", "páginas")
KILOBYTES = BilingualText("kB", "kB")
Work = Callable[[Path, Mapping[str, str], Actor, Progress], BilingualText]


@dataclass(frozen=True)
class JobKind:
    """Work on an uploaded file; `run` says what came of it, and raises ConfianzaError when it refuses.

    `unit` is what its progress counts.
    """

    name: BilingualText
    action: str
    suffixes: tuple[str, ...]
    run: Work
    unit: BilingualText = PAGES


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


def _import_records(
    path: Path, options: Mapping[str, str], actor: Actor, progress: Progress
) -> BilingualText:
    one = partnership_of(options.get("partnership", ""), visible_partnerships(actor))
    done = import_records(path, partnership=one, actor=actor, on=timezone.localdate())
    if not done.is_new:
        return NOTHING_NEW
    return BilingualText(
        f"{done.new_count:,} records proposed; a second person confirms them.",
        f"{done.new_count:,} registros propuestos; los confirma una segunda persona.",
    )


def _import_series(path: Path, options: Mapping[str, str], actor: Actor, progress: Progress) -> BilingualText:
    files, is_new = import_series(path, actor=actor)
    if not is_new:
        return NOTHING_NEW
    count, sources = sum(file.count for file in files), ", ".join(file.source for file in files)
    return BilingualText(
        f"{count:,} values imported ({sources}).", f"{count:,} valores importados ({sources})."
    )


def _import_events(path: Path, options: Mapping[str, str], actor: Actor, progress: Progress) -> BilingualText:
    def tell(done: int, total: int) -> None:
        progress(done // 1000, max(total // 1000, 1))

    (imported,) = import_events([path], actor=actor, progress=tell)
    if not imported.is_new:
        return NOTHING_NEW
    lines = imported.row.lines
    numbers = {"read": lines["read"], "repeated": lines["repeated"], "rejected": imported.row.rejected_count}
    return BilingualText(
        "{read:,} events read, {repeated:,} rows repeat others, {rejected:,} rejected.",
        "{read:,} eventos leídos, {repeated:,} renglones repiten otros, {rejected:,} rechazados.",
    ).format(**numbers)


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
        (".csv", ".zip", ".xls", ".xlsx"),
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
    "records": JobKind(
        BilingualText("Import records of the relationship", "Importar registros de la relación"),
        "import_records",
        SUFFIXES,
        _import_records,
    ),
    "capabilities": JobKind(
        BilingualText(
            "Import national capabilities (Correlates of War)",
            "Importar capacidades nacionales (Correlates of War)",
        ),
        "import_indicators",
        (".csv", ".gz", ".zip"),
        _import_indicators("capabilities"),
    ),
    "series": JobKind(
        BilingualText(
            "Import series of a pair (votes, aid, arms, alliances; files that belong together as one ZIP)",
            "Importar series de un par (votos, ayuda, armas, alianzas; los archivos que van juntos, en un ZIP)",
        ),
        "import_indicators",
        SERIES_SUFFIXES,
        _import_series,
    ),
    "events": JobKind(
        BilingualText(
            "Import event data (GDELT, ICEWS, POLECAT, KEDS or a plain table)",
            "Importar datos de eventos (GDELT, ICEWS, POLECAT, KEDS o una tabla simple)",
        ),
        "import_events",
        (".csv", ".tsv", ".tab", ".txt", ".zip", ".gz"),
        _import_events,
        KILOBYTES,
    ),
}
