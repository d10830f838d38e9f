"""Sparse vectors while a corpus is encoded: rows that are appended to, and then turned into postings, term by term.

    rows.json                     {"rows", "postings", "dimension", "order"}: how much of the next three is known to be
                                  good, and which documents that are
    lengths.i32                   how many terms each row has
    terms.i32, weights.f32        the terms of the rows, ascending within a row, and their weights
    ids.jsonl, ids.offsets.npy    the document ids, see `zsr_tui.retrieval.encoded.appended`

When the postings are there the rows are removed. A kill while they are turned into postings costs only that work.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from zsr_tui.progress import CancelToken
from zsr_tui.retrieval.encoded.appended import Count, DamagedFiles, DocIdWriter, read_counts, write_array, write_counts
from zsr_tui.retrieval.encoded.order import Order

SHARD_POSTINGS = 1 << 24  # about 400 MB while a shard is made
SHARD_ROWS = 1 << 18  # about 2 MB of scores while a shard is searched
PARTS = ("starts", "rows", "weights")  # of a shard
ROWS = ("lengths.i32", "terms.i32", "weights.f32")
COUNTS = "rows.json"
FILES = (COUNTS, *ROWS)
_ITEM = 4  # bytes


class Rows(msgspec.Struct):
    """rows.json"""

    rows: Count
    postings: Count
    dimension: Count
    order: Order | None = None  # None: the documents as the corpus has them


class Postings(msgspec.Struct):
    """postings.json: `shards` are (rows, postings)."""

    dimension: Count
    shards: list[tuple[Count, Count]]


class Writer:
    """Appends sparse rows behind those that an earlier run made durable. Not for several threads."""

    def __init__(self, folder: Path, dimension: int, shard: int | None = None) -> None:
        """Raises `DamagedFiles` where the folder cannot be continued with this dimension."""
        (folder / "postings.json").unlink(missing_ok=True)
        self._folder, self._shard_postings = folder, shard or SHARD_POSTINGS
        self._counts = read_counts(folder / COUNTS, Rows) or Rows(0, 0, dimension)
        if self._counts.dimension != dimension:
            raise DamagedFiles(f"{folder} holds rows of another dimension")
        self.order = self._counts.order = self._counts.order or Order(self._counts.rows)
        self.order.check(folder, self.rows)
        sizes = dict(zip(ROWS, (self.rows, self._counts.postings, self._counts.postings), strict=True))
        _check_rows(folder, sizes)
        self._ids = DocIdWriter(folder, self.rows)
        self._files: list[Any] = [(folder / name).open("ab") for name in ROWS]
        for file, count in zip(self._files, sizes.values(), strict=True):
            file.truncate(count * _ITEM)
            file.seek(0, os.SEEK_END)

    @property
    def rows(self) -> int:
        return self._counts.rows

    def append(self, ids: Sequence[str], vectors: np.ndarray, *, walked: int) -> None:
        """Add rows: `vectors` is (len(ids), dimension) float32, of which only what is not zero is kept; `walked` as for
        `Order.took`."""
        self.order.took(self.rows, len(ids), walked)
        rows, terms = np.nonzero(vectors)
        parts = (np.bincount(rows, minlength=len(ids)), terms, vectors[rows, terms])
        for file, part, kind in zip(self._files, parts, ("<i4", "<i4", "<f4"), strict=True):
            file.write(part.astype(kind, copy=False).tobytes())
        self._ids.append(ids)
        self._counts.rows += len(ids)
        self._counts.postings += len(terms)

    def commit(self) -> None:
        """Make every row so far survive a kill or a power cut."""
        for file in self._files:
            file.flush()
            os.fsync(file.fileno())
        self._ids.commit()
        write_counts(self._folder / COUNTS, self._counts)

    def finish(self, cancel: CancelToken, say: Callable[[str], None]) -> None:
        """Commit, write the offsets of the ids, and turn the rows into postings."""
        self.commit()
        self._ids.finish()
        say("Inverting")
        _invert(self._folder, self._counts, cancel, self._shard_postings)

    def close(self) -> None:
        for file in self._files:
            file.close()
        self._ids.close()


def _invert(folder: Path, counts: Rows, cancel: CancelToken, shard_postings: int) -> None:
    """Turn the rows of a folder into postings. Raises `Cancelled` between two shards."""
    lengths = np.fromfile(folder / ROWS[0], dtype="<i4", count=counts.rows)
    terms = mapped(folder / ROWS[1], "<i4", counts.postings)
    weights = mapped(folder / ROWS[2], "<f4", counts.postings)
    made = Postings(counts.dimension, [])
    first_posting = 0
    for first, last in cut(lengths, shard_postings):
        cancel.check()
        end = first_posting + int(lengths[first:last].sum())
        part = slice(first_posting, end)
        order = np.argsort(terms[part], kind="stable")  # stable: rows stay ascending within a term
        starts = np.zeros(counts.dimension + 1, dtype=np.int64)
        np.cumsum(np.bincount(terms[part], minlength=counts.dimension), out=starts[1:])
        rows = np.repeat(np.arange(last - first, dtype=np.int32), lengths[first:last])
        arrays: tuple[np.ndarray, ...] = (starts, rows[order], weights[part][order])
        for name, array in zip(PARTS, arrays, strict=True):
            write_array(shard_file(folder, len(made.shards), name), array)
        made.shards.append((last - first, end - first_posting))
        first_posting = end
    write_counts(folder / "postings.json", made)


def _check_rows(folder: Path, sizes: dict[str, int]) -> None:
    """Raises `DamagedFiles` where the files hold less than was made durable."""
    for name, count in sizes.items():
        path = folder / name
        if count and (not path.is_file() or path.stat().st_size < count * _ITEM):
            raise DamagedFiles(f"{path} is shorter than its {count} entries")
    rows, postings = sizes["lengths.i32"], sizes["terms.i32"]
    if rows and int(np.fromfile(folder / "lengths.i32", dtype="<i4", count=rows).sum(dtype=np.int64)) != postings:
        raise DamagedFiles(f"the rows of {folder} do not add up to {postings} postings")


def mapped(path: Path, kind: str, count: int) -> np.ndarray:
    """The first `count` numbers of a file."""
    if not count:  # an empty file cannot be mapped
        return np.empty(0, dtype=kind)
    return np.memmap(path, dtype=kind, mode="r", shape=(count,))


def cut(lengths: np.ndarray, shard_postings: int) -> Iterator[tuple[int, int]]:
    """First and last row of each shard: as many as fit, at least one."""
    ends = np.cumsum(lengths, dtype=np.int64)
    first = 0
    while first < len(lengths):
        room = shard_postings + (int(ends[first - 1]) if first else 0)
        last = min(max(int(np.searchsorted(ends, room, side="right")), first + 1), first + SHARD_ROWS, len(lengths))
        yield first, last
        first = last


def shard_file(folder: Path, number: int, part: str) -> Path:
    return folder / f"postings-{number:05d}.{part}.npy"
