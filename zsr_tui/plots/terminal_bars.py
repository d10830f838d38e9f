"""Bars as characters: per-query differences, and a measure broken down by bins."""

from __future__ import annotations

from zsr_tui.plots.canvas import Canvas, Line, clip, width_of
from zsr_tui.plots.model import Breakdown, Differences
from zsr_tui.plots.terminal_frame import Frame, legend_lines

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_SHADES = "█▓▒░"  # so that systems differ without colour


def draw_differences(chart: Differences, width: int, height: int) -> list[Line]:
    """The largest gain at the left. Where there are more queries than dots, one dot is the mean of its neighbours."""
    canvas = Canvas(width, height)
    canvas.put(0, 0, clip(chart.title, width), "title")
    left = max((width_of(tick.label) for tick in chart.y.ticks), default=1) + 1
    frame = Frame(canvas, chart.y, chart.y, left, top=1, bottom=height - 3)
    frame.y_axis()
    zero = frame.dot(chart.y.low, 0.0)[1]
    slots = frame.columns * 2
    for column in range(left + 1, frame.right + 1):
        for half in (0, 1):
            canvas.dot(column * 2 + half, zero, "axis")
    for slot, (value, start, end) in enumerate(_slots(chart, slots)):
        if abs(value) > 0:
            y = frame.dot(chart.y.low, value)[1]
            style = "win" if value > 0 else "loss"
            if chart.cursor is not None and start <= chart.cursor < end:
                style = "cursor"
            canvas.line((left + 1) * 2 + slot, zero, (left + 1) * 2 + slot, y, style)
    cursor = cursor_column(chart, width)
    below = height - 2
    if chart.cursor is not None and cursor is not None:
        bar = chart.bars[chart.cursor]
        canvas.put(below, cursor, "▲", "cursor")
        said = f"{bar.value:+.4f}  {bar.key}  {bar.label}".replace("-", "−", 1 if bar.value < 0 else 0)
        canvas.put(height - 1, 0, clip(said, width), "cursor")
    else:
        canvas.put(below, left + 1, "better", "win")
        canvas.put(below, frame.right + 1 - len("worse"), "worse", "loss")
        canvas.put(height - 1, 0, clip(chart.about, width), "muted")
    return canvas.lines()


def cursor_column(chart: Differences, width: int) -> int | None:
    """The column of the cursor's bar in `draw(chart, width, ...)`; None without a cursor."""
    if chart.cursor is None:
        return None
    left = max((width_of(tick.label) for tick in chart.y.ticks), default=1) + 1
    slots = (width - 2 - left) * 2
    slot = next(number for number, (_, start, end) in enumerate(_slots(chart, slots)) if start <= chart.cursor < end)
    return left + 1 + slot // 2


def bar_at(chart: Differences, width: int, column: int) -> int | None:
    """The index of the (first) bar that is drawn in a column, as for a click; None where there is none."""
    left = max((width_of(tick.label) for tick in chart.y.ticks), default=1) + 1
    slot = (column - left - 1) * 2
    slots = _slots(chart, (width - 2 - left) * 2)
    return slots[slot][1] if 0 <= slot < len(slots) else None


def _slots(chart: Differences, count: int) -> list[tuple[float, int, int]]:
    """(mean value, first bar, end) for each column of dots. Few bars get several columns each, the last one empty."""
    bars = chart.bars
    if not bars or count <= 0:
        return []
    if len(bars) <= count:
        each = max(1, min(count // len(bars), 12))
        gap = each > 2
        return [
            (0.0 if gap and part == each - 1 else bar.value, index, index + 1)
            for index, bar in enumerate(bars)
            for part in range(each)
        ]
    edges = [number * len(bars) // count for number in range(count + 1)]
    return [
        (sum(bar.value for bar in bars[start:end]) / (end - start), start, end)
        for start, end in zip(edges, edges[1:], strict=False)
    ]


def draw_breakdown(chart: Breakdown, width: int, height: int) -> list[Line]:
    """A bar for each bin and system, with the value and the count behind it."""
    canvas = Canvas(width, height)
    canvas.put(0, 0, clip(chart.title, width), "title")
    several = len(chart.systems) > 1
    labels = min(max((width_of(row.label) for row in chart.bins), default=1), width // 3)
    counts = [f"{row.count:,} {chart.counted}" for row in chart.bins]
    tail = max((len(count) for count in counts), default=0) + 2
    if labels + tail + 8 + 6 > width:
        counts, tail = [f"{row.count:,}" for row in chart.bins], 2 + max(len(f"{row.count:,}") for row in chart.bins)
    room = width - labels - 1 - 7 - tail
    row_number = 1
    legend = _legend(chart, width) if several else []
    last = height - len(legend)
    for index, (row, count) in enumerate(zip(chart.bins, counts, strict=True)):
        needed = len(row.values) + (1 if several and index + 1 < len(chart.bins) else 0)
        if row_number + len(row.values) > last:
            canvas.put(last - 1, 0, clip(f"… {len(chart.bins) - index} more", width), "muted")
            break
        canvas.put(row_number, 0, clip(row.label, labels), "")
        canvas.put(row_number, width - len(count), count, "muted")
        for number, value in enumerate(row.values):
            said = "    –" if value is None else f"{value:.3f}"
            length = max(0.0, chart.x.place(value)) * room if value is not None else 0.0
            canvas.put(row_number + number, labels + 1, _bar(length, number), f"series-{number % 8}")
            canvas.put(row_number + number, labels + 1 + int(length + 0.999) + 1, said, "tick")
        row_number += needed
    for number, line in enumerate(legend):
        column = 0
        for text, style in line:
            canvas.put(last + number, column, text, style)
            column += width_of(text)
    return canvas.lines()


def _bar(length: float, number: int) -> str:
    shade = _SHADES[number % len(_SHADES)]
    if shade != "█":
        return shade * max(1 if length > 0 else 0, round(length))
    whole, part = divmod(round(length * 8), 8)
    return "█" * whole + _EIGHTHS[part].strip()


def _legend(chart: Breakdown, width: int) -> list[Line]:
    entries = [(_SHADES[number % 4], name, f"series-{number % 8}") for number, name in enumerate(chart.systems)]
    return legend_lines(entries, width)
