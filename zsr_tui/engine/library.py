"""What the engine holds: open corpora, built indexes and the scoring module, shared by all requests."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from zsr_tui import paths
from zsr_tui.domain import Corpus, CorpusInfo, Doc, PrebuiltInfo, Problem, Query, ScoredDoc, document_of, relevant_docs
from zsr_tui.engine.elsewhere import Elsewhere
from zsr_tui.engine.reweighing import FusedLists
from zsr_tui.engine.tokens import CorpusTokens
from zsr_tui.pipeline import Bm25, Encoded, Kind, Method, System, models
from zsr_tui.progress import Report, ignore_progress
from zsr_tui.text import same_text

if TYPE_CHECKING:
    from zsr_tui.cluster.clusters import Clusters
    from zsr_tui.engine.preparing.first import Firsts
    from zsr_tui.engine.preparing.jobs import Jobs
    from zsr_tui.retrieval.bm25 import Bm25Index
    from zsr_tui.retrieval.encoded.index import EncodedIndex
    from zsr_tui.retrieval.engines.opening import Engines
    from zsr_tui.retrieval.prebuilt.opening import PrebuiltIndexes, Searched
    from zsr_tui.retrieval.store import IndexStore
    from zsr_tui.scoring.service import ScoringService


_BEIR = "beir/"  # ids of BEIR's own sets begin so
_IN_LISTS = ("beir", "licensed", "ir_datasets")  # groups of the catalogue that others have published indexes of


def _as_typed(text: str) -> str:
    """`same_text` without control characters and those of formatting, such as marks of the writing direction."""
    return same_text("".join(each for each in text if each.isspace() or unicodedata.category(each) not in ("Cc", "Cf")))


_SAME = (str, same_text, _as_typed)  # what texts are looked up by, the exact first


class OpenCorpus:
    """A corpus with the look-ups that requests make all the time: queries by id, by text and by place."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self.id, self.collection = corpus.id, corpus.collection
        self.elsewhere = Elsewhere()

    @cached_property
    def queries(self) -> Sequence[Query]:
        """In the dataset's own order."""
        return self.corpus.queries()

    @cached_property
    def position_by_id(self) -> dict[str, int]:
        return {query.id: position for position, query in enumerate(self.queries)}

    @cached_property
    def _position_by_text(self) -> dict[str, int]:
        """By the text as it is written, then by what makes it the same as others, then by what of it can be typed."""
        places: dict[str, int] = {}
        for same in _SAME:
            for position, query in enumerate(self.queries):
                places.setdefault(same(query.text), position)
        return places

    def find(self, text: str, qid: str | None) -> tuple[Query, int] | None:
        """The dataset query with this id, or else with this text (up to case, spaces, how Unicode writes it, and
        characters that nobody types), and its position."""
        if qid is not None:
            position = self.position_by_id.get(qid)
            if position is None:
                raise Problem(
                    f"{self.id} has no query {qid!r}: its queries are numbered "
                    f"{self.queries[0].id!r} ... {self.queries[-1].id!r}."
                    if self.queries
                    else f"{self.id} has no queries of its own: give the text of one.",
                    usage=True,
                )
            return self.queries[position], position
        places = (self._position_by_text.get(same(text)) for same in _SAME)
        position = next((place for place in places if place is not None), None)
        return None if position is None else (self.queries[position], position)

    def judgments(self, qid: str) -> Mapping[str, int]:
        return self.corpus.judgments(qid)

    def document_of(self, doc_id: str) -> str:
        """What is judged: of a corpus of chunks the document that this is a chunk of."""
        return document_of(doc_id) or doc_id if self.corpus.chunked else doc_id

    def by_document(self, ranking: Sequence[ScoredDoc]) -> Sequence[ScoredDoc]:
        """A list as it is measured: of a corpus of chunks the documents, each where its first chunk stands."""
        if not self.corpus.chunked:
            return ranking
        first: dict[str, float] = {}
        for scored in ranking:
            first.setdefault(self.document_of(scored.doc_id), scored.score)
        return [ScoredDoc(doc_id, score) for doc_id, score in first.items()]

    def relevant(self, qid: str) -> int:
        return len(relevant_docs(self.judgments(qid)))

    @cached_property
    def grades(self) -> frozenset[int]:
        """That its judgments have."""
        return frozenset(grade for query in self.queries for grade in self.judgments(query.id).values())

    def self_hit(self, qid: str) -> str | None:
        """The id of the document that is this query of the dataset, None where there is none. In BEIR's own sets that
        is the one with the query's id, by BEIR's rule; elsewhere it has to have the query's text, too: where documents
        and queries are numbered, the same number is no more than chance."""
        if self.id.startswith(_BEIR):
            return qid or None
        if qid not in self.position_by_id:
            return None
        text = same_text(self.queries[self.position_by_id[qid]].text)
        doc = self.docs([qid]).get(qid)
        return qid if text and doc is not None and text in (same_text(doc.text), same_text(doc.content)) else None

    def judged_queries(self) -> list[Query]:
        return [query for query in self.queries if self.judgments(query.id)]

    def docs(self, ids: Iterable[str]) -> dict[str, Doc]:
        """Those that the corpus has, and of the others those that another engine has found."""
        wanted = list(ids)
        found = self.corpus.docs(wanted)
        return found if len(found) == len(set(wanted)) else self.elsewhere.docs(wanted) | found


