"""The systems that will be compared, in their order, each with buttons to move and to remove it."""

from __future__ import annotations

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

MOST = 5
BUTTONS = " ↑ ↓ ✕ "


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
    """`systems` are notations. Posts `Changed` whenever the user moves or removes one."""

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
    cursor: reactive[int] = reactive(0)

    @dataclass
    class Changed(Message):
        systems: tuple[str, ...]

    def __init__(self, systems: tuple[str, ...], *, id: str) -> None:
        super().__init__(id=id)
        self.set_reactive(ChosenSystems.systems, systems)

    def validate_cursor(self, cursor: int) -> int:
        return max(0, min(cursor, len(self.systems) - 1))

    def watch_systems(self) -> None:
        self.cursor = self.validate_cursor(self.cursor)

    def render(self) -> Content:
        if not self.systems:
            return Content.styled("none yet: choose a preset or a model below", "$secondary")
        width = self.content_size.width
        lines = []
        for number, system in enumerate(self.systems):
            notation = shorten(one_line(system), width - 2 - 8)
            left = Content.assemble((f"{number + 1} ", self.get_visual_style("chosen--number")), notation)
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

    def on_blur(self) -> None:
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None or offset.y >= len(self.systems):
            return
        self.cursor = offset.y
        from_right = self.content_size.width - offset.x
        if from_right in (7, 6):
            self.action_shift(-1)
        elif from_right in (5, 4):
            self.action_shift(1)
        elif from_right <= 3:
            self.action_remove()

    def action_move(self, step: int) -> None:
        self.cursor += step

    def action_shift(self, step: int) -> None:
        target = self.cursor + step
        if 0 <= target < len(self.systems):
            systems = list(self.systems)
            systems[self.cursor], systems[target] = systems[target], systems[self.cursor]
            self.systems = tuple(systems)
            self.cursor = target
            self.post_message(self.Changed(self.systems))

    def action_remove(self) -> None:
        if self.systems:
            self.systems = self.systems[: self.cursor] + self.systems[self.cursor + 1 :]
            self.post_message(self.Changed(self.systems))
