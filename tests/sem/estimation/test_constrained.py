"""Minima under constraints: what binds is told by multipliers, whatever the units; what cannot be met is refused."""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest

from confianza import sem
from confianza.errors import LANGUAGES, ModelError
from confianza.sem.warnings import SemWarning
from tests.sem.referee import read_data

FOLDER = Path(__file__).parents[1] / "reference" / "constrained"
CASES = json.loads((FOLDER / "cases.json").read_text(encoding="utf-8"))
ANSWERS = {
    one["id"]: one for one in json.loads((FOLDER / "lavaan.json").read_text(encoding="utf-8"))["answers"]
}
TWO = "visual =~ x1 + a*x2 + b*x3\ntextual =~ x4 + c*x5 + d*x6\n"
PATHS = "x4 ~ p*x1 + q*x2 + r*x3\nx5 ~ s*x1 + t*x2\nx6 ~ u*x4 + v*x1\n"
SIGNS = "p > 0\nq > 0\nr > 0\ns > 0\nt > 0\nu > 0\nv < 0"


def in_units(data, factors):
    return dict(data) | {name: data[name] * factor for name, factor in factors.items()}


def every_x(factor):
    return {f"x{place}": factor for place in range(1, 10)}


def labeled(fit):
    return {row["label"]: row["est"] for row in fit.estimates.rows() if row["label"]}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_estimates_and_errors_are_lavaans(case):
    fit = getattr(sem, case["function"])(case["model"], read_data(case["data"]), **case["options"])
    measures, table = ANSWERS[case["id"]]["measures"], ANSWERS[case["id"]]["estimates"]
    assert fit.measures["df"] == measures["df"]
    assert fit.measures["chisq"] == pytest.approx(measures["chisq"], abs=1e-4)
    close = 5e-3 if case["data"] == "scores" else 1e-3  # of an error: where lavaan stops short of the minimum
    for ours, est, se in zip(fit.estimates.rows(), table["est"], table["se"], strict=True):
        assert ours["est"] == pytest.approx(est, rel=1e-5, abs=close * (se or 0) + 1e-5), ours
        assert ours["se"] == pytest.approx(se or 0, rel=close, abs=2e-5), ours


def random_regressions(seed):
    """Three outcomes on three covariates, some of the nine slopes at least zero; the data, the model, the slopes."""
    random = np.random.default_rng(seed)
    x = random.standard_normal((200, 3))
    errors = np.linalg.cholesky([[1, 0.3, 0.2], [0.3, 1, 0.3], [0.2, 0.3, 1]])
    y = x @ random.uniform(-0.3, 0.3, (3, 3)) + random.standard_normal((200, 3)) @ errors.T
    pairs = [(i, j) for i in (1, 2, 3) for j in (1, 2, 3)]
    model = "\n".join(f"y{i} ~ b{i}1*x1 + b{i}2*x2 + b{i}3*x3" for i in (1, 2, 3))
    bounded = [f"b{i}{j}" for i, j in pairs if random.random() < 0.5] or ["b11"]
    columns = {f"y{j + 1}": y[:, j] for j in range(3)} | {f"x{j + 1}": x[:, j] for j in range(3)}
    return columns, "\n".join([model, *(f"{label} > 0" for label in bounded)]), bounded


@pytest.mark.parametrize("seed", [0, 5, 10, 41, 58])
def test_units_do_not_decide_what_binds(seed):
    data, model, bounded = random_regressions(seed)
    one = sem.sem(model, data)
    for factor in (100.0, 1e4, 0.01, 1e-4):
        other = sem.sem(model, in_units(data, {"y1": factor, "x2": 1 / factor}))
        assert other.measures["chisq"] == pytest.approx(one.measures["chisq"], abs=1e-7)
        assert [active.text for active in other.active_constraints] == [
            active.text for active in one.active_constraints
        ]
        assert min(labeled(other)[label] for label in bounded) > -1e-9


@pytest.mark.parametrize("seed", range(8))
def test_multipliers_have_the_sign_of_what_they_hold(seed):
    """Where an inequality is left out that binds, the fit gets better, and else it stays as it is."""
    data, model, bounded = random_regressions(seed)
    fit = sem.sem(model, data, se="none")
    active = {one.text.removesuffix(">0") for one in fit.active_constraints}
    for label in bounded:
        freed = sem.sem(model.replace(f"\n{label} > 0", ""), data, se="none")
        gain = fit.measures["chisq"] - freed.measures["chisq"]
        assert gain > 1e-9 if label in active else gain == pytest.approx(0, abs=1e-8)


