"""The invitational travel order of a student: its fields in the order of the form (SAMM figure C10.F6, DD form 2285)."""

from __future__ import annotations

from dataclasses import dataclass

from confianza.cooperation.alumni.identity import FIELD_NAMES, Identity
from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.process.records import StepRecord
from confianza.cooperation.training_plans.plan import TrainingListLine, TrainingPlan
from confianza.cooperation.training_plans.process import options_of
from confianza.cooperation.training_plans.records import RecordKind, TrainingRecord
from confianza.errors import RuleRefusal

NONE = BilingualText("none", "ninguno")


@dataclass(frozen=True)
class OrderField:
    """A field of the form and what stands in it; several lines where the form lists several."""

    name: BilingualText
    values: tuple[BilingualText, ...]


def order_record(student: TrainingRecord) -> StepRecord:
    """The record of the travel order in force; RuleRefusal `travel-order-absent`."""
    record = student.record_of("issue-travel-order")
    if record is None or student.status == "withdrawn":
        raise RuleRefusal("travel-order-absent", code=student.code.text)
    return record


def travel_order(
    student: TrainingRecord, plan: TrainingPlan, identity: Identity, *, country: BilingualText, issued_by: str
) -> list[OrderField]:
    """The fields of a student's travel order, filled in.

    Parameters
    ----------
    country, issued_by : BilingualText, str
        The partner's name, and the security cooperation office or account that issued the order.

    Raises
    ------
    RuleRefusal
        `travel-order-absent`.
    """
    order = order_record(student)
    lines = plan.sequence(student.code.wcn_base)
    fields = {name: str(value) for name, value in order.details.items()}
    paid = {line.program: options_of(RecordKind.LINE, "program")[line.program] for line in lines}
    needed = max((line.ecl_score or 0 for line in lines), default=0)

    def field(name: BilingualText, *values: BilingualText | str) -> OrderField:
        texts = (
            BilingualText(value, value) if isinstance(value, str) else value for value in values if value
        )
        return OrderField(name, tuple(texts))

    def person(name: str) -> OrderField:
        return field(FIELD_NAMES[name], identity.to_json()[name])

    return [
        field(BilingualText("ITO number", "Número de la ITO"), fields["order_number"]),
        field(BilingualText("Country", "País"), country),
        field(BilingualText("Date", "Fecha"), order.on.isoformat()),
        field(BilingualText("Security cooperation office", "Oficina de cooperación en seguridad"), issued_by),
        field(BilingualText("Program", "Programa"), *paid.values()),
        field(BilingualText("Worksheet control number", "Número de control (WCN)"), student.code.wcn_base),
        *map(person, ("surname", "given_names", "sex", "rank", "us_grade", "service", "service_number")),
        *map(person, ("birth_date", "birth_place", "passport_number", "passport_until", "citizenship")),
        field(BilingualText("Visa", "Visa"), fields.get("visa", "")),
        field(BilingualText("Report by", "Presentarse a más tardar"), fields["report_by"]),
        field(BilingualText("Authorized training", "Adiestramiento autorizado"), *map(_training, lines)),
        field(BilingualText("Fund cite", "Cita de fondos"), fields.get("fund_cite", "")),
        field(
            BilingualText("Language prerequisite (ECL)", "Requisito de idioma (ECL)"),
            BilingualText(f"{needed} required", f"se requiere {needed}") if needed else NONE,
            _result(student, "test-english", "score"),
        ),
        field(
            BilingualText("Security screening", "Verificación de seguridad"),
            _result(student, "screen-security"),
        ),
        field(
            BilingualText("Human rights vetting", "Verificación de derechos humanos"),
            _result(student, "screen-human-rights"),
        ),
        field(BilingualText("Dependents", "Dependientes"), fields.get("dependents") or NONE),
        field(BilingualText("Medical", "Servicio médico"), _result(student, "screen-medical")),
        field(BilingualText("Conditions", "Condiciones"), fields.get("conditions", "")),
    ]


def _training(line: TrainingListLine) -> BilingualText:
    training = f"{line.wcn}: {line.course}, {line.school}, {line.start_date} – {line.end_date}"
    return BilingualText(training, training)


def _result(student: TrainingRecord, step: str, name: str = "result") -> BilingualText | str:
    """The result of the last record of a step, and its day; empty where nothing is recorded."""
    record = student.record_of(step)
    if record is None:
        return ""
    value = record.details[name]
    options = options_of(RecordKind.STUDENT, name)
    result = options.get(str(value), BilingualText(str(value), str(value)))
    return BilingualText(f"{result.en}, {record.on}", f"{result.es}, {record.on}")
