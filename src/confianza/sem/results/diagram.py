"""The path diagram of a fit as SVG: latent variables as ellipses, observed ones as rectangles, paths as arrows.

Variables that explain one another stand in layers from left to right (longest path, crossings lessened by
barycentres); the indicators of the first layer stand at its left, those of the last at its right, others above or
below. Covariances are arcs with two heads, fixed values are dashed. Means and thresholds are not drawn.

References
----------
Sugiyama, Tagawa and Toda (1981), IEEE Transactions on Systems, Man, and Cybernetics 11, 109-125, for the layers.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from math import cos, hypot, pi, sin
from zlib import crc32

from confianza.errors import ModelError
from confianza.sem.estimation.solution import Solution

CHARACTER, TEXT = 7.3, 13  # width of a letter and height of the text, in pixels
BOX_HEIGHT, ROUND_HEIGHT, LINE = 26.0, 46.0, 40.0  # of a rectangle, of an ellipse, between indicators
GAP, REACH = 150.0, 130.0  # between layers, between a latent variable and its column of indicators
ABOVE, MARGIN, BETWEEN = 104.0, 16.0, 24.0
STYLE = (
    "text{font:13px sans-serif;fill:#1a1a1a;text-anchor:middle;dominant-baseline:central}"
    ".value{font-size:11px}.back{fill:#fff}"
    ".heading{font-weight:bold;text-anchor:start}"
    ".node{fill:#fff;stroke:#1a1a1a;stroke-width:1.3}.path{fill:none;stroke:#3a3a3a;stroke-width:1.1}"
    ".arc{stroke:#5b6f8c}.fixed{stroke-dasharray:4 3}"
)

Point = tuple[float, float]
LEFT, RIGHT, UP, DOWN = (-1.0, 0.0), (1.0, 0.0), (0.0, -1.0), (0.0, 1.0)


class Svg(str):
    """The text of a picture; a notebook shows it."""

    __slots__ = ()

    def _repr_svg_(self) -> str:
        return str(self)


@dataclass(frozen=True)
class Arrow:
    """A path from one variable to another, or a covariance of two (or the variance of one)."""

    start: str
    end: str
    value: float
    is_fixed: bool
    is_covariance: bool = False


@dataclass
class Node:
    """A variable, or a bend of a long path (no width), in its place."""

    name: str
    is_latent: bool
    width: float
    height: float
    outward: Point = UP  # the side without paths
    x: float = 0.0
    y: float = 0.0
    indicators: list[Node] = field(default_factory=list)

    def border(self, toward: Point) -> Point:
        """Where a line from the center toward a point leaves the figure."""
        dx, dy = toward[0] - self.x, toward[1] - self.y
        if not dx and not dy:
            return self.x, self.y
        w, h = self.width / 2, self.height / 2
        share = 1 / hypot(dx / w, dy / h) if self.is_latent else 1 / max(abs(dx) / w, abs(dy) / h)
        return self.x + dx * share, self.y + dy * share

    def port(self, other: Node) -> Point:
        """Where an arc to another variable leaves the outward side, a little on the other's side."""
        ox, oy = self.outward
        toward = max(-1.0, min(1.0, (other.y - self.y) / 40 if ox else (other.x - self.x) / 40))
        if self.is_latent:
            angle = toward * pi / 3.5
            along, across = cos(angle), sin(angle)
        else:
            along, across = 1.0, toward * 0.55
        w, h = self.width / 2, self.height / 2
        return (
            (self.x + ox * w * along, self.y + h * across)
            if ox
            else (self.x + w * across, self.y + oy * h * along)
        )


def diagram(
    solution: Solution, values: Sequence[float], *, is_standardized: bool, group: str | int | None
) -> Svg:
    """The path diagram with values of the parameters; of all groups, one below the other, or of one.

    Raises
    ------
    ModelError
        There is no such group.
    """
    panels = []
    top = 0.0
    for number in _groups(solution, group):
        rows = [
            (row, value)
            for row, value in zip(solution.table.parameters, values, strict=True)
            if row.group == number and not row.exo
        ]
        arrows = [
            Arrow(
                *((row.rhs, row.lhs) if row.op in {"~", "<~"} else (row.lhs, row.rhs)),
                value=value,
                is_fixed=row.free == 0,
                is_covariance=row.op == "~~",
            )
            for row, value in rows
            if row.op in {"=~", "<~", "~"} or (row.op == "~~" and (row.free or value))
        ]
        measured = [(row.lhs, row.rhs) for row, _ in rows if row.op == "=~"]
        heading = solution.group_labels[number - 1] if solution.table.n_groups > 1 else ""
        panel = _Panel(solution.table.observed, solution.table.latent, arrows, measured, heading)
        panels.append((panel, top))
        top += panel.height + BETWEEN
    return _document(panels, is_standardized=is_standardized)


