"""Sparse vectors on disk: first rows, appended to while a corpus is encoded; then postings, term by term.

    rows.json                     {"rows", "postings", "dimension"}: how much of the next three is known to be good
    lengths.i32                   how many terms each row has
    terms.i32, weights.f32        the terms of the rows, ascending within a row, and their weights
    ids.jsonl, ids.offsets.npy    the document ids, see `zsr_tui.retrieval.appended`

    postings.json                 {"dimension", "shards": [[rows, postings], ...]}; written last
    postings-00000.starts.npy     where each term's postings begin in the shard, int64 (dimension + 1,)
    postings-00000.rows.npy       rows counted from the shard's first, int32, ascending within a term
    postings-00000.weights.npy    their weights, float32 as the model gave them

When the postings are there the rows are removed. A kill while they are turned into postings costs only that work.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zsr_tui.progress import CancelToken
from zsr_tui.retrieval.appended import DamagedFiles, DocIds, DocIdWriter, read_counts, write_counts
from zsr_tui.retrieval.disk import write_file

if TYPE_CHECKING:
    import numpy as np

SHARD_POSTINGS = 1 << 24  # about 400 MB while a shard is made
SHARD_ROWS = 1 << 18  # about 2 MB of scores while a shard is searched
_ROWS = ("lengths.i32", "terms.i32", "weights.f32")
_PARTS = ("starts", "rows", "weights")
_ITEM = 4  # bytes


class RowWriter:
    """Appends sparse rows behind those that an earlier run made durable. Not for several threads."""

    def __init__(self, folder: Path, dimension: int) -> None:
        """Raises `DamagedFiles` where the folder cannot be continued with this dimension."""
        self._folder, self._dimension = folder, dimension
        counts = _row_counts(folder) or {"rows": 0, "postings": 0, "dimension": dimension}
        if counts["dimension"] != dimension:
            raise DamagedFiles(f"{folder} holds rows of another dimension")
        self.rows, self._postings = counts["rows"], counts["postings"]
        sizes = dict(zip(_ROWS, (self.rows, self._postings, self._postings), strict=True))
        _check_rows(folder, sizes)
        self._ids = DocIdWriter(folder, self.rows)
        self._files: list[Any] = [(folder / name).open("ab") for name in _ROWS]
        for file, count in zip(self._files, sizes.values(), strict=True):
            file.truncate(count * _ITEM)
            file.seek(0, os.SEEK_END)

    def append(self, ids: Sequence[str], vectors: np.ndarray) -> None:
        """Add rows: `vectors` is (len(ids), dimension) float32, of which only what is not zero is kept."""
        import numpy as np

        rows, terms = np.nonzero(vectors)
        parts = (np.bincount(rows, minlength=len(ids)), terms, vectors[rows, terms])
        for file, part, kind in zip(self._files, parts, ("<i4", "<i4", "<f4"), strict=True):
            file.write(part.astype(kind, copy=False).tobytes())
        self._ids.append(ids)
        self.rows += len(ids)
        self._postings += len(terms)

    def commit(self) -> None:
        """Make every row so far survive a kill or a power cut."""
        for file in self._files:
            file.flush()
            os.fsync(file.fileno())
        self._ids.commit()
        write_counts(self._folder / "rows.json", rows=self.rows, postings=self._postings, dimension=self._dimension)

    def finish(self) -> None:
        """Commit and write the offsets of the ids: `invert` can read the folder from now on."""
        self.commit()
        self._ids.finish()

    def close(self) -> None:
        for file in self._files:
            file.close()
        self._ids.close()


def invert(folder: Path, cancel: CancelToken, *, shard_postings: int = SHARD_POSTINGS) -> None:
    """Turn the rows of a folder into postings. Raises `Cancelled` between two shards, and `DamagedFiles`."""
    import numpy as np

    counts = _row_counts(folder)
    if counts is None:
        raise DamagedFiles(f"{folder / 'rows.json'} is missing")
    lengths, terms, weights = (
        np.fromfile(folder / _ROWS[0], dtype="<i4", count=counts["rows"]),
        _mapped(folder / _ROWS[1], "<i4", counts["postings"]),
        _mapped(folder / _ROWS[2], "<f4", counts["postings"]),
    )
    shards: list[list[int]] = []
    first_posting = 0
    for first, last in _cut(lengths, shard_postings):
        cancel.check()
        end = first_posting + int(lengths[first:last].sum())
        part = slice(first_posting, end)
        order = np.argsort(terms[part], kind="stable")  # stable: rows stay ascending within a term
        starts = np.zeros(counts["dimension"] + 1, dtype=np.int64)
        np.cumsum(np.bincount(terms[part], minlength=counts["dimension"]), out=starts[1:])
        rows = np.repeat(np.arange(last - first, dtype=np.int32), lengths[first:last])
        arrays: tuple[np.ndarray, ...] = (starts, rows[order], weights[part][order])
        for name, array in zip(_PARTS, arrays, strict=True):
            buffer = io.BytesIO()
            np.save(buffer, array)
            write_file(_shard_file(folder, len(shards), name), buffer.getvalue())
        shards.append([last - first, end - first_posting])
        first_posting = end
    write_file(folder / "postings.json", json.dumps({"dimension": counts["dimension"], "shards": shards}).encode())


def remove_rows(folder: Path) -> None:
    """What the postings make superfluous."""
    for name in ("rows.json", *_ROWS):
        (folder / name).unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Shard:
    """`starts` (dimension + 1,) int64; `rows` int32 and `weights` float32, one for each posting; `count` of rows."""

    count: int
    starts: np.ndarray
    rows: np.ndarray
    weights: np.ndarray


class Postings:
    """Finished postings, memory-mapped; `ids` are those of the rows through all shards."""

    def __init__(self, folder: Path) -> None:
        """Raises `DamagedFiles` where the files and `postings.json` disagree."""
        import numpy as np

        self.dimension, sizes = _description(folder)
        self.shards: list[Shard] = []
        try:
            for number, (rows, postings) in enumerate(sizes):
                parts = [np.load(_shard_file(folder, number, name), mmap_mode="r") for name in _PARTS]
                shard = Shard(rows, *parts)
                if (
                    [len(part) for part in parts] != [self.dimension + 1, postings, postings]
                    or [part.dtype for part in parts] != [np.int64, np.int32, np.float32]
                    or int(shard.starts[-1]) != postings
                ):
                    raise DamagedFiles(f"shard {number} of {folder} does not hold its {postings} postings")
                self.shards.append(shard)
        except (OSError, ValueError, EOFError) as error:
            raise DamagedFiles(str(error)) from error
        self.rows = sum(shard.count for shard in self.shards)
        self.ids = DocIds(folder, self.rows)


def _description(folder: Path) -> tuple[int, list[tuple[int, int]]]:
    path = folder / "postings.json"
    try:
        values = json.loads(path.read_bytes())
        dimension, sizes = int(values["dimension"]), [(int(rows), int(count)) for rows, count in values["shards"]]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DamagedFiles(f"{path}: {error!r}") from error
    return dimension, sizes


def _row_counts(folder: Path) -> dict[str, int] | None:
    return read_counts(folder / "rows.json", ("rows", "postings", "dimension"))


def _check_rows(folder: Path, sizes: dict[str, int]) -> None:
    """Raises `DamagedFiles` where the files hold less than was made durable."""
    import numpy as np

    for name, count in sizes.items():
        path = folder / name
        if count and (not path.is_file() or path.stat().st_size < count * _ITEM):
            raise DamagedFiles(f"{path} is shorter than its {count} entries")
    rows, postings = sizes["lengths.i32"], sizes["terms.i32"]
    if rows and int(np.fromfile(folder / "lengths.i32", dtype="<i4", count=rows).sum(dtype=np.int64)) != postings:
        raise DamagedFiles(f"the rows of {folder} do not add up to {postings} postings")


def _mapped(path: Path, kind: str, count: int) -> np.ndarray:
    import numpy as np

    if not count:  # an empty file cannot be mapped
        return np.empty(0, dtype=kind)
    return np.memmap(path, dtype=kind, mode="r", shape=(count,))


def _cut(lengths: np.ndarray, shard_postings: int) -> Iterator[tuple[int, int]]:
    """First and last row of each shard: as many as fit, at least one."""
    import numpy as np

    ends = np.cumsum(lengths, dtype=np.int64)
    first = 0
    while first < len(lengths):
        room = shard_postings + (int(ends[first - 1]) if first else 0)
        last = min(max(int(np.searchsorted(ends, room, side="right")), first + 1), first + SHARD_ROWS, len(lengths))
        yield first, last
        first = last


def _shard_file(folder: Path, number: int, part: str) -> Path:
    return folder / f"postings-{number:05d}.{part}.npy"
