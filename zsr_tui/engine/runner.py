"""Runs a system over queries: retrieval, fusion, cuts and reranking, as the notation says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from zsr_tui.domain import Approximation, Doc, Query, ScoredDoc
from zsr_tui.engine.library import Library, OpenCorpus
from zsr_tui.fusion import fused
from zsr_tui.numerals import counted
from zsr_tui.pipeline import (
    CANDIDATES,
    Bm25,
    Cut,
    Dense,
    Encoded,
    Linear,
    Rerank,
    Rrf,
    Served,
    Sparse,
    System,
    rerankers,
    served,
)
from zsr_tui.progress import CancelToken
from zsr_tui.retrieval.problems import NotBuilt
from zsr_tui.scoring.endpoints.calling import requests_at_once
from zsr_tui.scoring.models import catalogue, documents
from zsr_tui.scoring.models.families import LISTWISE_RERANKERS
from zsr_tui.scoring.queue.work import Listed

if TYPE_CHECKING:
    from zsr_tui.engine.served import ServedLists
    from zsr_tui.retrieval.encoded.index import EncodedIndex
    from zsr_tui.retrieval.engines.records import Told
    from zsr_tui.retrieval.prebuilt.opening import Searched
    from zsr_tui.scoring.service import ScoringService


@dataclass(frozen=True, slots=True)
class Reranking:
    """One query's candidates while a reranker works through them.

    `scores`, `cut` and `broken` (a score that is no finite number) are by document id, for the candidates that have
    been scored so far; `known` of them had been scored before. The others took devices so many `seconds`, and the model
    read so many `tokens` for them.
    """

    model: str
    candidates: tuple[str, ...]
    scores: dict[str, float] = field(default_factory=dict)
    cut: frozenset[str] = frozenset()
    broken: frozenset[str] = frozenset()
    known: int = 0
    seconds: float = 0.0
    tokens: int = 0

    @property
    def done(self) -> bool:
        return len(self.scores) + len(self.broken) == len(self.candidates)

    def ranking(self) -> list[ScoredDoc]:
        """The scored candidates by score; where scores tie, in the order in which they were given."""
        scored = [ScoredDoc(doc_id, self.scores[doc_id]) for doc_id in self.candidates if doc_id in self.scores]
        return sorted(scored, key=lambda one: one.score, reverse=True)


def retrieval_queries(source: System, model: str, queries: Sequence[Query]) -> Sequence[Query]:
    """The queries that a reranker's candidates are retrieved with. A model whose protocol retrieves with the beginning
    of the query alone (*paper-exact*) gets what that finds, and reranks with the whole query all the same."""
    if rerankers(source):
        return queries
    recipe = catalogue.recipe_of(model)
    return tuple(replace(query, text=documents.retrieval_query(recipe, query.text)) for query in queries)


class Runner:
    """Runs systems for one request. Steps that several systems share are run once; safe for several threads."""

    def __init__(
        self,
        library: Library,
        corpus: OpenCorpus,
        cancel: CancelToken,
        *,
        drop_self: bool = True,
        interactive: bool = True,
        owner: str = "",
        at_once: bool = False,
        scoring: ScoringService | None = None,
    ) -> None:
        """`scoring` is where models run, None: here. `at_once`: nothing is waited for that has to be prepared: an index
        that is not finished is searched as far as it goes, and no model is downloaded."""
        self._library, self._corpus, self._cancel, self._owner = library, corpus, cancel, owner
        self._drop_self, self._interactive, self._at_once = drop_self, interactive, at_once
        self._computing = scoring
        self._shared: dict[tuple[str, int, tuple[Query, ...]], Future[list[list[ScoredDoc]]]] = {}
        self._lock = threading.Lock()
        self.dropped: set[tuple[str, str]] = set()  # first stages, and ids of queries that met themselves there
        self.listed: dict[str, Listed] = {}  # what models that order lists took, by model
        self.partly: dict[str, int] = {}  # first stages whose index is not finished, and how many documents it has
        self.approximations: dict[str, Approximation] = {}  # of first stages
        self._served_lists: dict[Served, ServedLists] = {}

    @property
    def _scoring(self) -> ScoringService:
        return self._computing or self._library.scoring

    def run(self, system: System, queries: Sequence[Query], depth: int) -> list[list[ScoredDoc]]:
        """The first `depth` documents for each query, in the system's own order; self-hits are left out."""
        self._cancel.check()
        key = (str(system), depth, tuple(queries))
        with self._lock:
            future = self._shared.get(key)
            mine = future is None
            if future is None:
                future = self._shared[key] = Future()
        if mine:
            try:
                future.set_result(self._run(system, queries, depth))
            except BaseException as error:
                future.set_exception(error)
                raise
        return future.result()

    def _run(self, system: System, queries: Sequence[Query], depth: int) -> list[list[ScoredDoc]]:
        match system:
            case Bm25(k1, b, name, language):
                index = self._library.bm25(self._corpus, name, language)
                found = index.search_all([query.text for query in queries], depth + 1, k1=k1, b=b)
                return self._without_self_hits(system, queries, depth, found)
            case Dense() | Sparse():
                return self._without_self_hits(system, queries, depth, self._encoded(system, queries, depth + 1))
            case Served():
                return self._without_self_hits(system, queries, depth, self._served(system, queries, depth + 1))
            case Cut(source, limit):
                return [ranking[:limit] for ranking in self.run(source, queries, min(depth, limit))]
            case Rrf(systems) | Linear(systems):
                lists = [self.run(inside, queries, CANDIDATES) for inside in systems]
                return [fused(system, each)[:depth] for each in zip(*lists, strict=True)]
            case Rerank(source, model):
                candidates = self.candidates(source, model, queries)
                ids = [[scored.doc_id for scored in each] for each in candidates]
                done = self.rerank_each(model, queries, ids)
                return [each.ranking()[:depth] for each in done]

    def rerank_each(self, model: str, queries: Sequence[Query], candidates: Sequence[Sequence[str]]) -> list[Reranking]:
        """Of each query; several at once where a server's model goes through a list step by step, or several machines
        wait for work."""
        pairs = list(zip(queries, candidates, strict=True))
        listwise = catalogue.describe(model).family in LISTWISE_RERANKERS
        at_once = min(len(pairs), requests_at_once() if listwise else self._scoring.at_once)
        if at_once < 2:
            return [self.rerank(model, *pair) for pair in pairs]
        with ThreadPoolExecutor(at_once, thread_name_prefix="orders") as threads:
            asked = [threads.submit(copy_context().run, partial(self.rerank, model, *pair)) for pair in pairs]
            try:
                return [each.result() for each in asked]
            except BaseException:
                for each in asked:
                    each.cancel()
                raise

    def candidates(self, source: System, model: str, queries: Sequence[Query]) -> list[list[ScoredDoc]]:
        """What `model` is to rerank for each query."""
        return self.run(source, retrieval_queries(source, model, queries), CANDIDATES)

    def _encoded(self, step: Encoded, queries: Sequence[Query], depth: int) -> list[list[ScoredDoc]]:
        index = self.index(step)
        encoder = self._scoring.encoder(step.model, step.kind, cancel=self._cancel, owner=self._owner)
        rankings: list[list[ScoredDoc]] = []
        for start in range(0, len(queries), index.largest_chunk):
            texts = [query.text for query in queries[start : start + index.largest_chunk]]
            vectors = encoder.encode_queries(texts, self._cancel, interactive=self._interactive)
            rankings += index.search(vectors, depth)
        return rankings

    def _served(self, step: Served, queries: Sequence[Query], depth: int) -> list[list[ScoredDoc]]:
        from zsr_tui.engine.served import ServedLists

        with self._lock:
            if step not in self._served_lists:
                self._served_lists[step] = ServedLists(self._library, self._corpus, step, self._cancel, self._owner)
            lists = self._served_lists[step]
        return lists.search([query.text for query in queries], depth, interactive=self._interactive)

    def docs(self, ids: Sequence[str]) -> dict[str, Doc]:
        """Of the corpus, or of an engine that has found them."""
        found = self._corpus.docs(ids)
        for lists in list(self._served_lists.values()):
            if len(found) < len(ids):
                found = lists.documents([doc_id for doc_id in ids if doc_id not in found]) | found
        return found

    def index(self, step: Encoded) -> EncodedIndex | Searched:
        """Raises `NotBuilt`. What is to be searched approximately is searched exactly while it can't be, where nothing
        is waited for."""
        if step.prebuilt:
            if about := self._library.prebuilt.approximation(step.prebuilt):
                self.approximations[str(step)] = about
            return self._library.of_prebuilt(self._corpus, step)
        method = step.method(self._corpus.corpus.doc_count()) if isinstance(step, Dense) else "flat"
        if method != "flat":
            try:
                index = self._library.approximate(self._corpus, step.model, method)
                self.approximations[str(step)] = index.approximation or Approximation(method)
                return index
            except NotBuilt:
                if not self._at_once:
                    raise
        try:
            return self._library.encoded(self._corpus, step.kind, step.model)
        except NotBuilt:
            if not self._at_once:
                raise
            growing = self._library.growing(self._corpus, step.kind, step.model)
            if growing is None:  # or it was finished just now
                return self._library.encoded(self._corpus, step.kind, step.model)
            self.partly[str(step)] = growing.documents
            return growing

    def notes(self) -> tuple[str, ...]:
        """What is to be known of lists whose index is not finished, or that another engine gave."""
        total = self._corpus.corpus.doc_count() if self.partly else 0
        growing = (
            f"{step} is not encoded to the end: its ranks are among {encoded:,} of {counted(total, 'document')}."
            for step, encoded in sorted(self.partly.items())
        )
        return (*growing, *(line for step in list(self._served_lists) for _, line in self.told_of(step)))

    def told_of(self, system: System) -> tuple[tuple[str, str], ...]:
        """What is to be known of the lists that other engines gave, in few words and in a sentence."""
        found = (self._served_lists.get(step) for step in served(system))
        engines = (each for lists in found if lists for each in lists.told.told(str(lists.step), self._corpus.id))
        orders = (each for model in rerankers(system) if model in self.listed for each in self._told_of_order(model))
        return (*engines, *orders)

    def _told_of_order(self, model: str) -> Sequence[tuple[str, str]]:
        from zsr_tui.scoring.ordering import told

        return told(model, self.listed[model])

    @property
    def told(self) -> dict[str, Told]:
        """What is to be told of the lists that other engines gave, by first stage, and of those of which a model was
        refused windows, by model."""
        from zsr_tui.retrieval.engines.records import Told

        refused = {model: Told(windows=each.refused) for model, each in self.listed.items() if each.refused}
        return {str(step): lists.told for step, lists in self._served_lists.items()} | refused

    def _without_self_hits(
        self, step: System, queries: Sequence[Query], depth: int, rankings: list[list[ScoredDoc]]
    ) -> list[list[ScoredDoc]]:
        """The first `depth` of lists that are one longer."""
        kept = []
        for query, ranking in zip(queries, rankings, strict=True):
            own = self._corpus.self_hit(query.id) if self._drop_self else None
            if own is None:
                kept.append(ranking[:depth])
                continue
            if any(self._corpus.document_of(scored.doc_id) == own for scored in ranking[:depth]):
                self.dropped.add((str(step), query.id))
            kept.append([scored for scored in ranking if self._corpus.document_of(scored.doc_id) != own][:depth])
        return kept

    def rerank(
        self,
        model: str,
        query: Query,
        candidates: Sequence[str],
        on_batch: Callable[[Reranking], None] | None = None,
        on_load: Callable[[str], None] | None = None,
    ) -> Reranking:
        """All candidates as the model scores them. `on_batch` hears of every batch, the last one included; `on_load`,
        in words, of what has to be loaded first."""
        state = Reranking(model, tuple(candidates))
        if not candidates:
            return state
        if self._at_once:
            self._library.scoring.fingerprint(model)  # raises `Problem` for weights that are not here
        self._library.tokens.attach(self._corpus.corpus)
        docs = self.docs(candidates)
        texts = self._library.scoring.document_texts(model, map(docs.__getitem__, candidates))
        batches = self._scoring.score(
            model,
            query.text,
            texts,
            cancel=self._cancel,
            interactive=self._interactive,
            owner=self._owner,
            on_load=on_load,
        )
        for batch in batches:
            self._cancel.check()
            names = [candidates[index] for index in batch.indices]
            shortened = {name for name, cut in zip(names, batch.cut, strict=True) if cut}
            state = replace(
                state,
                scores={**state.scores, **dict(zip(names, map(float, batch.scores), strict=True))},
                cut=state.cut | shortened,
                broken=state.broken | {candidates[index] for index in batch.broken},
                known=state.known + (len(names) if batch.known else 0),
                seconds=state.seconds + batch.seconds,
                tokens=state.tokens + batch.tokens,
            )
            if batch.listed is not None:
                with self._lock:
                    self.listed[model] = self.listed.get(model, Listed()) + batch.listed
            if on_batch:
                on_batch(state)
        self._library.tokens.keep(model, self._corpus.corpus)
        return state
