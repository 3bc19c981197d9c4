"""Categories of any dataframe library are their values, in the order that their type gives them, never their places.

The figures are lavaan 0.6-14's; a pandas or Arrow category that is ordered, and a polars Enum, is R's ordered factor.
"""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest

from confianza import sem
from confianza.errors import ModelError
from confianza.sem.data.columns import Columns
from confianza.sem.warnings import SemWarning
from tests.sem.referee import read_data

VISUAL = "visual =~ x1 + x2 + x3"
DATA = {
    name: values for name, values in read_data("hs").items() if name in {"x1", "x2", "x3", "x4", "school"}
}
LEVELS = ["low", "mid", "high"]
CUT = np.digitize(DATA["x1"], np.min(DATA["x1"]) + np.ptp(DATA["x1"]) * np.array([1, 2]) / 3)
TEXT = np.array(LEVELS)[CUT]
TREATED = (DATA["school"] == "Grant-White").astype(int)
YEARS = np.where(np.arange(301) % 3 == 0, 7, 12)


def arrow(values, levels, *, is_ordered=False):
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    place = {level: index for index, level in enumerate(levels)}
    indices = pa.array([None if value is None else place[value] for value in values], pa.int8())
    return pa.DictionaryArray.from_arrays(indices, pa.array(levels), ordered=is_ordered)


def arrow_table(name, column):
    import pyarrow as pa

    return pa.table({other: pa.array(values) for other, values in DATA.items()} | {name: column})


def pandas_frame(name, column):
    return pd.DataFrame(DATA).assign(**{name: column})


def polars_frame(name, column):
    return pl.DataFrame(DATA).with_columns(column.alias(name))


def mapping(name, column):
    return DATA | {name: column}


# forms of a category of numbers
NUMBERS = {
    "pandas": lambda name, values: pandas_frame(name, pd.Categorical(values)),
    "pandas ordered, all values": lambda name, values: pandas_frame(
        name, pd.Categorical(values, [99, 12, 7, 1, 0], ordered=True)
    ),
    "pandas, a mapping of categoricals": lambda name, values: mapping(name, pd.Categorical(values)),
    "pandas, a mapping of series": lambda name, values: mapping(name, pd.Series(pd.Categorical(values))),
    "polars categorical of texts": lambda name, values: polars_frame(
        name, pl.Series(values).cast(pl.String).cast(pl.Categorical)
    ),
    "polars enum of texts": lambda name, values: polars_frame(
        name, pl.Series(values).cast(pl.String).cast(pl.Enum(["12", "1", "7", "0"]))
    ),
    "arrow": lambda name, values: arrow_table(name, arrow(values.tolist(), [12, 0, 7, 1])),
    "arrow of texts": lambda name, values: arrow_table(name, arrow(map(str, values), ["12", "0", "7", "1"])),
}


@pytest.mark.parametrize("form", NUMBERS)
@pytest.mark.filterwarnings("ignore:The data declare ordered")
def test_a_covariate_of_numbers_is_its_numbers(form):
    fit = sem.sem("x1 ~ years", NUMBERS[form]("years", YEARS))
    plain = sem.sem("x1 ~ years", DATA | {"years": YEARS})
    assert fit.estimates["est"] == pytest.approx(plain.estimates["est"], rel=1e-10)


@pytest.mark.parametrize("form", NUMBERS)
def test_groups_are_labeled_by_their_values(form):
    fit = sem.cfa(VISUAL, NUMBERS[form]("treated", TREATED), group="treated")
    assert fit.group_labels == ("0", "1")
    assert [sample.n for sample in fit.moments.samples] == [156, 145]
    assert "Group 2 [1]" in str(fit.summary())


def test_groups_may_be_named_by_their_values():
    fit = sem.cfa(VISUAL, DATA | {"treated": TREATED}, group="treated", group_label=[1, 0])
    assert fit.group_labels == ("1", "0")
    assert [sample.n for sample in fit.moments.samples] == [145, 156]


# forms of an ordered category of texts
ORDERED = {
    "pandas": lambda values: pandas_frame("x1", pd.Categorical(values, LEVELS, ordered=True)),
    "pandas, a mapping": lambda values: mapping("x1", pd.Categorical(values, LEVELS, ordered=True)),
    "polars": lambda values: polars_frame("x1", pl.Series(values, dtype=pl.Enum(LEVELS))),
    "arrow": lambda values: arrow_table("x1", arrow(values, LEVELS, is_ordered=True)),
}


