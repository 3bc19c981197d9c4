"""The bootstrap beside lavaan's: the same draws, so the same coefficients, chi-squares and intervals."""

import gzip
import json
import warnings
from pathlib import Path

import numpy as np
import pytest

from confianza import sem
from confianza.errors import ModelError
from confianza.sem.estimation.discrepancies import discrepancy_of
from confianza.sem.results.bootstrap import bollen_stine, bootstrap, is_batchable, quantile, refit_rows
from confianza.sem.results.estimates import table_values
from confianza.sem.warnings import SemWarning
from tests.sem.samples import people

pytestmark = pytest.mark.filterwarnings("ignore::confianza.sem.warnings.SemWarning")

with gzip.open(Path(__file__).parents[1] / "reference" / "bootstrap" / "draws.json.gz", "rt") as file:
    CASES = {case["case"]: case for case in json.load(file)["cases"]}


def fitted(name: str, **options: object) -> sem.Fit:
    case = CASES[name]
    data = {
        key: np.array([np.nan if one is None else one for one in column])
        for key, column in case["data"].items()
    }
    given = {key.replace(".", "_"): value for key, value in dict(case["options"] or {}).items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SemWarning)
        return sem.sem(case["model"], data, group=case["group"], **given, **options)


def rows_of(name: str) -> list[np.ndarray]:
    return [np.array(rows) - 1 for rows in CASES[name]["rows"]]