def _groups(solution: Solution, group: str | int | None) -> Sequence[int]:
    if group is None:
        return range(1, solution.table.n_groups + 1)
    if isinstance(group, int) and 0 < group <= solution.table.n_groups:
        return (group,)
    if str(group) in solution.group_labels:
        return (solution.group_labels.index(str(group)) + 1,)
    raise ModelError("sem-group-unknown", group=group, known=", ".join(solution.group_labels))


def _document(panels: Sequence[tuple[_Panel, float]], *, is_standardized: bool) -> Svg:
    width = max(panel.width for panel, _ in panels)
    height = panels[-1][1] + panels[-1][0].height
    title = "Path diagram" + (", standardized estimates" if is_standardized else "")
    described = _escaped(". ".join(panel.description() for panel, _ in panels) + ".")
    key = f"{crc32(described.encode()):08x}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="t{key} d{key}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}">',
        f'<title id="t{key}">{title}</title>',
        f'<desc id="d{key}">{described}</desc>',
        f"<style>{STYLE}</style>",
        f'<defs><marker id="h{key}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
        'orient="auto-start-reverse"><path d="M0 1L10 5L0 9z" fill="#3a3a3a"/></marker></defs>',
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#fff"/>',
    ]
    for panel, top in panels:
        parts += panel.elements(top, f"h{key}")
    return Svg("\n".join([*parts, "</svg>"]) + "\n")


# --- layers --------------------------------------------------------------------------------------------------


