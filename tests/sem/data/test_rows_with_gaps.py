"""Full information at its edges: rows without covariates, rows of nothing else, variables never seen together.

The figures are lavaan 0.6-14's for the same rows of HolzingerSwineford1939.
"""

import json
import warnings

import numpy as np
import pytest

from confianza import sem
from confianza.errors import ModelError
from confianza.sem.warnings import SemWarning
from tests.sem.referee import read_data

MODEL = "visual =~ x1 + x2 + x3\nvisual ~ x5"
THREE = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
PICK = ("chisq", "df", "rmsea", "bic", "logl", "unrestricted.logl", "cfi", "ntotal")


def without_outcomes():
    """d[seq(1, 301, 37), c("x1", "x2", "x3")] <- NA"""
    data = dict(read_data("hs"))
    for name in ("x1", "x2", "x3"):
        data[name] = data[name].copy()
        data[name][::37] = np.nan
    return data


def apart():
    """d[1:150, "x1"] <- NA; d[151:301, "x2"] <- NA"""
    data = {f"x{j}": read_data("hs")[f"x{j}"].copy() for j in range(1, 10)}
    data["x1"][:150] = np.nan
    data["x2"][150:] = np.nan
    return data


def warned(function, *args, **options):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit = function(*args, **options)
    assert all(isinstance(one.message, SemWarning) for one in caught)
    return fit, {one.message.code: one.message for one in caught}


@pytest.mark.parametrize(
    ("options", "bic", "logl", "unrestricted"),
    [
        ({"missing": "fiml"}, 2654.743832200, -1298.836364776, -1291.567681244),
        ({"missing": "fiml", "fixed_x": False}, 3672.872299109, -1802.193487966, -1794.924804434),
        ({"missing": "fiml.x"}, 2654.743832200, -1298.836364776, -1291.567681244),
    ],
    ids=["covariates fixed", "covariates random", "fiml.x"],
)
def test_rows_of_covariates_alone_count_as_in_lavaan(options, bic, logl, unrestricted):
    fit, said = warned(sem.sem, MODEL, without_outcomes(), **options)
    lavaan = [14.537367064, 2, 0.144312824, bic, logl, unrestricted, 0.905831035, 301]
    assert [fit.measures[name] for name in PICK] == pytest.approx(lavaan, rel=1e-6)
    if "fixed_x" not in options:
        assert said["sem-rows-covariates-only"].params == {
            "count": 9,
            "rows": 301,
            "group": "1",
            "names": "x5",
        }


def test_rows_left_out_for_a_covariate_are_counted():
    """d$x5[seq(2, 301, 5)] <- NA"""
    data = without_outcomes()
    data["x5"] = data["x5"].copy()
    data["x5"][1::5] = np.nan
    fit, said = warned(sem.sem, MODEL, data, missing="fiml")
    lavaan = [6.877638839, 2, 0.100596136, 2109.227862343, -1027.189946504, -1023.751127084, 0.959527632, 241]
    assert [fit.measures[name] for name in PICK] == pytest.approx(lavaan, rel=1e-6)
    assert said["sem-rows-lack-covariates"].params["count"] == 58  # and two rows have nothing
    _, said = warned(sem.sem, MODEL, data, missing="fiml.x")
    assert "sem-rows-lack-covariates" not in said


@pytest.mark.filterwarnings("ignore:No row of group")
class TestVariablesNeverSeenTogether:
    """The chi-square is that of any covariance the two might have; what needs this covariance has no value."""

    def test_are_named_when_the_model_is_fitted(self):
        _, said = warned(sem.cfa, THREE, apart(), missing="fiml")
        assert said["sem-never-together"].params["pairs"] == "x1–x2"

    def test_have_the_scaled_test_of_lavaan(self):
        fit = sem.cfa(THREE, apart(), missing="fiml", estimator="MLR")
        lavaan = {
            "chisq": 70.0990722,
            "df": 24,
            "chisq.scaled": 73.9223770,
            "baseline.chisq.scaled": 821.0634453,
            "scaling.factor.h1": 1.0308223,
            "scaling.factor.h0": 1.0624958,
            "cfi": 0.9416239,
            "cfi.scaled": 0.9364098,
            "unrestricted.logl": -3271.8716004,
        }
        assert {name: fit.measures[name] for name in lavaan} == pytest.approx(lavaan, rel=2e-6)

    @pytest.mark.parametrize("estimator", ["ML", "MLR"])
    def test_leave_without_value_what_compares_them(self, estimator):
        fit = sem.cfa(THREE, apart(), missing="fiml", estimator=estimator)
        for name in ("srmr", "rmr", "crmr", "srmr_mplus", "cfi.robust", "rmsea.robust"):
            assert np.isnan(fit.measures[name])
        assert fit.measures["rmsea"] == pytest.approx(0.0798835, abs=1e-6)
        for kind in ("raw", "cor", "cor.bentler", "normalized", "standardized"):
            table = fit.residuals(type=kind)
            (pair,) = table.where(lhs="x1", rhs="x2", op="~~").rows()
            assert np.isnan(pair["value"])
            assert np.isnan(table["value"]).sum() == 1
        assert np.isnan(fit.reliability().where(factor="visual")["alpha"][0])
        assert np.isfinite(fit.reliability().where(factor="textual")["alpha"][0])

    def test_can_be_printed_and_kept(self):
        fit = sem.cfa(THREE, apart(), missing="fiml")
        assert "0.942" in str(fit.summary(fit_measures=True, modindices=True, standardized=True))
        again = sem.from_json(fit.to_json())
        (pair,) = again.residuals().where(lhs="x1", rhs="x2", op="~~").rows()
        assert np.isnan(pair["value"])
        assert json.loads(fit.to_json())["measures"]["srmr"] is None


@pytest.mark.parametrize("test", ["satorra.bentler", "scaled.shifted", "mean.var.adjusted"])
def test_tests_of_complete_rows_are_refused_with_gaps(test):
    with pytest.raises(ModelError) as caught:
        sem.cfa(THREE, read_data("hs_missing"), missing="fiml", test=test)
    assert caught.value.code == "sem-fiml-test"
    assert test in str(caught.value)
