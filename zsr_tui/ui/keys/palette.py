"""The command palette: every action that can be used now, with its key, and the themes by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from zsr_tui.ui import themes
from zsr_tui.ui.keys.app import KeyedApp
from zsr_tui.ui.keys.names import key_display


class ActionCommands(Provider):
    """Reads the table of actions; a command runs after the palette has closed, on the screen below it."""

    def _commands(self) -> Iterator[tuple[str, str, Callable[[], object]]]:
        app = self.app
        if not isinstance(app, KeyedApp):
            return
        for action in app.keys:
            if not action.mouse and app.applies(action, self.screen):
                keys = ", ".join(key_display(key) for key in action.keys)
                yield action.title, _plain(f"{keys}  {action.help}".strip()), partial(app.action_do, action.id)
        for name in themes.NAMES:
            if name != self.app.theme:
                yield f"Theme: {name}", "Change the colours.", partial(setattr, self.app, "theme", name)

    async def discover(self) -> Hits:
        for title, help_text, command in self._commands():
            yield DiscoveryHit(title, command, help=help_text)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for title, help_text, command in self._commands():
            score = matcher.match(title)
            if score > 0:
                yield Hit(score, matcher.highlight(title), command, text=title, help=help_text)


def _plain(text: str) -> str:
    """The palette reads help as markup; `textual.markup.escape` leaves "[ and ]" as it is."""
    return text.replace("[", "\\[")