def _forward(names: Sequence[str], edges: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The edges without those that would close a circle."""
    after: dict[str, list[str]] = {name: [] for name in names}
    for start, end in dict.fromkeys(edges):
        if start != end:
            after[start].append(end)
    forward: list[tuple[str, str]] = []
    state: dict[str, int] = {}

    def visit(name: str) -> None:
        state[name] = 1
        for other in after[name]:
            if state.get(other) == 1:
                continue
            forward.append((name, other))
            if other not in state:
                visit(other)
        state[name] = 2

    explained = {end for ends in after.values() for end in ends}
    for name in sorted(names, key=lambda one: one in explained):
        if name not in state:
            visit(name)
    return forward


def _layers(names: Sequence[str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The length of the longest path that ends in each variable."""
    layer = dict.fromkeys(names, 0)
    for _ in names:
        for start, end in edges:
            layer[end] = max(layer[end], layer[start] + 1)
    return layer


def _ordered(layers: list[list[str]], edges: Sequence[tuple[str, str]]) -> None:
    """Order each layer by the mean place of its neighbors, forth and back."""
    for sweep in range(8):
        is_forth = sweep % 2 == 0
        numbered = list(range(1, len(layers))) if is_forth else list(range(len(layers) - 2, -1, -1))
        for number in numbered:
            beside = layers[number - 1] if is_forth else layers[number + 1]
            index_of = {name: index for index, name in enumerate(beside)}
            means = {}
            for index, name in enumerate(layers[number]):
                seen = [
                    index_of[other]
                    for start, end in edges
                    for mine, other in ((start, end), (end, start))
                    if mine == name and other in index_of
                ]
                means[name] = sum(seen) / len(seen) if seen else float(index)
            layers[number].sort(key=lambda name: means[name])


# --- one group -----------------------------------------------------------------------------------------------


class _Panel:
    """The diagram of one group."""

    def __init__(
        self,
        observed: Sequence[str],
        latent: Sequence[str],
        arrows: Sequence[Arrow],
        measured: Sequence[tuple[str, str]],
        heading: str,
    ) -> None:
        self.arrows, self.heading = arrows, heading
        paths = [arrow for arrow in arrows if not arrow.is_covariance]
        owner: dict[str, str] = {}
        for factor, item in measured:
            owner.setdefault(item, factor)
        others = {name for arrow in paths for name in (arrow.start,)}
        others |= {arrow.end for arrow in paths if (arrow.start, arrow.end) not in set(measured)}
        items = [name for name in observed if name in owner and name not in others]
        inner = [name for name in (*latent, *observed) if name not in items]
        used = {name for arrow in arrows for name in (arrow.start, arrow.end)}
        inner = [name for name in inner if name in used]
        self.nodes = {name: _node(name, is_latent=name in set(latent)) for name in (*inner, *items)}
        for name in items:
            self.nodes[owner[name]].indicators.append(self.nodes[name])
        self.is_item = set(items)
        self.bends: dict[tuple[str, str], list[Node]] = {}
        self._place(inner, [(a.start, a.end) for a in paths if {a.start, a.end} <= set(inner)])
        self.labels: list[tuple[float, float, float, float]] = []
        self.drawn: list[str] = []
        self.drawn_values: list[str] = []
        self.points: list[Point] = []
        self._draw()
        self.left = min(x for x, _ in self.points) - MARGIN
        self.top = min(y for _, y in self.points) - MARGIN - (28 if heading else 0)
        self.width = max(x for x, _ in self.points) + MARGIN - self.left
        self.height = max(y for _, y in self.points) + MARGIN - self.top

    def _place(self, names: Sequence[str], edges: Sequence[tuple[str, str]]) -> None:
        edges = _forward(names, edges)
        layer = _layers(names, edges)
        for name in names:  # what only explains stands next to what it explains first
            ends = [layer[end] for start, end in edges if start == name]
            if not self.nodes[name].indicators and ends and all(end != name for _, end in edges):
                layer[name] = min(ends) - 1
        last = max(layer.values(), default=0)
        layers: list[list[str]] = [
            [name for name in names if layer[name] == number] for number in range(last + 1)
        ]
        short: list[tuple[str, str]] = []
        for start, end in edges:
            chain = [start]
            for number in range(layer[start] + 1, layer[end]):
                bend = f"{start}\0{end}\0{number}"
                self.nodes[bend] = Node(bend, False, 0.0, 20.0)
                self.bends.setdefault((start, end), []).append(self.nodes[bend])
                layers[number].append(bend)
                chain.append(bend)
            short += zip(chain, [*chain[1:], end], strict=True)
        _ordered(layers, short)
        x = 0.0
        for number, column in enumerate(layers):
            nodes = [self.nodes[name] for name in column]
            side = LEFT if number == 0 else RIGHT if number == last else UP
            widths = []
            for index, node in enumerate(nodes):
                node.outward = DOWN if side == UP and len(nodes) > 1 and index >= len(nodes) / 2 else side
                row = sum(item.width + 12 for item in node.indicators) if node.outward in {UP, DOWN} else 0
                widths.append(max(node.width, row))
            reach = max((item.width for node in nodes for item in node.indicators), default=-REACH) + REACH
            x += reach if side == LEFT else 0.0
            x += max(widths) / 2
            self._stack(nodes, x)
            x += max(widths) / 2 + GAP
        if last == 0:  # arcs stand at the free side
            for name in names:
                self.nodes[name].outward = RIGHT
        self._straighten(layers, short)
        for column in layers:
            for name in column:
                self._indicators(self.nodes[name], is_single=last == 0)

    def _room(self, node: Node) -> tuple[float, float]:
        """The room that a variable with its indicators takes above and below its center."""
        count = len(node.indicators)
        if not count:
            half = node.height / 2 + (34 if node.width else 6)
            return half, half
        if node.outward == UP:
            return ABOVE + BOX_HEIGHT + 40, node.height / 2 + 34
        if node.outward == DOWN:
            return node.height / 2 + 34, ABOVE + BOX_HEIGHT + 40
        half = max(count * LINE, node.height + 40) / 2
        return half, half

    def _stack(self, nodes: Sequence[Node], x: float) -> None:
        rooms = [self._room(node) for node in nodes]
        y = -sum(map(sum, rooms)) / 2
        for node, (above, below) in zip(nodes, rooms, strict=True):
            node.x, node.y = x, y + above
            y += above + below

    def _straighten(self, layers: Sequence[Sequence[str]], edges: Sequence[tuple[str, str]]) -> None:
        """Move each layer as a whole to the mean height of what it is tied to."""
        for number in range(1, len(layers)):
            shifts = [
                self.nodes[start].y - self.nodes[end].y for start, end in edges if end in set(layers[number])
            ]
            shift = sum(shifts) / len(shifts) if shifts else 0.0
            for name in layers[number]:
                self.nodes[name].y += shift

    def _indicators(self, node: Node, *, is_single: bool) -> None:
        side = LEFT if is_single else node.outward
        count = len(node.indicators)
        widest = max((item.width for item in node.indicators), default=0.0)
        x = node.x - sum(item.width + 12 for item in node.indicators) / 2
        for index, item in enumerate(node.indicators):
            item.outward = side
            if side in {LEFT, RIGHT}:
                item.x = node.x + side[0] * (node.width / 2 + REACH + widest / 2)
                item.y = node.y + (index - (count - 1) / 2) * LINE
            else:
                item.x, item.y = x + item.width / 2 + 6, node.y + side[1] * ABOVE
                x += item.width + 12

    # --- drawing ---------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        for arrow in self.arrows:
            start, end = self.nodes[arrow.start], self.nodes[arrow.end]
            if arrow.is_covariance:
                if start is end:
                    self._variance(start, arrow)
                else:
                    self._arc(start, end, arrow)
            else:
                self._path(start, end, arrow)
        for node in self.nodes.values():
            if node.width:
                self._figure(node)

    def _path(self, start: Node, end: Node, arrow: Arrow) -> None:
        bends = [(bend.x, bend.y) for bend in self.bends.get((arrow.start, arrow.end), ())]
        first = start.border(bends[0] if bends else (end.x, end.y))
        last = end.border(bends[-1] if bends else (start.x, start.y))
        points = [first, *bends, last]
        where = (0.62, 0.7, 0.54, 0.46) if end.name in self.is_item else (0.5, 0.42, 0.58, 0.34, 0.66)
        if not bends:
            self._line(f"M{_at(first)}L{_at(last)}", arrow, (first, last))
            self._label([_between(first, last, share) for share in where], arrow.value)
            return
        curve = f"M{_at(first)}"
        for before, after in itertools.pairwise(points):
            middle = (before[0] + after[0]) / 2
            curve += f"C{_at((middle, before[1]))} {_at((middle, after[1]))} {_at(after)}"
        self._line(curve, arrow, points)
        self._label([bends[len(bends) // 2]], arrow.value)

    def _arc(self, start: Node, end: Node, arrow: Arrow) -> None:
        first, last = start.port(end), end.port(start)
        pull = 26 + 0.28 * hypot(last[0] - first[0], last[1] - first[1])
        if {start.name, end.name} & self.is_item:
            pull += 48  # round the residual variances
        near, far = (
            (point[0] + node.outward[0] * pull, point[1] + node.outward[1] * pull)
            for point, node in ((first, start), (last, end))
        )
        self._line(f"M{_at(first)}C{_at(near)} {_at(far)} {_at(last)}", arrow, (first, last))
        places = [_cubic(first, near, far, last, share) for share in (0.5, 0.4, 0.6, 0.3, 0.7)]
        self.points += places
        self._label(places, arrow.value)

    def _variance(self, node: Node, arrow: Arrow) -> None:
        """Of an indicator a short arrow from outside, of another variable a loop."""
        ox, oy = node.outward
        if node.name in self.is_item:
            edge = (node.x + ox * node.width / 2, node.y + oy * node.height / 2)
            tail = (edge[0] + ox * 20, edge[1] + oy * 16)
            self._line(f"M{_at(tail)}L{_at(edge)}", arrow, (tail, edge), heads=1)
            half = _width(_value(arrow.value), 6.2) / 2
            self._label([(tail[0] + ox * (half + 3), tail[1] + oy * 8)], arrow.value)
            return
        side = -1.0 if node.outward != UP else 1.0
        y = node.y + side * node.height / 2 * 0.93
        a, b = (node.x - 9, y), (node.x + 9, y)
        low = y + side * 26
        curve = f"M{_at(a)}C{_at((node.x - 22, low))} {_at((node.x + 22, low))} {_at(b)}"
        self._line(curve, arrow, (a, b))
        self._label([(node.x, y + side * 27)], arrow.value)

    def _line(self, curve: str, arrow: Arrow, points: Iterable[Point], heads: int | None = None) -> None:
        self.points += points
        is_arc = arrow.is_covariance and heads != 1
        kind = "path" + (" arc" if is_arc else "") + (" fixed" if arrow.is_fixed else "")
        markers = 'marker-end="url(#HEAD)"' + (' marker-start="url(#HEAD)"' if is_arc else "")
        self.drawn.append(f'<path class="{kind}" d="{curve}" {markers}/>')

    def _label(self, places: Sequence[Point], value: float) -> None:
        """Write a value at the first of some places where it hides no other."""
        text = _value(value)
        half, high = _width(text, 6.2) / 2 + 1, 7.0
        boxes = [(x - half, y - high, x + half, y + high) for x, y in places]
        free = [
            index
            for index, box in enumerate(boxes)
            if not any(
                box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]
                for other in self.labels
            )
        ]
        chosen = free[0] if free else 0
        self.labels.append(boxes[chosen])
        x0, y0, x1, y1 = boxes[chosen]
        self.points += [(x0, y0), (x1, y1)]
        self.drawn_values.append(
            f'<rect class="back" x="{x0:.1f}" y="{y0:.1f}" width="{x1 - x0:.1f}" height="{y1 - y0:.1f}"/>'
            f'<text class="value" x="{(x0 + x1) / 2:.1f}" y="{(y0 + y1) / 2:.1f}">{text}</text>'
        )

    def _figure(self, node: Node) -> None:
        w, h = node.width / 2, node.height / 2
        self.points += [(node.x - w, node.y - h), (node.x + w, node.y + h)]
        if node.is_latent:
            figure = f'<ellipse class="node" cx="{node.x:.1f}" cy="{node.y:.1f}" rx="{w:.1f}" ry="{h:.1f}"/>'
        else:
            figure = (
                f'<rect class="node" x="{node.x - w:.1f}" y="{node.y - h:.1f}" '
                f'width="{node.width:.1f}" height="{node.height:.1f}"/>'
            )
        self.drawn += [figure, f'<text x="{node.x:.1f}" y="{node.y:.1f}">{_escaped(node.name)}</text>']

    def elements(self, top: float, head: str) -> Iterator[str]:
        """The figures, moved to where the panel begins."""
        if self.heading:
            yield f'<text class="heading" x="{MARGIN}" y="{top + MARGIN + 6:.1f}">{_escaped(self.heading)}</text>'
        yield f'<g transform="translate({-self.left:.1f} {top - self.top:.1f})">'
        yield from (one.replace("#HEAD", f"#{head}") for one in self.drawn)
        yield from self.drawn_values
        yield "</g>"

    def description(self) -> str:
        """The diagram in words, in the language of models."""
        texts = [
            f"{arrow.start} {'↔' if arrow.is_covariance else '→'} {arrow.end} {_value(arrow.value)}"
            for arrow in self.arrows
        ]
        return (f"{self.heading}: " if self.heading else "") + "; ".join(texts)


def _node(name: str, *, is_latent: bool) -> Node:
    width = _width(name, CHARACTER)
    if is_latent:
        return Node(name, True, max(80.0, 1.25 * width + 24), ROUND_HEIGHT)
    return Node(name, False, max(44.0, width + 14), BOX_HEIGHT)


def _escaped(text: str) -> str:
    return escape(text, quote=False)


def _width(text: str, character: float) -> float:
    return len(text) * character


def _value(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _at(point: Point) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"


def _between(first: Point, last: Point, share: float) -> Point:
    return first[0] + share * (last[0] - first[0]), first[1] + share * (last[1] - first[1])


def _cubic(a: Point, b: Point, c: Point, d: Point, t: float) -> Point:
    weights: Mapping[int, float] = {0: (1 - t) ** 3, 1: 3 * t * (1 - t) ** 2, 2: 3 * t**2 * (1 - t), 3: t**3}
    points = (a, b, c, d)
    return (
        sum(weights[index] * point[0] for index, point in enumerate(points)),
        sum(weights[index] * point[1] for index, point in enumerate(points)),
    )
