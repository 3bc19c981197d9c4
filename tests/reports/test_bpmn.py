"""The diagrams, checked with the BPMN 2.0 schema that SpiffWorkflow ships, and read for what they must hold."""

from importlib.util import find_spec
from pathlib import Path

import pytest
import xmlschema
from defusedxml import ElementTree as Xml

from confianza.cooperation.cases.editions import editions
from confianza.reports.bpmn import DI, MODEL, path_steps, write_bpmn

SCHEMA = Path(find_spec("SpiffWorkflow").origin).parent / "bpmn" / "parser" / "schema" / "BPMN20.xsd"
EVERY = pytest.mark.parametrize("edition", editions().values(), ids=lambda edition: edition.id)


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
                assert (earlier, name) in flows
    drawn = {shape.get("bpmnElement") for shape in root.iter(f"{{{DI}}}BPMNShape")}
    assert drawn >= {*tasks, "start", "end", "pool"}
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
