import json
import tracemalloc
import warnings
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import multivariate_normal, norm
from statsmodels.miscmodels.ordinal_model import OrderedModel

from confianza.errors import LANGUAGES, ModelError
from confianza.sem.data.ordinal.statistics import ordinal_statistics
from confianza.sem.warnings import SemWarning

REFERENCE = Path(__file__).parents[1] / "reference" / "ordinal"


THREE = ([-0.5, 0.6], [0.1], [-1.0, -0.3, 0.8])


def responses(n, count, *, loading=0.7, seed=1):
    """Standard normal responses, each two correlated loading²."""
    generator = np.random.default_rng(seed)
    rest = np.sqrt(1 - loading**2)
    return loading * generator.normal(size=(n, 1)) + rest * generator.normal(size=(n, count))


def cut(latent, thresholds):
    parts = [1 + np.searchsorted(cuts, latent[:, j]) for j, cuts in enumerate(thresholds)]
    return np.column_stack(parts).astype(float)


def answers(n, thresholds, *, seed=1):
    return cut(responses(n, len(thresholds), seed=seed), thresholds)


def mixed(n=300, seed=3):
    """Three ordered items, two continuous variables, two covariates that shift them all."""
    latent = responses(n, 5, seed=seed)
    generator = np.random.default_rng((seed, 1))
    covariates = np.column_stack([generator.normal(size=n), generator.integers(0, 2, n)])
    latent += covariates @ [[0.3, 0.2, -0.3, 0.4, 0.1], [0.2, -0.1, 0.1, 0.0, 0.3]]
    return np.column_stack([cut(latent, THREE), 2 * latent[:, 3:] + 1]), (3, 2, 4, 0, 0), covariates


# --- lavaan ------------------------------------------------------------------------------------


def cases():
    for path in sorted(REFERENCE.glob("*.json")):
        made = json.loads(path.read_text(encoding="utf-8"))
        for group in made["groups"]:
            yield pytest.param(made, group, id=f"{made['case']}-{group['label'] or 'all'}")


@pytest.mark.parametrize(("made", "group"), list(cases()))
def test_equals_lavaan(made, group):
    column = {name: np.array(values, dtype=object) for name, values in made["data"].items()}
    rows = column[made["group"]] == group["label"] if made["group"] else slice(None)

    def table(names):
        parts = [np.where(column[name] == None, np.nan, column[name]).astype(float) for name in names]  # noqa: E711
        return np.column_stack(parts)[rows]

    data = table(made["variables"])
    options = made["options"]
    statistics = ordinal_statistics(
        data,
        [int(np.nanmax(data[:, j])) if v in made["ordered"] else 0 for j, v in enumerate(made["variables"])],
        table(made["exogenous"]) if made["exogenous"] else None,
        missing=made["missing"],
        zero_add=tuple(options.get("zero.add", (0.5, 0.0))),
        zero_keep_margins=options.get("zero.keep.margins", [True])[0],
    )
    order = len(group["moments"])
    nacov = np.zeros((order, order))
    nacov[np.triu_indices(order)] = group["nacov"]
    nacov = np.triu(nacov) + np.triu(nacov, 1).T
    assert statistics.n == group["n"][0]
    # lavaan's own search stops within about 1e-7 of the maximum.
    assert statistics.moments == pytest.approx(np.array(group["moments"]), rel=0, abs=5e-7)
    scale = np.sqrt(np.outer(np.diag(nacov), np.diag(nacov)))
    assert statistics.nacov / scale == pytest.approx(nacov / scale, rel=0, abs=1e-6)
    ordered_thresholds = statistics.thresholds[np.array(statistics.ordered)[statistics.threshold_variable]]
    assert ordered_thresholds == pytest.approx(np.array(group["thresholds"]), abs=5e-7)
    p = len(made["variables"])
    assert statistics.covariance.T[np.triu_indices(p)] == pytest.approx(
        np.array(group["covariance"]), abs=1e-6
    )


# --- likelihood, written anew ---------------------------------------------------------------------