@pytest.mark.parametrize("factor", [100.0, 1e4, 0.01, 1e-5])
@pytest.mark.parametrize(
    "model",
    [
        TWO + "a == c\nb > 0.8\nd < 0.9",
        TWO + "c == a*b\na > 0.7\nd < 0.9",
        TWO + "a^2 + b^2 < 0.8",
        PATHS + SIGNS,
        PATHS + "p*s > 0.3\nexp(q) > 1.05\nu^2 < 0.1",
        "f =~ NA*x1 + a*x1 + b*x2 + c*x3 + d*x4\na*b*c*d == 1\na > 0.5",
        "f =~ NA*x1 + a*x1 + b*x2 + c*x3 + d*x4\na^2 + b^2 + c^2 + d^2 == 4",
    ],
)
def test_units_of_all_variables_do_not_matter(model, factor):
    data = read_data("hs")
    one, other = (sem.sem(model, rows) for rows in (data, in_units(data, every_x(factor))))
    for name in ("chisq", "df"):
        assert other.measures[name] == pytest.approx(one.measures[name], abs=1e-7)
    assert list(labeled(other).values()) == pytest.approx(list(labeled(one).values()), rel=1e-6)


@pytest.mark.parametrize(
    ("again", "df"),
    [
        ("a*b == c", 9),
        ("a*b == c\nc == a*b", 9),
        ("a*b == c\nc/b == a\na*b - c == 0", 9),
        ("a*b == c\nlog(a) + log(b) == log(c)", 9),
        ("a == b\na^2 == b^2", 9),
        ("a == b\nc == a*b\nc == a^2", 10),
        ("a == b\n(a - b)^3 == 0", 9),
        ("a*b == c\na*b*d == c*d", 9),
        ("a*b == c\na == d^2", 10),
    ],
)
def test_an_equality_that_follows_from_others_does_not_count(again, df):
    fit = sem.cfa(TWO + again, read_data("hs"))
    assert fit.measures["df"] == df
    assert fit.n_free == 21 - df


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("(p - q)^2 == 0", "p == q"),
        ("p^3 == 0", "p == 0"),
        ("p*q == 0\nq*r == 0\np*r == 0", "q == 0\nr == 0"),
        ("(p - q)^2 < 0", "p - q == 0"),
        ("p/q == 2", "p == 2*q"),
        ("log(p) == -1", "p == 0.36787944117144233"),
    ],
)
def test_a_constraint_without_slope_where_it_holds_or_value_where_the_search_begins(written, plain):
    one, other = (sem.sem(PATHS + text, read_data("hs")) for text in (plain, written))
    assert other.measures["chisq"] == pytest.approx(one.measures["chisq"], abs=1e-6)
    assert other.estimates["se"] == pytest.approx(one.estimates["se"], rel=1e-3, abs=1e-6)
    if "<" not in written:
        assert other.measures["df"] == one.measures["df"]


@pytest.mark.filterwarnings("ignore:One label for a parameter of several groups")
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"parameterization": "theta"},
        {"estimator": "ULSMV"},
        {"group": "school", "group_equal": ["thresholds", "loadings"]},
    ],
)
def test_inequalities_on_models_of_ordered_variables(options):
    data = dict(read_data("hs"))
    for name in every_x(1):
        data[name] = np.digitize(data[name], np.quantile(data[name], [0.3, 0.7]))
    fit = sem.cfa(TWO + "a > 1.1\nd < 0.9\nc > 0.1", data, ordered=True, **options)
    equal = sem.cfa(TWO + "a == 1.1\nd == 0.9", data, ordered=True, **options)
    assert [one.text for one in fit.active_constraints] == ["a>1.1", "d<0.9"]
    assert fit.estimates["est"] == pytest.approx(equal.estimates["est"], abs=2e-6)
    assert fit.estimates["se"] == pytest.approx(equal.estimates["se"], abs=2e-6)


def test_bootstrap_draws_meet_the_constraints():
    data, model, bounded = random_regressions(5)
    drawn = sem.sem(model, in_units(data, {"y1": 100.0})).bootstrap(20, seed=3, processes=1)
    assert drawn.used == 20
    labels = [row.label for row in drawn.fit.table.rows]
    slopes = drawn.values[:, [labels.index(label) for label in bounded]]
    assert slopes.min() > -1e-7
    assert (np.abs(slopes) < 1e-7).any()


