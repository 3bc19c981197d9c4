"""The parameter table: lavaan is the referee; what it leaves open is asserted here."""

import json
import math
from pathlib import Path

import pytest

from confianza.errors import LANGUAGES, ModelError
from confianza.sem.model.build_table import parameter_table
from confianza.sem.model.parameter_table import ParameterTable
from confianza.sem.model.table_options import TableOptions

FOLDER = Path(__file__).parents[1] / "reference" / "syntax"
CASES = json.loads((FOLDER / "cases.json").read_text(encoding="utf-8"))
LAVAAN = json.loads((FOLDER / "lavaan.json").read_text(encoding="utf-8"))
COLUMNS = ("lhs", "op", "rhs", "group", "user", "free", "value", "label", "plabel", "exo")
MODEL = "f =~ x1 + x2 + x3"


def table(model, **arguments) -> ParameterTable:
    options = TableOptions(**arguments.pop("options", {}))
    return parameter_table(model, options=options, **arguments)


def brief(made: ParameterTable) -> list[tuple]:
    """Rows as lavaan's script writes them; start values that nobody wrote are left out on both sides."""
    return [
        (
            row.lhs,
            row.op,
            row.rhs,
            row.group,
            row.user,
            row.free > 0,
            None
            if math.isnan(row.value) or (row.free and not row.user)
            else pytest.approx(row.value, rel=1e-13),
            row.label,
            row.plabel,
            row.exo,
        )
        for row in made.rows
    ]


@pytest.mark.parametrize("number", range(len(CASES)))
def test_the_table_is_lavaans(number):
    case, expected = CASES[number], LAVAAN["tables"][number]
    made = parameter_table(
        case["model"],
        convention=case["convention"],
        n_groups=case["n_groups"],
        categories=case["categories"],
        options=TableOptions(**case["options"]),
    )
    rows = expected["rows"]
    assert brief(made) == list(zip(*(rows[name] for name in COLUMNS), strict=True))
    assert [row.free for row in made.rows if row.free] == list(range(1, sum(rows["free"]) + 1))
    assert list(made.observed) == expected["observed"]
    assert list(made.latent) == expected["latent"]
    if any(rows["exo"]):
        assert list(made.exogenous) == expected["exogenous"]
    assert set(made.ordered) == set(expected["ordered"]) - set(expected["exogenous"])


def rows(made, op, group=1):
    return [row for row in made.rows if row.op == op and row.group == group]


def test_a_label_missing_in_one_group_leaves_that_group_alone():
    """lavaan reads c(NA, a) as one label for all groups, c(NA, "a") as we do."""
    made = table("f =~ x1 + c(NA, a)*x2", n_groups=2)
    assert [rows(made, "=~", group)[1].label for group in (1, 2)] == ["", "a"]


def test_equal_joins_the_set_of_a_labeled_target():
    """lavaan forgets the equality when the target has a label of its own."""
    made = table("f =~ x1 + a*x2 + equal('f =~ x2')*x3")
    assert [(row.lhs, row.rhs) for row in made.rows if row.op == "=="] == [(".p2.", ".p3.")]


def test_a_partial_covariance_is_found_either_way_round():
    """lavaan silently keeps the equality when the two sides are not in its order."""
    options = {"group_equal": "lv.covariances", "group_partial": "g ~~ f"}
    made = table("f =~ x1 + x2\ng =~ y1 + y2", n_groups=2, options=options)
    assert not [row for row in made.rows if row.op == "=="]


def test_latent_means_of_later_blocks_are_free_under_equal_intercepts():
    """lavaan leaves them at zero in a model of `group:` blocks, so that the groups' means are forced to be equal."""
    blocks = f"group: 1\n{MODEL}\ngroup: 2\n{MODEL}"
    made = table(blocks, n_groups=2, options={"group_equal": ["loadings", "intercepts"]})
    whole = table(MODEL, n_groups=2, options={"group_equal": ["loadings", "intercepts"]})
    assert [row.free > 0 for row in made.rows] == [row.free > 0 for row in whole.rows]
    assert rows(made, "~1", 2)[-1].free


def test_an_option_given_wins_over_the_convention():
    """lavaan's sem() overwrites some of them without a word."""
    made = table(
        MODEL, convention="sem", options={"auto_fix_first": False, "int_lv_free": True, "meanstructure": True}
    )
    assert all(row.free for row in made.rows if row.op in ("=~", "~1"))


def test_blocks_go_to_the_groups_they_name():
    made = table(
        "group: south\nf =~ y1 + y2\ngroup: north\nf =~ x1 + x2", n_groups=2, group_labels=["north", "south"]
    )
    assert {row.rhs for row in rows(made, "=~", 1)} == {"x1", "x2"}
    assert {row.rhs for row in rows(made, "=~", 2)} == {"y1", "y2"}


# --- models given as tables ----------------------------------------------------------------------------


class Frame:
    """The part of a dataframe that is asked for."""

    def __init__(self, columns):
        self.data = columns
        self.columns = list(columns)

    def __getitem__(self, name):
        return self.data[name]


COLUMNS_OF_MODEL = {
    "lhs": ["f", "f", "f", "d"],
    "op": ["=~", "=~", "=~", ":="],
    "rhs": ["x1", "x2", "x3", "a*2"],
    "label": ["", "a", None, ""],
    "start": [math.nan, 0.5, None, math.nan],
}


