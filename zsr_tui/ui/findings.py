"""What can be taken of what is on the screen: a comparison as Markdown, a finding to hand on, a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zsr_tui.ui.app import ZsrTuiApp


class Findings:
    """Of one application; handlers of `zsr_tui.ui.keys.table`."""

    def __init__(self, app: ZsrTuiApp) -> None:
        self._app = app

    def copy_comparison(self) -> None:
        """Of the query that Compare shows, as Markdown."""
        from zsr_tui.ui.compare.markdown import copy
        from zsr_tui.ui.compare.screen import CompareScreen

        screen = self._app.screen
        if isinstance(screen, CompareScreen):
            copy(screen, screen.session, screen.rankings.reference)

    def take_screenshot(self) -> None:
        """Of what is shown, to a file of its own."""
        from zsr_tui.ui.parts.copying import screenshot

        screenshot.take(self._app)
