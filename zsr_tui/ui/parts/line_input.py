"""A line to type in."""

from __future__ import annotations

import os.path
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.events import Key, Paste
from textual.strip import Strip
from textual.widgets import Input

from zsr_tui.text import typed


def absolute(path: str) -> str:
    """A path that the user typed, for the engine: it may work in another folder than this program."""
    return os.path.abspath(os.path.expanduser(path))


class LineInput(Input):
    """Ctrl+U clears the whole line, wherever the cursor is: a line of a search is typed anew more often than mended.
    What is pasted in several lines is one. A part that is wrong can be marked, by a `highlighter`."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"line--wrong"}

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+u", "clear_line", "Clear the line", show=False)]

    async def _on_key(self, event: Key) -> None:
        """Enter, and what edits the line, come about in their turn: Textual's would wait until the key has gone the way
        up, while letters that follow go into the line. And keys that were on their way here when the focus went on are
        for what has it now."""
        focused = self.screen.focused
        if focused is not None and focused is not self:
            focused.post_message(Key(event.key, event.character))
        elif event.key == "enter":
            await self.action_submit()
        elif not event.is_printable and (active := self.screen.active_bindings.get(event.key)) and active.node is self:
            if not await self.app.run_action(active.binding.action, self):
                return  # it has no use for the key, as a line that cannot scroll
        else:
            return
        event.stop()
        event.prevent_default()

    def render_line(self, y: int) -> Strip:
        """A placeholder for which there is no room ends in an ellipsis, behind its last word that is shown."""
        strip, room = super().render_line(y), self.scrollable_content_region.width
        if y or self.value or cell_len(self.placeholder) <= room:
            return strip
        sign = Segment("…", self.get_component_rich_style("input--placeholder"))
        end = cell_len(strip.crop(0, room - 1).text.rstrip())
        return Strip.join([strip.crop(0, end), Strip([sign]), strip.crop(end, room - 1)])

    def action_clear_line(self) -> None:
        self.value = ""

    def action_paste(self) -> None:
        self._put_in(self.app.clipboard)

    def _on_paste(self, event: Paste) -> None:
        event.prevent_default()  # Textual keeps the first line
        event.stop()
        self._put_in(event.text)

    def _put_in(self, text: str) -> None:
        if line := typed(text):
            self.replace(line, *self.selection)


class EntryLine(LineInput):
    """Empty from Enter on, which goes on to the `next` line where there is one: keys that follow are never glued to
    what was entered, however fast they come."""

    next: EntryLine | None = None

    async def action_submit(self) -> None:
        await super().action_submit()
        with self.prevent(Input.Changed):
            self.value = ""
        if self.next is not None:
            self.screen.set_focus(self.next)

    def put_back(self, typed: str) -> None:
        """What was entered, to be mended; unless something else is being typed."""
        if not self.value:
            with self.prevent(Input.Changed):  # nobody has typed
                self.value = typed
            self.cursor_position = len(typed)
