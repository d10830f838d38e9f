"""What lay over Compare when a session was left is opened once the cursor stands where it stood."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zsr_tui.ui.app import ZsrTuiApp

OFTEN = 0.1  # seconds between two looks


class Reopening:
    """Ends as soon as the user is somewhere else, or the document is not found any more."""

    def __init__(self, app: ZsrTuiApp, place: str, doc_id: str) -> None:
        self._app, self._compare, self._place, self._doc_id = app, app.compare, place, doc_id
        self._timer = app.set_interval(OFTEN, self.look)

    def look(self) -> None:
        compare = self._compare
        lists, active = compare.session.lists, compare.rankings.active
        if self._app.screen is not compare:
            self._timer.stop()
        elif compare.session.started and not compare.session.running and not lists[active].unfinished:
            self._timer.stop()
            if compare.rankings.doc_id == self._doc_id:
                (compare.reader.open if self._place == "document" else compare.reader.explain)()
