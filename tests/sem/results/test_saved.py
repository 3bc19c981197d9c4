"""A fit as JSON gives the same tables when it is read back."""

import gzip
import html
import json
import re
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

from confianza import sem
from confianza.errors import ModelError
from tests.sem.referee import read_data

pytestmark = pytest.mark.filterwarnings("ignore:One label")
MODEL = "visual =~ x1 + b*x2 + x3\ntextual =~ x4 + x5 + x6\ntextual ~ visual\nsquare := b^2\nb < 0.4"
SAVED = Path(__file__).parents[1] / "reference" / "saved"
COVARIATES = "visual =~ x1 + x2 + x3\nvisual ~ ageyr + grade"


def ordinal() -> dict:
    data = dict(read_data("hs"))
    for name in (f"x{place}" for place in range(1, 7)):
        data[name] = np.digitize(data[name], np.quantile(data[name], [0.3, 0.7]))
    return data


CASES = {
    "ml": lambda: sem.sem(MODEL, read_data("hs")),
    "mlm": lambda: sem.sem(MODEL, read_data("hs"), estimator="MLM", group="school", group_equal="loadings"),
    "fiml": lambda: sem.sem(MODEL, read_data("hs_missing"), missing="fiml", estimator="MLR", group="school"),
    "ordinal": lambda: sem.sem(MODEL, ordinal(), ordered=True, group="school"),
    "wls": lambda: sem.sem(MODEL, read_data("hs"), estimator="WLS"),
    "gls": lambda: sem.sem(MODEL, read_data("hs"), estimator="GLS", meanstructure=True),
    "covariates": lambda: sem.sem(COVARIATES, read_data("hs")),
    "moments": lambda: sem.cfa(
        "f =~ a + b + c",
        sample_cov=np.array([[2, 1, 1], [1, 3, 1], [1, 1, 2]]),
        sample_nobs=100,
        sample_names=["a", "b", "c"],
    ),
    "bootstrap": lambda: sem.sem(COVARIATES, read_data("hs"), se="bootstrap", bootstrap=50, iseed=1),
    "untested": lambda: sem.sem(MODEL, read_data("hs"), se="none", test="none"),
}


@pytest.mark.parametrize("name", CASES)
def test_restored_fit_gives_the_same_tables(name):
    fit = CASES[name]()
    text = fit.to_json()
    back = sem.from_json(text)
    assert back.to_json() == text
    asked = {"fit_measures": True, "standardized": True, "rsquare": True, "ci": True}
    assert str(back.summary(**asked)) == str(fit.summary(**asked))
    assert back.diagram() == fit.diagram()
    for table in (
        lambda one: one.estimates,
        lambda one: one.standardized(type="std.lv"),
        lambda one: one.r2,
        lambda one: one.residuals(type="raw"),
    ):
        assert table(back).text(12) == table(fit).text(12)
    assert list(back.measures) == list(fit.measures)
    np.testing.assert_array_equal(list(back.measures.values()), list(fit.measures.values()))
    np.testing.assert_allclose(back.vcov, fit.vcov, rtol=1e-10, atol=1e-15)  # exactly symmetric now
    np.testing.assert_array_equal(back.free_parameters, fit.free_parameters)


@pytest.mark.parametrize("name", ["ml", "ordinal", "fiml"])
def test_document_of_an_earlier_version_opens(name):
    """`reference/saved` was written when `sem` was one folder of modules."""
    with gzip.open(SAVED / f"{name}.json.gz", "rt", encoding="utf-8") as file:
        text = file.read()
    back, fit = sem.from_json(text), CASES[name]()
    assert json.loads(back.to_json()) == json.loads(text) | {"confianza": version("confianza")}
    assert str(back.summary(fit_measures=True)) == str(fit.summary(fit_measures=True))


@pytest.mark.parametrize("name", ["ml", "ordinal", "gls", "covariates"])
def test_restored_fit_computes_what_moments_suffice_for(name):
    fit = CASES[name]()
    back = sem.from_json(fit.to_json())
    np.testing.assert_allclose(
        back.modification_indices()["mi"], fit.modification_indices()["mi"], rtol=1e-9, atol=1e-12
    )


def test_document_holds_no_rows_and_what_needs_them_is_refused():
    fit = CASES["fiml"]()
    document = json.loads(fit.to_json())
    largest = max(
        len(value) for one in document["moments"] for value in one.values() if isinstance(value, list)
    )
    assert largest == 6 * 7 / 2  # covariances, not rows
    with pytest.raises(ModelError) as caught:
        sem.from_json(json.dumps(document)).modification_indices()
    assert caught.value.code == "sem-needs-rows"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda text: text[:-20], "sem-json-not"),
        (lambda text: "[1, 2]", "sem-json-not"),
        (lambda text: text.replace("confianza.sem.fit", "other"), "sem-json-not"),
        (lambda text: text.replace('"version": 1', '"version": 99'), "sem-json-version"),
        (lambda text: text.replace('"solution"', '"dissolution"'), "sem-json-part"),
        (lambda text: text.replace('"vcov": [', '"vcov": ["x", '), "sem-json-part"),
    ],
)
def test_text_that_is_no_saved_fit_is_refused(change, code):
    text = change(CASES["ml"]().to_json())
    with pytest.raises(ModelError) as caught:
        sem.from_json(text)
    assert caught.value.code == code


@pytest.mark.parametrize("as_model", [lambda fit: fit, lambda fit: fit.table], ids=["fit", "table"])
def test_a_fit_and_its_table_are_models(as_model):
    """The constraints that options added, the definitions and the fixed values come along."""
    model = "visual =~ x1 + a*x2 + x3\nvisual ~ ageyr\nd := 2*a"
    options = {"group": "school", "missing": "fiml"}
    fit = sem.sem(model, read_data("hs"), group_equal=["loadings", "intercepts"], **options)
    again = sem.lavaan(as_model(fit), read_data("hs"), **options)
    assert again.estimates["est"] == pytest.approx(fit.estimates["est"], rel=1e-7)
    assert again.measures["df"] == fit.measures["df"]
    with pytest.raises(ModelError) as caught:
        sem.lavaan(as_model(fit), read_data("hs"))
    assert caught.value.code == "sem-table-groups"


def test_a_notebook_shows_fits_and_tables():
    fit = sem.cfa("f =~ x1 + x2 + x3 + x4", read_data("hs"))
    assert repr(fit) == str(fit.summary())
    shown = fit.estimates._repr_html_()
    assert re.findall("<th>(.*?)</th>", shown) == list(fit.estimates.columns)
    assert shown.count("<tr>") == fit.estimates.height + 1
    assert "=~" in html.unescape(shown)
    with pytest.warns(sem.SemWarning):
        assert "not identified" in repr(sem.cfa("f =~ x1 + x2", read_data("hs")))
