"""Dense vectors on disk: shards of raw float32 rows and one file of document ids, appended to and memory-mapped.

vectors.json         {"rows", "dimension", "shard_rows", "order"}: how much of the files below is known to be good, and
                     while it grows which documents that are
vectors-00000.f32    `shard_rows` rows of `dimension` little-endian float32; the last shard may be shorter
ids.jsonl, ids.offsets.npy    the document ids, see `zsr_tui.retrieval.encoded.appended`
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np

from zsr_tui.domain import ScoredDoc
from zsr_tui.fusion import ranked
from zsr_tui.progress import CancelToken
from zsr_tui.retrieval.encoded.appended import Count, DamagedFiles, DocIds, DocIdWriter, read_counts, write_counts
from zsr_tui.retrieval.encoded.order import Order

FILES: tuple[str, ...] = ("vectors*",)
SCRATCH: tuple[str, ...] = ()
LARGEST_CHUNK = 2048
SHARD_ROWS = 65_536  # keeps MS MARCO's 8.8 million documents under 140 open files
_ROW_TYPE = "<f4"
_TIED = 16  # documents behind the k-th that may have its score


class Counts(msgspec.Struct):
    """vectors.json"""

    rows: Count
    dimension: Annotated[int, msgspec.Meta(ge=1)]
    shard_rows: Annotated[int, msgspec.Meta(ge=1)]
    order: Order | None = None  # None: the documents as the corpus has them


class Writer:
    """Appends rows behind those that an earlier run made durable. Not for several threads."""

    def __init__(self, folder: Path, dimension: int, shard: int | None = None) -> None:
        """Raises `DamagedFiles` where the folder cannot be continued with this dimension."""
        self._folder, self._dimension, self._shard_rows = folder, dimension, shard or SHARD_ROWS
        counts = read_counts(folder / "vectors.json", Counts) or Counts(0, dimension, self._shard_rows)
        if (counts.dimension, counts.shard_rows) != (dimension, self._shard_rows):
            raise DamagedFiles(f"{folder} holds vectors of another shape")
        self.rows, self.order = counts.rows, counts.order or Order(counts.rows)
        self.order.check(folder, self.rows)
        self._ids = DocIdWriter(folder, self.rows)
        self._shard: Any = None
        self._cut_to_durable()

    def _cut_to_durable(self) -> None:
        """Drop what was appended after the last commit."""
        full, rest = divmod(self.rows, self._shard_rows)
        for index, path in _shards(self._folder):
            rows = self._shard_rows if index < full else rest if index == full else 0
            if path.stat().st_size < rows * self._row_bytes:
                raise DamagedFiles(f"{path} is shorter than its {rows} rows")
            if index >= full:
                os.truncate(path, rows * self._row_bytes)
        if len(list(_shards(self._folder))) < full + (rest > 0):
            raise DamagedFiles(f"{self._folder} lacks a shard")

    @property
    def _row_bytes(self) -> int:
        return 4 * self._dimension

    def append(self, ids: Sequence[str], vectors: np.ndarray, *, walked: int) -> None:
        """Add rows: `vectors` is (len(ids), dimension) float32; `walked` as for `Order.took`."""
        self.order.took(self.rows, len(ids), walked)
        start = 0
        while start < len(ids):
            room = self._shard_rows - self.rows % self._shard_rows
            part = vectors[start : start + room]
            if self._shard is None:
                self._shard = (self._folder / _shard_name(self.rows // self._shard_rows)).open("ab")
            self._shard.write(part.astype(_ROW_TYPE, copy=False).tobytes())
            self._ids.append(ids[start : start + room])
            self.rows += len(part)
            start += len(part)
            if self.rows % self._shard_rows == 0:
                self._sync_shard()
                self._close_shard()

    def commit(self) -> None:
        """Make every row so far survive a kill or a power cut."""
        self._sync_shard()
        self._ids.commit()
        write_counts(self._folder / "vectors.json", Counts(self.rows, self._dimension, self._shard_rows, self.order))

    def finish(self, cancel: CancelToken, say: Callable[[str], None]) -> None:
        """Commit and write the offsets of the ids: the folder can be read from now on."""
        self.commit()
        self._ids.finish()

    def close(self) -> None:
        self._close_shard()
        self._ids.close()

    def _sync_shard(self) -> None:
        if self._shard is not None:
            self._shard.flush()
            os.fsync(self._shard.fileno())

    def _close_shard(self) -> None:
        if self._shard is not None:
            self._shard.close()
            self._shard = None


class Stored:
    """Finished vectors, memory-mapped: `shards` are (rows, dimension) arrays in order, `ids` those of the rows."""

    def __init__(self, folder: Path, *, growing: bool = False) -> None:
        """Raises `DamagedFiles` where the files and `vectors.json` disagree or the ids are unfinished. `growing`: what
        is durable while somebody writes."""
        counts = read_counts(folder / "vectors.json", Counts)
        if counts is None:
            raise DamagedFiles(f"{folder / 'vectors.json'} is missing")
        self.rows, self.dimension, self.shard_rows = counts.rows, counts.dimension, counts.shard_rows
        self.shards: list[np.ndarray] = []
        try:
            for start in range(0, self.rows, self.shard_rows):
                shape = (min(self.shard_rows, self.rows - start), self.dimension)
                path = folder / _shard_name(start // self.shard_rows)
                self.shards.append(np.memmap(path, dtype=_ROW_TYPE, mode="r", shape=shape))
        except (OSError, ValueError) as error:
            raise DamagedFiles(str(error)) from error
        self.ids = DocIds(folder, self.rows, growing=growing)

    def search(self, queries: np.ndarray, k: int) -> list[list[ScoredDoc]]:
        """By inner product; of equal documents the order holds for the k-th place too."""
        more = min(k + _TIED, self.rows)
        scores, rows = self._largest(queries, more)
        found = [self._ranked(*each) for each in zip(scores, rows, strict=True)]
        if more < self.rows:
            for number in np.flatnonzero(scores[:, k - 1] == scores[:, -1]).tolist():
                found[number] = self._with_all_ties(queries[number : number + 1], k, more)
        return [ranking[:k] for ranking in found]

    def scores(self, query: np.ndarray) -> Iterator[np.ndarray]:
        return (shard @ query for shard in self.shards)

    def row(self, doc_id: str) -> int | None:
        return self.ids.row(doc_id)

    def _with_all_ties(self, query: np.ndarray, k: int, more: int) -> list[ScoredDoc]:
        """At least the `k` best of one query (1, dimension), and all that tie with the last of them."""
        while True:
            more = min(4 * more, self.rows)
            scores, rows = self._largest(query, more)
            if more == self.rows or scores[0, k - 1] != scores[0, -1]:
                return self._ranked(scores[0], rows[0])

    def _ranked(self, scores: np.ndarray, rows: np.ndarray) -> list[ScoredDoc]:
        return ranked(
            ScoredDoc(self.ids[row], score) for row, score in zip(rows.tolist(), scores.tolist(), strict=True)
        )

    def _largest(self, queries: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """The `k` largest products of each query and their rows, (queries, k), the largest first."""
        import faiss

        best_scores = np.empty((len(queries), 0), dtype=np.float32)
        best_rows = np.empty((len(queries), 0), dtype=np.int64)
        for number, shard in enumerate(self.shards):
            scores, rows = faiss.knn(queries, shard, min(k, len(shard)), faiss.METRIC_INNER_PRODUCT)
            best_scores = np.hstack((best_scores, scores))
            best_rows = np.hstack((best_rows, rows + number * self.shard_rows))
            if best_scores.shape[1] > k:
                order = np.argsort(-best_scores, axis=1, kind="stable")[:, :k]
                best_scores = np.take_along_axis(best_scores, order, axis=1)
                best_rows = np.take_along_axis(best_rows, order, axis=1)
        return best_scores, best_rows


Growing = partial(Stored, growing=True)


def _shard_name(number: int) -> str:
    return f"vectors-{number:05d}.f32"


def _shards(folder: Path) -> Iterator[tuple[int, Path]]:
    for path in sorted(folder.glob("vectors-*.f32")):
        yield int(path.stem.removeprefix("vectors-")), path
