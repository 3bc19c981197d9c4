"""Conformance of a recorded history beside pm4py's token replay of the same log on the same model.

pm4py is AGPL: a tool of the developers here, never a dependency of the product. The model is the order of the steps
that every case takes once; each step waits for the steps before it, so a Petri net of it has a place for each such
pair. Before anything is timed the two must agree, case by case, on which histories keep the order: some have a step
left out or two exchanged. Ours also judges who acted, what was taken back, clocks and deadlines.
"""

import contextlib
import io
import os
import random
import sys
from dataclasses import replace
from datetime import date, timedelta

from benchmarks.timing import Row, best_of, size
from confianza.cooperation.cases.conformance import DeviationKind, LogEvent, conform
from confianza.cooperation.cases.editions import edition_of
from confianza.cooperation.process.rulebook import Edition
from tests.cooperation.manual_case import walked

CASES = size(1_000, 30)
EDITION = "samm-2012-legacy"
ORDER = {DeviationKind.SKIPPED, DeviationKind.OUT_OF_ORDER}


def once_each(edition: Edition) -> Edition:
    """The edition cut to the steps that every case takes once."""
    kept = {
        step.id: step
        for step in edition.steps.values()
        if not step.repeats and not step.is_optional and not step.resets
    }
    steps = {
        key: replace(step, after=tuple(earlier for earlier in step.after if earlier in kept))
        for key, step in kept.items()
    }
    return replace(edition, steps=steps, clocks=(), deadlines=())


def histories(edition: Edition) -> list[LogEvent]:
    """Many cases in order; of every three, one with a step left out and one with two exchanged."""
    random.seed(1)
    records = [record for record in walked(None, edition_of(EDITION)).records if record.step in edition.steps]
    events = []
    for number in range(CASES):
        steps = [record.step for record in records]
        if number % 3 == 1:
            steps.pop(random.randrange(len(steps)))
        elif number % 3 == 2:
            first, second = random.sample(range(len(steps)), 2)
            steps[first], steps[second] = steps[second], steps[first]
        start = records[0].on + timedelta(days=number % 30)
        events += [
            LogEvent(f"{number:05}", step, start + timedelta(days=day), row=day)
            for day, step in enumerate(steps)
        ]
    return events


def petri_net(edition: Edition):
    """The same order as a net of pm4py, with its first and last marking."""
    from pm4py.objects.petri_net.obj import Marking, PetriNet
    from pm4py.objects.petri_net.utils.petri_utils import add_arc_from_to

    net, initial = PetriNet(edition.id), Marking()
    transitions = {name: PetriNet.Transition(name, name) for name in edition.steps}
    net.transitions.update(transitions.values())

    def place(name: str) -> PetriNet.Place:
        found = PetriNet.Place(name)
        net.places.add(found)
        return found

    for name, step in edition.steps.items():
        for earlier in step.after:
            between = place(f"{earlier} {name}")
            add_arc_from_to(transitions[earlier], between, net)
            add_arc_from_to(between, transitions[name], net)
        if not step.after:
            source = place(f"before {name}")
            initial[source] = 1
            add_arc_from_to(source, transitions[name], net)
    return net, initial, Marking()  # a history may stop anywhere


def run() -> list[Row]:
    try:
        import pandas
        import pm4py
    except ImportError:
        print("conformance: pm4py is not installed, so no peer.", file=sys.stderr)
        return []

    edition = once_each(edition_of(EDITION))
    events, net = histories(edition), petri_net(edition)
    table = pandas.DataFrame(
        {
            "case:concept:name": [event.case for event in events],
            "concept:name": [event.activity for event in events],
            "time:timestamp": pandas.to_datetime([event.on for event in events], utc=True),
        }
    )
    os.environ["TQDM_DISABLE"] = "1"
    with contextlib.redirect_stderr(io.StringIO()):
        replayed = pm4py.conformance_diagnostics_token_based_replay(table, *net)
        theirs = {
            case
            for case, trace in zip(sorted(set(table["case:concept:name"])), replayed, strict=True)
            if trace["missing_tokens"]
        }
        found = {item.case for item in conform(events, edition, today=date.max) if item.kind in ORDER}
        if found != theirs:
            raise AssertionError(f"the two disagree on {len(found ^ theirs)} of {CASES} cases")
        ours, peer = best_of(
            3,
            lambda: conform(events, edition, today=date.max),
            lambda: pm4py.conformance_diagnostics_token_based_replay(table, *net),
        )
    count = len(events)
    return [
        Row(
            f"{CASES:,} cases, {len(found)} out of order by both",
            ours,
            peer,
            f"{count / ours:,.0f} events/s",
            f"pm4py token replay {count / peer:,.0f} events/s",
        )
    ]
