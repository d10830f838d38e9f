"""Sections one below the other, with a cursor on their parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual import events
from textual.strip import Strip

from zsr_tui.explanation import Part
from zsr_tui.ui.explain.rows import Section
from zsr_tui.ui.parts.cursor_view import CursorView
from zsr_tui.ui.parts.pieces import Piece, crop
from zsr_tui.wrapping import wrap

_NOTHING = Section("", (), ())


class PartsTable(CursorView):
    """Shows the sections as they stand; the cursor stays where it was."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._sections: Sequence[Section] = ()
        self._lead: Sequence[list[Piece]] = ()
        # a part, text, or None for the names of columns; of no section what stands before them
        self._lines: list[tuple[Section, Any]] = []
        self._at: list[int] = []  # the line of each place
        self._made_for = 0

    @property
    def part(self) -> Part | None:
        """Under the cursor."""
        return self._lines[self._at[self.cursor]][1] if self._at else None

    @property
    def text(self) -> str:
        """What it shows, whether it is scrolled to or not."""
        width = max(1, self.scrollable_content_region.width)
        return "\n".join("".join(text for text, _ in self._pieces(n, width)).rstrip() for n in range(len(self._lines)))

    def show(self, sections: Sequence[Section], *, lead: Sequence[list[Piece]] = (), top: bool = False) -> None:
        """`lead`: lines before the sections, scrolled with them. `top`: something else than before, to be read from its
        beginning."""
        self._sections, self._lead, self._made_for = sections, lead, 0
        if top:
            self.cursor = 0
            self.scroll_to_line(0)
        self._lay_out()

    def on_resize(self) -> None:
        super().on_resize()
        self._lay_out()

    def _lay_out(self) -> None:
        width = self.scrollable_content_region.width
        if width <= 0 or width == self._made_for:
            return
        self._made_for, self._at = width, []
        self._lines = [(_NOTHING, crop([(" ", "plain"), *line], width)) for line in self._lead]
        for section in self._sections:
            if section.title:
                if len(self._lines) > len(self._lead):
                    self._lines.append((section, ""))
                self._lines.append((section, (section.title, "title-active")))
            if section.note:
                lines = wrap(section.note, width - 2)
                self._lines += [(section, (section.note[start:end], "muted")) for start, end in lines]
            if section.columns or section.shares:
                self._lines.append((section, None))
            for part in section.parts:
                self._at.append(len(self._lines))
                self._lines.append((section, part))
                if below := section.below(part, width):
                    self._lines.append((section, below))
            if section.more:
                self._lines.append((section, (section.more, "muted")))
        self.places = len(self._at)
        self.cursor = max(0, min(self.cursor, self.places - 1))
        self.set_line_count(max(1, len(self._lines)))
        self.refresh()

    def action_move(self, by: int) -> None:
        """Lines before the first part, and behind what is seen before it, come line by line where there is no room for
        them and the part."""
        top = self.scroll_offset.y
        if by == -1 and self.cursor == 0:
            self.scroll_to_line(max(0, top - 1))
        elif by == 1 and self._at and self._at[self.cursor] >= top + self.size.height:
            self.scroll_to_line(top + 1)
        else:
            super().action_move(by)

    def show_cursor(self) -> None:
        line = self._at[self.cursor]
        first = 0 if self.cursor == 0 and line < self.size.height else line
        last = len(self._lines) - 1 if self.cursor == self.places - 1 else line
        self.reveal(min(first, line), last if last - line < self.size.height else line)
        self.post_message(self.Moved())
        self.refresh()

    def place_at(self, event: events.Click) -> int | None:
        line = event.y + self.scroll_offset.y
        return self._at.index(line) if line in self._at else None

    def _pieces(self, number: int, width: int, gutter: str = " ") -> list[Piece]:
        section, what = self._lines[number]
        if isinstance(what, Part):
            return section.line(what, gutter, width)
        if what is None:
            return section.head(width)
        if isinstance(what, list):
            return what
        return [(" ", "plain"), *crop([what], width - 1)] if what else []

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        number = y + self.scroll_offset.y
        if number >= len(self._lines):
            return self._palette.strip((), width)
        here = bool(self._at) and number == self._at[self.cursor]
        gutter, backdrop = self.cursor_look(here)
        return self._palette.strip(self._pieces(number, width, gutter), width, backdrop)