@pytest.mark.parametrize(
    ("constraints", "words"),
    [
        ("a > 1\na < 0.5\nd > 0", ["a>1", "a<0.5"]),
        ("a > b\nb > c\nc > a + 0.1", ["a>b", "b>c", "c>a+0.1"]),
        ("a == 0.5\na > 0.6", ["a>0.6"]),
        ("a == b\na > b + 1", ["a>b+1"]),
    ],
)
def test_linear_inequalities_that_contradict_one_another_are_named(constraints, words):
    with pytest.raises(ModelError) as refused:
        sem.cfa(TWO + constraints, read_data("hs"))
    assert refused.value.code == "sem-inequalities-contradict"
    assert refused.value.params["constraints"].split("; ") == words


@pytest.mark.parametrize(
    ("constraints", "words"),
    [
        ("a*b > 1\na*b < 0.5", ["a*b>1", "a*b<0.5"]),
        ("a == b\na^2 == b^2 + 1", ["a^2==b^2+1"]),
        ("a*b == c\na*b == c + 1", ["a*b==c", "a*b==c+1"]),
        ("log(a - 5) > 0\nb > 0", ["log(a-5)>0"]),
        ("a/0 > 1", ["a/0>1"]),
    ],
)
def test_a_constraint_that_no_values_meet_is_named_and_there_are_no_numbers(constraints, words):
    with pytest.warns(SemWarning) as warned:
        fit = sem.cfa(TWO + constraints, read_data("hs"))
    assert not fit.converged
    assert [one.text for one in fit.unmet] == words
    with pytest.raises(ModelError) as refused:
        _ = fit.measures
    for language in LANGUAGES:
        assert all(word in refused.value.in_language(language) for word in words)
        assert any(words[0] in one.message.in_language(language) for one in warned)


def test_a_bound_keeps_a_variance_from_being_negative():
    """The unconstrained solution is a Heywood case; lavaan 0.6-14 gives a chi-square of 45.917 with the bound."""
    covariance = np.array([[1, 0.8, 0.7], [0.8, 1, 0.3], [0.7, 0.3, 1]])
    for factor in (1.0, 1e4, 1e-4):
        scale = np.diag([factor, 1.0, 1.0])
        given = scale @ covariance @ scale
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            fit = sem.cfa(
                "f =~ y1 + y2 + y3\ny1 ~~ v*y1\nv > 0",
                sample_cov=given,
                sample_nobs=100,
                sample_names=["y1", "y2", "y3"],
            )
        assert labeled(fit)["v"] == pytest.approx(0, abs=1e-8 * factor**2)
        assert fit.measures["chisq"] == pytest.approx(45.917, abs=6e-4)


def test_releasing_a_redundant_equality_changes_nothing():
    """The score test counts what an equality adds to the others, as the degrees of freedom do."""
    fit = sem.cfa(TWO + "a*b == c\nc/b == a\nd == b", read_data("hs"))
    together = fit.score_test()
    assert together.df == 2
    assert together.univariate["df"] == [0, 0, 1]
    assert together.univariate["statistic"][:2] == pytest.approx([0, 0], abs=1e-6)


@pytest.mark.parametrize("constraints", ["a > 5", "a^2 == b^2", "a*b > 0\na == b^2/b"])
def test_parameters_that_constraints_leave_open_are_named(constraints):
    """Nothing settles the scale of the factor: any scale meets the constraints as well."""
    with pytest.warns(SemWarning) as warned:
        sem.cfa("f =~ NA*x1 + a*x2 + b*x3 + x4\n" + constraints, read_data("hs"))
    assert "sem-unidentified" in {one.message.code for one in warned}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"estimator": "MLR"},
        {"estimator": "MLM"},
        {"estimator": "GLS"},
        {"missing": "fiml"},
        {"test": "bollen.stine", "bootstrap": 4, "iseed": 1},
        {"se": "bootstrap", "bootstrap": 4, "iseed": 1},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "model",
    ["x1 ~~ 1*x1\nx2 ~~ 1*x2", "x1 ~~ p*x1\nx2 ~~ q*x2\np == 1\nq == 1"],
    ids=["fixed", "constrained"],
)
def test_a_model_with_nothing_left_to_estimate_is_tested_as_it_stands(model, options):
    data = {name: read_data("hs")[name] for name in ("x1", "x2")}
    fit = sem.lavaan(model, data, **options)
    assert fit.converged
    assert fit.measures["df"] == (5 if "missing" in options else 3)  # the means are zero, too
    assert fit.estimates["est"][:2] == [1.0, 1.0]
    assert "Degrees of freedom" in str(fit.summary())
    fit.modification_indices()
    fit.standardized()
    if not options:
        cov = np.cov(data["x1"], data["x2"], bias=True)
        expected = 301 * (np.trace(cov) - np.linalg.slogdet(cov)[1] - 2)
        assert fit.measures["chisq"] == pytest.approx(expected, rel=1e-9)