def test_polychoric_is_the_maximum_of_the_likelihood_of_the_table():
    data = answers(200, THREE[::2])
    statistics = ordinal_statistics(data, (3, 4))
    cuts = [
        np.concatenate([[-9], norm.ppf([(data[:, j] <= k).mean() for k in range(1, count)]), [9]])
        for j, count in ((0, 3), (1, 4))
    ]

    def deviance(rho):
        cdf = multivariate_normal(cov=[[1, rho], [rho, 1]]).cdf
        corners = np.array([[cdf([h, k]) for k in cuts[1]] for h in cuts[0]])
        chance = np.diff(np.diff(corners, axis=0), axis=1)
        counts = [[((data[:, 0] == a) & (data[:, 1] == b)).sum() for b in range(1, 5)] for a in range(1, 4)]
        return -(np.array(counts) * np.log(np.maximum(chance, 1e-12))).sum()

    best = minimize_scalar(deviance, bounds=(0, 0.95), method="bounded", options={"xatol": 1e-9}).x
    assert statistics.covariance[0, 1] == pytest.approx(best, abs=2e-5)
    assert statistics.thresholds == pytest.approx(np.concatenate([c[1:-1] for c in cuts]), abs=1e-12)


def test_polyserial_is_the_maximum_of_the_likelihood_of_the_cases():
    data, counts, _ = mixed()
    statistics = ordinal_statistics(data[:, [0, 3]], (counts[0], 0))
    z = (data[:, 3] - data[:, 3].mean()) / data[:, 3].std()
    cuts = np.concatenate([[-9], norm.ppf([(data[:, 0] <= k).mean() for k in (1, 2)]), [9]])
    item = data[:, 0].astype(int)

    def deviance(rho):
        share = norm.cdf((cuts - rho * z[:, None]) / np.sqrt(1 - rho**2))
        rows = np.arange(len(z))
        return -np.log(share[rows, item] - share[rows, item - 1]).sum()

    best = minimize_scalar(deviance, bounds=(-0.95, 0.95), method="bounded", options={"xatol": 1e-10}).x
    assert statistics.covariance[0, 1] / data[:, 3].std() == pytest.approx(best, abs=1e-6)


def test_pearson_of_pairwise_data_is_the_maximum_with_margins_held():
    data, _, _ = mixed()
    data = data[:, 3:].copy()
    data[:90, 0] = np.nan
    data[-60:, 1] = np.nan
    statistics = ordinal_statistics(data, (0, 0), missing="pairwise")
    z = (data - np.nanmean(data, axis=0)) / np.nanstd(data, axis=0)
    z = z[~np.isnan(z).any(axis=1)]

    def deviance(rho):
        return -multivariate_normal(cov=[[1, rho], [rho, 1]]).logpdf(z).sum()

    best = minimize_scalar(deviance, bounds=(-0.95, 0.95), method="bounded", options={"xatol": 1e-10}).x
    assert statistics.covariance[0, 1] / np.prod(np.nanstd(data, axis=0)) == pytest.approx(best, abs=1e-6)


def test_ordered_probit_equals_statsmodels():
    data, counts, covariates = mixed()
    statistics = ordinal_statistics(data, counts, covariates)
    for j in (0, 1, 2):
        model = OrderedModel(data[:, j].astype(int), covariates, distr="probit")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit = model.fit(method="bfgs", gtol=1e-9, disp=False, maxiter=500)
        assert statistics.slopes[j] == pytest.approx(fit.params[:2], abs=1e-5)
        thresholds = statistics.thresholds[statistics.threshold_variable == j]
        assert thresholds == pytest.approx(model.transform_threshold_params(fit.params)[1:-1], abs=1e-5)


def test_polychoric_given_covariates_is_the_maximum_of_the_likelihood_of_the_cases():
    data, counts, covariates = mixed(n=60)
    data, counts = data[:, :2], counts[:2]
    statistics = ordinal_statistics(data, counts, covariates)
    limits = []
    for j in (0, 1):
        cuts = np.concatenate([[-9], statistics.thresholds[statistics.threshold_variable == j], [9]])
        item, location = data[:, j].astype(int), covariates @ statistics.slopes[j]
        limits.append((cuts[item - 1] - location, cuts[item] - location))

    def deviance(rho):
        cdf = multivariate_normal(cov=[[1, rho], [rho, 1]]).cdf
        corner = [[cdf(np.column_stack([h, k])) for k in limits[1]] for h in limits[0]]
        return -np.log(corner[1][1] - corner[0][1] - corner[1][0] + corner[0][0]).sum()

    best = minimize_scalar(deviance, bounds=(-0.95, 0.95), method="bounded", options={"xatol": 1e-9}).x
    assert statistics.covariance[0, 1] == pytest.approx(best, abs=2e-5)


