"""What a search was refused for: it is prepared, once, and the search asked again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.screen import Screen

from zsr_tui.ui.compare.session import NEEDS_PREPARATION, SearchSession, Update
from zsr_tui.ui.parts.messages import PreparationWanted
from zsr_tui.ui.parts.notice import Notice

PREPARING = "What the systems need is being prepared; the query is asked again then."


class MissingData:
    """`waiting` is the query, and its id in the dataset, that is asked with `search` once all is there. `show` is told
    what changes when nobody prepares it any more."""

    def __init__(
        self,
        screen: Screen[Any],
        session: SearchSession,
        notice: Notice,
        search: Callable[[str, str | None], None],
        show: Callable[[Update], None],
    ) -> None:
        self.waiting: tuple[str, str | None] | None = None
        self._screen, self._session, self._notice = screen, session, notice
        self._search, self._show = search, show
        self._why = ""  # the last search was refused, while that is being mended
        self._prepared: tuple[str, ...] = ()  # systems that were prepared because a search was refused

    def forget(self) -> None:
        """Another search begins."""
        self._why, self.waiting = "", None

    def say(self, kind: str, sentence: str) -> None:
        """Why there is nothing to see, unless it is being mended."""
        self._why = sentence if kind in NEEDS_PREPARATION else ""
        self._notice.say(PREPARING if self._why else sentence)

    def prepare(self, systems: tuple[str, ...], sentence: str) -> None:
        """Have made what these systems lack; but not for ever if making it doesn't mend it."""
        if systems == self._prepared:
            self._prepared = ()
            self.give_up()
            self._screen.notify(sentence, severity="error", timeout=20, markup=False)
            return

        def answered(ready: bool) -> None:
            if ready:
                self._prepared = systems
                self.ask_again()
            else:
                self.give_up()

        self.waiting = self._session.asked
        self._screen.post_message(PreparationWanted(self._session.dataset, self._session.systems, answered))

    def ask_again(self) -> None:
        if self.waiting is not None:
            self._search(*self.waiting)

    def give_up(self) -> None:
        self.waiting = None
        self._show(self._session.give_up_preparing())
        if self._why:
            self._notice.say(self._why)
