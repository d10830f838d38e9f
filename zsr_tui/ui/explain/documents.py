"""Any document of the corpus: those that are relevant to the query before anything is typed, others by their id or by
words that are in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from textual.app import App
from textual.content import Content

from zsr_tui.api.events import DocHead, Failed, Heads, Ranking, SystemFailed
from zsr_tui.api.judging import ReadRelevant, RelevantDoc
from zsr_tui.api.questions import ReadDocument
from zsr_tui.api.requests import SearchRequest
from zsr_tui.client.protocol import EngineApi
from zsr_tui.domain import Problem
from zsr_tui.numerals import counted
from zsr_tui.text import flat, one_line
from zsr_tui.ui.parts.copying import choice
from zsr_tui.ui.parts.copying.choice import Copyable
from zsr_tui.ui.parts.judging.marks import mark
from zsr_tui.ui.parts.messages import Explainable, KnownList
from zsr_tui.ui.parts.picker import Found, Picker
from zsr_tui.ui.parts.pieces import shorten_notation

FOUND = 10  # documents that BM25 offers
_SYSTEM = 16  # cells of a system's name
_WORDS = 4  # that are named


@dataclass(frozen=True, slots=True)
class Offered:
    """`words` that were typed, as they are marked in it."""

    doc_id: str
    title: str
    words: tuple[str, ...] = ()


class Documents:
    """A `Source`."""

    placeholder = "an id, or words of the document"

    def __init__(self, engine: EngineApi, about: Explainable, title: str) -> None:
        self._engine, self._about, self._dataset, self.title = engine, about, about.dataset, title
        self._relevant: dict[str, RelevantDoc] = {}
        self._lists: tuple[KnownList, ...] = ()
        self.look()

    def look(self) -> bool:
        """Take the lists as they stand now; whether they are others than before."""
        before, self._lists = self._lists, self._about.lists()
        return self._lists != before

    async def find(self, typed: str, offset: int) -> Found[Offered]:
        """Of nothing the relevant documents; else the document with this id, then what BM25 finds. All of it is one
        page."""
        self.look()
        if offset:
            return Found((), "")
        if not typed:
            return await self._judged()
        named = await self._named(typed)
        found = [each for each in await self._searched(typed) if named is None or each.doc_id != typed]
        by_words, said = found[:FOUND], _said(found)
        if named is not None:
            return Found((named, *by_words), "; ".join(filter(None, ("the document with this id", said))), meant=named)
        if not by_words:
            return Found((), "no document has this id or these words")
        return Found(by_words, f"none has this id; {said}")

    async def _judged(self) -> Found[Offered]:
        """The relevant ones: of those with the same grade, the ones that no list has come first."""
        about = self._about
        if about.qid is None and about.judged_as is None and not about.query:
            return Found((), "type an id, or words")
        found = await self._engine.call(
            ReadRelevant(
                dataset=self._dataset,
                query_id=about.qid or "",
                query_text=about.query,
                judged_as=about.judged_as or "",
            )
        )
        self._relevant = {each.doc_id: each for each in found.documents}
        ordered = sorted(found.documents, key=lambda each: (-each.grade, any(self._ranks(each.doc_id))))
        count = len(ordered) + len(found.missing)
        if not count:
            return Found((), "no document is judged relevant to this query: type an id, or words")
        lacking = f" ({len(found.missing)} of them not in the corpus)" if found.missing else ""
        said = f"{counted(count, 'relevant document')}{lacking}; for others type an id, or words"
        return Found([Offered(each.doc_id, each.title) for each in ordered], said)

    def _ranks(self, doc_id: str) -> list[int | None]:
        """By list that is known and not empty."""
        known = (each.ids for each in self._lists if each.ids)
        return [ids.index(doc_id) + 1 if doc_id in ids else None for ids in known]

    def _where(self, doc_id: str) -> str:
        """Its rank in every list: "bm25 3, rerank –"; "so far" where that can still change; "" where no list is
        known. One that no list shows can stand below where they are cut."""
        ranks, known = self._ranks(doc_id), [each for each in self._lists if each.ids]
        if not any(ranks):
            said = f"not in the {'lists' if len(ranks) > 1 else 'list'} shown" if ranks else ""
            return f"{said} so far" if any(each.provisional for each in known) else said
        names = [name for name, each in zip(self._about.systems, self._lists, strict=True) if each.ids]
        return ", ".join(
            f"{one_line(shorten_notation(name, _SYSTEM))} {rank or '–'}{' so far' if each.provisional else ''}"
            for name, rank, each in zip(names, ranks, known, strict=True)
        )

    async def _named(self, doc_id: str) -> Offered | None:
        try:
            view = await self._engine.call(ReadDocument(dataset=self._dataset, doc_id=doc_id, query=""))
        except Problem:  # there is none: the words are sought
            return None
        return Offered(doc_id, view.doc.title)

    async def _searched(self, typed: str) -> list[Offered]:
        """Raises `Problem`."""
        request = SearchRequest(
            id=f"document-{typed}",
            dataset=self._dataset,
            systems=("bm25",),
            query=typed,
            depth=FOUND + 2,  # one that has this id as well, and one that says that there are more
            pane="documents",
        )
        known: dict[str, DocHead] = {}
        ids: list[str] = []
        async for event in self._engine.stream(request):
            match event:
                case Heads(heads=heads):
                    known |= heads
                case Ranking(rows=rows):
                    ids = [row.doc_id for row in rows]
                case Failed(problem=problem) | SystemFailed(problem=problem):
                    raise problem.problem
        return [_offered(doc_id, known.get(doc_id)) for doc_id in ids]

    def content(self, item: Offered, *, compact: bool) -> Content:
        judged, where = self._relevant.get(item.doc_id), self._where(item.doc_id)
        grade = f"{mark(judged.grade, judged.source)[0]} " if judged is not None else ""
        place = f"  {where}" if where else ""
        return Content.assemble(grade, (flat(item.doc_id), "bold"), (place, "dim"), f"  {one_line(item.title)}")

    def copyable(self, item: Offered) -> Copyable:
        async def text() -> str:
            view = await self._engine.call(ReadDocument(dataset=self._dataset, doc_id=item.doc_id, query=""))
            return view.doc.text

        return choice.document(item.doc_id, item.title, text)


def _offered(doc_id: str, head: DocHead | None) -> Offered:
    if head is None:
        return Offered(doc_id, "")
    marked = [head.title[start:end] for start, end in head.title_terms]
    marked += [head.passage[start:end] for start, end, _ in head.matches]
    return Offered(doc_id, head.title or head.passage[:80], tuple(dict.fromkeys(word.casefold() for word in marked)))


def _said(found: Sequence[Offered]) -> str:
    """What BM25 found, of which no more are offered than `FOUND`, and by which words."""
    words = list(dict.fromkeys(one_line(word) for each in found[:FOUND] for word in each.words))
    named = ", ".join(f"“{word}”" for word in words[:_WORDS]) + (" …" if len(words) > _WORDS else "")
    by = f" by {named}" if named else ""
    if len(found) > FOUND:
        return f"BM25's first {FOUND}{by}: more words find others"
    return f"BM25 finds {counted(len(found), 'document')}{by}" if found else ""


def pick(app: App[Any], documents: Documents, picked: Callable[[str], None]) -> None:
    """Asks the user for one; `picked` gets its id."""
    app.push_screen(Picker(documents, documents.look), lambda one: picked(one.doc_id) if one is not None else None)
