"""Fusion of rankings by rank or by score, and the one order in which every ranking stands: who gets one keeps it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from zsr_tui.domain import ScoredDoc
from zsr_tui.pipeline import Linear, Norm, Rrf


def ranked(docs: Iterable[ScoredDoc]) -> list[ScoredDoc]:
    """By score, best first; ties by document id ascending, as Lucene through Anserini breaks them."""
    return sorted(docs, key=lambda doc: (-doc.score, doc.doc_id))


@dataclass(frozen=True, slots=True)
class Shares:
    """What a list gives to its documents, by id, before it is weighted; and what it gives to any other document."""

    listed: Mapping[str, float]
    missing: float = 0.0


def fused(fusion: Rrf | Linear, lists: Sequence[Sequence[ScoredDoc]]) -> list[ScoredDoc]:
    """The lists of the fusion's systems as one: the sum over the lists of weight x share, by `shares`.

    `rrf`: Cormack, Clarke and Buettcher, "Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning
    Methods", SIGIR 2009, with a weight for each list. `linear`: the linear combination of Fox and Shaw's CombSUM with
    weights (Vogt and Cottrell, "Fusion Via a Linear Combination of Scores", Information Retrieval 1999; Bruch, Gai and
    Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", TOIS 2023; ranx's `wsum`).

    Every list is in rank order, and only the first place of a document in a list counts. A list that is empty, or has
    the weight 0, has no say. The result depends on nothing but which list has which weight, not on their order.
    """
    parts = [
        (weight, shares(fusion, ranking))
        for weight, ranking in zip(fusion.weights, lists, strict=True)
        if weight and ranking
    ]
    ids = dict.fromkeys(doc_id for _, part in parts for doc_id in part.listed)
    return ranked(
        ScoredDoc(doc_id, math.fsum(weight * part.listed.get(doc_id, part.missing) for weight, part in parts))
        for doc_id in ids
    )


def shares(fusion: Rrf | Linear, ranking: Sequence[ScoredDoc]) -> Shares:
    """Of `rrf` 1 / (k + rank), rank from 1, and 0 where the document is missing; of `linear` see `normed`."""
    scores: dict[str, float] = {}
    for rank, doc in enumerate(ranking, start=1):
        scores.setdefault(doc.doc_id, 1.0 / (fusion.k + rank) if isinstance(fusion, Rrf) else doc.score)
    return Shares(scores) if isinstance(fusion, Rrf) else normed(fusion.norm, scores)


def normed(norm: Norm, scores: Mapping[str, float]) -> Shares:
    """A list's scores on a scale that other lists share. The three are Montague and Aslam's, "Relevance Score
    Normalization for Metasearch", CIKM 2001, as ranx computes them:

    `minmax`  (s - min) / (max - min): the best has 1, the last 0
    `sum`     (s - min) / sum of (s - min): they add up to 1, whatever sign the scores have
    `zscore`  (s - mean) / deviation, that of the population

    A document that a list lacks gets what its last one gets: no more is known of it than that it isn't better. For the
    first two that is 0, as everywhere. For `zscore` ranx takes 0, which is the mean: it would put a document that
    was not found above the worse half of those that were.

    Where all scores are the same (a list of one, too) the formulas divide by 0. `minmax` then gives 1 to each, as
    OpenSearch does: BM25's only hit was found, after all (ranx gives it 0, and a missing one the same). `sum` gives 1/n
    by that. `zscore` gives 0, as ranx: such a list doesn't say which document is better, and has no say.
    """
    values = list(scores.values())
    if not values:
        return Shares({})
    lowest, count = min(values), len(values)
    if norm == "zscore":
        mean = math.fsum(values) / count
        deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / count)
        if lowest == max(values):  # a mean that is rounded would make a deviation of it
            return Shares(dict.fromkeys(scores, 0.0))
        listed = {doc_id: (score - mean) / deviation for doc_id, score in scores.items()}
        return Shares(listed, min(listed.values()))
    over = max(values) - lowest if norm == "minmax" else math.fsum(value - lowest for value in values)
    if lowest == max(values):
        return Shares(dict.fromkeys(scores, 1.0 if norm == "minmax" else 1.0 / count))
    return Shares({doc_id: (score - lowest) / over for doc_id, score in scores.items()})
