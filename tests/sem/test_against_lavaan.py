"""Every fit is compared with lavaan's of the same model, data and options."""

import math
import warnings

import pytest

from confianza import sem
from confianza.sem.warnings import SemWarning
from tests.sem.referee import ABSOLUTE, Case, Difference, by_key, difference, read_cases, report, rows

KEYS = ("lhs", "op", "rhs", "group")
CONSTRAINTS = ("==", "<", ">")
# lavaan finds the ends of RMSEA's interval with R's uniroot, which stops within 1.2e-4 of the noncentrality.
NONCENTRALITY = 2.5e-4

# Where we differ from lavaan 0.6.14 on purpose: a rule over case and measure, and why.
DIFFERENT = (
    (
        lambda case, name: (
            name in {"gfi", "agfi", "pgfi"} and case.expected["resolved"]["missing"] != "listwise"
        ),
        "lavaan compares the model with moments of available cases, we with those of the saturated model",
    ),
    (
        lambda case, name: (
            name in {"logl", "unrestricted.logl", "aic", "bic", "bic2", "baseline.chisq"}
            and str(case.options.get("missing", "")).endswith(".x")
        ),
        "lavaan takes covariates with gaps off the likelihood as if they were complete",
    ),
    (
        lambda case, name: (
            name in {"cfi.robust", "tli.robust", "nnfi.robust", "rni.robust"}
            and case.expected["resolved"]["estimator"] == "DWLS"
            and "ordered" not in case.options
        ),
        "lavaan leaves the scaling factors out here, but not with ULS or several groups",
    ),
    (
        lambda case, name: name.endswith(".robust") and case.expected["measures"][name] is None,
        "lavaan has no value where thresholds are equal across groups; the formula has",
    ),
    (
        lambda case, name: name.endswith(".robust") and "ordered" in case.options and "group" in case.options,
        "lavaan counts the trace of the baseline model once a group too often",
    ),
    (
        lambda case, name: name == "scaling.factor.h0" and case.id == "hs-fiml-yuan-bentler",
        "lavaan leaves the curvature of the model out of this factor, which enters no test",
    ),
    (
        lambda case, name: name.endswith(".robust") and case.id == "nations-fiml-random-x",
        "lavaan fits its complete-data comparison with fixed covariates though they are random",
    ),
    (
        lambda case, name: (
            name.split(".")[0] in {"nfi", "rni", "rfi", "ifi", "pnfi"}
            and case.expected["measures"][name] is None
        ),
        "lavaan has no value; ours is the limit of the definition",
    ),
)


def is_different(case, name):
    return any(rule(case, name) for rule, _ in DIFFERENT)


cases = pytest.mark.parametrize("case", read_cases(), ids=lambda case: case.id)


@pytest.fixture(scope="module")
def fitted():
    """Each case is fitted once for all the tests that look at it."""
    kept = {}

    def fit(case: Case):
        if case.id not in kept:
            kept.clear()
            with warnings.catch_warnings():
                if case.expected["warnings"]:  # lavaan had its doubts too
                    warnings.simplefilter("ignore", SemWarning)
                kept[case.id] = getattr(sem, case.function)(case.model, case.columns(), **case.options)
        return kept[case.id]

    return fit


def compare_tables(ours, lavaan, columns, tolerance, floor=ABSOLUTE):
    """Cell by cell; a row that only one of them has counts as a difference."""
    mine = by_key((row for row in ours if row["op"] not in CONSTRAINTS), *KEYS)
    theirs = by_key(lavaan, *KEYS)
    for key in mine.keys() ^ theirs.keys():
        yield Difference(f"row {key}", key in mine, key in theirs, float("inf"))
    for key in mine.keys() & theirs.keys():
        name = "{} {} {} [{}]".format(*key)
        lavaans = dict(theirs[key])
        compared = columns
        estimate = lavaans.get(columns.get("est", ""))
        if lavaans.get("se", 0) is None and estimate is not None and math.isfinite(estimate):
            # A constraint fixes it: its variance is 0 to the last bits, of which lavaan takes the root.
            lavaans["se"], compared = 0, {name: columns[name] for name in ("est", "se")}
        for ours_column, column in compared.items():
            if column in lavaans:
                yield difference(
                    f"{name} {ours_column}", mine[key][ours_column], lavaans[column], tolerance, floor
                )


@cases
def test_estimates_and_errors_are_lavaans(case, fitted):
    columns = {name: name for name in ("est", "se", "z", "pvalue")} | {
        "ci_lower": "ci.lower",
        "ci_upper": "ci.upper",
    }
    found = compare_tables(
        fitted(case).estimates.rows(), rows(case.expected["estimates"]), columns, case.tolerance
    )
    assert not (worst := report(found)), worst


@cases
def test_fit_measures_are_lavaans(case, fitted):
    ours, theirs = fitted(case).measures, case.expected["measures"]
    found = []
    for name, value in (theirs or {}).items():
        if is_different(case, name):
            continue
        if name not in ours:
            found.append(Difference(name, "missing", value, float("inf")))
        elif name.startswith("rmsea.ci") and name != "rmsea.ci.level" and value:
            df = theirs["df"]
            step = (
                NONCENTRALITY
                * len(case.expected["resolved"]["n"])
                / (sum(case.expected["resolved"]["n"]) * df)
                / (2 * value)
            )
            found.append(difference(name, ours[name], value, case.tolerance, floor=step))
        else:
            found.append(difference(name, ours[name], value, case.tolerance))
    assert not (worst := report(found)), worst


@pytest.mark.parametrize(
    "case", [c for c in read_cases() if "standardized" in c.expected], ids=lambda case: case.id
)
def test_standardized_solution_is_lavaans(case, fitted):
    found = []
    for kind, name in (("std.all", "standardized"), ("std.lv", "std_lv"), ("std.nox", "std_nox")):
        if name in case.expected:
            ours = fitted(case).standardized(type=kind).rows()
            found += compare_tables(
                ours, rows(case.expected[name]), {"est": "est.std", "se": "se", "z": "z"}, case.tolerance
            )
    assert not (worst := report(found)), worst


@pytest.mark.parametrize(
    "case", [c for c in read_cases() if "modindices" in c.expected], ids=lambda case: case.id
)
def test_modification_indices_are_lavaans(case, fitted):
    """Every index, but where lavaan shows something else.

    Scale factors of the theta parameterization follow from other parameters and are not listed; of a fixed variance
    lavaan shows the standardized value in place of the standardized change.
    """
    columns = {"mi": "mi", "epc": "epc"}
    standard = {"sepc_lv": "sepc.lv", "sepc_all": "sepc.all", "sepc_nox": "sepc.nox"}
    is_theta = case.options.get("parameterization") == "theta"
    floor = 1e-6 if "ordered" in case.options else ABSOLUTE  # indices of nearly nothing, from moments to 1e-4
    ours = fitted(case).modification_indices().rows()
    lavaan = [row for row in rows(case.expected["modindices"]) if not (is_theta and row["op"] == "~*~")]
    found = list(compare_tables(ours, lavaan, columns, case.tolerance, floor))
    ours, lavaan = ([row for row in table if row["lhs"] != row["rhs"]] for table in (ours, lavaan))
    found += compare_tables(ours, lavaan, standard, case.tolerance, floor)
    assert not (worst := report(found)), worst
