"""Going through the dataset's own queries, one after the other."""

from __future__ import annotations

from zsr_tui.api.questions import FindQueries
from zsr_tui.api.requests import QueryItem
from zsr_tui.client.protocol import EngineApi

FIRST, LAST = "This is the first query of the dataset.", "This is the last query of the dataset."


class QuerySteps:
    """`count`: how many there are, None while that is not known. `at` is the position of the last one that was asked:
    steps count from it."""

    def __init__(self) -> None:
        self.count: int | None = None
        self.at = -1

    def step(self, by: int) -> str:
        """Go there; where that leads beyond an end, the sentence that says so."""
        if self.at + by < 0:
            return FIRST
        if self.count is not None and self.at + by >= self.count:
            return self.end()
        self.at += by
        return ""

    async def look_up(self, engine: EngineApi, dataset: str) -> QueryItem | None:
        """The query there, None where there is none."""
        page = await engine.call(FindQueries(dataset=dataset, offset=self.at, limit=1))
        self.count = page.total
        if page.items:
            return page.items[0]
        self.at = page.total - 1
        return None

    def end(self) -> str:
        return LAST if self.count else "The dataset has no queries."
