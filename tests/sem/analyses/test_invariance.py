import math
import warnings
from functools import cache

import numpy as np
import pytest

from confianza import sem
from confianza.errors import LANGUAGES, ModelError
from confianza.sem.analyses.invariance.item_tests import holm, item_scores
from confianza.sem.analyses.invariance.levels import LEVELS
from confianza.sem.analyses.invariance.result import guidance
from tests.sem.ladder_data import columns, read

NINE = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
FOUR = "f =~ i1 + i2 + i3 + i4"
FIVE = "f =~ o1 + o2 + o3 + o4 + o5"


@cache
def climbed(model, data, group, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sem.SemWarning)  # the strict model of the schools is not a good one
        return sem.invariance(model, columns(data), group=group, **options)


def of_case(case):
    options = {name: value for name, value in dict(case["options"]).items() if name != "meanstructure"}
    return climbed(
        case["model"], case["data"], case["group"], ordered=tuple(case.get("ordered") or ()), **options
    )


# --- lavaan and semTools --------------------------------------------------------------------------


@pytest.mark.parametrize("case", read("ladder")["cases"], ids=lambda case: case["id"])
def test_every_step_equals_the_one_of_semtools(case):
    found = of_case(case)
    is_ordinal = bool(case.get("ordered"))
    for step, expected in case["steps"].items():
        fit = found.fits[step]
        for name, value in expected.items():
            if name == "estimates" or value is None:
                continue
            assert fit.measures[name] == pytest.approx(value, rel=5e-5, abs=1e-7), (step, name)
        table = expected["estimates"]
        estimates = {
            (row["lhs"], row["op"], row["rhs"], row["group"]): (row["est"], row["se"])
            for row in fit.estimates.rows()
        }
        compared = 0
        for lhs, op, rhs, group, est, se in zip(
            *(table[name] for name in ("lhs", "op", "rhs", "group", "est", "se")), strict=True
        ):
            if (lhs, op, rhs, group) in estimates and se:
                assert estimates[lhs, op, rhs, group] == pytest.approx((est, se), rel=2e-4, abs=2e-5), (
                    step,
                    lhs,
                    op,
                    rhs,
                )
                compared += 1
        assert compared >= expected["npar"]
    differences = [step.difference.statistic for step in found.steps][: len(case["steps"])]
    wanted = [math.nan if value is None else value for value in case["compared"]["chisq_diff"]]
    assert differences == pytest.approx(wanted, rel=1e-4 if is_ordinal else 5e-5, abs=1e-6, nan_ok=True)


@pytest.mark.parametrize("case", read("score")["cases"], ids=lambda case: case["id"])
def test_score_tests_equal_those_of_lavaan(case):
    items = climbed(case["model"], case["data"], case["group"]).items.where(step=case["step"])
    found = {row["item"]: row for row in items.rows()}
    assert set(found) == {expected["item"] for expected in case["scores"]}
    for expected in case["scores"]:
        row = found[expected["item"]]
        assert row["df"] == expected["df"]
        assert row["statistic"] == pytest.approx(expected["statistic"], rel=2e-4)
        assert row["pvalue"] == pytest.approx(expected["pvalue"], rel=1e-3)


def test_the_published_partial_invariance_of_the_two_schools_comes_out():
    """Holzinger and Swineford's nine tests: the intercepts of x3 and x7 differ (Beaujean, 2014, ch. 4, among others)."""
    found = climbed(NINE, "schools", "school", partial=True)
    assert found.freed["item"] == ["x3", "x7"]
    assert [step.name for step in found.steps] == [
        "configural",
        "metric",
        "scalar",
        "scalar.partial",
        "strict",
    ]
    assert [step.holds for step in found.steps] == [True, True, False, True, True]
    assert found.level == "residuals"
    assert "x3, x7" in found.allowed_comparisons()
    assert (
        guidance()["allowed"]["residuals"]["en"] not in found.allowed_comparisons()
    )  # not of sums, with items that differ


# --- what is known --------------------------------------------------------------------------------


def test_delta_and_theta_say_the_same_at_every_step():
    """Also at equal loadings with an item of two categories, where semTools' two parameterizations disagree."""
    delta, theta = (
        climbed(FIVE, "answers", "nation", ordered=True, parameterization=name) for name in ("delta", "theta")
    )
    for one, other in zip(delta.steps, theta.steps, strict=True):
        assert one.fit.measures["chisq"] == pytest.approx(other.fit.measures["chisq"], rel=1e-6)
        assert one.difference.statistic == pytest.approx(other.difference.statistic, rel=1e-4, nan_ok=True)
    published = {
        case["id"]: case["loadings.fixed.unit"]
        for case in read("ladder")["cases"]
        if "loadings.fixed.unit" in case
    }
    assert abs(published["delta"]["chisq"] - published["theta"]["chisq"]) > 1


