"""A plot, drawn as lines of characters for the size that it has on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from textual.geometry import Size

from zsr_tui.api.evaluations import EvaluationView, ReadPlot
from zsr_tui.plots import terminal
from zsr_tui.plots.model import Plot
from zsr_tui.text import one_line
from zsr_tui.ui.parts.asker import Asker
from zsr_tui.ui.parts.paint import PaintedWidget
from zsr_tui.ui.parts.pieces import Piece
from zsr_tui.wrapping import wrapped_lines

# The renderer's styles as roles. Every series has a shape of its own, so two may share a colour.
_ROLES = {
    "title": "strong",
    "axis": "rule",
    "tick": "muted",
    "muted": "muted",
    "rule": "reference",
}
# The styles of a plot's series, for the screen that it stands on.
_COLOURS = ("primary", "accent", "success", "error", "secondary", "foreground", "text-primary", "text-warning")
_ANSI = ("blue", "yellow", "green", "red", "cyan", "magenta", "bright_blue", "bright_green")
COMPONENTS = frozenset(f"paint--series-{number}" for number in range(len(_COLOURS)))
RULES = "".join(f".paint--series-{number} {{ color: ${colour}; }}\n" for number, colour in enumerate(_COLOURS))
ANSI_RULES = "".join(f".paint--series-{number} {{ color: ansi_{colour}; }}\n" for number, colour in enumerate(_ANSI))


TALL = 24  # lines of a view from which its words have more room


def pieces(line: Sequence[tuple[str, str]]) -> list[Piece]:
    """A drawn line with roles in place of the renderer's style names."""
    return [(text, style if style.startswith("series-") else _ROLES.get(style, "text")) for text, style in line]


class PlotView(PaintedWidget, can_focus=True):
    """Draws a plot anew for each size, or says why there is none."""

    HELP = "This plot\nIt is drawn for the room that it has. Every system has a sign of its own."
    DEFAULT_CSS = "PlotView { height: 1fr; }"
    ALLOW_SELECT = False

    def __init__(self, ask: Asker, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._ask = ask
        self._of: tuple[EvaluationView, ReadPlot] | None = None  # what the plot is, or is to be of
        self._plot: Plot | None = None
        self._lines: list[list[Piece]] = []
        self._drawn_for: Size | None = None

    def look_at(self, view: EvaluationView, question: ReadPlot) -> None:
        """The plot of an evaluation as it was read; until it comes, what is there stays."""
        if self._of != (view, question):
            self._of = (view, question)
            self._ask("plot", question, partial(self._read, question))

    def _read(self, question: ReadPlot, plot: Plot) -> None:
        if self._of is not None and question == self._of[1]:
            self._plot, self._drawn_for = plot, None
            self.refresh()

    def say(self, lines: Sequence[Sequence[Piece]]) -> None:
        """Why there is no plot."""
        self._of = self._plot = None
        self._lines = [list(line) for line in lines]
        self.refresh()

    def refuse(self, sentence: str) -> None:
        """It cannot be drawn."""
        lines = wrapped_lines(one_line(sentence), max(20, self.size.width - 4))
        self._plot = None
        self._lines = [[], *([(f"  {line}", "warning")] for line in lines)]
        self.refresh()

    def _said(self, width: int) -> list[list[Piece]]:
        """What a curve of weights says in words: more than is to be seen."""
        if self._plot is None or self._of is None or self._of[1].name != "weights":
            return []
        room = 6 if self.size.height >= TALL else 3
        lines = wrapped_lines(one_line(self._plot.about), max(20, width - 2))
        cut = [*lines[: room - 1], f"{lines[room - 1]} …"] if len(lines) > room else lines
        return [[], *([(f" {line}", "muted")] for line in cut)]

    def lines_for(self, width: int) -> list[list[Piece]]:
        if self._plot is not None and self._drawn_for != self.size:
            said = self._said(width)
            drawn = terminal.draw(self._plot, width, max(1, self.size.height - len(said)))
            self._lines = [*(pieces(line) for line in drawn), *said]
            self._drawn_for = self.size
        return self._lines
