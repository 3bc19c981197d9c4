"""Conformance of a recorded history beside pm4py's token replay of the same log on the same diagram.

pm4py is AGPL: a tool of the developers here, never a dependency of the product. It replays the order of the tasks; ours
also judges who acted, what was taken back, and clocks and deadlines.
"""

import contextlib
import io
import os
import tempfile
from datetime import timedelta
from pathlib import Path

from benchmarks.timing import Row, best_of
from confianza.cooperation.cases.conformance import LogEvent, conform
from confianza.cooperation.cases.editions import edition_of
from confianza.reports.bpmn import path_steps, write_bpmn
from confianza.reports.event_log import write_xes
from tests.cooperation.manual_case import walked

CASES = 1_000
EDITION = "samm-2012-legacy"


def run() -> list[Row]:
    import pm4py

    edition = edition_of(EDITION)
    path = path_steps(edition)
    names = {
        step.id: step.name.en + (f" ({step.milestone})" if step.milestone else "") for step in path.values()
    }
    records = [record for record in walked(None, edition).records if record.step in path]
    events = [
        LogEvent(
            f"{number:05}", record.step, record.on + timedelta(days=number % 30), record.actor.role, "D1"
        )
        for number in range(CASES)
        for record in records
    ]
    named = [LogEvent(event.case, names[event.activity], event.on) for event in events]
    os.environ["TQDM_DISABLE"] = "1"
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(io.StringIO()):
        diagram, log = Path(folder) / "process.bpmn", Path(folder) / "log.xes"
        diagram.write_text(write_bpmn(edition), encoding="utf-8")
        with log.open("w", encoding="utf-8") as file:
            write_xes(named, file)
        net = pm4py.convert_to_petri_net(pm4py.read_bpmn(str(diagram)))
        table = pm4py.read_xes(str(log))
        ours, peer = best_of(
            3,
            lambda: conform(events, edition),
            lambda: pm4py.conformance_diagnostics_token_based_replay(table, *net),
        )
    count = len(events)
    return [
        Row(
            f"{CASES:,} cases, {count:,} events",
            ours,
            peer,
            f"{count / ours:,.0f} events/s",
            f"pm4py token replay {count / peer:,.0f} events/s",
        )
    ]
