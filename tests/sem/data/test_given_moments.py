"""Covariances, means and counts in place of rows: matched by name in whatever form they come, or refused."""

import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pytest

from confianza import sem
from confianza.errors import ModelError
from tests.sem.referee import read_data

NAMES = ["x1", "x2", "x3", "x4", "x5", "x6"]
MODEL = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6"
SCHOOLS = ("Pasteur", "Grant-White")
DATA = pd.DataFrame({name: read_data("hs")[name] for name in NAMES})
SHUFFLED = ["x6", "x2", "x4", "x3", "x5", "x1"]
COV, MEAN = DATA[SHUFFLED].cov(), DATA[SHUFFLED].mean()
ROWS = COV.loc[NAMES]  # rows in another order than columns
# lavaan 0.6-14: cfa(model, sample.cov = cov(d), sample.mean = colMeans(d), sample.nobs = 301), d the shuffled columns
CHISQ = 24.36130
INTERCEPTS = [4.935770, 6.088040, 2.250415, 3.060908, 4.340532, 2.185572]


@pytest.mark.parametrize("is_named", [False, True], ids=["lists", "mappings"])
def test_moments_of_groups_fit_as_their_rows(is_named):
    data = read_data("hs")
    parts = [np.column_stack([data[name][data["school"] == school] for name in NAMES]) for school in SCHOOLS]
    moments = {
        "sample_cov": [np.cov(part, rowvar=False) for part in parts],
        "sample_mean": [part.mean(axis=0) for part in parts],
        "sample_nobs": [len(part) for part in parts],
    }
    if is_named:
        moments = {option: dict(zip(SCHOOLS, values, strict=True)) for option, values in moments.items()}
    equal = ["loadings", "intercepts"]
    fit = sem.cfa(MODEL, **moments, sample_names=NAMES, group_equal=equal)
    rows = sem.cfa(MODEL, data, group="school", group_equal=equal)
    assert fit.group_labels == (SCHOOLS if is_named else ("1", "2"))
    assert fit.measures["chisq"] == pytest.approx(rows.measures["chisq"], rel=1e-9)
    assert fit.estimates["se"] == pytest.approx(rows.estimates["se"], rel=1e-7, abs=1e-12)


@pytest.mark.parametrize(
    "covariance",
    [
        COV,
        ROWS,
        pl.DataFrame({name: COV[name].to_numpy() for name in SHUFFLED}),
        pl.DataFrame({"name": NAMES} | {name: ROWS[name].to_numpy() for name in SHUFFLED}),
        ROWS.reset_index(names="name"),
        nw.from_native(COV),
        nw.from_native(pl.DataFrame({name: COV[name].to_numpy() for name in SHUFFLED})),
        COV.to_dict(),
        {name: COV[name].tolist() for name in SHUFFLED},
        {name: ROWS[name] for name in SHUFFLED},
        {row: {name: COV.loc[row, name] for name in SHUFFLED[: i + 1]} for i, row in enumerate(SHUFFLED)},
    ],
    ids=[
        "pandas",
        "pandas with rows in another order",
        "polars",
        "polars with a column of names",
        "pandas with a column of names",
        "narwhals of pandas",
        "narwhals of polars",
        "rows by name",
        "columns by name",
        "columns as series",
        "triangle",
    ],
)
@pytest.mark.parametrize(
    "mean",
    [
        MEAN,
        MEAN[NAMES],
        MEAN.to_dict(),
        MEAN.to_frame(),
        MEAN.to_frame().T,
        pl.DataFrame(DATA[SHUFFLED].mean().to_dict()),
        nw.from_native(MEAN, series_only=True),
    ],
    ids=[
        "series",
        "series in another order",
        "mapping",
        "column",
        "row",
        "polars row",
        "narwhals series",
    ],
)
def test_moments_are_matched_by_name_in_every_form(covariance, mean):
    fit = sem.cfa(MODEL, sample_cov=covariance, sample_mean=mean, sample_nobs=301)
    assert fit.measures["chisq"] == pytest.approx(CHISQ, rel=1e-5)
    intercepts = {row["lhs"]: row["est"] for row in fit.estimates.where(op="~1").rows()}
    assert [intercepts[name] for name in NAMES] == pytest.approx(INTERCEPTS, abs=1e-6)


def test_names_of_arrays_are_an_option():
    fit = sem.cfa(
        MODEL,
        sample_cov=COV.to_numpy(),
        sample_mean=MEAN.to_numpy(),
        sample_nobs=301,
        sample_names=SHUFFLED,
    )
    assert fit.measures["chisq"] == pytest.approx(CHISQ, rel=1e-5)


def test_means_of_groups_come_as_a_table_of_groups():
    data = pd.DataFrame(read_data("hs"))[[*SHUFFLED, "school"]]
    parts = {school: part[SHUFFLED] for school, part in data.groupby("school")}
    fit = sem.cfa(
        MODEL,
        sample_cov={school: part.cov() for school, part in parts.items()},
        sample_mean=data.groupby("school")[NAMES].mean(),
        sample_nobs=data["school"].value_counts(),
    )
    rows = sem.cfa(MODEL, data, group="school", group_label=list(parts))
    assert fit.group_labels == tuple(parts)
    assert fit.estimates["est"] == pytest.approx(rows.estimates["est"], rel=1e-7, abs=1e-9)


