"""What must not matter does not: order of rows, items and groups, names, units, and how a scale is set."""

import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from confianza import sem
from tests.searches import search
from tests.sem.samples import Situation, people

TWO = "f =~ y1 + y2 + y3 + y4\ng =~ y5 + y6 + y7 + y8\ng ~ f\ny1 ~~ y5"
SCALAR = {"group": "nation", "group_equal": ["loadings", "intercepts"]}
SITUATIONS = [
    Situation("two factors", {"meanstructure": True}),
    Situation("covariates", {"estimator": "MLR"}),
    Situation("reciprocal", {"estimator": "GLS"}),
    Situation("recursive", {"estimator": "WLS"}),
    Situation("recursive", SCALAR),
    Situation("two factors", {"missing": "fiml"}, kind="gaps"),
    Situation("recursive", {"missing": "fiml", **SCALAR}, kind="gaps"),
    Situation("recursive", {"ordered": True}, kind="cut"),
    Situation("two factors", {"ordered": True, "group": "nation", "parameterization": "theta"}, kind="cut"),
]
each = pytest.mark.parametrize("one", SITUATIONS, ids=str)


def fitted(one, data, text=None):
    return sem.sem(text or one.text, data, **one.options)


def figures(fit):
    """Statistic, estimates and errors by what they are of; a covariance is that of the other order too."""
    found = {}
    for row in fit.estimates.rows():
        ends = (row["lhs"], row["rhs"])
        if row["op"] == "~~":
            ends = tuple(sorted(ends))
        group = fit.group_labels[row["group"] - 1] if row["group"] else ""
        found[(*ends, row["op"], group)] = (row["est"], row["se"])
    return fit.tests["standard"].statistic, found


def same(first, second, tolerance=2e-6):
    assert first[0] == pytest.approx(second[0], rel=tolerance, abs=1e-8)
    assert first[1].keys() == second[1].keys()
    for name, values in first[1].items():
        assert values == pytest.approx(second[1][name], rel=tolerance, abs=tolerance * 1e-2), name


@each
def test_order_of_rows(one):
    data = people(kind=one.kind)
    # the first row keeps its place: the groups are in the order in which they appear
    order = np.concatenate([[0], 1 + np.random.default_rng(5).permutation(len(data["y1"]) - 1)])
    shuffled = {name: column[order] for name, column in data.items()}
    label = {"group_label": list(fitted(one, data).group_labels)} if "group" in one.options else {}
    other = sem.sem(one.text, shuffled, **one.options | label)
    same(figures(fitted(one, data)), figures(other))


