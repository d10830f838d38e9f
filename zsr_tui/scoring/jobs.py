"""What callers ask of a device: pieces of work that run one batch at a time, so that others can go between."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from zsr_tui.domain import Problem
from zsr_tui.progress import CancelToken
from zsr_tui.scoring import batching
from zsr_tui.scoring.batching import Budget
from zsr_tui.scoring.families.base import Prepared, Reranker, TextEncoder

if TYPE_CHECKING:
    import numpy as np

    from zsr_tui.scoring.weights import ResolvedModel

FIRST_CHUNK = 10  # the rows that a screen shows first
CHUNK_BATCHES = 4  # later chunks are about this many batches of full-length inputs
_POLL_S = 0.05  # how soon a waiting caller notices its own cancellation
T = TypeVar("T")


class Work(Protocol):
    """Holds no model between steps, so that the device can give the memory to another."""

    def step(self, scorer: Any, budget: Budget) -> tuple[Sequence[Any], bool]:
        """Runs one batch. Returns the results that it completed, and whether there is more to do."""


@dataclass(frozen=True, slots=True)
class ScoreBatch:
    """Scores of some of the texts, as positions in the request's order: raw floats as the model gives them (higher
    is more relevant; comparable within one model only). `cut`: the model saw only the beginning of the pair."""

    indices: tuple[int, ...]
    scores: tuple[float, ...]
    cut: tuple[bool, ...]


class Scoring:
    """Scores of one query with texts: the first ten first, then in larger chunks; batches are of similar length."""

    def __init__(self, query: str, texts: Sequence[str]) -> None:
        self._query, self._texts = query, texts
        self._next = 0
        self._chunk: range = range(0)
        self._inputs: list[Prepared] = []
        self._batches: list[list[int]] = []
        self._scores: dict[int, float] = {}

    def step(self, scorer: Reranker, budget: Budget) -> tuple[Sequence[ScoreBatch], bool]:
        if not self._batches:
            self._begin_chunk(scorer, budget)
        batch = self._batches.pop(0)
        scores = batching.run(scorer.run, [self._inputs[position] for position in batch], budget)
        for position, score in zip(batch, scores.tolist(), strict=True):
            self._scores[position] = self._checked(score, self._chunk[position])
        if self._batches:
            return (), True
        ordered = range(len(self._chunk))
        result = ScoreBatch(
            tuple(self._chunk),
            tuple(self._scores[position] for position in ordered),
            tuple(self._inputs[position].cut for position in ordered),
        )
        return (result,), self._next < len(self._texts)

    def _begin_chunk(self, scorer: Reranker, budget: Budget) -> None:
        size = max(FIRST_CHUNK, CHUNK_BATCHES * budget.tokens // 512) if self._next else FIRST_CHUNK
        self._chunk = range(self._next, min(self._next + size, len(self._texts)))
        self._next = self._chunk.stop
        self._inputs = scorer.prepare(self._query, [self._texts[index] for index in self._chunk])
        self._batches = batching.cut(self._inputs, budget.tokens)
        self._scores = {}

    def _checked(self, score: float, index: int) -> float:
        if score - score != 0:  # neither nan nor infinite
            raise Problem(
                f"the model gives text {index + 1} of {len(self._texts)} the score {score}, which cannot be ranked: "
                "its weights are broken, or its precision is too low for this input."
            )
        return score


class Encoding:
    """Vectors of texts, float32 of shape (texts, dimension), in order; one result at the end."""

    def __init__(self, texts: Sequence[str], role: str) -> None:
        self._texts, self._role = texts, role
        self._inputs: list[Prepared] = []
        self._batches: list[list[int]] | None = None
        self._vectors: np.ndarray | None = None

    def step(self, scorer: TextEncoder, budget: Budget) -> tuple[Sequence[np.ndarray], bool]:
        import numpy as np

        if self._vectors is None or self._batches is None:
            self._vectors = np.zeros((len(self._texts), scorer.dimension), dtype=np.float32)
            self._inputs = scorer.prepare(self._texts, self._role) if self._texts else []
            self._batches = batching.cut(self._inputs, budget.tokens)
        if self._batches:
            batch = self._batches.pop(0)
            rows = batching.run(scorer.run, [self._inputs[position] for position in batch], budget)
            broken = ~np.isfinite(rows).all(axis=1)
            if broken.any():
                raise Problem(
                    f"the model gives text {batch[int(broken.argmax())] + 1} of {len(self._texts)} a vector that is "
                    "not finite: its weights are broken, or its precision is too low for this input."
                )
            self._vectors[batch] = rows
        return ((self._vectors,), False) if not self._batches else ((), True)


class Loading:
    """Only loads the model; the result is what `ask` reads off it."""

    def __init__(self, ask: Callable[[Any], Any]) -> None:
        self._ask = ask

    def step(self, scorer: Any, budget: Budget) -> tuple[Sequence[Any], bool]:
        return (self._ask(scorer),), False


class Job:
    """A piece of work in a device's queue, and the way of its results back to the thread that asked."""

    def __init__(
        self,
        resolved: ResolvedModel,
        work: Work,
        *,
        interactive: bool,
        cancel: CancelToken | None,
        on_load: Callable[[str], None] | None,
    ) -> None:
        self.resolved, self.work, self.interactive = resolved, work, interactive
        self.on_load = on_load
        self._cancel = cancel or CancelToken()
        self._abandoned = CancelToken()
        self._answers: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()

    @property
    def wanted(self) -> bool:
        return not (self._cancel.cancelled or self._abandoned.cancelled)

    def give(self, result: Any) -> None:
        self._answers.put(("result", result))

    def finish(self, error: BaseException | None = None) -> None:
        self._answers.put(("end", error))

    def results(self) -> Iterator[Any]:
        """The results as they come. Raises what the work raised, or `Cancelled`. Leaving the loop early frees the
        device at its next batch."""
        try:
            while True:
                try:
                    kind, value = self._answers.get(timeout=_POLL_S)
                except queue.Empty:
                    self._cancel.check()
                    continue
                if kind == "result":
                    yield value
                elif value is None:
                    return
                else:
                    raise value
        finally:
            self._abandoned.cancel()


def only(results: Iterator[T]) -> T:
    """The one result of a job that has one."""
    (found,) = results
    return found
