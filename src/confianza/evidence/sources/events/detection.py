"""Which publisher's file a table is, told by its content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from confianza.errors import ImportRefusal, Problem
from confianza.evidence.sources.events import gdelt, icews, keds, plain, polecat
from confianza.evidence.sources.events.codes import event_code
from confianza.evidence.sources.events.files import Head, Source, head_of, sources_of
from confianza.evidence.sources.events.layouts import Layout, Sample, sample_of

PUBLISHERS = (gdelt.recognize, icews.recognize, polecat.recognize, keds.recognize, plain.recognize)
MOST_CELLS = 6
GOLDSTEIN_ROUNDING = 0.051


@dataclass(frozen=True)
class EventFile:
    """A table of events that was understood: where it is and what its columns are."""

    source: Source
    head: Head
    layout: Layout

    @property
    def name(self) -> str:
        """As problems name it: the file, and the table of an archive."""
        return self.source.name


def files_of(paths: Path | Sequence[Path]) -> list[EventFile]:
    """The tables of these files with their layouts.

    Raises
    ------
    ImportRefusal
        A file that is no table of events that is known; all such files together, and none is read.
    """
    files: list[EventFile] = []
    problems: list[Problem] = []
    for path in [paths] if isinstance(paths, Path) else paths:
        try:
            sources = sources_of(Path(path))
        except ImportRefusal as refusal:
            problems += refusal.problems
            continue
        for source in sources:
            try:
                head = head_of(source)
                sample = sample_of(source.name, head.lines)
                layout = layout_of(sample)
                notes = (*layout.notes, *_other_goldstein(sample, layout))
                files.append(EventFile(source, head, replace(layout, notes=notes)))
            except ImportRefusal as refusal:
                problems += refusal.problems
    if problems:
        raise ImportRefusal(problems)
    return files


def layout_of(sample: Sample) -> Layout:
    """The layout of a table by its first rows.

    Raises
    ------
    ImportRefusal
        None that is known, or another table of a known publisher.
    """
    for recognize in PUBLISHERS:
        layout = recognize(sample)
        if layout is not None:
            return layout
    cells = ", ".join(cell[:30] for cell in sample.rows[0][:MOST_CELLS])
    params = {"columns": sample.width, "cells": cells}
    raise ImportRefusal([Problem("events-not-known", sample.name, row=1, params=params)])


def _other_goldstein(sample: Sample, layout: Layout) -> list[Problem]:
    """The codes of the sample beside which another Goldstein value is printed than the table of the source has."""
    if layout.scale is None or "goldstein" not in layout.columns:
        return []
    code_place, value_place = layout.columns["code"], layout.columns["goldstein"]
    differing: dict[str, str] = {}
    for row in sample.rows[int(layout.has_header) :]:
        if len(row) != sample.width:
            continue
        found = event_code(row[code_place], layout.code_list, layout.scale)
        try:
            printed = float(row[value_place])
        except ValueError:
            continue
        if (
            found.code is not None
            and found.goldstein is not None
            and abs(printed - found.goldstein) > GOLDSTEIN_ROUNDING
        ):
            differing[found.code] = f"{found.code}: {printed:g} ({found.goldstein:g})"
    if not differing:
        return []
    params = {"codes": ", ".join(differing.values())}
    return [Problem("events-goldstein-differs", sample.name, params=params)]
