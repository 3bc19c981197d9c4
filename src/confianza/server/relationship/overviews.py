"""What is computed from the records of a relationship, as the interface returns it, commands print it and pages show it.

Each function takes records that its reader may see; figures are made of those that count (`counted`), so what is from
memory, proposed, withdrawn or sealed is left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.money import Money
from confianza.cooperation.partnership import Partnership
from confianza.cooperation.relationship import deliveries as planned
from confianza.cooperation.relationship import foundations as library
from confianza.cooperation.relationship import promises as made
from confianza.cooperation.relationship import safeguards as hedges
from confianza.cooperation.relationship.coverage import coverage
from confianza.cooperation.relationship.entries import with_both_languages
from confianza.cooperation.relationship.record_names import detail_name, institution_name
from confianza.cooperation.relationship.records import BOTH, PartialDate, Record, record_fields
from confianza.cooperation.relationship.standing import TrackedRecord, counted
from confianza.cooperation.relationship.timeline import counts_by_year
from confianza.evidence.relationship_record import ProgramByDate, desired_level, program_by_date
from confianza.server.documents import made_of
from confianza.server.relationship.documents import RecordRow, record_row
from confianza.trust.levels import evidence_of, level_periods, levels_by_year
from confianza.trust.spectrum import CooperationLevel, Evidence, RecordedLevels, cooperation_level

BOTH_SIDES = BilingualText("both sides together", "ambas partes juntas")
STAGE_NAMES = {
    "promised": BilingualText("promised", "prometido"),
    "available": BilingualText("made available", "puesto a disposición"),
    "obligated": BilingualText("obligated", "comprometido"),
    "expended": BilingualText("spent", "ejercido"),
    "delivered": BilingualText("delivered", "entregado"),
}
NOTHING = BilingualText("nothing is on record", "sin registro")
COUNT_NOTE = BilingualText(
    "How many records a year has follows the sources that were read; it is never a measure.",
    "El número de registros de un año depende de las fuentes leídas; nunca es una medida.",
)
CELL_STATES = {
    "rated": BilingualText("rated", "calificada"),
    "one rater": BilingualText("one rater only", "un solo calificador"),
    "raters disagree": BilingualText("raters disagree", "los calificadores no coinciden"),
    "not on record": BilingualText("not on record", "sin registro"),
}


def side_names(partnership: Partnership, language: str) -> dict[str, str]:
    """The name of each side, and of both together, by code."""
    names = {code: name.in_language(language) for code, name in partnership.names.items()}
    return {**names, BOTH: BOTH_SIDES.in_language(language)}


@dataclass(frozen=True, kw_only=True)
class NamedRecord:
    """A record that a figure was made from."""

    id: str
    actor: str
    date: str
    summary: str
    is_contested: bool


def _named(record: Record, contested: frozenset[str], language: str) -> NamedRecord:
    return NamedRecord(
        id=record.record_id,
        actor=record.actor_code,
        date=f"{record.date_from}/{record.date_to}" if record.date_to else str(record.date_from),
        summary=with_both_languages(record.summary).in_language(language),
        is_contested=record.record_id in contested,
    )


def _contested(items: Iterable[TrackedRecord]) -> frozenset[str]:
    return frozenset(item.record.record_id for item in items if item.is_contested)


# --- along time ------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class YearCount:
    """How many records of one side begin in a year; never a measure."""

    year: int
    actor: str
    count: int


@dataclass(frozen=True, kw_only=True)
class LevelPeriodRow:
    """Days in a row on one level of cooperation; without a number nothing is on record of them."""

    first_day: date
    last_day: date
    number: int | None
    name: str


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """Records by date with the levels of cooperation held meanwhile.

    `memory_count` of the records rest on memory and are out of every figure.
    """

    note: str
    count: int
    happening_count: int
    contested_count: int
    memory_count: int
    by_year: list[YearCount]
    levels: list[LevelPeriodRow]
    items: list[RecordRow]


def recorded_levels_of(partnership: Partnership, items: Sequence[TrackedRecord]) -> RecordedLevels:
    """The evidence of levels among records, and the level that a source of the partnership calls desired."""
    desired = desired_level(partnership.data_set)
    evidence = evidence_of(counted(items))
    return RecordedLevels(evidence, *desired) if desired else RecordedLevels(evidence)


def level_periods_of(
    partnership: Partnership, items: Sequence[TrackedRecord], today: date, language: str
) -> list[LevelPeriodRow]:
    """The levels held from the first evidence of one until today."""
    recorded = recorded_levels_of(partnership, items)
    if not recorded.evidence:
        return []
    return [
        LevelPeriodRow(
            first_day=period.first_day,
            last_day=period.last_day,
            number=period.level.number if period.level else None,
            name=(period.level.name if period.level else NOTHING).in_language(language),
        )
        for period in level_periods(recorded, recorded.evidence[0].first_date, today)
    ]


def timeline_document(
    partnership: Partnership,
    items: Sequence[TrackedRecord],
    *,
    every: Sequence[TrackedRecord],
    today: date,
    language: str,
) -> Timeline:
    """The records that are wanted, along time; the levels are those of `every` record."""
    years = [item.record.date_from.year for item in items] or [today.year]
    covered = coverage([item.record for item in items], first_year=min(years), last_year=max(years))
    return Timeline(
        note=COUNT_NOTE.in_language(language),
        count=covered.count,
        happening_count=covered.happening_count,
        contested_count=sum(item.is_contested for item in items),
        memory_count=covered.by_verification.get("memory", 0),
        by_year=[
            YearCount(year=year, actor=actor, count=count)
            for (year, actor), count in counts_by_year(items).items()
        ],
        levels=level_periods_of(partnership, every, today, language),
        items=[record_row(item, language) for item in items],
    )


# --- promises --------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SidePromises:
    """How many commitments of one side had each outcome; days late are negative when early."""

    actor: str
    name: str
    count: int
    kept: int
    late: int
    partly: int
    broken: int
    not_on_record: int
    kept_share: float | None
    median_days_late: float | None
    dated_count: int


@dataclass(frozen=True, kw_only=True)
class PromiseRow(NamedRecord):
    """A commitment: when due, what became of it."""

    due_date: str
    outcome: str
    outcome_name: str
    outcome_date: str
    days_late: int | None
    is_firm: bool
    is_due: bool


@dataclass(frozen=True, kw_only=True)
class Stage:
    """How much of a promised program had reached a stage by a date."""

    as_of: str
    stage: str
    stage_name: str
    amount: Money | None
    share: float | None
    scope: str
    reference: str


@dataclass(frozen=True, kw_only=True)
class DeliveryCount:
    """Planned deliveries of cases, by how they stand; late by how many days."""

    count: int
    in_time: int
    late: int
    open: int
    overdue: int
    median_days_late: float | None


@dataclass(frozen=True, kw_only=True)
class DeliveryRow:
    """A planned delivery of a case."""

    case: str
    delivery: str
    description: str
    quantity: int
    due_on: date
    arrived_on: date | None
    days_late: int | None
    is_overdue: bool
    is_simulated: bool


@dataclass(frozen=True, kw_only=True)
class PromisesDocument:
    """Commitments by side, all and firm ones only; those without an outcome first; promised beside delivered."""

    on: date
    every: list[SidePromises]
    firm: list[SidePromises]
    open: list[PromiseRow]
    decided: list[PromiseRow]
    program: str
    stages: list[Stage]
    cases: DeliveryCount
    simulated_cases: DeliveryCount
    deliveries: list[DeliveryRow]


def _side_promises(item: made.Promises, names: Mapping[str, str]) -> SidePromises:
    return SidePromises(
        actor=item.actor_code,
        name=names[item.actor_code],
        count=len(item.records),
        kept=item.count("kept"),
        late=item.count("late"),
        partly=item.count("partly"),
        broken=item.count("broken"),
        not_on_record=item.count(made.NOT_ON_RECORD),
        kept_share=item.kept_share,
        median_days_late=item.median_days_late,
        dated_count=len(item.days_late),
    )


def side_promises(
    partnership: Partnership, records: Sequence[Record], language: str, *, firm_only: bool = False
) -> list[SidePromises]:
    """How many commitments each side, and both together, kept, and how late."""
    names = side_names(partnership, language)
    table = made.promises(records, partnership.pair, firm_only=firm_only)
    return [_side_promises(item, names) for item in table]


def _due(record: Record) -> PartialDate | None:
    return PartialDate.parse(str(record.details.get("due_date", "")))


def _promise_row(record: Record, contested: frozenset[str], on: date, language: str) -> PromiseRow:
    due, outcome = _due(record), made.outcome_of(record)
    return PromiseRow(
        **vars(_named(record, contested, language)),
        due_date=str(due or ""),
        outcome=outcome,
        outcome_name=record_fields()["outcome"].options[outcome].in_language(language),
        outcome_date=str(record.details.get("outcome_date", "")),
        days_late=made.days_late(record),
        is_firm=made.is_firm(record),
        is_due=outcome == made.NOT_ON_RECORD and due is not None and due.last_day < on,
    )


def _stages(program: ProgramByDate | None, language: str) -> list[Stage]:
    return [
        made_of(
            Stage,
            item,
            language,
            as_of=str(item.as_of),
            stage_name=STAGE_NAMES[item.stage].in_language(language),
        )
        for item in (program.stages if program else ())
    ]


def _delivery_count(items: Sequence[planned.Delivery], on: date) -> DeliveryCount:
    kept = planned.deliveries_kept(items, on)
    return made_of(DeliveryCount, kept, count=kept.in_time + kept.late + kept.open)


def promises_document(
    partnership: Partnership,
    items: Sequence[TrackedRecord],
    *,
    of_cases: Sequence[planned.Delivery],
    of_simulated_cases: Sequence[planned.Delivery],
    on: date,
    language: str,
) -> PromisesDocument:
    """What was promised and what became of it, by side; those due first, then open ones, then the rest, latest first."""
    records, contested = counted(items), _contested(items)
    rows = [
        _promise_row(record, contested, on, language)
        for side in made.promises(records, partnership.pair)
        for record in side.records
    ]
    still_open = [row for row in rows if row.outcome == made.NOT_ON_RECORD]
    still_open.sort(key=lambda row: row.date, reverse=True)
    still_open.sort(key=lambda row: (not row.is_due, not row.due_date, row.due_date))
    decided = [row for row in rows if row.outcome != made.NOT_ON_RECORD]
    program = program_by_date(partnership.data_set)
    both = ((of_cases, False), (of_simulated_cases, True))
    return PromisesDocument(
        on=on,
        every=side_promises(partnership, records, language),
        firm=side_promises(partnership, records, language, firm_only=True),
        open=still_open,
        decided=sorted(decided, key=lambda row: (row.date, row.id), reverse=True),
        program=program.name.in_language(language) if program else "",
        stages=_stages(program, language),
        cases=_delivery_count(of_cases, on),
        simulated_cases=_delivery_count(of_simulated_cases, on),
        deliveries=[
            made_of(DeliveryRow, item, is_overdue=item.is_overdue(on), is_simulated=is_simulated)
            for group, is_simulated in both
            for item in group
            if item.announced_on <= on
        ],
    )


# --- safeguards ------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SafeguardRow(NamedRecord):
    """A safeguard in force: since when, and until when where its end is on record."""

    since: str
    last_day: date | None
    lifted_by: str
    severity: float | None


@dataclass(frozen=True, kw_only=True)
class SideSafeguards:
    """The safeguards of one side in force on a day."""

    actor: str
    name: str
    rows: list[SafeguardRow]


@dataclass(frozen=True, kw_only=True)
class SafeguardYear:
    """How many safeguards a side added and lifted in a year."""

    year: int
    actor: str
    name: str
    added: int
    lifted: int


@dataclass(frozen=True, kw_only=True)
class SafeguardChange(NamedRecord):
    """A safeguard added or lifted; of one lifted, the record of the safeguard where it is on record."""

    year: int
    change: str
    change_name: str
    safeguard: str


@dataclass(frozen=True, kw_only=True)
class SafeguardsDocument:
    """The safeguards in force on a day, by side, and every one added or lifted."""

    on: date
    sides: list[SideSafeguards]
    years: list[SafeguardYear]
    changes: list[SafeguardChange]


def _safeguard_row(item: hedges.Safeguard, contested: frozenset[str], language: str) -> SafeguardRow:
    return SafeguardRow(
        **vars(_named(item.added, contested, language)),
        since=str(item.added.date_from),
        last_day=item.last_day,
        lifted_by=item.lifted.record_id if item.lifted else "",
        severity=item.added.severity,
    )


def safeguards_document(
    partnership: Partnership, items: Sequence[TrackedRecord], *, on: date, language: str
) -> SafeguardsDocument:
    """Safeguards of each side against the other: those in force, and by year what was added and lifted."""
    records, contested = counted(items), _contested(items)
    names = side_names(partnership, language)
    in_force = hedges.in_force(records, on)
    return SafeguardsDocument(
        on=on,
        sides=[
            SideSafeguards(
                actor=code,
                name=names[code],
                rows=[
                    _safeguard_row(item, contested, language)
                    for item in in_force
                    if item.added.actor_code == code
                ],
            )
            for code in (*partnership.pair, BOTH)
        ],
        years=[
            SafeguardYear(year=year, actor=actor, name=names[actor], **counts)
            for (actor, year), counts in sorted(
                hedges.changes_by_year(records).items(), key=lambda pair: (-pair[0][1], pair[0][0])
            )
        ],
        changes=[
            SafeguardChange(
                **vars(_named(record, contested, language)),
                year=record.date_from.year,
                change=str(record.details["change"]),
                change_name=record_fields()["change"]
                .options[str(record.details["change"])]
                .in_language(language),
                safeguard=str(record.details.get("safeguard", "")),
            )
            for record in sorted(records, key=lambda one: (one.first_day, one.record_id), reverse=True)
            if record.kind == "hedge" and record.details.get("change") in (hedges.ADDED, hedges.LIFTED)
        ],
    )


# --- foundations -----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class StepsCard:
    """Kelman 1 of one side: its commitments and reassurances, and how soon they answered the other's."""

    actor: str
    name: str
    records: list[NamedRecord]
    verifiable_count: int
    answering: list[NamedRecord]
    median_lag_days: float | None
    too_large: list[NamedRecord]


