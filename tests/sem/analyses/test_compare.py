import math
import warnings
from functools import cache

import pytest

from confianza import sem
from confianza.errors import LANGUAGES, ModelError
from confianza.sem.analyses.compare import METHODS, moment_keys
from tests.sem.ladder_data import columns, read
from tests.sem.referee import read_data, read_family

# What lavaan's optimizer leaves of a statistic; some are small differences of large ones and of the first order in the
# estimates. A tail moves by half the statistic times as much.
RELATIVE = 5e-5
NINE = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"


def fitted(model, data, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sem.SemWarning)  # the scalar models of these data are not good ones
        return sem.cfa(model, columns(data), **options)


@cache
def schools(*equal, estimator="ML", model=NINE):
    return fitted(model, "schools", group="school", estimator=estimator, group_equal=list(equal))


METRIC, SCALAR = ("loadings",), ("loadings", "intercepts")


@pytest.mark.parametrize("case", read("compare")["cases"], ids=lambda case: case["id"])
def test_equals_lavaan(case):
    fits = [
        fitted(case["model"], case["data"], group=case["group"], group_equal=step, **case["options"])
        for step in case["steps"]
    ]
    arguments = {name.replace(".", "_"): value for name, value in dict(case["arguments"]).items()}
    found = sem.compare(*fits, **arguments)
    for column, expected in case["expected"].items():
        wanted = [math.nan if value is None else value for value in expected]
        factor = max(found["chisq_diff"][1:]) if column == "pvalue" else 1
        assert found[column] == pytest.approx(wanted, rel=factor * RELATIVE, nan_ok=True), column


COLUMNS = {
    "df": "Df",
    "aic": "AIC",
    "bic": "BIC",
    "chisq": "Chisq",
    "chisq_diff": "Chisq.diff",
    "df_diff": "Df.diff",
    "rmsea": "RMSEA",
    "pvalue": "Pr..Chisq.",
}
ARGUMENTS = {
    "lrt-mlr-2010": {"method": "satorra.bentler.2010"},
    "lrt-mlm-2000-delta": {"method": "satorra.2000", "scaled_shifted": False},
    "lrt-mlm-2000-exact": {"method": "satorra.2000", "A_method": "exact"},
    "lrt-wlsmv-exact": {"A_method": "exact"},
}
LADDERS = [case for case in read_family("comparisons")["cases"] if case["id"].startswith("lrt-")]


