"""What goes with failure: a measure by features of queries and their relevant documents, as tables with bars."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.strip import Strip

from zsr_tui.api.queries import BreakdownView, GroupView
from zsr_tui.numerals import counted
from zsr_tui.selection import QuerySelection
from zsr_tui.text import one_line
from zsr_tui.ui.parts.copying.choice import Choice, Copyable
from zsr_tui.ui.parts.cursor_view import CursorView
from zsr_tui.ui.parts.pieces import Piece, block, crop
from zsr_tui.ui.queries.table.columns import name_of, number, padded

NAME = 20  # cells of a group's name
COUNT = 9
NARROWEST = 13  # cells of a system: its value and a bar
WIDEST = 34
Line = tuple[BreakdownView, GroupView | None]  # None: the line above the groups


def title(breakdown: BreakdownView) -> str:
    unit = f", {breakdown.unit}" if breakdown.unit else ""
    unknown = f" (not known of {counted(breakdown.missing, 'query', 'queries')})" if breakdown.missing else ""
    return breakdown.feature + unit + unknown


def shown_systems(selection: QuerySelection, systems: int, width: int) -> list[int]:
    """As many as there is room for, those that are compared first."""
    room = max(1, (width - 1 - NAME - COUNT) // NARROWEST)
    pair = dict.fromkeys((selection.system, selection.baseline))
    return sorted([*pair, *(system for system in range(systems) if system not in pair)][:room])


class Breakdowns(CursorView):
    """A line that names the columns; groups of queries, their number, each system's mean. The cursor is on a group."""

    HELP = (
        "What goes with failure\n"
        "The mean of the measure by features of queries and their relevant documents. Enter lists the queries "
        "of a group."
    )
    DEFAULT_CSS = "Breakdowns { height: 1fr; }"
    FIXED = 1

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[Line] = []
        self._groups: list[int] = []  # lines of groups
        self._selection, self._systems = QuerySelection(), 0
        self._placeholder = ""

    @property
    def group(self) -> tuple[BreakdownView, GroupView] | None:
        """The group under the cursor, and what it is one of."""
        if not self._groups:
            return None
        breakdown, group = self._lines[self._groups[self.cursor]]
        assert group is not None
        return breakdown, group

    def copyable(self) -> Copyable | None:
        """The row under the cursor."""
        found = self.group
        if found is None:
            return None
        breakdown, group = found
        means = ", ".join(f"{name_of(n, self._selection)} {number(mean)[0]}" for n, mean in enumerate(group.means))
        queries = counted(group.queries, "query", "queries")
        text = f"{breakdown.feature} {group.label}: {queries}, mean {breakdown.measure} {means}"
        return Copyable(f"the row of {one_line(group.label)}", (Choice("r", "", text),))

    def show(
        self, breakdowns: Sequence[BreakdownView], selection: QuerySelection, systems: int, placeholder: str = ""
    ) -> None:
        self._selection, self._systems, self._placeholder = selection, systems, placeholder
        self._lines = []
        for breakdown in breakdowns:
            self._lines += [(breakdown, None), *((breakdown, group) for group in breakdown.groups)]
        self._groups = [line for line, (_, group) in enumerate(self._lines) if group is not None]
        self.places = len(self._groups)
        self.cursor = min(self.cursor, max(0, self.places - 1))
        self.set_line_count(1 + len(self._lines))
        self.refresh()

    def show_cursor(self) -> None:
        line = self._groups[self.cursor]
        above = line - 1 if line - 1 not in self._groups else line  # the line that names the groups is seen as well
        self.reveal(above, line + 1)  # the first line of the block stays
        self.refresh()

    def place_at(self, event: events.Click) -> int | None:
        line = event.y - 1 + self.scroll_offset.y
        return self._groups.index(line) if event.y and line in self._groups else None

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        if not self._lines:
            return self._palette.strip([(f" {self._placeholder}" if y == 0 else "", "muted")], width)
        if y == 0:  # stays where it is
            return self._palette.strip(crop(self._head(width), width), width)
        line = y - 1 + self.scroll_offset.y
        if line >= len(self._lines):
            return self._palette.strip((), width)
        breakdown, group = self._lines[line]
        if group is None:
            return self._palette.strip(crop([(f" {title(breakdown)}", "strong")], width), width)
        gutter, backdrop = self.cursor_look(self._groups[self.cursor] == line)
        return self._palette.strip(self._group(group, gutter, width), width, backdrop)

    def _columns(self, width: int) -> tuple[list[int], int]:
        """The systems that there is room for, and the cells that each has."""
        systems = shown_systems(self._selection, self._systems, width)
        return systems, min(WIDEST, (width - 1 - NAME - COUNT) // max(1, len(systems)))

    def _head(self, width: int) -> list[Piece]:
        systems, cell = self._columns(width)
        measure = f"mean {self._lines[0][0].measure} by"
        names = [(f" {name_of(system, self._selection):<{cell - 1}}", "muted") for system in systems]
        return [(" ", "plain"), *padded(measure, "muted", NAME, left=True), *padded("queries", "muted", COUNT), *names]

    def _group(self, group: GroupView, gutter: str, width: int) -> list[Piece]:
        systems, cell = self._columns(width)
        pieces: list[Piece] = [
            (gutter, "strong"),
            *padded(group.label, "text", NAME, left=True),
            *padded(f"{group.queries:,}", "muted", COUNT),
        ]
        for system in systems:
            mean = group.means[system] if system < len(group.means) else None
            text, role = number(mean)
            pieces += [(f" {text:<6}", role), (f"{block(max(0.0, min(1.0, mean or 0.0)), cell - 8)} ", "bar")]
        return pieces