@dataclass(frozen=True, kw_only=True)
class ThirdPartyCard:
    """Kelman 2: sessions under a third party and their share of what both sides do together."""

    sessions: list[NamedRecord]
    parties: list[str]
    share: float | None
    direct_count: int


@dataclass(frozen=True, kw_only=True)
class InterestRow:
    """An activity with the statements of interest that each side made of it."""

    activity: str
    by_side: dict[str, list[NamedRecord]]


@dataclass(frozen=True, kw_only=True)
class WorkingTrustCard:
    """Kelman 3: statements of own interest by activity."""

    activities: list[InterestRow]
    both_share: float | None


@dataclass(frozen=True, kw_only=True)
class CoalitionCard:
    """Kelman 4 of one side: what cooperation cost it at home."""

    actor: str
    name: str
    by_position: dict[str, list[NamedRecord]]


@dataclass(frozen=True, kw_only=True)
class ReassuranceCard:
    """Kelman 5 of one side: its reassurances; of its sensitive acts, how many it gave notice of."""

    actor: str
    name: str
    records: list[NamedRecord]
    sensitive_acts: list[NamedRecord]
    notified: list[NamedRecord]
    no_surprise_rate: float | None


@dataclass(frozen=True, kw_only=True)
class DiagnosisCell:
    """A cell of Shaw's diagnosis with the words of its anchors; without a value `state_name` says why."""

    code: str
    name: str
    value: float | None
    state: str
    state_name: str
    ratings: dict[str, int]
    anchors: list[str]


