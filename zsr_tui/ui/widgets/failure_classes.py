"""How many documents each system found, lost or misplaced: a table of classes by systems, with a cursor on a cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from zsr_tui.api.evaluations import OutcomeRow
from zsr_tui.ui.render import EIGHTHS, Piece, crop
from zsr_tui.ui.widgets.line_view import LineView
from zsr_tui.ui.widgets.paint import Palette
from zsr_tui.ui.widgets.query_table_columns import Look, name_of, padded

NAME = 25  # cells of a class' name
CELL = 13  # "1,234 in 567"
BAR = 10


class FailureClasses(LineView, can_focus=True):
    """A line with the systems' numbers, then one for each class: documents, and in how many queries."""

    DEFAULT_CSS = "FailureClasses { height: auto; overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1, 0)", "Up", show=False),
        Binding("down", "move(1, 0)", "Down", show=False),
        Binding("left", "move(0, -1)", "Left", show=False),
        Binding("right", "move(0, 1)", "Right", show=False),
        Binding("home", "move(-100, 0)", "First", show=False),
        Binding("end", "move(100, 0)", "Last", show=False),
    ]
    ALLOW_SELECT = False

    @dataclass
    class Moved(Message):
        """The cursor is on another cell."""

        outcome: OutcomeRow | None
        system: int

    class Opened(Message):
        """A double click on a cell."""

    def __init__(self) -> None:
        super().__init__()
        self._palette = Palette(self)
        self._rows: Sequence[OutcomeRow] = ()
        self._look = Look()
        self._row = 0
        self.system = 0
        self._placeholder = ""

    @property
    def outcome(self) -> OutcomeRow | None:
        """The class under the cursor."""
        return self._rows[self._row] if self._rows else None

    def show(self, rows: Sequence[OutcomeRow], look: Look, placeholder: str = "") -> None:
        """The cursor starts on the first failure of `look.system`."""
        self._rows, self._look, self._placeholder = rows, look, placeholder
        self.system = look.system
        self._row = next((place for place, row in enumerate(rows) if row.failure), 0)
        self.styles.height = 1 + max(1, len(rows))
        self.set_line_count(1 + max(1, len(rows)))
        self.refresh()
        self.post_message(self.Moved(self.outcome, self.system))

    def action_move(self, down: int, right: int) -> None:
        if not self._rows:
            return
        self._row = max(0, min(len(self._rows) - 1, self._row + down))
        self.system = max(0, min(self._look.systems - 1, self.system + right))
        line, top, height = self._row + 1, self.scroll_offset.y, max(1, self.size.height)
        if line < top or self._row == 0:
            self.scroll_to(y=max(0, line - 1), animate=False)
        elif line >= top + height:
            self.scroll_to(y=line - height + 1, animate=False)
        self.refresh()
        self.post_message(self.Moved(self.outcome, self.system))

    def on_click(self, event: events.Click) -> None:
        row = event.y + self.scroll_offset.y - 1
        shown = self._shown()
        column = (event.x - 1 - NAME) // self._cell_width()
        if 0 <= row < len(self._rows) and 0 <= column < len(shown):
            self.action_move(row - self._row, shown[column] - self.system)
            if event.chain == 2:
                self.post_message(self.Opened())

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._palette.renew()

    def _cell_width(self) -> int:
        """With a bar where there is room for one in every cell."""
        room = self.scrollable_content_region.width - 1 - NAME
        return CELL + BAR if self._look.systems * (CELL + BAR) <= room else CELL

    def _shown(self) -> list[int]:
        """The systems that there is room for, the one under the cursor among them."""
        room = max(1, (self.scrollable_content_region.width - 1 - NAME) // self._cell_width())
        first = max(0, min(self.system - room // 2, self._look.systems - room))
        return list(range(first, min(self._look.systems, first + room)))

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        place = y + self.scroll_offset.y - 1
        if place < 0:
            head: list[Piece] = [(" ", "plain"), *padded("documents in queries", "muted", NAME, left=True)]
            for system in self._shown():
                role = "title-active" if system == self.system else "muted"
                head += self._cell(name_of(system, self._look), role, 0.0)
            return self._palette.strip(crop(head, width), width)
        if not self._rows:
            return self._palette.strip([(f" {self._placeholder}" if place == 0 else "", "muted")], width)
        if place >= len(self._rows):
            return self._palette.strip((), width)
        row = self._rows[place]
        here = place == self._row
        gutter = (">" if self.has_focus else "›") if here else " "
        most = max(row.documents, default=0) or 1
        segments = self._palette.segments(
            [(gutter, "strong"), *padded(row.outcome, "strong" if row.failure else "text", NAME, left=True)],
            ("cursor" if self.has_focus else "cursor-blurred") if here else "plain",
        )
        for system in self._shown():
            documents, queries = row.documents[system], row.queries[system]
            text = f"{documents:,} in {queries:,}" if documents else "0"
            chosen = here and system == self.system
            if chosen:
                text = f"[{text}]"
            cell = self._cell(text, "score" if documents else "muted", documents / most)
            backdrop = ("cursor" if self.has_focus else "cursor-blurred") if chosen else "plain"
            segments += self._palette.segments(cell, backdrop)
        return Strip(segments).adjust_cell_length(width, self._palette("plain"))

    def _cell(self, text: str, role: str, share: float) -> list[Piece]:
        if self._cell_width() == CELL:
            return padded(text, role, CELL)
        eighths = round(share * (BAR - 2) * 8)
        full, part = divmod(eighths, 8)
        drawn = "█" * full + (EIGHTHS[part] if part else "")
        return [*padded(text, role, CELL), (f" {drawn:<{BAR - 1}}", "bar")]
