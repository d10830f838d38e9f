"""The bottom line of a screen: the keys that matter now, each of them a button for the mouse."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import events
from textual.content import Content
from textual.style import Style
from textual.widget import Widget

from zsr_tui.ui.keys.action import Action
from zsr_tui.ui.keys.app import KeyedApp
from zsr_tui.ui.keys.bindings import grouped
from zsr_tui.ui.keys.names import key_display

_GAP = 2  # cells between two keys
HELP, MORE = "help", "more"  # the action, and its label where keys were left out


class KeyBar(Widget):
    """Shows the labelled actions that can be used at this moment in the table's order, as many as fit, and those that
    are `kept` always: the way back, help, which is "more" where not all fit, and commands. A screen may name some after
    what they do at this moment, in its `key_labels`: labels by the action's id, "" for a key that does nothing now.
    `refresh_bindings` says that they have changed.

    Keys that the focused widget takes as text are not shown. A click runs the action and presses no key, so it works
    while the user types.
    """

    DEFAULT_CSS = """
    KeyBar {
        dock: bottom;
        height: 1;
        padding: 0 1;
        color: $footer-description-foreground;
        background: $footer-background;
        text-wrap: nowrap;
    }
    KeyBar > .keybar--key { color: $footer-key-foreground; text-style: bold; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"keybar--key"}
    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self._places: list[tuple[int, int, str]] = []  # columns [start, end) and the action there
        self._last: list[tuple[Action, str, str]] = []
        self._more = ""  # the key of the help: a character where that is not typed

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, lambda _screen: self.refresh())

    def render(self) -> Content:
        shown = self._shown()
        width = self.content_size.width
        key_style = self.get_visual_style("keybar--key")
        kept = [entry for entry in shown if entry[0].kept]
        rest = [entry for entry in shown if not entry[0].kept]
        room = width + _GAP - sum(map(_cells, kept))
        fitting = []
        for entry in rest:
            room -= _cells(entry)
            if room < 0:
                break
            fitting.append(entry)
        if len(fitting) < len(rest):  # the help has the others
            kept = [
                (action, self._more, MORE) if action.id == HELP else (action, key, label) for action, key, label in kept
            ]

        self._places.clear()
        parts: list[Content | tuple[str, Style] | str] = []
        column = 0
        for action, key, label in (*fitting, *kept):
            end = column + len(key) + 1 + len(label)
            self._places.append((column, end, action.id))
            parts += [(key, key_style), " ", label, " " * _GAP]
            column = end + _GAP
        return Content.assemble(*parts)

    def on_click(self, event: events.Click) -> None:
        event.stop()
        for start, end, action_id in self._places:
            if start <= event.x - self.styles.padding.left < end:
                self.app.call_next(self.app.run_action, f"do('{action_id}')", self.app)

    def _shown(self) -> list[tuple[Action, str, str]]:
        """(action, key as shown, label) in the table's order."""
        app = self.app
        if not isinstance(app, KeyedApp):
            return []
        if self.screen is not app.screen:  # below a modal window, which says itself what its keys are
            return self._last
        active = self.screen.active_bindings
        focused = self.screen.focused
        typing = focused is not None and focused.check_consume_key("a", "a")
        named = getattr(self.screen, "key_labels", {})
        usable: list[Action] = []
        for action in app.keys:
            label = named.get(action.id, action.label)
            if not label or active.keys().isdisjoint(action.keys):
                continue
            # while one types, a key that means something else there (a letter, enter) isn't shown, and never one that
            # the screen itself has for something else
            keys = tuple(
                key
                for key in action.keys
                if key in active
                and not (typing and len(key_display(key)) == 1)
                and not ((typing or active[key].node is self.screen) and active[key].binding.id != action.id)
            )
            bound = any(active[key].binding.id == action.id for key in keys)  # only what applies is
            if not keys or not (bound or app.applies(action)):
                continue
            if action.id == HELP:
                self._more = key_display(keys[-1])
            usable.append(replace(action, keys=keys[:1], label=label))
        self._last = [(action, keys, action.label) for keys, _, action in grouped(usable)]
        return self._last


def _cells(entry: tuple[Action, str, str]) -> int:
    """What a key takes on the bar, the gap after it included."""
    _, key, label = entry
    return len(key) + 1 + len(label) + _GAP
