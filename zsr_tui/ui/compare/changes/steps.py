"""Going back and forth between a query and its changes, and seeing what each did."""

from __future__ import annotations

from collections.abc import Callable

from zsr_tui.api.requests import SearchRequest
from zsr_tui.ui.compare.changes.line import ChangeLine
from zsr_tui.ui.compare.ranking.rankings import Rankings
from zsr_tui.ui.compare.session import SearchSession
from zsr_tui.ui.compare.versions import Version
from zsr_tui.ui.parts.screen import BaseScreen


class QueryChanges:
    """`ask` sends a request and shows its text in the query line. What the keys do are the methods without
    arguments."""

    def __init__(
        self,
        screen: BaseScreen[None],
        session: SearchSession,
        rankings: Rankings,
        ask: Callable[[str, SearchRequest], None],
    ) -> None:
        self.line = ChangeLine(session)
        self._screen, self._session, self._rankings, self._ask = screen, session, rankings, ask

    def changed_from(self, text: str) -> Version | None:
        """The shown query, where a text that was typed is a change of it."""
        shown = self._session.version
        return shown if shown is not None and text != shown.text and shown.is_changed_to(text) else None

    def applies(self, action: str) -> bool:
        """Whether an action of the table, by its id, does something now."""
        version = self._session.version
        if action == "query_after":
            return version is not None and version.next is not None
        if action == "movement" and len(self._session.lists) == 1:
            return False
        return version is not None and version.parent is not None

    def painted(self) -> None:
        """The lists are others now, or another one is active."""
        self.line.show(self._rankings.active)

    def back(self) -> None:
        version = self._session.version
        if version is not None:
            self._go(version.parent)

    def forth(self) -> None:
        version = self._session.version
        if version is not None:
            self._go(version.next)

    def _go(self, version: Version | None) -> None:
        if version is not None:
            self._ask(version.text, self._session.ask(version))

    def open(self) -> None:
        from zsr_tui.ui.compare.changes.screen import ChangesScreen  # the program starts sooner without it

        self._screen.app.push_screen(ChangesScreen(self._session))

    def count_from(self) -> None:
        """The other of both that movement can be counted from."""
        self._rankings.change_movement()
        before = "each list before the change" if self._rankings.compares_with_before else "the reference list"
        self._screen.tell(f"Marks count from {before}.")
