"""Pieces that every SVG plot is made of."""

from __future__ import annotations

import html
from collections.abc import Sequence

from zsr_tui.plots.model import Axis
from zsr_tui.text import one_line, printable, shorten_middle

HEADER = 40  # the title of a file of its own
LINE = 20  # a line of a legend

# Widths in ems of DejaVu Sans, the widest of the usual sans-serif faces; what is not named here has the default.
_DEFAULT, _FULL = 0.64, 1.0
_EM = {
    character: width
    for width, characters in (
        (0.34, "'ijlIJ ,.·/:;\\|"),
        (0.41, "f-()[]t!r"),
        (0.53, '"*_`–sz?'),
        (0.60, "cLFkvxyP"),
        (0.72, "KAVΔBRXZC"),
        (0.79, "UHNDG&OQ"),
        (0.87, "w#+<=>^~−≈×M●○"),
        (1.00, "m%W@…—"),
    )
    for character in characters
}


def escape(text: str) -> str:
    """Safe inside an element or a quoted attribute; control characters, which XML has no place for, become visible."""
    return html.escape(printable(text), quote=True)


def text_width(text: str, size: float = 13) -> float:
    """A safe estimate in pixels, for sans-serif faces."""
    return size * sum(_EM.get(each, _FULL if ord(each) > 0x2E80 else _DEFAULT) for each in text)


def fitted(text: str, room: float, size: float = 13) -> str:
    """On one line, cut in the middle to fit into `room` pixels."""
    text = one_line(text)
    width = text_width(text, size)
    if width <= room:
        return text
    return shorten_middle(text, max(1, int(len(text) * room / width)))


def n(value: float) -> str:
    """A coordinate in few characters."""
    return f"{value:.1f}".removesuffix(".0")


def text(
    x: float, y: float, content: str, style: str = "", *, anchor: str = "start", room: float = 0, size: float = 13
) -> str:
    shown = fitted(content, room, size) if room else one_line(content)
    where = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text class="p-text {style}" x="{n(x)}" y="{n(y)}"{where}>{escape(shown)}</text>'.replace(' "', '"', 1)


def room_for_y(axis: Axis) -> float:
    """How wide the labels of its ticks are."""
    return max((text_width(tick.label, 12) for tick in axis.ticks), default=20)


def y_axis(axis: Axis, left: float, top: float, right: float, bottom: float) -> str:
    """The lines across the plot at its ticks, their labels, and its name beside them."""
    parts = []
    for tick in axis.ticks:
        y = bottom - (bottom - top) * axis.inside(tick.value)
        parts.append(f'<path class="p-grid" d="M{n(left)} {n(y)}H{n(right)}"/>')
        parts.append(text(left - 9, y + 4, tick.label, "p-small p-muted", anchor="end"))
    name = text(0, 0, axis.label, anchor="middle", room=bottom - top)
    x, y = left - room_for_y(axis) - 26, (top + bottom) / 2
    return "".join(parts) + f'<g transform="translate({n(x)} {n(y)}) rotate(-90)">{name}</g>'


def mark(number: int, x: float, y: float, about: str = "", *, hollow: bool = False, size: float = 5.5) -> str:
    """Circle, square, triangle, diamond, cross, star-like and so on, by number; `about` is its tooltip."""
    style = f"p-h{number % 8}" if hollow else f"p-f{number % 8}"
    stroke = ' stroke-width="2"' if hollow else ""
    tip = f"<title>{escape(about)}</title>" if about else ""
    shape = number % 8
    if shape == 0:
        return f'<circle class="{style}"{stroke} cx="{n(x)}" cy="{n(y)}" r="{n(size)}">{tip}</circle>'
    return f'<path class="{style}"{stroke} d="{_path(_SHAPES[shape], x, y, size)}">{tip}</path>'


_SHAPES: tuple[Sequence[tuple[float, float]], ...] = (
    (),
    ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    ((0, -1.2), (1.15, 0.85), (-1.15, 0.85)),
    ((0, -1.3), (1.15, 0), (0, 1.3), (-1.15, 0)),
    (
        *((-0.4, -1.2), (0.4, -1.2), (0.4, -0.4), (1.2, -0.4), (1.2, 0.4), (0.4, 0.4)),
        *((0.4, 1.2), (-0.4, 1.2), (-0.4, 0.4), (-1.2, 0.4), (-1.2, -0.4), (-0.4, -0.4)),
    ),
    (
        *((0, -1.35), (0.35, -0.45), (1.3, -0.42), (0.55, 0.18), (0.8, 1.1)),
        *((0, 0.55), (-0.8, 1.1), (-0.55, 0.18), (-1.3, -0.42), (-0.35, -0.45)),
    ),
    ((0, 1.2), (1.15, -0.85), (-1.15, -0.85)),
    ((-0.55, -1.1), (0.55, -1.1), (1.15, 0), (0.55, 1.1), (-0.55, 1.1), (-1.15, 0)),
)


def _path(shape: Sequence[tuple[float, float]], x: float, y: float, size: float) -> str:
    return "M" + "L".join(f"{n(x + dx * size)} {n(y + dy * size)}" for dx, dy in shape) + "Z"


def legend(entries: Sequence[tuple[str, str]], width: float, left: float, top: float) -> tuple[str, float]:
    """(shape around 0 0, name) of each, as many on a line as fit; a longer name takes several lines. Returns the
    elements and the height they take."""
    parts, x, y = [], left, top
    for shape, name in entries:
        lines = wrapped(name, width - left - 40)
        size = 26 + max(map(text_width, lines)) + 18
        if x > left and x + size - 18 > width:
            x, y = left, y + LINE
        parts.append(f'<g transform="translate({n(x + 9)} {n(y + 9)})">{shape}</g>')
        parts += [text(x + 24, y + 13.5 + LINE * row, line) for row, line in enumerate(lines)]
        y += LINE * (len(lines) - 1)
        x = x + size if len(lines) == 1 else width
    return "".join(parts), (y - top + LINE) if entries else 0.0


def wrapped(name: str, room: float) -> list[str]:
    """Broken at spaces into lines of at most `room` pixels; a longer word is cut in its middle."""
    lines = [""]
    for word in (fitted(each, room) for each in one_line(name).split() or [""]):
        joined = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width(joined) > room:
            lines.append(word)
        else:
            lines[-1] = joined
    return lines