@dataclass(frozen=True, kw_only=True)
class DiagnosisTable:
    """Shaw's nine cells of an institution: results, integrity, concern, each of leaders, structure, culture."""

    institution: str
    kappa: float | None
    rows: list[list[DiagnosisCell]]


@dataclass(frozen=True, kw_only=True)
class DifferenceRow:
    """What the sources say of a dimension of two counterparts; `differs` is None where one has nothing on record."""

    dimension: str
    name: str
    first: list[NamedRecord]
    second: list[NamedRecord]
    differs: bool | None


@dataclass(frozen=True, kw_only=True)
class CultureTable:
    """Two counterparts, by dimension."""

    first: str
    second: str
    rows: list[DifferenceRow]


@dataclass(frozen=True, kw_only=True)
class FoundationsDocument:
    """Kelman's five concepts, Shaw's nine cells and the differences of culture, as the records tell them."""

    steps: list[StepsCard]
    third_party: ThirdPartyCard
    working_trust: WorkingTrustCard
    coalition: list[CoalitionCard]
    reassurance: list[ReassuranceCard]
    diagnoses: list[DiagnosisTable]
    cultures: list[CultureTable]


def _diagnosis(records: Sequence[Record], institution: str, language: str) -> DiagnosisTable:
    found = library.diagnosis_of(records, institution)
    names = record_fields()["cell"].options
    words: dict[str, list[str]] = {}
    for anchor in library.anchors():
        words.setdefault(anchor.cell, []).append(f"{anchor.rating}: {anchor.sentence.in_language(language)}")
    cells = [
        DiagnosisCell(
            code=cell.code,
            name=names[cell.code].in_language(language),
            value=cell.value,
            state=cell.state,
            state_name=CELL_STATES[cell.state].in_language(language),
            ratings=dict(cell.ratings),
            anchors=words[cell.code],
        )
        for cell in found.cells
    ]
    return DiagnosisTable(
        institution=institution_name(institution).in_language(language) if institution else "",
        kappa=found.kappa,
        rows=[cells[at : at + 3] for at in range(0, len(cells), 3)],
    )


