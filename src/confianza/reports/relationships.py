"""Who studied with whom as a picture (SVG) whose people are links.

The same graph gives the same picture: each group of people tied together is laid out by forces from a fixed start, and
the groups stand in rows, the largest first. A circle is a person of the partner, a square one of the host; a line
between the countries is drawn through, one within a country broken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from xml.sax.saxutils import quoteattr

import networkx as nx

from confianza.reports.charts.base import BLUE, GRAY, ORANGE, WIDE

MOST_DRAWN = 300  # people; more are no picture any more
MOST_NAMED = 60  # people whose names stand in the picture; of more they appear on pointing
PERSON_ROOM, MARGIN, MARK = 92.0, 46.0, 8.0
ALONE_ROOM = 104.0  # between people without a tie
SEED = 1


@dataclass(frozen=True)
class DrawnPerson:
    """A person of the picture: the words beside it, the description on pointing, where its link leads."""

    name: str
    description: str
    address: str
    is_host: bool
    is_marked: bool = False


def drawn_part(graph: nx.Graph) -> nx.Graph:
    """The graph, or of a large one the people with the most ties."""
    if graph.number_of_nodes() <= MOST_DRAWN:
        return graph
    first = sorted(graph, key=lambda person: (-graph.degree[person], person))[:MOST_DRAWN]
    return graph.subgraph(first)


def _group_places(graph: nx.Graph, width: float) -> tuple[dict[str, tuple[float, float]], float]:
    """Where each person stands, and how high the picture is."""
    groups = sorted(
        (sorted(group) for group in nx.connected_components(graph)), key=lambda group: (-len(group), group)
    )
    places: dict[str, tuple[float, float]] = {}
    left = top = row_height = 0.0
    for group in groups:
        side = ALONE_ROOM if len(group) == 1 else min(width, PERSON_ROOM * (1 + 1.15 * sqrt(len(group))))
        if left and left + side > width:
            left, top, row_height = 0.0, top + row_height, 0.0
        room = side - 2 * MARGIN
        ordered = nx.Graph()  # the layout depends on the order of people and ties
        ordered.add_nodes_from(group)
        ordered.add_edges_from(sorted(tuple(sorted(edge)) for edge in graph.subgraph(group).edges))
        spots = (
            {group[0]: (0.0, 0.0)}
            if len(group) == 1
            else nx.spring_layout(ordered, seed=SEED, iterations=200, k=2.2 / sqrt(len(group)))
        )
        for person, (x, y) in spots.items():
            places[person] = (left + MARGIN + room * (x + 1) / 2, top + MARGIN / 2 + room * (y + 1) / 2)
        height = 48.0 if len(group) == 1 else side - MARGIN
        left, row_height = left + side, max(row_height, height)
    return places, top + row_height


def _mark(person: DrawnPerson, x: float, y: float) -> str:
    color = ORANGE if person.is_host else BLUE
    ring = ' stroke="#1b2530" stroke-width="3"' if person.is_marked else ' stroke="#fff" stroke-width="1.5"'
    if person.is_host:
        return (
            f'<rect x="{x - MARK:.1f}" y="{y - MARK:.1f}" width="{2 * MARK:.0f}" height="{2 * MARK:.0f}" '
            f'fill="{color}"{ring}/>'
        )
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{MARK + 1:.0f}" fill="{color}"{ring}/>'


def _escaped(text: str) -> str:
    return quoteattr(text)[1:-1].replace('"', "&quot;")


def graph_svg(
    graph: nx.Graph, people: Mapping[str, DrawnPerson], title: str, *, zoom: float = 1, width: float = WIDE
) -> str:
    """The picture of a graph of at most `MOST_DRAWN` people, `zoom` times as large as its place."""
    places, height = _group_places(graph, width)
    has_names = graph.number_of_nodes() <= MOST_NAMED
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {max(height, 48):.0f}" '
        f'width="{zoom * width:.0f}" role="group" aria-label="{_escaped(title)}">'
    ]
    most = max((days for *_, days in graph.edges(data="overlap_days")), default=1)
    for one, other, data in sorted(graph.edges(data=True), key=lambda edge: tuple(sorted(edge[:2]))):
        (x1, y1), (x2, y2) = places[one], places[other]
        dash = "" if data["between"] else ' stroke-dasharray="4 4"'
        parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{GRAY}" '
            f'stroke-opacity="0.55" stroke-width="{1 + 4 * data["overlap_days"] / most:.1f}"{dash}/>'
        )
    for person in sorted(places):
        x, y = places[person]
        drawn = people[person]
        words = (
            f'<text x="{x:.1f}" y="{y + MARK + 13:.1f}" text-anchor="middle" font-size="11" fill="#1b2530" '
            f'stroke="#fff" stroke-width="3" paint-order="stroke">{_escaped(drawn.name)}</text>'
            if has_names or drawn.is_marked
            else ""
        )
        parts.append(
            f"<a href={quoteattr(drawn.address)} aria-label={quoteattr(drawn.description)}>"
            f"<title>{_escaped(drawn.description)}</title>{_mark(drawn, x, y)}{words}</a>"
        )
    return "".join([*parts, "</svg>"])
