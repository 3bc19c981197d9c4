"""Tables of data that commands read: CSV, XLSX, Parquet."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from confianza.cli.files import FileRefusal, read_file
from confianza.errors import ImportRefusal, Problem
from confianza.evidence.table_files import workbook_rows

MISSING = frozenset({"", "NA", "NaN", "nan", "N/A", "n/a", "NULL", "null", ".", "#N/A", "#NA", "<NA>"})
SEPARATORS = ",;\t"
PARQUET_READERS = ("polars", "pyarrow")
MOST_SHOWN = 10
# Files that other programs write, by their endings and by their first bytes.
OTHER_ENDINGS = {
    **dict.fromkeys((".sav", ".zsav", ".por"), "SPSS"),
    ".dta": "Stata",
    **dict.fromkeys((".sas7bdat", ".xpt"), "SAS"),
    **dict.fromkeys((".rds", ".rda", ".rdata"), "R"),
    **dict.fromkeys((".xls", ".xlsb"), "Excel 97–2003"),
    **dict.fromkeys((".ods", ".fods"), "LibreOffice"),
}
OTHER_BYTES = {
    b"$FL2": "SPSS",
    b"$FL3": "SPSS",
    b"<stata_dta>": "Stata",
    b"\xd0\xcf\x11\xe0": "Excel 97–2003",
}


@dataclass(frozen=True)
class DataTable:
    """Columns by name, numbers where every value is one, else texts (None where missing); rows as the file counts."""

    file: str
    columns: Mapping[str, NDArray[Any]]
    row_numbers: Sequence[int]

    def not_numbers(self, field: str, missing_codes: Collection[str] = ()) -> ImportRefusal:
        """The refusal that names the values of a column that are neither numbers nor codes of missing ones."""
        wrong = [
            Problem("data-not-number", self.file, row=row, field=field, params={"value": str(value)})
            for row, value in zip(self.row_numbers, self.columns[field], strict=True)
            if value is not None and _number(value) is None and value not in missing_codes
        ]
        return ImportRefusal(wrong[:MOST_SHOWN])


def read_table(path: Path) -> DataTable:
    """The table of a file, whole or not at all.

    Raises
    ------
    ImportRefusal, FileRefusal
        It cannot be read, another program wrote it in a form of its own, it has no rows, a column without a name or with
        another's, or a row with too many values.
    """
    content = read_file(path)
    kind = path.suffix.lower()
    begins = (program for start, program in OTHER_BYTES.items() if content.startswith(start))
    if program := OTHER_ENDINGS.get(kind) or next(begins, ""):
        raise ImportRefusal([Problem("data-other-program", path.name, params={"program": program})])
    if kind in {".parquet", ".pq"}:
        columns = _parquet(content, path)
        count = len(next(iter(columns.values()), []))
        return DataTable(path.name, columns, range(1, count + 1))
    try:
        is_workbook = kind == ".xlsx"
        rows = (
            workbook_rows(BytesIO(content), path.name, missing=MISSING) if is_workbook else _csv_rows(content)
        )
    except ImportRefusal:
        raise
    except Exception as error:  # what a broken workbook raises depends on the part that is broken
        detail = str(error) or type(error).__name__
        raise ImportRefusal([Problem("data-unreadable", path.name, params={"detail": detail})]) from error
    return _table(path.name, rows)


def _csv_rows(content: bytes) -> list[tuple[int, list[Any]]]:
    text = content.decode("utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig")
    first = text.split("\n", 1)[0]
    separator = max(SEPARATORS, key=first.count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    return [(reader.line_num, list(row)) for row in reader]


def _table(file: str, rows: Sequence[tuple[int, list[Any]]]) -> DataTable:
    rows = [(number, values) for number, values in rows if any(value not in (None, "") for value in values)]
    if len(rows) < 2:
        raise ImportRefusal([Problem("data-empty", file)])
    names = ["" if value is None else str(value).strip() for value in rows[0][1]]
    while names and not names[-1]:
        names.pop()
    if names and not names[0] and _are_row_names([values[0] for _, values in rows[1:] if values]):
        names, rows = names[1:], [(number, values[1:]) for number, values in rows]
    odd = sorted({name or "''" for name in names if not name or names.count(name) > 1})
    if odd:
        raise ImportRefusal([Problem("data-columns", file, row=rows[0][0], params={"names": ", ".join(odd)})])
    problems = [
        Problem("data-row", file, row=number, params={"values": len(values), "columns": len(names)})
        for number, values in rows[1:]
        if len(values) < len(names) or any(value not in (None, "") for value in values[len(names) :])
    ]
    if problems:
        raise ImportRefusal(problems[:MOST_SHOWN])
    columns = {name: _column(values[place] for _, values in rows[1:]) for place, name in enumerate(names)}
    return DataTable(file, columns, [number for number, _ in rows[1:]])


def _are_row_names(values: Sequence[Any]) -> bool:
    """Whether the values of a first column without a name tell the rows apart, as R and pandas write them."""
    texts = [str(value).strip() for value in values]
    return all(texts) and len(set(texts)) == len(texts)


def _number(value: object) -> float | None:
    if isinstance(value, bool | int | float):
        return float(value)
    text = str(value).strip()
    try:
        return None if "_" in text else float(text)
    except ValueError:
        return None


def _column(values: Iterable[Any]) -> NDArray[Any]:
    """Numbers with NaN where missing; texts with None when one value is no number."""
    present = [None if value is None or str(value).strip() in MISSING else value for value in values]
    numbers = [None if value is None else _number(value) for value in present]
    if any(number is None and value is not None for number, value in zip(numbers, present, strict=True)):
        return np.array([None if value is None else str(value).strip() for value in present], dtype=object)
    return np.array([np.nan if number is None else number for number in numbers])


def _parquet(content: bytes, path: Path) -> dict[str, NDArray[Any]]:
    library = next((name for name in PARQUET_READERS if find_spec(name)), None)
    if library is None:
        raise FileRefusal("data-parquet-library", file=path, known=", ".join(PARQUET_READERS))
    try:
        if library == "polars":
            columns = import_module("polars").read_parquet(BytesIO(content)).to_dict(as_series=False)
        else:
            columns = import_module("pyarrow.parquet").read_table(BytesIO(content)).to_pydict()
    except Exception as error:
        detail = str(error).splitlines()[0]
        raise ImportRefusal([Problem("data-unreadable", path.name, params={"detail": detail})]) from error
    return {name: _column(values) for name, values in columns.items()}
