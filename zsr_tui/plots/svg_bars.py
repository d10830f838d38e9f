"""Per-query differences and breakdowns, as SVG."""

from __future__ import annotations

from collections.abc import Callable

from zsr_tui.plots.model import Breakdown, Differences
from zsr_tui.plots.svg_parts import LINE, escape, fitted, legend, n, room_for_y, text, text_width, y_axis

_RIGHT = 24
_BAR, _GAP = 15, 4
_SINGLE = 500  # up to so many bars each has its tooltip


def differences_body(plot: Differences, width: int) -> tuple[str, int]:
    """One bar for each query, sorted; above and below 0 by direction and by colour."""
    left = 46 + room_for_y(plot.y)
    top, bottom, right = 14.0, 14.0 + width * 0.4, float(width - _RIGHT)

    def y(value: float) -> float:
        return bottom - (bottom - top) * plot.y.place(value)

    parts = [y_axis(plot.y, left, top, right, bottom)]
    count = max(1, len(plot.bars))
    pitch = min(28.0, (right - left) / count)
    edge = pitch * 0.15 if pitch > 3 else 0.0
    zero = y(0.0)
    if len(plot.bars) <= _SINGLE:
        for index, bar in enumerate(plot.bars):
            start, end = sorted((zero, y(bar.value)))
            if not bar.value:
                continue
            style = "p-win" if bar.value > 0 else "p-loss"
            parts.append(
                f'<rect class="{style}" x="{left + index * pitch + edge:.2f}" y="{n(start)}" '
                f'width="{max(0.4, pitch - 2 * edge):.2f}" height="{max(0.5, end - start):.1f}">'
                f"<title>{escape(bar.about)}</title></rect>"
            )
    else:
        for style, sign in (("p-win", 1), ("p-loss", -1)):
            parts.append(f'<path class="{style}" d="{_area(plot, left, pitch, zero, y, sign)}"/>')
    parts.append(f'<path class="p-axis" d="M{n(left)} {n(top)}V{n(bottom)}"/>')
    parts.append(f'<path class="p-axis" d="M{n(left)} {n(zero)}H{n(right)}"/>')
    wins = sum(bar.value > 0 for bar in plot.bars)
    losses = sum(bar.value < 0 for bar in plot.bars)
    ties = len(plot.bars) - wins - losses
    parts.append(text(left, bottom + 24, f"▲ better in {wins:,}", "p-win"))
    parts.append(text((left + right) / 2, bottom + 24, f"equal in {ties:,}", "p-muted", anchor="middle"))
    parts.append(text(right, bottom + 24, f"▼ worse in {losses:,}", "p-loss", anchor="end"))
    return "".join(parts), round(bottom + 36)


def _area(plot: Differences, left: float, pitch: float, zero: float, y: Callable[[float], float], sign: int) -> str:
    """The outline of all bars of one sign: thousands of queries stay a small file."""
    steps: dict[str, float] = {}
    for index, bar in enumerate(plot.bars):
        if bar.value * sign > 0:
            column = f"{left + index * pitch:.0f}"  # whole pixels: the largest bar of each is drawn
            steps[column] = max(steps.get(column, 0.0), abs(bar.value))
    if not steps:
        return "M0 0"
    columns = list(steps)
    last = float(columns[-1]) + max(pitch, 0.1)
    outline = "".join(f"H{column}V{n(y(sign * value))}" for column, value in steps.items())
    return f"M{columns[0]} {n(zero)}{outline}H{n(last)}V{n(zero)}Z"


def breakdown_body(plot: Breakdown, width: int) -> tuple[str, int]:
    """A bar for each bin and system, with its value, and how many queries stand behind it."""
    counts = [f"{row.count:,} {'query' if row.count == 1 else 'queries'}" for row in plot.bins]
    labels = min(220.0, max((text_width(row.label) for row in plot.bins), default=40.0)) + 8
    tail = max((text_width(count, 12) for count in counts), default=0.0) + 16
    left, right = 16 + labels, width - _RIGHT - tail - 48
    parts: list[str] = []
    y = 12.0
    for tick in plot.x.ticks:
        x = left + (right - left) * plot.x.place(tick.value)
        height = sum(len(row.values) * _BAR + _GAP * 3 for row in plot.bins)
        parts.append(f'<path class="p-grid" d="M{n(x)} 6V{n(y + height)}"/>')
        parts.append(text(x, y + height + 15, tick.label, "p-small p-muted", anchor="middle"))
    for row, count in zip(plot.bins, counts, strict=True):
        middle = y + len(row.values) * _BAR / 2 + 4
        parts.append(text(left - 10, middle, fitted(row.label, 220), anchor="end"))
        parts.append(text(width - _RIGHT, middle, count, "p-small p-muted", anchor="end"))
        for number, value in enumerate(row.values):
            at = y + number * _BAR
            if value is None:
                parts.append(text(left + 6, at + 11.5, "no value", "p-small p-muted"))
                continue
            length = (right - left) * max(0.0, plot.x.place(value))
            tip = f"{plot.systems[number]}, {row.label}: {value:.4f} over {count}"
            parts.append(
                f'<rect class="p-f{number % 8}" x="{n(left)}" y="{n(at + 1)}" width="{max(0.5, length):.1f}" '
                f'height="{_BAR - 2}"><title>{escape(tip)}</title></rect>'
            )
            parts.append(text(left + length + 6, at + 12, f"{value:.3f}", "p-small"))
        y += len(row.values) * _BAR + _GAP * 3
    parts.append(f'<path class="p-axis" d="M{n(left)} 6V{n(y)}"/>')
    y += 24
    if len(plot.systems) > 1:
        squares = [
            (f'<rect class="p-f{number % 8}" x="-7" y="-6" width="14" height="12"/>', name)
            for number, name in enumerate(plot.systems)
        ]
        drawn, used = legend(squares, width - _RIGHT, left, y)
        parts.append(drawn)
        y += used
    return "".join(parts), round(y + LINE / 2)