@pytest.mark.parametrize(
    "model",
    [
        COLUMNS_OF_MODEL,
        Frame(COLUMNS_OF_MODEL),
        [
            dict(zip(COLUMNS_OF_MODEL, cells, strict=True))
            for cells in zip(*COLUMNS_OF_MODEL.values(), strict=True)
        ],
    ],
)
def test_a_table_without_free_is_a_model_like_its_text(model):
    assert repr(table(model)) == repr(table("f =~ x1 + a*x2 + start(0.5)*x2 + x3\nd := a*2"))


@pytest.mark.parametrize("number", range(0, len(CASES), 7))
def test_a_complete_table_comes_back_as_it_is(number):
    case = CASES[number]
    options = TableOptions(**case["options"])
    made = parameter_table(
        case["model"],
        convention=case["convention"],
        n_groups=case["n_groups"],
        categories=case["categories"],
        options=options,
    )
    columns = {name: [getattr(row, name) for row in made.rows] for name in COLUMNS}
    again = parameter_table(columns, options=options)
    assert repr(again.rows) == repr(made.rows)
    assert (again.observed, again.latent, again.exogenous) == (made.observed, made.latent, made.exogenous)
    assert (again.n_groups, again.has_means, dict(again.ordered)) == (
        made.n_groups,
        made.has_means,
        made.ordered,
    )


def test_a_complete_table_makes_shared_labels_equal():
    columns = {"lhs": "ff", "op": ["=~", "=~"], "rhs": ["x1", "x2"], "free": [1, 2], "label": ["a", "a"]}
    assert [(row.lhs, row.op, row.rhs) for row in table(columns).rows][-1] == (".p1.", "==", ".p2.")


# --- refusals --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "arguments", "code", "params"),
    [
        (MODEL, {"convention": "efa"}, "sem-option-value", {"name": "convention"}),
        (MODEL, {"options": {"group_equal": "loading"}}, "sem-option-value", {"value": "loading"}),
        (MODEL, {"options": {"effect_coding": "means"}}, "sem-option-value", {"name": "effect_coding"}),
        (MODEL, {"options": {"parameterization": "gamma"}}, "sem-option-value", {"value": "gamma"}),
        (MODEL, {"options": {"std_lv": True, "effect_coding": True}}, "sem-options-conflict", {}),
        (
            "y ~ x",
            {"options": {"fixed_x": False, "conditional_x": True}},
            "sem-options-conflict",
            {"first": "fixed_x=False"},
        ),
        (f"{MODEL}\nf =~ a*x2", {}, "sem-element-twice", {"line": 2, "column": 6, "first": 1}),
        ("y ~~ x\nx ~~ y", {}, "sem-element-twice", {"line": 2, "column": 6}),
        (
            f"{MODEL}\ng =~ c(1,2)*y",
            {},
            "sem-modifier-count",
            {"line": 2, "column": 6, "count": 2, "groups": 1},
        ),
        ("f =~ c(a,b)*x1 + x2", {"n_groups": 3}, "sem-modifier-count", {"count": 2, "groups": 3}),
        ("group: 3\nf =~ x", {"n_groups": 2}, "sem-block-unknown", {"text": "3", "line": 2, "known": "1, 2"}),
        ("y ~ x\ngroup: 1\nf =~ x", {"n_groups": 2}, "sem-block-unknown", {"line": 1}),
        ("group: 1\nf =~ x", {"n_groups": 2}, "sem-block-missing", {"text": 2}),
        (MODEL, {"data_names": ["x1", "x2", "x3", "f"]}, "sem-latent-in-data", {"name": "f", "line": 1}),
        (
            f"{MODEL}\nf ~ agee",
            {"data_names": ["x1", "x2", "x3", "age"]},
            "sem-variable-missing",
            {"name": "agee", "line": 2, "column": 5, "near": "age"},
        ),
        (f"{MODEL}\nx1 | t1", {}, "sem-threshold-unordered", {"name": "x1", "line": 2}),
        (f"{MODEL}\nx1 ~*~ x1", {}, "sem-threshold-unordered", {"name": "x1"}),
        (
            f"{MODEL}\nx1 | t3",
            {"categories": {"x1": 3}},
            "sem-threshold-too-many",
            {"count": 3, "last": 2, "line": 2, "column": 6},
        ),
        ("f =~ x1 + equal('f=~x9')*x2", {}, "sem-equal-unknown", {"text": "f=~x9", "line": 1, "column": 11}),
        (
            MODEL,
            {"n_groups": 2, "options": {"group_equal": "loadings", "group_partial": "f =~ x9"}},
            "sem-partial-unknown",
            {"text": "f =~ x9"},
        ),
        ({"lhs": ["f"], "rhs": ["x"]}, {}, "sem-table-columns", {"absent": "op"}),
        ([], {}, "sem-table-columns", {}),
        ({"lhs": ["f"], "op": ["=~"], "rhs": ["x", "y"]}, {}, "sem-table-lengths", {}),
        ({"lhs": ["f"], "op": ["->"], "rhs": ["x"]}, {}, "sem-table-cell", {"row": 1, "column": "op"}),
        (
            {"lhs": "ff", "op": ["=~", "=~"], "rhs": "xy", "fixed": [1, "one"]},
            {},
            "sem-table-cell",
            {"row": 2, "column": "fixed"},
        ),
        (
            {"lhs": "ff", "op": ["=~", "=~"], "rhs": "xy", "free": [1, 1]},
            {},
            "sem-table-free-twice",
            {"row": 2, "first": 1},
        ),
    ],
)
def test_what_contradicts_itself_or_the_data_is_refused(model, arguments, code, params):
    with pytest.raises(ModelError) as refused:
        table(model, **arguments)
    assert refused.value.code == code
    assert {name: refused.value.params[name] for name in params} == params
    assert all(refused.value.in_language(language) for language in LANGUAGES)