def test_the_items_made_to_differ_are_the_ones_freed():
    """o5 has another first threshold in group b, o4 a smaller loading."""
    found = climbed(FIVE, "answers", "nation", ordered=True, partial=True, rule="difference")
    assert list(zip(found.freed["step"], found.freed["item"], strict=True)) == [
        ("thresholds", "o5"),
        ("loadings", "o4"),
    ]
    assert found.level == "residuals"
    row = found.means.rows()[0]
    assert abs(row["mean_partial"] - 0.4) < 2 * row["se_partial"]
    assert found.effects["item"] == ["o5", "o4"]


def test_the_effect_of_an_item_is_its_distance_in_standard_deviations():
    """i4 is 0.4 higher in group z, at a standard deviation of about 1."""
    found = climbed(FOUR, "three", "place", partial=True)
    assert found.freed["item"] == ["i4"]
    effects = {(row["item"], row["group"]): row["dmacs"] for row in found.effects.rows()}
    data = columns("three")
    deviation = math.sqrt(np.mean([data["i4"][data["place"] == place].var(ddof=1) for place in ("x", "z")]))
    fit = found.fits["scalar.partial"]
    intercept = {
        row["group"]: row["est"] for row in fit.estimates.rows() if row["lhs"] == "i4" and row["op"] == "~1"
    }
    assert effects["i4", "z"] == pytest.approx(abs(intercept[3] - intercept[1]) / deviation, rel=1e-9)
    assert effects["i4", "z"] > 4 * effects["i4", "y"]


def test_the_scale_of_a_factor_is_that_of_the_first_group():
    fit = climbed(FOUR, "three", "place").fits["scalar"]
    of_factor = {
        (row["op"], row["group"]): row["est"]
        for row in fit.estimates.rows()
        if row["lhs"] == "f" and row["rhs"] in ("", "f")
    }
    assert of_factor["~~", 1] == 1
    assert of_factor["~1", 1] == 0
    assert of_factor["~1", 2] > 0 > of_factor["~1", 3] - 0.3


def test_no_factor_loses_its_anchors():
    """Three items of four differ; only one may be freed, more than half must stay."""
    generator = np.random.default_rng(4)
    group = np.repeat(["a", "b"], 300)
    factor = generator.normal(size=600)
    data = {"g": group}
    for place, shift in enumerate((0.0, 0.9, -0.9, 0.7), 1):
        data[f"y{place}"] = 0.8 * factor + generator.normal(0, 0.6, 600) + shift * (group == "b")
    found = sem.invariance("f =~ y1 + y2 + y3 + y4", data, group="g", partial=True)
    assert found.freed.height == 1
    assert found.level == "loadings"
    assert found.steps[-1].name == "scalar.partial"
    assert not found.steps[-1].holds


def test_a_model_that_does_not_fit_licenses_nothing():
    found = climbed("g =~ x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9", "schools", "school")
    assert found.level == "none"
    assert found.allowed_comparisons("es") == guidance()["allowed"]["none"]["es"]


def test_group_order_and_item_order_leave_the_fit_alone():
    found = climbed(FOUR, "three", "place")
    turned = climbed("f =~ i3 + i1 + i4 + i2", "three", "place", group_label=("z", "y", "x"))
    for one, other in zip(found.steps, turned.steps, strict=True):
        assert one.fit.measures["chisq"] == pytest.approx(other.fit.measures["chisq"], rel=1e-8)


def test_items_with_two_categories_alone_go_from_configural_to_intercepts():
    data = columns("answers")
    binary = {"nation": data["nation"]} | {
        name: (data[name] > 2).astype(int) for name in ("o2", "o3", "o4", "o5")
    }
    found = sem.invariance("f =~ o2 + o3 + o4 + o5", binary, group="nation", ordered=True)
    assert list(found.fits) == ["configural", "intercepts", "residuals"]
    assert "o2, o3, o4, o5" not in found.untestable()[0]
    assert found.codes[0][0] == "all-binary"


def test_three_categories_fit_equal_thresholds_as_well_as_their_own():
    data = columns("answers")
    three = {"nation": data["nation"]} | {
        name: np.digitize(data[name], [1.5, 3.5]) for name in ("o3", "o4", "o5")
    }
    three["o2"] = data["o2"]
    found = sem.invariance("f =~ o2 + o3 + o4 + o5", three, group="nation", ordered=True)
    thresholds = found.steps[1]
    assert not thresholds.is_testable
    assert thresholds.holds
    assert thresholds.fit.measures["chisq"] == pytest.approx(found.steps[0].fit.measures["chisq"], rel=1e-6)
    assert found.items.where(step="thresholds").height == 0


def test_small_samples_have_stricter_cutoffs():
    """300 rows or fewer: a fall of CFI by .005 is too much."""
    data = columns("three")
    two = np.isin(data["place"], ["x", "y"])
    small = sem.invariance(FOUR, {name: values[two] for name, values in data.items()}, group="place")
    assert small.steps[0].fit.moments.total == 300
    assert "CFI falls by 0.005" in small.summary()
    assert "CFI falls by 0.01," in climbed(FOUR, "three", "place").summary()


