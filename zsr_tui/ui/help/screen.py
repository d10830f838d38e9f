"""The keys that apply now, what the marks and words on the screen mean, and the notation of systems."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from zsr_tui.paths import config_file
from zsr_tui.ui.keys.action import ANYWHERE, HERE, Action
from zsr_tui.ui.keys.bindings import grouped
from zsr_tui.ui.parts.glossary import LOOKS, MARKS, NOTATION, ONLY_AT, WORDS
from zsr_tui.ui.parts.screen import BaseScreen
from zsr_tui.ui.parts.two_columns import TwoColumns


class HelpScreen(BaseScreen[None]):
    """`actions` are those that can be used on the screen below, whose `place` says which words are seen there. `about`
    is what has the focus (title, what is to be known of it), `shown` all that the screen says: both come first."""

    PLACE = "help"
    DIALOG = True
    CSS_PATH = "screen.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [("escape,q", "close", "Close")]

    def __init__(
        self, actions: Sequence[Action], place: str = "", about: tuple[str, str] | None = None, shown: str = ""
    ) -> None:
        super().__init__()
        self._actions, self._about = actions, about
        words = WORDS.get(place, ())
        own = {sign for sign, _ in words}
        marks = tuple(  # a place may mean something else by a mark
            each for each in MARKS if each[0] not in own and place in ONLY_AT.get(each[0], (place,))
        )
        self._seen = [
            each
            for each in (*marks, *words)
            if is_seen(each[0], shown, "" if each in words else LOOKS.get(each[0], ""))
        ]
        self._words, self._marks = ([each for each in every if each not in self._seen] for every in (words, marks))

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog", id="help") as dialog:
            dialog.border_title = "Help"
            dialog.border_subtitle = "↑ ↓ scroll · esc closes"
            with VerticalScroll():
                if self._about is not None:
                    yield Static(self._about[0], classes="heading", markup=False)
                    yield Static(self._about[1], markup=False)
                by_place = [action.where for action in self._actions]
                sections = (
                    ("What stands there now", self._seen),
                    ("On this screen", self._keys(*(where for where in by_place if where not in (HERE, ANYWHERE)))),
                    ("In a list, table, picture or text", self._keys(HERE)),
                    ("Everywhere", self._keys(ANYWHERE)),
                    ("Other words on this screen", self._words),
                    ("Other marks", self._marks),
                    ("Systems are written", NOTATION),
                )
                for title, rows in sections:
                    if rows:
                        yield Static(title, classes="heading")
                        yield TwoColumns(rows)
                yield Static(f"Your own keys: [keys] in {config_file()}", classes="muted note", markup=False)

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def _keys(self, *places: str) -> list[tuple[str, str]]:
        found = grouped(action for action in self._actions if action.where in places)
        return [(keys or "^p, its name", f"{title}. {action.help}") for keys, title, action in found]


def is_seen(sign: str, shown: str, look: str = "") -> bool:
    """Whether a mark, or a word with whatever number, is among what a screen says; `look` is the pattern of a mark that
    may stand there for something else."""
    if look:
        return re.search(look, shown) is not None
    if sign.replace(" ", "").isascii() and len(sign) > 1:
        words = r"\s+".join(map(re.escape, re.sub(r"\d+", "0", sign).split()))
        return re.search(rf"(?<!\w){words.replace('0', r'[0-9,.]+')}(?!\w)", shown) is not None
    return any(letter in shown for letter in sign if not (letter.isascii() and letter.isalnum()) and letter != " ")


def about_focused(widget: Widget | None) -> tuple[str, str] | None:
    """What a widget, or what it stands in, says of itself."""
    for node in widget.ancestors_with_self if widget is not None else ():
        said = getattr(node, "HELP", None)
        if said and isinstance(node, Widget) and type(node).__module__.startswith("zsr_tui."):
            title, _, text = said.partition("\n")
            return title, text
    return None


def text_of(screen: Screen[Any]) -> str:
    """All that it says."""
    return "\n".join(strip.text for strip in screen._compositor.render_strips())
