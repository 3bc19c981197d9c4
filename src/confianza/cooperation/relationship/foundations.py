"""The foundations of trust, computed from records: Kelman's five concepts, Shaw's nine cells, cultural differences.

Every figure is None, and every list empty, where nothing is on record: it is said so, never guessed.

References
----------
Kelman (2005), Building trust among enemies, International Journal of Intercultural Relations 29, 639–650.
Shaw (1997), Trust in the Balance, Jossey-Bass.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from statistics import mean, median

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.relationship.consistency import weighted_kappa
from confianza.cooperation.relationship.records import Record, record_fields
from confianza.packaged import packaged_table

STEPS = ("commitment", "reassurance")
MUTUAL_BUSINESS = ("agreement", "exchange", "exercise", "visit", "education")
SENSITIVE_ACTS = ("act", "hedge")
LARGEST_RISE = 2.0  # a step is at most twice the own step before it
SENSITIVE_SEVERITY = (
    0.5  # from here on an act has material stakes for the other side, by the anchors of severity
)
NEEDED_KAPPA = 0.6
RATINGS = 5  # 0–4
RATERS = 2


@dataclass(frozen=True)
class Steps:
    """Kelman 1: the commitments and reassurances of a side, and how soon they answered one of the other's.

    `too_large` are steps of more than twice the severity of the own step before.
    """

    actor_code: str
    records: tuple[Record, ...]
    verifiable_count: int
    answering: tuple[Record, ...]
    lag_days: tuple[int, ...]  # of those whose days are both on record
    too_large: tuple[Record, ...]

    @property
    def median_lag_days(self) -> float | None:
        """Days from a step to its answer, the median; None without a lag on record."""
        return median(self.lag_days) if self.lag_days else None


@dataclass(frozen=True)
class ThirdParty:
    """Kelman 2: sessions under a third party, their share of the business both sides do together, 0–1, and what was
    first given to the third party and is exchanged directly by now. The share should fall as trust grows.
    """

    sessions: tuple[Record, ...]
    parties: tuple[str, ...]
    share: float | None
    direct_count: int


@dataclass(frozen=True)
class WorkingTrust:
    """Kelman 3: each side's statements of its own interest, by activity, and the share of activities with both."""

    statements: Mapping[str, Mapping[str, tuple[Record, ...]]]
    both_share: float | None


@dataclass(frozen=True)
class Coalition:
    """Kelman 4: what cooperation cost a side at home: public criticism, dissent, consent of whoever could block it."""

    actor_code: str
    by_position: Mapping[str, tuple[Record, ...]]


@dataclass(frozen=True)
class Reassurance:
    """Kelman 5: acknowledgments, apologies and notices of a side; of its sensitive acts, how many it gave notice of.

    no-surprise rate = sensitive acts with a notice on record / sensitive acts on record
    """

    actor_code: str
    records: tuple[Record, ...]
    sensitive_acts: tuple[Record, ...]
    notified: tuple[Record, ...]

    @property
    def no_surprise_rate(self) -> float | None:
        """Share (0–1) of the sensitive acts with a notice on record; None without such an act."""
        return len(self.notified) / len(self.sensitive_acts) if self.sensitive_acts else None


@dataclass(frozen=True)
class Foundations:
    """The five cards, those of a side in the order of the parties."""

    steps: tuple[Steps, ...]
    third_party: ThirdParty
    working_trust: WorkingTrust
    coalition: tuple[Coalition, ...]
    reassurance: tuple[Reassurance, ...]


@dataclass(frozen=True)
class Cell:
    """A cell of Shaw's diagnosis of an institution, with its ratings by rater.

    `value` is their mean, 0–4; None where fewer than two raters rated it, or where the raters do not agree enough.
    `state` says which: `rated`, `one rater`, `raters disagree` or `not on record`.
    """

    code: str
    ratings: Mapping[str, int]
    value: float | None
    state: str


@dataclass(frozen=True)
class Diagnosis:
    """Shaw's nine cells of an institution; `kappa` is the agreement of its raters over the cells that two rated."""

    institution: str
    cells: tuple[Cell, ...]
    kappa: float | None


@dataclass(frozen=True)
class Anchor:
    """What a rating of a cell means, in words."""

    cell: str
    rating: int
    sentence: BilingualText


@dataclass(frozen=True)
class CulturalDifference:
    """What the sources say of one dimension of two counterparts; `differs` None where one has nothing on record."""

    dimension: str
    first: tuple[Record, ...]
    second: tuple[Record, ...]
    differs: bool | None


def _used(records: Iterable[Record]) -> list[Record]:
    return sorted(
        (record for record in records if record.is_used), key=lambda item: (item.first_day, item.record_id)
    )


def _lag_days(answer: Record, answered: Record) -> int | None:
    if {answer.date_from.precision, answered.date_from.precision} != {"day"}:
        return None
    return (answer.first_day - answered.first_day).days


def steps_of(records: Iterable[Record], actor_code: str) -> Steps:
    """Kelman 1 for one side."""
    records = _used(records)
    by_id = {record.record_id: record for record in records}
    own = [record for record in records if record.kind in STEPS and record.actor_code == actor_code]
    answering = [record for record in own if record.details.get("answers") in by_id]
    lags = (_lag_days(record, by_id[str(record.details["answers"])]) for record in answering)
    return Steps(
        actor_code,
        tuple(own),
        sum(record.details.get("is_verifiable") == "yes" for record in own),
        tuple(answering),
        tuple(lag for lag in lags if lag is not None),
        tuple(
            after
            for before, after in pairwise(own)
            if before.severity and after.severity and after.severity > LARGEST_RISE * before.severity
        ),
    )


