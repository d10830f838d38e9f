"""The systems that will be compared, in their order, each with buttons to move and to remove it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from zsr_tui.text import one_line, shorten_middle
from zsr_tui.ui.parts.copying.choice import Choice, Copyable

MOST = 5
BUTTONS = " ↑ ↓ ✕ "
OF_CURRENT = ("edit_system", "duplicate_system", "move_system_up", "move_system_down", "remove_system")
_IN_TURN = frozenset(f"do('{action_id}')" for action_id in (*OF_CURRENT, "undo"))
BLOCKED = "–"  # behind the number of a system that cannot run


def shorten(notation: str, width: int) -> str:
    """The notation in `width` characters: how it retrieves stays, the last model's name is cut in the middle."""
    if len(notation) <= width:
        return notation
    before, arrow, model = notation.rpartition(" >> ")
    room = width - len(before) - len(arrow)
    if arrow and room >= 9:
        return before + arrow + shorten_middle(model, room)
    return shorten_middle(notation, width)


class ChosenSystems(Widget, can_focus=True):
    """`systems` are notations; `blocked` says why one cannot run. Posts `Changed` whenever the user moves or removes
    one, `Pointed` when the cursor stands on one, and `EditWanted` for a double click."""

    HELP = (
        "The chosen systems\n"
        "In the order in which they are shown. The arrows and the cross at the end of a line can be clicked."
    )
    DEFAULT_CSS = """
    ChosenSystems { height: 5; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"chosen--cursor", "chosen--button", "chosen--number"}
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("home", "move(-1000)", "First", show=False),
        Binding("end", "move(1000)", "Last", show=False),
        Binding("delete,backspace", "remove", "Remove", show=False),
        Binding("shift+up,left_square_bracket", "shift(-1)", "Move up", show=False),
        Binding("shift+down,right_square_bracket", "shift(1)", "Move down", show=False),
    ]
    systems: reactive[tuple[str, ...]] = reactive((), layout=True)
    blocked: reactive[Mapping[str, str]] = reactive[Mapping[str, str]]({})
    cursor: reactive[int] = reactive(0)

    @dataclass
    class Changed(Message):
        """`what` was done, as in "bm25 was removed"; `before` are the systems until then."""

        systems: tuple[str, ...]
        before: tuple[str, ...]
        what: str

    @dataclass
    class Pointed(Message):
        """The system that the cursor stands on."""

        system: str

    class EditWanted(Message):
        """Of the one under the cursor."""

    def __init__(self, systems: tuple[str, ...], *, none: str, id: str) -> None:
        """`none` is what an empty list says."""
        super().__init__(id=id)
        self._none = none
        self.set_reactive(ChosenSystems.systems, systems)
        self._dragged: tuple[str, ...] | None = None  # the systems before one was taken hold of

    @property
    def current(self) -> str:
        """The system under the cursor; "" where there is none."""
        return self.systems[self.cursor] if self.systems else ""

    def validate_cursor(self, cursor: int) -> int:
        return max(0, min(cursor, len(self.systems) - 1))

    def watch_systems(self) -> None:
        self.cursor = self.validate_cursor(self.cursor)

    def render(self) -> Content:
        if not self.systems:
            return Content.styled(self._none, "$secondary")
        width = self.content_size.width
        lines = []
        for number, system in enumerate(self.systems):
            notation = shorten(one_line(system), width - 2 - 8)
            mark = BLOCKED if system in self.blocked else " "
            left = Content.assemble((f"{number + 1}{mark}", self.get_visual_style("chosen--number")), notation)
            buttons = Content.styled(BUTTONS, self.get_visual_style("chosen--button"))
            line = left.pad_right(max(0, width - left.cell_length - 7)) + buttons
            if self.has_focus and number == self.cursor:
                line = line.stylize_before(self._cursor_style())
            lines.append(line)
        return Content("\n").join(lines)

    def _cursor_style(self) -> Style:
        # get_visual_style leaves `reverse` out, which is what marks the cursor where there is no colour
        reverse = self.get_component_styles("chosen--cursor").text_style.reverse
        return Style(reverse=True) if reverse else self.get_visual_style("chosen--cursor")

    def on_focus(self) -> None:
        self.refresh()
        self._point()

    def on_blur(self) -> None:
        self.refresh()

    async def _on_key(self, event: events.Key) -> None:
        """What changes the systems comes about in its turn: Textual's would wait until the key has gone the way up,
        while keys that follow come here. And keys that were on their way here when the focus went on, as to a line
        that opened, are for what has it now."""
        focused, active = self.screen.focused, self.screen.active_bindings.get(event.key)
        if focused is not None and focused is not self:
            focused.post_message(events.Key(event.key, event.character))
        elif active is not None and (active.node is self or active.binding.action.removeprefix("app.") in _IN_TURN):
            await self.app.run_action(active.binding.action, active.node)
        else:
            return
        event.stop()
        event.prevent_default()

    def _point(self) -> None:
        if self.systems:
            self.post_message(self.Pointed(self.current))

    # the mouse: a click on a button, a double click or a drag on a name

    def on_mouse_down(self, event: events.MouseDown) -> None:
        at = self._at(event)
        if at is None or at[0] >= len(self.systems) or at[1] <= len(BUTTONS):
            return
        self.cursor, self._dragged = at[0], self.systems
        self._point()
        self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        at = self._at(event)
        if self._dragged is None or at is None:
            return
        while self.cursor != (row := self.validate_cursor(at[0])):
            self._swap(1 if row > self.cursor else -1)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        before, self._dragged = self._dragged, None
        if before is None:
            return
        self.release_mouse()
        if before != self.systems:
            self.post_message(self.Changed(self.systems, before, f"{self.current} was moved"))

    def on_click(self, event: events.Click) -> None:
        at = self._at(event)
        if at is None or at[0] >= len(self.systems):
            return
        self.cursor, from_right = at
        if from_right in (7, 6):
            self.action_shift(-1)
        elif from_right in (5, 4):
            self.action_shift(1)
        elif from_right <= 3:
            self.action_remove()
        elif event.chain == 2:
            self.post_message(self.EditWanted())

    def _at(self, event: events.MouseEvent) -> tuple[int, int] | None:
        """The row, and how far from the right edge; None outside of the content."""
        offset = event.get_content_offset(self)
        return None if offset is None else (offset.y, self.content_size.width - offset.x)

    def copyable(self) -> Copyable | None:
        """The notation of the system under the cursor."""
        if not self.systems:
            return None
        notation = self.systems[self.cursor]
        return Copyable(one_line(notation), (Choice("n", "", notation),))

    def action_move(self, step: int) -> None:
        self.cursor += step
        self._point()

    def action_shift(self, step: int) -> None:
        """Move the system under the cursor up or down."""
        before = self.systems
        if self._swap(step):
            self.post_message(self.Changed(self.systems, before, f"{self.current} was moved"))

    def _swap(self, step: int) -> bool:
        target = self.cursor + step
        if not 0 <= target < len(self.systems):
            return False
        systems = list(self.systems)
        systems[self.cursor], systems[target] = systems[target], systems[self.cursor]
        self.systems = tuple(systems)
        self.cursor = target
        return True

    def action_remove(self) -> None:
        if self.systems:
            before, removed = self.systems, self.current
            self.systems = before[: self.cursor] + before[self.cursor + 1 :]
            self.post_message(self.Changed(self.systems, before, f"{removed} was removed"))
            self._point()