@pytest.mark.parametrize(
    "name", ["path", "groups", "wishart", "gls", "uls", "wls", "nonlinear", "fiml", "ordered"]
)
def test_draws_give_the_coefficients_and_chi_squares_of_lavaan(name):
    case, fit = CASES[name], fitted(name)
    found = bootstrap(fit, rows=rows_of(name))
    theirs = np.array([one for one in case["coef"] if one is not None], dtype=float)
    assert found.used == len(theirs)
    assert found.free_parameters == pytest.approx(theirs, rel=3e-5, abs=3e-5)
    if not fit.options.uses_all_rows:
        chisq = [one for one in case["chisq"] if one is not None]
        assert found.statistics == pytest.approx(np.array(chisq, dtype=float), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("name", ["path", "groups", "gls", "uls", "fiml"])
def test_draws_fitted_together_are_minima_to_a_thousandth_of_a_standard_error_and_better(name):
    fit = fitted(name)
    assert is_batchable(fit)
    rows = [chosen[:6] for chosen in rows_of(name)]
    found = bootstrap(fit, rows=rows)
    for place in range(6):
        data = [fit.moments.data(group)[chosen[place]] for group, chosen in enumerate(rows)]
        alone, statistic = refit_rows(fit, data)
        assert found.free_parameters[place] == pytest.approx(alone, abs=1e-6)
        if not fit.options.uses_all_rows:
            assert found.statistics[place] == pytest.approx(statistic, abs=1e-8)


@pytest.mark.parametrize("place", range(4))
def test_intervals_are_those_of_lavaan(place):
    theirs = CASES["path"]["intervals"][place]
    found = bootstrap(fitted("path"), rows=rows_of("path"))
    ours = {(row["lhs"], row["op"], row["rhs"]): row for row in found.estimates(theirs["kind"]).rows()}
    keys = list(zip(theirs["lhs"], theirs["op"], theirs["rhs"], strict=True))
    assert set(ours) == set(keys)
    shift = np.zeros(len(keys))
    if theirs["kind"] == "norm":  # lavaan takes the definition of the mean for the mean of the definition
        defined = np.array([key[1] == ":=" for key in keys])
        mean = table_values(found.fit, found.free_parameters.mean(axis=0)) - found.values.mean(axis=0)
        shift[defined] = mean[[row.op == ":=" for row in found.fit.table.rows]]
    for name, theirs_name in (("est", "est"), ("se", "se"), ("ci_lower", "lower"), ("ci_upper", "upper")):
        column = np.array([ours[key][name] for key in keys])
        expected = np.array(theirs[theirs_name], dtype=float) + (shift if name.startswith("ci") else 0)
        assert column == pytest.approx(expected, rel=1e-5, abs=1e-5)


def test_bollen_stine_takes_the_rows_for_which_the_model_holds():
    case, fit = CASES["bollen_stine"], fitted("bollen_stine")
    share = np.mean(np.array(case["chisq"]) > case["chisq_sample"])
    assert bollen_stine(fit, rows=rows_of("bollen_stine")) == pytest.approx(share)
    assert 0 < share < 1


def test_quantiles_are_those_of_order_statistics_where_a_share_falls_on_one():
    ordered = np.arange(1.0, 20.0)[:, None] ** 2
    assert quantile(ordered, np.array([0.05])) == pytest.approx(1.0)
    assert quantile(ordered, np.array([0.5])) == pytest.approx(100.0)
    assert quantile(ordered, np.array([0.95])) == pytest.approx(361.0)
    assert quantile(ordered, np.array([0.999])) == pytest.approx(361.0)
    assert 1.0 < quantile(ordered, np.array([0.07]))[0] < 4.0


def test_a_seed_gives_the_same_draws_whatever_the_processes():
    fit = fitted("groups")
    one, two = (bootstrap(fit, 60, 7, processes=count) for count in (1, 2))
    assert np.array_equal(one.free_parameters, two.free_parameters)
    assert not np.array_equal(one.free_parameters, bootstrap(fit, 60, 8).free_parameters)


@pytest.mark.parametrize("name", ["path", "fiml"])
def test_a_draw_of_every_row_once_gives_the_estimates_back(name):
    fit = fitted(name)
    rows = [np.tile(np.arange(sample.n), (2, 1)) for sample in fit.moments.samples]
    assert bootstrap(fit, rows=rows).free_parameters == pytest.approx(
        np.tile(fit.free_parameters, (2, 1)), abs=1e-9
    )


def test_standard_errors_and_intervals_of_a_fit_are_those_of_its_bootstrap():
    fit = fitted("path", se="bootstrap", bootstrap=200, iseed=4)
    again = bootstrap(fit, 200, 4)
    assert np.array_equal(fit.vcov, again.vcov)
    assert fit.estimates["ci_lower"] == again.estimates("perc")["ci_lower"]
    share = next(row for row in fit.estimates.rows() if row["lhs"] == "share")
    place = [row.lhs for row in fit.table.rows].index("share")
    assert share["se"] == pytest.approx(again.values[:, place].std(ddof=1))


def heywood():
    random = np.random.default_rng(3)
    factor = random.normal(size=60)
    items = 0.6 * factor[:, None] + random.normal(size=(60, 3))
    return sem.cfa("f =~ a + b + c", dict(zip("abc", items.T, strict=True)))


def test_draws_that_are_not_admissible_are_told_and_left_out_only_when_asked():
    fit = heywood()
    with pytest.warns(SemWarning, match="Of 300"):
        kept = bootstrap(fit, 300, 1)
    with pytest.warns(SemWarning):
        admissible = bootstrap(fit, 300, 1, only_admissible=True)
    assert kept.not_admissible == admissible.not_admissible > 0
    assert kept.used == 300 - kept.not_converged
    assert admissible.used == kept.used - kept.not_admissible
    residuals = [row.free - 1 for row in fit.table.rows if row.op == "~~" and row.free]
    assert kept.free_parameters[:, residuals].min() < 0
    assert admissible.free_parameters[:, residuals].min() > -1e-8


def test_rows_that_are_not_there_are_refused():
    fit = fitted("groups")
    good = rows_of("groups")
    for bad in (good[:1], [good[0], good[1][:5]], [good[0], good[1] + 1000], [good[0], -good[1]]):
        with pytest.raises(ModelError) as caught:
            bootstrap(fit, rows=bad)
        assert caught.value.code == "sem-bootstrap-rows"


def test_there_is_no_bootstrap_without_rows():
    fit = sem.cfa(
        "f =~ a + b + c", sample_cov=np.eye(3) * 0.5 + 0.5, sample_nobs=100, sample_names=list("abc")
    )
    with pytest.raises(ModelError, match="rows"):
        bootstrap(fit)
    with pytest.raises(ModelError) as caught:
        bollen_stine(fitted("ordered"))
    assert caught.value.code == "sem-bollen-stine-complete"


@pytest.mark.parametrize("name", ["path", "groups", "gls", "uls", "fiml", "ordered"])
def test_slopes_are_those_of_finite_differences(name):
    fit = fitted(name)
    z = fit.optimum.z + 0.02 * np.random.default_rng(1).normal(size=fit.optimum.z.shape)
    value, slope = fit.objective.slope(z)
    assert value == pytest.approx(fit.objective.value(z), rel=1e-12)
    step = 1e-6
    for place in range(len(z)):
        ahead, behind = z.copy(), z.copy()
        ahead[place] += step
        behind[place] -= step
        difference = (fit.objective.value(ahead) - fit.objective.value(behind)) / (2 * step)
        assert slope[place] == pytest.approx(difference, abs=1e-6, rel=1e-5)
    if is_batchable(fit) and not fit.options.uses_all_rows:
        moments = fit.moments.over(fit.moments.mean[None], fit.moments.covariance[None])
        together = fit.objective.over(discrepancy_of(moments, fit.structure)).slope(z[None])
        assert together[1][0] == pytest.approx(slope, abs=1e-12)


def test_bollen_stine_may_be_asked_for_as_the_test_of_a_fit():
    fit = sem.cfa("f =~ y1 + y2 + y3 + y4", people(), test="bollen.stine", bootstrap=20, iseed=1)
    assert fit.tests["bollen.stine"].pvalue == bollen_stine(fit, 20, 1)
