"""Vectors on disk: shards of raw float32 rows and one file of document ids, appended to and memory-mapped.

    vectors.json         {"rows", "dimension", "shard_rows"}: how much of the files below is known to be good
    vectors-00000.f32    `shard_rows` rows of `dimension` little-endian float32; the last shard may be shorter
    ids.jsonl            the document ids, one JSON string a line, in the order of the rows
    ids.offsets.npy      where each line of ids.jsonl begins, int64; written last

`vectors.json` is replaced only after the rows that it counts are on the disk, so that writing goes on behind them
after a kill at any moment, however little of a shard was full.
"""

from __future__ import annotations

import io
import json
import mmap
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zsr_tui.retrieval.disk import write_file

if TYPE_CHECKING:
    import numpy as np

SHARD_ROWS = 65_536  # keeps MS MARCO's 8.8 million documents under 140 open files
_ROW_TYPE = "<f4"


class DamagedVectors(Exception):
    """The files do not hold what `vectors.json` says, or there is no readable `vectors.json`."""


class VectorWriter:
    """Appends rows behind those that an earlier run made durable. Not for several threads."""

    def __init__(self, folder: Path, dimension: int, shard_rows: int = SHARD_ROWS) -> None:
        """Raises `DamagedVectors` where the folder cannot be continued with this dimension."""
        self._folder, self._dimension, self._shard_rows = folder, dimension, shard_rows
        self.rows = 0
        state = _state(folder, must_exist=False)
        if state is not None:
            if (state["dimension"], state["shard_rows"]) != (dimension, shard_rows):
                raise DamagedVectors(f"{folder} holds vectors of another shape")
            self.rows = state["rows"]
        self._ids = (folder / "ids.jsonl").open("ab")
        self._shard: Any = None
        self._cut_to_durable()

    def _cut_to_durable(self) -> None:
        """Drop what was appended after the last commit."""
        keep = _line_start(self._folder / "ids.jsonl", self.rows)
        self._ids.truncate(keep)
        self._ids.seek(0, os.SEEK_END)
        full, rest = divmod(self.rows, self._shard_rows)
        for index, path in _shards(self._folder):
            rows = self._shard_rows if index < full else rest if index == full else 0
            if path.stat().st_size < rows * self._row_bytes:
                raise DamagedVectors(f"{path} is shorter than its {rows} rows")
            if index >= full:
                os.truncate(path, rows * self._row_bytes)
        if len(list(_shards(self._folder))) < full + (rest > 0):
            raise DamagedVectors(f"{self._folder} lacks a shard")

    @property
    def _row_bytes(self) -> int:
        return 4 * self._dimension

    def append(self, ids: Sequence[str], vectors: np.ndarray) -> None:
        """Add rows: `vectors` is (len(ids), dimension) float32."""
        start = 0
        while start < len(ids):
            room = self._shard_rows - self.rows % self._shard_rows
            part = vectors[start : start + room]
            self._open_shard().write(part.astype(_ROW_TYPE, copy=False).tobytes())
            self._ids.writelines(json.dumps(doc_id).encode() + b"\n" for doc_id in ids[start : start + room])
            self.rows += len(part)
            start += len(part)
            if self.rows % self._shard_rows == 0:
                self.commit()
                self._close_shard()

    def commit(self) -> None:
        """Make every row so far survive a kill or a power cut."""
        for file in (self._shard, self._ids):
            if file is not None:
                file.flush()
                os.fsync(file.fileno())
        state = {"rows": self.rows, "dimension": self._dimension, "shard_rows": self._shard_rows}
        write_file(self._folder / "vectors.json", json.dumps(state).encode())

    def finish(self) -> None:
        """Commit and write the offsets of the ids: the folder can be read from now on."""
        import numpy as np

        self.commit()
        self.close()
        buffer = io.BytesIO()
        np.save(buffer, _line_starts(self._folder / "ids.jsonl"))
        write_file(self._folder / "ids.offsets.npy", buffer.getvalue())

    def close(self) -> None:
        self._close_shard()
        self._ids.close()

    def _open_shard(self) -> Any:
        if self._shard is None:
            path = self._folder / f"vectors-{self.rows // self._shard_rows:05d}.f32"
            self._shard = path.open("ab")
        return self._shard

    def _close_shard(self) -> None:
        if self._shard is not None:
            self._shard.close()
            self._shard = None


class Vectors:
    """Finished vectors, memory-mapped: `shards` are (rows, dimension) arrays in order."""

    def __init__(self, folder: Path) -> None:
        """Raises `DamagedVectors` where the files and `vectors.json` disagree or the ids are unfinished."""
        import numpy as np

        state = _state(folder, must_exist=True)
        assert state is not None
        self.rows: int = state["rows"]
        self.dimension: int = state["dimension"]
        self.shard_rows: int = state["shard_rows"]
        self.shards: list[np.ndarray] = []
        try:
            for start in range(0, self.rows, self.shard_rows):
                shape = (min(self.shard_rows, self.rows - start), self.dimension)
                path = folder / f"vectors-{start // self.shard_rows:05d}.f32"
                self.shards.append(np.memmap(path, dtype=_ROW_TYPE, mode="r", shape=shape))
            self._offsets = np.load(folder / "ids.offsets.npy", mmap_mode="r")
            with (folder / "ids.jsonl").open("rb") as file:
                self._ids = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise DamagedVectors(str(error)) from error
        if len(self._offsets) != self.rows + 1 or int(self._offsets[-1]) != len(self._ids):
            raise DamagedVectors(f"{folder} has {len(self._offsets) - 1} ids for {self.rows} vectors")

    def doc_id(self, row: int) -> str:
        return json.loads(self._ids[int(self._offsets[row]) : int(self._offsets[row + 1])])


def _state(folder: Path, *, must_exist: bool) -> dict[str, int] | None:
    path = folder / "vectors.json"
    try:
        state = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        if must_exist:
            raise DamagedVectors(f"{path} is missing") from error
        return None
    except ValueError as error:
        raise DamagedVectors(f"{path}: {error}") from error
    names = ("rows", "dimension", "shard_rows")
    if not isinstance(state, dict) or not all(isinstance(state.get(name), int) for name in names):
        raise DamagedVectors(f"{path} is not a description of vectors")
    if state["rows"] < 0 or state["dimension"] < 1 or state["shard_rows"] < 1:
        raise DamagedVectors(f"{path} is not a description of vectors")
    return {name: state[name] for name in names}


def _shards(folder: Path) -> Iterator[tuple[int, Path]]:
    for path in sorted(folder.glob("vectors-*.f32")):
        yield int(path.stem.removeprefix("vectors-")), path


def _line_start(path: Path, line: int) -> int:
    """The offset behind the first `line` lines. Raises `DamagedVectors` where there are fewer."""
    offset = 0
    with path.open("rb") as file:
        for _ in range(line):
            text = file.readline()
            if not text.endswith(b"\n"):
                raise DamagedVectors(f"{path} has fewer than {line} lines")
            offset += len(text)
    return offset


def _line_starts(path: Path, chunk: int = 1 << 24) -> np.ndarray:
    """Where every line begins, and where the last one ends: int64, one more than there are lines."""
    import numpy as np

    parts, base = [np.zeros(1, dtype=np.int64)], 0
    with path.open("rb") as file:
        while data := file.read(chunk):
            parts.append(np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == 0x0A) + (base + 1))
            base += len(data)
    return np.concatenate(parts)
