"""Axioms by systems: how many of the pairs that an axiom says something of stand as it has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.strip import Strip

from zsr_tui.explanation import Agreement
from zsr_tui.text import one_line
from zsr_tui.ui.parts.copying import choice
from zsr_tui.ui.parts.cursor_view import CursorView
from zsr_tui.ui.parts.pieces import Piece, block, shorten_notation

NAME, CELL, BAR = 8, 20, 6  # cells of an axiom's name, of a system's column, of a bar in it
HEAD = 1  # line
FEW = 10  # pairs: of fewer the counts are shown in place of a percentage


class AxiomMatrix(CursorView):
    """The cursor stands on an axiom and a system."""

    HELP = (
        "This matrix\n"
        "A line for each axiom, a column for each system: how many of the pairs of documents that the axiom says "
        "something of stand in the list as the axiom has them, and how many pairs these are. Left and right go to "
        "another system. Enter goes to the pairs that stand the other way round."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "sideways(-1)", "The system on the left", show=False),
        Binding("right", "sideways(1)", "The system on the right", show=False),
    ]
    FIXED = HEAD

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._names: Sequence[str] = ()
        self._systems: Sequence[str] = ()
        self._cells: dict[tuple[str, int], Agreement] = {}
        self.system = 0

    def show(self, axioms: Sequence[str], systems: Sequence[str], agreements: Sequence[Agreement]) -> None:
        self._names, self._systems = axioms, systems
        self._cells = {(each.axiom, each.system): each for each in agreements}
        self.places = len(axioms)
        self.cursor = max(0, min(self.cursor, len(axioms) - 1))
        self.system = max(0, min(self.system, len(systems) - 1))
        self.set_line_count(HEAD + self.places)
        self.refresh()

    @property
    def agreement(self) -> Agreement | None:
        """Under the cursor."""
        return self._cells.get((self._names[self.cursor], self.system)) if self._names else None

    def in_markdown(self) -> str:
        """All of it: of each cell the share and of how many pairs."""
        rows = [
            [name, *(_said(self._cells.get((name, system))) for system in range(len(self._systems)))]
            for name in self._names
        ]
        return choice.table(["axiom", *self._systems], rows, set(range(1, 1 + len(self._systems))))

    def action_sideways(self, by: int) -> None:
        system = max(0, min(self.system + by, len(self._systems) - 1))
        if system != self.system:
            self.system = system
            self.show_cursor()

    def show_cursor(self) -> None:
        self.reveal(self.cursor, HEAD + self.cursor)
        self.post_message(self.Moved())
        self.refresh()

    def place_at(self, event: events.Click) -> int | None:
        at = self._first() + (event.x - NAME) // CELL
        if event.x >= NAME and at < len(self._systems):
            self.system = at
        return event.y - HEAD + self.scroll_offset.y if event.y >= HEAD else None

    def _room(self) -> int:
        return max(1, (self.scrollable_content_region.width - NAME) // CELL)

    def _first(self) -> int:
        """Of the systems that are shown: the chosen one among them."""
        return max(0, self.system - self._room() + 1)

    @property
    def text(self) -> str:
        return "\n".join(self.render_line(number).text.rstrip() for number in range(HEAD + self.places))

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        first = self._first()
        shown = range(first, min(first + self._room(), len(self._systems)))
        if y < HEAD:
            pieces: list[Piece] = [(f"{f'‹{first}' if first else '':<{NAME}}", "reference")]
            pieces += [self._head(number) for number in shown]
            hidden = len(self._systems) - first - len(shown)
            return self._palette.strip([*pieces, (f"{hidden}›" if hidden else "", "reference")], width)
        number = y - HEAD + self.scroll_offset.y
        if number >= len(self._names):
            return self._palette.strip((), width)
        here = number == self.cursor
        gutter, backdrop = self.cursor_look(here)
        pieces = [(gutter, "strong"), (f" {self._names[number]:<{NAME - 2}}", "title-active" if here else "title")]
        for system in shown:
            pieces += self._cell(self._cells.get((self._names[number], system)), chosen=here and system == self.system)
        return self._palette.strip(pieces, width, backdrop)

    def _head(self, number: int) -> Piece:
        name = one_line(shorten_notation(self._systems[number], CELL - 3))
        role = "title-active" if number == self.system else "muted"
        return f"  {name}{' ' * (CELL - 2 - cell_len(name))}", role

    def _cell(self, found: Agreement | None, *, chosen: bool) -> list[Piece]:
        mark: Piece = ("▸ " if chosen else "  ", "rule-active")
        if found is None or found.share is None:
            return [mark, (f"{'–':>5}{' ' * (CELL - 7)}", "faint")]
        said = found.agree + found.against
        pairs = f" {said:,}" if said >= FEW else ""
        bar = block(found.share, BAR, least=1 if found.agree else 0)
        return [
            mark,
            (f"{_share(found, '/'):>5}", "strong" if chosen else "score"),
            (" " + bar, "bar"),
            (f"{pairs:<{CELL - 8 - BAR}}", "muted"),
        ]


def _said(found: Agreement | None) -> str:
    if found is None or found.share is None:
        return "–"
    said = found.agree + found.against
    return _share(found, " of ") + (f" of {said:,}" if said >= FEW else "")


def _share(found: Agreement, of: str) -> str:
    """Of a few pairs a percentage says more than is known."""
    said = found.agree + found.against
    return f"{found.agree}{of}{said}" if said < FEW else f"{found.agree / said:.0%}"