def _institutions(records: Iterable[Record], kind: str, actor: str = "") -> list[str]:
    """The institutions that used records of a kind are of, those of one side first to last by name."""
    return sorted(
        {
            record.institution_actor
            for record in records
            if record.kind == kind and record.is_used and actor in ("", record.actor_code)
        }
    )


def foundations_document(
    partnership: Partnership, items: Sequence[TrackedRecord], *, language: str
) -> FoundationsDocument:
    """The foundations of trust in a language; lists are empty and figures None where nothing is on record."""
    records, contested = counted(items), _contested(items)
    names = side_names(partnership, language)
    found = library.foundations(records, partnership.pair)

    def named(some: Iterable[Record]) -> list[NamedRecord]:
        return [_named(record, contested, language) for record in some]

    positions = record_fields()["position"].options
    dimensions = record_fields()["dimension"].options
    host, partner = partnership.pair
    return FoundationsDocument(
        steps=[
            made_of(
                StepsCard,
                card,
                actor=card.actor_code,
                name=names[card.actor_code],
                records=named(card.records),
                answering=named(card.answering),
                too_large=named(card.too_large),
            )
            for card in found.steps
        ],
        third_party=made_of(ThirdPartyCard, found.third_party, sessions=named(found.third_party.sessions)),
        working_trust=WorkingTrustCard(
            activities=[
                InterestRow(
                    activity=detail_name(activity).in_language(language),
                    by_side={code: named(said) for code, said in sides.items()},
                )
                for activity, sides in found.working_trust.statements.items()
            ],
            both_share=found.working_trust.both_share,
        ),
        coalition=[
            CoalitionCard(
                actor=card.actor_code,
                name=names[card.actor_code],
                by_position={
                    positions[code].in_language(language): named(some)
                    for code, some in card.by_position.items()
                },
            )
            for card in found.coalition
        ],
        reassurance=[
            made_of(
                ReassuranceCard,
                card,
                actor=card.actor_code,
                name=names[card.actor_code],
                records=named(card.records),
                sensitive_acts=named(card.sensitive_acts),
                notified=named(card.notified),
            )
            for card in found.reassurance
        ],
        diagnoses=[
            _diagnosis(records, institution, language)
            for institution in _institutions(records, "diagnosis") or [""]
        ],
        cultures=[
            CultureTable(
                first=institution_name(first).in_language(language),
                second=institution_name(second).in_language(language),
                rows=[
                    DifferenceRow(
                        dimension=item.dimension,
                        name=dimensions[item.dimension].in_language(language),
                        first=named(item.first),
                        second=named(item.second),
                        differs=item.differs,
                    )
                    for item in library.cultural_differences(records, {first}, {second})
                    if item.first or item.second
                ],
            )
            for first in _institutions(records, "culture", host)
            for second in _institutions(records, "culture", partner)
        ],
    )


