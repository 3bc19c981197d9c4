"""The page layouts of the Foreign Military Training Report: words with positions, put back into table rows.

Nothing of a layout is assumed that its page shows. Reports from FY2007 on head every table and center the cells of a
row on the line that holds its quantity, on a grid of one pitch: headings give the columns, and the pitch is the least
distance of two lines of a column. Earlier reports set cells from the top of the row and head no table, or head it
elsewhere than its cells stand: there the columns are found from the cells.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

HEADINGS = {
    "course_title": ("Course Title", "Title of Course", "Title of"),
    "student_count": ("Qty", "Quantity", "Students", "#", "# of Students"),
    "location": ("Training Location", "Location"),
    "student_unit": ("Student's Unit", "Students' Unit", "Student Unit", "Students'"),
    "us_unit": ("US Unit - US Qty", "US Unit", "US Units", "U.S. Unit"),
    "cost": ("Total Cost", "Cost"),
    "start_date": ("Start Date", "Start"),
    "end_date": ("End Date", "End"),
}
REQUIRED = ("course_title", "student_count", "cost")
PHRASES = sorted(
    ((tuple(phrase.split()), name) for name, phrases in HEADINGS.items() for phrase in phrases),
    key=lambda pair: -len(pair[0]),
)
COST = re.compile(r"\$-?[\d,]*(?:\.\d\d)?$")
COUNT = re.compile(r"\d[\d,]*$")
DATE = re.compile(r"\d{1,2}/\d{1,2}/\d{2,4}$")
SAME_EDGE = 2.0  # points
ENOUGH_CELLS = 3  # that begin at a place, to make it a column
WIDE_GAP = 12.0  # points from the last letter of a cell to the first of the next, at least


class Word(NamedTuple):
    """A word with the origins of its first and last character, in points from the left."""

    left: float
    last: float
    text: str


@dataclass(frozen=True)
class PageLine:
    """Words on one baseline, from left to right."""

    baseline: float
    words: tuple[Word, ...]

    @cached_property
    def text(self) -> str:
        """The whole line with single spaces."""
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True)
class Page:
    """The lines of a page from top to bottom."""

    number: int  # from 1
    width: float  # points
    lines: tuple[PageLine, ...]
    has_images: bool = False  # looked for only on pages without a word
    fault: str | None = None  # why nothing of it could be read


# --- tables with headings, rows centered ----------------------------------------------------------


def column_edges(heading: PageLine) -> Mapping[str, float]:
    """The left edge of each column, from a line of column headings; empty when the line is anything else."""
    edges: dict[str, float] = {}
    words = [
        Word(word.left, word.last, part)
        for word in heading.words
        for part in re.findall(r"[^\s-]+|-", word.text)  # a hyphen may touch the word before it
    ]
    texts = [word.text.replace("’", "'") for word in words]
    at = 0
    while at < len(texts):
        for phrase, name in PHRASES:
            if name not in edges and tuple(texts[at : at + len(phrase)]) == phrase:
                edges[name] = words[at].left
                at += len(phrase)
                break
        else:
            return {}
    return edges if all(name in edges for name in REQUIRED) else {}


def cells(line: PageLine, edges: Mapping[str, float]) -> dict[str, str]:
    """The text of a line by column."""
    names, lefts = list(edges), [left - SAME_EDGE for left in edges.values()]
    texts: dict[str, list[str]] = {}
    for word in line.words:
        texts.setdefault(names[max(bisect_right(lefts, word.left) - 1, 0)], []).append(word.text)
    return {name: " ".join(words) for name, words in texts.items()}


def line_pitch(lines: Iterable[PageLine], edges: Mapping[str, float]) -> float | None:
    """The distance of two lines of one cell: the least distance of two lines in a column."""
    above: dict[str, float] = {}
    distances = []
    for line in lines:
        for name in cells(line, edges):
            if name in above:
                distances.append(above[name] - line.baseline)
            above[name] = line.baseline
    if not distances:
        return None
    least = min(distances)
    near = [distance for distance in distances if distance <= 1.2 * least]
    return sum(near) / len(near)


def centered_rows(
    lines: Sequence[PageLine], edges: Mapping[str, float], top: float | None
) -> Iterator[tuple[dict[str, str], list[PageLine]]]:
    """Each row as text by column, with the lines that could not be placed in any row.

    A row's own line is the one with a quantity, a cost or a date. The row reaches from the end of the one above it to
    the same distance below its own line, in whole lines. `top` is the baseline of the headings, or None where
    the table goes on from another page.
    """
    pitch = line_pitch(lines, edges) or 1.0
    split = [(line, cells(line, edges)) for line in lines]
    own = ("student_count", "cost", "start_date", "end_date")
    anchors = [line.baseline for line, texts in split if any(name in texts for name in own)]
    following = iter([*anchors[1:], float("-inf")])
    end = lines[0].baseline + pitch / 2 if top is None else top - pitch / 2
    for anchor in anchors:
        count = max(round(2 * (end - anchor) / pitch), 1)
        bottom, upper = anchor - count * pitch / 2, anchor + count * pitch / 2
        inside = [texts for line, texts in split if bottom < line.baseline < upper]
        lost = [line for line, _ in split if upper <= line.baseline < end]
        if (below := next(following)) > bottom:  # two rows overlap: a part of one is on another page
            lost += [line for line, _ in split if line.baseline == below]
        yield {name: " ".join(texts[name] for texts in inside if name in texts) for name in edges}, lost
        end = bottom
    rest = [line for line, _ in split if line.baseline < end]
    if rest:
        yield {}, rest


# --- tables without headings of their own, rows from the top -------------------------------------


class Columns:
    """Where the columns of an early report stand, gathered from all its pages.

    Quantities end at one place; the cells between them and the costs begin at one place a column.
    """

    def __init__(self) -> None:
        self.counts: Counter[int] = Counter()
        self.starts: Counter[int] = Counter()
        self.after_counts: Counter[tuple[int, int]] = Counter()  # by the end of the number before
        self.has_dates = False

    def add(self, lines: Iterable[PageLine]) -> None:
        """Count what the rows of a page show; a gap that no word could leave shows a column by itself."""
        for line in lines:
            cost = _cost_index(line)
            if heads_columns(line):
                continue
            before = line.words[:cost]
            if cost is not None:
                self.has_dates = self.has_dates or any(DATE.match(word.text) for word in line.words[cost:])
                self.counts.update(round(word.last) for word in before if COUNT.match(word.text))
            for left, word in pairwise(before):
                gap = word.left - left.last
                if gap > 3 * WIDE_GAP:
                    self.starts[round(word.left)] += ENOUGH_CELLS
                elif cost is not None and gap > WIDE_GAP:
                    self.starts[round(word.left)] += 1
                elif cost is not None and COUNT.match(left.text):
                    self.after_counts[round(left.last), round(word.left)] += 1

    @cached_property
    def count_end(self) -> float:
        """Where the last digits of quantities stand."""
        return self.counts.most_common(1)[0][0] if self.counts else 0.0

    @cached_property
    def edges(self) -> Mapping[str, float]:
        """The left edges of title, location, student's unit and U.S. unit, as far as cells show them."""
        starts = self.starts.copy()
        for (end, start), often in self.after_counts.items():
            starts[start] += often if abs(end - self.count_end) <= SAME_EDGE else 0
        edges: list[int] = []
        for start, _ in starts.most_common():
            often = sum(starts[start + step] for step in (-1, 0, 1))
            if (
                often >= ENOUGH_CELLS
                and start > self.count_end + SAME_EDGE
                and all(abs(start - edge) > 6 for edge in edges)
            ):
                edges.append(start)
        names = ("location", "student_unit", "us_unit")
        return {"course_title": 0.0} | dict(zip(names, sorted(edges[:3]), strict=False))

    def row(self, line: PageLine) -> dict[str, str] | None:
        """The texts of a row's first line, which has a quantity or a cost; None when the line is none."""
        cost = _cost_index(line)
        end = len(line.words) if cost is None else cost
        if cost is None and self.has_dates:
            while end and DATE.match(line.words[end - 1].text):
                end -= 1
        before, after = line.words[:end], line.words[end if cost is None else end + 1 :]
        count = [
            word for word in before if COUNT.match(word.text) and abs(word.last - self.count_end) <= SAME_EDGE
        ]
        if cost is None and not count:
            return None
        texts = cells(
            PageLine(line.baseline, tuple(word for word in before if word not in count)), self.edges
        )
        texts["student_count"] = " ".join(word.text for word in count)
        texts["cost"] = "" if cost is None else line.words[cost].text
        if self.has_dates:
            texts["start_date"] = after[0].text if after else ""
            texts["end_date"] = " ".join(word.text for word in after[1:])
        return texts

    def rest(self, line: PageLine) -> dict[str, str]:
        """The texts of a line that goes on with the cells above it.

        A row that is shifted by a column has its last date pushed to the start of the next line.
        """
        first = line.words[0].text
        if not DATE.match(first):
            return cells(line, self.edges)
        return cells(replace(line, words=line.words[1:]), self.edges) | {"end_date": first}


def heads_columns(line: PageLine) -> bool:
    """Whether a line of an early report names the columns."""
    return bool(column_edges(line)) or line.text.startswith(("Title of #", "Title of Training #"))


def _cost_index(line: PageLine) -> int | None:
    return max((at for at, word in enumerate(line.words) if COST.match(word.text)), default=None)


def halves(page: Page) -> tuple[tuple[PageLine, ...], ...]:
    """The lines of a page, or of the left and then the right half of one set in two columns of text."""
    costs = [
        word.left
        for line in page.lines
        if "Title of" in line.text
        for word in line.words
        if word.text == "Cost"
    ]
    if not costs or max(costs) - min(costs) < page.width / 4:
        return (page.lines,)
    middle = page.width / 2

    def half(is_left: bool) -> tuple[PageLine, ...]:
        lines = (
            replace(line, words=tuple(word for word in line.words if (word.left < middle) == is_left))
            for line in page.lines
        )
        return tuple(line for line in lines if line.words)

    return half(True), half(False)
