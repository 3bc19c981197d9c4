"""The PDF volumes of the Foreign Military Training Report, page by page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from confianza.evidence.countries import country_of_name
from confianza.evidence.sources.fmtr.headings import (
    OTHER_TOTALS,
    Heading,
    HeadingKind,
    read_heading,
    split_country,
    totals_in_cells,
)
from confianza.evidence.sources.fmtr.layout import (
    Columns,
    Page,
    PageLine,
    cells,
    centered_rows,
    column_edges,
    halves,
    heads_columns,
)
from confianza.evidence.sources.fmtr.pages import open_volume, read_pages
from confianza.evidence.sources.fmtr.parallel import read_pages_parallel
from confianza.evidence.sources.fmtr.report import Progress, Report
from confianza.evidence.sources.fmtr.report_reader import ReportReader

RUNNING_HEAD = re.compile(r"Volume I\b.*\bSection IV\b|$")
BLANK_PAGE = re.compile(r"This page (?:is )?intentionally left blank", re.IGNORECASE)
PAGE_NUMBER = re.compile(r"(?:IV-)?\d{1,4}$")
BARE_TOTALS = re.compile(r"[\d,]+ \$?[\d,]+$")


def all_pages(path: Path, processes: int = 1) -> Iterator[Page]:
    """The pages in order; a few at a time are in memory, however many there are."""
    with open_volume(path) as document:
        indices = range(len(document))
    yield from read_pages(path, indices) if processes == 1 else read_pages_parallel(path, indices, processes)


# --- headings and totals among the lines -----------------------------------------------------------


def _body(lines: Sequence[PageLine]) -> Sequence[PageLine]:
    """Lines without running heads, and without the number of the page at its top or foot."""
    body = [line for line in lines if not (RUNNING_HEAD.match(line.text) or BLANK_PAGE.match(line.text))]
    for end in (0, -1):
        if body and PAGE_NUMBER.match(body[end].text):
            del body[end]
    return body


def with_headings(
    lines: Sequence[PageLine], *, is_early: bool = False
) -> list[tuple[PageLine, Heading | None]]:
    """Each line with what it heads or sums up; headings and totals broken over lines are made one."""
    pairs: list[tuple[PageLine, Heading | None]] = []
    at = 0
    while at < len(lines):
        line, size = lines[at], 1
        heading = read_heading(line.text, is_early=is_early)
        if heading is None and BARE_TOTALS.match(line.text) and pairs and at + 1 < len(lines):
            above, below = pairs[-1][0], lines[at + 1]
            heading = read_heading(f"{above.text} {below.text} {line.text}")
            if heading:  # a name too long for its cell stands above and below the figures
                pairs.pop()
                line, size = below, 2
        elif heading is None and _may_head(line.text):
            for more in (2, 3):
                last = lines[min(at + more, len(lines)) - 1]
                if read_heading(last.text):
                    break  # which heads or sums up by itself
                heading = read_heading(" ".join(part.text for part in lines[at : at + more]))
                if heading and not heading.is_of_unknown_country:
                    line, size = last, more
                    break
        elif heading and heading.is_of_unknown_country and pairs and _may_name(*pairs[-1]):
            above, _ = pairs.pop()
            heading = replace(heading, text=f"{above.text} {heading.text}")
        pairs.append((line, heading))
        at += size
    return pairs


def _may_name(line: PageLine, heading: Heading | None) -> bool:
    """Whether a line may be the first of a heading whose country is not known."""
    return heading is None and "," in line.text and "$" not in line.text


def _may_head(text: str) -> bool:
    """Whether a line may be the first of a heading that goes on in the next."""
    if "$" in text:
        return False
    return (
        " Region, " in text
        or re.search(r" - (?:FY|Fiscal Year)", text) is not None
        or split_country(text)[0] is not None
    )


# --- both kinds of layout -------------------------------------------------------------------------


class _HeadedPages:
    """Reads volumes whose tables are headed and whose rows are centered (FY2007 on)."""

    def __init__(self, reader: ReportReader) -> None:
        self.reader = reader
        self.edges: Mapping[str, float] = {}
        self.is_lost = False  # under headings that were not understood

    def read(self, page: Page) -> None:
        """Read one page. A table goes on across pages, whether or not its headings are repeated."""
        table: list[PageLine] = []
        top: float | None = None
        row = 0
        for line, printed in with_headings(_body(page.lines)):
            heading = printed
            is_between = not self.edges and not self.is_lost
            if heading is None and is_between and (country := country_of_name(line.text)):
                heading = Heading(HeadingKind.COUNTRY, line.text, country, line=line.text)
            over_row = totals_in_cells(cells(line, self.edges)) if self.edges and heading is None else None
            heads_table = heading is None and over_row is None and line.text.startswith("Course Title")
            if heading or over_row or heads_table:
                row = self._read_table(page.number, row, top, table)
                self.edges, top, table = column_edges(line) if heads_table else {}, line.baseline, []
                self.is_lost = heads_table and not self.edges
                if heading:
                    self.reader.add_heading(heading, page.number)
                elif over_row:
                    self.reader.add_totals_with_cells(over_row, page.number, row + 1, line.text)
                else:
                    self.reader.add_text(line.text, page.number)
                    if self.is_lost:
                        self.reader.fault("fmtr-headings-not-understood", page.number, text=line.text)
            elif self.edges and not OTHER_TOTALS.search(line.text):
                table.append(line)
            elif self.is_lost:
                self.reader.add_text(line.text, page.number)
            else:
                self.reader.add_stray(line.text, page.number)
        self._read_table(page.number, row, top, table)

    def _read_table(self, page: int, row: int, top: float | None, lines: list[PageLine]) -> int:
        """Read the rows of a table's lines on a page; the number of the last one."""
        if not lines:
            return row
        for line in lines:
            self.reader.add_text(line.text, page)
        for texts, lost in centered_rows(lines, self.edges, top):
            for line in lost:
                self.reader.doubt("fmtr-line-outside-table", page, text=line.text)
            if texts:
                row += 1
                self.reader.add_row(texts, page, row)
        return row

    def finish(self) -> None:
        """Nothing waits for another line."""


