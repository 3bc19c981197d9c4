"""The model syntax: what it reads, and where it says a model is wrong."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confianza.errors import LANGUAGES, ModelError
from confianza.sem.model.syntax import Formula, parse


def bare(text):
    """Formulas without their places."""
    return [formula._replace(line=0, column=0) for formula in parse(text)]


def test_a_measurement_model_is_one_formula_a_loading():
    assert parse("bond =~ item1 + item2\n  trust=~item3") == (
        Formula("bond", "=~", "item1", line=1, column=9),
        Formula("bond", "=~", "item2", line=1, column=17),
        Formula("trust", "=~", "item3", line=2, column=10),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("y ~ a*x", Formula("y", "~", "x", label=("a",))),
        ("y ~ 'a b'*x", Formula("y", "~", "x", label=("a b",))),
        ('y ~ label("a")*x', Formula("y", "~", "x", label=("a",))),
        ("y ~ (a)*x", Formula("y", "~", "x", label=("a",))),
        ("y ~ 0.5*x", Formula("y", "~", "x", fixed=(0.5,))),
        ("y ~ -1e-1*x", Formula("y", "~", "x", fixed=(-0.1,))),
        ("y ~ sqrt(4)/8*x", Formula("y", "~", "x", fixed=(0.25,))),
        ("y ~ start(0.5)*x", Formula("y", "~", "x", start=(0.5,))),
        ("y ~ start(1, .5)*x", Formula("y", "~", "x", start=(1.0, 0.5))),
        ("y ~ start(c(1, .5))*x", Formula("y", "~", "x", start=(1.0, 0.5))),
        ("y ~ 0.5?x", Formula("y", "~", "x", start=(0.5,))),
        ("y ~ a*x + 0.5?x", Formula("y", "~", "x", start=(0.5,), label=("a",))),
        ("y ~ 0.5?a*x", Formula("y", "~", "x", start=(0.5,), label=("a",))),
        ("y ~ a*x + start(2)*x + 3*x", Formula("y", "~", "x", (3.0,), (2.0,), ("a",))),
        ("y ~ c(a, b)*x", Formula("y", "~", "x", label=("a", "b"))),
        ('y ~ c("a", NA)*x', Formula("y", "~", "x", label=("a", ""))),
        ("y ~ c(1, -2)*x", Formula("y", "~", "x", fixed=(1.0, -2.0))),
        ('f =~ equal("f =~ x")*y', Formula("f", "=~", "y", equal=("f=~x",))),
        ("y ~ 1", Formula("y", "~1", "")),
        ("y ~ 0", Formula("y", "~1", "", fixed=(0.0,))),
        ("y ~ m*1", Formula("y", "~1", "", label=("m",))),
        ("y ~~ 0*x", Formula("y", "~~", "x", fixed=(0.0,))),
        ("y | t1", Formula("y", "|", "t1")),
        ("y ~*~ 1*y", Formula("y", "~*~", "y", fixed=(1.0,))),
        ("c <~ x", Formula("c", "<~", "x")),
        ("confianza_México.2 =~ ítem.1", Formula("confianza_México.2", "=~", "ítem.1")),
        ("total := c + (a * b)", Formula("total", ":=", "c+(a*b)")),
        ("a == b^2", Formula("a", "==", "b^2")),
        ("a > 0", Formula("a", ">", "0")),
        ("exp(a) < 3", Formula("exp(a)", "<", "3")),
    ],
)
def test_one_formula(text, expected):
    assert bare(text) == [expected]


def test_na_asks_for_a_free_parameter():
    alone, vector = parse("f =~ NA*x + c(1, NA)*y")
    assert math.isnan(alone.fixed[0])
    assert vector.fixed[0] == 1
    assert math.isnan(vector.fixed[1])


def test_several_variables_on_the_left_and_an_intercept_among_the_terms():
    assert [(formula.lhs, formula.op, formula.rhs) for formula in parse("y1 + y2 ~ 1 + x")] == [
        ("y1", "~1", ""),
        ("y1", "~", "x"),
        ("y2", "~1", ""),
        ("y2", "~", "x"),
    ]


def test_formulas_share_a_line_go_on_over_lines_and_carry_comments():
    text = """
    # a comment line
    f =~ x1 +      # goes on
         x2
         + x3; g =~ y1 ! two on a line
    h
      =~ z1 +

      a*
      z2
    b == c(
    )
    """.replace("b == c(\n    )", "b == (1 +\n 2)")
    assert [(formula.lhs, formula.rhs, formula.line) for formula in parse(text)] == [
        ("f", "x1", 3),
        ("f", "x2", 4),
        ("f", "x3", 5),
        ("g", "y1", 5),
        ("h", "z1", 7),
        ("h", "z2", 9),
        ("b", "(1+2)", 11),
    ]


def test_group_blocks_mark_their_formulas():
    assert [
        (formula.block, formula.rhs) for formula in parse("group: 1\nf =~ x\ngroup: 'north west'\nf =~ y")
    ] == [("1", "x"), ("north west", "y")]


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("", "sem-model-empty", 1, 1),
        ("# only a comment", "sem-model-empty", 1, 1),
        ("f =~ x1\nx2 & x3", "sem-character", 2, 4),
        ("f = x1", "sem-operator-unknown", 1, 3),
        ("a <= b", "sem-operator-unknown", 1, 3),
        ("a >= b", "sem-operator-unknown", 1, 3),
        ("y <- x", "sem-operator-unknown", 1, 3),
        ("f =~ x1\n\n  x2", "sem-no-operator", 3, 3),
        ("y ~ x z ~ w", "sem-two-operators", 1, 9),
        ("f =~ x =~ y", "sem-two-operators", 1, 8),
        ("=~ x1", "sem-left-missing", 1, 1),
        ("f =~", "sem-right-missing", 1, 5),
        ("f =~ x1 +", "sem-right-missing", 1, 10),
        ("f =~ x1 + + x2", "sem-right-missing", 1, 11),
        ("f =~ a*", "sem-right-missing", 1, 8),
        ("f + =~ x", "sem-right-missing", 1, 4),
        ("f =~ + x1", "sem-name-expected", 1, 6),
        ("f =~ x1*2", "sem-name-expected", 1, 9),
        ("f =~ 1", "sem-name-expected", 1, 6),
        ("y ~ x + 5", "sem-name-expected", 1, 9),
        ("y ~~ 0", "sem-name-expected", 1, 6),
        ("1 ~ x", "sem-name-expected", 1, 1),
        ("f =~ NA", "sem-name-expected", 1, 6),
        ("f =~ a*TRUE", "sem-name-expected", 1, 8),
        ("f =~ x1 x2", "sem-plus-expected", 1, 9),
        ("y ~ x - z", "sem-plus-expected", 1, 7),
        ("y z ~ x", "sem-plus-expected", 1, 3),
        ("a*y ~ x", "sem-plus-expected", 1, 2),
        ("y ~ log(x)", "sem-plus-expected", 1, 8),
        ("y ~ x1:x2", "sem-interaction", 1, 7),
        ("y ~ b*x1:x2", "sem-interaction", 1, 9),
        ("x1:x2 ~ y", "sem-interaction", 1, 3),
        ("f =~ x\nlevel: 1\ny ~ x", "sem-not-supported", 2, 1),
        ("within:\ny ~ x", "sem-not-supported", 1, 1),
        ('efa("block")*f =~ x', "sem-not-supported", 1, 1),
        ('s =~ rv("slope")*x', "sem-not-supported", 1, 6),
        ("s =~ prior(1)*x", "sem-not-supported", 1, 6),
        ("f =~ lower(0)*x", "sem-bound", 1, 6),
        ("f =~ x1)", "sem-parenthesis", 1, 8),
        ("f =~ c(1,2*x1", "sem-parenthesis", 1, 7),
        ("a == (b; c == d", "sem-parenthesis", 1, 6),
        ("f =~ 'a*x", "sem-quote", 1, 6),
        ("y ~ x + y", "sem-same-both", 1, 9),
        ("f =~ f", "sem-same-both", 1, 6),
        ("y ~*~ x", "sem-scale-of-itself", 1, 7),
        ("y | x", "sem-threshold-name", 1, 5),
        ("y | t0", "sem-threshold-name", 1, 5),
        ("f =~ *x", "sem-modifier", 1, 6),
        ("f =~ a+b*c(1,)*x", "sem-modifier", 1, 10),
        ("f =~ (a*b)*x", "sem-modifier", 1, 6),
        ("f =~ start(a)*x", "sem-modifier", 1, 6),
        ("f =~ a?x", "sem-modifier", 1, 6),
        ("f =~ start(1)?x", "sem-modifier", 1, 6),
        ("f =~ label(1)*x", "sem-modifier", 1, 6),
        ("f =~ 1/0*x", "sem-modifier", 1, 6),
        ("f =~ sqrt(-1)*x", "sem-modifier", 1, 6),
        ("f =~ c(a, 1)*x", "sem-modifier-mixed", 1, 6),
        ("f =~ 1*x + 2*x", "sem-modifier-twice", 1, 12),
        ("f =~ a*x + b*x", "sem-modifier-twice", 1, 12),
        ("f =~ a*b*x", "sem-modifier-twice", 1, 8),
        ("a*b := c", "sem-definition-name", 1, 1),
        ("a := b +", "sem-expression", 1, 9),
        ("a := b c", "sem-expression", 1, 8),
        ("a == b ? c", "sem-expression", 1, 8),
        ("a := foo(b)", "sem-function-unknown", 1, 6),
        ("f =~ sd(2)*x", "sem-function-unknown", 1, 6),
    ],
)
def test_a_wrong_model_is_refused_where_it_is_wrong(text, code, line, column):
    with pytest.raises(ModelError) as refused:
        parse(text)
    assert (refused.value.code, refused.value.params["line"], refused.value.params["column"]) == (
        code,
        line,
        column,
    )
    for language in LANGUAGES:
        assert str(line) in refused.value.in_language(language)


# --- round trip ------------------------------------------------------------------------------------------

NAMES = st.from_regex(r"[a-zñé][\wáü.]{0,6}", fullmatch=True).filter(
    lambda name: name not in ("c", "pi", "group")
)
NUMBERS = st.floats(-1e6, 1e6).map(lambda number: number + 0.0)
BLANKS = st.sampled_from(["", " ", "  "])


@st.composite
def formulas_of_one_statement(draw):
    lhs, op = draw(NAMES), draw(st.sampled_from(["=~", "~", "~~", "<~"]))
    names = draw(st.lists(NAMES.filter(lambda name: name != lhs), min_size=1, max_size=4, unique=True))

    def values(kind):
        return draw(st.lists(kind, max_size=3).map(tuple))

    return [
        Formula(lhs, op, rhs, values(NUMBERS), values(NUMBERS), values(NAMES), values(NAMES)) for rhs in names
    ]


def written(formula):
    """The formula's term as text, one mention a modifier."""
    mentions = []
    if formula.fixed:
        mentions.append(f"c({', '.join(map(repr, formula.fixed))})*{formula.rhs}")
    if formula.start:
        mentions.append(f"start({','.join(map(repr, formula.start))})*{formula.rhs}")
    if formula.label:
        mentions.append(f"c({','.join(formula.label)})*{formula.rhs}")
    if formula.equal:
        mentions.append("equal({})*{}".format(",".join(f'"{name}"' for name in formula.equal), formula.rhs))
    return mentions or [formula.rhs]


