"""What the Compare screen asks of the engine. Each coroutine runs in a worker and posts what it learns."""

from __future__ import annotations

from collections.abc import Callable

from textual.message import Message

from zsr_tui.api.questions import FindQueries, ListCorpora, ReadDocument, ReadStatus, ReadSystem
from zsr_tui.api.requests import SearchRequest
from zsr_tui.client.protocol import EngineApi
from zsr_tui.domain import Problem
from zsr_tui.ui.compare.messages import (
    DatasetCounted,
    DocumentRead,
    Ended,
    QueryLookedUp,
    Received,
    StatusKnown,
    SystemsKnown,
)


class CompareQuestions:
    """`post` puts a message into the screen's queue. A cancelled coroutine closes its stream, which ends the work."""

    def __init__(self, engine: EngineApi, dataset: str, post: Callable[[Message], object]) -> None:
        self._engine, self._dataset, self._post = engine, dataset, post

    async def search(self, request: SearchRequest) -> None:
        try:
            async for event in self._engine.stream(request):
                self._post(Received(event))
        except Problem as problem:
            self._post(Ended(request.id, problem))
        else:
            self._post(Ended(request.id))

    async def learn(self, systems: tuple[str, ...]) -> None:
        """The systems' labels and the dataset's counts. A search says what is wrong with them, so this does not."""
        try:
            self._post(
                SystemsKnown(tuple([await self._engine.call(ReadSystem(notation=notation)) for notation in systems]))
            )
            corpora = {corpus.id: corpus for corpus in await self._engine.call(ListCorpora())}
            corpus = corpora.get(self._dataset)
            page = await self._engine.call(FindQueries(dataset=self._dataset, limit=1))
        except Problem:
            return
        self._post(DatasetCounted(corpus.docs if corpus else None, page.total))

    async def status(self) -> None:
        try:
            status = await self._engine.call(ReadStatus())
            self._post(StatusKnown(status, self._engine.restarts))
        except Problem:
            self._post(StatusKnown(None))

    async def query_at(self, position: int) -> None:
        question = FindQueries(dataset=self._dataset, offset=position, limit=1)
        self._post(QueryLookedUp(position, await self._engine.call(question)))

    async def document(self, doc_id: str, query: str, models: tuple[str, ...]) -> None:
        try:
            question = ReadDocument(dataset=self._dataset, doc_id=doc_id, query=query, models=models)
            document = await self._engine.call(question)
        except Problem as problem:
            self._post(DocumentRead(doc_id, query, problem=problem.message))
        else:
            self._post(DocumentRead(doc_id, query, document))
