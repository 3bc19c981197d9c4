"""The graph of who studied with whom: its size, how it hangs together, who stands between the two sides, its growth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import networkx as nx

from confianza.cooperation.alumni.network import Attendance, Tie

MOST_STEPS = 5_000_000  # people times ties up to which betweenness takes less than a second


@dataclass(frozen=True)
class GraphYear:
    """The graph at the end of a year; shares are of 0-1."""

    year: int
    person_count: int
    tie_count: int
    between_countries_count: int
    density: float | None  # ties of all that could be; None with fewer than two people
    component_count: int  # groups without a tie to another
    largest_share: float | None  # of the people, in the largest group


@dataclass(frozen=True)
class Broker:
    """A person with the number of people tied to, of them in another country, and betweenness (0-1).

    betweenness(v) = mean over pairs (s, t) of the share of shortest paths from s to t that pass through v
    """

    person: str
    tie_count: int
    between_countries_count: int
    betweenness: float | None


def relationship_graph(parties: Mapping[str, str], ties: Iterable[Tie]) -> nx.Graph:
    """People as nodes with `party`, ties as edges with `overlap_days`."""
    graph = nx.Graph()
    graph.add_nodes_from((person, {"party": party}) for person, party in sorted(parties.items()))
    graph.add_edges_from(
        (*tie.pair, {"overlap_days": tie.overlap_days, "between": tie.is_between_countries}) for tie in ties
    )
    return graph


def growth(attendances: Sequence[Attendance], ties: Sequence[Tie], until: date) -> list[GraphYear]:
    """The graph at the end of each year from the first attendance to that of `until`.

    A person belongs to it from the first day at a school, a tie from the first day together.
    """
    begun: dict[str, date] = {}
    for item in attendances:
        begun[item.person] = min(item.start_date, begun.get(item.person, item.start_date))
    if not begun:
        return []
    people = sorted((day, person) for person, day in begun.items())
    waiting = sorted(ties, key=lambda tie: tie.met_on)
    graph, graph_years, person_place, tie_place = nx.Graph(), [], 0, 0
    for year in range(people[0][0].year, until.year + 1):
        last = min(date(year, 12, 31), until)
        while person_place < len(people) and people[person_place][0] <= last:
            graph.add_node(people[person_place][1])
            person_place += 1
        while tie_place < len(waiting) and waiting[tie_place].met_on <= last:
            tie = waiting[tie_place]
            graph.add_edge(*tie.pair, between=tie.is_between_countries)
            tie_place += 1
        count = graph.number_of_nodes()
        groups = [len(group) for group in nx.connected_components(graph)]
        graph_years.append(
            GraphYear(
                year=year,
                person_count=count,
                tie_count=graph.number_of_edges(),
                between_countries_count=sum(between for *_, between in graph.edges(data="between")),
                density=nx.density(graph) if count > 1 else None,
                component_count=len(groups),
                largest_share=max(groups) / count if count else None,
            )
        )
    return graph_years


def brokers(graph: nx.Graph) -> list[Broker]:
    """Everyone with a tie, those who stand between most others first; by ties where the graph is too large for that."""
    is_small = graph.number_of_nodes() * graph.number_of_edges() <= MOST_STEPS
    betweenness = nx.betweenness_centrality(graph) if is_small else {}
    people = [
        Broker(
            person,
            degree,
            sum(abroad for *_, abroad in graph.edges(person, data="between")),
            betweenness.get(person),
        )
        for person, degree in graph.degree
        if degree
    ]
    return sorted(people, key=lambda item: (-(item.betweenness or 0.0), -item.tie_count, item.person))
