"""The theme that the application has: the next one, one chosen out of all, and its file as it is edited."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.app import App

from zsr_tui.ui import themes

if TYPE_CHECKING:
    from textual.command import CommandPalette

    from zsr_tui.ui.themes.choosing import ThemeChoice

LOOK_EVERY = 1.0  # seconds between two looks at the file of a user's own theme


class ThemeInUse:
    """`remember` is told every theme that the user has come to; not one that is only shown while choosing."""

    def __init__(self, app: App[Any], remember: Callable[[str], None]) -> None:
        self._app, self._remember = app, remember
        self._choice: ThemeChoice | None = None
        self._seen: tuple[str, tuple[int, int]] | None = None

    def begin(self) -> None:
        """Once the application runs."""
        if not self._app.no_color:
            self._app.theme_changed_signal.subscribe(self._app, lambda theme: self._changed(theme.name))
            self.look()
            self._app.set_interval(LOOK_EVERY, self.look)

    def next(self) -> None:
        """Past those that cannot be shown, each of which says why."""
        name = themes.after(self._app.theme)
        while not self.use(name):
            name = themes.after(name)

    def choose(self) -> None:
        """Out of all, each shown under the cursor."""
        if self._app.no_color:
            self._app.notify("There are no colours to choose: NO_COLOR is set.", timeout=4)
            return
        from zsr_tui.ui.themes.choosing import ThemeChoice

        self._choice = ThemeChoice(self._app, self.use)

    def use(self, name: str) -> bool:
        """Show it, or say why that is not possible; whether it is shown."""
        if complaint := themes.use(self._app, name):
            self._app.notify(complaint, severity="warning", timeout=12, markup=False)
        return not complaint

    def look(self) -> None:
        """A user's own is shown as its file is edited."""
        name = self._app.theme
        before, self._seen = self._seen, (name, themes.own.stamp(name))
        if before is not None and before[0] == name and before != self._seen and name in themes.own.names():
            self.use(name)

    # what the palette says

    def highlighted(self, event: CommandPalette.OptionHighlighted) -> None:
        if self._choice is not None:
            self._choice.highlighted(event)

    def closed(self, event: CommandPalette.Closed) -> None:
        if self._choice is not None:
            self._choice.closed(chosen=event.option_selected)
            self._choice = None
            self._changed(self._app.theme)

    def _changed(self, name: str) -> None:
        if self._choice is None:
            self._remember(name)
