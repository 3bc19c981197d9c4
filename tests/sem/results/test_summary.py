"""The summary shows, line by line, what lavaan's shows (reference/summary.R)."""

import re
from pathlib import Path

import numpy as np
import pytest

from confianza import sem
from confianza.errors import ModelError
from tests.sem.referee import read_data

FOLDER = Path(__file__).parents[1] / "reference"
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
# Lines that are about the optimizer, an option that has one value here, and a count that lavaan makes of linear ones.
OWN = (
    "ended normally",
    "Optimization method",
    "Information saturated (h1) model",
    "Number of equality constraints",
)


def model(name: str) -> str:
    (text,) = re.findall(rf'{name} <- "(.+?)"', (FOLDER / "summary.R").read_text("utf-8"), re.DOTALL)
    return text


def cut() -> dict:
    data = dict(read_data("hs"))
    for name in (f"x{place}" for place in range(1, 10)):
        limits = {"x3": [2], "x6": [2]}.get(name, [3, 5])
        data[name] = np.digitize(data[name], limits, right=True)
    return data


CASES = {
    "equal": (
        lambda: sem.cfa(
            model("nine"), read_data("hs"), group="school", group_equal=["loadings", "intercepts"]
        ),
        {"fit_measures": True, "standardized": True, "rsquare": True},
    ),
    "robust": (
        lambda: sem.sem(model("democracy"), read_data("political"), estimator="MLR"),
        {"fit_measures": True, "ci": True},
    ),
    "missing": (
        lambda: sem.cfa(
            model("nine"), read_data("hs_missing"), missing="fiml", estimator="MLR", group="school"
        ),
        {"fit_measures": True},
    ),
    "ordered": (
        lambda: sem.cfa(model("nine"), cut(), ordered=True),
        {"fit_measures": True, "standardized": True},
    ),
    "tests": (
        lambda: sem.cfa(
            model("nine"),
            read_data("hs"),
            estimator="MLM",
            test=["satorra.bentler", "mean.var.adjusted", "browne.residual.adf"],
        ),
        {},
    ),
    "covariates": (
        lambda: sem.sem("visual =~ x1 + x2 + x3\nvisual ~ ageyr + grade", read_data("hs")),
        {},
    ),
    "constraints": (
        lambda: sem.cfa("visual =~ x1 + a*x2 + b*x3\na > 0.6\nb == a^2", read_data("hs")),
        {},
    ),
}


def lines(text: str) -> list[str]:
    kept = [line for line in text.splitlines() if line.strip() and not any(own in line for own in OWN)]
    plain = [re.sub(r"\((\.p?\d+\.)\)", "()", line) for line in kept]  # lavaan shortens such labels
    return [re.sub(r"\s+", " ", line).strip().lower() for line in plain]


@pytest.mark.parametrize("name", CASES)
def test_summary_says_what_lavaans_says(name):
    fit, asked = CASES[name]
    ours = lines(str(fit().summary(**asked)))
    theirs = lines((FOLDER / "summary" / f"{name}.txt").read_text("utf-8"))
    words = [[NUMBER.sub("#", line) for line in text] for text in (ours, theirs)]
    assert words[0] == words[1]
    for mine, lavaans in zip(ours, theirs, strict=True):
        for a, b in zip(NUMBER.findall(mine), NUMBER.findall(lavaans), strict=True):
            assert abs(float(a) - float(b)) < 0.0021, (mine, lavaans)  # its optimizer stops at 1e-6


def test_columns_stand_under_their_heads():
    text = str(CASES["equal"][0]().summary(standardized=True))
    head = next(line for line in text.splitlines() if "Estimate  Std.Err" in line)
    (line,) = (one for one in text.splitlines() if one.startswith("    x2 ") and "0.411" in one)
    ends = [match.end() for match in re.finditer(r"\S+", head)]
    assert [match.end() for match in re.finditer(r"-?\d+\.\d+", line)][-6:] == ends


def test_modification_indices_follow_when_asked_for():
    text = str(CASES["covariates"][0]().summary(modindices=True))
    assert "Modification Indices:" in text
    assert re.search(r"x1 +~~ +x2 +1 +4\.169 +-0\.285", text)


def test_repr_is_the_text():
    found = CASES["covariates"][0]().summary()
    assert repr(found) == str(found)


def test_fit_that_did_not_converge_has_no_summary_diagram_or_json():
    with pytest.warns(UserWarning, match="had not reached a minimum"):
        fit = sem.cfa(model("nine"), read_data("hs"), max_iterations=1)
    for asked in (fit.summary, fit.diagram, fit.to_json):
        with pytest.raises(ModelError, match="no results") as caught:
            asked()
        assert caught.value.code == "sem-not-converged"


def test_few_rows_left_out_are_counted():
    text = str(CASES["covariates"][0]().summary())
    assert re.search(r"Used +Total\n +Number of observations +300 +301\n", text)


def test_group_statistics_add_up_to_the_test():
    for name in ("equal", "missing"):
        fit = CASES[name][0]()
        assert fit.group_statistics.sum() == pytest.approx(fit.tests["standard"].statistic, rel=1e-9)
    wishart = sem.cfa(model("nine"), read_data("hs"), group="school", likelihood="wishart")
    assert wishart.group_statistics.sum() == pytest.approx(wishart.measures["chisq"], rel=1e-9)
