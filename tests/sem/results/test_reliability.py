"""Reliability: semTools' numbers, simulated answers, and what must not change it."""

import numpy as np
import pytest
from scipy.special import ndtri

from confianza import sem
from confianza.errors import ModelError
from confianza.sem.results.reliability import answer_covariances
from tests.sem.referee import difference, read_cases, read_data, report

ITEMS = ["q1", "q2", "q3", "q4", "l1", "l2", "l3", "l4"]
ORDINAL = "f =~ q1 + q2 + q3 + q4\ng =~ l1 + l2 + l3 + l4"
NAMES = {"alpha.ord": "alpha_ordinal"}


def expected_values(case):
    """(coefficient, factor, group) and semTools' value, of each function it was asked."""
    labels = case.expected["resolved"]["groups"]
    found = case.expected.get("reliability", {})
    for label, part in {"": found}.items() if "rows" in found else found.items():
        for name, values in zip(part["rows"], part["values"], strict=True):
            for factor, value in zip(part["columns"], values, strict=True):
                yield (NAMES.get(name, name), factor, labels.index(label) + 1 if label else 1), value
    for name, ours in (("compRelSEM", "omega3"), ("ave", "ave"), ("compRelSEM_tau", "alpha")):
        part = dict(case.expected.get(name, {}))
        groups = (
            [labels.index(label) + 1 for label in part.pop("group", labels[:1] or [""])] if labels else [1]
        )
        for factor, values in part.items():
            for group, value in zip(groups, values if isinstance(values, list) else [values], strict=True):
                yield (ours, factor, group), value


def is_exact_in_semtools(case, coefficient, group):
    """semTools' variance extracted is of latent responses as scaled; their means are missing from its thresholds."""
    if "ordered" not in case.options:
        return True
    if group > 1:
        return coefficient.startswith("alpha")
    return case.options.get("parameterization") != "theta" or coefficient not in {"ave", "avevar"}


@pytest.mark.parametrize(
    "case",
    [c for c in read_cases() if {"reliability", "compRelSEM", "ave"} & c.expected.keys()],
    ids=lambda c: c.id,
)
def test_coefficients_are_those_of_semtools(case):
    fit = getattr(sem, case.function)(case.model, case.columns(), **case.options)
    ours, found = {(row["factor"], row["group"]): row for row in fit.reliability().rows()}, []
    for (coefficient, factor, group), value in expected_values(case):
        if is_exact_in_semtools(case, coefficient, group):
            found.append(
                difference(
                    f"{coefficient} {factor} [{group}]",
                    ours[factor, group][coefficient],
                    value,
                    case.tolerance,
                )
            )
    assert found
    assert not (worst := report(found)), worst


@pytest.mark.parametrize("case", [c for c in read_cases() if "htmt" in c.expected], ids=lambda c: c.id)
def test_ratios_between_factors_are_those_of_semtools(case):
    fit = getattr(sem, case.function)(case.model, case.columns(), **case.options)
    rows = fit.htmt().rows()
    assert len(rows) == 3
    for row in rows:
        for kind in ("htmt", "htmt2"):
            expected = case.expected["htmt"][kind]
            i, j = (expected["factors"].index(row[side]) for side in ("factor", "other"))
            assert row[kind] == pytest.approx(expected["values"][i][j], rel=1e-9)


def test_covariances_of_answers_are_those_of_simulated_ones():
    generator = np.random.default_rng(8)
    correlations = np.array([[1, 0.6, 0.3], [0.6, 1, -0.4], [0.3, -0.4, 1]])
    cuts = [np.array([-0.5, 0.8]), np.array([0.2]), np.array([-1.2, -0.1, 0.4, 1.5])]
    responses = generator.standard_normal((2_000_000, 3)) @ np.linalg.cholesky(correlations).T
    answers = np.column_stack([np.searchsorted(cut, responses[:, j]) for j, cut in enumerate(cuts)])
    assert answer_covariances(cuts, correlations) == pytest.approx(np.cov(answers, rowvar=False), abs=4e-3)


def test_reliability_is_the_correlation_of_parallel_sums():
    """Two sums of answers with the same true part and errors of their own, as the fitted model gives them."""
    fit = sem.cfa("f =~ q1 + q2 + q3 + q4", read_data("ordinal"), ordered=ITEMS[:4], std_lv=True)
    estimates = {(r["lhs"], r["op"], r["rhs"]): r["est"] for r in fit.estimates.rows()}
    generator = np.random.default_rng(4)
    factor = generator.standard_normal(1_000_000)
    sums = []
    for _ in range(2):
        total = np.zeros(len(factor))
        for item in ITEMS[:4]:
            spread = estimates[item, "~~", item] ** 0.5
            response = estimates["f", "=~", item] * factor + spread * generator.standard_normal(len(factor))
            total += np.searchsorted([estimates[item, "|", f"t{k}"] for k in (1, 2, 3)], response)
        sums.append(total)
    assert fit.reliability()["omega"][0] == pytest.approx(np.corrcoef(sums)[0, 1], abs=2e-3)


def test_means_of_responses_count_in_the_second_group():
    """Thresholds less the means give the shares of answers that the group shows."""
    data = read_data("ordinal")
    fit = sem.cfa(ORDINAL, data, ordered=ITEMS, group="language", group_equal=["loadings", "thresholds"])
    thresholds = fit.ordinal.stacked(fit.structure, fit.matrix_elements)[1]
    here = data["language"] == fit.group_labels[1]
    shown = [
        ndtri((data[item][here] <= k).mean()) for item in ITEMS for k in range(1, 4 if item[0] == "q" else 5)
    ]
    assert thresholds[: len(shown)] == pytest.approx(shown, abs=0.12)


def test_parameterizations_and_orders_of_items_do_not_matter():
    data = read_data("ordinal")
    plain = sem.cfa(ORDINAL, data, ordered=ITEMS).reliability()
    turned = sem.cfa(
        "f =~ q3 + q2 + q4 + q1\ng =~ l2 + l1 + l4 + l3", data, ordered=ITEMS, parameterization="theta"
    ).reliability()
    for column in plain.columns:
        assert turned[column] == (
            plain[column] if column == "factor" else pytest.approx(plain[column], rel=1e-5)
        )


def test_mixed_items_have_variance_extracted_only():
    fit = sem.cfa("f =~ q1 + q2 + c1 + c2", read_data("ordinal"), ordered=["q1", "q2"])
    row = fit.reliability().rows()[0]
    assert 0 < row["avevar"] < 1
    assert np.isnan([row[name] for name in ("alpha", "alpha_ordinal", "omega", "omega2", "omega3")]).all()


def test_what_has_no_reliability_is_refused():
    with pytest.raises(ModelError) as caught:
        sem.sem("x1 ~ x2", read_data("hs")).reliability()
    assert caught.value.code == "sem-no-latent"
    with pytest.raises(ModelError) as caught:
        sem.sem(ORDINAL + "\nf ~ z", read_data("ordinal"), ordered=ITEMS).reliability()
    assert caught.value.code == "sem-reliability-covariates"
