"""The diagrams, checked with the BPMN 2.0 schema that SpiffWorkflow ships, and read for what they must hold."""

from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import pytest
import xmlschema
from defusedxml import ElementTree as Xml

from confianza.cooperation.cases.editions import editions
from confianza.reports.bpmn import DI, MODEL, path_steps, write_bpmn
from confianza.reports.rules import rulebooks

SCHEMA = Path(find_spec("SpiffWorkflow").origin).parent / "bpmn" / "parser" / "schema" / "BPMN20.xsd"
EVERY = pytest.mark.parametrize("edition", rulebooks().values(), ids=lambda edition: edition.id)


@pytest.fixture(scope="module")
def schema():
    return xmlschema.XMLSchema(str(SCHEMA))


@EVERY
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_diagram_is_valid_bpmn(schema, edition, language, tmp_path):
    path = tmp_path / "process.bpmn"
    path.write_text(write_bpmn(edition, language), encoding="utf-8")
    schema.validate(str(path))


def test_the_schema_would_find_a_mistake(schema, tmp_path):
    path = tmp_path / "process.bpmn"
    text = write_bpmn(editions()["samm-2026"])
    path.write_text(text.replace("sequenceFlow ", "sequenceFlop "), encoding="utf-8")
    with pytest.raises(xmlschema.XMLSchemaException):
        schema.validate(str(path))


@EVERY
def test_every_step_of_the_path_is_a_task_in_the_lane_of_its_office_and_everything_is_drawn(edition):
    root = Xml.fromstring(write_bpmn(edition))
    names = {"bpmn": MODEL, "bpmndi": DI}
    tasks = {task.get("id"): task for task in root.iterfind(".//bpmn:userTask", names)}
    lanes = {
        ref.text: lane.get("id").removeprefix("lane-")
        for lane in root.iterfind(".//bpmn:lane", names)
        for ref in lane.iterfind("bpmn:flowNodeRef", names)
    }
    on_path = set(path_steps(edition))
    needed = {
        step.id for phase in edition.path for step in edition.steps_of(phase.id) if not step.is_optional
    }
    assert needed <= on_path
    assert set(tasks) == on_path
    assert all(lanes[name] == edition.steps[name].actors[0] for name in tasks)
    flows = {
        (flow.get("sourceRef"), flow.get("targetRef"))
        for flow in root.iterfind(".//bpmn:sequenceFlow", names)
    }
    for name in tasks:
        for earlier in edition.steps[name].after:
            if earlier in tasks:
                assert flows & {(earlier, name), (earlier, f"join-{name}")}
        before = [source for source, target in flows if target == name]
        assert len(before) == 1, "a task with two ways in would be taken twice"
    drawn = {shape.get("bpmnElement") for shape in root.iter(f"{{{DI}}}BPMNShape")}
    joins = {gate.get("id") for gate in root.iterfind(".//bpmn:parallelGateway", names)}
    for join in joins:
        name = join.removeprefix("join-")
        waits = {source for source, target in flows if target == join}
        assert waits == {earlier for earlier in edition.steps[name].after if earlier in tasks}
        assert lanes[join] == lanes[name]
    assert drawn == {*tasks, *joins, "start", "end", "pool", *(f"lane-{lane}" for lane in lanes.values())}
    edges = [edge.get("bpmnElement") for edge in root.iter(f"{{{DI}}}BPMNEdge")]
    assert len(edges) == len(flows)


@EVERY
def test_no_two_tasks_lie_on_one_another(edition):
    root = Xml.fromstring(write_bpmn(edition))
    boxes = []
    for shape in root.iter(f"{{{DI}}}BPMNShape"):
        if shape.get("bpmnElement") in edition.steps:
            bounds = shape[0]
            boxes.append(tuple(float(bounds.get(name)) for name in ("x", "y", "width", "height")))
    for index, (x, y, w, h) in enumerate(boxes):
        for other_x, other_y, other_w, other_h in boxes[index + 1 :]:
            assert x + w <= other_x or other_x + other_w <= x or y + h <= other_y or other_y + other_h <= y


@EVERY
def test_no_flow_runs_through_a_box_that_is_not_its_own(edition):
    root = Xml.fromstring(write_bpmn(edition))
    boxes = {}
    for shape in root.iter(f"{{{DI}}}BPMNShape"):
        name = shape.get("bpmnElement")
        if name != "pool" and not name.startswith("lane-"):
            boxes[name] = [float(shape[0].get(side)) for side in ("x", "y", "width", "height")]
    flows = {flow.get("id"): flow for flow in root.iter(f"{{{MODEL}}}sequenceFlow")}
    for edge in root.iter(f"{{{DI}}}BPMNEdge"):
        flow = flows[edge.get("bpmnElement")]
        points = [(float(point.get("x")), float(point.get("y"))) for point in edge]
        for (x1, y1), (x2, y2) in pairwise(points):
            assert x1 == x2 or y1 == y2
            for name, (x, y, w, h) in boxes.items():
                if name not in {flow.get("sourceRef"), flow.get("targetRef")}:
                    is_beside = max(x1, x2) <= x or min(x1, x2) >= x + w
                    is_above = max(y1, y2) <= y or min(y1, y2) >= y + h
                    assert is_beside or is_above, (flow.get("sourceRef"), flow.get("targetRef"), name)
