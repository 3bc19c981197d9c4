"""The PDF volumes of the Foreign Military Training Report, page by page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from confianza.evidence.countries import country_of_name
from confianza.evidence.sources.fmtr_layout import (
    Columns,
    Line,
    Page,
    centred_rows,
    column_edges,
    halves,
    heads_columns,
    open_volume,
    read_pages,
)
from confianza.evidence.sources.fmtr_processes import pages_by_others
from confianza.evidence.sources.fmtr_record import (
    OTHER_TOTALS,
    Kind,
    Mark,
    Progress,
    Reader,
    Report,
    country_and_rest,
    mark_of,
)

RUNNING_HEAD = re.compile(r"Volume I\b.*\bSection IV\b|$")
BLANK_PAGE = re.compile(r"This page (?:is )?intentionally left blank", re.IGNORECASE)
PAGE_NUMBER = re.compile(r"(?:IV-)?\d{1,4}$")
BARE_TOTALS = re.compile(r"[\d,]+ \$?[\d,]+$")


def pages(path: Path, processes: int = 1) -> Iterator[Page]:
    """The pages in order; a few at a time are in memory, however many there are."""
    with open_volume(path) as document:
        count = len(document)
    if processes == 1:
        yield from read_pages(path, range(count))
    else:
        yield from pages_by_others(path, count, processes)


# --- headings and totals among the lines -----------------------------------------------------------


def _trimmed(lines: Sequence[Line]) -> Sequence[Line]:
    """Lines without running heads, and without the number of the page at its top or foot."""
    kept = [line for line in lines if not (RUNNING_HEAD.match(line.text) or BLANK_PAGE.match(line.text))]
    for end in (0, -1):
        if kept and PAGE_NUMBER.match(kept[end].text):
            del kept[end]
    return kept


def marked(lines: Sequence[Line], *, is_early: bool = False) -> list[tuple[Line, Mark | None]]:
    """Each line with what it heads or sums up; headings and totals broken over lines are made one."""
    found: list[tuple[Line, Mark | None]] = []
    at = 0
    while at < len(lines):
        line, size = lines[at], 1
        mark = mark_of(line.text, is_early=is_early)
        if mark is None and BARE_TOTALS.match(line.text) and found and at + 1 < len(lines):
            above, below = found[-1][0], lines[at + 1]
            mark = mark_of(f"{above.text} {below.text} {line.text}")
            if mark:  # a name too long for its cell stands above and below the figures
                found.pop()
                line, size = below, 2
        elif mark is None and _may_head(line.text):
            for more in (2, 3):
                if mark_of(lines[min(at + more, len(lines)) - 1].text):
                    break  # which heads or sums up by itself
                text = " ".join(part.text for part in lines[at : at + more])
                mark = mark_of(text)
                if mark and not mark.is_of_unknown_country:
                    line, size = lines[min(at + more, len(lines)) - 1], more
                    break
        elif mark and mark.is_of_unknown_country and found and _may_name(*found[-1]):
            above, _ = found.pop()
            mark = replace(mark, text=f"{above.text} {mark.text}")
        found.append((line, mark))
        at += size
    return found


def _may_name(line: Line, mark: Mark | None) -> bool:
    """Whether a line may be the first of a heading whose country is not known."""
    return mark is None and "," in line.text and "$" not in line.text


def _may_head(text: str) -> bool:
    """Whether a line may be the first of a heading that goes on in the next."""
    if "$" in text:
        return False
    return (
        " Region, " in text
        or re.search(r" - (?:FY|Fiscal Year)", text) is not None
        or country_and_rest(text)[0] is not None
    )


# --- both kinds of layout -------------------------------------------------------------------------


class _Headed:
    """Reads volumes whose tables are headed and whose rows are centred (FY2007 on)."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.edges: Mapping[str, float] = {}
        self.is_lost = False  # under headings that were not understood

    def page(self, page: Page) -> None:
        """Read one page. A table goes on across pages, whether or not its headings are repeated."""
        table: list[Line] = []
        top: float | None = None
        row = 0
        for line, found in marked(_trimmed(page.lines)):
            mark = found
            if mark is None and not self.edges and (country := country_of_name(line.text)):
                mark = Mark(Kind.COUNTRY, line.text, country)
            heads = mark is None and line.text.startswith("Course Title")
            if mark or heads:
                row = self.table(page.number, row, top, table)
                self.edges, top, table = column_edges(line) if heads else {}, line.baseline, []
                self.is_lost = heads and not self.edges
                if mark:
                    self.reader.mark(mark, page.number)
                elif self.is_lost and self.reader.is_wanted:
                    self.reader.refuse("fmtr-headings-not-understood", page.number, text=line.text)
            elif self.edges and not OTHER_TOTALS.search(line.text):
                table.append(line)
            elif not self.is_lost:
                self.reader.stray(line.text, page.number)
        self.table(page.number, row, top, table)

    def table(self, page: int, row: int, top: float | None, lines: list[Line]) -> int:
        if not lines:
            return row
        for texts, lost in centred_rows(lines, self.edges, top):
            if self.reader.is_wanted:
                for line in lost:
                    self.reader.refuse("fmtr-line-outside-table", page, text=line.text)
            if texts:
                row += 1
                self.reader.row(texts, page, row)
        return row

    def end(self) -> None:
        """Nothing waits for another line."""


