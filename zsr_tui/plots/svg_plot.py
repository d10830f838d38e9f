"""Points on two axes, as SVG."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from zsr_tui.plots import svg_labels
from zsr_tui.plots.model import Plot, Series
from zsr_tui.plots.svg_labels import MARK, Around, Box, Place, Segment
from zsr_tui.plots.svg_parts import fitted, legend, mark, n, room_for_y, text, text_width, y_axis

DASHES = ("", "7 4", "2 3", "9 3 2 3", "5 2", "1 3", "12 4", "4 4")
_TOP, _RIGHT = 14.0, 24.0
_LABEL = 12.0  # pixels, the size of a point's label
_HEIGHT = 14.0  # of its box
_LONGEST = 200.0  # its greatest width
_BOLD = 1.12  # as wide as regular letters


@dataclass(frozen=True, slots=True)
class _Frame:
    plot: Plot
    left: float
    top: float
    right: float
    bottom: float

    def x(self, value: float) -> float:
        return self.left + (self.right - self.left) * self.plot.x.inside(value)

    def y(self, value: float) -> float:
        return self.bottom - (self.bottom - self.top) * self.plot.y.inside(value)


def plot_body(plot: Plot, width: int) -> tuple[str, int]:
    """The elements and their height."""
    left = 46 + room_for_y(plot.y)
    right, bottom = float(width - _RIGHT), _TOP + width * 0.45
    if plot.diagonal:  # both axes have one scale: a square, in the middle
        side = width * 0.55
        left = (width - side) / 2
        right, bottom = left + side, _TOP + side
    frame = _Frame(plot, left, _TOP, right, bottom)
    parts = [_axes(frame)]
    if plot.diagonal:
        parts.append(
            f'<path class="p-axis" stroke-dasharray="4 4" '
            f'd="M{n(frame.left)} {n(frame.bottom)}L{n(frame.right)} {n(frame.top)}"/>'
        )
    for series in plot.series:
        parts += _line(frame, series) if series.line else [] if series.marks else [_dots(frame, series)]
    rules = [
        f'<path class="p-rule" stroke-width="1.5" stroke-dasharray="6 4" '
        f'd="M{n(frame.left)} {n(frame.y(rule.y))}H{n(frame.right)}"/>'
        for rule in plot.rules
    ]
    names, leaders = _labels(frame)
    marks = [
        mark(series.number, frame.x(point.x), frame.y(point.y), point.about, hollow=series.hollow)
        for series in plot.series
        if series.marks
        for point in series.points
    ]
    parts += [*rules, *leaders, *marks, *names]
    entries = [(_sample(series), series.name) for series in plot.series]
    if plot.diagonal:
        entries.append(('<path class="p-axis" stroke-dasharray="4 4" d="M-9 0H9"/>', "the same in both"))
    drawn, height = legend(entries, width - _RIGHT, left if not plot.diagonal else 46, frame.bottom + 52)
    return "".join((*parts, drawn)), round(frame.bottom + 56 + height)


def _axes(frame: _Frame) -> str:
    parts = [y_axis(frame.plot.y, frame.left, frame.top, frame.right, frame.bottom)]
    used = 0.0
    for tick in frame.plot.x.ticks:
        x, half = frame.x(tick.value), text_width(tick.label, 12) / 2
        parts.append(f'<path class="p-grid" d="M{n(x)} {n(frame.top)}V{n(frame.bottom)}"/>')
        parts.append(f'<path class="p-axis" d="M{n(x)} {n(frame.bottom)}v5"/>')
        if x - half > used:
            parts.append(text(x, frame.bottom + 19, tick.label, "p-small p-muted", anchor="middle"))
            used = x + half + 6
    parts.append(f'<path class="p-axis" d="M{n(frame.left)} {n(frame.top)}V{n(frame.bottom)}H{n(frame.right)}"/>')
    middle = (frame.left + frame.right) / 2
    parts.append(text(middle, frame.bottom + 39, frame.plot.x.label, anchor="middle", room=frame.right - frame.left))
    return "".join(parts)


def _line(frame: _Frame, series: Series) -> list[str]:
    if len(series.points) < 2:
        return []
    path = "M" + "L".join(f"{n(frame.x(point.x))} {n(frame.y(point.y))}" for point in series.points)
    return [
        f'<path class="p-l{series.number % 8}" stroke-width="2" stroke-linejoin="round"{_dash(series)} d="{path}"/>'
    ]


def _dash(series: Series) -> str:
    dash = DASHES[series.number % 8]
    return f' stroke-dasharray="{dash}"' if dash else ""


def _dots(frame: _Frame, series: Series) -> str:
    """Thousands of small points in a few paths; many points at one place are one larger point."""
    places = Counter((n(frame.x(point.x)), n(frame.y(point.y))) for point in series.points)
    sizes: dict[int, list[str]] = {}
    for (x, y), count in places.items():
        sizes.setdefault(min(4, math.isqrt(count)), []).append(f"M{x} {y}h0")
    return "".join(
        f'<path class="p-l{series.number % 8}" stroke-width="{2 + 3 * size}" stroke-linecap="round" '
        f'stroke-opacity="0.8" d="{"".join(paths)}"/>'
        for size, paths in sorted(sizes.items())
    )


def _sample(series: Series) -> str:
    if not series.marks:
        return f'<circle class="p-f{series.number % 8}" r="4"/>'
    line = ""
    if series.line:
        line = f'<path class="p-l{series.number % 8}" stroke-width="2"{_dash(series)} d="M-9 0H9"/>'
    return line + mark(series.number, 0, 0, hollow=series.hollow, size=4.5)


def _labels(frame: _Frame) -> tuple[list[str], list[str]]:
    """The names of points and of horizontal lines, and the thin lines that lead to names which found no room beside
    their points."""
    wanted: list[tuple[str, str, float]] = []  # name, style, the point's x
    choices: list[list[Place]] = []
    for rule in frame.plot.rules:
        name = fitted(rule.label, (frame.right - frame.left) / 2, _LABEL)
        size = text_width(name, _LABEL) * _BOLD
        wanted.append((name, "p-small p-bold p-halo", math.nan))
        choices.append(svg_labels.along(frame.left + 8, frame.right - 4, frame.y(rule.y), size, _HEIGHT))
    for series in frame.plot.series:
        for point in series.points if series.marks else ():
            name = fitted(point.label, _LONGEST, _LABEL)
            if name:
                size, x = text_width(name, _LABEL), frame.x(point.x)
                wanted.append((name, f"p-small p-halo p-f{series.number % 8}", x))
                choices.append(svg_labels.beside(x, frame.y(point.y), size, _HEIGHT))
    placed = svg_labels.arrange(
        choices, Around(Box(frame.left + 2, frame.top - 8, frame.right + 18, frame.bottom - 1), *_obstacles(frame))
    )
    names, leaders = [], []
    for (name, style, x), place in zip(wanted, placed, strict=True):
        names.append(_name(name, style, place.box, x))
        if place.leader:
            x0, y0, x1, y1 = place.leader
            leaders.append(f'<path class="p-axis" d="M{n(x0)} {n(y0)}L{n(x1)} {n(y1)}"/>')
    return names, leaders


def _name(name: str, style: str, box: Box, x: float) -> str:
    """Anchored on the side of what it names, so that a face of another width moves its far end alone."""
    y = box.bottom - 3.5
    if box.right < x:
        return text(box.right, y, name, style, anchor="end")
    if box.left < x:
        return text((box.left + box.right) / 2, y, name, style, anchor="middle")
    return text(box.left, y, name, style)


def _obstacles(frame: _Frame) -> tuple[list[Box], list[Segment]]:
    marks: list[Box] = []
    lines = [(frame.left, frame.y(rule.y), frame.right, frame.y(rule.y)) for rule in frame.plot.rules]
    for series in frame.plot.series:
        places = [(frame.x(point.x), frame.y(point.y)) for point in series.points]
        if series.marks:
            marks += [Box(x - MARK + 1, y - MARK + 1, x + MARK - 1, y + MARK - 1) for x, y in places]
        if series.line:
            lines += [(*start, *end) for start, end in pairwise(places)]
    return marks, lines
