"""Robust errors and scaled tests of complete data where information is observed: V is the observed one, too.

The figures are lavaan 0.6-14's for the three factors of HolzingerSwineford1939.
"""

import pytest

from confianza import sem
from tests.sem.referee import read_data

MODEL = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"


def test_satorra_bentler():
    """cfa(..., estimator = "MLM", information = "observed")."""
    fit = sem.cfa(MODEL, read_data("hs"), estimator="MLM", information="observed")
    assert fit.measures["chisq.scaled"] == pytest.approx(80.3750875542649, rel=1e-6)
    assert fit.measures["baseline.chisq.scaled"] == pytest.approx(556.982468315257, rel=1e-6)
    errors = [0, 0.1498258787764, 0.1569098423997, 0, 0.0711214376348, 0.0690179296256]
    assert fit.estimates["se"][:6] == pytest.approx(errors, rel=1e-5)
    assert fit.estimates["se"][8] == pytest.approx(0.348284782983733, rel=1e-5)


def test_yuan_bentler():
    """cfa(..., se = "robust.huber.white", test = "yuan.bentler")."""
    fit = sem.cfa(MODEL, read_data("hs"), se="robust.huber.white", test="yuan.bentler")
    assert fit.measures["chisq.scaled"] == pytest.approx(80.37505, rel=1e-6)


def test_fixed_covariates_and_groups():
    """With ageyr + sex, by MLM; and MLMV of two schools."""
    fit = sem.sem(f"{MODEL}\nvisual ~ ageyr + sex", read_data("hs"), estimator="MLM", information="observed")
    assert fit.measures["chisq.scaled"] == pytest.approx(204.284, abs=6e-4)
    errors = [0, 0.1893674035918, 0.3102017819369, 0, 0.0928570930995, 0.0805927165346]
    assert fit.estimates["se"][:6] == pytest.approx(errors, rel=1e-5)
    fit = sem.cfa(MODEL, read_data("hs"), estimator="MLMV", information="observed", group="school")
    assert fit.measures["chisq.scaled"] == pytest.approx(96.167, abs=6e-4)
    errors = [0, 0.253909953370, 0.256152713416, 0, 0.120986708547, 0.110848311375]
    assert fit.estimates["se"][:6] == pytest.approx(errors, rel=3e-5)  # lavaan's own optimizer stops there
