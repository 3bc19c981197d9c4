"""Both command structures as one drawing (SVG): each side an indented tree, counterparts joined across the border.

Every box leads to its institution, every collapsed branch to the drawing of that branch. Colors and sizes stand in
attributes, so that the drawing needs no style sheet of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.institutions import CommandStructure, Institution

BOX, INDENT, LINE, PAD, BETWEEN, BORDER, TOP = 252, 22, 16, 8, 10, 150, 44
LETTERS = 36  # of a line in a box
INK, QUIET, EDGE, WASH, ACCENT, LINK = "#1b2530", "#4a5866", "#7b8794", "#ffffff", "#0b4f8a", "#b35900"
MORE = BilingualText("{count} more", "{count} más")
TITLE = BilingualText("Command structures and counterparts", "Estructuras de mando y contrapartes")


@dataclass
class _Box:
    item: Institution
    depth: int
    lines: list[str]
    hidden_count: int
    x: float = 0
    y: float = 0

    @property
    def height(self) -> int:
        return 2 * PAD + LINE * len(self.lines)


def _wrapped(words: str) -> list[str]:
    return [line.strip() for line in re.findall(rf".{{1,{LETTERS}}}(?:\s+|$)", words)]


def branch(structure: CommandStructure, root: str) -> set[str]:
    """The codes of an institution and of all below it."""
    codes = {root}
    for item in structure.institutions:  # parents come before their children
        if item.parent in codes:
            codes.add(item.code)
    return codes


def levels(structure: CommandStructure) -> int:
    """How many levels the deepest side has."""
    depth: dict[str, int] = {}
    for item in structure.institutions:
        depth[item.code] = 1 + (depth[item.parent] if item.parent else 0)
    return max(depth.values(), default=0)


def _shown(structure: CommandStructure, root: str | None) -> set[str]:
    """The whole, or a branch with the offices it deals with on the other side and all that is above either."""
    if root is None:
        return {item.code for item in structure.institutions}
    below = branch(structure, root)
    codes = set(below)
    for item in structure.institutions:
        if item.code in below:
            codes |= set(item.counterparts)
        if below & set(item.counterparts):
            codes.add(item.code)
    parents = {item.code: item.parent for item in structure.institutions}
    for code in list(codes):
        while above := parents[code]:
            codes.add(above)
            code = above
    return codes


def draw_structure(
    structure: CommandStructure,
    language: str,
    *,
    page_of: Callable[[str], str],
    branch_of: Callable[[str], str],
    root: str | None = None,
    depth: int = 99,
    percent: int = 100,
) -> str:
    """The SVG of both sides, or of one branch and its counterparts.

    Parameters
    ----------
    page_of, branch_of : callable
        The address of an institution's page, and of the drawing of its branch, by code.
    root : str, optional
        Draw this institution and all below it, what is above it, and its counterparts.
    depth : int
        Levels of each side; what lies deeper is told by its number, which leads to the branch.
    percent : int
        Size of the drawing, 100 its own.
    """
    shown = _shown(structure, root)
    children: dict[str | None, list[Institution]] = {}
    for item in structure.institutions:
        if item.code in shown:
            children.setdefault(item.parent, []).append(item)
    boxes: dict[str, _Box] = {}

    def count(code: str) -> int:
        return sum(1 + count(item.code) for item in children.get(code, []))

    def place(item: Institution, level: int) -> None:
        name = item.name.in_language(language)
        words = f"{item.abbreviation} · {name}" if item.abbreviation else name
        hidden = count(item.code) if level >= depth else 0
        boxes[item.code] = _Box(item, level - 1, _wrapped(words), hidden)
        if level < depth:
            for child in children.get(item.code, []):
                place(child, level + 1)

    parties = [
        party for party in structure.parties if any(top.party == party for top in children.get(None, []))
    ]
    left_edge, heads, bottom = 0.0, [], float(TOP)
    for party in parties:
        first = len(boxes)
        for top in children.get(None, []):
            if top.party == party:
                place(top, 1)
        side = list(boxes.values())[first:]
        y = float(TOP)
        for box in side:
            box.x, box.y = left_edge + INDENT * box.depth, y
            y += box.height + BETWEEN + (LINE if box.hidden_count else 0)
        bottom = max(bottom, y)
        heads.append((left_edge, structure.parties[party].in_language(language)))
        left_edge = max((box.x for box in side), default=left_edge) + BOX + BORDER
    width, height = left_edge - BORDER + PAD, bottom + PAD
    title = escape(TITLE.in_language(language))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-4 0 {width + 4:g} {height:g}" '
        f'width="{round(width * percent / 100)}" height="{round(height * percent / 100)}" role="group" '
        f'aria-label="{title}" font-family="Liberation Sans, Arial, sans-serif" font-size="13"><title>{title}</title>'
    ]
    parts += [
        f'<text x="{x:g}" y="24" font-size="16" font-weight="700" fill="{INK}">{escape(name)}</text>'
        for x, name in heads
    ]
    if len(heads) == 2:
        middle = heads[1][0] - BORDER / 2
        parts.append(
            f'<path d="M{middle:g} 8V{height - 8:g}" stroke="{EDGE}" stroke-dasharray="2 6" fill="none"/>'
        )
    parts += _lines(boxes)
    parts += [part for box in boxes.values() for part in _box(box, language, page_of, branch_of, root)]
    return "".join([*parts, "</svg>"])


def _lines(boxes: Mapping[str, _Box]) -> list[str]:
    """Command (solid) and advice (dashed) from each box to its parent, counterparts as curves."""
    parts = []
    for box in boxes.values():
        if (above := boxes.get(box.item.parent or "")) is not None:
            dash = ' stroke-dasharray="5 3"' if box.item.is_advisory else ""
            parts.append(
                f'<path d="M{above.x + INDENT / 2:g} {above.y + above.height:g}V{box.y + PAD + LINE / 2:g}H{box.x:g}" '
                f'stroke="{EDGE}" fill="none"{dash}/>'
            )
    for box in boxes.values():
        for other in (boxes[code] for code in box.item.counterparts if code in boxes):
            left, right = (box, other) if box.x < other.x else (other, box)
            x1, y1 = left.x + BOX, left.y + left.height / 2
            x2, y2 = right.x, right.y + right.height / 2
            middle = (x1 + x2) / 2
            parts.append(
                f'<path d="M{x1:g} {y1:g}C{middle:g} {y1:g} {middle:g} {y2:g} {x2:g} {y2:g}" '
                f'stroke="{LINK}" stroke-width="2" fill="none" data-counterpart="{box.item.code}:{other.item.code}"/>'
            )
    return parts


def _box(
    box: _Box,
    language: str,
    page_of: Callable[[str], str],
    branch_of: Callable[[str], str],
    root: str | None,
) -> list[str]:
    item = box.item
    dash = ' stroke-dasharray="5 3"' if item.is_advisory else ""
    is_root = item.code == root
    words = "".join(
        f'<text x="{box.x + PAD:g}" y="{box.y + PAD + LINE * number + 12:g}" fill="{INK}">{escape(line)}</text>'
        for number, line in enumerate(box.lines)
    )
    duty = escape(item.duty.in_language(language))
    parts = [
        f'<a href="{escape(page_of(item.code), {chr(34): "&quot;"})}"><title>{duty}</title>'
        f'<rect x="{box.x:g}" y="{box.y:g}" width="{BOX}" height="{box.height}" rx="4" fill="{WASH}" '
        f'stroke="{ACCENT}" stroke-width="{3 if is_root else 1.3}"{dash}/>{words}</a>'
    ]
    if box.hidden_count:
        more = escape(MORE.in_language(language).format(count=box.hidden_count))
        parts.append(
            f'<a href="{escape(branch_of(item.code), {chr(34): "&quot;"})}">'
            f'<text x="{box.x + INDENT:g}" y="{box.y + box.height + 14:g}" fill="{ACCENT}" '
            f'text-decoration="underline">+ {more}</text></a>'
        )
    return parts
