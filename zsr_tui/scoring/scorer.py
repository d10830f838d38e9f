"""What every family offers to the worker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    import numpy as np


@dataclass(slots=True)
class Prepared:
    """A tokenised input. `tokens`: its length, special tokens included; `cut`: text did not fit the maximum length."""

    tokens: int
    cut: bool
    payload: Any


class Running(Protocol):
    """A batch that a device has been given and may still be working on."""

    def rows(self) -> np.ndarray:
        """Waits for the device. Raises what went wrong there."""

    @property
    def seconds(self) -> float | None:
        """That the device took for it, once it is done; None where only the clock can tell."""


class Tokens(NamedTuple):
    """One input: its token ids in `pieces` (one-dimensional arrays of integers, shared by inputs that have the same
    prompt or document) and where its second text begins, 0 where it has none."""

    pieces: tuple[np.ndarray, ...]
    second: int = 0


class Scorer(Protocol):
    """A loaded model. `run` is called by the device's worker thread alone, unless the class says `parallel = True`:
    then by several threads at once, on a processor.

    One with `packed = True` computes nothing for padding: its batches are counted in real tokens. One that has
    `start(batch) -> Running` beside `run` gives a GPU its batch and does not wait for it; the worker then keeps several
    on the way.

    Inputs come from a method that runs in another thread and uses no device. A reranker has `prepare(query, texts)`,
    one input a text, or `rerank_inputs` where it also encodes; a pairwise one `prepare_pairs(query, texts, pairs)` with
    positions in `texts`, and gives the probability that the first of each pair is the more relevant; an encoder has a
    `dimension` and `prepare(texts, role)`, the role being "query" or "document". `document_store`, where there is one,
    is the `TokenStore` that the ids of documents come from; `tokenizer` the one of documents, where they are made here.
    """

    def run(self, batch: Sequence[Prepared]) -> np.ndarray:
        """Scores, float32 of shape (n,), or vectors, float32 of shape (n, dimension); in the order of `batch`."""
