"""Files that grow by appending, with a JSON file of counts that says how much of them is known to be good.

The counts are replaced only after what they count is on the disk, so that writing goes on behind it after a kill at
any moment. The document ids of every kind of vectors are kept here:

    ids.jsonl            one JSON string a line, in the order of the rows
    ids.offsets.npy      where each line of ids.jsonl begins, int64; written last
"""

from __future__ import annotations

import io
import json
import mmap
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import msgspec

from zsr_tui.decoding import json_decoder
from zsr_tui.files import write_whole

if TYPE_CHECKING:
    import numpy as np

Count = Annotated[int, msgspec.Meta(ge=0)]
Counts = TypeVar("Counts", bound=msgspec.Struct)
_IDS, _OFFSETS = "ids.jsonl", "ids.offsets.npy"
_CHUNK = 1 << 24  # bytes of ids that are looked at together


class DamagedFiles(Exception):
    """Files that do not hold what their counts say, or counts that cannot be read."""


def read_counts(path: Path, kind: type[Counts]) -> Counts | None:
    """None where there is no file. Raises `DamagedFiles` for one that does not hold a `kind`."""
    try:
        return json_decoder(kind).decode(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError as error:  # msgspec's errors are ones
        raise DamagedFiles(f"{path}: {error}") from error


def write_counts(path: Path, counts: msgspec.Struct) -> None:
    write_whole(path, msgspec.json.encode(counts))


def write_array(path: Path, array: np.ndarray) -> None:
    import numpy as np

    buffer = io.BytesIO()
    np.save(buffer, array)
    write_whole(path, buffer.getvalue())


class DocIdWriter:
    """Appends ids behind the first `rows`; whatever else the file held is dropped."""

    def __init__(self, folder: Path, rows: int) -> None:
        """Raises `DamagedFiles` where the file holds fewer."""
        self._path = folder / _IDS
        self._file = self._path.open("ab")
        self._file.truncate(_line_start(self._path, rows))
        self._file.seek(0, os.SEEK_END)

    def append(self, ids: Sequence[str]) -> None:
        self._file.writelines(json.dumps(doc_id).encode() + b"\n" for doc_id in ids)

    def commit(self) -> None:
        """Make every id so far survive a power cut."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def finish(self) -> None:
        """Write the offsets: `DocIds` can read the folder from now on."""
        self.commit()
        write_array(self._path.with_name(_OFFSETS), _line_starts(self._path))

    def close(self) -> None:
        self._file.close()


class DocIds:
    """Ids, memory-mapped."""

    def __init__(self, folder: Path, rows: int, *, growing: bool = False) -> None:
        """Raises `DamagedFiles` where there are not exactly `rows`; of a `growing` file the first are taken."""
        import numpy as np

        try:
            self._offsets = _line_starts(folder / _IDS, rows) if growing else np.load(folder / _OFFSETS, mmap_mode="r")
            with (folder / _IDS).open("rb") as file:
                self._ids = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError, EOFError) as error:
            raise DamagedFiles(str(error)) from error
        if len(self._offsets) != rows + 1 or not (growing or int(self._offsets[-1]) == len(self._ids)):
            raise DamagedFiles(f"{folder} has {len(self._offsets) - 1} ids for {rows} documents")

    def __getitem__(self, row: int) -> str:
        return json.loads(self._ids[int(self._offsets[row]) : int(self._offsets[row + 1])])

    def row(self, doc_id: str) -> int | None:
        """Of an id, None where it is not among them; looks through all."""
        import numpy as np

        line, at = json.dumps(doc_id).encode() + b"\n", -1
        while (at := self._ids.find(line, at + 1)) >= 0:
            row = int(np.searchsorted(self._offsets, at))
            if row < len(self._offsets) - 1 and self._offsets[row] == at:  # else it is the end of another line
                return row
        return None


def read_ids(folder: Path, rows: int) -> Iterator[str]:
    """The first so many. Raises `DamagedFiles` where there are fewer."""
    with (folder / _IDS).open("rb") as file:
        for _ in range(rows):
            try:
                yield json.loads(file.readline())
            except ValueError as error:
                raise DamagedFiles(f"{folder / _IDS} has fewer than {rows} ids: {error}") from error


def _line_start(path: Path, line: int) -> int:
    """The offset behind the first `line` lines. Raises `DamagedFiles` where there are fewer."""
    offset = 0
    with path.open("rb") as file:
        for _ in range(line):
            text = file.readline()
            if not text.endswith(b"\n"):
                raise DamagedFiles(f"{path} has fewer than {line} lines")
            offset += len(text)
    return offset


def _line_starts(path: Path, lines: int | None = None) -> np.ndarray:
    """Where every line begins, and where the last one ends: int64, one more than there are lines. Of the first `lines`,
    where only those are meant."""
    import numpy as np

    parts, base, found = [np.zeros(1, dtype=np.int64)], 0, 0
    with path.open("rb") as file:
        while (lines is None or found < lines) and (data := file.read(_CHUNK)):
            parts.append(np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == 0x0A) + (base + 1))
            base += len(data)
            found += len(parts[-1])
    starts = np.concatenate(parts)
    return starts if lines is None else starts[: lines + 1]
