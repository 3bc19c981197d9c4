"""Charts as Vega-Lite, made once: for pages (SVG), notebooks (Altair) and documents.

Every chart takes plain records, a language and a width in pixels; `opens` gives the address that a mark opens.
Colors are Okabe and Ito's, safe for color-blind readers, and never the only mark: lines differ by dash, acts by shape,
bars by their labels.
"""

from confianza.reports.charts.base import NARROW, WIDE, Opens, locale, to_spec, to_svg, to_vega
from confianza.reports.charts.events import EventYear, events_chart
from confianza.reports.charts.force_profile import indicator_chart
from confianza.reports.charts.money import money_chart
from confianza.reports.charts.pair_series import Line, series_chart
from confianza.reports.charts.places import Point, places_map
from confianza.reports.charts.relationship import LevelSpan, Mark, relationship_chart
from confianza.reports.charts.training import (
    Amount,
    SharePoint,
    amounts_chart,
    growth_chart,
    policy_chart,
    seats_chart,
    share_chart,
    students_chart,
    years_chart,
)
from confianza.reports.charts.trust import trust_chart

__all__ = [
    "NARROW",
    "WIDE",
    "Amount",
    "EventYear",
    "LevelSpan",
    "Line",
    "Mark",
    "Opens",
    "Point",
    "SharePoint",
    "amounts_chart",
    "events_chart",
    "growth_chart",
    "indicator_chart",
    "locale",
    "money_chart",
    "places_map",
    "policy_chart",
    "relationship_chart",
    "seats_chart",
    "series_chart",
    "share_chart",
    "students_chart",
    "to_spec",
    "to_svg",
    "to_vega",
    "trust_chart",
    "years_chart",
]
