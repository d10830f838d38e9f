"""Which documents are encoded before the others: those that BM25 or the judgments name for what was asked last, then
all that are judged."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from zsr_tui.domain import Problem, Query, relevant_from
from zsr_tui.engine.library import OpenCorpus

RECENT = 20  # queries that are remembered for each dataset
BEST = 100  # documents of BM25's list, as many as a comparison shows

Search = Callable[[OpenCorpus, str, int], Sequence[str]]  # BM25's first ids; raises `Problem` where it has no index


class First:
    """What matters first of one corpus while it is encoded. Given by one thread, added to by any."""

    def __init__(self, corpus: OpenCorpus, recent: Sequence[Query], search: Search) -> None:
        self._corpus, self._search = corpus, search
        self._asked = deque(recent)  # the newest last
        self._unsearched: list[Query] = []  # for want of BM25's index
        self._ids: deque[str] = deque()
        self._judged = _judged(corpus)
        self._lock = threading.Lock()

    def add(self, query: Query) -> None:
        """It was asked now: its documents are next."""
        with self._lock:
            self._asked.append(query)

    def take(self, count: int) -> Sequence[str]:
        """See `zsr_tui.retrieval.encoded.order.First`."""
        self._look_again()
        while (query := self._newest()) is not None:
            self._ids.extendleft(reversed(self._named(query)))
        taken = [self._ids.popleft() for _ in range(min(count, len(self._ids)))]
        return taken or list(itertools.islice(self._judged, count))

    def _newest(self) -> Query | None:
        """The oldest first, so that those of the newest stand before all others in the end."""
        with self._lock:
            return self._asked.popleft() if self._asked else None

    def _named(self, query: Query) -> list[str]:
        judged = _of(self._corpus, query)
        try:
            return [*judged, *self._search(self._corpus, query.text, BEST)]
        except Problem:  # whoever builds the index says why it is not there
            self._unsearched.append(query)
            return judged

    def _look_again(self) -> None:
        """Whether BM25 has an index by now."""
        if not self._unsearched:
            return
        waiting, self._unsearched = self._unsearched, []
        for query in waiting:
            found = self._named(query)
            if self._unsearched:
                self._unsearched = waiting
                return
            self._ids.extendleft(reversed(found))


class Firsts:
    """What was asked of each dataset, and what is being encoded. Every method may be called from any thread."""

    def __init__(self, search: Search) -> None:
        self._search = search
        self._recent: dict[str, deque[Query]] = {}
        self._at_work: list[tuple[str, First]] = []  # by collection
        self._lock = threading.Lock()

    def asked(self, corpus: OpenCorpus, query: Query) -> None:
        """Somebody looks at what this query finds."""
        with self._lock:
            recent = self._recent.setdefault(corpus.collection, deque(maxlen=RECENT))
            if query in recent:
                recent.remove(query)
            recent.append(query)
            firsts = [first for collection, first in self._at_work if collection == corpus.collection]
        for first in firsts:
            first.add(query)

    @contextmanager
    def encoding(self, corpus: OpenCorpus) -> Iterator[First]:
        """While the corpus is encoded."""
        with self._lock:
            first = First(corpus, tuple(self._recent.get(corpus.collection, ())), self._search)
            entry = corpus.collection, first
            self._at_work.append(entry)
        try:
            yield first
        finally:
            with self._lock:
                self._at_work.remove(entry)


def _judged(corpus: OpenCorpus) -> Iterator[str]:
    for query in corpus.queries:
        yield from _of(corpus, query)


def _of(corpus: OpenCorpus, query: Query) -> list[str]:
    """What is judged for a query, the relevant ones first. Of a corpus of chunks nothing: documents are judged."""
    if corpus.corpus.chunked:
        return []
    judgments = corpus.judgments(query.id)
    least = relevant_from()
    return sorted(judgments, key=lambda doc_id: judgments[doc_id] < least)
