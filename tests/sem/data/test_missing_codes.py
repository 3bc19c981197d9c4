"""Numbers that surveys write for "no answer": doubted far from all others, left out where they are named."""

import warnings

import numpy as np
import pytest

from confianza import sem
from confianza.errors import ModelError
from confianza.sem.data.columns import Columns, likely_codes
from tests.sem.samples import people

MODEL = "f =~ y1 + y2 + y3 + y4"
NAN = np.nan


def coded(code, *names, kind="cut"):
    """Items of three categories, or numbers; every tenth value of some is a code."""
    data = people(kind=kind)
    for name in names:
        data[name] = data[name].copy()
        data[name][::10] = code
    return data


def warned(data, **options):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit = sem.cfa(MODEL, data, **options)
    return fit, {one.message.code: one.message for one in caught}


@pytest.mark.parametrize("options", [{}, {"ordered": True}], ids=["numbers", "ordered"])
@pytest.mark.parametrize("code", [-99, 999, -9, 9, 98, -888])
def test_codes_are_doubted_with_name_and_count(code, options):
    _, said = warned(coded(code, "y1", "y3"), **options)
    message = said["sem-missing-codes"]
    assert message.params == {"values": f"y1: {code} (×24), y3: {code} (×24)", "codes": str(code)}
    assert f"--missing-codes={code}" in message.in_language("es")


@pytest.mark.parametrize(
    "values",
    [
        [1, 2, 3, 4, 5, 6, 7, 8, 9],
        [90, 95, 97, 99],
        [0, 20, 50, 99, 100],
        [-9, -4, 0, 3, 8],
        [1, 2, 3, 4, 5, 8],
        [99, 99, 98],
        [1, 1, 99],
        [-2.5, 0.1, 2.4],
        [NAN, NAN],
    ],
)
def test_numbers_among_others_are_no_codes(values):
    assert likely_codes("x", np.array(values, dtype=float)) == []


def test_several_codes_are_told_apart_from_the_answers():
    assert likely_codes("x", np.array([1, 5, 5, -99, -98, 999.0])) == [
        ("x", -99.0, 1),
        ("x", -98.0, 1),
        ("x", 999.0, 1),
    ]


@pytest.mark.parametrize("missing", ["listwise", "fiml"])
def test_named_codes_are_missing(missing):
    fit, said = warned(coded(-99, "y1", kind="numbers"), missing_codes=[-99], missing=missing)
    plain, _ = warned(coded(NAN, "y1", kind="numbers"), missing=missing)
    assert not said
    assert fit.estimates["est"] == pytest.approx(plain.estimates["est"], rel=1e-9)


def test_named_codes_are_no_categories():
    fit, said = warned(coded(-99, "y1"), missing_codes=-99, ordered=True)
    assert fit.table.ordered["y1"] == 3
    assert not said


def test_named_codes_are_no_groups():
    data = people()
    data["nation"] = np.where(np.arange(240) % 10 == 0, "?", data["nation"])
    fit, _ = warned(data, group="nation", missing_codes=["?"])
    assert sorted(fit.group_labels) == ["north", "south"]
    assert fit.moments.total == 216


@pytest.mark.parametrize("codes", [[-99], ["-99"], [-99.0], ["."]])
def test_a_code_is_a_number_however_it_is_written(codes):
    columns = Columns(
        {"n": np.array([1, -99]), "t": np.array(["1", "-99"]), "d": np.array(["1", "."])}, codes
    )
    if codes == ["."]:
        assert np.isnan(columns.numbers("d")[1])
    else:
        assert np.isnan(columns.numbers("n")[1])
        assert np.isnan(columns.numbers("t")[1])


def test_a_fit_with_named_codes_is_kept():
    fit, _ = warned(coded(-99, "y1", kind="numbers"), missing_codes=[-99])
    assert sem.from_json(fit.to_json()).options.missing_codes == (-99,)


@pytest.mark.parametrize(
    "codes",
    [{"y1": -99}, {}, [None], [True], [[-99]], b"NA", np.array(["2020-01-01"], "M8[D]"), 1j],
    ids=str,
)
def test_codes_that_are_neither_numbers_nor_texts_are_refused(codes):
    with pytest.raises(ModelError) as refused:
        sem.cfa(MODEL, people(), missing_codes=codes)
    assert refused.value.code == "sem-option-value"
    assert refused.value.params["name"] == "missing_codes"


@pytest.mark.parametrize(
    "codes", [-99, "-99", [-99], (-99.0,), {-99}, np.array([-99]), np.int64(-99)], ids=repr
)
def test_codes_come_alone_or_in_any_collection(codes):
    fit = sem.cfa(MODEL, coded(-99, "y1"), missing_codes=codes)
    assert fit.moments.total == 216
