import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from confianza import sem
from confianza.errors import LANGUAGES, ModelError
from confianza.sem.analyses.alignment import AlignmentProblem, invariant_groups

REFERENCE = Path(__file__).parents[1] / "reference" / "invariance" / "alignment.json"


@cache
def read():
    return json.loads(REFERENCE.read_text(encoding="utf-8"))


def columns(name):
    return {column: np.array(values) for column, values in read()["data"][name].items()}


def model_of(data):
    return "f =~ " + " + ".join(name for name in data if name != "place")


@cache
def aligned(name, method="fixed", **options):
    data = columns(name)
    return sem.alignment(
        model_of(data), data, group="place", method=method, ordered=name == "ordered", **options
    )


@pytest.mark.parametrize("case", read()["cases"], ids=lambda case: case["id"])
def test_equals_a_search_without_derivatives(case):
    """`alignment.R`: lavaan's configural estimates, the published loss, optim() from many starts."""
    found = aligned(case["data"], case["method"])
    assert found.losses["f"] == pytest.approx(case["loss"], rel=1e-5)
    assert found.losses["f"] < case["loss"] + 1e-9
    assert found.groups["mean"] == pytest.approx(case["means"], abs=1e-5)
    assert found.groups["variance"] == pytest.approx(case["variances"], rel=5e-5)
    if "se" in case:
        assert found.groups["se"] == pytest.approx(case["se"], rel=1e-4)


def problem(*, is_free, seed=5):
    generator = np.random.default_rng(seed)
    groups, items, owner = 5, 4, np.array([0, 1, 2, 2, 3, 3])
    return AlignmentProblem(
        generator.uniform(0.5, 1, (groups, items)),
        generator.normal(0, 1, (groups, len(owner))),
        owner,
        generator.integers(100, 300, groups).astype(float),
        0.01,
        1,
        is_free=is_free,
    )


@pytest.mark.parametrize("is_free", [False, True])
def test_derivatives_equal_finite_differences(is_free):
    made = problem(is_free=is_free)
    at = np.random.default_rng(1).normal(0, 0.3, made.basis.shape[1])
    step = 1e-6

    def slope(function):
        rows = [(function(at + step * e) - function(at - step * e)) / (2 * step) for e in np.eye(len(at))]
        return np.array(rows)

    assert made.loss(at)[1] == pytest.approx(slope(lambda x: made.loss(x)[0]), abs=1e-8)
    second, mixed = made._second(at)
    assert second == pytest.approx(slope(lambda x: made.loss(x)[1]), abs=1e-8)
    count = made.loadings.shape[1]
    width = count + made.intercepts.shape[1]
    for place in range(len(made.n) * width):
        found = []
        for sign in (1, -1):
            moved = problem(is_free=is_free)
            group, column = divmod(place, width)
            if column < count:
                moved.loadings[group, column] += sign * step
            else:
                moved.intercepts[group, column - count] += sign * step
            found.append(moved.loss(at)[1])
        assert mixed[:, place] == pytest.approx((found[0] - found[1]) / (2 * step), abs=1e-8)


def simulated(seed, *, n=400):
    """Ten groups; the parameters of four of them that are not invariant."""
    generator = np.random.default_rng(seed)
    means = np.append(0, generator.normal(0, 0.5, 9))
    deviations = np.append(1, np.exp(generator.normal(0, 0.2, 9)))
    data = {name: [] for name in ("place", "y1", "y2", "y3", "y4", "y5")}
    for group in range(10):
        loadings, intercepts = np.array([0.8, 0.9, 1, 0.7, 0.85]), np.zeros(5)
        if group == 3:
            intercepts[1] = 0.6
        if group == 6:
            loadings[4], intercepts[2] = 0.4, -0.5
        if group == 8:
            intercepts[0] = 0.5
        factor = means[group] + deviations[group] * generator.normal(size=n)
        data["place"] += [f"g{group}"] * n
        for j in range(5):
            data[f"y{j + 1}"] += list(intercepts[j] + loadings[j] * factor + generator.normal(0, 0.6, n))
    return {name: np.array(values) for name, values in data.items()}, means, deviations**2


def test_true_means_come_back_and_the_parameters_that_differ_are_named():
    data, means, variances = simulated(5)
    found = sem.alignment(model_of(data), data, group="place", starts=5)
    inside = np.abs(np.array(found.groups["mean"]) - means) < 2.6 * np.array(found.groups["se"]) + 1e-9
    assert inside.sum() >= 9
    assert np.corrcoef(found.groups["variance"], variances)[0, 1] > 0.9
    named = {
        (row["item"], row["parameter"]): row["not_invariant"]
        for row in found.parameters.rows()
        if row["not_invariant"]
    }
    assert named == {
        ("y5", "loading"): "g6",
        ("y1", "intercept"): "g8",
        ("y2", "intercept"): "g3",
        ("y3", "intercept"): "g6",
    }
    assert found.noninvariant_share == pytest.approx(0.04)


def test_intervals_of_means_cover_as_they_should():
    hits = []
    for seed in range(14):
        data, means, _ = simulated(100 + seed, n=250)
        found = sem.alignment(model_of(data), data, group="place", starts=0)
        gaps = np.abs(np.array(found.groups["mean"]) - means)[1:]
        hits += list(gaps < 1.96 * np.array(found.groups["se"])[1:])
    assert 0.87 < np.mean(hits) < 0.99


