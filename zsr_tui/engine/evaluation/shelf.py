"""The stored evaluations that were looked at last, ready for the next question about them."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path

from zsr_tui.api.event import Event
from zsr_tui.api.explanations import Explained, ExplainRequest
from zsr_tui.api.judging import evaluation_of
from zsr_tui.domain import DATASET_ONLY, AnySource, Doc, Problem
from zsr_tui.engine.evaluation.judged import Judged, judged, kept_of, over, sources_of, written
from zsr_tui.engine.judging.shelf import KeptShelf
from zsr_tui.engine.library import Library
from zsr_tui.engine.terms import language_in, terms_in
from zsr_tui.evaluation import store
from zsr_tui.evaluation.breakdown import Rarity
from zsr_tui.evaluation.query_table import QueryTable
from zsr_tui.evaluation.report.kept import Kept
from zsr_tui.evaluation.results import EvaluatedSystem, Evaluation
from zsr_tui.evaluation.stored import Stored
from zsr_tui.explanation import Explanation
from zsr_tui.numerals import counted
from zsr_tui.progress import CancelToken

_KEPT = 3  # evaluations in memory: two, and one of them over other judgments


class Shelf:
    """Thread-safe. Keeps an evaluation until more of it is stored."""

    def __init__(self, library: Library, kept: KeptShelf | None = None) -> None:
        self._library, self._kept = library, kept or KeptShelf(library)
        self._stored = lru_cache(_KEPT)(lambda id, _written: store.find(id))
        self._table = lru_cache(_KEPT)(
            lambda stored, sources, written, _size: QueryTable(
                over(stored, self._judged(stored, sources, written)).evaluation(
                    self._documents, partial(terms_in, [each.notation for each in stored.spec.systems])
                ),
                self.rarity_in(stored.spec.systems),
                self._tagged,
            )
        )
        self._judged = lru_cache(_KEPT)(lambda stored, sources, _written: judged(stored, sources, self._kept))
        self._lock = threading.Lock()

    def evaluation(self, id: str, *systems: int, query: int | None = None) -> Evaluation:
        """Raises `Problem` for one that is not stored, and for a system or a query that it does not have."""
        found = self.table(id).evaluation
        for system in systems:
            if not 0 <= system < len(found.systems):
                raise Problem(f"the evaluation has no system {system}: it has {len(found.systems)}.", usage=True)
        if query is not None and not 0 <= query < len(found.queries):
            raise Problem(f"the evaluation has no query {query}: it has {len(found.queries):,}.", usage=True)
        return found

    def measure(self, id: str, named: str) -> str:
        """The evaluation's first where none is named. Raises `Problem` for one that it does not have."""
        table = self.table(id)
        measure = named or table.evaluation.measures[0]
        table.values(measure)
        return measure

    def table(self, id: str) -> QueryTable:
        """Raises `Problem` for one that is not stored."""
        found, sources = self.stored(id), sources_of(id)
        values = found.values_path.stat() if found.values_path.exists() else None
        size = (values.st_ino, values.st_size) if values else ()
        kept = written(found, self._kept) if sources != DATASET_ONLY else ()
        with self._lock:  # made once where two ask for it
            return self._table(found, sources, kept, (size, *found.failed.items()))

    def stored(self, id: str) -> Stored:
        """Its queries are read again only where its files are others. The same whatever judgments count."""
        id = evaluation_of(id)
        return self._stored(id, _written(store.root() / id))

    def kept_of(self, evaluation: Evaluation) -> list[Kept]:
        """What was judged and noted of its queries, the latest first."""
        return kept_of(evaluation, self._kept)

    def judged(self, id: str) -> Judged:
        """The judgments that count in an evaluation with this id."""
        found, sources = self.stored(id), sources_of(id)
        kept = written(found, self._kept)
        with self._lock:
            return self._judged(found, sources, kept)

    def over(self, found: Stored, sources: tuple[AnySource, ...]) -> Stored:
        """The same lists over the judgments of these sources."""
        return found if sources == DATASET_ONLY else over(found, judged(found, sources, self._kept))

    def any_own(self, datasets: Iterable[str]) -> bool:
        """Whether a query of one of these datasets has a judgment of the user's."""
        return any(self._kept.of_id(dataset).judgments.all_grades("own") for dataset in datasets)

    def rarity_in(self, systems: Iterable[EvaluatedSystem]) -> Rarity:
        """Mean inverse document frequency of a query's terms in the BM25 index of the systems' language; nan without an
        index."""
        return partial(self._rarity, [each.notation for each in systems])

    def _rarity(self, systems: Sequence[str], dataset: str, text: str) -> float:
        try:
            corpus = self._library.corpus(dataset)
            idf = self._library.bm25(corpus, language=language_in(corpus.collection, systems)).idf(text)
        except Problem:
            return math.nan
        return sum(idf) / len(idf) if idf else math.nan

    def explanation(self, dataset: str, qid: str, system: str, doc_id: str, *, drop_self: bool) -> Explanation:
        """Of one document of a list. Raises `Problem`, also where a server would have to be asked."""
        from zsr_tui.engine.explain.explain import explain

        asked = ExplainRequest(
            id=f"report {doc_id}",
            dataset=dataset,
            system=system,
            doc_id=doc_id,
            qid=qid,
            drop_self=drop_self,
            input=False,
        )
        events: list[Event] = []
        explain(self._library, asked, events.append, CancelToken())
        last = next(event for event in reversed(events) if isinstance(event, Explained))
        if last.asks:
            raise Problem(f"it would cost {counted(last.asks, 'request')} to {last.host}.")
        return last.explanation

    def _tagged(self, evaluation: Evaluation) -> Mapping[str, list[int]]:
        """The queries of an evaluation that each of the user's tags is on."""
        found: dict[str, list[int]] = {}
        for member in evaluation.members:
            places = {query.id: place for place, query in enumerate(evaluation.queries) if query.member == member}
            for tag, ids in self._kept.of_id(member).remarks.queries_by_tag().items():
                found.setdefault(tag, []).extend(places[id] for id in ids & places.keys())
        return found

    def _documents(self, dataset: str, ids: Iterable[str]) -> Mapping[str, Doc]:
        try:
            return self._library.corpus(dataset).docs(ids)
        except Problem:
            return {}  # the corpus is not on this machine any more: the numbers need no documents


def _written(folder: Path) -> tuple[tuple[int, int, int], ...]:
    """Which files an evaluation's description and queries are."""
    try:
        found = [(folder / name).stat() for name in ("spec.json", "queries.json")]
    except OSError:
        return ()  # `store.find` says what is wrong
    return tuple((one.st_ino, one.st_mtime_ns, one.st_size) for one in found)
