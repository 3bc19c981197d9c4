"""GDELT's event files, 1.0 and 2.0: 57, 58 or 61 columns without a header, by tab; and what people made of them.

Columns are found by what stands in them, since the header of a saved copy may be wrong, moved, or not there, and columns
may have been added on either side. What is known besides: counts by year, actors and code (`\\x01` between columns),
the reduced file, tables by pair and year, and the layout of 2007 that has no classes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from confianza.errors import ImportRefusal, Problem
from confianza.evidence.sources.events.layouts import MISSING, Layout, Sample, date_form, places

ID = re.compile(r"\d{1,10}(?:\.0)?")
ACTOR = re.compile(r"[A-Za-z]{3}[A-Za-z0-9]{0,24}")
CODE = re.compile(r"\d{2,4}|---")
QUAD = re.compile(r"[1-4](?:\.0)?")
STAMP = re.compile(r"\d{14}(?:\.0)?|\d(?:[.,]\d+)?E\+?\d+", re.IGNORECASE)
DAY = re.compile(r"\d{8}|\d{4}-\d\d-\d\d")
ADDRESS = re.compile(r"[A-Za-z][.:/]")
PLACE_OF_DAY, PLACE_OF_STAMP = 56, 59  # of DATEADDED in 1.0 and 2.0
NAMES = {
    "event_id": ("globaleventid",),
    "date": ("sqldate", "dateevent", "date", "eventdate", "day"),
    "source": ("actor1code", "actor1countrycode", "source"),
    "target": ("actor2code", "actor2countrycode", "target"),
    "code": ("eventcode", "cameocode"),
    "goldstein": ("goldsteinscale", "goldstein"),
    "mentions": ("nummentions",),
    "count": ("numevents",),
    "file_date": ("dateadded",),
    "address": ("sourceurl",),
}
OFFSETS = {"event_id": 0, "date": 1, "source": 5, "target": 15, "code": 26, "goldstein": 30, "mentions": 31}
HEADERS = {0: "globaleventid", 1: "sqldate", 5: "actor1code", 15: "actor2code", 26: "eventcode"}
KNOWN_SPELLINGS = {"day": "sqldate", "dateevent": "sqldate"}


def recognize(sample: Sample) -> Layout | None:
    """The layout of a file of GDELT; None when it is none.

    Raises
    ------
    ImportRefusal
        It is another table of GDELT: mentions, or the knowledge graph.
    """
    _refuse_others(sample)
    return _by_content(sample) or _counts(sample) or _pair_years(sample) or _by_header(sample)


def _refuse_others(sample: Sample) -> None:
    first = sample.rows[-1]
    kind = None
    if (
        sample.width == 16
        and all(STAMP.fullmatch(first[place]) for place in (1, 2))
        and ID.fullmatch(first[0])
    ):
        kind = "GDELT 2.0 mentions"
    elif (
        sample.width in {11, 27}
        and re.fullmatch(r"\d{14}-T?\d+|\d{8}", first[0])
        and sample.separator == "\t"
    ):
        kind = "GDELT knowledge graph"
    if kind:
        raise ImportRefusal([Problem("events-other-table", sample.name, params={"kind": kind})])


def _is_event(row: Sequence[str], start: int) -> bool:
    if len(row) < start + 57:
        return False
    day = row[start + 1].replace("-", "")
    return bool(
        ID.fullmatch(row[start])
        and DAY.fullmatch(row[start + 1])
        and row[start + 2] == day[:6]
        and row[start + 3] == day[:4]
        and (row[start + 5] in MISSING or ACTOR.fullmatch(row[start + 5]))
        and (row[start + 15] in MISSING or ACTOR.fullmatch(row[start + 15]))
        and (CODE.fullmatch(row[start + 26]) or row[start + 26] in MISSING)
        and (QUAD.fullmatch(row[start + 29]) or row[start + 29] in MISSING)
    )


def _by_content(sample: Sample) -> Layout | None:
    for start in (0, 1, 2):
        good = [row for row in sample.rows if _is_event(row, start)]
        if not good or len(good) < (len(sample.rows) - 1) / 2:
            continue
        stamps = {
            place: sum(
                len(row) > start + place and bool(pattern.fullmatch(row[start + place].strip()))
                for row in good
            )
            for place, pattern in ((PLACE_OF_DAY, DAY), (PLACE_OF_STAMP, STAMP))
        }
        place = max(stamps, key=lambda key: stamps[key])
        if stamps[place] < len(good) / 2:
            continue
        return _layout(sample, start, place, good)
    return None


def _layout(sample: Sample, start: int, place: int, good: Sequence[Sequence[str]]) -> Layout:
    width = Counter(map(len, good)).most_common(1)[0][0]
    columns = {name: start + offset for name, offset in OFFSETS.items()} | {"file_date": start + place}
    if place == PLACE_OF_DAY and width == start + place + 1:
        width += 1  # rows of before and after April 2013, when the address was added, may stand in one file
    addresses = [row[start + place + 1] for row in good if len(row) > start + place + 1]
    if width > start + place + 1 and (not addresses or any(map(ADDRESS.search, addresses))):
        columns["address"] = start + place + 1
    has_header = not _is_event(sample.rows[0], start) and not sample.rows[0][start].strip().isdecimal()
    notes = []
    if has_header:
        names = sample.header
        wrong = [
            f"{sample.rows[0][start + offset]} ({start + offset + 1})"
            for offset, name in HEADERS.items()
            if len(names) > start + offset
            and KNOWN_SPELLINGS.get(names[start + offset], names[start + offset])
            not in (name, name.replace("globaleventid", "eventid"))
        ]
        if wrong:
            params = {"names": ", ".join(wrong)}
            notes.append(Problem("events-header-differs", sample.name, row=1, params=params))
    version = 1 if place == PLACE_OF_DAY else 2
    days = [row[start + 1] for row in good]
    return sample.layout(
        f"gdelt-{version}",
        publisher="gdelt",
        has_header=has_header,
        width=width,
        columns=columns,
        scale="gdelt",
        date_form=date_form(days) or "%Y%m%d",
        last=start + place,
        notes=tuple(notes),
    )


def _counts(sample: Sample) -> Layout | None:
    """Year, actor, actor, code, base, root, Goldstein, count: as a sum over the archive is written."""
    good = [
        row
        for row in sample.rows
        if len(row) == 8
        and re.fullmatch(r"(?:19|20)\d\d", row[0])
        and CODE.fullmatch(row[3])
        and row[3].startswith(row[5])
        and row[7].isdecimal()
    ]
    if len(good) < (len(sample.rows) - 1) / 2 or not good:
        return None
    columns = {"date": 0, "source": 1, "target": 2, "code": 3, "goldstein": 6, "count": 7}
    return sample.layout(
        "gdelt-counts-by-year",
        publisher="gdelt",
        has_header=sample.rows[0] not in good,
        width=8,
        columns=columns,
        scale="gdelt",
        date_form="%Y",
        last=7,
        is_by_year=True,
    )


def _pair_years(sample: Sample) -> Layout | None:
    header = sample.header
    names = {
        "date": "sqldate",
        "source": "actor1countrycode",
        "target": "actor2countrycode",
        "events": "numberofrowsbetweencountries",
    }
    if not set(names.values()) <= set(header):
        return None
    columns = {name: header.index(spelling) for name, spelling in names.items()}
    count = columns.pop("events")
    return sample.layout(
        "gdelt-layout-of-2007",
        has_header=True,
        columns=columns,
        counts={"events": [count]},
        last=count,
        is_by_year=True,
        notes=(Problem("events-layout-of-2007", sample.name, row=1),),
    )


def _by_header(sample: Sample) -> Layout | None:
    """A copy with some of the columns, by the names of GDELT in its header."""
    header = sample.header
    columns = places(header, NAMES)
    if not {"date", "source", "target", "code"} <= set(columns) or not {
        "sqldate",
        "cameocode",
        "globaleventid",
    } & set(header):
        return None
    if not any(name in header for name in ("actor1code", "actor1countrycode", "quadclass")):
        return None
    form = date_form(sample.column(columns["date"]))
    if form is None:
        return None
    return sample.layout(
        "gdelt-columns",
        publisher="gdelt",
        has_header=True,
        columns=columns,
        scale="gdelt",
        date_form=form,
        last=max(columns["date"], columns["code"]),
        is_by_year=form == "%Y",
    )
