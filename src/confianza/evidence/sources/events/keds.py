"""Files of the Kansas Event Data System and its followers: day, source, target, code of CAMEO or, before it, of WEIS.

Both write three digits, and some codes are in both lists with another meaning; the whole sample tells which list it is.
"""

from __future__ import annotations

import re

from confianza.evidence.sources.events.codes import event_code
from confianza.evidence.sources.events.layouts import Layout, Sample, date_form, places

ACTOR = re.compile(r"[A-Z]{3,24}|---")
CODE = re.compile(r"\d{2,4}|---")


def recognize(sample: Sample) -> Layout | None:
    """The layout of such a file, with a header or without; None when it is none."""
    columns = places(
        sample.header,
        {"date": ("date",), "source": ("source",), "target": ("target",), "code": ("code", "event")},
    )
    has_header = len(columns) == 4
    if not has_header:
        columns = {"date": 0, "source": 1, "target": 2, "code": 3}
    skip = int(has_header)
    if sample.width < 4:
        return None
    form = date_form(sample.column(columns["date"], skip=skip))
    actors = sample.column(columns["source"], skip=skip) + sample.column(columns["target"], skip=skip)
    codes = sample.column(columns["code"], skip=skip)
    if (
        form is None
        or not codes
        or not _mostly(ACTOR, actors)
        or not _mostly(CODE, codes)
        or not any(len(actor) > 3 for actor in actors)
    ):
        return None
    unknown = {
        code_list: sum(event_code(code, code_list).code is None for code in codes)
        for code_list in ("cameo", "weis")
    }
    code_list = "weis" if unknown["weis"] < unknown["cameo"] else "cameo"
    return sample.layout(
        f"keds-{code_list}",
        publisher="keds",
        has_header=has_header,
        columns=columns,
        actors="code" if code_list == "cameo" else "weis",
        code_list=code_list,
        scale="keds" if code_list == "cameo" else None,
        date_form=form,
    )


def _mostly(pattern: re.Pattern[str], cells: list[str]) -> bool:
    return bool(cells) and sum(bool(pattern.fullmatch(cell)) for cell in cells) >= 0.8 * len(cells)
