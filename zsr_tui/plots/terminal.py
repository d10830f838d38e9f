"""Plots as characters: braille dots for lines, a shape of its own for every series, so that no colour is needed.

Style names of the spans: "" (nothing special), "title", "axis", "tick", "muted", "rule", and "series-0" ... "series-7".
"""

from __future__ import annotations

from itertools import pairwise

from zsr_tui.plots.canvas import Canvas, Line, clip, width_of, wrap
from zsr_tui.plots.model import Plot, Series
from zsr_tui.plots.terminal_frame import Frame, legend_lines

STYLES = ("title", "axis", "tick", "muted", "rule", *(f"series-{n}" for n in range(8)))
MARKS = "●■▲◆✚★▼◉"
HOLLOW = "○□△◇✛☆▽◎"
MIN_WIDTH, MIN_HEIGHT = 30, 8


def draw(plot: Plot, width: int, height: int) -> list[Line]:
    """`height` lines of `width` cells, as (text, style) spans. Where there is no room for a plot: its words."""
    width, height = max(1, width), max(1, height)
    if width < MIN_WIDTH or height < MIN_HEIGHT:
        return _words(plot, width, height)
    canvas = Canvas(width, height)
    canvas.put(0, 0, clip(plot.title, width), "title")
    legend = legend_lines(
        [(mark(each) if each.marks else "⠶", each.name, series_style(each.number)) for each in plot.series], width
    )
    legend = legend[: max(1, height // 4)]
    for row, line in enumerate(legend):
        column = 0
        for text, style in line:
            canvas.put(height - len(legend) + row, column, text, style)
            column += width_of(text)
    left = max((width_of(tick.label) for tick in plot.y.ticks), default=1) + 1
    top = 1
    if plot.diagonal:  # both axes measure the same, so their names matter
        canvas.put(1, left, clip(f"↑ {plot.y.label}", width - left), "muted")
        top = 2
    frame = Frame(canvas, plot.x, plot.y, left, top, bottom=height - len(legend) - 3)
    frame.axes()
    _rules(frame, plot)
    if plot.diagonal:
        frame.join((plot.x.low, plot.y.low), (plot.x.high, plot.y.high), "axis")
    for series in plot.series:
        style = series_style(series.number)
        if series.line:
            for first, second in pairwise(series.points):
                frame.join((first.x, first.y), (second.x, second.y), style)
        elif not series.marks:
            for point in series.points:
                canvas.dot(*frame.dot(point.x, point.y), style)
    _marks_and_labels(frame, plot)
    return canvas.lines()


def series_style(number: int) -> str:
    return f"series-{number % 8}"


def mark(series: Series) -> str:
    return (HOLLOW if series.hollow else MARKS)[series.number % 8]


def _words(plot: Plot, width: int, height: int) -> list[Line]:
    lines: list[Line] = [[(line, "title")] for line in wrap(plot.title, width)]
    lines += [[(line, "")] for line in wrap(plot.about, width)]
    lines = lines[:height] + [[]] * max(0, height - len(lines))
    return [[*line, (" " * (width - sum(width_of(text) for text, _ in line)), "")] for line in lines]


def _rules(frame: Frame, plot: Plot) -> None:
    for rule in sorted(plot.rules, key=lambda rule: -rule.y):
        row = frame.row(rule.y)
        for column in range(frame.left + 1, frame.right + 1):
            frame.canvas.put(row, column, "╌", "rule")
        label = clip(rule.label, max(1, frame.columns // 2))
        frame.canvas.put(row, frame.right + 1 - width_of(label), label, "rule")


def _marks_and_labels(frame: Frame, plot: Plot) -> None:
    places = []
    for series in plot.series:
        for point in series.points if series.marks else ():
            column, row = frame.column(point.x), frame.row(point.y)
            frame.canvas.put(row, column, mark(series), series_style(series.number))
            places.append((row, column, point.label, series_style(series.number)))
    for row, column, name, style in places:
        label = clip(name, 24)
        size = width_of(label)
        if not size:
            continue
        beside = [(row, column + 2), (row, column - 1 - size)]
        around = [(row + step, column + shift - size // 2) for step in (-1, 1) for shift in (0, size // 2, -size // 2)]
        free = [
            place
            for place in (*beside, *around)
            if place[1] > frame.left
            and place[1] + size <= frame.right + 1
            and place[0] >= frame.top
            and place[0] <= frame.bottom
            and _room(frame.canvas, place, size, column if place[0] == row else None)
        ]
        if free:
            best = min(free, key=lambda place: frame.canvas.dotted(place[0], place[1], size))
            frame.canvas.put(*best, label, style)


def _room(canvas: Canvas, place: tuple[int, int], size: int, own: int | None) -> bool:
    """Free cells, not counting the label's own mark one cell away."""
    row, column = place
    if own is None:
        return canvas.free(row, column, size)
    start, end = (column + 1, size - 1) if own < column else (column, size - 1)
    return canvas.free(row, start, max(1, end))
