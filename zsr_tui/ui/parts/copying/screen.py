"""`y`: a small line of what can be copied of the thing under the cursor, and the copying."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.dom import DOMNode

from zsr_tui.ui.parts.copying import clipboard
from zsr_tui.ui.parts.copying.choice import Choice, Copyable
from zsr_tui.ui.parts.cursor_view import CursorView
from zsr_tui.ui.parts.pieces import Piece, crop, width_of
from zsr_tui.ui.parts.screen import BaseScreen
from zsr_tui.ui.parts.tab_line import TabLine


def thing_at(screen: BaseScreen[Any]) -> Copyable | None:
    """What is under the cursor: the focused widget says it, or whatever that stands in."""
    node: DOMNode | None = screen.focused or screen
    while node is not None:
        own = getattr(node, "copyable", None)
        found = own() if own is not None else None
        if isinstance(found, Copyable):
            return found
        node = node.parent
    return None


def copy(screen: BaseScreen[Any]) -> None:
    """What is selected, else what is chosen of the thing under the cursor."""
    if copy_selection(screen):
        return
    copy_thing(screen, thing_at(screen))


def copy_thing(screen: BaseScreen[Any], thing: Copyable | None) -> None:
    """What the user chooses of it, where there is a choice."""
    if thing is None:
        screen.tell("There is nothing here to copy yet.")
        return

    def chosen(choice: Choice | None) -> None:
        if choice is not None:
            screen.ask("copy", _take, screen, thing, choice)

    if len(thing.choices) == 1:
        chosen(thing.choices[0])
    else:
        screen.app.push_screen(CopyScreen(thing, below=_below_row(screen)), chosen)


def _below_row(screen: BaseScreen[Any]) -> int | None:
    """The line of the screen below the row under the cursor; None where there is no such row."""
    focused = screen.focused
    line = focused.below_cursor if isinstance(focused, CursorView) else None
    return focused.region.y + line if focused is not None and line is not None else None


def copy_selection(screen: BaseScreen[Any]) -> bool:
    """False where nothing is selected."""
    text = screen.get_selected_text()
    if not text:
        return False
    if clipboard.send(screen, text, f"{len(text):,} selected characters"):
        screen.ask("clipboard", clipboard.to_tmux, text)
    screen.clear_selection()
    return True


async def _take(screen: BaseScreen[Any], thing: Copyable, choice: Choice) -> None:
    text = choice.text if isinstance(choice.text, str) else await choice.text()
    if clipboard.send(screen, text, copied(choice.what, thing.name)):
        await clipboard.to_tmux(text)


def copied(what: str, name: str) -> str:
    """What was copied, in a sentence: "the id of document 7", "the finding as Markdown"."""
    whole = what.removeprefix("all of it").strip()
    if not whole or whole.startswith("as "):
        return f"{name} {whole}".strip()
    return f"{what} ({name})" if what.startswith("what ") else f"the {what} of {name}"


class CopyScreen(BaseScreen[Choice]):
    """Dismissed with what was chosen, by its letter or a click; by the key that opened it, `again`, with the first.
    `what` is done with the thing. Its line is the one `below` the row, where the eye is, or else the last one."""

    PLACE = "copy"
    DIALOG = True
    DEFAULT_CSS = """
    CopyScreen { background: transparent; align: left bottom; }
    CopyScreen TabLine { dock: bottom; background: $panel; }
    CopyScreen:ansi TabLine { background: ansi_default; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "close", "Close")]

    def __init__(self, thing: Copyable, what: str = "Copy", again: str = "y", below: int | None = None) -> None:
        super().__init__()
        self._thing, self._what, self._below = thing, what, below
        self.line = TabLine(id="copy-choices")
        # bindings, which also find a key that was pressed right after `y`, before this screen stands
        for key, number in ((again, 0), *((each.key, number) for number, each in enumerate(thing.choices))):
            self._bindings.bind(key, f"choose({number})", show=False)

    def compose(self) -> ComposeResult:
        yield self.line

    def on_mount(self) -> None:
        if self._below is not None and self._below < self.size.height:
            self.line.styles.dock = "top"
            self.line.styles.offset = (0, self._below)
        self.line.show(self._choices)

    def _choices(self, width: int) -> list[list[Piece]]:
        parts: list[list[Piece]] = [
            [(choice.key, "reference"), (f" {choice.what}  ", "text")] for choice in self._thing.choices
        ]
        parts.append([("esc", "reference"), (" nothing", "text")])
        room = max(0, width - sum(map(width_of, parts)) - 3)
        whole, close = f" {self._what} of {self._thing.name}", "”" if self._thing.name.endswith("”") else ""
        if width_of([(f"{whole}: ", "strong")]) <= room:
            return [[(f"{whole}: ", "strong")], *parts]
        cut = crop([(whole, "strong")], max(0, room - len(f"{close}: ")))
        return [[*cut, (f"{close}: ", "strong")] if cut else [], *parts]

    @on(TabLine.Chosen)
    def _clicked(self, event: TabLine.Chosen) -> None:
        event.stop()
        if 2 <= event.number <= len(self._thing.choices) + 1:
            self.action_choose(event.number - 2)
        elif event.number > 1:
            self.leave()

    def action_choose(self, number: int) -> None:
        self.dismiss(self._thing.choices[number])

    def copy_focused(self) -> None:
        self.action_choose(0)
