"""Workbooks and CSV files as other programs write them: every row, or a refusal with the cell."""

import csv
import re
from datetime import date, datetime
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest

from confianza.errors import ImportRefusal
from confianza.evidence.table_files import cell_text, csv_rows, workbook_rows

SHEET = "xl/worksheets/sheet1.xml"
ROWS = [["name", "day", "count"], *([f"n{number}", date(2024, 1, number), number] for number in range(1, 6))]


def book_of(path, rows=ROWS, change=lambda book: None):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    change(book)
    book.save(path)
    return path


def rewritten(path: Path, change, part: str = "xl/worksheets/") -> None:
    """The workbook with the XML of its sheets (or another part) changed."""
    with ZipFile(path) as archive:
        parts = {item: archive.read(item) for item in archive.namelist()}
    with ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, change(content.decode()).encode() if name.startswith(part) else content)


def read(path, *headers, **more):
    with path.open("rb") as file:
        return workbook_rows(file, path.name, headers, **more)


def problems_of(path, *headers):
    with pytest.raises(ImportRefusal) as refusal:
        read(path, *headers)
    return [(problem.code, problem.field) for problem in refusal.value.problems]


@pytest.mark.parametrize(
    "dimension",
    ['<dimension ref="A1:B3"/>', '<dimension ref="C4:C4"/>', '<dimension ref="A1:XFD1048576"/>', ""],
)
def test_every_row_is_read_whatever_size_the_sheet_says_it_has(tmp_path, dimension):
    path = book_of(tmp_path / "a.xlsx")
    whole = read(path)
    rewritten(path, lambda text: re.sub("<dimension[^>]*/>", dimension, text))
    assert read(path) == whole
    assert [number for number, _ in whole] == [1, 2, 3, 4, 5, 6]
    assert list(map(cell_text, whole[5][1])) == ["n5", "2024-01-05", "5"]


def test_rows_keep_their_numbers_over_gaps_and_blank_ones_are_left_out(tmp_path):
    def change(book):
        book.active["A9"], book.active["A12"] = "late", " "
        book.active.row_dimensions[3].hidden = True
        for row in range(20, 30):
            book.active.cell(row, 1).font = openpyxl.styles.Font(bold=True)

    rows = read(book_of(tmp_path / "a.xlsx", change=change))
    assert [number for number, values in rows if any(map(cell_text, values))] == [1, 2, 3, 4, 5, 6, 9]
    assert rows[6] == (9, ["late", None, None])


def test_no_more_rows_with_values_are_read_than_wanted_and_blank_ones_do_not_count(tmp_path):
    path = book_of(tmp_path / "a.xlsx", [["name"], [None], [None], ["x"], ["y"]])
    assert read(path, most=2) == [(1, ["name"]), (4, ["x"])]


def test_the_sheet_is_the_one_that_has_the_columns(tmp_path):
    def change(book):
        book.create_sheet("Notes", 0).append(["How to fill this in"])

    path = book_of(tmp_path / "a.xlsx", change=change)
    assert len(read(path, ("name", "day"))) == 6
    assert problems_of(path) == [("workbook-sheets", None)]


def test_two_sheets_that_could_be_meant_are_a_refusal_and_a_hidden_list_is_not_one(tmp_path):
    def hidden(book):
        book.create_sheet("Lists").append(["yes"])
        book["Lists"].sheet_state = "hidden"

    def twice(book):
        book.create_sheet("Copy").append(ROWS[0])

    assert len(read(book_of(tmp_path / "a.xlsx", change=hidden))) == 6
    assert problems_of(book_of(tmp_path / "b.xlsx", change=twice), ("name",)) == [("workbook-sheets", None)]
    assert problems_of(book_of(tmp_path / "c.xlsx", [])) == [("workbook-empty", None)]


def spoiled(cell, value):
    def change(book):
        book.active[cell] = value

    return change


UNREADABLE = {
    "merged cells": (lambda book: book.active.merge_cells("A3:A5"), "workbook-merged", "A3:A5"),
    "a formula without its result": (spoiled("C3", "=1+1"), "workbook-formula", "C3"),
    "an error": (spoiled("C3", "#REF!"), "workbook-error", "C3"),
}


@pytest.mark.parametrize("fault", UNREADABLE)
def test_a_cell_that_cannot_be_read_as_it_looks_is_a_refusal(tmp_path, fault):
    change, code, field = UNREADABLE[fault]
    assert problems_of(book_of(tmp_path / "a.xlsx", change=change)) == [(code, field)]


def test_a_heading_may_be_merged(tmp_path):
    def change(book):
        book.active.merge_cells("C1:D1")

    assert len(read(book_of(tmp_path / "a.xlsx", change=change))) == 6


def test_a_result_that_was_stored_is_read_an_empty_one_too(tmp_path):
    path = book_of(tmp_path / "a.xlsx", [["a", "b"], [1, "=A2*3"], [2, "=A3&1"]])
    results = {"A2*3</f><v></v>": "A2*3</f><v>3</v>", '<c r="B3"><f>': '<c r="B3" t="str"><f>'}

    def change(text):
        text = text.replace("<v />", "<v></v>").replace("<v/>", "<v></v>")
        for old, new in results.items():
            assert old in text
            text = text.replace(old, new)
        return text

    rewritten(path, change)
    assert problems_of(path)[0] == (
        "workbook-formula",
        "B2",
    )  # the file asks for all of them to be computed anew
    rewritten(path, lambda text: text.replace('fullCalcOnLoad="1"', ""), "xl/workbook.xml")
    assert read(path)[1:] == [(2, [1, 3]), (3, [2, None])]


@pytest.mark.parametrize(("old", "new"), [('r="4"', 'r="3"'), ('r="C4"', 'r="A4"')])
def test_rows_or_cells_out_of_order_are_a_refusal_not_lost(tmp_path, old, new):
    path = book_of(tmp_path / "a.xlsx")
    rewritten(path, lambda text: text.replace(old, new))
    assert {code for code, _ in problems_of(path)} == {"workbook-order"}


def test_an_error_may_stand_for_a_missing_value(tmp_path):
    path = book_of(tmp_path / "a.xlsx", [["x"], ["#N/A"]])
    assert read(path, missing={"#N/A"})[1] == (2, ["#N/A"])


def test_days_of_the_calendar_from_1904_are_those_that_were_meant(tmp_path):
    def change(book):
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904

    rows = read(book_of(tmp_path / "a.xlsx", change=change))
    assert [cell_text(values[1]) for _, values in rows[1:3]] == ["2024-01-01", "2024-01-02"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (5.0, "5"),
        (0.1 + 0.2, "0.3"),
        (datetime(2024, 1, 5), "2024-01-05"),  # noqa: DTZ001 - a cell knows no zone
        (datetime(2024, 1, 5, 14, 30), "2024-01-05T14:30:00"),  # noqa: DTZ001
        (" x ", "x"),
    ],
)
def test_a_cell_is_the_text_that_a_person_would_write(value, text):
    assert cell_text(value) == text


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_first_row_tells_the_separator(tmp_path, separator):
    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=separator).writerows([["name", "amount"], ["a", "1500,75; net"], ["", ""]])
    assert list(csv_rows(path)) == [(1, ["name", "amount"]), (2, ["a", "1500,75; net"]), (3, ["", ""])]