class Library:
    """Thread-safe. Everything heavy is loaded when it is first needed."""

    def __init__(self, last_lost: Callable[[], None] | None = None) -> None:
        """`last_lost` is called when the last device is lost: see `ScoringService`."""
        self._last_lost = last_lost
        self._open: dict[str, OpenCorpus] = {}
        self._opening: dict[str, threading.Lock] = {}  # a corpus that takes its time holds up those who ask for it
        self._lock = threading.Lock()
        self._scoring: ScoringService | None = None
        self._store: IndexStore | None = None
        self._preparing: Jobs | None = None
        self._firsts: Firsts | None = None
        self.tokens = CorpusTokens(lambda: self.store, lambda: self.scoring)
        self.fused = FusedLists()

    @property
    def scoring(self) -> ScoringService:
        with self._lock:
            if self._scoring is None:
                from zsr_tui.scoring.service import ScoringService

                self._scoring = ScoringService(last_lost=self._last_lost)
            return self._scoring

    @cached_property
    def _clusters(self) -> Clusters:
        from zsr_tui.cluster.clusters import Clusters

        return Clusters()

    def end(self, seconds: float) -> None:
        """Frees what others' machines do for it, before the process ends: so long at most, and at once where there is
        nothing."""
        if "_clusters" in vars(self):
            self._clusters.end(seconds)

    @contextmanager
    def scoring_on(self, on: str, report: Report = ignore_progress) -> Iterator[tuple[ScoringService, Report]]:
        """What computes on the Ray cluster at an address, as long as it is used; here, where that is "". With it, a
        report that says what is to be known of the cluster. Raises `Problem` for what is no address."""
        if not on:
            yield self.scoring, report
            return
        from zsr_tui.cluster.fleet import ClusterFleet

        with self._clusters.using(on) as pool:
            fleet = ClusterFleet(pool, self.scoring.fleet)
            yield self.scoring.on(fleet), lambda progress: report(replace(progress, said=pool.said))

    @property
    def store(self) -> IndexStore:
        with self._lock:
            if self._store is None:
                from zsr_tui.retrieval.store import IndexStore

                self._store = IndexStore(paths.indexes_dir())
            return self._store

    @cached_property
    def prebuilt(self) -> PrebuiltIndexes:
        """What Anserini and pyserini publish."""
        from zsr_tui.retrieval.prebuilt.opening import PrebuiltIndexes

        return PrebuiltIndexes()

    @cached_property
    def engines(self) -> Engines:
        """Search engines of others."""
        from zsr_tui.retrieval.engines.opening import Engines

        return Engines()

    @property
    def preparing(self) -> Jobs:
        """What is being made of corpora and models."""
        firsts = self.firsts
        with self._lock:
            if self._preparing is None:
                from zsr_tui.engine.preparing.jobs import Jobs
                from zsr_tui.engine.preparing.making import Making

                self._preparing = Jobs(Making(self, firsts))
            return self._preparing

    @property
    def firsts(self) -> Firsts:
        """Which documents are to be encoded before the others."""
        with self._lock:
            if self._firsts is None:
                from zsr_tui.engine.preparing.first import Firsts

                self._firsts = Firsts(self._best_by_bm25)
            return self._firsts

    def _best_by_bm25(self, corpus: OpenCorpus, text: str, count: int) -> list[str]:
        usual = Bm25()
        found = self.bm25(corpus).search(text, count, k1=usual.k1, b=usual.b)
        return [scored.doc_id for scored in found]

    def has_open(self, dataset: str) -> bool:
        """Whether `corpus` answers at once. `dataset` by its one id."""
        with self._lock:
            return dataset in self._open

    def corpus(self, dataset: str) -> OpenCorpus:
        """Raises `Problem`; one of kind "not-downloaded" where `zsr_tui.corpora.download` is needed first."""
        from zsr_tui import corpora

        name = corpora.normalise(dataset)
        with self._lock:
            opening = self._opening.setdefault(name, threading.Lock())
        with opening:
            if name not in self._open:
                self._open[name] = OpenCorpus(corpora.open_corpus(name))
            corpora.remember_open(name)
            return self._open[name]

    def bm25(self, corpus: OpenCorpus, index: str = "", language: str = "") -> Bm25Index:
        """That of the corpus, or a prebuilt one of its documents; in the language of these, where none is named. Raises
        `Problem`."""
        if not index:
            return self.store.open_bm25(corpus.corpus, language)
        return self.prebuilt.bm25(index, corpus.collection, language)

    def precision(self, system: System) -> str:
        """Of the system's models, each precision once: "fp32", "fp32 + int8". "" for BM25, and for weights that are not
        on this machine."""
        found = []
        for model in models(system):
            with suppress(Problem):
                found.append(self.scoring.precision(model))
        return " + ".join(dict.fromkeys(found))

    def encoded(self, corpus: OpenCorpus, kind: Kind, model: str) -> EncodedIndex:
        return self.store.open_encoded(
            kind, corpus.corpus, model, self.scoring.fingerprint(model), self.scoring.precision(model)
        )

    def of_prebuilt(self, corpus: OpenCorpus, step: Encoded) -> Searched:
        """The prebuilt index that a step names. Raises `Problem`."""

        def names(dimensions: Sequence[int]) -> Sequence[str]:
            from zsr_tui.scoring.tokens import reading

            return self.scoring.examine(step.model, lambda scorer: reading.names(scorer, list(dimensions)))

        return self.prebuilt.encoded(step.kind, step.prebuilt, corpus.collection, names)

    def approximate(self, corpus: OpenCorpus, model: str, method: Method) -> EncodedIndex:
        """Raises `NotBuilt`."""
        return self.store.open_approximate(
            corpus.corpus, model, self.scoring.fingerprint(model), self.scoring.precision(model), method
        )

    def growing(self, corpus: OpenCorpus, kind: Kind, model: str) -> EncodedIndex | None:
        """What there is of such an index that is not finished; None where that is nothing."""
        return self.store.open_growing(
            kind, corpus.corpus, model, self.scoring.fingerprint(model), self.scoring.precision(model)
        )

    def published(self, dataset: str) -> dict[str, list[PrebuiltInfo]]:
        """What others publish: of a dataset, or of all in the catalogue that have any. Raises `Problem`."""
        from zsr_tui import corpora
        from zsr_tui.retrieval.prebuilt.opening import infos

        if dataset:
            name = corpora.normalise(dataset)
            return {name: infos(corpora.collection_of(name))}
        listed = [info.id for info in corpora.list_corpora() if info.group in _IN_LISTS and not info.members]
        found = {id: infos(corpora.collection_of(id)) for id in listed}
        return {id: each for id, each in found.items() if each}

    def corpora(self) -> list[CorpusInfo]:
        """The catalogue with what this machine has of each, read without opening anything."""
        from zsr_tui import corpora

        infos = []
        for info in corpora.list_corpora():
            bm25, encoded = self.store.state(corpora.collection_of(info.id))
            infos.append(replace(info, state=replace(info.state, bm25=bm25, encoded=encoded)))
        return infos
