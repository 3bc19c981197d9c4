"""Gates on the documents of a case and on its document version."""

from __future__ import annotations

import re

from confianza.cooperation.bilingual import join_texts
from confianza.cooperation.cases.case import DOCUMENT_VERSION
from confianza.cooperation.cases.effects import next_version
from confianza.cooperation.cases.gates.request import CaseRequest
from confianza.cooperation.process.steps import GateParams, GateResult


def documents_present(request: CaseRequest, params: GateParams) -> GateResult:
    """Every kind of document required for the step is attached."""
    attached = {record.details["kind"] for record in request.case.documents}
    missing = [
        kind.name
        for kind in request.edition.documents.values()
        if request.step.id in kind.required_for and kind.id not in attached
    ]
    return {"missing": join_texts(missing)} if missing else None


def document_is_used_here(request: CaseRequest, params: GateParams) -> GateResult:
    """The kind of document is one that the process uses."""
    code, kinds = request.detail("kind"), request.edition.documents
    used = [kind.id for kind in kinds.values() if not kind.is_excluded]
    if not code or code in used:
        return None
    return {"kind": kinds[code].name if code in kinds else code, "known": ", ".join(used)}


def version_is_next(request: CaseRequest, params: GateParams) -> GateResult:
    """The field `version`, where submitted, is the next document version of the case."""
    version = request.detail("version")
    expected = next_version(request.case, request.step.effect.removeprefix("open-")[0].upper())
    if not version or (re.fullmatch(DOCUMENT_VERSION, version) and version == expected):
        return None
    return {"given": version, "expected": expected}
