"""What can be asked of a loaded model: scores of pairs, of pairs of documents, vectors of texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zsr_tui.domain import Problem
from zsr_tui.scoring.endpoints.listwise import Window
from zsr_tui.scoring.scorer import Prepared
from zsr_tui.text import whole_characters

if TYPE_CHECKING:
    import numpy as np

FIRST_CHUNK = 10  # the rows that a screen shows first
FEW = 4  # queries that are asked of one text together
CHUNK_BATCHES = 4  # later chunks of a ranking are about this many batches of full-length inputs
ENCODE_CHUNK = 512  # texts; inputs of similar length are batched together within a chunk


class Work:
    """`count` inputs, tokenised a chunk at a time. Holds no model between its steps, so that the device can give the
    memory to another."""

    count: int
    kind: str  # inputs of one kind can be in one batch

    def begin(self, scorer: Any) -> Sequence[Any]:
        """Called once, and again where that failed, with the loaded model. What is known without running anything."""
        return ()

    def chunk_size(self, done: int, batch: int) -> int:
        """Inputs of the chunk behind the first `done`, where a batch has room for `batch` of full length."""
        return max(FIRST_CHUNK, CHUNK_BATCHES * batch)

    def prepare(self, scorer: Any, chunk: range) -> list[Prepared]:
        """The chunk's inputs; runs in the tokeniser's thread."""
        return []

    def collect(self, chunk: range, inputs: Sequence[Prepared], rows: np.ndarray, seconds: float) -> Sequence[Any]:
        """Results that are complete now that a chunk is, for which devices took so many seconds; chunks come in any
        order."""
        return ()


@dataclass(frozen=True, slots=True)
class ScoreBatch:
    """Scores of some of the texts, as positions in the request's order: raw floats as the model gives them (higher
    is more relevant; comparable within one model only). `cut`: the model saw only the beginning of the pair.
    `broken`: positions of texts whose score is no finite number, and which can have no rank. `known`: from the cache,
    without the model. `tokens` that the model read for it, special ones included: 0 from the cache, one an input where
    a server runs the model. `seconds` that devices took to compute it: no waiting, no loading, no tokenising.
    `listed`: of a model that gives an order, whose scores are minus the rank."""

    indices: tuple[int, ...]
    scores: tuple[float, ...]
    cut: tuple[bool, ...]
    broken: tuple[int, ...] = ()
    known: bool = False
    tokens: int = 0
    seconds: float = 0.0
    listed: Listed | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """What it took to order a list: requests, answers among them that were `repaired` (something named twice, invented
    or left out), windows that the server `refused`, and tokens as it counts them."""

    requests: int = 0
    repaired: int = 0
    refused: int = 0
    read: int = 0
    wrote: int = 0

    def __add__(self, other: Listed) -> Listed:
        return Listed(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


def _pairs(scorer: Any, query: str, texts: Sequence[str]) -> list[Prepared]:
    # a family that also encodes texts has another name for it
    prepare = getattr(scorer, "rerank_inputs", None) or scorer.prepare
    return prepare(query, [*map(whole_characters, texts)])


class Scoring(Work):
    """Scores of one query with texts: the first ten first, then in larger chunks."""

    kind = "scores"

    def __init__(self, query: str, texts: Sequence[str]) -> None:
        self.query, self.texts = whole_characters(query), texts
        self.count = len(texts)

    def chunk_size(self, done: int, batch: int) -> int:
        return super().chunk_size(done, batch) if done else FIRST_CHUNK

    def prepare(self, scorer: Any, chunk: range) -> list[Prepared]:
        return _pairs(scorer, self.query, [self.texts[index] for index in chunk])

    def collect(
        self, chunk: range, inputs: Sequence[Prepared], rows: np.ndarray, seconds: float
    ) -> Sequence[ScoreBatch]:
        import numpy as np

        tokens = sum([each.tokens for each in inputs])
        sound = np.isfinite(rows)
        if sound.all():
            cut = tuple([each.cut for each in inputs])
            return (ScoreBatch(tuple(chunk), tuple(rows.tolist()), cut, tokens=tokens, seconds=seconds),)
        good = np.flatnonzero(sound).tolist()
        return (
            ScoreBatch(
                tuple(chunk[position] for position in good),
                tuple(rows[good].tolist()),
                tuple(inputs[position].cut for position in good),
                tuple(chunk[position] for position in np.flatnonzero(~sound).tolist()),
                tokens=tokens,
                seconds=seconds,
            ),
        )


class Asking(Work):
    """Scores of several queries with one text, as positions of the queries: a few at a time, so that they are soon
    told."""

    kind = "scores"

    def __init__(self, queries: Sequence[str], text: str) -> None:
        self.queries, self.text = [*map(whole_characters, queries)], text
        self.count = len(queries)

    def chunk_size(self, done: int, batch: int) -> int:
        return FEW

    def prepare(self, scorer: Any, chunk: range) -> list[Prepared]:
        return [one for index in chunk for one in _pairs(scorer, self.queries[index], [self.text])]

    collect = Scoring.collect


class PairScoring(Work):
    """The probability that one text is more relevant than another, for pairs of positions in `texts`."""

    kind = "pairs"

    def __init__(self, query: str, texts: Sequence[str], pairs: Sequence[tuple[int, int]]) -> None:
        self.query, self.texts, self.pairs = whole_characters(query), [*map(whole_characters, texts)], pairs
        self.count = len(pairs)

    def prepare(self, scorer: Any, chunk: range) -> list[Prepared]:
        return scorer.prepare_pairs(self.query, self.texts, [self.pairs[index] for index in chunk])

    collect = Scoring.collect


class Ordering(Work):
    """One window of one query: windows of several queries are asked at once."""

    kind = "windows"
    count = 1

    def __init__(self, query: str, texts: Sequence[str]) -> None:
        self._window = Window(whole_characters(query), [*map(whole_characters, texts)])

    def prepare(self, scorer: Any, chunk: range) -> list[Prepared]:
        return [Prepared(1, False, self._window)]

    def collect(
        self, chunk: range, inputs: Sequence[Prepared], rows: np.ndarray, seconds: float
    ) -> Sequence[tuple[Window, float]]:
        return ((self._window, seconds),)


class Encoding(Work):
    """Vectors of texts, float32 of shape (texts, dimension), in order; one result at the end."""

    kind = "vectors"

    def __init__(self, texts: Sequence[str], role: str) -> None:
        self.texts, self.role = texts, role
        self.count = len(texts)
        self._vectors: np.ndarray | None = None
        self._done = 0

    def begin(self, scorer: Any) -> Sequence[np.ndarray]:
        import numpy as np

        self._vectors = np.zeros((self.count, scorer.dimension), dtype=np.float32)
        return () if self.count else (self._vectors,)

    def chunk_size(self, done: int, batch: int) -> int:
        return ENCODE_CHUNK

    def prepare(self, scorer: Any, chunk: range) -> list[Prepared]:
        return scorer.prepare([whole_characters(self.texts[index]) for index in chunk], self.role)

    def collect(
        self, chunk: range, inputs: Sequence[Prepared], rows: np.ndarray, seconds: float
    ) -> Sequence[np.ndarray]:
        import numpy as np

        broken = ~np.isfinite(rows).all(axis=1)
        if broken.any():
            raise Problem(
                f"the model gives text {chunk[int(broken.argmax())] + 1} of {self.count} a vector that is not finite: "
                "its weights are broken, or its precision is too low for this input (ZSR_TUI_PRECISION=fp32)."
            )
        assert self._vectors is not None
        self._vectors[chunk.start : chunk.stop] = rows
        self._done += len(chunk)
        return (self._vectors,) if self._done == self.count else ()


class Loading(Work):
    """Only loads the model; the result is what `ask` reads off it."""

    kind = "nothing"

    def __init__(self, ask: Callable[[Any], Any]) -> None:
        self._ask = ask
        self.count = 0

    def begin(self, scorer: Any) -> Sequence[Any]:
        return (self._ask(scorer),)


class Dimension(Loading):
    """Of the vectors that an encoder makes."""

    def __init__(self) -> None:
        super().__init__(lambda scorer: scorer.dimension)


class Lengths(Loading):
    """In tokens, of all inputs of these works, none of which runs."""

    def __init__(self, works: Sequence[Work]) -> None:
        super().__init__(
            lambda scorer: [each.tokens for work in works for each in work.prepare(scorer, range(work.count))]
        )
        self.works = works