class _EarlyPages:
    """Reads volumes whose cells start at the top of their row and show the columns themselves (to FY2005)."""

    def __init__(self, reader: ReportReader, columns: Sequence[Columns]) -> None:
        self.reader, self.columns = reader, columns
        self.texts: dict[str, str] | None = None  # of a row that may go on in the next line
        self.place = (0, 0)  # page and row

    def read(self, page: Page) -> None:
        """Read one page. A row goes on in the lines below it, on the next page too."""
        row = 0
        for lines, columns in zip(halves(page), self.columns, strict=False):
            for line, heading in with_headings(_body(lines), is_early=True):
                if heads_columns(line) or (heading and self.reader.repeats_block(heading)):
                    continue
                if heading:
                    self.finish()
                    self.reader.add_heading(heading, page.number)
                elif (texts := columns.row(line)) is not None:
                    self.finish()
                    row += 1
                    self.reader.add_text(line.text, page.number)
                    self.texts, self.place = texts, (page.number, row)
                elif self.texts is not None and not OTHER_TOTALS.search(line.text):
                    self.reader.add_text(line.text, page.number)
                    for name, text in columns.rest(line).items():
                        self.texts[name] = f"{self.texts.get(name, '')} {text}".strip()
                else:
                    self.reader.add_stray(line.text, page.number)

    def finish(self) -> None:
        """Hand over the row that might have gone on."""
        if self.texts is not None:
            self.reader.add_row(self.texts, *self.place)
        self.texts = None


def _is_early(path: Path) -> bool:
    """Whether the volume's first block is headed as in reports before FY2006; headings of countries known go first."""
    early = False
    for page in all_pages(path):
        for lines in halves(page):
            for _, heading in with_headings(_body(lines), is_early=True):
                if heading and heading.kind is HeadingKind.BLOCK and not heading.is_of_unknown_country:
                    return heading.is_early
                early = early or bool(heading and heading.is_of_unknown_country)
    return early


def read_pdf(
    path: Path, *, partner_code: str | None, processes: int = 1, progress: Progress | None = None
) -> Report:
    """The report of a PDF volume; see `confianza.evidence.sources.fmtr.volume.read_report`."""
    reader = ReportReader(path.name, partner_code)
    with open_volume(path) as document:
        count = len(document)
    pages: _HeadedPages | _EarlyPages = _HeadedPages(reader)
    if _is_early(path):
        columns = (Columns(), Columns())
        for page in all_pages(path, processes):
            for lines, half in zip(halves(page), columns, strict=False):
                half.add(lines)
        pages = _EarlyPages(reader, columns)
    number = 0
    for number, page in enumerate(all_pages(path, processes), start=1):
        if page.has_images:
            reader.add_unread_page("fmtr-page-without-text", number)
        if page.fault is not None:
            reader.add_unread_page("fmtr-page-not-read", number, page.fault)
        pages.read(page)
        if progress:
            progress(number, count)
    pages.finish()
    return reader.finish(number)
