"""Score and Wald tests, and modification indices where lavaan's are compared in no other test."""

import numpy as np
import pytest

from confianza import sem
from confianza.errors import ModelError
from tests.sem.referee import by_key, difference, read_cases, read_data, report, rows

THREE = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
KEYS = ("lhs", "op", "rhs", "group")
ADDED = {"add_one": "x1 ~~ x2", "add_two": "visual =~ x9\nx7 ~~ x8", "add_nations": "f =~ y5"}
DECISIONS = {"(i)": "inconclusive", "**(m)**": "misfit", "(nm)": "none", "epc:nm": "epc", "*epc:m*": "epc"}


def cases_with(name):
    return pytest.mark.parametrize(
        "case", [c for c in read_cases() if name in c.expected], ids=lambda c: c.id
    )


def fitted(case):
    return getattr(sem, case.function)(case.model, case.columns(), **case.options)


def compare_score_tests(ours, lavaan, tolerance):
    yield difference("X2", ours.statistic, lavaan["test"]["X2"][0], tolerance)
    yield difference("df", ours.df, lavaan["test"]["df"][0], tolerance)
    yield difference("p", ours.pvalue, lavaan["test"]["p.value"][0], tolerance)
    for mine, theirs in zip(ours.univariate.rows(), rows(lavaan["uni"]), strict=True):
        yield difference(f"{mine['lhs']} {mine['rhs']}", mine["statistic"], theirs["X2"], tolerance)


@cases_with("score_test")
def test_releasing_all_equalities_is_lavaans(case):
    ours, lavaan = fitted(case).score_test(), case.expected["score_test"]
    found = list(compare_score_tests(ours, lavaan, case.tolerance))
    expected = by_key(rows(lavaan["epc"]), *KEYS)
    # Changes are unique only if the released model is identified: with thresholds free as well as latent means and
    # scale factors it is not. Of variances lavaan shows the value in place of the standardized change.
    if "thresholds" not in case.options.get("group_equal", ()):
        for mine in ours.changes.rows():
            theirs = expected[tuple(mine[key] for key in KEYS)]
            for column in (
                ("epc", "epv")
                if mine["lhs"] == mine["rhs"]
                else ("epc", "epv", "sepc.lv", "sepc.all", "sepc.nox")
            ):
                name = f"{mine['lhs']} {mine['op']} {mine['rhs']} {column}"
                found.append(difference(name, mine[column.replace(".", "_")], theirs[column], case.tolerance))
    assert not (worst := report(found)), worst


@cases_with("release_some")
def test_releasing_some_equalities_is_lavaans(case):
    found = compare_score_tests(
        fitted(case).score_test(release=[2, 4]), case.expected["release_some"], case.tolerance
    )
    assert not (worst := report(found)), worst


@pytest.mark.parametrize("name", ADDED)
def test_adding_parameters_is_lavaans(name):
    for case in (c for c in read_cases("results") if name in c.expected):
        ours, lavaan = fitted(case).score_test(add=ADDED[name]), case.expected[name]
        found = [difference("X2", ours.statistic, lavaan["test"]["X2"][0], case.tolerance)]
        assert ours.df == lavaan["test"]["df"][0]
        found += [
            difference("uni", mine, theirs, case.tolerance)
            for mine, theirs in zip(ours.univariate["statistic"], lavaan["uni"]["X2"], strict=True)
        ]
        assert not (worst := report(found)), worst


@cases_with("wald")
def test_wald_tests_are_lavaans(case):
    fit, found = fitted(case), []
    for lavaan in case.expected["wald"]:
        ours = fit.wald_test(lavaan["constraints"])
        assert ours.df == lavaan["df"]
        found += [
            difference(lavaan["constraints"], ours.statistic, lavaan["statistic"], case.tolerance),
            difference("p", ours.pvalue, lavaan["pvalue"], case.tolerance),
        ]
    assert not (worst := report(found)), worst


@cases_with("power")
def test_power_and_decisions_are_lavaans(case):
    ours = by_key(fitted(case).modification_indices(power=True).rows(), *KEYS)
    found = []
    for theirs in rows(case.expected["power"]):
        mine = ours[tuple(theirs[key] for key in KEYS)]
        found += [
            difference(column, mine[column], theirs[column], case.tolerance) for column in ("ncp", "power")
        ]
        assert mine["decision"] == DECISIONS[theirs["decision"]]
    assert not (worst := report(found)), worst


def test_an_index_is_about_the_gain_of_freeing_the_parameter():
    data = read_data("hs")
    fit = sem.cfa(THREE, data)
    index = fit.modification_indices(op="~~", sort=True).rows()[10]
    freed = sem.cfa(f"{THREE}\n{index['lhs']} ~~ {index['rhs']}", data)
    assert index["mi"] == pytest.approx(fit.measures["chisq"] - freed.measures["chisq"], rel=0.1)
    estimate = freed.estimates.where(lhs=index["lhs"], op="~~", rhs=index["rhs"])["est"][0]
    assert index["epc"] == pytest.approx(estimate, rel=0.1)