class _Early:
    """Reads volumes whose cells start at the top of their row and show the columns themselves (to FY2005)."""

    def __init__(self, reader: Reader, columns: Sequence[Columns]) -> None:
        self.reader, self.columns = reader, columns
        self.texts: dict[str, str] | None = None
        self.place = (0, 0)

    def page(self, page: Page) -> None:
        """Read one page. A row goes on in the lines below it, on the next page too."""
        row = 0
        for lines, columns in zip(halves(page), self.columns, strict=False):
            for line, mark in marked(_trimmed(lines), is_early=True):
                if heads_columns(line) or (mark and self.reader.is_in(mark)):
                    continue
                if mark:
                    self.end()
                    self.reader.mark(mark, page.number)
                elif (texts := columns.row(line)) is not None:
                    self.end()
                    row += 1
                    self.texts, self.place = texts, (page.number, row)
                elif self.texts is not None and not OTHER_TOTALS.search(line.text):
                    for name, text in columns.rest(line).items():
                        self.texts[name] = f"{self.texts.get(name, '')} {text}".strip()
                else:
                    self.reader.stray(line.text, page.number)

    def end(self) -> None:
        """Hand over the row that might have gone on."""
        if self.texts is not None:
            self.reader.row(self.texts, *self.place)
        self.texts = None


def _is_early(path: Path) -> bool:
    """Whether the volume's first block is headed as in reports before FY2006; headings of countries known go first."""
    early = False
    for page in pages(path):
        for lines in halves(page):
            for _, mark in marked(_trimmed(lines), is_early=True):
                if mark and mark.kind is Kind.BLOCK and not mark.is_of_unknown_country:
                    return mark.is_early
                early = early or bool(mark and mark.is_of_unknown_country)
    return early


def read_pdf(
    path: Path, *, partner_code: str | None, processes: int = 1, progress: Progress | None = None
) -> Report:
    """The report of a PDF volume; see `confianza.evidence.sources.fmtr.read_report`."""
    reader = Reader(path.name, partner_code)
    with open_volume(path) as document:
        count = len(document)
    walk: _Headed | _Early = _Headed(reader)
    if _is_early(path):
        columns = (Columns(), Columns())
        for page in pages(path, processes):
            for lines, seen in zip(halves(page), columns, strict=False):
                seen.see(lines)
        walk = _Early(reader, columns)
    number = 0
    for number, page in enumerate(pages(path, processes), start=1):
        if page.has_images:
            reader.refuse("fmtr-page-without-text", number)
        walk.page(page)
        if progress:
            progress(number, count)
    walk.end()
    return reader.finish(number)
