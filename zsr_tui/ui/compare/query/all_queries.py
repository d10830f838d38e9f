"""All of a dataset's own queries, to be picked from."""

from __future__ import annotations

from textual.content import Content

from zsr_tui.api.questions import FindQueries
from zsr_tui.api.requests import QueryItem
from zsr_tui.client.protocol import EngineApi
from zsr_tui.numerals import counted
from zsr_tui.text import one_line
from zsr_tui.ui.parts.copying import choice
from zsr_tui.ui.parts.copying.choice import Copyable
from zsr_tui.ui.parts.picker import Found

PAGE = 50
LONGEST = 400  # characters of a query that the list shows


class AllQueries:
    """A `Source`."""

    placeholder = "type to filter"

    def __init__(self, engine: EngineApi, dataset: str) -> None:
        self._engine, self._dataset = engine, dataset
        self.title = f"Queries of {dataset}"

    async def find(self, typed: str, offset: int) -> Found[QueryItem]:
        page = await self._engine.call(FindQueries(dataset=self._dataset, match=typed, offset=offset, limit=PAGE))
        if page.total == 0:
            said = "This dataset has no queries of its own."
        elif typed:
            said = f"{page.matching:,} of {counted(page.total, 'query', 'queries')}"
        else:
            said = counted(page.total, "query", "queries")
        more = bool(page.items) and offset + len(page.items) < page.matching
        return Found(page.items, said, more, page.items[0] if page.items else None)

    def content(self, item: QueryItem, *, compact: bool) -> Content:
        text = one_line(item.text)
        if len(text) > LONGEST:
            text = text[: LONGEST - 1] + "…"
        about = f"{one_line(item.id)} · {item.relevant} relevant"
        if item.shows:
            about += f" · shows: {one_line(item.shows)}"
        return Content.assemble(text, "   " if compact else "\n", (about, "$secondary"))

    def copyable(self, item: QueryItem) -> Copyable:
        return choice.query(item.id, item.text)
