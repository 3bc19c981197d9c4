"""Gates on the entries of a case's registers and on the records it cites."""

from __future__ import annotations

from datetime import date
from itertools import groupby

from confianza.cooperation.bilingual import join_texts
from confianza.cooperation.cases.gates.request import CaseRequest
from confianza.cooperation.periods import months_later
from confianza.cooperation.process.steps import GateParams, GateResult


def entry_exists(request: CaseRequest, params: GateParams) -> GateResult:
    """The value of `field`, submitted with the step or else of its line, is a key of the `register`."""
    key, entries = request.detail_or_of_line(params["field"]), request.case.register(params["register"])
    return {"value": key, "known": ", ".join(entries) or "-"} if key and key not in entries else None


def entry_is_new(request: CaseRequest, params: GateParams) -> GateResult:
    """The value of `field` is not yet a key of the `register`."""
    value = request.detail(params["field"])
    return {"value": value} if value in request.case.register(params["register"]) else None


def entry_is_current(request: CaseRequest, params: GateParams) -> GateResult:
    """The register's entry for `field` says `value` and is at most `months` old."""
    key, line = request.detail_or_of_line(params["field"]), request.line
    if not key or ("kinds" in params and line and line.details.get("kind") not in params["kinds"]):
        return None
    entry = request.case.register(params["register"]).get(key)
    if entry is not None and entry[params["says"]] == params["value"]:
        until = months_later(date.fromisoformat(str(entry["on"])), params["months"])
        if request.on <= until:
            return None
    return {"value": key, "months": params["months"]}


def entry_has(request: CaseRequest, params: GateParams) -> GateResult:
    """The entry named by `field` already has the detail `detail`."""
    return _entry_where(request, params, has_detail=False)


def entry_has_not(request: CaseRequest, params: GateParams) -> GateResult:
    """The entry named by `field` does not have the detail `detail` yet."""
    return _entry_where(request, params, has_detail=True)


def _entry_where(request: CaseRequest, params: GateParams, *, has_detail: bool) -> GateResult:
    """The key of the entry named by `field`, where it has the detail `detail` or where it lacks it."""
    key = request.detail(params["field"])
    entry = request.case.register(params["register"]).get(key)
    return {"value": key} if entry is not None and (params["detail"] in entry) is has_detail else None


def entries_complete(request: CaseRequest, params: GateParams) -> GateResult:
    """Every entry of the `register` has the detail `field`."""
    entries = request.case.register(params["register"])
    missing = [key for key, entry in entries.items() if params["field"] not in entry]
    return {"missing": ", ".join(missing)} if missing else None


def entries_cover(request: CaseRequest, params: GateParams) -> GateResult:
    """The `register` has an entry for every choice of the field `field` of the step `of`."""
    field = next(item for item in request.edition.steps[params["of"]].fields if item.name == params["field"])
    entries = request.case.register(params["register"])
    missing = [name for key, name in field.options.items() if key not in entries]
    return {"missing": join_texts(missing)} if missing else None


def one_of_fields(request: CaseRequest, params: GateParams) -> GateResult:
    """At least one of the optional fields `fields` is submitted."""
    if request.details is None or any(name in request.details for name in params["fields"]):
        return None
    labels = [item.label for item in request.step.fields if item.name in params["fields"]]
    return {"fields": join_texts(labels)}


def evidence_is_recorded(request: CaseRequest, params: GateParams) -> GateResult:
    """Each number of a field that cites records is that of a record of this case."""
    cited = ",".join(request.detail(item.name) for item in request.step.fields if item.type == "numbers")
    known = request.case.numbers if cited else set()
    wrong = [number.strip() for number in cited.split(",") if number.strip() and int(number) not in known]
    return {"wrong": ", ".join(wrong), "known": _in_ranges(known)} if wrong else None


def _in_ranges(numbers: set[int]) -> str:
    """Whole numbers in order, those that follow one another as a range.

    >>> _in_ranges({3, 4, 5, 9})
    '3–5, 9'
    """
    groups = groupby(enumerate(sorted(numbers)), key=lambda pair: pair[1] - pair[0])
    runs = [[number for _, number in group] for _, group in groups]
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs) or "-"
