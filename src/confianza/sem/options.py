"""The options of a fit under lavaan's names, and what an estimator's name stands for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from confianza.errors import ModelError
from confianza.sem.model.table_options import TableOptions, check_option

Names = Sequence[str] | str

# estimator: (discrepancy, standard errors, test, information)
ESTIMATORS: Mapping[str, tuple[str, str, str, str]] = {
    "ML": ("ML", "standard", "standard", "expected"),
    "MLM": ("ML", "robust.sem", "satorra.bentler", "expected"),
    "MLMV": ("ML", "robust.sem", "scaled.shifted", "expected"),
    "MLMVS": ("ML", "robust.sem", "mean.var.adjusted", "expected"),
    "MLR": ("ML", "robust.huber.white", "yuan.bentler.mplus", "observed"),
    "MLF": ("ML", "standard", "standard", "first.order"),
    "GLS": ("GLS", "standard", "standard", "expected"),
    "WLS": ("WLS", "standard", "standard", "expected"),
    "ULS": ("ULS", "standard", "standard", "expected"),
    "ULSM": ("ULS", "robust.sem", "satorra.bentler", "expected"),
    "ULSMV": ("ULS", "robust.sem", "scaled.shifted", "expected"),
    "ULSMVS": ("ULS", "robust.sem", "mean.var.adjusted", "expected"),
    "DWLS": ("DWLS", "standard", "standard", "expected"),
    "WLSM": ("DWLS", "robust.sem", "satorra.bentler", "expected"),
    "WLSMV": ("DWLS", "robust.sem", "scaled.shifted", "expected"),
    "WLSMVS": ("DWLS", "robust.sem", "mean.var.adjusted", "expected"),
}
SE = ("standard", "robust.sem", "robust.huber.white", "bootstrap", "none")
TESTS = (
    "standard",
    "satorra.bentler",
    "yuan.bentler",
    "yuan.bentler.mplus",
    "mean.var.adjusted",
    "scaled.shifted",
    "browne.residual.adf",
    "browne.residual.nt",
    "bollen.stine",
    "none",
)
MISSING = {
    "listwise": "listwise",
    "pairwise": "pairwise",
    "fiml": "fiml",
    "ml": "fiml",
    "direct": "fiml",
    "fiml.x": "fiml.x",
    "ml.x": "fiml.x",
    "direct.x": "fiml.x",
}
INFORMATION = ("expected", "observed", "first.order")


@dataclass(frozen=True)
class Options(TableOptions):
    """How a model is tabled and fitted. `None` and `default` stand for what the estimator and the data ask for."""

    group: str | None = None
    group_label: Names = ()
    estimator: str = "default"
    se: str = "default"
    test: Names = "default"
    information: str = "default"
    observed_information: str = "default"
    missing: str = "listwise"
    missing_codes: Names = ()  # values that stand for a missing one in every column, such as -99
    likelihood: str = "default"
    ordered: Names | bool = ()
    parameterization: str = "default"
    std_ov: bool = False
    sample_cov: Any = None
    sample_mean: Any = None
    sample_nobs: Any = None
    sample_names: Names = ()
    sample_cov_rescale: bool | str = "default"
    bootstrap: int = 1000
    iseed: int | None = None
    max_iterations: int = 500

    @classmethod
    def of(cls, keywords: Mapping[str, Any]) -> Options:
        """Options from keyword arguments; an unknown one is an error that names the known ones."""
        known: dict[str, Any] = {field.name: field.default for field in fields(cls)}
        kinds = {field.name: str(field.type) for field in fields(cls)}
        for name in keywords:
            if name not in known:
                raise ModelError("sem-option-unknown", name=name, known=", ".join(sorted(known)))
            _check_kind(name, kinds[name], keywords[name])
        values = {name: known[name] if _is_default(value) else value for name, value in keywords.items()}
        for name in ("group_label", "group_equal", "group_partial", "sample_names"):
            values[name] = _names(values.get(name, ()))
        values["missing_codes"] = _codes(values.get("missing_codes", ()))
        return cls(**values)

    def resolved(self, ordered: Collection[str] = ()) -> Options:
        """The options with every default settled, for a model with these ordered variables."""
        is_ordered = bool(ordered)
        name = str(self.estimator).upper()
        if name == "DEFAULT":
            name = "WLSMV" if is_ordered else "ML"
        missing = str(self.missing).lower()
        check_option("missing", missing, MISSING)
        missing = MISSING[missing]
        check_option("estimator", name, ESTIMATORS)
        discrepancy, se, test, information = ESTIMATORS[name]
        if is_ordered and discrepancy in {"ML", "GLS"}:
            raise ModelError("sem-estimator-ordered", estimator=name, names=", ".join(ordered))
        if missing == "pairwise" and not is_ordered:
            raise ModelError("sem-pairwise-continuous")
        if missing.startswith("fiml") and discrepancy != "ML":
            raise ModelError("sem-fiml-needs-ml", estimator=name)
        if missing.startswith("fiml") and se == "robust.sem":
            raise ModelError("sem-fiml-needs-mlr", estimator=name)
        asked_se = str(self.se)
        if asked_se in {"robust", "default"}:
            if asked_se == "robust" and se == "standard":
                se = "robust.huber.white" if missing.startswith("fiml") else "robust.sem"
        elif asked_se == "first.order":
            information = "first.order"
        elif asked_se in {"robust.mlr", "sandwich"}:
            se = "robust.huber.white"
        else:
            se = {"boot": "bootstrap", "robust.mlm": "robust.sem"}.get(asked_se, asked_se)
            check_option("se", se, SE)
        if (
            missing.startswith("fiml") or se in {"robust.huber.white", "bootstrap"}
        ) and information == "expected":
            information = "observed"
        if self.information != "default":
            check_option("information", self.information, INFORMATION)
            information = self.information
        if self.observed_information != "default":
            check_option("observed_information", self.observed_information, ("hessian",))
        requested = (self.test,) if isinstance(self.test, str) else tuple(self.test)
        tests = [test] if test != "standard" else []
        tests += (
            [one for one in map(_test_name, requested) if one not in tests]
            if requested != ("default",)
            else []
        )
        if "none" not in tests and "standard" not in tests:
            tests.insert(0, "standard")
        complete = [one for one in tests if one in {"satorra.bentler", "mean.var.adjusted", "scaled.shifted"}]
        if missing.startswith("fiml") and complete:
            raise ModelError("sem-fiml-test", test=", ".join(complete))
        likelihood = "normal" if self.likelihood == "default" else str(self.likelihood).lower()
        check_option("likelihood", likelihood, ("normal", "wishart"))
        if likelihood == "wishart" and (discrepancy != "ML" or missing.startswith("fiml")):
            raise ModelError("sem-wishart-needs-ml", estimator=name)
        parameterization = (
            "delta" if self.parameterization == "default" else str(self.parameterization).lower()
        )
        check_option("parameterization", parameterization, ("delta", "theta"))
        fixed_x = self.fixed_x
        if fixed_x is None and discrepancy != "ML" and not is_ordered:
            fixed_x = False  # as in lavaan: least squares of means and covariances takes covariates as random
        return replace(
            self,
            fixed_x=fixed_x,
            estimator=name,
            se=se,
            test=tuple(tests),
            information=information,
            missing=missing,
            likelihood=likelihood,
            parameterization=parameterization,
        )

    @property
    def discrepancy(self) -> str:
        """ML, GLS, ULS, WLS or DWLS."""
        return ESTIMATORS[self.estimator][0]

    @property
    def uses_all_rows(self) -> bool:
        """Whether rows with missing values take part by full information."""
        return self.missing.startswith("fiml")

    @property
    def divisor(self) -> int:
        """1 where covariances are divided by n - 1, 0 where by n."""
        return 0 if self.discrepancy == "ML" and self.likelihood == "normal" else 1


def _check_kind(name: str, kind: str, value: object) -> None:
    """Refuse anything but True and False for a switch, and anything but a count for a number."""
    if _is_default(value):
        return
    if kind in {"bool", "bool | None"} and not isinstance(value, bool):
        raise ModelError("sem-option-value", name=name, value=value, known="True, False")
    if kind == "int" and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
        raise ModelError("sem-option-value", name=name, value=value, known="1, 2, 3, ...")


def _is_default(value: object) -> bool:
    return value is None or (isinstance(value, str) and value == "default")


def _names(value: Any) -> tuple[Any, ...]:
    return (value,) if isinstance(value, str) or not isinstance(value, Iterable) else tuple(value)


def _codes(value: Any) -> tuple[int | float | str, ...]:
    """Codes of missing values, which stand for one in every column."""
    codes = (value,) if isinstance(value, Mapping | bytes) else _names(value)
    plain = tuple(code.item() if isinstance(code, np.generic) else code for code in codes)
    if all(isinstance(code, int | float | str) and not isinstance(code, bool) for code in plain):
        return plain
    raise ModelError("sem-option-value", name="missing_codes", value=value, known="-99, [-99, 999], ['NA']")


def _test_name(text: str) -> str:
    name = text.lower().replace("_", ".").replace("-", ".")
    name = {
        "sb": "satorra.bentler",
        "yb": "yuan.bentler",
        "mplus": "yuan.bentler.mplus",
        "mlr": "yuan.bentler.mplus",
        "chisq": "standard",
        "chi": "standard",
        "scaled": "satorra.bentler",
        "ss": "scaled.shifted",
        "mv": "mean.var.adjusted",
        "boot": "bollen.stine",
        "bootstrap": "bollen.stine",
    }.get(name, name)
    check_option("test", name, TESTS)
    return name