# --- levels ----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class EvidenceRow:
    """Evidence of a requirement of a level, and the record it is from."""

    id: str
    requirement: str
    first_day: date
    last_day: date
    summary: str
    reference: str


@dataclass(frozen=True, kw_only=True)
class LevelOnDay:
    """The level on a day; without a number nothing current is on record."""

    on: date
    number: int | None
    name: str
    next_number: int | None
    next_name: str
    desired_number: int | None
    desired_name: str
    missing: list[str]
    evidence: list[EvidenceRow]


@dataclass(frozen=True, kw_only=True)
class LevelYearRow:
    """The highest level held in a year, its days, and what was missing for the next."""

    year: int
    number: int | None
    name: str
    first_day: date | None
    last_day: date | None
    missing: list[str]
    evidence: list[EvidenceRow]


@dataclass(frozen=True, kw_only=True)
class LevelsDocument:
    """The level on a day and by year; the years without evidence, and those in which no record at all begins."""

    window_months: int
    day: LevelOnDay
    years: list[LevelYearRow]
    years_without_evidence: list[int]
    years_without_records: list[int]


def level_on_day(
    state: CooperationLevel, ids: Mapping[tuple[str, date, date], str], language: str
) -> LevelOnDay:
    """A level on a day, in words."""
    return LevelOnDay(
        on=state.on,
        number=state.current.number if state.is_on_record else None,
        name=(state.current.name if state.is_on_record else NOTHING).in_language(language),
        next_number=state.next.number if state.next else None,
        next_name=state.next.name.in_language(language) if state.next else "",
        desired_number=state.desired.number if state.desired else None,
        desired_name=state.desired.name.in_language(language) if state.desired else "",
        missing=[requirement.name.in_language(language) for requirement in state.missing],
        evidence=[_evidence_row(item, ids, language) for item in state.current_evidence],
    )