@pytest.mark.parametrize("one", [one for one in SITUATIONS if "group" in one.options], ids=str)
def test_order_of_groups(one):
    """The latent means and scales are set by the first group, so that only the fit itself must stay."""
    data = people(kind=one.kind)
    fits = [
        sem.sem(one.text, data, **one.options | {"group_label": labels})
        for labels in (["north", "south"], ["south", "north"])
    ]
    assert fits[0].group_labels == ("north", "south")
    statistics = [fit.tests["standard"].statistic for fit in fits]
    assert statistics[0] == pytest.approx(statistics[1], rel=1e-7)
    for group in (0, 1):
        ours, others = fits[0].fitted_moments, fits[1].fitted_moments
        np.testing.assert_allclose(ours[0][group], others[0][1 - group], rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(ours[1][group], others[1][1 - group], rtol=1e-5, atol=1e-6)


@each
def test_names_of_variables(one):
    """Names that sort in another order, so that nothing can hang on it."""
    names = {f"y{j}": f"z{9 - j}" for j in range(1, 9)} | {"x1": "b", "x2": "a", "f": "zeta", "g": "alpha"}

    def renamed(text):
        return re.sub(r"\b(y\d|x\d|f|g)\b", lambda match: names[match.group()], text)

    data = people(kind=one.kind)
    other = fitted(one, {names.get(name, name): column for name, column in data.items()}, renamed(one.text))
    statistic, found = figures(fitted(one, data))
    expected = {}
    for (lhs, rhs, op, group), values in found.items():
        ends = (names.get(lhs, lhs), names.get(rhs, rhs))
        expected[(*(sorted(ends) if op == "~~" else ends), op, group)] = values
    same((statistic, expected), figures(other))


@each
def test_order_of_items(one):
    """The marker stays first; the other items of each factor turn round."""
    turned = one.text.replace("y2 + y3 + y4", "y4 + y3 + y2").replace("y6 + y7 + y8", "y8 + y7 + y6")
    assert turned != one.text
    data = people(kind=one.kind)
    same(figures(fitted(one, data)), figures(fitted(one, data, turned)))


@pytest.mark.parametrize("one", [one for one in SITUATIONS if one.kind != "cut"], ids=str)
@pytest.mark.parametrize("factor", [1e-3, 1e4])
def test_units_of_items(one, factor):
    """An item in other units changes what is expressed in them, and nothing else."""
    data = people(kind=one.kind)
    rescaled = data | {"y3": data["y3"] * factor, "y6": data["y6"] / factor}
    unit = {"y3": factor, "y6": 1 / factor}
    statistic, found = figures(fitted(one, data))
    expected = {}
    for (lhs, rhs, op, group), values in found.items():
        by = unit.get(lhs, 1.0) * unit.get(rhs, 1.0)
        expected[lhs, rhs, op, group] = tuple(value * by for value in values)
    same((statistic, expected), figures(fitted(one, rescaled)), 1e-5)


@each
def test_ways_of_setting_the_scale(one):
    """Marker item, factor variance one and effect coding are one model."""
    data = people(kind=one.kind)
    fits = [fitted(one, data)]
    if "group_equal" not in one.options:
        fits.append(sem.sem(one.text, data, **one.options, std_lv=True))
    if one.kind != "cut":
        fits.append(sem.sem(one.text, data, **one.options, effect_coding=True))
    assert len(fits) > 1
    for first, second in pairwise(fits):
        assert first.n_free == second.n_free
        assert first.tests["standard"].statistic == pytest.approx(
            second.tests["standard"].statistic, rel=1e-7
        )
        np.testing.assert_allclose(first.fitted_moments[0], second.fitted_moments[0], rtol=1e-5, atol=1e-6)


def test_groups_apart_are_fits_apart():
    """Without equalities two groups are two fits: estimates of each, and the statistics add up."""
    data = people()
    whole = sem.sem(TWO, data, group="nation", meanstructure=True)
    total = 0.0
    for label in whole.group_labels:
        rows = data["nation"] == label
        alone = sem.sem(TWO, {name: column[rows] for name, column in data.items()}, meanstructure=True)
        total += alone.tests["standard"].statistic
        _, part = figures(alone)
        _, found = figures(whole)
        for (lhs, rhs, op, _), values in part.items():
            assert found[lhs, rhs, op, label] == pytest.approx(values, rel=1e-5, abs=1e-7)
    assert whole.tests["standard"].statistic == pytest.approx(total, rel=1e-8)


def test_rows_without_gaps_are_the_same_by_full_information():
    data = people()
    plain = sem.sem(TWO, data, meanstructure=True, information="observed")
    same(figures(plain), figures(sem.sem(TWO, data, missing="fiml")))


def test_rows_twice_give_the_same_estimates_and_smaller_errors():
    data = people()
    twice = {name: np.concatenate([column, column]) for name, column in data.items()}
    (once, found), (double, others) = figures(sem.sem(TWO, data)), figures(sem.sem(TWO, twice))
    assert double == pytest.approx(2 * once, rel=1e-8)
    for name, (estimate, error) in found.items():
        assert others[name] == pytest.approx((estimate, error / 2**0.5), rel=1e-6, abs=1e-8)


@st.composite
def identified_models(draw):
    """A model of 1-3 factors with 3-6 items each, and true values of everything it has."""
    sizes = draw(st.lists(st.integers(3, 6), min_size=1, max_size=3))
    names = ["f", "g", "h"][: len(sizes)]
    seed = draw(st.integers(0, 2**20))
    lines, first, starts = [], 1, []
    is_equal = draw(st.booleans())
    for name, size in zip(names, sizes, strict=True):
        items = [f"y{first + j}" for j in range(size)]
        if is_equal and size > 3:
            items[-2:] = [f"{name}e*{item}" for item in items[-2:]]
        lines.append(f"{name} =~ " + " + ".join(items))
        starts.append(first)
        first += size
    paths = [draw(st.booleans()) for _ in names[1:]]
    lines += [f"{names[k + 1]} ~ {names[k]}" for k, has_path in enumerate(paths) if has_path]
    if len(sizes) > 1 and draw(st.booleans()):
        lines.append(f"y{starts[0]} ~~ y{starts[1]}")
    groups = draw(st.integers(1, 3))
    equal = draw(st.sampled_from([(), ("loadings",), ("loadings", "intercepts")]))
    return "\n".join(lines), sizes, groups, equal, seed


@pytest.mark.filterwarnings("ignore:One label")
@given(identified_models())
@search(full=40, quick=15)
def test_random_models_converge_to_a_minimum(model):
    """... that lies below the truth, with a gradient of zero and a Hessian that is positive definite."""
    text, sizes, groups, equal, seed = model
    random = np.random.default_rng(seed)
    n = 300
    nation = np.arange(n) % groups
    common = random.normal(size=(n, 1))
    latent = 0.6 * common + 0.8 * random.normal(size=(n, len(sizes))) + 0.3 * nation[:, None]
    items = np.hstack([latent[:, [k]] * random.uniform(0.6, 1.2, size) for k, size in enumerate(sizes)])
    items += random.uniform(0.4, 0.9, items.shape[1]) * random.normal(size=items.shape)
    data = {f"y{j + 1}": items[:, j] for j in range(items.shape[1])} | {"nation": nation}
    options = {"group": "nation", "group_equal": equal} if groups > 1 else {}
    fit = sem.sem(text, data, **options)
    assume(fit.tests["standard"].df >= 0)
    assert fit.converged
    value, gradient, hessian = fit.objective.derivatives(fit.optimum.z, exact=True)
    np.linalg.cholesky(hessian)
    assert gradient @ np.linalg.solve(hessian, gradient) < 1e-16
    for _ in range(3):
        near = fit.optimum.z + 0.01 * random.normal(size=len(gradient))
        assert fit.objective.value(near) > value
