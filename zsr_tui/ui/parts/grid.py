"""A table painted line by line: a first column that stays, others that scroll sideways, a cursor on a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.strip import Strip

from zsr_tui.text import one_line
from zsr_tui.ui.parts.copying import choice as markdown
from zsr_tui.ui.parts.copying.choice import Choice, Copyable
from zsr_tui.ui.parts.cursor_view import CursorView
from zsr_tui.ui.parts.ordering import Order, after_click, ordered
from zsr_tui.ui.parts.pieces import Piece, crop, ended, shorten_notation, width_of

HEAD = 2  # lines
GAP = 2  # cells between columns
CUT = 12  # cells that a text column needs to be shown cut

NONE: tuple[Piece, ...] = (("–", "faint"),)  # a cell that has nothing to say


def text(text: str) -> tuple[Piece, ...]:
    """A cell of text or of a number."""
    return ((text, "text"),) if text and text != "–" else NONE


@dataclass(frozen=True, slots=True)
class Column:
    """`cells` has the pieces of each row; `group` stands above neighbouring columns that share it. Columns of numbers
    stand at the right; those of text (`right=False`) may be cut at the edge."""

    head: str
    cells: tuple[tuple[Piece, ...], ...]
    group: str = ""
    right: bool = True

    @property
    def width(self) -> int:
        return max(cell_len(self.head), *(width_of(cell) for cell in self.cells), 1)


@dataclass(frozen=True, slots=True)
class Name:
    """Of a row: a mark of fixed width, and a system in the notation, a label or a dataset, shortened as needed. `whole`
    is the system in the notation where `text` is its label."""

    text: str
    mark: tuple[Piece, ...] = ()
    role: str = "text"
    whole: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    head: str
    names: tuple[Name, ...]
    columns: tuple[Column, ...]


def shown(widths: Sequence[int], first: int, room: int) -> int:
    """How many columns from `first` on fit whole into `room` cells; at least one where there is one."""
    used = count = 0
    for width in widths[first:]:
        used += GAP + width
        if used > room and count:
            break
        count += 1
    return count


def leftmost_end(widths: Sequence[int], room: int) -> int:
    """The first column from which all others fit."""
    return next((first for first in range(len(widths)) if first + shown(widths, first, room) >= len(widths)), 0)


class Grid(CursorView):
    """Shows a `Table`, or lines in its place while there is none. The cursor is a row of the table, whatever the order
    in which rows are shown."""

    HELP = (
        "This table\n"
        "Left and right go to columns that do not fit; how many are hidden stands at the ends of the first "
        "line. A click on a column's name, or shift with left and right, sorts by it; a second turns the order round, "
        "a third takes it back. Enter, or two clicks, open the row."
    )
    DEFAULT_CSS = "Grid { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "sideways(-1)", "Columns on the left", show=False),
        Binding("right", "sideways(1)", "Columns on the right", show=False),
        Binding("shift+left", "sort(-1)", "Sort by the column before", show=False),
        Binding("shift+right", "sort(1)", "Sort by the next column", show=False),
    ]

    FIXED = HEAD

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._table: Table | None = None
        self._widths: list[int] = []
        self._placeholder: list[list[Piece]] = []
        self.first = 0  # of the columns that are shown
        self._order: Order | None = None
        self._rows: list[int] = []  # in the order in which they are shown

    def show(self, table: Table, *, cursor: int | None = None) -> None:
        """The cursor stays where it is, or goes to the row `cursor`."""
        self._table, self._placeholder = table, []
        self._widths = [column.width for column in table.columns]
        self.places = len(table.names)
        self.cursor = max(0, min(self.cursor if cursor is None else cursor, self.places - 1))
        self.first = min(self.first, self._last_first())
        self.set_line_count(len(table.names) + HEAD)
        self._sort()

    def say(self, lines: Sequence[Sequence[Piece]]) -> None:
        """Why there is no table."""
        self._table, self._placeholder = None, [list(line) for line in lines]
        self.places = self.cursor = self.first = 0
        self.set_line_count(len(lines))
        self.refresh()

    def sort_by(self, column: int) -> None:
        """As a click on its name does; -1 is the column of the names."""
        self._order = after_click(self._order, column)
        self._sort()

    def action_sort(self, by: int) -> None:
        """By another column, that of the names among them."""
        if self._table is not None:
            count = len(self._table.columns) + 1
            at = self._order.column + 1 if self._order is not None else (-1 if by > 0 else 0)
            self._order = Order((at + by) % count - 1)
            self._sort()

    def _sort(self) -> None:
        table, order = self._table, self._order
        if table is None:
            return
        self._rows = list(range(len(table.names)))
        if order is not None and order.column < len(table.columns):
            column = table.columns[order.column] if order.column >= 0 else None
            cells = [name.text for name in table.names]
            if column is not None:
                cells = ["".join(text for text, _ in cell).strip() for cell in column.cells]
            self._rows = ordered(cells, numbers=column is not None and column.right, turned=order.turned)
        self._reveal()
        self.refresh()

    def _line_of(self, row: int) -> int:
        return self._rows.index(row) if row in self._rows else 0

    def action_move(self, by: int) -> None:
        if self._rows:
            line = self._line_of(self.cursor) + by
            self.go_to(self._rows[max(0, min(line, len(self._rows) - 1))])

    def go_to(self, place: int) -> None:
        before = self.cursor
        super().go_to(place)
        if self.cursor != before:
            self.post_message(self.Moved())

    def show_cursor(self) -> None:
        self._reveal()
        self.refresh()

    @property
    def page(self) -> int:
        return self.size.height - HEAD

    def action_sideways(self, by: int) -> None:
        first = max(0, min(self.first + by, self._last_first()))
        if first != self.first:
            self.first = first
            self.refresh()

    def copyable(self) -> Copyable | None:
        """The name of the row under the cursor, the row, and the whole table in Markdown."""
        table = self._table
        if table is None or not table.names:
            return None
        name = table.names[self.cursor]
        head = [table.head, *(" ".join(filter(None, (each.group, each.head.strip()))) for each in table.columns)]
        rows = [
            [each.text, *("".join(text for text, _ in column.cells[at]).strip() for column in table.columns)]
            for at, each in enumerate(table.names)
        ]
        numbers = {at for at, column in enumerate(table.columns, 1) if column.right}
        own = "\n".join(f"{title}: {cell}" for title, cell in zip(head, rows[self.cursor], strict=True))
        choices = [Choice("i", table.head, name.text)]
        if name.whole and name.whole != name.text:
            choices.append(Choice("n", "notation", name.whole))
        choices += [Choice("r", "row", own), Choice("m", "table as Markdown", markdown.table(head, rows, numbers))]
        return Copyable(one_line(name.text), tuple(choices))

    def place_at(self, event: events.Click) -> int | None:
        line = event.y - HEAD + self.scroll_offset.y
        return self._rows[line] if event.y >= HEAD and line < len(self._rows) else None

    def on_click(self, event: events.Click) -> None:
        """On the heads of columns; `CursorView` has those on rows."""
        table = self._table
        if table is None or event.y != HEAD - 1:
            return
        end = self._name_width(table) + 2
        if event.x < end:
            self.sort_by(-1)
        for number, size in self._places(table):
            start, end = end, end + GAP + size
            if start <= event.x < end:
                self.sort_by(number)

    def on_resize(self) -> None:
        self.first = min(self.first, self._last_first())
        self._reveal()

    def _reveal(self) -> None:
        line = self._line_of(self.cursor)
        self.reveal(line, line + HEAD)  # the head stays

    def _name_width(self, table: Table) -> int:
        """As wide as its longest name, as long as that leaves more than half of the room."""
        marks = max((width_of(name.mark) for name in table.names), default=0)
        longest = max((cell_len(name.text) for name in table.names), default=0)
        return min(max(cell_len(table.head), longest + marks), max(marks + 12, self.size.width * 9 // 20))

    def _room(self, table: Table) -> int:
        """Cells for the columns that scroll; the gutter takes 2, the mark of what is hidden on the right 1."""
        return self.scrollable_content_region.width - 2 - self._name_width(table) - 1

    def _last_first(self) -> int:
        return leftmost_end(self._widths, self._room(self._table)) if self._table is not None else 0

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        table = self._table
        if table is None:
            return self._palette.strip(self._placeholder[y] if y < len(self._placeholder) else [], width)
        places = self._places(table)
        if y < HEAD:
            return self._head(table, places, y)
        line = y - HEAD + self.scroll_offset.y
        if line >= len(self._rows):
            return self._palette.strip((), width)
        row = self._rows[line]
        backdrop = "plain" if row != self.cursor else "cursor" if self.has_focus else "cursor-blurred"
        name, room = table.names[row], self._name_width(table)
        text = shorten_notation(name.text, max(1, room - width_of(name.mark)))
        pieces: list[Piece] = [("> " if row == self.cursor else "  ", "text"), *name.mark, (text, name.role)]
        pieces.append((" " * (room + 2 - width_of(pieces)), "plain"))
        for number, size in places:
            column = table.columns[number]
            cell = crop(column.cells[row], size)
            space: Piece = (" " * (size - width_of(cell)), "plain")
            pieces += [(" " * GAP, "plain"), *([space, *cell] if column.right else [*cell, space])]
        return self._palette.strip(pieces, width, backdrop)

    def _arrow(self, column: int) -> str:
        """Before the head of the column that rows are ordered by."""
        order = self._order
        if order is None or order.column != column or self._table is None:
            return " "
        numbers = column >= 0 and self._table.columns[column].right
        return "▼" if numbers != order.turned else "▲"

    def _places(self, table: Table) -> list[tuple[int, int]]:
        """(column, width) of those that are shown, in order."""
        room = self._room(table)
        count = shown(self._widths, self.first, room)
        places = [(number, self._widths[number]) for number in range(self.first, self.first + count)]
        used = sum(size + GAP for _, size in places)
        after = self.first + count
        if used > room and places:  # one that is wider than the screen
            return [(places[0][0], max(1, room - GAP))]
        if after < len(table.columns) and not table.columns[after].right and room - used >= CUT + GAP:
            places.append((after, room - used - GAP))
        return places

    def _head(self, table: Table, places: Sequence[tuple[int, int]], line: int) -> Strip:
        """Line 0 has the groups, and how many columns are hidden on either side; line 1 the columns' names."""
        total = self.scrollable_content_region.width
        before = f"‹{self.first}" if self.first else ""
        room = self._name_width(table) + 2
        if line == HEAD - 1:
            pieces: list[Piece] = [
                (f"{self._arrow(-1)} ", "title-active"),
                (ended(table.head, room - 2).ljust(room - 2), "muted"),
            ]
            for number, size in places:
                arrow = self._arrow(number)
                text = crop([(table.columns[number].head, "muted" if arrow == " " else "title-active")], size)
                space: Piece = (" " * (size - width_of(text)), "plain")
                pieces += [(" ", "plain")] * (GAP - 1)
                if table.columns[number].right:
                    pieces += [space, (arrow, "title-active"), *text]
                else:
                    pieces += [(arrow, "title-active"), *text, space]
            return self._palette.strip(pieces, total)
        pieces = [(before.rjust(room), "reference")]
        at = 0
        while at < len(places):
            group, end = table.columns[places[at][0]].group, at + 1
            while end < len(places) and table.columns[places[end][0]].group == group:
                end += 1
            size = sum(size + GAP for _, size in places[at:end])
            text = crop([(f" {group} ", "strong")], size - 1) if group else []
            rule = "─" * (size - 1 - width_of(text)) if group else ""
            pieces += [(" ", "plain"), *text, (rule.ljust(size - 1 - width_of(text)), "rule")]
            at = end
        hidden = len(table.columns) - (places[-1][0] + 1 if places else 0)
        if hidden:
            label = f"{hidden}›"
            before_it = self._palette.strip(pieces, total - len(label))
            return Strip([*before_it, *self._palette.segments([(label, "reference")])])
        return self._palette.strip(pieces, total)