def test_orders_of_items_rows_and_groups_do_not_matter():
    data = read_data("hs")
    options = {"group": "school", "group_equal": ["loadings", "intercepts"]}
    plain = sem.cfa(THREE, data, group_label=["Pasteur", "Grant-White"], **options)
    shuffled = np.random.default_rng(3).permutation(len(data["x1"]))
    # which group has latent means of zero changes what a freed loading does to means, but no covariance
    for labels, kinds in ((["Pasteur", "Grant-White"], ()), (["Grant-White", "Pasteur"], "~~")):
        turned = sem.cfa(
            "speed =~ x7 + x9 + x8\nvisual =~ x1 + x3 + x2\ntextual =~ x4 + x6 + x5",
            {name: column[shuffled] for name, column in data.items()},
            group_label=labels,
            **options,
        )
        first, second = gains(plain, kinds), gains(turned, kinds)
        assert first.keys() == second.keys()
        for key, value in first.items():
            assert second[key] == pytest.approx(value, rel=1e-6, abs=1e-7)
        assert turned.score_test().statistic == pytest.approx(plain.score_test().statistic, rel=1e-7)


def gains(fit, kinds):
    return {
        (frozenset((row["lhs"], row["rhs"])), row["op"], fit.group_labels[row["group"] - 1]): row["mi"]
        for row in fit.modification_indices(op=kinds).rows()
    }


def test_sorting_and_selecting():
    fit = sem.cfa(THREE, read_data("hs"))
    found = fit.modification_indices(sort=True, minimum=5)
    assert found["mi"] == sorted(found["mi"], reverse=True)
    assert min(found["mi"]) >= 5
    assert set(fit.modification_indices(op="=~")["op"]) == {"=~"}


def test_scale_factors_of_the_theta_parameterization_are_not_offered():
    items = ["q1", "q2", "q3", "q4"]
    fit = sem.cfa("f =~ q1 + q2 + q3 + q4", read_data("ordinal"), ordered=items, parameterization="theta")
    assert "~*~" not in fit.modification_indices()["op"]


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (lambda fit: fit.score_test(), "sem-no-equality"),
        (lambda fit: fit.score_test(add="visual =~ x2"), "sem-add-free"),
        (lambda fit: fit.score_test(add="visual =~ z9"), "sem-unknown-variable"),
        (lambda fit: fit.score_test(add="x1 | t1"), "sem-add-kind"),
        (lambda fit: fit.wald_test("a == q"), "sem-label-unknown"),
        (lambda fit: fit.wald_test("a > 1"), "sem-wald-nothing"),
        (lambda fit: fit.wald_test("a == b; 2*a == 2*b"), "sem-wald-dependent"),
    ],
)
def test_what_cannot_be_tested_is_refused(ask, code):
    fit = sem.cfa("visual =~ x1 + a*x2 + b*x3\ntextual =~ x4 + x5 + x6", read_data("hs"))
    with pytest.raises(ModelError) as caught:
        ask(fit)
    assert caught.value.code == code
    assert caught.value.in_language("es") != caught.value.in_language("en")


def test_an_equality_that_does_not_exist_cannot_be_released():
    fit = sem.cfa("visual =~ x1 + a*x2 + a*x3\ntextual =~ x4 + x5 + x6", read_data("hs"))
    with pytest.raises(ModelError) as caught:
        fit.score_test(release=[2])
    assert caught.value.code == "sem-release"


def test_indices_about_fixed_covariates_do_not_depend_on_the_way_of_estimation():
    """Full information on rows without gaps; the indices of sex, ageyr ~ x4 are lavaan's in both ways."""
    data = {name: column[:300] for name, column in read_data("hs").items()}
    model = "visual =~ x1 + x2 + x3\nvisual ~ ageyr + sex\nx4 ~ visual + sex"
    plain, full = (
        sem.sem(model, data, **options).modification_indices() for options in ({}, {"missing": "fiml"})
    )
    wanted = {(row["lhs"], row["op"], row["rhs"]): row for row in plain.where(op="~").rows()}
    found = full.where(op="~").rows()
    assert {("sex", "~", "x4"), ("ageyr", "~", "x4")} <= wanted.keys()
    assert len(found) == len(wanted)
    for row in found:
        expected = wanted[row["lhs"], row["op"], row["rhs"]]
        for column in ("mi", "epc"):
            assert row[column] == pytest.approx(expected[column], rel=1e-6, abs=1e-9)
