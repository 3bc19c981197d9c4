"""Figures printed in textbooks and papers, to the digits printed there."""

import warnings

import pytest

from benchmarks.sem_bootstrap import DEMOCRACY
from confianza import sem
from tests.sem.referee import read_data

ABILITIES = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
LABELED = DEMOCRACY.replace("y1 + y2 + y3 + y4", "y1 + a*y2 + b*y3 + c*y4").replace(
    "y5 + y6 + y7 + y8", "y5 + a*y6 + b*y7 + c*y8"
)


def printed(found, text):
    """Whether a number is printed as a text, to the digits of the text."""
    decimals = len(text.partition(".")[2])
    return f"{found:.{decimals}f}" == text.replace("-.", "-0.")


def estimate(fit, formula, column="est"):
    lhs, op, rhs = formula.split()
    return fit.estimates.where(lhs=lhs, op=op, rhs=rhs)[column][0]


# Rosseel (2012), lavaan: an R package for structural equation modeling, Journal of Statistical Software 48(2),
# section 3.2 (Holzinger and Swineford, 1939, in the version of Jöreskog, 1969) and its tables of estimates.
ROSSEEL = {
    "visual =~ x2": ("0.554", "0.100"),
    "visual =~ x3": ("0.729", "0.109"),
    "textual =~ x5": ("1.113", "0.065"),
    "textual =~ x6": ("0.926", "0.055"),
    "speed =~ x8": ("1.180", "0.165"),
    "speed =~ x9": ("1.082", "0.151"),
    "visual ~~ textual": ("0.408", "0.074"),
    "visual ~~ speed": ("0.262", "0.056"),
    "textual ~~ speed": ("0.173", "0.049"),
    "x1 ~~ x1": ("0.549", "0.114"),
    "visual ~~ visual": ("0.809", "0.145"),
}


@pytest.fixture(scope="module")
def abilities():
    return sem.cfa(ABILITIES, read_data("hs"))


@pytest.mark.parametrize("formula", ROSSEEL)
def test_estimates_of_the_abilities(abilities, formula):
    value, error = ROSSEEL[formula]
    assert printed(estimate(abilities, formula), value)
    assert printed(estimate(abilities, formula, "se"), error)


@pytest.mark.parametrize(
    ("measure", "text"),
    {
        "chisq": "85.306", "df": "24", "pvalue": "0.000", "baseline.chisq": "918.852", "baseline.df": "36",
        "cfi": "0.931", "tli": "0.896", "logl": "-3737.745", "unrestricted.logl": "-3695.092", "npar": "21",
        "aic": "7517.490", "bic": "7595.339", "bic2": "7528.739", "rmsea": "0.092", "rmsea.ci.lower": "0.071",
        "rmsea.ci.upper": "0.114", "rmsea.pvalue": "0.001", "srmr": "0.065",
    }.items(),
)  # fmt: skip
def test_measures_of_the_abilities(abilities, measure, text):
    assert printed(abilities.measures[measure], text)


# The data and model of Bollen (1989), Structural Equations with Latent Variables, Wiley, chapter 8; the figures are
# those of Rosseel (2012), section 3.3, and of the lavaan tutorial (with equal loadings).
@pytest.mark.parametrize(
    ("model", "chisq", "df"), [(DEMOCRACY, "38.125", 35), (LABELED, "40.179", 38)], ids=["free", "equal"]
)
def test_fit_of_political_democracy(model, chisq, df):
    fit = sem.sem(model, read_data("political"))
    assert printed(fit.measures["chisq"], chisq)
    assert fit.measures["df"] == df


ROSSEEL_DEMOCRACY = {
    "ind60 =~ x2": ("2.180", "0.139"),
    "ind60 =~ x3": ("1.819", "0.152"),
    "dem60 =~ y2": ("1.257", "0.182"),
    "dem65 =~ y6": ("1.186", "0.169"),
    "dem60 ~ ind60": ("1.483", "0.399"),
    "dem65 ~ ind60": ("0.572", "0.221"),
    "dem65 ~ dem60": ("0.837", "0.098"),
    "y1 ~~ y5": ("0.624", "0.358"),
    "y6 ~~ y8": ("1.356", "0.568"),
}


@pytest.mark.parametrize("formula", ROSSEEL_DEMOCRACY)
def test_estimates_of_political_democracy(formula):
    fit = sem.sem(DEMOCRACY, read_data("political"))
    value, error = ROSSEEL_DEMOCRACY[formula]
    assert printed(estimate(fit, formula), value)
    assert printed(estimate(fit, formula, "se"), error)


def test_invariance_of_the_abilities_between_the_schools():
    """Chi-squares of the ladder in the lavaan tutorial (Rosseel, The lavaan tutorial, section on multiple groups)."""
    steps = [
        ((), "115.85", 48),
        (("loadings",), "124.04", 54),
        (("loadings", "intercepts"), "164.10", 60),
    ]
    for equal, chisq, df in steps:
        fit = sem.cfa(ABILITIES, read_data("hs"), group="school", group_equal=equal)
        assert printed(fit.measures["chisq"], chisq)
        assert fit.measures["df"] == df


def test_correlations_of_klein_and_wheaton_are_read_from_a_triangle():
    """Wheaton, Muthén, Alwin and Summers (1977), stability of alienation: chi-square 4.73 on 4 (Jöreskog, 1978)."""
    names = ("anomia67", "powerless67", "anomia71", "powerless71", "education", "sei")
    lower = [
        [11.834],
        [6.947, 9.364],
        [6.819, 5.091, 12.532],
        [4.783, 5.028, 7.495, 9.986],
        [-3.839, -3.889, -3.841, -3.625, 9.610],
        [-21.899, -18.831, -21.748, -18.775, 35.522, 450.288],
    ]
    matrix = {row: dict(zip(names, values, strict=False)) for row, values in zip(names, lower, strict=True)}
    model = """
    ses =~ education + sei
    alien67 =~ anomia67 + powerless67
    alien71 =~ anomia71 + powerless71
    alien71 ~ alien67 + ses
    alien67 ~ ses
    anomia67 ~~ anomia71
    powerless67 ~~ powerless71
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit = sem.sem(model, sample_cov=matrix, sample_nobs=932)
    assert printed(fit.measures["chisq"], "4.735")
    assert fit.measures["df"] == 4
    assert printed(estimate(fit, "alien71 ~ alien67"), "0.607")
    assert printed(estimate(fit, "alien67 ~ ses"), "-0.575")
