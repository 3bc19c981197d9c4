"""What cannot be fitted is refused, and what is doubtful is said, in both languages and with names and numbers."""

import warnings

import numpy as np
import pandas as pd
import pytest

from confianza import sem
from confianza.errors import ModelError
from confianza.sem.warnings import SemWarning
from tests.sem.samples import people

MODEL = "f =~ y1 + y2 + y3 + y4\ng =~ y5 + y6 + y7 + y8"
ONE = "f =~ y1 + y2 + y3"


def data(kind="numbers", rows=None, **columns):
    made = people(kind=kind) | columns
    return {name: np.asarray(column)[:rows] for name, column in made.items()}


def changed(name, at, value):
    column = people()[name].copy()
    column[at] = value
    return data(**{name: column})


N = len(people()["y1"])
Y = ["y1", "y2", "y3"]
NORTH = people()["nation"] == "north"
DOUBLED = people()["y1"] + people()["y2"]
CUT = people(kind="cut")
RARE = np.where(NORTH & (CUT["y3"] == 3), 2.0, CUT["y3"])

REFUSED = [
    ("constant", "sem-no-variance", MODEL, data(y3=np.full(N, 2.5)), {}, ["y3"]),
    ("constant in a group", "sem-no-variance", MODEL, data(y3=np.where(NORTH, 1.0, people()["y3"])),
     {"group": "nation"}, ["y3", "north"]),
    ("constant, full information", "sem-no-variance", MODEL, data(y3=np.full(N, 2.5)), {"missing": "fiml"}, ["y3"]),
    ("collinear", "sem-collinear", MODEL, data(y3=DOUBLED), {}, ["y1, y2, y3", "240"]),
    ("collinear, GLS", "sem-collinear", MODEL, data(y3=DOUBLED), {"estimator": "GLS"}, ["y1, y2, y3"]),
    ("collinear covariates", "sem-collinear", MODEL + "\nf ~ x1 + x2", data(x2=2 * people()["x1"]), {}, ["x1, x2"]),
    ("fewer rows than variables", "sem-rows-for-variables", MODEL, data(rows=6), {}, ["6", "8"]),
    ("infinite", "sem-infinite", MODEL, changed("y3", 3, np.inf), {}, ["y3", "4"]),
    ("infinite, ordered", "sem-infinite", MODEL, changed("y3", 3, -np.inf), {"ordered": ["y3"]}, ["y3", "4"]),
    ("text", "sem-not-numeric", MODEL, data(y3=np.array(["low", "high"] * (N // 2))), {}, ["y3", "'low'"]),
    ("complex", "sem-not-numeric", MODEL, data(y3=people()["y3"] + 1j), {}, ["y3"]),
    ("nothing observed", "sem-all-missing", MODEL, data(y3=np.full(N, np.nan)), {}, ["y3"]),
    ("nothing observed in a group", "sem-all-missing", MODEL,
     data(y3=np.where(NORTH, np.nan, people()["y3"])), {"group": "nation", "missing": "fiml"}, ["y3", "north"]),
    ("no row at all", "sem-too-few-rows", ONE, dict.fromkeys(("y1", "y2", "y3"), np.full(N, np.nan)), {}, ["0"]),
    ("empty table", "sem-too-few-rows", MODEL, data(rows=0), {}, ["0"]),
    ("group without rows", "sem-too-few-rows", MODEL, data(),
     {"group": "nation", "group_label": ["north", "west"]}, ["west", "0"]),
    ("group empty by missing values", "sem-too-few-rows", ONE,
     data(**{name: np.where(NORTH, np.nan, people()[name]) for name in ("y1", "y2", "y3")}),
     {"group": "nation", "missing": "fiml"}, ["north", "0"]),
    ("no such group column", "sem-unknown-variable", MODEL, data(), {"group": "country"}, ["country", "nation"]),
    ("group column of gaps", "sem-no-groups", MODEL, data(nation=np.full(N, np.nan)), {"group": "nation"}, []),
    ("observed information of the moments", "sem-option-value", MODEL, data(), {"observed_information": "h1"}, ["h1"]),
    ("option", "sem-option-unknown", MODEL, data(), {"estimater": "ML"}, ["estimater", "estimator"]),
    ("value of an option", "sem-option-value", MODEL, data(), {"estimator": "MLX"}, ["MLX", "WLSMV"]),
    ("switch", "sem-option-value", MODEL, data(), {"std_lv": "yes"}, ["std_lv", "yes", "True"]),
    ("count", "sem-option-value", MODEL, data(), {"max_iterations": "ten"}, ["max_iterations", "ten"]),
    ("equality", "sem-option-value", MODEL, data(), {"group": "nation", "group_equal": "loading"}, ["loading"]),
    ("variable", "sem-variable-missing", "f =~ y1 + y2 + y9", data(), {}, ["y9", "y8"]),
    ("ordered variable", "sem-unknown-variable", MODEL, data(), {"ordered": ["y1", "item"]}, ["item"]),
    ("label", "sem-label-unknown", ONE.replace("y2", "a*y2") + "\na == b", data(), {}, ["'b'", "a"]),
    ("contradiction", "sem-constraints-contradict", ONE.replace("y2", "a*y2") + "\na == 1\na == 2", data(), {}, []),
    ("gaps without likelihood", "sem-fiml-needs-ml", MODEL, data("gaps"), {"missing": "fiml", "estimator": "GLS"},
     ["GLS", "MLR"]),
    ("gaps, robust.sem", "sem-fiml-needs-mlr", MODEL, data("gaps"), {"missing": "fiml", "estimator": "MLM"}, ["MLM"]),
    ("pairwise", "sem-pairwise-continuous", MODEL, data("gaps"), {"missing": "pairwise"}, ["fiml"]),
    ("ordered by likelihood", "sem-estimator-ordered", MODEL, data("cut"), {"ordered": True, "estimator": "ML"}, ["ML"]),
    ("empty category", None, MODEL, data("cut", y3=RARE), {"ordered": True, "group": "nation"}, ["north", "y3"]),
    ("one category", None, MODEL, data("cut", y3=np.ones(N)), {"ordered": True}, ["y3"]),
    ("too few rows for weights", "sem-wls-too-few-rows", MODEL, data(rows=30), {"estimator": "WLS"}, ["30", "36"]),
    ("no data", "sem-needs-data", MODEL, None, {}, ["sample_cov"]),
    ("data of another kind", "sem-data-kind", MODEL, [1, 2, 3], {}, ["list"]),
    ("columns of two lengths", "sem-data-lengths", MODEL, people() | {"y3": np.zeros(3)}, {}, ["3, 240"]),
    ("a column twice", "sem-column-twice", ONE,
     pd.DataFrame(np.random.default_rng(1).normal(size=(20, 4)), columns=["y1", "y1", "y2", "y3"]), {}, ["y1"]),
    ("matrix of another size", "sem-covariance-shape", ONE, None,
     {"sample_cov": np.eye(4), "sample_nobs": 99, "sample_names": Y}, ["(4, 4)", "y1, y2, y3"]),
    ("matrix with gaps", "sem-covariance-not-finite", ONE, None,
     {"sample_cov": [[1, 0.5, np.nan], [0.5, 1, 0.4], [np.nan, 0.4, 1]], "sample_nobs": 99, "sample_names": Y}, ["y1"]),
    ("matrix not symmetric", "sem-covariance-not-symmetric", ONE, None,
     {"sample_cov": [[1, 0.5, 0.3], [0.2, 1, 0.4], [0.3, 0.4, 1]], "sample_nobs": 99, "sample_names": Y}, ["y1"]),
    ("matrix not positive", "sem-covariance-not-positive", ONE, None,
     {"sample_cov": [[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]], "sample_nobs": 99, "sample_names": Y},
     ["y1, y2, y3"]),
    ("number of rows", "sem-too-few-rows", ONE, None,
     {"sample_cov": 0.5 * np.eye(3) + 0.5, "sample_nobs": -3, "sample_names": Y}, ["-3"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "model", "given", "options", "words"),
    [pytest.param(*case[1:], id=case[0].replace(" ", "_")) for case in REFUSED],
)
def test_is_refused(code, model, given, options, words):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ModelError) as caught:
            sem.cfa(model, given, **options)
    assert code in {None, caught.value.code}
    english, spanish = (caught.value.in_language(language) for language in ("en", "es"))
    assert english != spanish
    for text in (english, spanish):
        assert "{" not in text
        for word in words:
            assert word in text


def warned(model, given=None, **options):
    """A fit and what it warned of, by code."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit = sem.cfa(model, given, **options)
    assert all(isinstance(one.message, SemWarning) for one in caught), [str(one.message) for one in caught]
    return fit, {one.message.code: one.message for one in caught}


def says(message, *words):
    english, spanish = message.in_language("en"), message.in_language("es")
    assert english != spanish
    assert all(word in english and word in spanish for word in words), (english, spanish)


def matrix(**cells):
    names = sorted({name for pair in cells for name in pair.split("_")})
    return {a: {b: 1.0 if a == b else cells.get("_".join(sorted((a, b))), 0.0) for b in names} for a in names}


def test_a_lazy_frame_is_refused():
    """Its columns have no values until it is collected."""

    class Lazy:
        columns = ("y1", "y2", "y3")

        def collect(self):
            raise AssertionError("reading must not start a query")

    with pytest.raises(ModelError) as caught:
        sem.cfa(ONE, Lazy())
    assert caught.value.code == "sem-data-kind"
    assert "Lazy" in str(caught.value)


def test_a_good_fit_warns_of_nothing():
    _, found = warned(MODEL, data())
    assert not found


def test_a_search_that_ends_early_gives_no_numbers():
    fit, found = warned(MODEL, data(), max_iterations=2)
    says(found["sem-did-not-converge"], "2")
    assert not fit.converged
    for result in ("estimates", "measures", "vcov", "tests", "free_parameters", "fitted_moments"):
        with pytest.raises(ModelError) as caught:
            getattr(fit, result)
        assert caught.value.code == "sem-not-converged"


def test_a_negative_variance_is_named():
    fit, found = warned(ONE, sample_cov=matrix(y1_y2=0.8, y1_y3=0.7, y2_y3=0.3), sample_nobs=100)
    says(found["sem-negative-variance"], "y1")
    assert fit.estimates.where(lhs="y1", op="~~")["est"][0] < 0


def test_factors_correlated_above_one_are_named():
    cells = {"a1_a2": 0.3, "b1_b2": 0.3, "a1_b1": 0.5, "a1_b2": 0.5, "a2_b1": 0.5, "a2_b2": 0.5}
    _, found = warned("f =~ a1 + a2\ng =~ b1 + b2", sample_cov=matrix(**cells), sample_nobs=100)
    says(found["sem-latent-not-positive"], "f, g", "1")


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("f =~ y1 + y2", ["f =~ y2", "y1 ~~ y1", "f ~~ f"]),
        ("f =~ NA*y1 + y2 + y3", ["f =~ y1", "f =~ y3", "f ~~ f"]),
        (ONE + "\ny1 ~~ y2", ["y1 ~~ y2", "f =~ y3"]),
    ],
)
def test_parameters_that_the_model_leaves_open_are_named(model, words):
    fit, found = warned(model, data())
    says(found["sem-unidentified"], *words)
    with pytest.raises(ModelError) as caught:
        _ = fit.vcov
    assert caught.value.code == "sem-not-identified"
    for text in (caught.value.in_language("en"), caught.value.in_language("es")):
        assert all(word in text for word in words)


def test_parameters_that_the_sample_leaves_open_are_named():
    """Two factors of two items each are identified by what joins them; here nothing does."""
    _, found = warned("f =~ y1 + y2\ng =~ y3 + y4", sample_cov=matrix(y1_y2=0.5, y3_y4=0.4), sample_nobs=200)
    says(found["sem-unidentified"], "f =~ y2", "g =~ y4", "f ~~ f")
    assert "f ~~ g" not in str(found["sem-unidentified"])


def test_fewer_rows_than_parameters_are_counted():
    fit, found = warned(MODEL, data(rows=15))
    says(found["sem-few-rows"], "15", str(fit.structure.n_parameters))


def test_collinear_items_are_named_where_no_inverse_is_needed():
    _, found = warned(MODEL, data(y3=people()["y1"]), estimator="ULS")
    says(found["sem-collinear"], "y1, y3")


def test_refusals_leave_the_data_as_they_were():
    given = changed("y3", 3, np.inf)
    before = {name: column.copy() for name, column in given.items()}
    with pytest.raises(ModelError):
        sem.cfa(MODEL, given)
    for name, column in given.items():
        np.testing.assert_array_equal(column, before[name])
