"""Vectors and impacts in Lucene, as Anserini indexes and searches them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zsr_tui.domain import Problem, ScoredDoc
from zsr_tui.fusion import ranked
from zsr_tui.retrieval.bm25 import CONTENTS, LuceneIndex
from zsr_tui.retrieval.java import call

if TYPE_CHECKING:
    import numpy as np

_VECTOR = "vector"
_THOROUGH = 1_000  # candidates that a search of a graph keeps, as pyserini's own reproductions do
_RANGE, _STEPS = 5.0, 256  # a query's weights are kept as whole numbers, as Anserini's encoders do
_PRODUCT: Mapping[str, Callable[[float], float]] = {  # of Lucene's score, by its similarity
    "DOT_PRODUCT": lambda score: 2 * score - 1,
    "COSINE": lambda score: 2 * score - 1,
    "MAXIMUM_INNER_PRODUCT": lambda score: score - 1 if score >= 1 else 1 - 1 / score,
}


class LuceneVectors(LuceneIndex):
    """Vectors, in a graph or flat: whichever the index has."""

    largest_chunk = 128

    def __init__(self, folder: Path) -> None:
        """Raises `DamagedIndex`, and `Problem` without Java and for an index without vectors."""
        super().__init__(folder)
        field = self.fields.get(_VECTOR)
        if field is None or field.similarity not in _PRODUCT:
            self.close()
            raise Problem(f"The index in {folder} holds no vectors whose inner product is searched.")
        self.dimension, self._product = field.dimension, _PRODUCT[field.similarity]

    def search(self, vectors: np.ndarray, k: int) -> list[list[ScoredDoc]]:
        """For each row of `vectors` (queries, dimension) the `k` nearest documents by inner product. Raises
        `Problem`."""
        if vectors.shape[1] != self.dimension:
            raise Problem(
                f"The query vectors have {vectors.shape[1]} dimensions and the index {self.dimension}: "
                "name the model that the index was made with."
            )
        return [self._nearest(vector.tolist(), k) for vector in vectors]

    def place(self, vector: np.ndarray, doc_id: str) -> None:
        """What a document that was not found scores is not told."""

    def _nearest(self, vector: list[float], k: int) -> list[ScoredDoc]:
        with self.searcher() as (java, searcher):
            query = java.KnnFloatVectorQuery(_VECTOR, vector, max(k, _THOROUGH))
            found = self.top(java, searcher, query, k)
        return ranked(ScoredDoc(each.doc_id, self._product(each.score)) for each in found)[:k]


class Impacts(LuceneIndex):
    """Documents' terms with whole weights. `names` gives the terms of a model's dimensions."""

    largest_chunk = 128

    def __init__(self, folder: Path, names: Callable[[Sequence[int]], Sequence[str]]) -> None:
        """Raises `DamagedIndex`, or `Problem` without Java."""
        super().__init__(folder)
        self._names = names

    def search(self, vectors: np.ndarray, k: int) -> list[list[ScoredDoc]]:
        """For each row of `vectors` (queries, vocabulary) the `k` best documents by the sum of products of weights,
        the query's in 256ths of 5. Raises `Problem`."""
        return [self._best(vector, k) for vector in vectors]

    def place(self, vector: np.ndarray, doc_id: str) -> None:
        """What a document that was not found scores is not told."""

    def _best(self, vector: np.ndarray, k: int) -> list[ScoredDoc]:
        weights = (vector / _RANGE * _STEPS).round().astype(int)
        dimensions = weights.nonzero()[0].tolist()
        if not dimensions:
            return []
        with self.searcher() as (java, searcher):
            call(searcher, "setSimilarity", java.ImpactSimilarity())
            builder = java.BooleanQueryBuilder()
            for name, dimension in zip(self._names(dimensions), dimensions, strict=True):
                term: Any = java.TermQuery(java.Term(CONTENTS, name))
                call(builder, "add", java.BoostQuery(term, float(weights[dimension])), java.Occur.SHOULD)
            found = self.top(java, searcher, call(builder, "build"), k)
        return ranked(found)[:k]