@given(st.lists(formulas_of_one_statement(), min_size=1, max_size=4), st.data())
def test_what_is_written_is_read_back(statements, data):
    lines = []
    for formulas in statements:
        plus = f"{data.draw(BLANKS)}+{data.draw(st.sampled_from(['', ' ', chr(10)]))}"
        terms = plus.join(mention for formula in formulas for mention in written(formula))
        lines.append(f"{formulas[0].lhs}{data.draw(BLANKS)}{formulas[0].op}{data.draw(BLANKS)}{terms}")
    text = data.draw(st.sampled_from(["\n", " ; ", " # note\n", "\n\n"])).join(lines)
    assert bare(text) == [formula for formulas in statements for formula in formulas]


@given(st.text(alphabet="fxy1 .=~*+|:<>()#\n;'c,?-^/&", max_size=25))
def test_any_text_is_read_or_refused_with_its_place(text):
    refused = refusal_of(text)
    if refused is not None:
        lines = text.split("\n")
        line, column = refused.params["line"], refused.params["column"]
        assert 1 <= line <= len(lines)
        assert 1 <= column <= len(lines[line - 1]) + 1
        assert all(refused.in_language(language) for language in LANGUAGES)


def refusal_of(text):
    try:
        parse(text)
    except ModelError as refused:
        return refused
    return None
