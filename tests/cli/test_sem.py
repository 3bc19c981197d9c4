"""`confianza sem` as people run it, without a workspace and without Django."""

import csv
import io
import os
from pathlib import Path

import openpyxl
import pytest
from defusedxml import ElementTree

from confianza import sem
from tests.processes import run_command

DATA = Path(__file__).parents[1] / "sem/reference/data/hs.csv"
MODEL = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "model.txt").write_text(MODEL)
    (tmp_path / "hs.csv").write_bytes(DATA.read_bytes())
    return tmp_path


def run(folder, *arguments, code=0, given="", language="C.UTF-8"):
    """A run with Django blocked."""
    done = run_command(
        ["sem", *arguments],
        folder=folder,
        environment=os.environ | {"PYTHONUTF8": "1", "LC_ALL": language},
        stdin=given,
        is_without_django=True,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done


def test_summary_is_that_of_the_library(folder):
    said = run(
        folder,
        *("fit", "model.txt", "hs.csv", "--convention", "cfa", "--group", "school"),
        *("--group-equal", "loadings,intercepts", "--fit-measures", "--standardized"),
    ).stdout
    columns = {name: list(values) for name, values in zip(*_columns(), strict=True)}
    fit = sem.cfa(MODEL, columns, group="school", group_equal=["loadings", "intercepts"])
    assert said == str(fit.summary(fit_measures=True, standardized=True))


def _columns():
    head, *rows = list(csv.reader(DATA.read_text().splitlines()))
    return head, [
        [float(value or "nan") if name not in {"school", "age"} else value for value in values]
        for name, values in zip(head, zip(*rows, strict=True), strict=True)
    ]


def test_model_from_standard_input_and_json_that_reads_back(folder):
    said = run(folder, "fit", "-", "hs.csv", "--format", "json", given=MODEL).stdout
    fit = sem.from_json(said)
    assert fit.measures["chisq"] == pytest.approx(85.306, abs=1e-3)  # as printed in Rosseel (2012), p. 9
    assert fit.measures["df"] == 24


def test_csv_of_estimates_with_standardized_ones(folder):
    said = run(folder, "fit", "model.txt", "hs.csv", "--format", "csv", "--standardized").stdout
    rows = list(csv.DictReader(io.StringIO(said)))
    (row,) = (row for row in rows if (row["lhs"], row["op"], row["rhs"]) == ("visual", "=~", "x2"))
    assert float(row["est"]) == pytest.approx(0.554, abs=1e-3)
    assert float(row["std_all"]) == pytest.approx(0.424, abs=1e-3)
    assert (rows[0]["est"], rows[0]["z"]) == ("1.0", "")


def test_diagram_is_written(folder):
    run(folder, "fit", "model.txt", "hs.csv", "--diagram", "path.svg")
    assert ElementTree.parse(folder / "path.svg").getroot().tag.endswith("svg")


@pytest.mark.parametrize("kind", ["xlsx", "semicolons"])
def test_other_files_give_the_same(folder, kind):
    rows = list(csv.reader(DATA.read_text().splitlines()))
    if kind == "xlsx":
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append([_cell(value) for value in row])
        book.save(folder / "other.xlsx")
        name = "other.xlsx"
    else:
        name = "other.csv"
        (folder / name).write_text("\n".join(";".join(row) for row in rows), encoding="utf-8-sig")
    asked = ("--format", "csv", "--group", "school")
    expected = run(folder, "fit", "model.txt", "hs.csv", *asked).stdout
    assert run(folder, "fit", "model.txt", name, *asked).stdout == expected


def _cell(value):
    try:
        return float(value)
    except ValueError:
        return value or None


def test_missing_values_and_ordered_items(folder):
    rows = list(csv.reader(DATA.read_text().splitlines()))
    rows[1][5], rows[2][6], rows[3][7] = "NA", "", "NaN"
    (folder / "gaps.csv").write_text("\n".join(",".join(row) for row in rows))
    said = run(folder, "fit", "model.txt", "gaps.csv", "--missing", "fiml").stdout
    assert "Number of missing patterns                         4" in said
    place = rows[0].index("x1")
    answers = [
        [str(1 + (float(value) > limit)) for value, limit in zip(row[place:], (5, 6, 2), strict=False)]
        for row in rows[4:]
    ]
    cut = [["x1", "x2", "x3"], *answers]
    (folder / "cut.csv").write_text("\n".join(",".join(row) for row in cut))
    said = run(folder, "fit", "-", "cut.csv", "--ordered", "all", given="f =~ x1 + x2 + x3").stdout
    assert "Estimator                                       DWLS" in said
    assert "x1|t1" in said


@pytest.mark.parametrize("first", ['""', ""], ids=["R", "pandas"])
@pytest.mark.parametrize("words", [("NA", "NA"), (".", "#N/A")], ids=["NA", "SAS and Excel"])
def test_row_names_and_missing_values_of_other_programs(folder, first, words):
    """write.csv and to_csv put a column of row names without a name first."""
    head, *rows = list(csv.reader(DATA.read_text().splitlines()))
    rows[0][head.index("x1")], rows[1][head.index("x2")] = words
    named = [[first, *head], *([str(number), *row] for number, row in enumerate(rows, 1))]
    (folder / "named.csv").write_text("\n".join(",".join(row) for row in named))
    rows[0][head.index("x1")] = rows[1][head.index("x2")] = ""
    (folder / "plain.csv").write_text("\n".join(",".join(row) for row in [head, *rows]))
    asked = ("--format", "csv", "--missing", "fiml")
    expected = run(folder, "fit", "model.txt", "plain.csv", *asked).stdout
    assert run(folder, "fit", "model.txt", "named.csv", *asked).stdout == expected


def test_tables_in_utf_16_are_read(folder):
    (folder / "wide.csv").write_text(DATA.read_text(), encoding="utf-16")
    asked = ("--format", "csv")
    expected = run(folder, "fit", "model.txt", "hs.csv", *asked).stdout
    assert run(folder, "fit", "model.txt", "wide.csv", *asked).stdout == expected


@pytest.mark.parametrize(
    ("name", "program"),
    [
        ("d.sav", "SPSS"),
        ("d.dta", "Stata"),
        ("d.sas7bdat", "SAS"),
        ("d.rds", "R"),
        ("d.xls", "Excel 97–2003"),
    ],
)
def test_files_of_other_programs_are_named(folder, name, program):
    (folder / name).write_bytes(b"\x00\x01\x02")
    said = run(folder, "fit", "model.txt", name, code=1).stderr
    assert f"{name}: this is a file of {program}, which is not read here" in said
    said = run(folder, "fit", "model.txt", name, code=1, language="es_MX.UTF-8").stderr
    assert f"{name}: es un archivo de {program}" in said


def test_codes_of_missing_answers_are_told_and_left_out(folder):
    path = "x1 ~ x2 + x3"
    head, *rows = list(csv.reader(DATA.read_text().splitlines()))
    for place, code in enumerate(("-99", "999", "refused")):
        rows[place][head.index("x1")] = code
    (folder / "coded.csv").write_text("\n".join(",".join(row) for row in [head, *rows]))
    said = run(folder, "fit", "-", "coded.csv", "--missing-codes", "refused", given=path).stderr
    assert "x1: -99 (×1), x1: 999 (×1)" in said
    assert "--missing-codes=-99,999" in said
    done = run(folder, "fit", "-", "coded.csv", "--missing-codes", "-99,999,refused", given=path)
    assert not done.stderr
    assert "Number of observations                           298         301" in done.stdout
    said = run(folder, "fit", "-", "coded.csv", "--missing-codes=-99", code=1, given=path).stderr
    assert "coded.csv, row 4, field x1: 'refused' is not a number" in said


def test_what_is_wrong_is_named_with_file_row_and_field(folder):
    lines = DATA.read_text().splitlines()
    cells = lines[6].split(",")
    cells[6] = "five"
    broken = [*lines[:6], ",".join(cells), *lines[7:]]
    (folder / "bad.csv").write_text("\n".join(broken))
    said = run(folder, "fit", "model.txt", "bad.csv", code=1).stderr
    assert "bad.csv, row 7, field x2: 'five' is not a number" in said
    assert "archivo" not in said
    spanish = run(folder, "fit", "model.txt", "bad.csv", code=1, language="es_MX.UTF-8").stderr
    assert "bad.csv, fila 7, campo x2: 'five' no es un número" in spanish


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "bad.csv: the table has no rows"),
        ("x1,x2\n", "bad.csv: the table has no rows"),
        ("x1,,x3\n1,2,3\n", "bad.csv, row 1: columns without a name"),
        (",x1,x2\n1,1,2\n1,2,3\n", "bad.csv, row 1: columns without a name"),
        (b"$FL2@(#) SPSS DATA FILE", "bad.csv: this is a file of SPSS, which is not read here"),
        ("x1,x1\n1,2\n", "bad.csv, row 1: columns without a name or with the same one: x1"),
        ("x1,x2\n1,2\n1,2,3\n4\n", "bad.csv, row 3: the row has 3 values for 2 columns"),
        ('x1,x2\n"1,2\n', "bad.csv: the file cannot be read as a table"),
        (b"x1,x2\n\xff\xfe,2\n", "bad.csv: the file cannot be read as a table"),
    ],
)
def test_tables_that_cannot_be_read_are_refused(folder, content, said):
    path = folder / "bad.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert said in run(folder, "fit", "model.txt", "bad.csv", code=1).stderr


