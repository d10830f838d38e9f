"""The command palette: every action that can be used now, with its key, and the themes by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from zsr_tui.text import one_line
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

    async def discover(self) -> Hits:
        for title, help_text, command in self._commands():
            yield DiscoveryHit(title, command, help=help_text)

    def _themes(self) -> Iterator[tuple[str, str, Callable[[], object]]]:
        """Too many to be shown before anything is typed."""
        app = self.app
        if isinstance(app, KeyedApp):
            for name in themes.every():
                if name != app.theme:
                    yield f"Theme: {one_line(name)}", "Change the colours.", partial(app.themes.use, name)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for title, help_text, command in (*self._commands(), *self._themes()):
            score = matcher.match(title)
            if score > 0:
                yield Hit(score, matcher.highlight(title), command, text=title, help=help_text)


def _plain(text: str) -> str:
    """The palette reads help as markup; `textual.markup.escape` leaves "[ and ]" as it is."""
    return text.replace("[", "\\[")
