"""Random models beside lavaan: `random_models.py` makes them, `reference/random/make.R` asked lavaan.

lavaan's search stops where its own criterion says so, at times some way before the minimum: our chi-square may be
lower than lavaan's but never higher. By how much it is lower says how far, in standard errors, lavaan's estimates can
be from the minimum, and that is the tolerance.
"""

import json
import math
import warnings
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from confianza import sem
from confianza.errors import ModelError
from tests.sem.random_models import KINDS, random_model

MADE = json.loads(
    (Path(__file__).parent / "reference" / "random" / "lavaan.json").read_text(encoding="utf-8")
)
ANSWERS = dict(enumerate(MADE["answers"]))
NOT_IDENTIFIED = [
    number
    for number, answer in ANSWERS.items()
    if any("variance-covariance matrix of the estimated" in warned for warned in answer.get("warnings", ()))
]
DIVERGES = next(n for n, answer in ANSWERS.items() if answer["id"] == "30-high-correlation")
STOPPED_EARLY = 0.01  # of chi-square, above the minimum


@cache
def fitted(number):
    one = random_model(number)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return getattr(sem, one.function)(one.model, one.columns, **one.options)


def of(numbers):
    return pytest.mark.parametrize("number", [pytest.param(n, id=ANSWERS[n]["id"]) for n in numbers])


def excess(number):
    """How far lavaan's chi-square is above ours; infinite where it has none."""
    theirs = ANSWERS[number].get("measures", {}).get("chisq")
    if theirs is None:
        return math.inf
    return theirs - fitted(number).tests["standard"].statistic


def compared(number):
    """How far lavaan can be from the minimum, in standard errors; skips what lavaan has not solved."""
    if number in NOT_IDENTIFIED or excess(number) > STOPPED_EARLY:
        pytest.skip("lavaan warns that the model is not identified, or has not reached the minimum")
    exact = 5e-4 if KINDS[number] == "ordered" else 3e-4
    return exact + 1.5 * max(excess(number), 0.0) ** 0.5


def test_lavaan_solved_nearly_all():
    assert [answer["id"] for answer in ANSWERS.values()] == [random_model(n).id for n in range(len(KINDS))]
    unsolved = [n for n in ANSWERS if n not in NOT_IDENTIFIED and n != DIVERGES and excess(n) > STOPPED_EARLY]
    assert len(unsolved) <= 6


@of([number for number in ANSWERS if number != DIVERGES])
def test_converges_and_no_higher_than_lavaan(number):
    assert fitted(number).converged
    assert excess(number) > -1e-5 * (1 + fitted(number).tests["standard"].statistic)


@of(ANSWERS)
def test_measures_equal_lavaan(number):
    if number == DIVERGES:
        pytest.skip("there is no minimum")
    near = compared(number)
    found = fitted(number).measures
    for name, value in ANSWERS[number]["measures"].items():
        if value is not None:
            assert found[name] == pytest.approx(value, rel=10 * near, abs=10 * near), name


@of(ANSWERS)
def test_estimates_and_errors_equal_lavaan(number):
    if number == DIVERGES:
        pytest.skip("there is no minimum")
    near = compared(number)
    columns = ANSWERS[number]["estimates"]
    ours = {(r["lhs"], r["op"], r["rhs"], r["group"]): r for r in fitted(number).estimates.rows()}
    for values in zip(*columns.values(), strict=True):
        row = dict(zip(columns, values, strict=True))
        mine = ours[row["lhs"], row["op"], row["rhs"], row["group"]]
        error = mine["se"] if mine["se"] > 0 else abs(mine["est"])
        assert mine["est"] == pytest.approx(row["est"], rel=1e-12, abs=near * error + 1e-9), row
        if row["se"] is not None and not math.isnan(mine["se"]):
            assert mine["se"] == pytest.approx(row["se"], rel=20 * near, abs=1e-9), row


@of(NOT_IDENTIFIED)
def test_what_lavaan_doubts_is_identified_or_named(number):
    """lavaan warns of a matrix that is hardly positive definite; we name parameters where there is no information."""
    information = fitted(number).objective.derivatives(fitted(number).optimum.z, exact=False)[2]
    size = np.sqrt(np.diag(information))
    smallest = np.linalg.eigvalsh(information / np.outer(size, size))[0]
    if smallest > 1e-10:
        assert np.isfinite(fitted(number).vcov).all()
        return
    with pytest.raises(ModelError) as caught:
        _ = fitted(number).vcov
    assert caught.value.code == "sem-not-identified"


@of([DIVERGES])
def test_a_residual_variance_held_at_one_that_wants_to_be_none_diverges(number):
    """Factor correlations of .95 with residual variances of one: loadings go to nought, and we give no numbers."""
    assert not fitted(number).converged
    with pytest.raises(ModelError):
        _ = fitted(number).estimates
