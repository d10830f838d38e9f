"""One encoded index, and the two ways in which one is stored and searched."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from zsr_tui.domain import Approximation, Problem, ScoredDoc
from zsr_tui.pipeline import Kind
from zsr_tui.progress import CancelToken
from zsr_tui.retrieval.encoded.appended import DamagedFiles
from zsr_tui.retrieval.problems import DamagedIndex

if TYPE_CHECKING:
    import numpy as np

    from zsr_tui.retrieval.encoded.order import Order

# the module of this room that is the kind's `Storage`; imported when it is needed, for numpy and faiss come with it
STORED: Mapping[Kind, str] = {"dense": "vectors", "sparse": "postings"}


class Writer(Protocol):
    """Where encoded documents go; `rows` of them are there already, which ones `order` says."""

    order: Order

    @property
    def rows(self) -> int: ...

    def append(self, ids: Sequence[str], vectors: np.ndarray, *, walked: int) -> None:
        """`walked` as for `Order.took`."""

    def commit(self) -> None:
        """Make every row so far survive a kill."""

    def finish(self, cancel: CancelToken, say: Callable[[str], None]) -> None:
        """Commit, and make of it what is searched; `say` hears what is done beyond that. Raises `Cancelled`."""

    def close(self) -> None: ...


class Held(Protocol):
    """An index, memory-mapped."""

    rows: int
    dimension: int

    def search(self, queries: np.ndarray, k: int) -> list[list[ScoredDoc]]:
        """For each row of `queries`, float32, its best documents."""

    def scores(self, query: np.ndarray) -> Iterator[np.ndarray]:
        """Of every row, shard by shard, for one query, float32 (dimension,)."""

    def row(self, doc_id: str) -> int | None:
        """None of a document that is not in it."""


class Storage(Protocol):
    """`FILES` and `SCRATCH`: patterns of what it writes, besides the ids, and of what it no longer needs when it is
    finished; `LARGEST_CHUNK` of texts that are encoded at once."""

    FILES: tuple[str, ...]
    SCRATCH: tuple[str, ...]
    LARGEST_CHUNK: int

    def Writer(self, folder: Path, dimension: int, shard: int | None) -> Writer:  # noqa: N802 - a class
        """Behind what an earlier run made durable; `shard` is the size of its files, None for the kind's own. Raises
        `DamagedFiles` where the folder cannot be continued with this dimension."""

    def Stored(self, folder: Path) -> Held:  # noqa: N802 - a class
        """Raises `DamagedFiles` for a folder that is not finished, or whose files disagree."""

    def Growing(self, folder: Path) -> Held:  # noqa: N802 - a class
        """What is durable of a folder that a writer has begun. Raises `DamagedFiles`."""


def storage(kind: Kind) -> Storage:
    return cast(Storage, importlib.import_module(f"zsr_tui.retrieval.encoded.{STORED[kind]}"))


class EncodedIndex:
    """What a model has made of a corpus, or of a part of it. Every method may be called from any thread."""

    def __init__(
        self, kind: Kind, folder: Path, *, growing: bool = False, read: Callable[[Path], Held] | None = None
    ) -> None:
        """Open a folder that `encode_corpus` finished, or one that it is at work in: what is durable of it. `read`:
        another way of searching what it made. Raises `DamagedIndex`."""
        kept = storage(kind)
        try:
            self._held: Held | None = (read or (kept.Growing if growing else kept.Stored))(folder)
        except DamagedFiles as error:
            raise DamagedIndex(f"The {STORED[kind]} in {folder} cannot be read: {error}.") from error
        self.kind, self.documents, self.dimension = kind, self._held.rows, self._held.dimension
        self.largest_chunk = kept.LARGEST_CHUNK
        self.approximation: Approximation | None = None  # of the exact search

    def search(self, vectors: np.ndarray, k: int) -> list[list[ScoredDoc]]:
        """For each row of `vectors` (queries, dimension), the `k` documents of largest inner product; ties by document
        id descending. A sparse index finds none that shares no term with the query.

        Raises `Problem` for vectors of another dimension, a k below 1, and for an index that is closed.
        """
        import numpy as np

        held = self._held
        if held is None:
            raise Problem(f"The {self.kind} index was closed while it was being searched: search again.")
        queries = np.ascontiguousarray(vectors, dtype=np.float32)
        if queries.ndim != 2 or queries.shape[1] != held.dimension:
            raise Problem(
                f"The query vectors have shape {queries.shape} and the documents {held.dimension} dimensions: "
                "encode the corpus again with the model that encodes the query."
            )
        if k < 1:
            raise Problem(f"A search returns at least one document, not {k}.", usage=True)
        return held.search(queries, k) if len(queries) else []

    def place(self, vector: np.ndarray, doc_id: str) -> tuple[float, int] | None:
        """The score of one document for a query's vector (dimension,), and the rank that it has among all: 1 and one
        more for each with a larger score. Reads the whole index. None of a document that is not in it. Raises `Problem`
        for an index that is closed."""
        held = self._held
        if held is None:
            raise Problem(f"The {self.kind} index was closed while it was being read: ask again.")
        row = held.row(doc_id)
        if row is None:
            return None
        shards = list(held.scores(vector))
        first = 0
        for shard in shards:
            if row < first + len(shard):
                own = float(shard[row - first])
                return own, 1 + sum(int((each > own).sum()) for each in shards)
            first += len(shard)
        return None

    def close(self) -> None:
        """Let go of the files; a search that is under way keeps them until it ends."""
        self._held = None
