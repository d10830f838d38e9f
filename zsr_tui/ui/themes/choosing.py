"""Choosing a theme: the one under the cursor is shown at once, on the whole screen, and taken back on Escape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.app import App
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider

from zsr_tui.text import one_line
from zsr_tui.ui import themes


class ThemeCommands(Provider):
    """Every theme, the one in use first."""

    async def discover(self) -> Hits:
        for name in _in_use_first(self.app.theme):
            yield DiscoveryHit(_plain(name), _nothing, text=name, help=_about(name))

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for name in _in_use_first(self.app.theme):
            if (score := matcher.match(name)) > 0:
                yield Hit(score, matcher.highlight(_plain(name)), _nothing, text=name, help=_about(name))


class ThemeChoice:
    """One time that the user chooses; `use` shows a theme."""

    def __init__(self, app: App[Any], use: Callable[[str], object]) -> None:
        self._before = app.theme
        self._use = use
        app.push_screen(CommandPalette(providers=[ThemeCommands], placeholder="Type to filter the themes"))

    def highlighted(self, event: CommandPalette.OptionHighlighted) -> None:
        hit = getattr(event.highlighted_event.option, "hit", None)
        if hit is not None and hit.text:
            self._use(hit.text)

    def closed(self, *, chosen: bool) -> None:
        if not chosen:
            self._use(self._before)


def _in_use_first(name: str) -> tuple[str, ...]:
    return (name, *(other for other in themes.every() if other != name))


def _about(name: str) -> str:
    if name in themes.NAMES:
        return "the terminal's own colours" if name.startswith("ansi") else "of zsr-tui"
    return "of Textual" if name in themes.BUILT_IN else "your own"


def _plain(name: str) -> str:
    """The palette reads markup."""
    return one_line(name).replace("[", "\\[")


def _nothing() -> None:
    """It is shown already."""