# --- sampling ----------------------------------------------------------------------------------


@pytest.mark.parametrize("with_covariates", [False, True])
def test_nacov_is_the_variance_over_samples(with_covariates):
    samples, moments, stated = 400, [], []
    for seed in range(samples):
        data, _, covariates = mixed(n=400, seed=seed)
        chosen = covariates if with_covariates else None
        statistics = ordinal_statistics(data[:, [0, 1, 3]], (3, 2, 0), chosen)
        moments.append(statistics.moments)
        stated.append(np.diag(statistics.nacov) / statistics.n)
    ratio = np.var(moments, axis=0, ddof=1) / np.mean(stated, axis=0)
    assert ratio == pytest.approx(
        np.ones_like(ratio), abs=0.25
    )  # 3.5 standard errors of a variance from 400 samples


def test_thresholds_and_correlations_come_back_from_a_large_sample():
    statistics = ordinal_statistics(answers(200_000, THREE), (3, 2, 4))
    assert statistics.thresholds == pytest.approx(np.concatenate(THREE), abs=0.015)
    assert statistics.covariance == pytest.approx(np.full((3, 3), 0.49) + 0.51 * np.eye(3), abs=0.015)


# --- invariances -------------------------------------------------------------------------------


def test_cases_repeated_tenfold_leave_moments_and_nacov():
    data = answers(150, THREE)
    once, tenfold = ordinal_statistics(data, (3, 2, 4)), ordinal_statistics(np.tile(data, (10, 1)), (3, 2, 4))
    assert tenfold.n == 1500
    assert tenfold.moments == pytest.approx(once.moments, abs=1e-11)
    assert tenfold.nacov == pytest.approx(once.nacov, abs=1e-9)


def test_tables_equal_rows():
    # A covariate that explains nothing at all turns tables into rows; slopes aside, the same comes out.
    data = answers(120, THREE)
    both = np.concatenate([data, data])
    sign = np.repeat([1.0, -1.0], 120)[:, None]
    rows, tables = ordinal_statistics(both, (3, 2, 4), sign), ordinal_statistics(both, (3, 2, 4))
    assert rows.slopes == pytest.approx(np.zeros((3, 1)), abs=1e-10)
    kept = np.r_[0:6, 9:12]
    assert rows.moments[kept] == pytest.approx(tables.moments, abs=1e-9)
    assert rows.nacov[np.ix_(kept, kept)] == pytest.approx(tables.nacov, abs=1e-7)


@pytest.mark.parametrize("with_covariates", [False, True])
def test_order_of_variables_and_rows_changes_nothing(with_covariates):
    data, counts, covariates = mixed()
    data[::7, 1] = data[::11, 3] = np.nan
    chosen = covariates if with_covariates else None
    turned, shuffled = np.array([4, 2, 0, 3, 1]), np.random.default_rng(0).permutation(len(data))
    straight = ordinal_statistics(data, counts, chosen, missing="pairwise")
    other = ordinal_statistics(
        data[shuffled][:, turned],
        np.array(counts)[turned],
        None if chosen is None else chosen[shuffled],
        missing="pairwise",
    )
    assert other.covariance == pytest.approx(straight.covariance[np.ix_(turned, turned)], abs=1e-9)
    assert other.slopes == pytest.approx(straight.slopes[turned], abs=1e-9)
    assert np.sort(np.diag(other.nacov)) == pytest.approx(np.sort(np.diag(straight.nacov)), rel=1e-7)


def test_origin_and_unit_of_a_covariate_change_only_its_slope():
    data, counts, covariates = mixed()
    straight = ordinal_statistics(data, counts, covariates)
    years = ordinal_statistics(data, counts, 2010 + 5 * covariates)
    assert years.slopes == pytest.approx(straight.slopes / 5, abs=1e-9)
    assert years.covariance == pytest.approx(straight.covariance, abs=1e-9)
    pairs = slice(-10, None)
    assert years.nacov[pairs, pairs] == pytest.approx(straight.nacov[pairs, pairs], rel=1e-6, abs=1e-6)


