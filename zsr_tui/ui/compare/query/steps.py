"""The dataset's own queries: one after the other, or found by typing."""

from __future__ import annotations

from collections.abc import Callable

from zsr_tui.api.questions import FindQueries
from zsr_tui.api.requests import QueryItem
from zsr_tui.client.protocol import EngineApi
from zsr_tui.ui.parts.screen import BaseScreen

FIRST, LAST = "This is the first query of the dataset.", "This is the last query of the dataset."


class QuerySteps:
    """`count`: how many there are, None while that is not known. `at` is the position of the last one that was asked:
    steps count from it. `search` asks for one, by its text and id."""

    def __init__(
        self, screen: BaseScreen[None], engine: EngineApi, dataset: str, search: Callable[[str, str], None]
    ) -> None:
        self.count: int | None = None
        self.at = -1
        self.looking = False  # for the next one, which stands above the lists in a moment
        self._screen, self._engine, self._dataset, self._search = screen, engine, dataset, search

    def stand_at(self, position: int | None) -> None:
        """At this query; where it has no position, at the last one that had."""
        if position is not None:
            self.at = position

    def step(self, by: int) -> None:
        """Go there, or say why not."""
        if self.at + by < 0:
            self._screen.tell(FIRST)
        elif self.count is not None and self.at + by >= self.count:
            self._screen.tell(self._end())
        else:
            self.at += by
            self.looking = True
            self._screen.ask("step", self._look_up, self.at)

    def find(self) -> None:
        """Open the window that finds one."""
        from zsr_tui.ui.compare.query.all_queries import AllQueries  # the program starts sooner without them
        from zsr_tui.ui.parts.picker import Picker

        def picked(item: QueryItem | None) -> None:
            if item is not None:
                self._search(item.text, item.id)

        self._screen.app.push_screen(Picker(AllQueries(self._engine, self._dataset)), picked)

    async def _look_up(self, at: int) -> None:
        try:
            page = await self._engine.call(FindQueries(dataset=self._dataset, offset=at, limit=1))
        finally:
            if at == self.at:  # else another step took this one's place
                self.looking = False
        self.count = page.total
        if page.items:
            self._search(page.items[0].text, page.items[0].id)
        else:
            self.at = page.total - 1
            self._screen.tell(self._end())

    def _end(self) -> str:
        return LAST if self.count else "The dataset has no queries."
