"""The variables of a model by their part in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from confianza.sem.model.drafts import unique
from confianza.sem.model.syntax import Formula


class Variables(NamedTuple):
    """The variables of one block by their part in it, each in lavaan's order."""

    latent: tuple[str, ...]
    composite: tuple[str, ...]
    observed: tuple[str, ...]
    exogenous: tuple[
        str, ...
    ]  # observed, explained by nothing, no variance, covariance or mean of it written
    latent_x: tuple[str, ...]
    latent_y: tuple[str, ...]  # outcomes that explain nothing
    observed_y: tuple[str, ...]
    order: Mapping[str, int]  # that the two sides of a covariance follow


def variables_of(formulas: Sequence[Formula]) -> Variables:
    """The variables of a block in lavaan's order: indicators, outcomes, predictors, then the others."""
    loading: dict[str, None] = {}
    composite: dict[str, None] = {}
    indicators: dict[str, None] = {}
    outcomes: dict[str, None] = {}
    predictors: dict[str, None] = {}
    means: dict[str, None] = {}
    rest: dict[str, None] = {}
    pairs = []
    for formula in formulas:
        lhs, op, rhs = formula[:3]
        if op == "=~":
            loading[lhs] = None
            indicators[rhs] = None
        elif op == "~":
            outcomes[lhs] = None
            predictors[rhs] = None
        elif op == "~~":
            pairs.append((lhs, rhs))
        elif op == "<~":
            composite[lhs] = None
            predictors[rhs] = None
        else:
            rest[lhs] = None
            if op == "~1":
                means[lhs] = None
    latent = tuple(loading)
    if composite:
        latent = unique(formula.lhs for formula in formulas if formula.op in ("=~", "<~"))
    defined = loading | composite
    known = indicators | outcomes | predictors
    # lavaan orders the other variables twice: as written, and after it has turned the covariances around
    order: dict[str, int] = {}
    paired: dict[str, None] = {}
    if pairs:
        order = {name: index for index, name in enumerate(dict.fromkeys(latent) | known | _sides(pairs))}
        pairs = [pair if order[pair[0]] <= order[pair[1]] else pair[::-1] for pair in pairs]
        paired = _sides(pairs)
    explained = defined | indicators | outcomes
    return Variables(
        latent=latent,
        composite=tuple(name for name in composite if name not in loading),
        observed=tuple(name for name in known | paired | rest if name not in defined),
        exogenous=tuple(name for name in predictors if name not in explained | paired | means),
        latent_x=tuple(name for name in latent if name not in indicators | outcomes),
        latent_y=tuple(name for name in latent if name in outcomes and name not in indicators | predictors),
        observed_y=tuple(name for name in outcomes if name not in defined | indicators | predictors),
        order=order,
    )


def _sides(pairs: Sequence[tuple[str, str]]) -> dict[str, None]:
    """The left-hand sides, then the right-hand sides."""
    return dict.fromkeys([*(left for left, _ in pairs), *(right for _, right in pairs)])