@pytest.mark.parametrize("case", LADDERS, ids=lambda case: case["id"])
def test_equals_the_comparisons_of_lavaan(case):
    data = read_data(case["data"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sem.SemWarning)
        fits = [
            getattr(sem, one["function"])(one["model"], data, **one["options"])
            for one in (case["models"][name] for name in case["compared"]["fits"])
        ]
    found = sem.compare(*fits, **ARGUMENTS.get(case["id"], {}))
    for column, lavaans in COLUMNS.items():
        if lavaans in case["compared"]:
            wanted = [math.nan if value is None else value for value in case["compared"][lavaans]]
            # lavaan's exact restrictions go wrong when the less restricted model has equality constraints itself
            steps = 2 if case["id"] == "lrt-mlm-2000-exact" else len(wanted)
            factor = max(found["chisq_diff"][1:]) if column == "pvalue" else 1
            assert found[column][:steps] == pytest.approx(
                wanted[:steps], rel=factor * RELATIVE, nan_ok=True
            ), column


def test_exact_and_delta_restrictions_agree_near_the_truth():
    """Also from metric to scalar, where the less restricted model has constraints itself; lavaan's exact gives 0.66."""
    case = next(case for case in LADDERS if case["id"] == "lrt-mlm-2000-exact")
    data = read_data(case["data"])
    fits = [sem.cfa(one["model"], data, **one["options"]) for one in case["models"].values()]
    exact, delta = (
        sem.compare(*fits, method="satorra.2000", A_method=name)["chisq_diff"] for name in ("exact", "delta")
    )
    assert exact[2] == pytest.approx(delta[2], rel=0.05)


def test_the_order_of_the_fits_does_not_matter():
    fits = [schools(), schools(*METRIC), schools(*SCALAR)]
    backwards = sem.compare(*reversed(fits), names=["scalar", "metric", "configural"])
    assert backwards["model"] == ["configural", "metric", "scalar"]
    assert backwards["chisq_diff"][1:] == pytest.approx(sem.compare(*fits)["chisq_diff"][1:])


def test_the_order_of_the_variables_does_not_matter():
    turned = "speed =~ x9 + x8 + x7\ntextual =~ x6 + x4 + x5\nvisual =~ x3 + x2 + x1"
    alike = sem.compare(
        schools(estimator="MLMV"), schools(*METRIC, estimator="MLMV", model=turned), method="satorra.2000"
    )
    plain = sem.compare(schools(estimator="MLMV"), schools(*METRIC, estimator="MLMV"), method="satorra.2000")
    assert alike["chisq_diff"][1] == pytest.approx(plain["chisq_diff"][1], rel=1e-7)


def test_moments_of_ordered_variables_are_named_by_what_they_are_about():
    fit = fitted("f =~ o2 + o3 + c1", "answers", group="nation", ordered=["o2", "o3"])
    names = moment_keys(fit)
    assert names[:6] == [
        *(("o2", "|", f"t{k}") for k in (1, 2)),
        *(("o3", "|", f"t{k}") for k in (1, 2, 3)),
        ("c1", "~1", ""),
    ]
    assert names[6:] == [
        ("c1", "~~", "c1"),
        ("o2", "~~", "o3"),
        ("c1", "~~", "o2"),
        ("c1", "~~", "o3"),
    ]
    assert len(names) == fit.moments.stacked(with_means=True).shape[1]


def test_the_second_statistic_of_satorra_and_bentler_is_never_negative():
    found = sem.compare(
        schools(estimator="MLM"), schools(*METRIC, estimator="MLM"), method="satorra.bentler.2010"
    )
    assert found["chisq_diff"][1] > 0


def test_estimators_that_share_estimates_share_the_mean_scaled_difference():
    """lavaan scales MLMV by the slope of its adjustment; the mean scaling does not depend on how a test is adjusted."""
    of_mean, of_both = (
        sem.compare(schools(estimator=name), schools(*METRIC, estimator=name), method="satorra.bentler.2001")
        for name in ("MLM", "MLMV")
    )
    assert of_both["chisq_diff"][1] == pytest.approx(of_mean["chisq_diff"][1], rel=1e-9)


def test_models_of_equal_degrees_of_freedom_have_no_test():
    other = NINE.replace("x3", "x3 + x9").replace("x8 + x9", "x8")
    found = sem.compare(schools(), schools(model=other))
    assert found["df_diff"][1] == 0
    assert math.isnan(found["pvalue"][1])


def test_a_restricted_model_that_fits_better_is_doubted():
    one = "g =~ x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9"
    with pytest.warns(sem.SemWarning, match="not nested"):
        sem.compare(schools(model=one), schools(*SCALAR))


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        ("sem-compare-two", lambda: ([schools()], {})),
        ("sem-compare-names", lambda: ([schools(), schools(*METRIC)], {"names": ["one"]})),
        ("sem-option-value", lambda: ([schools(), schools(*METRIC)], {"method": "satorra"})),
        ("sem-option-value", lambda: ([schools(), schools(*METRIC)], {"type": "Cf"})),
        ("sem-option-value", lambda: ([schools(), schools(*METRIC)], {"A_method": "guess"})),
        ("sem-compare-unscaled", lambda: ([schools(), schools(*METRIC)], {"method": "satorra.2000"})),
        (
            "sem-compare-scaled-type",
            lambda: (
                [schools(estimator="MLM"), schools(*METRIC, estimator="MLM")],
                {"method": "satorra.2000", "type": "browne.residual.nt"},
            ),
        ),
        ("sem-compare-differs", lambda: ([schools(), schools(*METRIC, estimator="MLM")], {})),
        ("sem-compare-differs", lambda: ([schools(), schools(*METRIC, estimator="GLS")], {})),
        ("sem-compare-differs", lambda: ([schools(), schools(model="visual =~ x1 + x2 + x3")], {})),
        ("sem-compare-differs", lambda: ([schools(), fitted(NINE, "schools")], {})),
        ("sem-compare-data", lambda: ([schools(), moved()], {})),
        (
            "sem-satorra-2000-missing",
            lambda: (
                [full_information(), full_information("loadings")],
                {"method": "satorra.2000"},
            ),
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(code, arguments):
    fits, options = arguments()
    with pytest.raises(ModelError) as refusal:
        sem.compare(*fits, **options)
    assert refusal.value.code == code
    assert all(refusal.value.in_language(language) for language in LANGUAGES)


def moved():
    data = columns("schools") | {"x1": columns("schools")["x1"] + 0.01}
    return sem.cfa(NINE, data, group="school")


def full_information(*equal):
    return fitted(NINE, "holed", group="school", estimator="MLR", missing="fiml", group_equal=list(equal))


def test_every_method_can_be_asked_for():
    fits = [schools(estimator="MLM"), schools(*METRIC, estimator="MLM")]
    for method in METHODS:
        assert math.isfinite(sem.compare(*fits, method=method)["pvalue"][1])
