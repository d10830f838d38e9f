"""What is known of a pair before anything is concluded."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

Inputs = tuple["Input", ...]


@dataclass(frozen=True, slots=True)
class Input:
    """The tokens that a model read, by name; `of` whom each is: "query", "document" or "template". A reranker has one
    input a pair, an encoder that of the query and that of the document."""

    tokens: tuple[str, ...]
    of: tuple[str, ...]
    cut: bool = False

    def part(self, name: str) -> tuple[str, ...]:
        """The tokens that are `of` it."""
        return tuple(token for token, of in zip(self.tokens, self.of, strict=True) if of == name)


@dataclass(frozen=True, slots=True)
class Observed:
    """A pair: the number of its query, the document's place in the request, the texts as they were given to a scorer,
    both scores (NaN for what is no finite number), whether either was cut, and the inputs (None: not known)."""

    query: int
    place: int
    question: str
    title: str
    text: str
    a: float
    b: float
    cut_a: bool | None = None
    cut_b: bool | None = None
    read_a: Inputs | None = None
    read_b: Inputs | None = None

    @property
    def tokens(self) -> int | None:
        """The longer of the known inputs."""
        known = [sum(len(each.tokens) for each in read) for read in (self.read_a, self.read_b) if read]
        return max(known, default=None)


class Scores:
    """Of the pairs for which both scorers have a finite one: float64 arrays in the order of `pairs`."""

    def __init__(self, pairs: Sequence[Observed]) -> None:
        self.all = list(pairs)
        self.pairs = [pair for pair in pairs if math.isfinite(pair.a) and math.isfinite(pair.b)]
        self.a = np.array([pair.a for pair in self.pairs], dtype=np.float64)
        self.b = np.array([pair.b for pair in self.pairs], dtype=np.float64)
        self.query = np.array([pair.query for pair in self.pairs], dtype=np.int64)

    @cached_property
    def groups(self) -> list[np.ndarray]:
        """Of each query, where its pairs stand."""
        return [np.flatnonzero(self.query == query) for query in np.unique(self.query)]

    @property
    def lacking(self) -> tuple[int, int, int]:
        """Pairs without a finite score of A alone, of B alone, of both."""
        broken = [(not math.isfinite(pair.a), not math.isfinite(pair.b)) for pair in self.all]
        return broken.count((True, False)), broken.count((False, True)), broken.count((True, True))