@pytest.mark.parametrize("form", ORDERED)
def test_an_ordered_outcome_is_fitted_as_ordered(form):
    """cfa("visual =~ x1 + x2 + x3", d) with d$x1 <- ordered(cut(d$x1, 3))."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", SemWarning)
        fit = sem.cfa(VISUAL, ORDERED[form](TEXT.tolist()))
    assert fit.options.estimator == "WLSMV"
    estimates = {(row["lhs"], row["op"], row["rhs"]): row["est"] for row in fit.estimates.rows()}
    lavaan = {
        ("visual", "=~", "x2"): 0.835,
        ("visual", "=~", "x3"): 1.114,
        ("x1", "|", "t1"): -1.363,
        ("x1", "|", "t2"): 0.844,
        ("visual", "~~", "visual"): 0.485,
        ("x2", "~1", ""): 6.088,
    }
    assert {key: estimates[key] for key in lavaan} == pytest.approx(lavaan, abs=6e-4)


@pytest.mark.parametrize("form", ORDERED)
def test_an_ordered_group_keeps_its_labels(form):
    data = ORDERED[form](TEXT.tolist())
    fit = sem.sem("x2 ~ x3", data, group="x1")
    assert sorted(fit.group_labels) == sorted(LEVELS)
    sizes = dict(zip(fit.group_labels, (sample.n for sample in fit.moments.samples), strict=True))
    assert sizes == {level: int((level == TEXT).sum()) for level in LEVELS}


@pytest.mark.parametrize("form", ORDERED)
def test_missing_categories_are_missing(form):
    """A category without a value is no category: its code -1 is neither the last value nor a number."""
    values = [None if row % 10 == 0 else value for row, value in enumerate(TEXT.tolist())]
    columns = Columns(ORDERED[form](values))
    codes, found = columns.categories("x1")
    assert found == tuple(LEVELS)
    assert np.isnan(codes[::10]).all()
    assert codes[1] == LEVELS.index(TEXT[1]) + 1
    fit = sem.sem("x2 ~ x3", ORDERED[form](values), group="x1")
    assert sum(sample.n for sample in fit.moments.samples) == 301 - 31


def test_an_ordered_category_of_numbers_is_ordered_by_its_type():
    """The thresholds of a reversed scale are those of the scale with the other sign."""
    up = sem.cfa(VISUAL, pandas_frame("x1", pd.Categorical(CUT, [0, 1, 2], ordered=True)))
    down = sem.cfa(VISUAL, pandas_frame("x1", pd.Categorical(CUT, [2, 1, 0], ordered=True)))
    thresholds = [fit.estimates.where(op="|")["est"] for fit in (up, down)]
    assert thresholds[0] == pytest.approx([-value for value in reversed(thresholds[1])], abs=1e-8)


def test_ordered_categories_of_numbers_can_be_fitted_as_numbers():
    data = pandas_frame("x1", pd.Categorical(CUT, [0, 1, 2], ordered=True))
    fit = sem.cfa(VISUAL, data, ordered=False)
    assert fit.options.estimator == "ML"
    assert fit.estimates["est"] == pytest.approx(
        sem.cfa(VISUAL, DATA | {"x1": CUT}).estimates["est"], rel=1e-9
    )
    with pytest.raises(ModelError) as caught:
        sem.cfa(VISUAL, data, estimator="ML")
    assert caught.value.code == "sem-estimator-ordered"
    assert "x1" in str(caught.value)
    assert "ordered = False" in str(caught.value)


REFUSED = {
    "unordered category": pd.Categorical(TEXT, LEVELS),
    "texts": TEXT,
    "texts with a number": np.where(np.arange(301) < 150, "3.5", TEXT),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_texts_are_no_numbers(kind):
    """lavaan takes texts for the places of their values without a word; categories without an order it refuses."""
    for model in (VISUAL, "x2 ~ x1"):
        with pytest.raises(ModelError) as caught:
            sem.sem(model, pandas_frame("x1", REFUSED[kind]))
        assert caught.value.code == "sem-not-numeric"
        assert any(repr(level) in str(caught.value) for level in LEVELS)


@pytest.mark.parametrize("form", ORDERED)
@pytest.mark.parametrize(
    ("model", "options"), [("x2 ~ x1", {}), (VISUAL, {"ordered": False})], ids=["covariate", "as numbers"]
)
def test_ordered_texts_have_no_distances(form, model, options):
    with pytest.raises(ModelError) as caught:
        sem.sem(model, ORDERED[form](TEXT.tolist()), **options)
    assert caught.value.code == "sem-ordered-texts"
    for word in ("x1", "low, mid, high"):
        assert word in caught.value.in_language("en")
        assert word in caught.value.in_language("es")


def warned(*args, **options):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit = sem.sem(*args, **options)
    return fit, {one.message.code: one.message for one in caught}


def test_an_ordered_covariate_of_numbers_is_told():
    data = pandas_frame("years", pd.Categorical(YEARS, ordered=True))
    _, said = warned("x1 ~ years", data)
    assert said["sem-ordered-numbers"].params["names"] == "years"
    _, said = warned("x1 ~ years", data, ordered=False)
    assert not said


@pytest.mark.parametrize(
    ("column", "order"),
    [
        (TEXT, "high, low, mid"),
        (pd.Categorical(TEXT), "high, low, mid"),
        (pd.Categorical(TEXT, LEVELS), None),
        (pd.Categorical(TEXT, LEVELS, ordered=True), None),
        (np.array(["2", "10", "1"])[CUT], None),
    ],
    ids=["texts", "category of the alphabet", "category with an order", "ordered", "texts of numbers"],
)
def test_the_order_of_the_alphabet_is_told(column, order):
    _, said = warned(VISUAL, pandas_frame("x1", column), ordered=["x1"])
    assert (said.pop("sem-ordered-alphabet").params["values"] if order else None) == order
    assert not said


def test_polars_categories_have_no_order_of_their_own():
    """They stand as they came; without numbers the order is that of the alphabet, and it is told."""
    data = polars_frame("x1", pl.Series(TEXT, dtype=pl.Categorical))
    fit, said = warned(VISUAL, data, ordered=["x1"])
    assert said["sem-ordered-alphabet"].params["values"] == "high, low, mid"
    plain, _ = warned(VISUAL, DATA | {"x1": TEXT}, ordered=["x1"])
    assert fit.estimates["est"] == pytest.approx(plain.estimates["est"], rel=1e-9)


def test_texts_of_numbers_are_ordered_as_numbers():
    codes, values = Columns({"x": np.array(["10", "9", "1", "10"])}).categories("x")
    assert values == ("1", "9", "10")
    assert codes.tolist() == [3, 2, 1, 3]


NULLABLE = {
    "boolean": (pd.array([True, False, None] * 100, dtype="boolean"), [1.0, 0.0, np.nan]),
    "whole": (pd.array([1, 2, None] * 100, dtype="Int64"), [1.0, 2.0, np.nan]),
    "float": (pd.array([1.5, 2, None] * 100, dtype="Float64"), [1.5, 2.0, np.nan]),
    "objects": (np.array([True, False, pd.NA] * 100, dtype=object), [1.0, 0.0, np.nan]),
    "mixed": (np.array(["1.5", 2, None] * 100, dtype=object), [1.5, 2.0, np.nan]),
}


@pytest.mark.parametrize("kind", NULLABLE)
@pytest.mark.parametrize("wrap", [pd.Series, lambda column: column], ids=["series", "array"])
def test_values_may_be_missing_in_every_type(kind, wrap):
    column, expected = NULLABLE[kind]
    for data in ({"x": wrap(column)}, pd.DataFrame({"x": column})):
        np.testing.assert_array_equal(Columns(data).numbers("x")[:3], expected)
        codes, _ = Columns(data).categories("x")
        assert np.isnan(codes[2])


def test_polars_values_may_be_missing():
    data = pl.DataFrame({"b": [True, None, False], "i": [1, None, 3]})
    np.testing.assert_array_equal(Columns(data).numbers("b"), [1.0, np.nan, 0.0])
    np.testing.assert_array_equal(Columns(data).numbers("i"), [1.0, np.nan, 3.0])


@pytest.mark.parametrize("wrong", [".", "3,33", "n/a", "#N/A"])
def test_the_value_that_is_no_number_is_blamed(wrong):
    column = DATA["x1"].astype(object).astype(str)
    column = np.where(np.arange(301) == 41, wrong, column)
    with pytest.raises(ModelError) as caught:
        sem.cfa(VISUAL, DATA | {"x1": column})
    assert caught.value.params == {"name": "x1", "value": repr(wrong), "row": 42}
    fit = sem.cfa(VISUAL, DATA | {"x1": column}, missing_codes=[wrong])
    assert fit.moments.total == 300


@pytest.mark.parametrize("missing", [None, np.nan], ids=str)
@pytest.mark.parametrize("form", ["columns", "rows"])
def test_a_missing_value_among_texts_is_no_category(form, missing):
    answers = [missing, *TEXT.tolist()[1:]]
    data = {name: np.asarray(DATA[name]).tolist() for name in ("x1", "x2")} | {"x3": answers}
    if form == "rows":
        data = [dict(zip(data, row, strict=True)) for row in zip(*data.values(), strict=True)]
    codes, values = Columns(data).categories("x3")
    assert sorted(values) == sorted(LEVELS)
    assert np.flatnonzero(np.isnan(codes)).tolist() == [0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SemWarning)
        fit = sem.sem("x3 ~ x1 + x2", data, ordered=["x3"])
    assert fit.moments.total == 300
    assert fit.estimates["op"].count("|") == 2


def test_a_missing_value_among_the_groups_is_no_group():
    groups = [np.nan, *np.asarray(DATA["school"]).tolist()[1:]]
    data = {name: DATA[name] for name in ("x1", "x2", "x3")} | {"school": groups}
    fit = sem.cfa(VISUAL, data, group="school")
    assert sorted(fit.group_labels) == ["Grant-White", "Pasteur"]
    assert fit.moments.total == 300


def test_a_text_nan_leaves_the_order_of_the_alphabet():
    codes, values = Columns({"x": ["b", "nan", "a"]}).categories("x")
    assert (codes.tolist(), values) == ([2.0, 3.0, 1.0], ("a", "b", "nan"))
    assert Columns({"x": ["2", "nan", "10"]}).categories("x")[1] == ("10", "2", "nan")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ([1, 10**400, 3], "sem-infinite"),
        ([1, -(10**400), 3], "sem-infinite"),
        (5, "sem-data-kind"),
        ("abc", "sem-data-kind"),
        (np.float64(5), "sem-data-kind"),
        ({"b": 5}, "sem-data-kind"),
        (np.ones((3, 2)), "sem-data-kind"),
        ([[1, 2], [3, 4], [5, 6]], "sem-not-numeric"),
        ([[1], [3, 4], 5], "sem-not-numeric"),
        ([{}, {}, {}], "sem-not-numeric"),
        ([np.ones(2), None, 1], "sem-not-numeric"),
        (np.array(["2020-01-01", "2021-01-01", "NaT"], "M8[ns]"), "sem-not-numeric"),
        (np.array([1, 2, 3], "m8[D]"), "sem-not-numeric"),
        (pd.Series(pd.to_datetime(["2020-01-01", "2021-01-01", "2022-01-01"])), "sem-not-numeric"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_column_of_anything_but_numbers_is_refused(values, code):
    with pytest.raises(ModelError) as refused:
        Columns({"x": values}).numbers("x")
    assert refused.value.code == code


@pytest.mark.parametrize("values", [[[1, 2], [3, 4]], [{}, {}], [[1], [2, 3]]], ids=str)
def test_lists_and_mappings_are_no_categories_and_no_groups(values):
    columns = Columns({"x": values})
    for read in (columns.categories, columns.raw):
        with pytest.raises(ModelError) as refused:
            read("x")
        assert refused.value.code == "sem-not-numeric"


def test_dates_as_categories_are_in_the_order_of_time():
    dates = np.array(["2021-01-01", "2020-01-01", "NaT"], "M8[ns]")
    codes, values = Columns({"x": dates}).categories("x")
    assert codes[:2].tolist() == [2.0, 1.0]
    assert np.isnan(codes[2])
    assert [str(value)[:10] for value in values] == ["2020-01-01", "2021-01-01"]
