"""Points on two axes, as SVG."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field

from zsr_tui.evaluation.report.plots.model import Plot, Series
from zsr_tui.evaluation.report.plots.svg_parts import fitted, legend, mark, n, text, text_width
from zsr_tui.evaluation.report.plots.svg_style import DASHES

_TOP, _RIGHT = 14.0, 24.0
_LABEL = 12.0  # pixels, the size of a point's label


@dataclass(frozen=True, slots=True)
class _Box:
    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: _Box) -> float:
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across * down if across > 0 and down > 0 else 0.0


@dataclass(slots=True)
class _Frame:
    plot: Plot
    left: float
    top: float
    right: float
    bottom: float
    taken: list[_Box] = field(default_factory=list)

    def x(self, value: float) -> float:
        return self.left + (self.right - self.left) * min(1.0, max(0.0, self.plot.x.place(value)))

    def y(self, value: float) -> float:
        return self.bottom - (self.bottom - self.top) * min(1.0, max(0.0, self.plot.y.place(value)))


def plot_body(plot: Plot, width: int) -> tuple[str, int]:
    """The elements and their height."""
    left = 46 + max((text_width(tick.label, 12) for tick in plot.y.ticks), default=20)
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
    rules = _rules(frame)
    marks = [
        mark(series.number, frame.x(point.x), frame.y(point.y), point.about, hollow=series.hollow)
        for series in plot.series
        if series.marks
        for point in series.points
    ]
    parts += [*rules, *marks, *_labels(frame)]
    entries = [(_sample(series), series.name) for series in plot.series]
    if plot.diagonal:
        entries.append(('<path class="p-axis" stroke-dasharray="4 4" d="M-9 0H9"/>', "the same in both"))
    drawn, height = legend(entries, width - _RIGHT, left if not plot.diagonal else 46, frame.bottom + 52)
    return "".join((*parts, drawn)), round(frame.bottom + 56 + height)


def _axes(frame: _Frame) -> str:
    parts = []
    for tick in frame.plot.y.ticks:
        y = frame.y(tick.value)
        parts.append(f'<path class="p-grid" d="M{n(frame.left)} {n(y)}H{n(frame.right)}"/>')
        parts.append(text(frame.left - 9, y + 4, tick.label, "p-small p-muted", anchor="end"))
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
    height = (frame.top + frame.bottom) / 2
    name = text(0, 0, frame.plot.y.label, anchor="middle", room=frame.bottom - frame.top)
    ticks = max((text_width(tick.label, 12) for tick in frame.plot.y.ticks), default=20)
    parts.append(f'<g transform="translate({n(frame.left - ticks - 26)} {n(height)}) rotate(-90)">{name}</g>')
    return "".join(parts)


def _line(frame: _Frame, series: Series) -> list[str]:
    if len(series.points) < 2:
        return []
    path = "M" + "L".join(f"{n(frame.x(point.x))} {n(frame.y(point.y))}" for point in series.points)
    dash = DASHES[series.number % 8]
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return [f'<path class="p-l{series.number % 8}" stroke-width="2" stroke-linejoin="round"{dashed} d="{path}"/>']


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
        dash = DASHES[series.number % 8]
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        line = f'<path class="p-l{series.number % 8}" stroke-width="2"{dashed} d="M-9 0H9"/>'
    return line + mark(series.number, 0, 0, hollow=series.hollow, size=4.5)


def _rules(frame: _Frame) -> list[str]:
    """Horizontal lines; their labels stand at the right, above one another where the lines are close."""
    lines, labels = [], []
    for rule in sorted(frame.plot.rules, key=lambda rule: -rule.y):
        y = frame.y(rule.y)
        lines.append(
            f'<path class="p-rule" stroke-width="1.5" stroke-dasharray="6 4" '
            f'd="M{n(frame.left)} {n(y)}H{n(frame.right)}"/>'
        )
        name = fitted(rule.label, (frame.right - frame.left) / 2, _LABEL)
        size = text_width(name, _LABEL) * 1.12  # it is bold
        for start in (frame.right - size - 4, frame.left + 8, (frame.left + frame.right - size) / 2):
            box = _Box(start - 4, y - 17, start + size + 4, y - 2)
            if not any(box.overlap(other) for other in (*frame.taken, *_mark_boxes(frame))):
                break
        frame.taken.append(box)
        labels.append(text(box.left + 4, y - 5, name, "p-small p-bold p-halo"))
    return [*lines, *labels]


def _mark_boxes(frame: _Frame) -> list[_Box]:
    return [
        _Box(x - 7, y - 7, x + 7, y + 7)
        for series in frame.plot.series
        if series.marks
        for x, y in ((frame.x(point.x), frame.y(point.y)) for point in series.points)
    ]


def _labels(frame: _Frame) -> list[str]:
    """Each point's label at the side where it covers least; a halo keeps it legible over lines."""
    marks, lines = _mark_boxes(frame), _line_boxes(frame)
    parts = []
    for series in frame.plot.series:
        for point in series.points if series.marks else ():
            name = fitted(point.label, 190, _LABEL)
            if not name:
                continue
            x, y, size = frame.x(point.x), frame.y(point.y), text_width(name, _LABEL)
            choices = [
                (x + 10, y + 4),
                (x - 10 - size, y + 4),
                (x - size / 2, y - 11),
                (x - size / 2, y + 20),
                (x + 8, y - 8),
                (x + 8, y + 17),
                (x - 8 - size, y - 8),
                (x - 8 - size, y + 17),
            ]

            def cost(place: tuple[float, float], size: float = size) -> float:
                box = _Box(place[0], place[1] - 11, place[0] + size, place[1] + 3)
                outside = max(0.0, frame.left - box.left) + max(0.0, box.right - frame.right)
                outside += max(0.0, frame.top - box.top) + max(0.0, box.bottom - frame.bottom)
                over = sum(box.overlap(other) for other in frame.taken) * 4 + sum(box.overlap(other) for other in marks)
                return outside * 50 + over * 3 + sum(box.overlap(other) for other in lines)

            best = min(choices, key=cost)
            frame.taken.append(_Box(best[0], best[1] - 11, best[0] + size, best[1] + 3))
            parts.append(text(best[0], best[1], name, f"p-small p-halo p-f{series.number % 8}"))
    return parts


def _line_boxes(frame: _Frame) -> list[_Box]:
    """Small boxes along every line, so that labels keep off them."""
    boxes = [_Box(frame.left, frame.y(rule.y) - 2, frame.right, frame.y(rule.y) + 2) for rule in frame.plot.rules]
    for series in frame.plot.series:
        places = [(frame.x(point.x), frame.y(point.y)) for point in series.points] if series.line else []
        for (x0, y0), (x1, y1) in zip(places, places[1:], strict=False):
            steps = max(1, int(abs(x1 - x0) / 8))
            for step in range(steps):
                x, y = x0 + (x1 - x0) * step / steps, y0 + (y1 - y0) * step / steps
                boxes.append(_Box(x - 4, y - 4, x + 4, y + 4))
    return boxes
