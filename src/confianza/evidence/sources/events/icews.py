"""ICEWS: the event tables of the Dataverse, names with relations, and tables by pair and year or month."""

from __future__ import annotations

import re
from collections.abc import Sequence

from confianza.evidence.sources.events.codes import CLASSES, icews_texts
from confianza.evidence.sources.events.layouts import Layout, Sample, date_form, places

NAMES = {
    "event_id": ("eventid",),
    "date": ("eventdate",),
    "source": ("sourcename",),
    "source_sectors": ("sourcesectors",),
    "source_country": ("sourcecountry",),
    "code": ("cameocode",),
    "goldstein": ("intensity",),
    "target": ("targetname",),
    "target_sectors": ("targetsectors",),
    "target_country": ("targetcountry",),
    "address": ("storyid",),
}
PLACES = {
    "event_id": 0,
    "date": 1,
    "source": 2,
    "source_sectors": 3,
    "source_country": 4,
    "code": 6,
    "goldstein": 7,
    "target": 8,
    "target_sectors": 9,
    "target_country": 10,
    "address": 11,
}
NEEDED = {"date", "source", "source_country", "code", "target", "target_country"}
ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")
CODE = re.compile(r"\d{2,4}")
YEARLY = ("verbcoop", "matlcoop", "verbconf", "matlconf")
ROOTS = {  # columns event1 to event20 by class
    CLASSES[0]: range(1, 6),
    CLASSES[1]: range(6, 10),
    CLASSES[2]: range(10, 15),
    CLASSES[3]: range(15, 21),
}


def recognize(sample: Sample) -> Layout | None:
    """The layout of a file of ICEWS; None when it is none."""
    return _events(sample) or _relations(sample) or _pair_years(sample) or _pair_months(sample)


def _events(sample: Sample) -> Layout | None:
    columns = places(sample.header, NAMES)
    has_header = set(columns) >= NEEDED
    if not has_header:
        if sample.width != 20:
            return None
        columns = dict(PLACES)
    rows = sample.rows[1:] if has_header else sample.rows
    good = [row for row in rows if _is_event(row, columns["date"], columns["code"])]
    if (rows and len(good) < len(rows) / 2) or not (rows or has_header):
        return None
    return sample.layout(
        "icews",
        has_header=has_header,
        columns=columns,
        actors="icews",
        scale="icews",
        date_form=date_form([row[columns["date"]] for row in good]) or "%Y-%m-%d",
    )


def _is_event(row: Sequence[str], day: int, code: int) -> bool:
    return (
        len(row) > max(day, code)
        and date_form([row[day]]) is not None
        and (CODE.fullmatch(row[code]) is not None or row[code].strip() in {"", "NA", "---"})
    )


def _relations(sample: Sample) -> Layout | None:
    """Day, actor, event text, actor."""
    columns = places(
        sample.header,
        {
            "date": ("date", "eventdate"),
            "source": ("source", "sourcename"),
            "code": ("relation", "eventtext"),
            "target": ("target", "targetname"),
        },
    )
    has_header = len(columns) == 4
    if not has_header:
        if sample.width != 4:
            return None
        columns = {"date": 0, "source": 1, "code": 2, "target": 3}
    texts = sample.column(columns["code"], skip=int(has_header))
    known = sum(text.casefold() in icews_texts() for text in texts)
    if not texts or known < len(texts) / 2:
        return None
    return sample.layout(
        "icews-relations",
        publisher="icews",
        has_header=has_header,
        columns=columns,
        actors="icews-name",
        code_list="icews-text",
        scale="icews",
        date_form=date_form(sample.column(columns["date"], skip=int(has_header))) or "%Y-%m-%d",
    )


def _pair_years(sample: Sample) -> Layout | None:
    header = sample.header
    columns = places(
        header,
        {
            "date": ("year",),
            "source": ("iiso3c", "sourceiso3", "iso3source"),
            "target": ("jiso3c", "targetiso3", "iso3target"),
        },
    )
    if len(columns) < 3 or not set(YEARLY) <= set(header):
        return None
    return sample.layout(
        "icews-pair-years",
        has_header=True,
        columns=columns,
        actors="text",
        date_form="%Y",
        last=max(header.index(name) for name in YEARLY),
        counts={name: [header.index(column)] for name, column in zip(CLASSES, YEARLY, strict=True)},
        is_by_year=True,
    )


def _pair_months(sample: Sample) -> Layout | None:
    """Counts by root of CAMEO, countries by their abbreviations of the Correlates of War project."""
    header = sample.header
    columns = places(
        header, {"source": ("source",), "target": ("target",), "date": ("year",), "month": ("month",)}
    )
    if len(columns) < 4 or not {f"event{root}" for root in range(1, 21)} <= set(header):
        return None
    return sample.layout(
        "icews-pair-months",
        has_header=True,
        columns=columns,
        actors="cow",
        date_form="%Y",
        last=header.index("event20"),
        counts={name: [header.index(f"event{root}") for root in roots] for name, roots in ROOTS.items()},
    )
