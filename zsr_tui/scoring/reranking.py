"""Scores of one query with texts: what the cache knows first, the others from the queue; those of pairs summed up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import permutations
from typing import NamedTuple

from zsr_tui.domain import Problem
from zsr_tui.scoring.cache import ScoreCache
from zsr_tui.scoring.models import families
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.queue.work import Asking, PairScoring, ScoreBatch, Scoring, Work


class Duel(NamedTuple):
    """A text against the one at `other`: the probability that it is the more relevant one, with it first and with it
    second. `cut`: the model did not read all of the other one."""

    other: int
    first: float
    second: float
    cut: bool = False

    @property
    def share(self) -> float:
        """What it gives to the text's score."""
        return self.first + self.second


MAX_CANDIDATES = 100  # 9,900 ordered pairs
Run = Callable[[Work], Iterator[ScoreBatch]]


def scores(
    cache: ScoreCache, resolved: ResolvedModel, query: str, texts: Sequence[str], run: Run, *, fresh: bool = False
) -> Iterator[ScoreBatch]:
    """In the order of `texts`, the first ten first; one batch at the end from a model that compares texts. `fresh`:
    what is known of pairs is not used."""
    if resolved.info.family in families.PAIRWISE_RERANKERS:
        yield _compared(cache, resolved, query, texts, run)
    else:
        yield from _cached(cache, resolved, query, texts, lambda left: run(Scoring(query, left)), fresh=fresh)


def of_queries(
    cache: ScoreCache, resolved: ResolvedModel, queries: Sequence[str], text: str, run: Run
) -> Iterator[ScoreBatch]:
    """Of one text with each of the queries, which are different, as their positions."""
    known = {
        place: found
        for place, query in enumerate(queries)
        if (found := cache.scores(resolved.fingerprint, query, [text]).get(0)) is not None
    }
    if known:
        values, cut = zip(*known.values(), strict=True)
        yield ScoreBatch(tuple(known), values, cut, known=True)
    left = [place for place in range(len(queries)) if place not in known]
    for batch in run(Asking([queries[place] for place in left], text)) if left else ():
        places = tuple(left[index] for index in batch.indices)
        for place, score, was_cut in zip(places, batch.scores, batch.cut, strict=True):
            cache.add_scores(resolved.fingerprint, queries[place], [text], [score], [was_cut])
        yield replace(batch, indices=places, broken=tuple(left[index] for index in batch.broken))


def _cached(
    cache: ScoreCache,
    resolved: ResolvedModel,
    query: str,
    contents: Sequence[str],
    run: Callable[[list[str]], Iterator[ScoreBatch]],
    *,
    fresh: bool = False,
) -> Iterator[ScoreBatch]:
    known = {} if fresh else cache.scores(resolved.fingerprint, query, contents)
    if known:
        places = sorted(known)
        values, cut = zip(*(known[place] for place in places), strict=True)
        yield ScoreBatch(tuple(places), values, cut, known=True)
    left = [place for place in range(len(contents)) if place not in known]
    if not left:
        return
    for batch in run([contents[place] for place in left]):
        places = [left[index] for index in batch.indices]
        cache.add_scores(resolved.fingerprint, query, [contents[place] for place in places], batch.scores, batch.cut)
        broken = tuple(left[index] for index in batch.broken)
        yield replace(batch, indices=tuple(places), broken=broken)


def _compared(cache: ScoreCache, resolved: ResolvedModel, query: str, texts: Sequence[str], run: Run) -> ScoreBatch:
    """All ordered pairs of texts, summed up for each text."""
    check_candidates(resolved.info.name, len(texts))
    known, batch = _probabilities(cache, resolved, query, texts, all_pairs(len(texts)), run)
    sums = aggregate(list(known), list(known.values()), len(texts))
    return replace(batch, indices=tuple(range(len(texts))), scores=tuple(sums))


def duels(
    cache: ScoreCache, resolved: ResolvedModel, query: str, texts: Sequence[str], place: int, run: Run
) -> list[Duel]:
    """With every other text; without those whose probability is not finite."""
    check_candidates(resolved.info.name, len(texts))
    pairs = [pair for pair in all_pairs(len(texts)) if place in pair]
    known, batch = _probabilities(cache, resolved, query, texts, pairs, run)
    others = [other for other in range(len(texts)) if (place, other) in known and (other, place) in known]
    return [Duel(other, known[place, other], 1.0 - known[other, place], batch.cut[other]) for other in others]


def _probabilities(
    cache: ScoreCache,
    resolved: ResolvedModel,
    query: str,
    texts: Sequence[str],
    wanted: Sequence[tuple[int, int]],
    run: Run,
) -> tuple[dict[tuple[int, int], float], ScoreBatch]:
    """Those of ordered pairs of positions, and what it took; `cut` there is by text."""
    contents = {pair: f"{len(texts[pair[0]])} {texts[pair[0]]}{texts[pair[1]]}" for pair in wanted}
    pairs = {content: pair for pair, content in contents.items()}
    distinct = list(pairs)

    def compare(left: list[str]) -> Iterator[ScoreBatch]:
        return run(PairScoring(query, texts, [pairs[content] for content in left]))

    probability: dict[str, float] = {}
    cut: set[int] = set()
    tokens, seconds = 0, 0.0
    for batch in _cached(cache, resolved, query, distinct, compare):
        tokens, seconds = tokens + batch.tokens, seconds + batch.seconds
        for index, value, was_cut in zip(batch.indices, batch.scores, batch.cut, strict=True):
            probability[distinct[index]] = value
            if was_cut:
                cut.update(pairs[distinct[index]])
    known = {pair: probability[content] for pair, content in contents.items() if content in probability}
    were_cut = tuple(at in cut for at in range(len(texts)))
    return known, ScoreBatch((), (), were_cut, tokens=tokens, seconds=seconds)


def check_candidates(model: str, count: int) -> None:
    """Raises `Problem` where all pairs of `count` candidates would be too many."""
    if count > MAX_CANDIDATES:
        raise Problem(
            f"{model} compares every candidate with every other, and {count:,} candidates are {count * (count - 1):,} "
            f"pairs: cut the list to at most {MAX_CANDIDATES} first, as in bm25 % 1000 >> "
            f"castorini/monot5-base-msmarco-10k % 50 >> {model}.",
            usage=True,
        )


def all_pairs(count: int) -> list[tuple[int, int]]:
    """Every ordered pair of different positions: both orders, since the model does not treat them alike."""
    return list(permutations(range(count), 2))


def aggregate(pairs: Sequence[tuple[int, int]], probabilities: Sequence[float], n: int) -> list[float]:
    """A score for each of `n` texts: the sum over the others of p(i, j) + (1 - p(j, i)).

    `probabilities[k]` says that the first of `pairs[k]` is the more relevant one. SYM-SUM of Pradeep et al. 2021, as
    pygaggle's DuoT5 sums it. Over all pairs scores lie in [0, 2(n - 1)]; the sum is taken in double precision.
    """
    scores = [0.0] * n
    for (first, second), probability in zip(pairs, probabilities, strict=True):
        scores[first] += float(probability)
        scores[second] += 1.0 - float(probability)
    return scores
