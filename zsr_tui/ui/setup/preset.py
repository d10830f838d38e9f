"""A preset and the chosen systems side by side: what shall become of them?"""

from __future__ import annotations

from typing import ClassVar, Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from zsr_tui.domain import Preset
from zsr_tui.text import one_line, shorten_middle
from zsr_tui.ui.parts.chosen_systems import MOST
from zsr_tui.ui.parts.pieces import shorten_notation
from zsr_tui.ui.parts.screen import BaseScreen

Answer = Literal["replace", "add"]
WIDEST = 68  # cells of a system, which the window has at 80 columns
NAME = 30  # characters of the preset's


class PresetScreen(BaseScreen[Answer]):
    """Dismissed with what is to be done, or None for nothing."""

    PLACE = "preset"
    DIALOG = True
    DEFAULT_CSS = """
    PresetScreen .systems { height: auto; max-height: 12; margin-bottom: 1; }
    PresetScreen .systems Static { padding-left: 2; }
    """
    AUTO_FOCUS = "#replace"
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "close", "Keep"),
        ("left", "app.focus_previous", ""),
        ("right", "app.focus_next", ""),
    ]

    def __init__(self, preset: Preset, chosen: tuple[str, ...]) -> None:
        super().__init__()
        self._preset, self._chosen = preset, chosen

    def compose(self) -> ComposeResult:
        new = [system for system in self._preset.systems if system not in self._chosen]
        room, name = MOST - len(self._chosen), shorten_middle(one_line(self._preset.name), NAME)
        with Vertical(classes="dialog"):
            yield Static(f"Replace the chosen systems by {name}?", classes="dialog-title", markup=False)
            yield from _listed("Chosen now", self._chosen, "")
            left_out = len(self._preset.systems) - MOST
            yield from _listed(
                name,
                self._preset.systems[:MOST],
                f"… and {left_out} more, for which there is no place" if left_out > 0 else "",
            )
            with Horizontal(classes="buttons"):
                yield Button("Replace", id="replace", compact=True)
                if new and room > 0:
                    count = "them" if len(new) <= room else f"the first {min(len(new), room)}"
                    yield Button(f"Add {count}", id="add", compact=True)
                yield Button("Keep", id="keep", compact=True)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        answers: dict[str | None, Answer] = {"replace": "replace", "add": "add"}
        self.dismiss(answers.get(event.button.id))


def _listed(title: str, systems: tuple[str, ...], more: str) -> ComposeResult:
    yield Static(title, classes="muted", markup=False)
    with Vertical(classes="systems"):
        for system in systems:
            yield Static(shorten_notation(one_line(system), WIDEST), markup=False)
        if more:
            yield Static(more, classes="muted", markup=False)
