"""The ways of searching without a look at every vector: how each is built with faiss, and how thoroughly it looks.

hnsw     a graph of neighbours over vectors of 8 bits a dimension (Malkov and Yashunin 2018, arXiv 1603.09320)
ivfpq    lists of what is near a centroid, each vector by codes of 4 dimensions (Jégou et al. 2011)
sq8      all vectors, with 8 bits a dimension
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zsr_tui.pipeline import Method

if TYPE_CHECKING:
    import numpy as np

LINKS = 32  # of a node, and twice as many in the lowest layer: faiss' and hnswlib's usual
_THOROUGH_BUILD = 100  # candidates for the links of a node
_THOROUGH = 256  # candidates that a search keeps, at least; and twice as many as it is to find
_SAMPLE = 65_536  # vectors that the ranges of 8 bits are learned from
_DIMENSIONS_OF_A_CODE = 4
_LISTS = 4_096  # at most: more take hours to learn
_VECTORS_OF_A_LIST = 39  # at least, to learn its centroid: faiss' own advice
FEWEST_FOR_CODES = 256 * _VECTORS_OF_A_LIST  # a code has 256 values


@dataclass(frozen=True, slots=True)
class Way:
    """`fewest` vectors that it can be built of; `sample` of how many it learns; `more` candidates for each document
    that is asked for; `empty` faiss index of a dimension for so many vectors; `parameters` of a search for so many
    candidates."""

    fewest: int
    sample: Callable[[int], int]
    more: int
    empty: Callable[[int, int], Any]
    parameters: Callable[[Any, int], Any]


def _faiss() -> Any:
    """Its types know little of what it has."""
    import faiss

    return faiss


def _lists(vectors: int) -> int:
    """Of an inverted file: four times the root, faiss' own advice, and no more than can be learned."""
    return max(1, min(_LISTS, int(4 * math.sqrt(vectors)), vectors // _VECTORS_OF_A_LIST))


def _hnsw(dimension: int, _: int) -> Any:
    faiss = _faiss()
    made = faiss.IndexHNSWSQ(dimension, faiss.ScalarQuantizer.QT_8bit, LINKS, faiss.METRIC_INNER_PRODUCT)
    made.hnsw.efConstruction = _THOROUGH_BUILD
    return made


def _hnsw_parameters(_: Any, count: int) -> Any:
    faiss = _faiss()
    return faiss.SearchParametersHNSW(efSearch=max(_THOROUGH, 2 * count))


def _ivfpq(dimension: int, vectors: int) -> Any:
    faiss = _faiss()
    codes = next(size for size in range(max(1, dimension // _DIMENSIONS_OF_A_CODE), 0, -1) if dimension % size == 0)
    centroids = faiss.IndexFlatIP(dimension)
    made = faiss.IndexIVFPQ(centroids, dimension, _lists(vectors), codes, 8, faiss.METRIC_INNER_PRODUCT)
    made.cp.min_points_per_centroid = 1  # how many there are is seen to; faiss would print a warning
    made.pq.cp.min_points_per_centroid = 1
    return made


def _ivfpq_parameters(index: Any, _: int) -> Any:
    faiss = _faiss()
    return faiss.SearchParametersIVF(nprobe=max(16, index.nlist // 16))


def _sq8(dimension: int, _: int) -> Any:
    faiss = _faiss()
    return faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)


WAYS: dict[Method, Way] = {
    "hnsw": Way(1, lambda _: _SAMPLE, 1, _hnsw, _hnsw_parameters),
    "ivfpq": Way(
        FEWEST_FOR_CODES, lambda n: max(_SAMPLE, _VECTORS_OF_A_LIST * _lists(n)), 4, _ivfpq, _ivfpq_parameters
    ),
    "sq8": Way(1, lambda _: _SAMPLE, 1, _sq8, lambda *_: None),
}


def trained(method: Method, dimension: int, vectors: int, sample: np.ndarray) -> Any:
    """An empty index for so many vectors, (n, dimension) float32 of which it has seen."""
    made = WAYS[method].empty(dimension, vectors)
    made.train(sample)
    return made


def write_to(index: Any, write: Callable[[bytes], object]) -> None:
    """Raises RuntimeError where `write` raises anything."""
    faiss = _faiss()
    faiss.write_index(index, faiss.PyCallbackIOWriter(write))
