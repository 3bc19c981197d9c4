"""Wide tables that a narrow window shows as cards: each cell of a table of the class `stack` names its column."""

import re
from collections import defaultdict
from itertools import count

from django import template
from django.utils.html import strip_tags
from django.utils.safestring import mark_safe

register = template.Library()
TABLE = re.compile(r'(<table\b[^>]*class="[^"]*\bstack\b[^>]*>)(.*?</thead>)(.*?</table>)', re.S)
ROW = re.compile(r"<tr\b.*?</tr>", re.S)
HEADING = re.compile(r"<t[hd]\b([^>]*)>(.*?)</t[hd]>", re.S)
CELL = re.compile(r"<t[hd]\b[^>]*")


def _span(attributes: str, name: str) -> int:
    found = re.search(rf'{name}="(\d+)"', attributes)
    return int(found[1]) if found else 1


def column_names(head: str) -> dict[int, str]:
    """What the columns of a table are called: the heading of each, after those of the groups it is in."""
    names: dict[int, list[str]] = defaultdict(list)
    taken = set()
    for row, cells in enumerate(ROW.findall(head)):
        free = (place for place in count() if (row, place) not in taken)
        for attributes, content in HEADING.findall(cells):
            name = " ".join(strip_tags(content).split()).replace('"', "&quot;")
            first = next(free)
            for place in (first, *(next(free) for _ in range(_span(attributes, "colspan") - 1))):
                taken |= {(row + below, place) for below in range(_span(attributes, "rowspan"))}
                names[place] += [name] if name else []
    return {place: ": ".join(parts) for place, parts in names.items()}


def _named(table: re.Match[str]) -> str:
    names = column_names(table[2])

    def row(cells: re.Match[str]) -> str:
        place = 0

        def cell(match: re.Match[str]) -> str:
            nonlocal place
            span, name = _span(match[0], "colspan"), names.get(place)
            place += span
            return f'{match[0]} data-label="{name}"' if name and span == 1 else match[0]

        return CELL.sub(cell, cells[0])

    return table[1] + table[2] + ROW.sub(row, table[3])


@register.filter(is_safe=True)
def stacked(page: str) -> str:
    """A page in which every cell of a wide table carries the name of its column, for the style sheet to show."""
    return mark_safe(TABLE.sub(_named, page))  # noqa: S308 - it was a page before
