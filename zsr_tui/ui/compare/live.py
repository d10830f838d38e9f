"""Lists that follow the query line while it is typed, where the user wants that."""

from __future__ import annotations

from collections.abc import Callable

from textual.timer import Timer

from zsr_tui.api.requests import SearchRequest
from zsr_tui.ui.compare.messages import LiveChanged
from zsr_tui.ui.compare.query.line import QueryInput
from zsr_tui.ui.compare.session import SearchSession
from zsr_tui.ui.compare.versions import Version
from zsr_tui.ui.parts.screen import BaseScreen
from zsr_tui.ui.timers import once

PAUSE = 0.08  # seconds after the last key


class LiveLists:
    """At each pause of the typing the lists that are quick enough are asked; the others wait for Enter. `ask` sends a
    request, which ends the one before; `back` shows a query that was asked with Enter again."""

    def __init__(
        self,
        screen: BaseScreen[None],
        session: SearchSession,
        line: QueryInput,
        ask: Callable[[SearchRequest], None],
        back: Callable[[Version], None],
        *,
        on: bool,
    ) -> None:
        self.on = on
        self._screen, self._session, self._line, self._ask, self._back = screen, session, line, ask, back
        self._pause: Timer | None = None

    def toggle(self) -> None:
        self.on = not self.on
        self._screen.post_message(LiveChanged(self.on))
        follow = "The lists follow the query line while you type; rerankers that are slow wait for Enter."
        self._screen.tell(follow if self.on else "The lists wait for Enter.")

    def typed(self) -> None:
        """The line has another text."""
        self.forget()
        if self.on and self._line.has_focus and self._line.put_here is None:
            self._pause = once(self._screen, PAUSE, self._paused)

    def forget(self) -> None:
        """What was typed is asked with Enter, or not at all."""
        if self._pause is not None:
            self._pause.stop()
            self._pause = None

    def _paused(self) -> None:
        self._pause = None
        text = self._line.value.strip()
        if text and self._line.has_focus and (request := self._session.follow(text)) is not None:
            self._ask(request)

    def leave(self) -> bool:
        """The user leaves the line: back to what was asked last with Enter. False where that is shown."""
        self.forget()
        settled = self._session.settled
        if settled is None or settled is self._session.latest:
            return False
        self._back(settled)
        return True
