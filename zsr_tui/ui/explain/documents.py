"""Any document of the corpus, to be picked by its id or by words that are in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from textual.app import App
from textual.content import Content

from zsr_tui.api.events import Failed, Heads, Ranking, SystemFailed
from zsr_tui.api.questions import ReadDocument
from zsr_tui.api.requests import SearchRequest
from zsr_tui.client.protocol import EngineApi
from zsr_tui.domain import Problem
from zsr_tui.numerals import counted
from zsr_tui.text import flat, one_line
from zsr_tui.ui.parts.copying import choice
from zsr_tui.ui.parts.copying.choice import Copyable
from zsr_tui.ui.parts.picker import Found, Picker

FOUND = 10  # documents that BM25 offers


def pick(app: App[Any], documents: Documents, picked: Callable[[str], None]) -> None:
    """Asks the user for one; `picked` gets its id."""
    app.push_screen(Picker(documents), lambda one: picked(one.doc_id) if one is not None else None)


@dataclass(frozen=True, slots=True)
class Offered:
    doc_id: str
    title: str


class Documents:
    """A `Source`."""

    placeholder = "an id, or words of the document"

    def __init__(self, engine: EngineApi, dataset: str, title: str) -> None:
        self._engine, self._dataset, self.title = engine, dataset, title

    async def find(self, typed: str, offset: int) -> Found[Offered]:
        """The document with this id, then what BM25 finds; all of it is one page."""
        if not typed or offset:
            return Found((), "type an id, or words")
        named = await self._named(typed)
        by_words = [each for each in await self._searched(typed) if named is None or each.doc_id != typed]
        if named is not None:
            return Found(
                (named, *by_words), f"the document with this id, and {len(by_words)} with the words", meant=named
            )
        if not by_words:
            return Found((), "no document has this id or these words")
        return Found(by_words, f"{counted(len(by_words), 'document')} with these words; none has this id")

    async def _named(self, doc_id: str) -> Offered | None:
        try:
            view = await self._engine.call(ReadDocument(dataset=self._dataset, doc_id=doc_id, query=""))
        except Problem:  # there is none: the words are sought
            return None
        return Offered(doc_id, view.doc.title)

    async def _searched(self, typed: str) -> list[Offered]:
        """Raises `Problem`."""
        request = SearchRequest(
            id=f"document-{typed}", dataset=self._dataset, systems=("bm25",), query=typed, depth=FOUND, pane="documents"
        )
        titles: dict[str, str] = {}
        ids: list[str] = []
        async for event in self._engine.stream(request):
            match event:
                case Heads(heads=heads):
                    titles |= {doc_id: head.title or head.passage[:80] for doc_id, head in heads.items()}
                case Ranking(rows=rows):
                    ids = [row.doc_id for row in rows]
                case Failed(problem=problem) | SystemFailed(problem=problem):
                    raise problem.problem
        return [Offered(doc_id, titles.get(doc_id, "")) for doc_id in ids]

    def content(self, item: Offered, *, compact: bool) -> Content:
        return Content.assemble((flat(item.doc_id), "bold"), f"  {one_line(item.title)}")

    def copyable(self, item: Offered) -> Copyable:
        async def text() -> str:
            view = await self._engine.call(ReadDocument(dataset=self._dataset, doc_id=item.doc_id, query=""))
            return view.doc.text

        return choice.document(item.doc_id, item.title, text)
