"""A chosen system becomes a line to type in, in its own place; or a copy of it below."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from zsr_tui import pipeline
from zsr_tui.text import one_line
from zsr_tui.ui.parts.chosen_systems import MOST, ChosenSystems
from zsr_tui.ui.parts.line_input import LineInput
from zsr_tui.ui.setup.notation import error_in, looks_like_notation, mark_errors, sentence


@dataclass(frozen=True, slots=True)
class Edit:
    """`before` are the systems as they were; the one at `place` becomes another, or gets a new one before it where one
    is `inserted`."""

    place: int
    before: tuple[str, ...]
    inserted: bool

    @property
    def others(self) -> tuple[str, ...]:
        return self.before[: self.place] + self.before[self.place + (not self.inserted) :]

    def with_system(self, system: str) -> tuple[str, ...]:
        return (*self.others[: self.place], system, *self.others[self.place :])


class EditedSystem(LineInput):
    """Lies over the row of the system that is edited; hidden otherwise. Posts `Done` for Enter, and `GivenUp`. It
    stays, with the focus, until what was entered is kept: what is typed meanwhile belongs to its text."""

    DEFAULT_CSS = """
    EditedSystem { position: absolute; width: 100%; height: 1; padding: 0 2 0 0; background: $panel; }
    EditedSystem:ansi { background: ansi_default; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up", "Leave as it was", show=False)]

    @dataclass
    class Done(Message):
        """Enter was pressed on what is `typed`, after the line was `opened` for so many edits."""

        opened: int
        typed: str

    class GivenUp(Message):
        """By Escape, or because the user went elsewhere before anything was typed."""

    def __init__(self) -> None:
        super().__init__(compact=True, select_on_focus=False, id="edited")
        self.display = False
        mark_errors(self)
        self.edit = Edit(0, (), inserted=False)
        self._first, self._opened = "", 0

    def show(self, text: str, edit: Edit) -> None:
        self.edit, self._first = edit, text
        self._opened += 1
        with self.prevent(Input.Changed):
            self.value = text
        self.cursor_position = len(text)
        self.styles.offset = (2, edit.place)
        self.display = True

    @property
    def mended(self) -> bool:
        """Whether it is another text than at first."""
        return self.value != self._first

    def awaits(self, done: Done) -> bool:
        """Whether it still says what was entered: it was neither left nor typed on since."""
        return self.display and (self._opened, self.value.strip()) == (done.opened, done.typed)

    @property
    def about(self) -> tuple[str, bool]:
        """What Enter would make of it, or what is wrong with it; and whether that is so."""
        typed = self.value.strip()
        if error := error_in(typed):
            return sentence(error), True
        if looks_like_notation(typed):
            return f"Enter keeps {one_line(str(pipeline.parse(typed)))}. {self.way_out}", False
        return f"A system, or a model's name: Enter keeps it. {self.way_out}", False

    @property
    def way_out(self) -> str:
        return "Esc drops the copy." if self.edit.inserted else "Esc leaves it as it was."

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Done(self._opened, event.value.strip()))

    def action_give_up(self) -> None:
        self.post_message(self.GivenUp())

    def on_blur(self) -> None:
        if self.display and not self.mended and self.screen.focused is not self and self.app.app_focus:
            self.post_message(self.GivenUp())


class Editing:
    """One line at a time, over the chosen systems."""

    def __init__(self, chosen: ChosenSystems) -> None:
        self.line = EditedSystem()
        self._chosen = chosen

    @property
    def under_way(self) -> bool:
        return self.line.display

    @property
    def systems(self) -> tuple[str, ...]:
        """The chosen ones, as long as nothing is kept."""
        return self.line.edit.before if self.under_way else self._chosen.systems

    def open(self, *, copy: bool = False) -> None:
        """For the system under the cursor."""
        self.close()
        chosen = self._chosen
        edit, text = Edit(chosen.cursor + copy, chosen.systems, copy), chosen.current
        if copy:
            chosen.systems = edit.with_system(text)
        chosen.cursor = edit.place
        self.line.show(text, edit)
        self._focus(self.line)

    def take(self, systems: tuple[str, ...]) -> None:
        """These are chosen now. An edit goes on where they are only more than before."""
        line, chosen = self.line, self._chosen
        edit = line.edit
        if not self.under_way:
            chosen.systems = systems
        elif systems[: len(edit.before)] == edit.before and len(systems) + edit.inserted <= MOST:
            line.edit = replace(edit, before=systems)
            chosen.systems = line.edit.with_system(chosen.systems[edit.place]) if edit.inserted else systems
        else:
            self.close()
            chosen.systems = systems

    def close(self) -> None:
        """The systems are as they were before."""
        if self.under_way:
            if self.line.has_focus:
                self._focus(self._chosen)
            edit = self.line.edit
            self.line.display = False
            self._chosen.systems = edit.before
            self._chosen.cursor = edit.place - edit.inserted

    def _focus(self, widget: Widget) -> None:
        """At once: what is typed next is for it."""
        self._chosen.screen.set_focus(widget)
