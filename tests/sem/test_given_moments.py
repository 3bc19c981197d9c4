"""Covariances, means and counts in place of rows: lists of groups, or mappings by group, fit as the rows do."""

import numpy as np
import pytest

from confianza import sem
from confianza.errors import ModelError
from tests.sem.referee import read_data

NAMES = ["x1", "x2", "x3", "x4", "x5", "x6"]
MODEL = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6"
SCHOOLS = ("Pasteur", "Grant-White")


@pytest.mark.parametrize("is_named", [False, True], ids=["lists", "mappings"])
def test_moments_of_groups_fit_as_their_rows(is_named):
    data = read_data("hs")
    parts = [np.column_stack([data[name][data["school"] == school] for name in NAMES]) for school in SCHOOLS]
    given = {
        "sample_cov": [np.cov(part, rowvar=False) for part in parts],
        "sample_mean": [part.mean(axis=0) for part in parts],
        "sample_nobs": [len(part) for part in parts],
    }
    if is_named:
        given = {option: dict(zip(SCHOOLS, values, strict=True)) for option, values in given.items()}
    equal = ["loadings", "intercepts"]
    fit = sem.cfa(MODEL, **given, group_equal=equal)
    rows = sem.cfa(MODEL, data, group="school", group_equal=equal)
    assert fit.group_labels == (SCHOOLS if is_named else ("1", "2"))
    assert fit.measures["chisq"] == pytest.approx(rows.measures["chisq"], rel=1e-9)
    assert fit.estimates["se"] == pytest.approx(rows.estimates["se"], rel=1e-7, abs=1e-12)


@pytest.mark.parametrize(
    ("mean", "code", "word"),
    [([1.0, 2.0], "sem-means-length", "2"), ({"a": 1.0, "b": 2.0}, "sem-unknown-variable", "'c'")],
    ids=["too few", "one not named"],
)
def test_means_that_do_not_belong_to_the_variables_are_refused(mean, code, word):
    with pytest.raises(ModelError) as caught:
        sem.cfa("f =~ a + b + c", sample_cov=np.eye(3) + 1, sample_mean=mean, sample_nobs=100)
    assert caught.value.code == code
    assert word in str(caught.value)
