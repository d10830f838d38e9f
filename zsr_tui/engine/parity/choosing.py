"""Which pairs: the same for both scorers, by a seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from zsr_tui.domain import RELEVANT, Doc, Problem, Query
from zsr_tui.engine.library import OpenCorpus

LOOK = 100  # of BM25's documents, among which the longest and the shortest are taken
EXTREMES = 2  # of either


@dataclass(frozen=True, slots=True)
class Candidates:
    """Of a query, in the order in which they are sent: one that has to do with nothing else of them."""

    query: Query
    docs: tuple[Doc, ...]


def chosen(
    corpus: OpenCorpus, search: Callable[[Query, int], list[str]], queries: int, depth: int, seed: int
) -> list[Candidates]:
    """Queries of the dataset's, judged ones where it has any, in its order; `search` gives the ids of BM25's first so
    many. Raises `Problem` for a dataset without queries."""
    able = corpus.judged_queries() or list(corpus.queries)
    if not able:
        raise Problem(f"{corpus.id} has no queries: scorers are compared on a dataset that has some.", usage=True)
    drawn = random.Random(f"queries {seed}").sample(range(len(able)), min(queries, len(able)))
    found = [_of(corpus, able[at], search(able[at], max(LOOK, depth)), depth, seed) for at in sorted(drawn)]
    return [each for each in found if each.docs]


def _of(corpus: OpenCorpus, query: Query, found: list[str], depth: int, seed: int) -> Candidates:
    """BM25's first `depth`, as many judged documents at most (relevant ones first), and the longest and the shortest of
    all that BM25 found."""
    order = random.Random(f"documents {seed} {query.id}")
    own = corpus.self_hit(query.id)
    found = [doc_id for doc_id in found if corpus.document_of(doc_id) != own]
    judged = sorted(corpus.judgments(query.id).items())
    order.shuffle(judged)
    judged.sort(key=lambda one: one[1] < RELEVANT)
    docs = corpus.docs({*found, *(doc_id for doc_id, _ in judged[:depth] if doc_id != own)})
    by_length = sorted((doc_id for doc_id in found if doc_id in docs), key=lambda one: (len(docs[one].content), one))
    wanted = [*found[:depth], *(doc_id for doc_id, _ in judged[:depth]), *_ends(by_length)]
    kept = [doc_id for doc_id in dict.fromkeys(wanted) if doc_id in docs]
    order.shuffle(kept)
    return Candidates(query, tuple(docs[doc_id] for doc_id in kept))


def _ends(ordered: list[str]) -> Iterable[str]:
    return (*ordered[:EXTREMES], *ordered[-EXTREMES:])
