"""National Material Capabilities as indicators of the force profile: population, personnel and expenditure by year.

They stand in where neither the World Bank's nor SIPRI's file is at hand.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path

from confianza.cooperation.sources import Reference
from confianza.errors import ImportRefusal, Problem
from confianza.evidence.indicators import IndicatorFile, Observation, Status
from confianza.evidence.series import SHIPPED, SeriesFile
from confianza.evidence.sources.series import read_series

SOURCE = "cow-nmc"
FIRST_SHIPPED = 1949  # as SIPRI's workbook
INDICATORS = {
    "population-nmc": "population",
    "military-personnel-nmc": "personnel",
    "military-expenditure-nmc": "expenditure",
}


def read_capabilities(path: Path) -> IndicatorFile:
    """The figures of every state and year of the project's file.

    Raises
    ------
    ImportRefusal
        What the reader of its series refuses; `capabilities-layout` for a file of another source.
    """
    files = [file for file in read_series(path) if file.source == SOURCE]
    if not files:
        raise ImportRefusal([Problem("capabilities-layout", path.name)])
    return _indicators(files)


@cache
def packaged_capabilities() -> IndicatorFile:
    """The figures of the series that come with the package, from 1949 on as SIPRI's are."""
    with resources.as_file(resources.files("confianza.evidence").joinpath(SHIPPED)) as path:
        file = read_capabilities(path)
    points = tuple(point for point in file.observations if (point.year or 0) >= FIRST_SHIPPED)
    return replace(file, observations=points)


def _indicators(files: Iterable[SeriesFile]) -> IndicatorFile:
    files = list(files)
    points = [
        Observation(
            INDICATORS[key.measure],
            key.from_code,
            point.year,
            point.value,
            Reference(SOURCE, point.place),
            Status.MISSING if point.value is None else Status.GIVEN,
        )
        for file in files
        for key, series in file.series.items()
        if key.measure in INDICATORS
        for point in series
    ]
    return IndicatorFile(SOURCE, files[0].release, tuple(points), tuple(files[0].skipped))
