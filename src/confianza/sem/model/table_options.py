"""The options that a parameter table is made with, and the defaults of each convention."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from confianza.errors import ModelError
from confianza.sem.model.syntax import Formula

Convention = Literal["lavaan", "sem", "cfa", "growth"]


GROUP_EQUAL = (
    "loadings",
    "composite.loadings",
    "regressions",
    "intercepts",
    "means",
    "thresholds",
    "residuals",
    "residual.covariances",
    "lv.variances",
    "lv.covariances",
)


@dataclass(frozen=True)
class TableOptions:
    """lavaan's options of the same names; None takes the default of the convention.

    `group_equal` takes the words of `GROUP_EQUAL`; `group_partial` elements free of it, such as "f =~ item2" or
    "item3 ~ 1"; `effect_coding` "loadings", "intercepts" or both; `constraints` more text in the model's syntax.
    """

    meanstructure: bool | None = None
    int_ov_free: bool | None = None
    int_lv_free: bool | None = None
    fixed_x: bool | None = None
    conditional_x: bool | None = None
    orthogonal: bool = False
    orthogonal_x: bool = False
    orthogonal_y: bool = False
    std_lv: bool = False
    effect_coding: bool | str | Sequence[str] = ()
    auto_fix_first: bool | None = None
    auto_fix_single: bool | None = None
    auto_var: bool | None = None
    auto_cov_lv_x: bool | None = None
    auto_cov_y: bool | None = None
    auto_th: bool | None = None
    auto_delta: bool | None = None
    parameterization: str = "delta"  # or theta
    group_equal: str | Sequence[str] = ()
    group_partial: str | Sequence[str] = ()
    constraints: str = ""


_AUTOMATIC = (
    "auto_fix_first",
    "auto_fix_single",
    "auto_var",
    "auto_cov_lv_x",
    "auto_cov_y",
    "auto_th",
    "auto_delta",
)
DEFAULTS: Mapping[str, Mapping[str, bool]] = {
    "lavaan": {"int_ov_free": False, "int_lv_free": False, **dict.fromkeys(_AUTOMATIC, False)},
    "sem": {"int_ov_free": True, "int_lv_free": False, **dict.fromkeys(_AUTOMATIC, True)},
    "cfa": {"int_ov_free": True, "int_lv_free": False, **dict.fromkeys(_AUTOMATIC, True)},
    "growth": {"int_ov_free": False, "int_lv_free": True, **dict.fromkeys(_AUTOMATIC, True)},
}


class Settings(NamedTuple):
    """The options with every default filled in."""

    means: bool
    fixed_x: bool
    conditional_x: bool
    effects: tuple[str, ...]
    equal: tuple[str, ...]
    options: TableOptions


def check_option(name: str, value: object, known: Collection[str]) -> None:
    """Refuse a value that an option does not have."""
    if value not in known:
        raise ModelError("sem-option-value", name=name, value=value, known=", ".join(known))


def _words(name: str, value: str | Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    words = (value,) if isinstance(value, str) else tuple(value)
    for word in words:
        check_option(name, word, known)
    return words


def settings_of(
    options: TableOptions, convention: str, elements: Sequence[Formula], n_groups: int, is_categorical: bool
) -> Settings:
    """The options with the convention's defaults."""
    defaults = DEFAULTS[convention]
    filled = replace(
        options,
        **{name: value for name, value in defaults.items() if getattr(options, name) is None},  # type: ignore[arg-type]
    )
    check_option("parameterization", options.parameterization, ("delta", "theta"))
    equal = _words("group_equal", options.group_equal, GROUP_EQUAL)
    if is_categorical and ("intercepts" in equal or "thresholds" in equal):
        equal = (*equal, "intercepts", "thresholds")  # one origin: both or neither
    coding = options.effect_coding
    effects = ("loadings", "intercepts") if coding is True else () if coding is False else coding
    effects = _words("effect_coding", effects, ("loadings", "intercepts"))
    means = options.meanstructure
    conditional_x = is_categorical if options.conditional_x is None else options.conditional_x
    if is_categorical or conditional_x or any(formula.op == "~1" for formula in elements):
        means = True
    elif means is None:
        means = convention == "growth" or n_groups > 1 or not {"intercepts", "means"}.isdisjoint(equal)
    fixed_x = (conditional_x or not is_categorical) if options.fixed_x is None else options.fixed_x
    if conditional_x and not fixed_x:
        raise ModelError("sem-options-conflict", first="fixed_x=False", second="conditional_x=True")
    if options.std_lv and "loadings" in effects:
        raise ModelError("sem-options-conflict", first="std_lv=True", second="effect_coding='loadings'")
    return Settings(means, fixed_x, conditional_x, effects, equal, filled)
