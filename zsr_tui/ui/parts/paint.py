"""The styles that lists, heads and documents share, by role, from theme variables; how pieces become strips.

A widget that paints keeps a `Palette` and stands on a `BaseScreen`, which alone computes the styles: Textual
works them out for every node that has component classes, and a dozen such widgets would double the time to the first
paint.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from zsr_tui.ui.parts import selecting
from zsr_tui.ui.parts.pieces import Piece, crop
from zsr_tui.ui.parts.shades import SHADES, shade

# Nothing is told by colour alone: relevant documents have a glyph and a number, terms are bold and underlined,
# the active list has a heavy rule, the cursor a ">". Where the terminal does not choose the colours, those of judgments
# and movements are made for what is behind them (`zsr_tui.ui.parts.shades`).
RULES = """
.paint--text { color: $foreground; }
.paint--strong { color: $foreground; text-style: bold; }
.paint--muted { color: $foreground 65%; }
.paint--faint { color: $foreground 45%; }
.paint--term { color: $foreground; text-style: bold underline; }
.paint--faint-term { color: $foreground 45%; text-style: bold underline; }
.paint--rank { color: $foreground 65%; }
.paint--score { color: $foreground 90%; }
.paint--grade-1, .paint--judged, .paint--unjudged { color: $foreground; }
.paint--grade-2, .paint--grade-3 { color: $foreground; text-style: bold; }
.paint--up, .paint--down, .paint--same, .paint--absent { color: $foreground; }
.paint--reference { color: $text-accent; }
.paint--title { color: $foreground 85%; }
.paint--title-active { color: $foreground; text-style: bold; }
.paint--rule { color: $foreground 25%; }
.paint--rule-active { color: $primary; }
.paint--bar { color: $primary; }
.paint--slider { color: $accent; }
.paint--error { color: $text-error; }
.paint--warning { color: $text-warning; }
.paint--cursor { background: $block-cursor-background; }
.paint--cursor-blurred { background: $block-cursor-blurred-background; }
.paint--linked { background: $accent 14%; }
"""

# The terminal's own colours have no shades: dim takes the place of grey, reverse that of the cursor's colour.
ANSI_RULES = """
.paint--muted, .paint--rank { color: ansi_default; }
.paint--faint, .paint--unjudged, .paint--same, .paint--rule { color: ansi_default; text-style: dim; }
.paint--faint-term { color: ansi_default; text-style: dim underline; }
.paint--score, .paint--title { color: ansi_default; }
.paint--grade-1, .paint--grade-2, .paint--up { color: ansi_cyan; }
.paint--grade-3 { color: ansi_bright_cyan; }
.paint--judged, .paint--down, .paint--absent { color: ansi_yellow; }
&:light .paint--grade-1, &:light .paint--grade-2, &:light .paint--grade-3, &:light .paint--up { color: ansi_blue; }
&:light .paint--judged, &:light .paint--down, &:light .paint--absent { color: ansi_red; }
.paint--cursor { background: ansi_default; text-style: reverse; }
.paint--cursor-blurred { background: ansi_default; text-style: bold; }
.paint--linked { background: ansi_default; text-style: bold; }
"""


COMPONENTS = frozenset({"paint--plain", *re.findall(r"paint--[a-z0-9-]+", RULES)})


class Palette:
    """The rich styles of roles on a backdrop, computed once per theme, for a widget on a `BaseScreen`."""

    def __init__(self, widget: Widget) -> None:
        self._widget = widget
        self._styles: dict[tuple[str, str], Style] = {}
        self._made_for: tuple[str, Color | None] | None = None  # theme and background

    def renew(self) -> bool:
        """To be called from the widget's `notify_style_update`: forget the styles if they are others now, which they
        are not when only the focus moved. False where they stay."""
        made_for = self._widget.app.theme, self._widget.rich_style.bgcolor
        if made_for == self._made_for:
            return False
        self._made_for = made_for
        self._styles.clear()
        return True

    def __call__(self, role: str, backdrop: str = "plain") -> Style:
        key = role, backdrop
        style = self._styles.get(key)
        if style is None:
            screen = self._widget.screen
            own = screen.get_component_rich_style(f"paint--{role}")
            # on the widget's background, not the screen's
            style = Style(
                color=own.color,
                bgcolor=self._widget.rich_style.bgcolor,
                bold=own.bold,
                dim=own.dim,
                underline=own.underline,
                reverse=own.reverse,
            )
            if backdrop != "plain":
                behind = screen.get_component_rich_style(f"paint--{backdrop}")
                if behind.reverse:  # colours would become blocks of colour
                    style += Style(color="default", dim=False)
                style += Style(bgcolor=behind.bgcolor, bold=behind.bold, reverse=behind.reverse)
            if role in SHADES and style.bgcolor is not None and style.bgcolor.triplet is not None and not style.reverse:
                style += Style(color=Color.from_rgb(*shade(role, style.bgcolor.triplet)))
            self._styles[key] = style
        return style

    def segments(self, pieces: Iterable[Piece], backdrop: str = "plain") -> list[Segment]:
        return [Segment(text, self(role, backdrop)) for text, role in pieces if text]

    def strip(self, pieces: Iterable[Piece], width: int, backdrop: str = "plain") -> Strip:
        """Exactly `width` cells: pieces that are wider end in an ellipsis."""
        segments = self.segments(crop(list(pieces), width), backdrop)
        return Strip(segments).adjust_cell_length(width, self("plain", backdrop))


class PaintedWidget(Widget):
    """Paints the lines that a subclass makes for a width, each no wider than that."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._palette = Palette(self)

    def lines_for(self, width: int) -> Sequence[Sequence[Piece]]:
        raise NotImplementedError

    @property
    def text(self) -> str:
        """What it shows, line by line."""
        return "\n".join("".join(text for text, _ in line).rstrip() for line in self.lines_for(self.size.width))

    # what a drag selects

    def line_at(self, y: int) -> int:
        return y

    def line_text(self, line: int) -> str:
        lines = self.lines_for(self.size.width)
        return "".join(text for text, _ in lines[line]) if line < len(lines) else ""

    def get_selection(self, selection: Selection) -> tuple[str, str]:
        lines = range(len(self.lines_for(self.size.width)))
        return selecting.extract(selection, lines, self.line_text), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        self.refresh()

    def render_lines(self, crop: Region) -> list[Strip]:
        return selecting.marked(self, super().render_lines(crop), crop.y)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._palette.renew()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        lines = self.lines_for(width)
        return self._palette.strip(lines[y] if y < len(lines) else (), width)