# --- permutations ---------------------------------------------------------------------------------


def test_relabeled_groups_show_what_differs_and_what_does_not():
    found = climbed(FOUR, "three", "place", permutations=99, seed=3)
    metric, scalar = found.steps[1:3]
    assert found.rule == "permutation"
    assert metric.permutation["chisq"] == pytest.approx(metric.difference.pvalue, abs=0.12)
    assert scalar.permutation["chisq"] == 0.01  # none of 99 as large
    assert found.permutations_used == 99


def test_permutations_are_repeatable():
    first = climbed(FOUR, "three", "place", permutations=19, seed=3)
    again = sem.invariance(FOUR, columns("three"), group="place", permutations=19, seed=3)
    assert [step.permutation for step in first.steps] == [step.permutation for step in again.steps]


def test_permutation_p_values_are_uniform_when_groups_do_not_matter():
    generator = np.random.default_rng(8)
    tails = []
    for _ in range(16):
        factor = generator.normal(size=200)
        data = {"g": np.repeat([1, 2], 100)}
        for name in ("a", "b", "c", "d"):
            data[name] = 0.8 * factor + generator.normal(0, 0.6, 200)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", sem.SemWarning)
            found = sem.invariance("f =~ a + b + c + d", data, group="g", permutations=19, seed=1)
        tails.append(found.steps[1].permutation["chisq"])
    assert 0.3 < np.mean(tails) < 0.75
    assert np.mean(np.array(tails) <= 0.1) < 0.35


# --- score tests ----------------------------------------------------------------------------------


def test_robust_score_tests_keep_their_level_where_plain_ones_do_not():
    """Answers of a multivariate t with 6 degrees: of 5 % tests of equal loadings plain ones reject too often."""
    generator = np.random.default_rng(2)
    rejected = {"ML": [], "MLR": []}
    items = ["a", "b", "c", "d"]
    for _ in range(150):
        tail = np.sqrt(6 / generator.chisquare(6, size=800))
        factor = generator.normal(size=800)
        data = {"g": np.repeat(["a", "b"], 400)}
        data |= {name: tail * (0.7 * factor + 0.7 * generator.normal(size=800)) for name in items}
        for estimator, tails in rejected.items():
            metric = sem.cfa(
                "f =~ a + b + c + d",
                data,
                group="g",
                group_equal="loadings",
                std_lv=True,
                estimator=estimator,
            )
            tails += [row["pvalue"] < 0.05 for row in item_scores(metric, 2, items)]
    assert np.mean(rejected["ML"]) > 0.1
    assert 0.025 < np.mean(rejected["MLR"]) < 0.08


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []


# --- words, refusals ------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_summary_speaks_both_languages(language):
    found = climbed(FIVE, "answers", "nation", ordered=True, partial=True, rule="difference")
    said = found.summary(language)
    assert found.allowed_comparisons(language) in said
    for line in found.untestable(language):
        assert line in said
    assert "o1" in found.untestable(language)[0]


def test_every_level_says_what_it_allows():
    assert set(guidance()["allowed"]) == {"none", "partial", *LEVELS}
    for section in ("allowed", "untestable", "heading"):
        for sentences in guidance()[section].values():
            assert set(sentences) == set(LANGUAGES)


@pytest.mark.parametrize(
    ("code", "model", "options"),
    [
        ("sem-invariance-option", FOUR, {"std_lv": True}),
        ("sem-invariance-option", FOUR, {"group_equal": "loadings"}),
        ("sem-option-value", FOUR, {"rule": "feeling"}),
        ("sem-invariance-permutations", FOUR, {"rule": "permutation"}),
        ("sem-invariance-one-group", FOUR, {"group": None}),
        ("sem-invariance-no-factor", "i1 ~ i2", {}),
        ("sem-invariance-higher-order", "f =~ i1 + i2\ng =~ i3 + i4\nh =~ f + g", {}),
        ("sem-invariance-fixed", "f =~ 1*i1 + i2 + i3 + i4", {}),
    ],
)
def test_what_has_no_ladder_is_refused(code, model, options):
    with pytest.raises(ModelError) as refusal:
        sem.invariance(model, columns("three"), **{"group": "place", **options})
    assert refusal.value.code == code
    assert all(refusal.value.in_language(language) for language in LANGUAGES)


def test_permutations_need_the_rows():
    covariance = 0.64 * np.ones((3, 3)) + 0.36 * np.eye(3)
    with pytest.raises(ModelError) as refusal:
        sem.invariance(
            "f =~ a + b + c",
            sample_cov=[covariance] * 2,
            sample_nobs=[100, 100],
            sample_mean=[[0, 0, 0]] * 2,
            sample_names=["a", "b", "c"],
            permutations=9,
        )
    assert refusal.value.code == "sem-needs-rows"
