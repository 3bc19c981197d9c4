"""The graph against small graphs whose measures are known, and against counts made by hand."""

from collections import deque
from datetime import date
from itertools import combinations

import pytest

from confianza.cooperation.alumni.network import Attendance, Tie, ties
from confianza.evidence.relationships import brokers, growth, relationship_graph
from tests.cooperation.test_alumni import at, random_attendances


def tie(one, other, parties=("BN", "BN")):
    return Tie((one, other), parties, date(2012, 1, 1), 10, 0, ("IADC",))


def test_the_middle_of_a_path_of_three_stands_between_the_one_pair():
    graph = relationship_graph(
        {"a": "BN", "b": "US", "c": "BN"}, [tie("a", "b", ("BN", "US")), tie("b", "c", ("US", "BN"))]
    )
    assert [
        (item.person, item.tie_count, item.between_countries_count, item.betweenness)
        for item in brokers(graph)
    ] == [
        ("b", 2, 2, 1.0),
        ("a", 1, 1, 0.0),
        ("c", 1, 1, 0.0),
    ]


def test_the_hub_of_a_star_stands_between_everyone_and_nobody_in_a_ring_of_three():
    star = relationship_graph(dict.fromkeys("hxyz", "BN"), [tie("h", leaf) for leaf in "xyz"])
    assert brokers(star)[0].betweenness == 1.0
    ring = relationship_graph(dict.fromkeys("xyz", "BN"), [tie(*pair) for pair in combinations("xyz", 2)])
    assert {item.betweenness for item in brokers(ring)} == {0.0}


def shortest_paths(edges, start):
    """Distance and number of shortest paths from one person, by breadth."""
    distance, count, queue = {start: 0}, {start: 1}, deque([start])
    while queue:
        here = queue.popleft()
        for there in edges[here]:
            if there not in distance:
                distance[there], count[there] = distance[here] + 1, 0
                queue.append(there)
            if distance[there] == distance[here] + 1:
                count[there] += count[here]
    return distance, count


@pytest.mark.parametrize("seed", range(5))
def test_betweenness_is_that_of_all_shortest_paths_counted(seed):
    everyone = [item for item in random_attendances(seed) if item.start_date < date(2010, 5, 1)]
    found = ties(everyone)
    graph = relationship_graph({item.person: item.party for item in everyone}, found)
    edges = {person: set() for person in graph}
    for one, other in (item.pair for item in found):
        edges[one].add(other)
        edges[other].add(one)
    paths = {person: shortest_paths(edges, person) for person in edges}
    count = len(edges)
    for broker in brokers(graph):
        total = 0.0
        for s, t in combinations(edges, 2):
            v = broker.person
            if v in (s, t) or t not in paths[s][0] or v not in paths[s][0]:
                continue
            if paths[s][0][v] + paths[v][0].get(t, 10**9) == paths[s][0][t]:
                total += paths[s][1][v] * paths[v][1][t] / paths[s][1][t]
        assert broker.betweenness == pytest.approx(2 * total / ((count - 1) * (count - 2)))
        assert broker.tie_count == len(edges[broker.person])


@pytest.mark.parametrize("seed", range(5))
def test_growth_is_the_graph_of_each_year_counted_anew(seed):
    everyone = list(random_attendances(seed))
    found = growth(everyone, ties(everyone), date(2011, 12, 31))
    assert [year.year for year in found] == [2010, 2011]
    for year in found:
        begun = [item for item in everyone if item.start_date <= date(year.year, 12, 31)]
        people = {item.person for item in begun}
        pairs = {
            tuple(sorted((one.person, other.person))): one.party != other.party
            for one, other in combinations(begun, 2)
            if one.person != other.person
            and one.school_code == other.school_code
            and max(one.start_date, other.start_date)
            <= min(one.end_date, other.end_date, date(year.year, 12, 31))
        }
        group = {person: {person} for person in people}
        for one, other in pairs:
            joined = group[one] | group[other]
            group.update(dict.fromkeys(joined, joined))
        groups = {frozenset(members) for members in group.values()}
        assert year.person_count == len(people)
        assert year.tie_count == len(pairs)
        assert year.between_countries_count == sum(pairs.values())
        assert year.density == pytest.approx(2 * len(pairs) / (len(people) * (len(people) - 1)))
        assert year.component_count == len(groups)
        assert year.largest_share == pytest.approx(max(map(len, groups)) / len(people))


def test_one_person_has_no_density():
    (year,) = growth([at("ana", "IADC", "2012-01-10", "2012-01-20")], [], date(2012, 12, 31))
    assert (year.person_count, year.tie_count, year.density, year.component_count) == (1, 0, None, 1)
    assert growth([], [], date(2012, 12, 31)) == []


def test_no_year_is_told_beyond_the_day_asked():
    items: list[Attendance] = [
        at("ana", "IADC", "2011-01-10", "2011-01-20"),
        at("bo", "IADC", "2012-07-01", "2012-07-02"),
    ]
    assert [(y.year, y.person_count) for y in growth(items, [], date(2012, 6, 30))] == [(2011, 1), (2012, 1)]
