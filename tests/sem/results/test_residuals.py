"""Residuals and explained variance: lavaan's, and finite differences where lavaan is not exact."""

import numpy as np
import pytest

from confianza import sem
from confianza.errors import ModelError
from confianza.sem.results.residuals import moment_covariance, residual_variances
from tests.sem.referee import Difference, difference, read_cases, read_data, report

KINDS = ("raw", "cor.bollen", "cor.bentler", "normalized", "standardized")
FLOOR = 1e-6  # residuals that the estimates reproduce are zero but for the last step of the search


def fitted(case):
    return getattr(sem, case.function)(case.model, case.columns(), **case.options)


def lavaans(part, lhs, op, rhs):
    """A residual of lavaan's list of a group; its names change with conditional covariates."""
    if op == "~~":
        found = part.get("cov", part.get("res.cov"))
        if lhs not in found["rows"] or rhs not in found["rows"]:
            return None
        return found["values"][found["rows"].index(lhs)][found["columns"].index(rhs)]
    if op == "|":
        return part.get("th", part.get("res.th", {})).get(f"{lhs}|{rhs}")
    if op == "~1":
        return part.get("mean", part.get("res.int", {})).get(lhs)
    found = part["res.slopes"]
    return found["values"][found["rows"].index(lhs)][found["columns"].index(rhs)]


def is_exact_in_lavaan(case, kind):
    """lavaan leaves the other groups out of the errors of residuals, and divides those of ordered ones by all rows."""
    groups = len(case.expected["resolved"]["n"]) > 1
    return (
        not groups
        or kind not in {"normalized", "standardized"}
        or (kind == "normalized" and "ordered" not in case.options)
    )


@pytest.mark.parametrize(
    "case", [c for c in read_cases("results") if "resid" in c.expected], ids=lambda c: c.id
)
def test_residuals_are_lavaans(case):
    fit, found, compared = fitted(case), [], 0
    for kind in KINDS:
        expected = case.expected["resid"][kind]
        if not expected or not is_exact_in_lavaan(case, kind):
            continue
        for row in fit.residuals(type=kind).rows():
            theirs = lavaans(expected[row["group"] - 1], row["lhs"], row["op"], row["rhs"])
            if theirs is not None:
                compared += 1
                name = "{kind} {lhs} {op} {rhs} [{group}]".format(kind=kind, **row)
                found.append(difference(name, row["value"], theirs, case.tolerance, floor=FLOOR))
    assert compared > 3 * fit.structure.n_observed
    assert not (worst := report(found)), worst


@pytest.mark.parametrize("case", [c for c in read_cases() if "r2" in c.expected], ids=lambda c: c.id)
def test_explained_variances_are_lavaans(case):
    ours = {(row["variable"], row["group"]): row["r2"] for row in fitted(case).r2.rows()}
    theirs = {
        (name, g + 1): value for g, part in enumerate(case.expected["r2"]) for name, value in part.items()
    }
    found = [
        Difference(str(key), key in ours, key in theirs, float("inf")) for key in ours.keys() ^ theirs.keys()
    ]
    found += [
        difference(str(key), ours[key], theirs[key], case.tolerance) for key in ours.keys() & theirs.keys()
    ]
    assert not (worst := report(found)), worst


def test_errors_of_residuals_are_those_of_refitting_to_other_moments():
    """Two groups that share loadings, at moments that fit: how residuals follow the moments, by finite differences."""
    loadings = np.array([1.0, 0.8, 1.2, 0.7])
    covariances = [
        np.outer(loadings, loadings) * v + np.diag(e) for v, e in [(1, [1, 0.5, 0.8, 1]), (2, [0.6, 1, 1, 2])]
    ]
    names = ["a", "b", "c", "d"]
    counts = [90, 240]
    row, column = np.array([(i, j) for j in range(4) for i in range(j, 4)]).T

    def fit_to(matrices):
        return sem.cfa(
            "f =~ a + b + c + d",
            sample_cov=[dict(zip(names, m.tolist(), strict=True)) for m in matrices],
            sample_nobs=counts,
            sample_cov_rescale=False,
            group_equal=["loadings"],
            meanstructure=False,
        )

    def residuals(matrices):
        return np.array(fit_to(matrices).residuals(type="raw")["value"])

    fit = fit_to(covariances)
    assert fit.measures["chisq"] == pytest.approx(0, abs=1e-10)
    spread = np.zeros((20, 20))
    for group in range(2):
        here = slice(10 * group, 10 * group + 10)
        spread[here, here] = moment_covariance(fit, group)
    slopes = np.empty((20, 20))
    for place in range(20):
        group, moment = divmod(place, 10)
        sides = []
        for sign in (1, -1):
            matrices = [m.copy() for m in covariances]
            i, j = row[moment], column[moment]
            matrices[group][i, j] += sign * 1e-4
            matrices[group][j, i] = matrices[group][i, j]
            sides.append(residuals(matrices))
        slopes[:, place] = (sides[0] - sides[1]) / 2e-4
    wanted = np.diag(slopes @ spread @ slopes.T)
    assert residual_variances(fit).ravel() == pytest.approx(wanted, rel=1e-5, abs=1e-9)


def test_an_unknown_type_is_refused():
    with pytest.raises(ModelError) as caught:
        sem.cfa("f =~ x1 + x2 + x3 + x4", read_data("hs")).residuals(type="z")
    assert caught.value.code == "sem-option-value"