def test_parquet_needs_a_library_or_is_read(folder):
    (folder / "hs.parquet").write_bytes(b"PAR1")
    said = run(folder, "fit", "model.txt", "hs.parquet", code=1).stderr
    assert "Install one of polars, pyarrow" in said or "cannot be read as a table" in said


def test_faults_of_the_model_and_of_the_search(folder):
    assert "Line 1, column 10" in run(folder, "fit", "-", "hs.csv", code=1, given="f =~ x1 +").stderr
    assert "no column 'x99'" in run(folder, "fit", "-", "hs.csv", code=1, given="f =~ x1 + x99").stderr
    assert "absent.txt cannot be read" in run(folder, "fit", "absent.txt", "hs.csv", code=1).stderr
    said = run(folder, "fit", "model.txt", "hs.csv", "--estimator", "BEST", code=1).stderr
    assert "MLR" in said


def test_doubts_are_said_once_on_standard_error(folder):
    done = run(folder, "fit", "-", "hs.csv", given=MODEL + "g =~ visual + textual + speed\ng ~ ageyr + sex")
    assert done.stderr.count("negative") == 1
    assert "SemWarning" not in done.stderr


def test_ladder_of_invariance_says_what_may_be_compared(folder):
    said = run(folder, "invariance", "model.txt", "hs.csv", "--group", "school", "--partial").stdout
    columns = dict(zip(*_columns(), strict=True))
    found = sem.invariance(MODEL, columns, group="school", partial=True)
    assert said == found.summary() + "\n"
    assert found.allowed_comparisons() in said
    spanish = run(folder, "invariance", "model.txt", "hs.csv", "--group", "school", "--language", "es").stdout
    assert sem.invariance(MODEL, columns, group="school").allowed_comparisons("es") in spanish
