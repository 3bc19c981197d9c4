"""Agreement of two codings, against statsmodels and the published table."""

import random
from dataclasses import replace

import pytest

from confianza.cooperation.relationship.consistency import consistency, severity_bin, weighted_kappa
from tests.cooperation.relationship.made_records import coding, record

inter_rater = pytest.importorskip("statsmodels.stats.inter_rater")


@pytest.mark.parametrize("weights", ["linear", "quadratic"])
@pytest.mark.parametrize("seed", range(5))
def test_weighted_kappa_is_that_of_statsmodels(weights, seed):
    chance = random.Random(seed)  # noqa: S311  # made-up ratings, no secret
    first = [chance.randrange(5) for _ in range(60)]
    second = [min(4, max(0, value + chance.choice((-1, 0, 0, 1)))) for value in first]
    table = [
        [sum(pair == (i, j) for pair in zip(first, second, strict=True)) for j in range(5)] for i in range(5)
    ]
    expected = inter_rater.cohens_kappa(table, wt=weights, return_results=False)
    assert weighted_kappa(first, second, 5, weights) == pytest.approx(expected, abs=1e-12)


def test_where_chance_leaves_nothing_to_disagree_on_there_is_no_kappa():
    assert weighted_kappa([2, 2], [2, 2], 5) is None
    assert weighted_kappa([], [], 5) is None


def test_a_severity_at_a_bound_is_in_the_upper_bin():
    assert [severity_bin(value) for value in (0, 0.149, 0.15, 0.35, 0.55, 0.8, 1)] == [0, 0, 1, 2, 3, 4, 4]


def test_only_what_both_coded_is_compared():
    twice = replace(record("a"), codings=(coding("a", 0.4), coding("b", 0.5)))
    agreement = consistency([twice, record("b", severity=0.9)], ("a", "b"))
    assert (agreement.count, agreement.same_bin_share, agreement.same_value_count) == (1, 1.0, 0)
    assert consistency([record("b", severity=0.9)], ("a", "b")) is None
