"""Expressions over parameters, read into trees, with exact gradients.

An expression is read once into a tree of tuples; a tree knows only arithmetic, a fixed list of functions, numbers and
labels, so no text of a model is ever run as Python.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from confianza.errors import ModelError
from confianza.sem.numerics.matrices import Array

Token = tuple[str, str, int]
Tree = tuple[Any, ...]

TOKEN = re.compile(
    r"""(?P<space>[^\S\n]+|[#!][^\n]*)
    |(?P<end>[\n;])
    |(?P<operator>=~|<~|~\*~|~~|:=|==|~|<(?![-=])|>(?!=)|\|)
    |(?P<name>[^\W\d][\w.]*|\.(?!\d)[\w.]*)
    |(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<text>"[^"\n]*"|'[^'\n]*')
    |(?P<sign>[-+*/^(),?:])
    |(?P<other>.)""",
    re.VERBOSE,
)


def _normal_density(x: Any) -> Any:
    return np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)


# Each function with its derivative, in R's names.
FUNCTIONS: Mapping[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "exp": (np.exp, np.exp),
    "log": (np.log, lambda x: 1 / x),
    "sqrt": (np.sqrt, lambda x: 0.5 / np.sqrt(x)),
    "abs": (np.abs, np.sign),
    "sin": (np.sin, np.cos),
    "cos": (np.cos, lambda x: -np.sin(x)),
    "tan": (np.tan, lambda x: 1 / np.cos(x) ** 2),
    "asin": (np.arcsin, lambda x: 1 / np.sqrt(1 - x * x)),
    "acos": (np.arccos, lambda x: -1 / np.sqrt(1 - x * x)),
    "atan": (np.arctan, lambda x: 1 / (1 + x * x)),
    "sinh": (np.sinh, np.cosh),
    "cosh": (np.cosh, np.sinh),
    "tanh": (np.tanh, lambda x: 1 / np.cosh(x) ** 2),
    "atanh": (np.arctanh, lambda x: 1 / (1 - x * x)),
    "log10": (np.log10, lambda x: 1 / (x * math.log(10))),
    "log2": (np.log2, lambda x: 1 / (x * math.log(2))),
    "log1p": (np.log1p, lambda x: 1 / (1 + x)),
    "expm1": (np.expm1, np.exp),
    "pnorm": (ndtr, _normal_density),
    "dnorm": (_normal_density, lambda x: -x * _normal_density(x)),
    "qnorm": (ndtri, lambda p: 1 / _normal_density(ndtri(p))),
}


def tokens_of(source: str) -> list[Token]:
    """(kind, text, position) of every token but blanks and comments."""
    return [
        (kind, match.group(), match.start())
        for match in TOKEN.finditer(source)
        if (kind := match.lastgroup or "other") != "space"
    ]


def line_and_column(source: str, position: int) -> tuple[int, int]:
    """Line and column, from 1, of a position in a text."""
    start = source.rfind("\n", 0, position) + 1
    return source.count("\n", 0, position) + 1, position - start + 1


def refusal(code: str, source: str, position: int, **params: object) -> ModelError:
    """The error of a model's text, with its line and column."""
    line, column = line_and_column(source, position)
    return ModelError(code, line=line, column=column, **params)


# --- reading ------------------------------------------------------------------------------------------

_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 4}
_UNARY = 3  # as in R: -2^2 is -4, and -a*b is (-a)*b


def read_expression(tokens: Sequence[Token], source: str) -> Tree:
    """The tree of an expression: ("number", x), ("name", text), (sign, left, right), ("call", function, argument).

    Raises
    ------
    ModelError
        `sem-expression` with line and column: something is missing, left over, or not arithmetic.
    """
    tree, position = _read(tokens, 0, 0, source)
    if position < len(tokens):
        raise refusal("sem-expression", source, tokens[position][2], text=tokens[position][1])
    return tree


def _read(tokens: Sequence[Token], position: int, lowest: int, source: str) -> tuple[Tree, int]:
    """Precedence climbing from a position; the tree and the position after it."""
    tree, position = _read_operand(tokens, position, source)
    while position < len(tokens):
        sign = tokens[position][1]
        precedence = _PRECEDENCE.get(sign, 0)
        if precedence <= lowest:
            break
        # powers group to the right: a^b^c is a^(b^c)
        right, position = _read(tokens, position + 1, precedence - (sign == "^"), source)
        tree = (sign, tree, right)
    return tree, position


def _read_operand(tokens: Sequence[Token], position: int, source: str) -> tuple[Tree, int]:
    if position >= len(tokens):
        last = tokens[-1] if tokens else ("", "", 0)
        raise refusal("sem-expression", source, last[2] + len(last[1]), text=last[1])
    kind, text, start = tokens[position]
    if kind == "number":
        return ("number", float(text)), position + 1
    if text in ("-", "+"):
        tree, position = _read(tokens, position + 1, _UNARY - 1, source)
        return (tree if text == "+" else ("-", ("number", 0.0), tree)), position
    if text == "(":
        tree, position = _read(tokens, position + 1, 0, source)
        return tree, _closed(tokens, position, start, source)
    if kind == "name":
        if position + 1 < len(tokens) and tokens[position + 1][1] == "(":
            if text not in FUNCTIONS:
                known = ", ".join(FUNCTIONS)
                raise refusal("sem-function-unknown", source, start, text=text, known=known)
            tree, after = _read(tokens, position + 2, 0, source)
            return ("call", text, tree), _closed(tokens, after, start, source)
        return ("number", math.pi) if text == "pi" else ("name", text), position + 1
    raise refusal("sem-expression", source, start, text=text)


def _closed(tokens: Sequence[Token], position: int, start: int, source: str) -> int:
    if position >= len(tokens) or tokens[position][1] != ")":
        raise refusal("sem-parenthesis", source, start)
    return position + 1


def constant(tree: Tree) -> float | None:
    """The number a tree without labels stands for, nan outside a function's domain; None when it has labels."""
    if names_of(tree):
        return None
    with np.errstate(all="ignore"):
        return float(_evaluate(tree, {})[0])


def names_of(tree: Tree) -> tuple[str, ...]:
    """The labels of a tree, each once, in order of appearance."""
    names: dict[str, None] = {}
    stack = [tree]
    while stack:
        node = stack.pop()
        if node[0] == "name":
            names[node[1]] = None
        else:
            stack.extend(child for child in reversed(node[1:]) if isinstance(child, tuple))
    return tuple(names)


# --- evaluating ---------------------------------------------------------------------------------------

Gradient = dict[str, Any]


def _evaluate(tree: Tree, values: Mapping[str, Any]) -> tuple[Any, Gradient]:
    """Value and gradient by label, forward: every rule of differentiation beside its operation."""
    kind = tree[0]
    if kind == "number":
        return tree[1], {}
    if kind == "name":
        return values[tree[1]], {tree[1]: 1.0}
    if kind == "call":
        function, derivative = FUNCTIONS[tree[1]]
        inner, inner_slopes = _evaluate(tree[2], values)
        return function(inner), _scaled(inner_slopes, derivative(inner)) if inner_slopes else {}
    left, left_slopes = _evaluate(tree[1], values)
    right, right_slopes = _evaluate(tree[2], values)
    if kind == "+":
        return left + right, _sum(left_slopes, right_slopes, 1.0, 1.0)
    if kind == "-":
        return left - right, _sum(left_slopes, right_slopes, 1.0, -1.0)
    if kind == "*":
        return left * right, _sum(left_slopes, right_slopes, right, left)
    if kind == "/":
        quotient = np.divide(left, right)
        return quotient, _sum(left_slopes, right_slopes, np.divide(1.0, right), np.divide(-quotient, right))
    power = np.power(np.asarray(left, dtype=float), right)
    slopes = {}
    if left_slopes:
        slopes = _scaled(left_slopes, right * np.power(np.asarray(left, dtype=float), right - 1.0))
    if right_slopes:
        slopes = _sum(slopes, right_slopes, 1.0, power * np.log(left))
    return power, slopes


def _scaled(slopes: Gradient, factor: Any) -> Gradient:
    return {name: slope * factor for name, slope in slopes.items()}


def _sum(left: Gradient, right: Gradient, by_left: Any, by_right: Any) -> Gradient:
    total = {name: slope * by_left for name, slope in left.items()}
    for name, slope in right.items():
        total[name] = total.get(name, 0.0) + slope * by_right
    return total


def _linear(tree: Tree) -> tuple[dict[str, float], float] | None:
    """Coefficients and constant of a tree that is linear in its labels; None when it is not."""
    kind = tree[0]
    if kind == "number":
        return {}, tree[1]
    if kind == "name":
        return {tree[1]: 1.0}, 0.0
    if kind in "+-":
        left, right = _linear(tree[1]), _linear(tree[2])
        if left is None or right is None:
            return None
        by = 1.0 if kind == "+" else -1.0
        return _sum(left[0], right[0], 1.0, by), left[1] + by * right[1]
    if kind == "*":
        left, right = _linear(tree[1]), _linear(tree[2])
        if left is None or right is None or (left[0] and right[0]):
            return None
        inner, factor = (right, left[1]) if right[0] else (left, right[1])
        return _scaled(inner[0], factor), inner[1] * factor
    if kind == "/":
        left, divisor = _linear(tree[1]), constant(tree[2])
        if left is None or not divisor:
            return None
        return _scaled(left[0], 1 / divisor), left[1] / divisor
    if kind == "^" and constant(tree[2]) == 1.0:
        return _linear(tree[1])
    number = constant(tree)
    return None if number is None else ({}, number)


@lru_cache(maxsize=4096)
def tree_of(text: str) -> Tree:
    """The tree of an expression given as text of its own."""
    return read_expression(tokens_of(text), text)


def _inlined(tree: Tree, definitions: Mapping[str, Tree]) -> Tree:
    """A tree with the names of `:=` replaced by what they stand for."""
    if tree[0] == "name":
        return definitions.get(tree[1], tree)
    return tuple(_inlined(node, definitions) if isinstance(node, tuple) else node for node in tree)


@dataclass(frozen=True)
class Expression:
    """A function of the free parameters, by label of those it mentions."""

    text: str
    tree: Tree
    names: tuple[str, ...]
    positions: NDArray[np.intp]  # of each name among the free parameters
    n_free: int

    def value(self, parameters: Array) -> Any:
        """The value at parameters (n_free,), or one value a row of parameters (draws, n_free)."""
        return self._at(parameters)[0]

    def value_and_gradient(self, parameters: Array) -> tuple[float, Array]:
        """The value at parameters (n_free,) and its exact gradient (n_free,)."""
        value, slopes = self._at(parameters)
        gradient = np.zeros(self.n_free)
        for name, position in zip(self.names, self.positions, strict=True):
            gradient[position] += slopes.get(name, 0.0)  # two labels may name one parameter
        return float(value), gradient

    def linear(self) -> tuple[Array, float] | None:
        """Coefficients (n_free,) and constant when the expression is linear, else None."""
        parts = _linear(self.tree)
        if parts is None:
            return None
        coefficients = np.zeros(self.n_free)
        for name, position in zip(self.names, self.positions, strict=True):
            coefficients[position] += parts[0].get(name, 0.0)
        return coefficients, float(parts[1])

    def _at(self, parameters: Array) -> tuple[Any, Gradient]:
        columns = np.asarray(parameters, dtype=float).T
        with np.errstate(
            all="ignore"
        ):  # a value outside a function's domain is nan, and the optimizer steps back
            return _evaluate(
                self.tree,
                {name: columns[index] for name, index in zip(self.names, self.positions, strict=True)},
            )
