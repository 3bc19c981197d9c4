"""lavaan's model syntax, read into formulas of one term each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import isfinite, nan
from typing import NamedTuple

from confianza.errors import ModelError
from confianza.sem.model.expressions import Token, constant, read_expression, refusal, tokens_of

RELATIONS = frozenset({":=", "==", "<", ">"})
_GOES_ON = frozenset("+-*/^(,?:")  # a line that ends so is continued in the next
_CONTINUES = frozenset("+*/^),?")  # a line that begins so continues the one before
_THRESHOLD = re.compile(r"t[1-9]\d*")
_RESERVED = frozenset({"NA", "TRUE", "FALSE", "NULL", "Inf", "NaN"})
_UNSUPPORTED = {
    "rv": "random slopes (rv)",
    "efa": "exploratory blocks (efa)",
    "prior": "priors (prior)",
}


class Formula(NamedTuple):
    """One term of a model: `lhs op rhs` with what stands before its variable.

    Modifiers hold one value for all groups, one a group, or nothing. In `fixed` nan asks for a free parameter; in
    `label` "" for none. `block` is the label of the `group:` block, "" outside of any.
    """

    lhs: str
    op: str
    rhs: str
    fixed: tuple[float, ...] = ()
    start: tuple[float, ...] = ()
    label: tuple[str, ...] = ()
    equal: tuple[str, ...] = ()
    block: str = ""
    line: int = 0
    column: int = 0


def parse(text: str) -> tuple[Formula, ...]:
    """The formulas of a model in lavaan's syntax, one a term, in the order written.

    Intercepts (`y ~ 1`) have the operator `~1` and no right-hand side. The sides of `:=`, `==`, `<` and `>` are kept as
    text without blanks.

    Raises
    ------
    ModelError
        The text is no model; names line, column, what stands there, and the remedy.

    References
    ----------
    Rosseel (2012), lavaan: An R package for structural equation modeling, Journal of Statistical Software 48(2),
    section 3, and the manual's page on the model syntax.
    """
    formulas: list[Formula] = []
    block = ""
    for statement in _statements(text):
        if statement[1:2] and statement[1][1] == ":" and statement[0][0] == "name":
            block = _block(statement, text)
            continue
        formulas += _formulas(statement, text, block)
    if not formulas:
        raise refusal("sem-model-empty", text, 0)
    return tuple(formulas)


def _statements(text: str) -> list[list[Token]]:
    """The tokens of each formula: a line, a part of one between `;`, or several lines that go on."""
    statements: list[list[Token]] = []
    current: list[Token] = []
    depth = 0
    broken = False  # a line break was passed since the last token
    opened = 0
    for token in tokens_of(text):
        kind, sign, start = token
        if kind == "end":
            if sign == ";":
                if depth:
                    raise refusal("sem-parenthesis", text, opened)
                if current:
                    statements.append(current)
                current, broken = [], False
            else:
                broken = True
            continue
        if kind == "other":
            raise _unknown_sign(token, text)
        if broken:
            if current and not (
                depth
                or sign in _CONTINUES
                or kind == "operator"
                or current[-1][0] == "operator"
                or current[-1][1] in _GOES_ON
            ):
                statements.append(current)
                current = []
            broken = False
        if sign == "(":
            depth += 1
            opened = start if depth == 1 else opened
        elif sign == ")":
            depth -= 1
            if depth < 0:
                raise refusal("sem-parenthesis", text, start)
        current.append(token)
    if depth:
        raise refusal("sem-parenthesis", text, opened)
    if current:
        statements.append(current)
    return statements


def _unknown_sign(token: Token, text: str) -> ModelError:
    _, sign, start = token
    if sign in "\"'":
        return refusal("sem-quote", text, start)
    if sign in "=<>":
        return refusal("sem-operator-unknown", text, start, text=text[start : start + 2].strip())
    return refusal("sem-character", text, start, text=sign)


def _block(statement: Sequence[Token], text: str) -> str:
    """The label of a `group:` block."""
    name, start = statement[0][1:]
    if name != "group":
        if name in ("level", "within", "between", "efa", "block", "class"):
            raise refusal("sem-not-supported", text, start, feature=f"{name}:")
        raise refusal("sem-interaction", text, statement[1][2], text=_written(statement[:3], text))
    if len(statement) < 3:
        raise refusal("sem-right-missing", text, statement[1][2] + 1, text="group:")
    return _written(statement[2:], text).strip("\"'")


def _formulas(statement: Sequence[Token], text: str, block: str) -> list[Formula]:
    """The terms of one statement."""
    at = [index for index, token in enumerate(statement) if token[0] == "operator"]
    start = statement[0][2]
    if not at:
        raise refusal("sem-no-operator", text, start, text=_written(statement, text))
    operator = statement[at[0]]
    if len(at) > 1:
        raise refusal(
            "sem-two-operators", text, statement[at[1]][2], text=statement[at[1]][1], first=operator[1]
        )
    op = operator[1]
    left, right = statement[: at[0]], statement[at[0] + 1 :]
    if not left:
        raise refusal("sem-left-missing", text, operator[2], text=op)
    if not right:
        raise refusal("sem-right-missing", text, operator[2] + len(op), text=op)
    line = text.count("\n", 0, start) + 1
    column = start - text.rfind("\n", 0, start)
    if op in RELATIONS:
        if op == ":=" and (len(left) > 1 or left[0][0] != "name"):
            raise refusal("sem-definition-name", text, start, text=_written(left, text))
        read_expression(left, text)
        read_expression(right, text)
        return [Formula(_joined(left), op, _joined(right), line=line, column=column)]
    formulas: list[Formula] = []
    terms = _terms(right, text)
    for name in _left_names(left, text):
        merged: dict[tuple[str, str], Formula] = {}
        for term in terms:
            formula = _term(term, name, op, text, block)
            key = formula.op, formula.rhs
            if formula.rhs == name and op not in ("~~", "~*~") and (op != "=~" or formula.fixed != (0.0,)):
                raise refusal("sem-same-both", text, formula.column, text=f"{name} {op} {name}")
            if op == "~*~" and formula.rhs != name:
                raise refusal("sem-scale-of-itself", text, formula.column, text=f"{name} ~*~ {formula.rhs}")
            if op == "|" and not _THRESHOLD.fullmatch(formula.rhs):
                raise refusal("sem-threshold-name", text, formula.column, text=f"{name} | {formula.rhs}")
            if key in merged:
                formula = _merged(merged[key], formula, text)
            merged[key] = formula
        for formula in merged.values():
            index = formula.column
            line = text.count("\n", 0, index) + 1
            formulas.append(formula._replace(line=line, column=index - text.rfind("\n", 0, index)))
    return formulas


def _left_names(tokens: Sequence[Token], text: str) -> list[str]:
    """The variables left of an operator, `y1 + y2`."""
    names = []
    if tokens[0][1] in _UNSUPPORTED and len(tokens) > 1 and tokens[1][1] == "(":
        raise refusal("sem-not-supported", text, tokens[0][2], feature=_UNSUPPORTED[tokens[0][1]])
    for index, token in enumerate(tokens):
        kind, sign, start = token
        if index % 2:
            if sign != "+":
                raise refusal(*_between(token, text), text=sign)
        elif kind != "name" or sign in _RESERVED:
            raise refusal("sem-name-expected", text, start, text=sign)
        else:
            names.append(sign)
    if len(tokens) % 2 == 0:
        raise refusal("sem-right-missing", text, tokens[-1][2] + 1, text=tokens[-1][1])
    return names


def _between(token: Token, text: str) -> tuple[str, str, int]:
    """What is wrong with a token that stands where `+` was expected."""
    return ("sem-interaction" if token[1] == ":" else "sem-plus-expected"), text, token[2]


def _split(tokens: Sequence[Token], at: str) -> tuple[list[Sequence[Token]], list[Token]]:
    """The parts between some signs outside parentheses, and these signs: one fewer."""
    parts, signs = [], []
    depth, first = 0, 0
    for index, token in enumerate(tokens):
        if token[1] == "(":
            depth += 1
        elif token[1] == ")":
            depth -= 1
        elif token[1] in at and not depth:
            parts.append(tokens[first:index])
            signs.append(token)
            first = index + 1
    return [*parts, tokens[first:]], signs


def _terms(tokens: Sequence[Token], text: str) -> list[Sequence[Token]]:
    """The parts between `+` outside parentheses."""
    parts, signs = _split(tokens, "+")
    for number, (part, plus) in enumerate(zip(parts, signs, strict=False)):
        if not part:
            raise refusal("sem-right-missing" if number else "sem-name-expected", text, plus[2], text="+")
    if not parts[-1]:
        raise refusal("sem-right-missing", text, tokens[-1][2] + 1, text="+")
    return parts


def _term(tokens: Sequence[Token], lhs: str, op: str, text: str, block: str) -> Formula:
    """One term; its `column` is still a position in the text."""
    kind, sign, start = tokens[-1]
    begin = tokens[0][2]
    if len(tokens) == 1:
        if kind == "name" and sign not in _RESERVED:
            return Formula(lhs, op, sign, block=block, column=begin)
        if op == "~" and sign in ("1", "0"):
            return Formula(lhs, "~1", "", fixed=() if sign == "1" else (0.0,), block=block, column=begin)
        if op == "=~" and sign == "0":  # a latent variable without indicators
            return Formula(lhs, op, lhs, fixed=(0.0,), block=block, column=begin)
        raise refusal("sem-name-expected", text, start, text=sign)
    (*modifiers, variable), signs = _split(tokens, "*?")
    for modifier, mark in zip(modifiers, signs, strict=True):
        if not modifier:
            raise refusal("sem-modifier", text, mark[2], text=mark[1])
    if not variable:
        raise refusal("sem-right-missing", text, start + 1, text=sign)
    kind, sign, start = variable[0]
    if len(variable) > 1:
        if kind == "name" and variable[1][1] == "(" and sign in _UNSUPPORTED:
            raise refusal("sem-not-supported", text, start, feature=_UNSUPPORTED[sign])
        if kind not in ("name", "number"):
            raise refusal("sem-name-expected", text, start, text=sign)
        raise refusal(*_between(variable[1], text), text=variable[1][1])
    if op == "~" and sign == "1":
        formula = Formula(lhs, "~1", "", block=block, column=begin)
    elif kind == "name" and sign not in _RESERVED:
        formula = Formula(lhs, op, sign, block=block, column=begin)
    else:
        raise refusal("sem-name-expected", text, start, text=sign)
    for modifier, mark in zip(modifiers, signs, strict=True):
        formula = _merged(formula, _modifier(modifier, mark[1], formula, text), text)
    return formula


def _modifier(tokens: Sequence[Token], mark: str, bare: Formula, text: str) -> Formula:
    """The bare term with one modifier: `a*`, `0.5*`, `NA*`, `start(…)*`, `label(…)*`, `equal(…)*`, `c(…)*`, `x?`."""
    kind, sign, start = tokens[0]
    bare = Formula(bare.lhs, bare.op, bare.rhs, block=bare.block, column=start)
    called = kind == "name" and len(tokens) > 1 and tokens[1][1] == "("
    if called and sign in _UNSUPPORTED:
        raise refusal("sem-not-supported", text, start, feature=_UNSUPPORTED[sign])
    if called and sign in ("lower", "upper"):
        raise refusal("sem-bound", text, start, text=sign)
    if called and sign in ("start", "label", "equal"):
        if mark == "?":
            raise refusal("sem-modifier", text, start, text=f"{sign}()?")
        values = _vector(_arguments(tokens, text), text)
        if sign == "start":
            return bare._replace(start=_numbers(values, tokens, text))
        if any(value != value for value in values) or not all(isinstance(value, str) for value in values):
            raise refusal("sem-modifier", text, start, text=_written(tokens, text))
        words = tuple(str(value) for value in values)
        if sign == "label":
            return bare._replace(label=words)
        return bare._replace(equal=tuple("".join(word.split()) for word in words))
    values = _vector([tokens], text)
    if mark == "?":
        return bare._replace(start=_numbers(values, tokens, text))
    if not any(isinstance(value, str) for value in values):
        return bare._replace(fixed=_numbers(values, tokens, text))
    labels = tuple("" if value != value else value for value in values)
    if not all(isinstance(label, str) for label in labels):
        raise refusal("sem-modifier-mixed", text, start, text=_written(tokens, text))
    return bare._replace(label=tuple(str(label) for label in labels))


def _arguments(tokens: Sequence[Token], text: str) -> list[Sequence[Token]]:
    """The parts between commas of `name(…)`."""
    if tokens[-1][1] != ")":
        raise refusal("sem-modifier", text, tokens[0][2], text=_written(tokens, text))
    parts, _ = _split(tokens[2:-1], ",")
    if not all(parts):
        raise refusal("sem-modifier", text, tokens[0][2], text=_written(tokens, text))
    return parts


def _vector(parts: Sequence[Sequence[Token]], text: str) -> list[float | str]:
    """The values of modifiers: numbers, nan for NA, labels as text; `c(…)` is opened."""
    values: list[float | str] = []
    for tokens in parts:
        kind, sign, _ = tokens[0]
        if len(tokens) == 1:
            if kind == "number":
                values.append(float(sign))
                continue
            if kind == "text":
                values.append(sign[1:-1])
                continue
            if sign == "NA":
                values.append(nan)
                continue
        elif sign == "c" and tokens[1][1] == "(":
            values += _vector(_arguments(tokens, text), text)
            continue
        tree = read_expression(tokens, text)
        number = constant(tree)
        if number is not None and isfinite(number):
            values.append(number)
        elif tree[0] == "name" and tree[1] not in _RESERVED:
            values.append(tree[1])
        else:
            raise refusal("sem-modifier", text, tokens[0][2], text=_written(tokens, text))
    return values


def _numbers(values: Sequence[float | str], tokens: Sequence[Token], text: str) -> tuple[float, ...]:
    numbers = tuple(value for value in values if isinstance(value, float))
    if len(numbers) < len(values):
        raise refusal("sem-modifier", text, tokens[0][2], text=_written(tokens, text))
    return numbers


def _merged(first: Formula, second: Formula, text: str) -> Formula:
    """Two mentions of one term as one: the modifiers of both."""
    changes: dict[str, object] = {}
    for field in ("fixed", "start", "label", "equal"):
        left, right = getattr(first, field), getattr(second, field)
        if left and right and repr(left) != repr(right):
            raise refusal("sem-modifier-twice", text, second.column, text=f"{first.lhs}{first.op}{first.rhs}")
        if right:
            changes[field] = right
    return first._replace(**changes)  # type: ignore[arg-type]


def _joined(tokens: Sequence[Token]) -> str:
    return "".join([token[1] for token in tokens])


def _written(tokens: Sequence[Token], text: str) -> str:
    """The text of tokens as it was written."""
    return text[tokens[0][2] : tokens[-1][2] + len(tokens[-1][1])]
