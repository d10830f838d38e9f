"""How many documents each system found, lost or misplaced: a table of classes by systems, with a cursor on a cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.strip import Strip

from zsr_tui.api.queries import OutcomeRow
from zsr_tui.selection import QuerySelection
from zsr_tui.text import one_line
from zsr_tui.ui.parts.copying.choice import Choice, Copyable
from zsr_tui.ui.parts.cursor_view import CursorView
from zsr_tui.ui.parts.pieces import Piece, block, crop
from zsr_tui.ui.queries.table.columns import name_of, padded

NAME = 25  # cells of a class' name
CELL = 13  # "1,234 (567)"
BAR = 10


ALL_RELEVANT, ALL_HIGHEST = "all relevant documents", "all of the first 10"


class FailureClasses(CursorView):
    """A line with the systems' numbers, then one for each class: documents, and in how many queries. Above the classes
    of relevant documents stands how many there are, above those of others how many stand among the first ten: bars are
    shares of that."""

    HELP = (
        "Classes of failure\n"
        "What became of the relevant documents in each system: documents, and in brackets in how many "
        "queries. Left and right go to another system. Enter lists the queries."
    )
    DEFAULT_CSS = "FailureClasses { height: auto; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "across(-1)", "Left", show=False),
        Binding("right", "across(1)", "Right", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._rows: Sequence[OutcomeRow] = ()
        self._lines: list[tuple[int, bool]] = []  # the row that a line shows, or of which it shows the whole
        self._selection, self._systems = QuerySelection(), 0
        self.system = 0
        self._placeholder = ""

    @property
    def outcome(self) -> OutcomeRow | None:
        """The class under the cursor."""
        return self._rows[self.cursor] if self._rows else None

    def show(self, rows: Sequence[OutcomeRow], selection: QuerySelection, systems: int, placeholder: str = "") -> None:
        """Of so many systems. The cursor starts on the first failure that `selection.system` has."""
        self._rows, self._selection, self._systems, self._placeholder = rows, selection, systems, placeholder
        self.system = selection.system
        failures = [place for place, row in enumerate(rows) if row.failure]
        own = [place for place in failures if rows[place].documents[self.system]]
        self.places = len(rows)
        self.cursor = next(iter([*own, *failures]), 0)
        self._lines = []
        for place, row in enumerate(rows):
            if place == 0 or row.relevant != rows[place - 1].relevant:
                self._lines.append((place, True))
            self._lines.append((place, False))
        self.styles.height = 1 + max(1, len(self._lines))
        self.set_line_count(1 + max(1, len(self._lines)))
        self.refresh()
        self.post_message(self.Moved())

    def copyable(self) -> Copyable | None:
        """The row under the cursor."""
        row = self.outcome
        if row is None:
            return None
        line = self.line_text(self._lines.index((self.cursor, False)) + 1)[1:]
        return Copyable(f"the row of {row.outcome}", (Choice("r", "", one_line(line)),))

    def action_across(self, by: int) -> None:
        if self._rows:
            self.system = max(0, min(self._systems - 1, self.system + by))
            self.show_cursor()

    def show_cursor(self) -> None:
        line = self._lines.index((self.cursor, False)) + 1
        self.reveal(line - 1 if self.cursor else 0, line)
        self.refresh()
        self.post_message(self.Moved())

    def on_click(self, event: events.Click) -> None:
        line = event.y + self.scroll_offset.y - 1
        shown = self._shown()
        column = (event.x - 1 - NAME) // self._cell_width()
        if 0 <= line < len(self._lines) and not self._lines[line][1] and 0 <= column < len(shown):
            self.system = shown[column]
            self.go_to(self._lines[line][0])
            if event.chain == 2:
                self.post_message(self.Opened())

    def _cell_width(self) -> int:
        """With a bar where there is room for one in every cell."""
        room = self.scrollable_content_region.width - 1 - NAME
        return CELL + BAR if self._systems * (CELL + BAR) <= room else CELL

    def _shown(self) -> list[int]:
        """The systems that there is room for, the one under the cursor among them."""
        room = max(1, (self.scrollable_content_region.width - 1 - NAME) // self._cell_width())
        first = max(0, min(self.system - room // 2, self._systems - room))
        return list(range(first, min(self._systems, first + room)))

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        place = y + self.scroll_offset.y - 1
        if place < 0:
            head = self._named("documents (in queries)")
            for system in self._shown():
                role = "title-active" if system == self.system else "muted"
                head += self._cell(name_of(system, self._selection), role)
            return self._palette.strip(crop(head, width), width)
        if not self._rows:
            return self._palette.strip([(f" {self._placeholder}" if place == 0 else "", "muted")], width)
        if place >= len(self._lines):
            return self._palette.strip((), width)
        number, whole = self._lines[place]
        row = self._rows[number]
        if whole:
            pieces = self._named(ALL_RELEVANT if row.relevant else ALL_HIGHEST)
            for system in self._shown():
                pieces += self._cell(f"{row.of[system]:,}", "muted", float(row.of[system] > 0))
            return self._palette.strip(crop(pieces, width), width)
        gutter, backdrop = self.cursor_look(number == self.cursor)
        name = self._named(row.outcome, "strong" if row.failure else "text", gutter)
        segments = self._palette.segments(name, backdrop)
        for system in self._shown():
            documents, queries = row.documents[system], row.queries[system]
            text = f"{documents:,} ({queries:,})" if documents else "0"
            chosen = number == self.cursor and system == self.system
            cell = self._cell(
                f"[{text}]" if chosen else text,
                "score" if documents else "muted",
                documents / max(1, row.of[system]),
            )
            segments += self._palette.segments(cell, backdrop if chosen else "plain")
        return Strip(segments).adjust_cell_length(width, self._palette("plain"))

    def _named(self, text: str, role: str = "muted", gutter: str = " ") -> list[Piece]:
        return [(gutter, "strong"), *padded(text, role, NAME, left=True)]

    def _cell(self, text: str, role: str, share: float = 0.0) -> list[Piece]:
        if self._cell_width() == CELL:
            return padded(text, role, CELL)
        return [*padded(text, role, CELL), (f" {block(share, BAR - 2)} ", "bar")]
