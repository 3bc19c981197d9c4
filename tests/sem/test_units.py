"""`std_ov`: each group's own standard deviations; ordered variables and fixed covariates stay as they are."""

import numpy as np
import pytest

from confianza import sem
from tests.sem.referee import read_data


def test_fixed_covariates_stay_as_they_are():
    """lavaan 0.6-14: sem("x4 ~ x1 + sex", HolzingerSwineford1939, std.ov = TRUE, meanstructure = TRUE)."""
    fit = sem.sem("x4 ~ x1 + sex", read_data("hs"), std_ov=True, meanstructure=True)
    lavaan = [0.330, 0.301, 0.836, 1.358, -0.047, 0.250, -2.083, 4.936, 1.515]
    assert fit.estimates["est"] == pytest.approx(lavaan, abs=6e-4)


@pytest.mark.parametrize("missing", ["listwise", "fiml"])
def test_groups_have_their_own_units(missing):
    """lavaan 0.6-14 gives the standard errors 0.111, 0.141, 0.132 and the chi-square 12.02 without gaps."""
    data = dict(read_data("hs"))
    if missing == "fiml":
        data["x2"] = np.where(np.arange(len(data["x2"])) % 7 == 0, np.nan, data["x2"])
    model, options = "visual =~ x1 + x2 + x3\nx4 ~ visual", {"group": "school", "missing": missing}
    fit = sem.sem(model, data, std_ov=True, **options)
    for school in np.unique(data["school"]):
        here = data["school"] == school
        for name in ("x1", "x2", "x3", "x4"):
            column = data[name].copy()
            column[here] = (column[here] - np.nanmean(column[here])) / np.nanstd(column[here], ddof=1)
            data[name] = column
    by_hand = sem.sem(model, data, **options)
    assert fit.estimates["est"] == pytest.approx(by_hand.estimates["est"], rel=1e-7, abs=1e-9)
    if missing == "listwise":
        assert fit.estimates["se"][1:4] == pytest.approx([0.111, 0.141, 0.132], abs=6e-4)
        assert fit.measures["chisq"] == pytest.approx(12.02, abs=6e-3)