def test_memory_does_not_grow_with_pairs_times_rows():
    data = answers(60_000, THREE * 4)  # 66 pairs: casewise scores would be ten times the data
    tracemalloc.start()
    try:
        ordinal_statistics(data, (3, 2, 4) * 4)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * data.nbytes


# --- refusals ----------------------------------------------------------------------------------


def refusal(*args, **options):
    with pytest.raises(ModelError) as caught:
        ordinal_statistics(*args, group="Bandaria", **options)
    for language in LANGUAGES:
        assert caught.value.in_language(language)
    return caught.value


def test_an_empty_category_is_named():
    data = answers(100, THREE)
    data[data[:, 2] == 3, 2] = 2
    error = refusal(data, (3, 2, 4), names=("one", "two", "three"))
    assert error.code == "empty-category"
    assert error.params == {"variable": "three", "group": "Bandaria", "categories": "3"}


def test_a_single_category_is_refused():
    data = answers(100, THREE)
    data[:, 1] = 1
    assert refusal(data, (3, 2, 4)).code == "one-category"


@pytest.mark.parametrize("value", [0, 1.5, 4])
def test_a_value_that_is_no_category_is_refused(value):
    data = answers(100, THREE)
    data[5, 0] = value
    error = refusal(data, (3, 2, 4))
    assert (error.code, error.params["value"]) == ("not-a-category", f"{value:g}")


@pytest.mark.parametrize("copied", [0, 1])
def test_a_copied_item_is_perfectly_collinear(copied):
    data = np.column_stack([answers(100, THREE), answers(100, THREE)[:, copied]])
    error = refusal(data, (3, 2, 4, (3, 2)[copied]), names=("a", "b", "c", "copy"))
    assert (error.code, error.params["pairs"]) == ("perfectly-collinear", f"{'ab'[copied]} – copy")


def test_an_open_table_is_refused_when_nothing_is_added_to_empty_cells():
    data = np.array([[1, 1]] * 20 + [[1, 2]] * 15 + [[2, 2]] * 25, dtype=float)
    assert refusal(data, (2, 2), zero_add=(0, 0)).code == "perfectly-collinear"
    assert abs(ordinal_statistics(data, (2, 2)).covariance[0, 1]) < 0.99


def test_nearly_collinear_items_are_warned_of():
    latent = responses(4000, 1)
    nearly = latent + 0.05 * np.random.default_rng(5).normal(size=latent.shape)
    data = np.column_stack([cut(latent, THREE[2:]), cut(nearly, THREE[2:])])
    with pytest.warns(SemWarning, match="1 – 2") as caught:
        ordinal_statistics(data, (4, 4))
    assert caught[0].message.in_language("es")


def test_a_constant_variable_is_refused():
    data = np.column_stack([answers(100, THREE), np.full(100, 3.3)])
    assert refusal(data, (3, 2, 4, 0)).code == "constant-variable"


def test_a_continuous_variable_with_two_values_is_refused():
    data = np.column_stack([answers(100, THREE), answers(100, [[0.0]], seed=9)])
    error = refusal(data, (3, 2, 4, 0))
    assert (error.code, error.params["variable"]) == ("scores-dependent", "4")


def test_variables_that_no_case_has_both_of_are_named():
    data = answers(100, THREE)
    data[:50, 0] = data[50:, 1] = np.nan
    error = refusal(data, (3, 2, 4), missing="pairwise")
    assert (error.code, error.params["pairs"]) == ("pair-without-cases", "1 – 2")


def test_covariates_that_separate_the_categories_are_refused():
    data = answers(100, THREE)
    assert refusal(data, (3, 2, 4), data[:, :1] * 1.0).code == "probit-without-maximum"


def test_collinear_covariates_are_refused():
    data = answers(100, THREE)
    x = np.random.default_rng(0).normal(size=(100, 1))
    assert refusal(data, (3, 2, 4), np.hstack([x, 2 * x])).code == "exogenous-collinear"
