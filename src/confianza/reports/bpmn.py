"""An edition of the process as a BPMN 2.0 diagram: a lane an office, a task a step, drawn so that viewers open it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from xml.etree import ElementTree as Xml

from confianza.cooperation.permissions import permission_table
from confianza.cooperation.process.rulebook import Edition, Step

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DD_DI = "http://www.omg.org/spec/DD/20100524/DI"
WIDTH, HEIGHT, GAP, MARGIN, ROUND = 130, 70, 80, 40, 36


def _tag(namespace: str, name: str) -> str:
    return f"{{{namespace}}}{name}"


def _columns(steps: Mapping[str, Step]) -> dict[str, int]:
    """The column of each step: one to the right of the last step it waits for."""
    columns: dict[str, int] = {}

    def column(step: str) -> int:
        if step not in columns:
            columns[step] = 1 + max(
                (column(earlier) for earlier in steps[step].after if earlier in steps), default=0
            )
        return columns[step]

    for step in steps:
        column(step)
    return columns


def path_steps(edition: Edition) -> dict[str, Step]:
    """The steps in the sequence of the phases, without those that come only when something is taken back."""
    phases = {phase.id for phase in edition.path}
    steps = {
        step.id: step
        for step in edition.steps.values()
        if step.phase in phases and not (step.is_optional and step.resets)
    }
    return {
        key: step
        for key, step in steps.items()
        if not step.is_optional or all(earlier in steps for earlier in step.after)
    }


def write_bpmn(edition: Edition, language: str = "en") -> str:
    """The XML of the edition's path from the first step to closure.

    A step that waits for several has a parallel gateway before it: it is taken once, after all of them.
    Steps that may be taken at any time beside the path have no place in a sequence: they stand in the
    documentation of the process. Every task carries its rule sentence and reference.
    """
    for prefix, namespace in (("bpmn", MODEL), ("bpmndi", DI), ("dc", DC), ("di", DD_DI)):
        Xml.register_namespace(prefix, namespace)
    steps = path_steps(edition)
    beside = [step for step in edition.steps.values() if step.id not in steps]
    columns = _columns(steps)
    table = permission_table()
    offices = [office for office in table.offices if any(step.actors[0] == office for step in steps.values())]

    root = Xml.Element(
        _tag(MODEL, "definitions"), {"id": "definitions", "targetNamespace": "https://confianza.example/bpmn"}
    )
    collaboration = Xml.SubElement(root, _tag(MODEL, "collaboration"), {"id": "collaboration"})
    title = edition.title.in_language(language)
    Xml.SubElement(
        collaboration, _tag(MODEL, "participant"), {"id": "pool", "name": title, "processRef": "process"}
    )
    process = Xml.SubElement(
        root, _tag(MODEL, "process"), {"id": "process", "name": title, "isExecutable": "false"}
    )
    note = edition.note.in_language(language)
    names = "; ".join(step.name.in_language(language) for step in beside)
    Xml.SubElement(process, _tag(MODEL, "documentation")).text = f"{note} [{names}]" if names else note
    lanes = Xml.SubElement(process, _tag(MODEL, "laneSet"), {"id": "lanes"})
    lane_of = {}
    for office in offices:
        lane_of[office] = Xml.SubElement(
            lanes,
            _tag(MODEL, "lane"),
            {"id": f"lane-{office}", "name": table.offices[office].in_language(language)},
        )
    # A task's lane is its first office; several tasks of one lane and column stand one below the other.
    stacked: dict[tuple[str, int], list[str]] = defaultdict(list)
    for step in steps.values():
        stacked[step.actors[0], columns[step.id]].append(step.id)
    followed = {earlier for step in steps.values() for earlier in step.after}
    ends = [step.id for step in steps.values() if step.id not in followed]
    waits = {step.id: [earlier for earlier in step.after if earlier in steps] for step in steps.values()}
    starts = [step for step, earlier in waits.items() if not earlier]
    joins = {step: f"join-{step}" for step, earlier in waits.items() if len(earlier) > 1}
    flows = [("start", step) for step in starts]
    flows += [(before, joins.get(step, step)) for step, earlier in waits.items() for before in earlier]
    flows += [(join, step) for step, join in joins.items()]
    flows += [(step, "end") for step in ends]
    flow_ids = {flow: f"flow-{index}" for index, flow in enumerate(flows, start=1)}

    def node(kind: str, name: str, label: str, office: str) -> Xml.Element:
        Xml.SubElement(lane_of[office], _tag(MODEL, "flowNodeRef")).text = name
        return Xml.SubElement(process, _tag(MODEL, kind), {"id": name, "name": label})

    def ports(element: Xml.Element, name: str) -> None:
        for flow, flow_id in flow_ids.items():
            if flow[1] == name:
                Xml.SubElement(element, _tag(MODEL, "incoming")).text = flow_id
        for flow, flow_id in flow_ids.items():
            if flow[0] == name:
                Xml.SubElement(element, _tag(MODEL, "outgoing")).text = flow_id

    first_office = steps[starts[0]].actors[0]
    last_office = steps[edition.path[-1].completed_by].actors[0]
    ports(node("startEvent", "start", "", first_office), "start")
    for step in steps.values():
        if step.id in joins:
            ports(node("parallelGateway", joins[step.id], "", step.actors[0]), joins[step.id])
        label = step.name.in_language(language) + (f" ({step.milestone})" if step.milestone else "")
        task = node("userTask", step.id, label, step.actors[0])
        text = f"{step.sentence.in_language(language)} ({step.reference})"
        Xml.SubElement(task, _tag(MODEL, "documentation")).text = text
        ports(task, step.id)
        if step.repeats:
            Xml.SubElement(task, _tag(MODEL, "standardLoopCharacteristics"))
    ports(node("endEvent", "end", "", last_office), "end")
    for (source, target), flow_id in flow_ids.items():
        Xml.SubElement(
            process, _tag(MODEL, "sequenceFlow"), {"id": flow_id, "sourceRef": source, "targetRef": target}
        )
    _draw(root, offices, stacked, columns, flow_ids, joins, {"start": first_office, "end": last_office})
    Xml.indent(root)
    return Xml.tostring(root, encoding="unicode", xml_declaration=True)


def _draw(
    root: Xml.Element,
    offices: list[str],
    stacked: Mapping[tuple[str, int], list[str]],
    columns: Mapping[str, int],
    flow_ids: Mapping[tuple[str, str], str],
    joins: Mapping[str, str],
    event_lanes: Mapping[str, str],
) -> None:
    """Boxes in rows and columns; flows run in the gaps between them, through no box."""
    plane = Xml.SubElement(
        Xml.SubElement(root, _tag(DI, "BPMNDiagram"), {"id": "diagram"}),
        _tag(DI, "BPMNPlane"),
        {"id": "plane", "bpmnElement": "collaboration"},
    )
    last = max(columns.values())
    width = MARGIN * 2 + (last + 2) * (WIDTH + GAP)
    places: dict[str, tuple[float, float, float, float]] = {}
    top = 0.0
    lanes = []
    for office in offices:
        deepest = max((len(names) for (lane, _), names in stacked.items() if lane == office), default=1)
        height = deepest * (HEIGHT + GAP / 2) + GAP / 2
        lanes.append((office, top, height))
        for (lane, column), names in stacked.items():
            if lane == office:
                for index, name in enumerate(names):
                    at = top + GAP / 2 + index * (HEIGHT + GAP / 2)
                    begin = MARGIN + column * (WIDTH + GAP)
                    places[name] = (begin, at, WIDTH, HEIGHT)
                    if name in joins:  # in the gap before its task
                        places[joins[name]] = (
                            begin - GAP / 8 - ROUND,
                            at + (HEIGHT - ROUND) / 2,
                            ROUND,
                            ROUND,
                        )
        for event, lane in event_lanes.items():
            if lane == office:
                column = 0 if event == "start" else last + 1
                x = MARGIN + column * (WIDTH + GAP) + (WIDTH - ROUND) / 2
                places[event] = (x, top + GAP / 2 + (HEIGHT - ROUND) / 2, ROUND, ROUND)
        top += height

    def shape(element: str, x: float, y: float, w: float, h: float, **more: str) -> None:
        box = Xml.SubElement(
            plane, _tag(DI, "BPMNShape"), {"id": f"shape-{element}", "bpmnElement": element, **more}
        )
        bounds = {"x": f"{x:g}", "y": f"{y:g}", "width": f"{w:g}", "height": f"{h:g}"}
        Xml.SubElement(box, _tag(DC, "Bounds"), bounds)

    shape("pool", -30, 0, width + 30, top, isHorizontal="true")
    for office, y, height in lanes:
        shape(f"lane-{office}", 0, y, width, height, isHorizontal="true")
    for element, (x, y, w, h) in places.items():
        shape(element, x, y, w, h)
    for (source, target), flow_id in flow_ids.items():
        edge = Xml.SubElement(plane, _tag(DI, "BPMNEdge"), {"id": f"edge-{flow_id}", "bpmnElement": flow_id})
        left, above, across, down = places[source]
        start = (left + across, above + down / 2)
        left, above, _, down = places[target]
        end = (left, above + down / 2)
        column_at = MARGIN + (end[0] - MARGIN) // (WIDTH + GAP) * (WIDTH + GAP)
        if target not in columns and target != "end":  # a gateway stands before its column
            column_at += WIDTH + GAP
        bend, turn = column_at - GAP * 3 / 4, start[0] + GAP / 4
        points: list[tuple[float, float]] = [start, (bend, start[1]), (bend, end[1]), end]
        if joins.get(target) == source:
            points = [start, end]
        elif bend > turn + GAP:  # columns lie between: along the free strip above the row of the target
            row = end[1] - HEIGHT / 2 - GAP / 8
            points = [start, (turn, start[1]), (turn, row), (bend, row), (bend, end[1]), end]
        for point in points:
            Xml.SubElement(edge, _tag(DD_DI, "waypoint"), {"x": f"{point[0]:g}", "y": f"{point[1]:g}"})
