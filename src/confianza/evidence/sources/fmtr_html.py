"""The years of the Foreign Military Training Report that were published as web pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path

from confianza.evidence.countries import country_of_name
from confianza.evidence.sources.fmtr_layout import COST, COUNT, Line, Word, column_edges
from confianza.evidence.sources.fmtr_record import Kind, Mark, Reader, Report, country_and_rest, mark_of


class _Rows(HTMLParser):
    """The cells of every table row; ends of cells and rows may be left out, as those pages do."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.cell: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "tr":
            self.end_cell()
            self.rows.append([])
        elif tag in {"td", "th"} and self.rows:
            self.end_cell()
            self.cell = []
        elif self.cell is not None:
            self.cell.append(" " if tag in {"br", "p"} else "")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th", "tr", "table"}:
            self.end_cell()

    def handle_data(self, data: str) -> None:
        if self.cell is not None:
            self.cell.append(data)

    def end_cell(self) -> None:
        if self.cell is not None:
            self.rows[-1].append(" ".join("".join(self.cell).split()))
        self.cell = None


def _text(path: Path) -> str:
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _headings(cells: list[str]) -> list[str] | None:
    """The columns in order, when the row is one of column headings."""
    words = tuple(Word(at, at, word) for at, cell in enumerate(cells) for word in cell.split())
    edges = column_edges(Line(0.0, words))
    return list(edges) if len(edges) == len(cells) else None


def read_html(path: Path, *, partner_code: str | None) -> Report:
    """The report of a web page; see `confianza.evidence.sources.fmtr.read_report`.

    A web page is one page; rows are counted through it.
    """
    parser = _Rows()
    parser.feed(_text(path))
    parser.close()
    reader = Reader(path.name, partner_code)
    columns = ["course_title", "student_count", "cost"]  # the order of the report that heads no table
    texts: dict[str, str] | None = None
    place = 0

    def end_row() -> None:
        nonlocal texts
        if texts is not None:
            reader.row(texts, 1, place)
        texts = None

    waiting: tuple[int, str] | None = None  # a text between tables, which may begin the heading after it
    for number, cells, mark in _marked(parser.rows):
        headings = None if mark else _headings(cells)
        filled = [cell for cell in cells if cell]
        before, waiting = waiting, None
        if mark:
            end_row()
            if before and mark.kind in {Kind.BLOCK, Kind.COUNTRY}:
                reader.refuse("fmtr-line-outside-table", 1, before[0], text=before[1])
            reader.mark(mark, 1)
        elif headings:
            end_row()
            columns = headings
        elif (row := _row(cells, columns)) and (reader.is_open or _has_figures(filled)):
            end_row()
            texts, place = row, number
        elif len(filled) == 1 and texts is not None:
            texts["course_title"] = f"{texts['course_title']} {filled[0]}"
        elif reader.is_open or not reader.has_begun or _has_figures(filled):
            reader.stray(" ".join(filled), 1, number)
        else:
            waiting = number, " ".join(filled)
    end_row()
    return reader.finish(1)


def _row(cells: Sequence[str], columns: Sequence[str]) -> dict[str, str] | None:
    """The texts of a row by column; empty cells may be added at its end, or the cost left out there."""
    filled = list(cells)
    while len(filled) > len(columns) and not filled[-1]:
        filled.pop()
    if len(filled) == len(columns) - 1 and columns[-1] == "cost" and COUNT.match(filled[-1]):
        filled.append("")
    return dict(zip(columns, filled, strict=True)) if len(filled) == len(columns) else None


def _has_figures(filled: Sequence[str]) -> bool:
    """Whether cells are those of a row or of totals, and not of what a web page frames its text with."""
    return any(COUNT.match(cell) or COST.match(cell) for cell in filled[1:])


def _marked(rows: list[list[str]]) -> Iterator[tuple[int, list[str], Mark | None]]:
    """Each row that says something, with its number; a heading may go on in the rows after it."""
    at = 0
    while at < len(rows):
        number, cells = at + 1, rows[at]
        filled = [cell for cell in cells if cell]
        at += 1
        if not filled:
            continue
        mark = mark_of(" ".join(filled), is_early=True)
        if mark is None and len(filled) == 1:
            if country := country_of_name(filled[0]):
                mark = Mark(Kind.COUNTRY, filled[0], country)
            elif country_and_rest(filled[0])[0]:
                begun = [filled[0], *(" ".join(filter(None, row)) for row in rows[at : at + 2])]
                for size in (2, 3):
                    mark = mark_of(" ".join(begun[:size]))
                    if mark:
                        at += size - 1
                        break
        yield number, cells, mark
