"""The pages of a PDF volume as lines of words with positions, read with PDFium."""

from __future__ import annotations

import ctypes
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from confianza.errors import ImportRefusal, Problem
from confianza.evidence.sources.fmtr.layout import SAME_EDGE, Page, PageLine, Word, column_edges

WORD = re.compile(r"[^\s\x02\ufffe]*[\x02\ufffe]|[^\s\x02\ufffe]+")  # the last two end a line within a word
BROKEN = re.compile(r"\S?\r\n")  # a line that ends within a word, with no space left before the break
LETTERS = set("áéíóúüñçãõâêôÁÉÍÓÚÜÑÇ’‘“”–¿¡")
AT_A_TIME = 32  # pages
SAME_LINE, SAME_PLACE = 0.6, 0.15  # points

Turn = Callable[[float, float], tuple[float, float]]
Origin = Callable[[int], tuple[float, float]]  # of a character by its index: from the left, from below
Piece = tuple[float, float, str, int]  # a word as `Word`, and the index of its first character


def open_volume(path: Path) -> pdfium.PdfDocument:
    """The document of a PDF volume, or the refusal of a file that is none."""
    try:
        return pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        problem = Problem("fmtr-not-a-pdf", path.name, params={"detail": str(error).strip(" .")})
        raise ImportRefusal([problem]) from error


def read_pages(path: Path, indices: Sequence[int]) -> Iterator[Page]:
    """Pages by index (from 0). The document is opened anew now and then: it keeps all that was read from it."""
    for start in range(0, len(indices), AT_A_TIME):
        with open_volume(path) as document:
            for index in indices[start : start + AT_A_TIME]:
                try:
                    page = _page(document, index)
                except pdfium.PdfiumError as error:
                    page = Page(index + 1, 0.0, (), fault=str(error).strip(" ."))
                yield page


def _page(document: pdfium.PdfDocument, index: int) -> Page:
    page = document[index]
    text_page = page.get_textpage()
    try:
        lines = _lines(_text(text_page), _origin(text_page, _upright(page)))
        has_images = not lines and any(
            item.type == pdfium_c.FPDF_PAGEOBJ_IMAGE for item in page.get_objects(max_depth=4)
        )
        return Page(index + 1, page.get_width(), lines, has_images)
    finally:
        text_page.close()
        page.close()


# --- characters -----------------------------------------------------------------------------------


def _text(page: Any) -> str:
    """The page's characters, one a character index."""
    count = page.count_chars()
    text: str = page.get_text_range(0, count) if count else ""
    if len(text) != count:
        text = "".join(chr(pdfium_c.FPDFText_GetUnicode(page.raw, index)) for index in range(count))
    return text if text.isascii() else _right_letters(text)


def _right_letters(text: str) -> str:
    """A page's text with accented letters put right, where its fonts give them by their Mac Roman position.

    Some volumes do, others do not: whichever reading has more of the letters of names is the page's.
    """

    def moved(character: str) -> str:
        try:
            return character if character < "\x80" else character.encode("mac_roman").decode("cp1252")
        except (UnicodeEncodeError, UnicodeDecodeError):
            return character

    other = "".join(map(moved, text))
    dashes = len(re.findall("(?<![A-Z])—|—(?![A-Z])", text))  # in a name of capitals it stands for Ñ
    as_is, put_right = (sum(character in LETTERS for character in each) for each in (text, other))
    return other if put_right > as_is + dashes else text


def _upright(page: Any) -> Turn:
    """How a point of a page lies when the page is turned as its readers see it (`/Rotate`), from its lower left."""
    width, height = page.get_size()
    match page.get_rotation():
        case 90:
            return lambda x, y: (y, height - x)
        case 180:
            return lambda x, y: (width - x, height - y)
        case 270:
            return lambda x, y: (width - y, x)
    return lambda x, y: (x, y)


def _origin(page: Any, upright: Turn) -> Origin:
    """Where a character of a page stands on its baseline.

    PDFium's own function is called, for pypdfium2 wraps only the box of a character, whose foot differs from letter to
    letter. It writes into two C doubles, which are made once a page: it is called twice a word.
    """
    x, y = ctypes.c_double(), ctypes.c_double()
    to_x, to_y, raw = ctypes.byref(x), ctypes.byref(y), page.raw

    def origin(index: int) -> tuple[float, float]:
        pdfium_c.FPDFText_GetCharOrigin(raw, index, to_x, to_y)
        return upright(x.value, y.value)

    return origin


# --- words ----------------------------------------------------------------------------------------


def _lines(text: str, origin: Origin) -> tuple[PageLine, ...]:
    """The lines from top to bottom; words are cut where two cells of a table touch."""
    pieces = _pieces(text, origin)
    edges: list[float] = []  # a little before the columns, from headings to totals
    lines = []
    for baseline in sorted(pieces, reverse=True):
        ordered = sorted(pieces[baseline])
        if ordered[0][2] == "Course":
            columns = column_edges(PageLine(baseline, tuple(Word(*piece[:3]) for piece in ordered)))
            edges = [left - SAME_EDGE for left in columns.values()] or edges
        elif ordered[0][2] in {"Fiscal", "FY", "Volume"}:
            edges = []
        words: list[Word] = []
        for left, last, letters, start in ordered:
            column = bisect_right(edges, left)
            if column < len(edges) and edges[column] <= last:
                words += _cut(letters, [origin(start + at)[0] for at in range(len(letters))], edges)
            else:
                words.append(Word(left, last, _printable(letters)))
        lines.append(PageLine(baseline, tuple(words)))
    return tuple(lines)


def _pieces(text: str, origin: Origin) -> dict[float, list[Piece]]:
    """The words by baseline; one that is broken within a line is made whole."""
    pieces: dict[float, list[Piece]] = {}
    baseline: float | None = None
    for match in WORD.finditer(text):
        start, end = match.span()
        last, _ = origin(end - 1)
        left, height = origin(start)
        if baseline is None or abs(height - baseline) > SAME_LINE:
            baseline = next((other for other in pieces if abs(other - height) <= SAME_LINE), height)
        elif BROKEN.fullmatch(text, max(start - 3, 0), start) and _goes_on(pieces[baseline][-1], left):
            left, _, _, start = pieces[baseline].pop()
        pieces.setdefault(baseline, []).append((left, last, text[start:end], start))
    return pieces


def _goes_on(piece: Piece, left: float) -> bool:
    """Whether text that starts anew on the same line leaves no room for a space after the word before it."""
    advance = (piece[1] - piece[0]) / max(len(piece[2]) - 1, 1)
    return 0 < left - piece[1] < 1.5 * max(advance, 4.0)


def _cut(text: str, lefts: Sequence[float], edges: Sequence[float]) -> list[Word]:
    """A word cut where one of its letters stands on the edge of a column: two cells that touch."""
    cuts = [
        at
        for at in range(1, len(text))
        if any(abs(lefts[at] - SAME_EDGE - edge) <= SAME_PLACE for edge in edges)
    ]
    bounds = [0, *cuts, len(text)]
    return [
        Word(lefts[start], lefts[end - 1], _printable(text[start:end])) for start, end in pairwise(bounds)
    ]


def _printable(text: str) -> str:
    return (
        text if text.isprintable() else text.replace("\r\n", "").replace("\ufffe", "-").replace("\x02", "-")
    )
