"""What every family offers to the worker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class Prepared:
    """A tokenised input. `tokens`: its length, special tokens included; `cut`: text did not fit the maximum length."""

    tokens: int
    cut: bool
    payload: Any


class Scorer(Protocol):
    """A loaded model. `run` is called by the device's worker thread alone, unless the class says `parallel = True`:
    then by several threads at once, on a processor."""

    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        """Scores, float32 of shape (n,), or vectors, float32 of shape (n, dimension); in the order of `batch`."""


class Reranker(Scorer, Protocol):
    """A family that also encodes texts calls it `rerank_inputs`, and keeps `prepare` for the texts."""

    def prepare(self, query: str, texts: Sequence[str]) -> list[Prepared]:
        """One input a text. Runs in another thread than `run`, and uses no device."""


class PairwiseReranker(Scorer, Protocol):
    """`run` gives the probability that the first text of each pair is the more relevant one."""

    def prepare_pairs(self, query: str, texts: Sequence[str], pairs: Sequence[tuple[int, int]]) -> list[Prepared]:
        """One input for each of `pairs`, which are positions in `texts`."""


class TextEncoder(Scorer, Protocol):
    dimension: int

    def prepare(self, texts: Sequence[str], role: str) -> list[Prepared]:
        """`role`: "query" or "document", whose prompts may differ. Runs in another thread than `run`."""