TWICE = pd.DataFrame(COV.to_numpy(), columns=["x6", "x2", "x4", "x3", "x5", "x5"])
ARRAY = COV.to_numpy()
TWO = {"sample_cov": [COV, COV], "sample_nobs": [100, 201]}


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ({"sample_cov": ARRAY}, "sem-covariance-unnamed", ["sample_names"]),
        ({"sample_cov": ARRAY.tolist()}, "sem-covariance-unnamed", ["sample_names"]),
        ({"sample_cov": pd.DataFrame(ARRAY)}, "sem-covariance-unnamed", ["sample_names"]),
        ({"sample_mean": MEAN.to_numpy()}, "sem-means-unnamed", ["sample_names"]),
        ({"sample_mean": pd.Series(MEAN.to_numpy())}, "sem-means-unnamed", ["sample_names"]),
        ({"sample_mean": pl.Series(MEAN.to_list())}, "sem-means-unnamed", ["sample_names"]),
        ({"sample_mean": MEAN.rename({"x6": "x9"})}, "sem-moments-names", ["x6", "x9"]),
        ({"sample_mean": MEAN.drop("x6")}, "sem-moments-names", ["x6"]),
        ({"sample_mean": MEAN.to_dict() | {"x6": np.nan}}, "sem-means-not-finite", ["x6"]),
        ({"sample_mean": MEAN.to_numpy()[:2], "sample_names": NAMES}, "sem-means-length", ["2", "x1"]),
        ({"sample_cov": TWICE}, "sem-column-twice", ["x5"]),
        (
            {"sample_cov": ARRAY, "sample_names": ["x1", "x2", "x3", "x4", "x5", "x5"]},
            "sem-moments-twice",
            ["x5"],
        ),
        ({"sample_mean": pd.concat([MEAN, MEAN[["x1"]]])}, "sem-moments-twice", ["x1"]),
        ({"sample_cov": COV.rename(index={"x6": "x9"})}, "sem-moments-names", ["x6", "x9"]),
        ({"sample_cov": COV.iloc[:5]}, "sem-covariance-shape", ["(5, 6)"]),
        ({"sample_cov": COV.iloc[:5, :5]}, "sem-unknown-variable", ["x1"]),
        ({"sample_cov": ARRAY, "sample_names": NAMES[:5]}, "sem-covariance-shape", ["(6, 6)", "x5"]),
        ({"sample_cov": np.triu(ARRAY), "sample_names": SHUFFLED}, "sem-covariance-not-symmetric", ["x1"]),
        ({"sample_cov": COV.astype(str).replace("1", "a") + "?"}, "sem-not-numeric", ["?"]),
        (TWO | {"sample_nobs": 301}, "sem-moments-groups", ["sample_nobs", "1, 2"]),
        (TWO | {"sample_mean": MEAN}, "sem-moments-groups", ["sample_mean", "6"]),
        (
            TWO | {"sample_mean": MEAN.tolist(), "sample_names": SHUFFLED},
            "sem-moments-groups",
            ["sample_mean"],
        ),
        (
            {"sample_cov": {"a": COV, "b": COV}, "sample_nobs": {"a": 100, "c": 201}},
            "sem-moments-groups",
            ["sample_nobs", "a, b"],
        ),
    ],
)
def test_moments_without_the_right_names_are_refused(options, code, words):
    with pytest.raises(ModelError) as caught:
        sem.cfa(MODEL, **{"sample_cov": COV, "sample_nobs": 301} | options)
    assert caught.value.code == code
    english, spanish = (caught.value.in_language(language) for language in ("en", "es"))
    assert english != spanish
    for word in words:
        assert word in english
        assert word in spanish


def test_means_may_not_lack_a_variable():
    with pytest.raises(ModelError) as caught:
        sem.cfa(
            "f =~ a + b + c",
            sample_cov=np.eye(3) + 1,
            sample_names=["a", "b", "c"],
            sample_mean={"a": 1.0, "b": 2.0},
            sample_nobs=100,
        )
    assert caught.value.code == "sem-moments-names"
    assert "sample_cov`: c." in str(caught.value)


@pytest.mark.parametrize(
    ("count", "code"),
    [
        ([100, 200], "sem-moments-groups"),
        ([None, 100], "sem-moments-groups"),
        ([], "sem-moments-groups"),
        ({"a": 100}, "sem-moments-not-numbers"),
        ("abc", "sem-moments-not-numbers"),
        (float("nan"), "sem-moments-not-numbers"),
        (float("inf"), "sem-moments-not-numbers"),
        (100.5, "sem-moments-not-numbers"),
        (1, "sem-too-few-rows"),
    ],
    ids=str,
)
def test_a_count_of_rows_is_one_whole_number(count, code):
    with pytest.raises(ModelError) as refused:
        sem.cfa(MODEL, sample_cov=COV, sample_nobs=count)
    assert refused.value.code == code


@pytest.mark.parametrize("count", [301, 301.0, [301], np.array([301]), pd.Series([301])], ids=repr)
def test_a_count_of_rows_may_stand_in_a_list(count):
    assert sem.cfa(MODEL, sample_cov=COV, sample_nobs=count).moments.total == 301


@pytest.mark.parametrize("counts", [[None, 100], [100, "many"], [[100, 200], 100], [100, {"a": 1}]], ids=str)
def test_each_count_of_a_group_is_one_whole_number(counts):
    with pytest.raises(ModelError) as refused:
        sem.cfa(MODEL, sample_cov=[COV, COV], sample_nobs=counts)
    assert refused.value.code in {"sem-moments-groups", "sem-moments-not-numbers"}


@pytest.mark.parametrize(
    "covariance",
    [{"x1": {"x1": 1.0}, "x2": [0.5, 1.0]}, {"x1": {"x1": 1.0}, "x2": {"x1": "half", "x2": 1.0}}],
    ids=["list", "text"],
)
def test_a_triangle_of_anything_but_numbers_by_name_is_refused(covariance):
    with pytest.raises(ModelError) as refused:
        sem.cfa("x1 ~~ x2", sample_cov=covariance, sample_nobs=100)
    assert refused.value.code == "sem-moments-not-numbers"