def test_without_any_difference_between_items_the_means_are_those_of_the_scalar_model():
    generator = np.random.default_rng(3)
    factor = generator.normal(size=2000) + np.repeat([0, 0.5], 1000)
    data = {"place": np.repeat(["a", "b"], 1000)}
    for j, loading in enumerate((0.8, 0.9, 0.7, 1.0), 1):
        data[f"y{j}"] = loading * factor + generator.normal(0, 0.6, 2000)
    found = sem.alignment(model_of(data), data, group="place")
    scalar = sem.cfa(model_of(data), data, group="place", group_equal=["loadings", "intercepts"], std_lv=True)
    mean = scalar.estimates.where(lhs="f", op="~1", group=2)["est"][0]
    assert found.groups["mean"][1] == pytest.approx(mean, abs=0.02)
    assert found.parameters["not_invariant"] == [""] * 8


def test_another_reference_group_moves_and_rescales_only():
    found, other = aligned("plain"), aligned("plain", reference="g3")
    mean, spread = np.array(found.groups["mean"]), np.sqrt(found.groups["variance"])
    moved = (mean - mean[2]) / spread[2]
    # the fixed mean is another constraint, so that only the free alignment is the same up to its scale
    free, turned = aligned("plain", "free"), aligned("plain", "free", reference="g3")
    scale = np.sqrt(free.groups["variance"][2])
    assert np.array(turned.groups["mean"]) == pytest.approx(np.array(free.groups["mean"]) / scale, abs=1e-6)
    assert np.array(other.groups["mean"]) == pytest.approx(moved, abs=0.05)
    assert other.groups["mean"][2] == 0
    assert other.groups["variance"][2] == pytest.approx(1)


def test_group_and_item_order_do_not_matter():
    data = columns("plain")
    turned = sem.alignment(
        "f =~ y3 + y1 + y4 + y2", data, group="place", group_label=["g1", "g6", "g5", "g4", "g3", "g2"]
    )
    found = aligned("plain")
    expected = dict(zip(found.groups["group"], found.groups["mean"], strict=True))
    assert dict(zip(turned.groups["group"], turned.groups["mean"], strict=True)) == pytest.approx(
        expected, abs=1e-6
    )


def test_two_factors_are_aligned_one_by_one():
    data, _, _ = simulated(6)
    generator = np.random.default_rng(1)
    other = generator.normal(size=len(data["place"]))
    for name in ("z1", "z2", "z3"):
        data[name] = 0.8 * other + generator.normal(0, 0.6, len(other))
    both = sem.alignment("f =~ y1 + y2 + y3 + y4 + y5\ng =~ z1 + z2 + z3", data, group="place", starts=3)
    assert list(both.losses) == ["f", "g"]
    assert both.groups.height == 20
    assert np.abs(both.groups.where(latent="g")["mean"]).max() < 0.35


def test_invariant_groups_leave_out_the_one_that_differs():
    values = np.array([0.0, 0.1, 0.05, 1.0, -0.02])
    assert list(invariant_groups(values, 0.01 * np.eye(5), np.full(5, 100.0))) == [
        True,
        True,
        True,
        False,
        True,
    ]


def test_too_many_differences_are_doubted():
    generator = np.random.default_rng(9)
    data = {"place": np.repeat([f"g{g}" for g in range(6)], 400)}
    factor = generator.normal(size=2400)
    for j in range(1, 5):
        shifts = np.repeat(generator.normal(0, 0.8, 6), 400)
        loadings = np.repeat(generator.uniform(0.3, 1.2, 6), 400)
        data[f"y{j}"] = loadings * factor + shifts + generator.normal(0, 0.6, 2400)
    with pytest.warns(sem.SemWarning, match="not invariant"):
        sem.alignment(model_of(data), data, group="place", starts=3)


@pytest.mark.parametrize(
    ("code", "model", "options"),
    [
        ("sem-option-value", "f =~ y1 + y2 + y3", {"method": "loose"}),
        ("sem-option-value", "f =~ y1 + y2 + y3", {"epsilon": 0.0}),
        ("sem-alignment-option", "f =~ y1 + y2 + y3", {"std_lv": True}),
        ("sem-alignment-option", "f =~ y1 + y2 + y3", {"parameterization": "delta"}),
        ("sem-alignment-reference", "f =~ y1 + y2 + y3", {"reference": "g9"}),
        ("sem-alignment-cross", "f =~ y1 + y2 + y3\nh =~ y3 + y4", {}),
        ("sem-alignment-path", "f =~ y1 + y2 + y3\nf ~ y4", {}),
        ("sem-invariance-fixed", "f =~ 1*y1 + y2 + y3", {}),
        ("sem-invariance-one-group", "f =~ y1 + y2 + y3", {"group": None}),
        ("sem-invariance-no-factor", "y1 ~ y2", {}),
    ],
)
def test_what_cannot_be_aligned_is_refused(code, model, options):
    with pytest.raises(ModelError) as refusal:
        sem.alignment(model, columns("plain"), **{"group": "place", **options})
    assert refusal.value.code == code
    assert all(refusal.value.in_language(language) for language in LANGUAGES)
