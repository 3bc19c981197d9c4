"""The years of the Foreign Military Training Report that were published as web pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path

from confianza.evidence.countries import country_of_name
from confianza.evidence.sources.fmtr.headings import Heading, HeadingKind, read_heading, split_country
from confianza.evidence.sources.fmtr.layout import COST, COUNT, REQUIRED, PageLine, Word, column_edges
from confianza.evidence.sources.fmtr.report import Report
from confianza.evidence.sources.fmtr.report_reader import ReportReader


class _TableParser(HTMLParser):
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


def _columns(cells: list[str]) -> list[str] | None:
    """The columns in order, when the row is one of column headings."""
    words = tuple(Word(at, at, word) for at, cell in enumerate(cells) for word in cell.split())
    edges = column_edges(PageLine(0.0, words))
    return list(edges) if len(edges) == len(cells) else None


def read_html(path: Path, *, partner_code: str | None) -> Report:
    """The report of a web page; see `confianza.evidence.sources.fmtr.volume.read_report`.

    A web page is one page; rows are counted through it.
    """
    parser = _TableParser()
    parser.feed(_text(path))
    parser.close()
    reader = ReportReader(path.name, partner_code)
    columns = ["course_title", "student_count", "cost"]  # the order of the report that heads no table
    texts: dict[str, str] | None = None  # of a row that may go on in the next
    row_number = 0

    def end_row() -> None:
        nonlocal texts
        if texts is not None:
            reader.add_row(texts, 1, row_number)
        texts = None

    before: tuple[int, str] | None = None  # a text that begins the title of the row after it, or a heading
    for number, cells, heading in _with_headings(parser.rows):
        headed_columns = None if heading else _columns(cells)
        filled = [cell for cell in cells if cell]
        text = " ".join(filled)
        waiting, before = before, None
        row = None if heading or headed_columns else _row(cells, columns)
        if row and waiting and reader.is_open and _begins_title(parser.rows[waiting[0] - 1], columns):
            row["course_title"] = f"{waiting[1]} {row['course_title']}".strip()
            waiting = None
        if waiting and (reader.is_open or heading):
            end_row()
            # between tables it may have begun a heading that lacks it
            is_lost = heading is not None and heading.kind in {HeadingKind.BLOCK, HeadingKind.COUNTRY}
            if is_lost or reader.is_open:
                reader.add_stray(waiting[1], 1, waiting[0])
        if heading:
            end_row()
            reader.add_heading(heading, 1)
            if waiting and heading.kind is HeadingKind.BLOCK and reader.is_open and heading.is_early:
                reader.fault("fmtr-line-outside-table", 1, waiting[0], text=waiting[1])
        elif headed_columns:
            end_row()
            columns = headed_columns
        elif row and reader.is_open and _begins_title(cells, columns):
            end_row()
            before = number, text
        elif row and (reader.is_open or _has_figures(filled)):
            end_row()
            reader.add_text(text, 1)
            texts, row_number = row, number
        elif len(filled) == 1 and texts is not None:
            reader.add_text(text, 1)
            texts["course_title"] = f"{texts['course_title']} {filled[0]}"
        elif reader.is_open or not reader.has_begun or _has_figures(filled):
            reader.add_stray(text, 1, number)
        else:
            before = number, text
    end_row()
    return reader.finish(1)


def _begins_title(cells: Sequence[str], columns: Sequence[str]) -> bool:
    """Whether a row has every cell and only a title: its figures stand in the row after it."""
    return len(cells) >= len(columns) > len(REQUIRED) and bool(cells[0]) and not any(cells[1:])


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


def _with_headings(rows: list[list[str]]) -> Iterator[tuple[int, list[str], Heading | None]]:
    """Each row with a text, with its number and what it heads or sums up; a heading may go on in the rows after it."""
    at = 0
    while at < len(rows):
        number, cells = at + 1, rows[at]
        filled = [cell for cell in cells if cell]
        at += 1
        if not filled:
            continue
        heading = read_heading(" ".join(filled), is_early=True)
        if heading is None and len(filled) == 1:
            if country := country_of_name(filled[0]):
                heading = Heading(HeadingKind.COUNTRY, filled[0], country)
            elif split_country(filled[0])[0]:
                parts = [filled[0], *(" ".join(filter(None, row)) for row in rows[at : at + 2])]
                for size in (2, 3):
                    heading = read_heading(" ".join(parts[:size]))
                    if heading:
                        at += size - 1
                        break
        yield number, cells, heading