def third_party_of(records: Iterable[Record]) -> ThirdParty:
    """Kelman 2. What a third party did against either side (sign 0 or below) is no session."""
    records = _used(records)
    sessions = tuple(record for record in records if record.kind == "third_party" and record.sign > 0)
    business = sum(record.is_mutual and record.kind in MUTUAL_BUSINESS for record in records) + len(sessions)
    return ThirdParty(
        sessions,
        tuple(sorted({str(record.details["third_party"]) for record in sessions})),
        len(sessions) / business if sessions else None,
        sum(record.details.get("is_direct") == "yes" for record in sessions),
    )


def working_trust_of(records: Iterable[Record], parties: Sequence[str]) -> WorkingTrust:
    """Kelman 3."""
    statements: dict[str, dict[str, tuple[Record, ...]]] = {}
    for record in _used(records):
        if record.kind == "working_trust":
            sides = statements.setdefault(str(record.details["activity"]), {})
            sides[record.actor_code] = (*sides.get(record.actor_code, ()), record)
    with_both = sum(set(parties) <= set(sides) for sides in statements.values())
    return WorkingTrust(statements, with_both / len(statements) if statements else None)


def coalition_of(records: Iterable[Record], actor_code: str) -> Coalition:
    """Kelman 4 for one side."""
    own = [item for item in _used(records) if item.kind == "coalition" and item.actor_code == actor_code]
    positions = record_fields()["position"].options
    return Coalition(
        actor_code,
        {code: tuple(item for item in own if item.details["position"] == code) for code in positions},
    )


def reassurance_of(records: Iterable[Record], actor_code: str) -> Reassurance:
    """Kelman 5 for one side.

    A sensitive act is one of its own acts or safeguards against the other that the other would take unfavorably, of
    severity .5 or more; it was notified where its happening has a reassurance of the same side with days of notice.
    """
    own = [record for record in _used(records) if record.actor_code == actor_code]
    reassuring = [record for record in own if record.kind == "reassurance"]
    noticed = {record.happening for record in reassuring if record.details.get("notified_days")}
    sensitive = tuple(
        record
        for record in own
        if record.kind in SENSITIVE_ACTS and record.sign < 0 and (record.severity or 0) >= SENSITIVE_SEVERITY
    )
    return Reassurance(
        actor_code,
        tuple(reassuring),
        sensitive,
        tuple(record for record in sensitive if record.happening in noticed),
    )


def foundations(records: Iterable[Record], parties: Sequence[str]) -> Foundations:
    """Kelman's five concepts as the records tell them."""
    records = list(records)
    return Foundations(
        tuple(steps_of(records, code) for code in parties),
        third_party_of(records),
        working_trust_of(records, parties),
        tuple(coalition_of(records, code) for code in parties),
        tuple(reassurance_of(records, code) for code in parties),
    )


@cache
def anchors() -> tuple[Anchor, ...]:
    """The written anchors of the ratings 0–4 of each cell, in the order of the cells."""
    return tuple(
        Anchor(cell, int(rating), BilingualText.of(sentence))
        for cell, ratings in packaged_table(__package__, "anchors.toml")["cells"].items()
        for rating, sentence in ratings.items()
    )


def diagnosis_of(records: Iterable[Record], institution: str) -> Diagnosis:
    """Shaw's nine cells of an institution, by its raters' latest ratings.

    A cell has a value when two or more raters rated it and the weighted kappa of the first two raters of every such
    cell, by name, is at least .60. A rater is the coder of the record.
    """
    ratings: dict[str, dict[str, int]] = {}
    for record in _used(records):
        if record.kind == "diagnosis" and record.institution_actor == institution:
            for coding in record.codings:
                cell = ratings.setdefault(str(record.details["cell"]), {})
                cell[coding.coder] = int(str(record.details["rating"]))
    pairs = [
        tuple(rated[coder] for coder in sorted(rated)[:RATERS])
        for rated in ratings.values()
        if len(rated) >= RATERS
    ]
    kappa = weighted_kappa([pair[0] for pair in pairs], [pair[1] for pair in pairs], RATINGS)
    agree = kappa is not None and kappa >= NEEDED_KAPPA
    return Diagnosis(
        institution,
        tuple(_cell(code, ratings.get(code, {}), agree=agree) for code in record_fields()["cell"].options),
        kappa,
    )


def _cell(code: str, rated: Mapping[str, int], *, agree: bool) -> Cell:
    if not rated:
        return Cell(code, rated, None, "not on record")
    if len(rated) < RATERS:
        return Cell(code, rated, None, "one rater")
    if not agree:
        return Cell(code, rated, None, "raters disagree")
    return Cell(code, rated, mean(rated.values()), "rated")


def cultural_differences(
    records: Iterable[Record], first: Collection[str], second: Collection[str]
) -> list[CulturalDifference]:
    """What the sources say of each dimension of two counterparts, and whether they differ.

    They differ where no value of the one is a value of the other.

    Parameters
    ----------
    first, second : collection of str
        The names of an institution, and of those it is part of, as the records have them.
    """
    entries = [record for record in _used(records) if record.kind == "culture"]
    differences = []
    for dimension in record_fields()["dimension"].options:
        of_dimension = [record for record in entries if record.details["dimension"] == dimension]
        ours = tuple(record for record in of_dimension if record.institution_actor in first)
        theirs = tuple(record for record in of_dimension if record.institution_actor in second)
        values = [{str(record.details["value"]).casefold() for record in side} for side in (ours, theirs)]
        differs = values[0].isdisjoint(values[1]) if all(values) else None
        differences.append(CulturalDifference(dimension, ours, theirs, differs))
    return differences
