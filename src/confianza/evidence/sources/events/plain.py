"""Plain tables of events: a header with day, source, target and code, in any order and among any other columns."""

from __future__ import annotations

from confianza.errors import ImportRefusal, Problem
from confianza.evidence.sources.events.codes import PLOVER, event_code
from confianza.evidence.sources.events.layouts import Layout, Sample, date_form, places

NAMES = {
    "date": ("date", "eventdate", "day", "sqldate"),
    "source": ("source", "sourceiso3", "sourcecountry", "actor", "actor1", "actor1code", "from", "sender"),
    "target": (
        "target",
        "targetiso3",
        "targetcountry",
        "recipient",
        "actor2",
        "actor2code",
        "to",
        "receiver",
    ),
    "code": ("code", "eventcode", "cameo", "cameocode", "event", "eventtype"),
    "source_sectors": ("sourcerole", "actor1role", "sourcesector"),
    "target_sectors": ("targetrole", "actor2role", "targetsector"),
    "event_id": ("id", "eventid"),
    "address": ("address", "url", "sourceurl"),
    "mentions": ("mentions", "nummentions"),
    "goldstein": ("goldstein", "goldsteinscale", "intensity"),
    "file_date": ("filedate", "dateadded"),
}
NEEDED = ("date", "source", "target", "code")


def recognize(sample: Sample) -> Layout | None:
    """The layout of a table with these columns; None when it lacks one.

    Raises
    ------
    ImportRefusal
        The columns are there, but the days cannot be told (`03/04/2015`).
    """
    columns = places(sample.header, NAMES)
    if not set(columns) >= set(NEEDED):
        return None
    days = sample.column(columns["date"])
    form = date_form(days)
    if form is None or form == "%Y":
        params = {"value": days[0] if days else ""}
        raise ImportRefusal(
            [Problem("events-days", sample.name, row=2, field=sample.rows[0][columns["date"]], params=params)]
        )
    codes = sample.column(columns["code"])
    code_list = "plover" if sum(code.upper() in PLOVER for code in codes) > len(codes) / 2 else "cameo"
    if code_list == "cameo" and sum(event_code(code, "weis").code is not None for code in codes) == len(
        codes
    ):
        unknown = sum(event_code(code, "cameo").code is None for code in codes)
        code_list = "weis" if unknown else "cameo"
    return sample.layout(
        "plain",
        has_header=True,
        columns=columns,
        actors="text",
        code_list=code_list,
        date_form=form,
        has_roots=True,
    )
