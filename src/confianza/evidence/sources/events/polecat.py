"""POLECAT, coded by PLOVER: by the column names that its publishers and readers print.

No real file was to be had, so nothing here has met one: columns are found by name, in any order.
"""

from __future__ import annotations

from confianza.evidence.sources.events.layouts import Layout, Sample, date_form, places

NAMES = {
    "event_id": ("eventid",),
    "date": ("eventdate",),
    "code": ("eventtype",),
    "mode": ("eventmode",),
    "goldstein": ("intensity", "eventintensity"),
    "source": ("actorname",),
    "source_country": ("actorcountry",),
    "source_sectors": ("primaryactorsector", "actorsectors"),
    "target": ("recipientname",),
    "target_country": ("recipientcountry",),
    "target_sectors": ("primaryrecipientsector", "recipientsectors"),
    "file_date": ("publicationdate",),
}
NEEDED = {"date", "code", "source_country", "target_country"}


def recognize(sample: Sample) -> Layout | None:
    """The layout of a file of POLECAT; None when its header has not the columns."""
    columns = places(sample.header, NAMES)
    if not set(columns) >= NEEDED:
        return None
    columns.setdefault("source", columns["source_country"])
    columns.setdefault("target", columns["target_country"])
    return sample.layout(
        "polecat",
        has_header=True,
        columns=columns,
        actors="polecat",
        code_list="plover",
        date_form=date_form(sample.column(columns["date"])) or "%Y-%m-%d",
        last=max(columns[name] for name in NEEDED),
    )