def _evidence_row(item: Evidence, ids: Mapping[tuple[str, date, date], str], language: str) -> EvidenceRow:
    return EvidenceRow(
        id=ids.get((item.requirement, item.first_date, item.last_date), ""),
        requirement=item.requirement,
        first_day=item.first_date,
        last_day=item.last_date,
        summary=with_both_languages(item.summary).in_language(language),
        reference=str(item.reference),
    )


def evidence_ids(records: Iterable[Record]) -> dict[tuple[str, date, date], str]:
    """The record of each piece of evidence, by its requirement, first and last day."""
    return {
        (str(record.details["requirement"]), record.first_day, record.last_day): record.record_id
        for record in records
        if record.kind == "level"
    }


def levels_document(
    partnership: Partnership, items: Sequence[TrackedRecord], *, on: date, today: date, language: str
) -> LevelsDocument:
    """The ladder of cooperation by year, the latest first, and on a day."""
    records = counted(items)
    recorded, ids = recorded_levels_of(partnership, items), evidence_ids(records)
    first_year, _ = partnership.years([record.date_from.year for record in records], today)
    last_year = today.year
    years = levels_by_year(recorded, first_year, last_year)
    covered = coverage(records, first_year=first_year, last_year=last_year)
    state = cooperation_level(on, recorded)
    return LevelsDocument(
        window_months=state.window_months,
        day=level_on_day(state, ids, language),
        years=[
            LevelYearRow(
                year=item.year,
                number=item.level.number if item.level else None,
                name=(item.level.name if item.level else NOTHING).in_language(language),
                first_day=item.first_day,
                last_day=item.last_day,
                missing=[requirement.name.in_language(language) for requirement in item.missing],
                evidence=[_evidence_row(one, ids, language) for one in item.evidence],
            )
            for item in reversed(years)
        ],
        years_without_evidence=[item.year for item in years if item.level is None],
        years_without_records=list(covered.empty_years),
    )
