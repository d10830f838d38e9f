"""Going back and forth between a query and its changes, and seeing what each did."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from zsr_tui.api.requests import SearchRequest
from zsr_tui.client.protocol import EngineApi
from zsr_tui.text import Terms
from zsr_tui.ui.compare.changes.line import ChangeLine
from zsr_tui.ui.compare.ranking.rankings import Rankings
from zsr_tui.ui.compare.session import SearchSession
from zsr_tui.ui.compare.versions import Version
from zsr_tui.ui.parts.screen import BaseScreen

if TYPE_CHECKING:
    from zsr_tui.api.variants import Variant


class QueryChanges:
    """`ask` sends a request and shows its text in the query line. What the keys do are the methods without
    arguments."""

    def __init__(
        self,
        screen: BaseScreen[None],
        engine: EngineApi,
        session: SearchSession,
        rankings: Rankings,
        ask: Callable[[str, SearchRequest], None],
    ) -> None:
        self.line = ChangeLine(session)
        self._screen, self._engine, self._session = screen, engine, session
        self._rankings, self._ask = rankings, ask

    def changed_from(self, text: str) -> Version | None:
        """The shown query, where a text that was typed is a change of it."""
        shown = self._session.settled
        return shown if shown is not None and text != shown.text and shown.is_changed_to(text) else None

    async def learn_words(self) -> None:
        """What tells words apart takes a while to be made, the first time: the second query does not wait for it."""
        await asyncio.to_thread(Terms.of, "words")

    def applies(self, action: str) -> bool:
        """Whether an action of the table, by its id, does something now."""
        version = self._session.version
        if action == "variants":
            return version is not None
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

    def open_variants(self) -> None:
        from zsr_tui.ui.compare.variants.screen import VariantsScreen  # the program starts sooner without it

        shown, session = self._session.version, self._session
        if shown is None or session.request is None:
            return

        def chosen(variant: Variant | None) -> None:
            if variant is not None and variant.text != shown.text:
                self._ask(variant.text, session.begin(variant.text, None, shown))

        labels = [each.head.label for each in session.lists]
        request = session.request_of(shown)
        screen = VariantsScreen(self._engine, request, shown.text, labels, session.counts)
        self._screen.app.push_screen(screen, chosen)

    def count_from(self) -> None:
        """The other of both that movement can be counted from."""
        self._rankings.change_movement()
        before = "each list before the change" if self._rankings.compares_with_before else "the reference list"
        self._screen.tell(f"Marks count from {before}.")
