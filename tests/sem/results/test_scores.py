"""Factor scores: lavaan's, a general optimizer's, and what must not change them."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import ndtr

from confianza import sem
from confianza.errors import ModelError
from tests.sem.referee import difference, read_cases, read_data, report

ITEMS = ["q1", "q2", "q3", "q4", "l1", "l2", "l3", "l4"]
ORDINAL = "f =~ q1 + q2 + q3 + q4\ng =~ l1 + l2 + l3 + l4"


def scores_of(table):
    return {row["row"]: row for row in table.rows()}


@pytest.mark.parametrize(
    ("case", "name"),
    [
        pytest.param(case, name, id=f"{case.id}-{name}")
        for case in read_cases()
        for name in ("scores", "bartlett", "scores_ebm")
        if name in case.expected and "ordered" not in case.options
    ],
)
def test_scores_and_errors_are_lavaans(case, name):
    method = {"scores": "regression", "bartlett": "bartlett", "scores_ebm": "ebm"}[name]
    fit = getattr(sem, case.function)(case.model, case.columns(), **case.options)
    ours, found = scores_of(fit.predict(method=method, se=True)), []
    for part in case.expected[name]:
        for place, row in enumerate(part["rows"]):
            for j, latent in enumerate(part["latent"]):
                mine = ours[row - 1]
                found.append(
                    difference(f"{latent} {row}", mine[latent], part["values"][place][j], case.tolerance)
                )
                if "se" in part:
                    error = part["se"][place if len(part["se"]) > 1 else 0][j]
                    found.append(
                        difference(f"se {latent} {row}", mine[f"se_{latent}"], error, case.tolerance)
                    )
    assert not (worst := report(found)), worst


@pytest.mark.parametrize(
    "case",
    # lavaan's scores under theta, and in groups with scale factors of their own, are not modes of the posterior: they
    # are not those of the delta parameterization in other units (next tests).
    [
        c
        for c in read_cases()
        if "scores_ebm" in c.expected
        and "ordered" in c.options
        and c.options.get("parameterization") != "theta"
        and "group" not in c.options
    ],
    ids=lambda c: c.id,
)
def test_modes_of_ordered_items_are_lavaans(case):
    fit = getattr(sem, case.function)(case.model, case.columns(), **case.options)
    ours = scores_of(fit.predict(method="ebm"))
    for part in case.expected["scores_ebm"]:
        theirs = np.array(part["values"])
        mine = np.array([[ours[row - 1][latent] for latent in part["latent"]] for row in part["rows"]])
        assert np.abs(mine - theirs).max() < 2e-3  # lavaan stops where its optimizer of each row does
        assert np.median(np.abs(mine - theirs)) < 2e-5


@pytest.mark.parametrize(
    "options",
    [{}, {"parameterization": "theta"}, {"group": "language", "group_equal": ["loadings", "thresholds"]}],
    ids=["delta", "theta", "groups"],
)
def test_modes_are_those_of_a_general_optimizer(options):
    data = read_data("ordinal")
    fit = sem.cfa(ORDINAL, data, ordered=ITEMS, **options)
    estimates = {(r["lhs"], r["op"], r["rhs"], r["group"]): r["est"] for r in fit.estimates.rows()}
    table = fit.predict(method="ebm", se=True).rows()
    for row in table[:6] + table[-2:]:
        group = 1 if "group" not in row else fit.group_labels.index(row["group"]) + 1

        def value(*key, group=group):
            return estimates.get((*key, group), 0.0)

        prior = np.array(
            [[value("f", "~~", "f"), value("f", "~~", "g")], [value("f", "~~", "g"), value("g", "~~", "g")]]
        )
        mean = np.array([value("f", "~1", ""), value("g", "~1", "")])

        def loss(eta, row=row, value=value, prior=prior, mean=mean):
            total = 0.5 * (eta - mean) @ np.linalg.solve(prior, eta - mean)
            for item in ITEMS:
                latent, at = ("f", eta[0]) if item.startswith("q") else ("g", eta[1])
                center = value(item, "~1", "") + value(latent, "=~", item) * at
                spread = value(item, "~~", item) ** 0.5
                answer = int(data[item][row["row"]])
                last = 4 if item.startswith("q") else 5
                top = 1.0 if answer == last else ndtr((value(item, "|", f"t{answer}") - center) / spread)
                bottom = 0.0 if answer == 1 else ndtr((value(item, "|", f"t{answer - 1}") - center) / spread)
                total -= np.log(top - bottom)
            return total

        found = minimize(loss, mean, method="BFGS", options={"gtol": 1e-9})
        assert [row["f"], row["g"]] == pytest.approx(found.x, abs=2e-6)
        step = 1e-4
        hessian = np.array(
            [
                [
                    (
                        loss(found.x + step * (a + b))
                        - loss(found.x + step * (a - b))
                        - loss(found.x - step * (a - b))
                        + loss(found.x - step * (a + b))
                    )
                    / (4 * step**2)
                    for b in np.eye(2)
                ]
                for a in np.eye(2)
            ]
        )
        assert [row["se_f"], row["se_g"]] == pytest.approx(np.sqrt(np.diag(np.linalg.inv(hessian))), rel=1e-4)


def test_both_parameterizations_score_alike():
    data = read_data("ordinal")
    delta, theta = (
        sem.cfa(ORDINAL, data, ordered=ITEMS, std_lv=True, parameterization=kind).predict(
            method="ebm", se=True
        )
        for kind in ("delta", "theta")
    )
    for column in ("f", "g", "se_f", "se_g"):
        assert theta[column] == pytest.approx(delta[column], abs=1e-6)


def test_a_row_without_some_items_is_scored_by_the_others():
    data = dict(read_data("hs"))
    model = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6"
    data["x2"] = data["x2"].copy()
    data["x2"][4] = np.nan
    fit = sem.cfa(model, data, missing="fiml")
    row = fit.predict(se=True).rows()[4]
    seen = [place for place, name in enumerate(fit.structure.observed) if name != "x2"]
    covariance, mean = fit.implied.covariances[0], fit.implied.means[0]
    values = np.array([data[fit.structure.observed[place]][4] for place in seen])
    weights = np.linalg.solve(covariance[np.ix_(seen, seen)], covariance[seen, 6])
    assert row["visual"] == pytest.approx(weights @ (values - mean[seen]), rel=1e-10)
    assert row["se_visual"] == pytest.approx(
        (covariance[6, 6] - weights @ covariance[seen, 6]) ** 0.5, rel=1e-10
    )


def test_the_order_of_rows_is_that_of_the_data():
    data = read_data("hs")
    model = "visual =~ x1 + x2 + x3"
    labels = ["Pasteur", "Grant-White"]
    options = {"group": "school", "group_label": labels, "group_equal": ["loadings", "intercepts"]}
    plain = sem.cfa(model, data, **options).predict()
    turned = sem.cfa(model, {name: column[::-1] for name, column in data.items()}, **options).predict()
    assert plain["row"] == list(range(301))
    assert turned["visual"][::-1] == pytest.approx(plain["visual"], abs=1e-8)
    assert turned["group"][::-1] == plain["group"] == data["school"].tolist()


@pytest.mark.parametrize(
    ("model", "options", "method", "code"),
    [
        ("x1 ~ x2", {}, "regression", "sem-no-latent"),
        ("f =~ x1 + x2 + x3", {}, "ml", "sem-option-value"),
        ("f =~ x1+x2+x3\ng =~ x4+x5+x6\nh =~ x7+x8+x9\ns =~ f+g+h", {}, "bartlett", "sem-bartlett-none"),
    ],
)
def test_what_has_no_scores_is_refused(model, options, method, code):
    with pytest.raises(ModelError) as caught:
        sem.sem(model, read_data("hs"), **options).predict(method=method)
    assert caught.value.code == code


def test_ordered_items_have_modes_only():
    data = read_data("ordinal")
    fit = sem.cfa(ORDINAL, data, ordered=ITEMS)
    with pytest.raises(ModelError) as caught:
        fit.predict(method="regression")
    assert caught.value.code == "sem-scores-ordered"
    related = sem.cfa(ORDINAL + "\nq1 ~~ l1", data, ordered=ITEMS)
    with pytest.raises(ModelError) as caught:
        related.predict(method="ebm")
    assert caught.value.code == "sem-scores-dependent"


def test_bartlett_uses_what_the_residuals_are_correlated_with():
    """(L' Sigma^-1 L)^-1 L' Sigma^-1 (y - mu) over all variables; x4 loads nowhere but tells of the residual of x3."""
    fit = sem.cfa("f =~ x1 + x2 + x3\nx3 ~~ x4", read_data("hs"), meanstructure=True)
    loadings = np.array([*fit.estimates.where(op="=~")["est"], 0.0])[:, None]
    inverse = np.linalg.inv(fit.implied.covariance[0])
    data = np.column_stack([read_data("hs")[name] for name in ("x1", "x2", "x3", "x4")])
    weights = np.linalg.solve(loadings.T @ inverse @ loadings, loadings.T @ inverse)
    assert fit.predict(method="bartlett")["f"] == pytest.approx(((data - data.mean(0)) @ weights.T)[:, 0])


def test_bartlett_gives_no_score_of_a_factor_without_indicators():
    data = dict(read_data("hs"))
    for name in ("x1", "x2", "x3"):
        data[name] = np.where(np.arange(len(data[name])) == 4, np.nan, data[name])
    fit = sem.cfa("f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6", data, missing="fiml")
    row, other = fit.predict(method="bartlett", se=True).rows()[4:6]
    assert np.isnan([row["f"], row["se_f"]]).all()
    assert np.isfinite([row["g"], row["se_g"], other["f"]]).all()
    assert row["se_g"] == pytest.approx(other["se_g"])


def test_a_variance_below_zero_is_no_standard_error():
    """The first item's communality is 0.8 * 0.8 / 0.5 = 1.28 of a variance of 1."""
    wanted = np.array([[1, 0.8, 0.8], [0.8, 1, 0.5], [0.8, 0.5, 1]])
    rows = np.random.default_rng(1).normal(size=(60, 3))
    rows -= rows.mean(axis=0)
    rows = rows @ np.linalg.inv(np.linalg.cholesky(rows.T @ rows / 60)).T @ np.linalg.cholesky(wanted).T
    with pytest.warns(sem.SemWarning, match="Heywood"):
        fit = sem.cfa("f =~ a + b + c", dict(zip("abc", rows.T, strict=True)))
    assert np.isnan(fit.predict(se=True)["se_f"]).all()
