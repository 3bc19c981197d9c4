"""The page layout of the Foreign Military Training Report: text with positions, put back into table rows.

The reports set every line on a grid of one pitch. A row's cells are centred on the line that holds its quantity,
so a cell that wraps stands above and below that line; where one row ends and the next begins follows from the
pitch alone. Columns are left-aligned with their headings.
"""

from __future__ import annotations

import ctypes
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

LINE_PITCH = 9.24  # points
HEADINGS = {
    "course_title": ("Course Title",),
    "student_count": ("Qty", "Students"),
    "location": ("Training Location", "Location"),
    "student_unit": ("Student's Unit",),
    "us_unit": ("US Unit - US Qty", "US Units"),
    "cost": ("Total Cost",),
    "start_date": ("Start Date",),
    "end_date": ("End Date",),
}
OPTIONAL_HEADINGS = {"us_unit"}


@dataclass(frozen=True)
class Line:
    """Characters on one baseline, each with its left edge in points, in reading order."""

    baseline: float
    characters: tuple[tuple[float, str], ...]

    @property
    def text(self) -> str:
        """The whole line with single spaces."""
        return " ".join("".join(character for _, character in self.characters).split())

    def left_of(self, text: str) -> float | None:
        """The left edge of a text in the line, or None when it is not there."""
        at = "".join(character for _, character in self.characters).find(text)
        return self.characters[at][0] if at >= 0 else None


def _decoded(code: int) -> str:
    """The character of a code; the reports' fonts give accented letters by their Mac Roman position."""
    character = chr(code)
    if code == 0xFFFE:  # a hyphen at the end of a line
        return "-"
    if code < 0x80:
        return character
    try:
        return character.encode("mac_roman").decode("cp1252")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return character


def page_lines(page: pdfium.PdfPage) -> list[Line]:
    """The lines of a page from top to bottom."""
    text = page.get_textpage()
    x, y = ctypes.c_double(), ctypes.c_double()
    found: dict[float, list[tuple[float, str]]] = {}
    baseline = None
    for index in range(text.count_chars()):
        code = pdfium_c.FPDFText_GetUnicode(text.raw, index)
        if code in (0x0A, 0x0D):
            continue
        pdfium_c.FPDFText_GetCharOrigin(text.raw, index, x, y)
        if baseline is None or abs(y.value - baseline) > 0.6:
            baseline = next((known for known in found if abs(known - y.value) <= 0.6), y.value)
        found.setdefault(baseline, []).append((x.value, _decoded(code)))
    return [
        Line(at, tuple(sorted(found[at], key=lambda pair: pair[0]))) for at in sorted(found, reverse=True)
    ]


def column_edges(heading: Line) -> Mapping[str, float]:
    """The left edge of each column, from a line of column headings; empty when it is no such line."""
    edges: dict[str, float] = {}
    for name, texts in HEADINGS.items():
        left = next((left for text in texts if (left := heading.left_of(text)) is not None), None)
        if left is None and name not in OPTIONAL_HEADINGS:
            return {}
        if left is not None:
            edges[name] = left
    return edges


def cells(line: Line, edges: Mapping[str, float]) -> dict[str, str]:
    """The text of a line by column."""
    names, lefts = list(edges), [left - 2.0 for left in edges.values()]
    texts: dict[str, list[str]] = {name: [] for name in names}
    for left, character in line.characters:
        texts[names[max(bisect_right(lefts, left) - 1, 0)]].append(character)
    return {name: " ".join("".join(parts).split()) for name, parts in texts.items()}


def table_rows(
    lines: Sequence[Line], edges: Mapping[str, float], top: float | None
) -> Iterator[tuple[dict[str, str], list[Line]]]:
    """Each row as text by column, with the lines that could not be placed in any row.

    A row reaches from the end of the one above it to the same distance below its own line, in whole lines. `top` is
    where the table starts on the page: under its headings, or (None) at its first line.
    """
    split = [(line, cells(line, edges)) for line in lines]
    anchors = [line.baseline for line, texts in split if re.match(r"-?\d", texts["student_count"])]
    if top is None:
        top = lines[0].baseline + LINE_PITCH / 2
    for anchor in anchors:
        count = max(round(2 * (top - anchor) / LINE_PITCH), 1)
        bottom = anchor - count * LINE_PITCH / 2
        upper = anchor + count * LINE_PITCH / 2
        inside = [texts for line, texts in split if bottom < line.baseline < upper]
        lost = [line for line, _ in split if upper <= line.baseline < top]
        yield {name: " ".join(filter(None, (texts[name] for texts in inside))) for name in edges}, lost
        top = bottom
    rest = [line for line, _ in split if line.baseline < top]
    if rest:
        yield {}, rest
