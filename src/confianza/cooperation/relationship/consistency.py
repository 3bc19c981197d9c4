"""How well two codings of the same records agree.

It is called consistency: two codings of one coder, or of coders who are not named, show that the anchors are stable,
never that people agree. The reliability of a diagnosis needs two named people.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from confianza.cooperation.relationship.records import Record

SEVERITY_BINS = (
    0.15,
    0.35,
    0.55,
    0.8,
)  # lower bounds of the second to fifth bin of severity, as the anchors have them
POWERS = {"linear": 1, "quadratic": 2}


@dataclass(frozen=True)
class Consistency:
    """Agreement of two codings of severity; `table[i][j]` counts records in bin i of the first and j of the second."""

    coders: tuple[str, str]
    count: int
    quadratic_kappa: float | None
    linear_kappa: float | None
    same_bin_share: float
    same_value_count: int
    mean_absolute_difference: float
    table: tuple[tuple[int, ...], ...]


def weighted_kappa(
    first: Sequence[int], second: Sequence[int], categories: int, weights: str = "quadratic"
) -> float | None:
    """Cohen's kappa of two ratings of the same things, with disagreement weighted by distance.

    kappa = 1 − Σ w[i,j] o[i,j] / Σ w[i,j] e[i,j],  w[i,j] = |i − j|^p,  e[i,j] = n[i,·] n[·,j] / n

    p is 1 for `linear` and 2 for `quadratic` weights.

    Parameters
    ----------
    first, second : sequence of int
        Categories 0, 1, …, categories − 1, shape (n,).

    Returns
    -------
    float or None
        1 for full agreement, 0 for that of chance; None where chance itself leaves nothing to disagree on.

    References
    ----------
    Cohen (1968), Weighted kappa, Psychological Bulletin 70(4), 213–220.
    """
    power, count = POWERS[weights], len(first)
    observed = Counter(zip(first, second, strict=True))
    rows, columns = Counter(first), Counter(second)
    pairs = [(i, j) for i in range(categories) for j in range(categories)]
    expected = sum(Fraction(abs(i - j) ** power * rows[i] * columns[j], count or 1) for i, j in pairs)
    if not expected:
        return None
    return float(1 - sum(abs(i - j) ** power * observed[i, j] for i, j in pairs) / expected)


def severity_bin(severity: float) -> int:
    """The bin of a severity, 0–4."""
    return bisect_right(SEVERITY_BINS, severity)


def consistency(records: Iterable[Record], coders: tuple[str, str]) -> Consistency | None:
    """How well two coders agree on the severity of the records that both coded; None where there is none."""
    pairs = []
    for record in records:
        by_coder = {coding.coder: coding.severity for coding in record.codings}
        if set(coders) <= set(by_coder):
            pairs.append((by_coder[coders[0]], by_coder[coders[1]]))
    if not pairs:
        return None
    first, second = ([severity_bin(value) for value in side] for side in zip(*pairs, strict=True))
    categories = len(SEVERITY_BINS) + 1
    cells = Counter(zip(first, second, strict=True))
    return Consistency(
        coders=coders,
        count=len(pairs),
        quadratic_kappa=weighted_kappa(first, second, categories),
        linear_kappa=weighted_kappa(first, second, categories, "linear"),
        same_bin_share=sum(one == other for one, other in zip(first, second, strict=True)) / len(pairs),
        same_value_count=sum(one == other for one, other in pairs),
        mean_absolute_difference=sum(abs(one - other) for one, other in pairs) / len(pairs),
        table=tuple(tuple(cells[i, j] for j in range(categories)) for i in range(categories)),
    )
