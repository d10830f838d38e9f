"""The two files that an evaluation appends to while it runs, so that a kill at any moment loses one chunk at most.

`lists.log`: one record for each query (or several, when systems were added later): what each stage returned.

    length  uint32   of the payload
    query   uint32   the query's index
    check   uint32   crc32 of the payload
    head    uint32   crc32 of these three
    payload          MessagePack of `_Lists`: document ids once, each stage's places among them, scores, what was cut

`values-*.log`: one fixed-size record for each query: `values_dtype`. What is measured is in this file only, so that a
table of 10,000 queries opens without touching the rankings.

A record that a kill or a full disk left unfinished is cut off before the next is appended. Every record has a check;
one that the disk has damaged is not read, and its query is run again.
"""

from __future__ import annotations

import mmap
import os
import struct
import threading
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from zsr_tui.decoding import msgpack_decoder
from zsr_tui.domain import Problem
from zsr_tui.evaluation.results import TOP, RankedList, Standing

if TYPE_CHECKING:
    import numpy as np

_HEADER = struct.Struct("<IIII")
BOUNDS = 3  # value, condensed, maximum


class _Lists(msgspec.Struct, array_like=True):
    docs: list[str]
    stages: dict[int, tuple[bytes, bytes, bytes]]  # uint32 places in docs, float64 scores, uint32 places cut


_encode = msgspec.msgpack.Encoder().encode
_decode = msgpack_decoder(_Lists).decode


def encode_lists(query: int, lists: Mapping[int, RankedList]) -> bytes:
    """A record of `lists.log`."""
    import numpy as np

    places: dict[str, int] = {}
    stages = {}
    for stage, ranked in lists.items():
        at = [places.setdefault(doc_id, len(places)) for doc_id in ranked.doc_ids]
        cut = [places[doc_id] for doc_id in ranked.doc_ids if doc_id in ranked.cut]
        scores = np.asarray(ranked.scores, dtype="<f8")
        stages[stage] = (np.array(at, "<u4").tobytes(), scores.tobytes(), np.array(cut, "<u4").tobytes())
    payload = _encode(_Lists([doc_id.encode("utf-8", "replace").decode() for doc_id in places], stages))
    return _header(len(payload), query, zlib.crc32(payload)) + payload


def _header(*described: int) -> bytes:
    """`described`: length, query and check."""
    return _HEADER.pack(*described, zlib.crc32(struct.pack("<III", *described)))


def _described(memory: Any, place: int) -> tuple[int, int, int] | None:
    """Length, query and check of the record that begins there; None where none does."""
    if place + _HEADER.size > len(memory):
        return None
    *described, _ = _HEADER.unpack_from(memory, place)
    whole = memory[place : place + _HEADER.size] == _header(*described)
    return (described[0], described[1], described[2]) if whole else None


def _ranked(docs: Sequence[str], stage: tuple[bytes, bytes, bytes]) -> RankedList:
    import numpy as np

    at, scores, cut = stage
    return RankedList(
        tuple(docs[place] for place in np.frombuffer(at, "<u4").tolist()),
        np.frombuffer(scores, "<f8"),
        frozenset(docs[place] for place in np.frombuffer(cut, "<u4").tolist()),
    )


def _standings(record: _Lists, relevant: Collection[str]) -> Iterator[tuple[int, Standing]]:
    """By stage, without making a list of document ids for each."""
    import numpy as np

    docs = record.docs
    wanted = np.fromiter(map(relevant.__contains__, docs), bool, len(docs))
    for stage, (places, _, _) in record.stages.items():
        at = np.frombuffer(places, "<u4")
        ranks = {docs[at[rank]]: rank + 1 for rank in np.flatnonzero(wanted[at]).tolist()}
        yield stage, Standing(tuple(docs[place] for place in at[:TOP].tolist()), ranks)


class ListsLog:
    """Reads `lists.log`, also while it grows: what is appended later is seen after `refresh`. Thread-safe."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._places: dict[int, list[int]] = {}  # query -> offsets of its records
        self._end = 0
        self._file = 0  # its number: a mended log is another one
        self.lost = 0  # bytes that are no record, between records
        self._lock = threading.Lock()

    def refresh(self) -> int:
        """Look for new whole records; where the last one ends, 0 without a file."""
        try:
            about = os.stat(self.path)
            if (about.st_ino, about.st_size) == (self._file, self._end) or not about.st_size:
                return self._end
            with self._lock, _mapped(self.path) as memory:
                if about.st_ino != self._file:
                    self._file, self._places, self._end, self.lost = about.st_ino, {}, 0, 0
                while (place := _next(memory, self._end)) is not None:
                    length, query, check = _described(memory, place) or (0, 0, 0)
                    end = place + _HEADER.size + length
                    # Of the last one the payload may be missing; those before it were followed by others.
                    if end > len(memory) or (end == len(memory) and _sum(memory, place, length) != check):
                        break
                    self.lost += place - self._end
                    self._places.setdefault(query, []).append(place)
                    self._end = end
        except FileNotFoundError:
            return 0
        return self._end

    def damaged(self) -> set[int]:
        """The queries of which a record is not as it was written. Reads everything."""
        if not self.refresh():
            return set()
        with _mapped(self.path) as memory:
            return {
                query for query, places in self._places.items() if not all(_is_whole(memory, place) for place in places)
            }

    @property
    def queries(self) -> set[int]:
        """Those that have a record, as far as it was looked."""
        return set(self._places)

    def without(self, queries: Collection[int]) -> bytes:
        """The log as it would be without the records of some queries and without what is no record."""
        if not self.refresh():
            return b""
        with _mapped(self.path) as memory:
            places = sorted(place for query, all in self._places.items() if query not in queries for place in all)
            return b"".join(
                memory[place : place + _HEADER.size + described[0]]
                for place in places
                if (described := _described(memory, place)) is not None
            )

    def read(self, query: int) -> dict[int, RankedList]:
        """The lists of a query by stage; {} before it was run. Raises `Problem` for a damaged file."""
        lists: dict[int, RankedList] = {}
        for record in self._records(query):
            lists.update((stage, _ranked(record.docs, each)) for stage, each in record.stages.items())
        return lists

    def standings(self, query: int, relevant: Collection[str]) -> dict[int, Standing]:
        """What `read` would give, as far as failure classes need it. Raises `Problem` for a damaged file."""
        found: dict[int, Standing] = {}
        for record in self._records(query):
            found.update(_standings(record, relevant))
        return found

    def _records(self, query: int) -> Iterator[_Lists]:
        places = list(self._places.get(query, ()))  # as many as the file has now: another thread may find more
        if not places:
            return
        with _mapped(self.path) as memory:
            for place in places:
                described = _described(memory, place)
                if described is None or _sum(memory, place, described[0]) != described[2]:
                    raise Problem(
                        f"{self.path} is damaged at byte {place:,}: start the same evaluation, it runs the query again."
                    )
                yield _decode(memory[place + _HEADER.size : place + _HEADER.size + described[0]])


@contextmanager
def _mapped(path: Path) -> Iterator[mmap.mmap]:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as memory:
        yield memory


def _next(memory: mmap.mmap, place: int) -> int | None:
    """Where the next record begins: there, unless something is damaged; None where none does."""
    while place + _HEADER.size <= len(memory):
        if _described(memory, place) is not None:
            return place
        place += 1
    return None


def _sum(memory: mmap.mmap, place: int, length: int) -> int:
    return zlib.crc32(memory[place + _HEADER.size : place + _HEADER.size + length])


def _is_whole(memory: mmap.mmap, place: int) -> bool:
    described = _described(memory, place)
    return described is not None and _sum(memory, place, described[0]) == described[2]


def values_dtype(systems: int, measures: int) -> np.dtype[Any]:
    """`ms` is nan where the system has not run the query; `pair_ms` is the part of it that rerankers took for `pairs`.
    `warm`: some of the scores were in the cache, or models were loaded: the times say nothing of the system."""
    import numpy as np

    return np.dtype(
        [
            ("query", "<u4"),
            ("check", "<u4"),
            ("values", "<f8", (systems, measures, BOUNDS)),
            ("ms", "<f8", (systems,)),
            ("pairs", "<u4", (systems,)),
            ("pair_ms", "<f8", (systems,)),
            ("warm", "u1", (systems,)),
            ("dropped", "u1", (systems,)),
        ]
    )


def new_values(systems: int, measures: int, queries: Sequence[int]) -> np.ndarray:
    """Empty records of `values.log` for these queries."""
    import numpy as np

    records = np.zeros(len(queries), values_dtype(systems, measures))
    records["query"] = queries
    records["values"] = np.nan
    records["ms"] = np.nan
    return records


def encode_values(records: np.ndarray) -> bytes:
    """With their checks."""
    records = records.copy()
    records["check"] = _checks(records.tobytes(), records.dtype)
    return records.tobytes()


def _checks(data: bytes, kind: np.dtype[Any]) -> list[int]:
    """Of each record, over everything but the check itself."""
    at, end, size = kind.fields["check"][1], kind.fields["check"][1] + 4, kind.itemsize  # type: ignore[index]
    whole = memoryview(data)
    return [
        zlib.crc32(whole[start + end : start + size], zlib.crc32(whole[start : start + at]))
        for start in range(0, len(data), size)
    ]


def read_values(path: Path, systems: int, measures: int, queries: int) -> tuple[np.ndarray, int]:
    """One record for each query, in order, and where the last whole record of the file ends. Damaged ones are left out.

    Where a query has several records, each system has the values of the last one that ran it.
    """
    import numpy as np

    kind = values_dtype(systems, measures)
    merged = new_values(systems, measures, range(queries))
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return merged, 0
    records, whole = _whole(data, kind)
    end = (int(np.flatnonzero(whole)[-1]) + 1) * kind.itemsize if whole.any() else 0
    records = records[whole & (records["query"] < queries)]
    fields = [name for name in kind.names or () if name not in ("query", "check")]
    # Each query's first records all at once, then the seconds (of what was run again), which are few.
    order = np.argsort(records["query"], kind="stable")
    records = records[order]
    numbers = records["query"]
    turn = np.arange(len(numbers)) - np.searchsorted(numbers, numbers)
    for number in range(int(turn.max()) + 1 if len(turn) else 0):
        some = records[turn == number]
        at = some["query"]
        ran = ~np.isnan(some["ms"])
        for name in fields:
            shape = (len(some), systems) + (1,) * (some[name].ndim - 2)
            merged[name][at] = np.where(ran.reshape(shape), some[name], merged[name][at])
    return merged, end


def damaged_values(path: Path, systems: int, measures: int) -> int:
    """How many records are not as they were written, whatever follows the last whole one aside."""
    import numpy as np

    if not path.exists():
        return 0
    whole = np.flatnonzero(_whole(path.read_bytes(), values_dtype(systems, measures))[1])
    return int(whole[-1]) + 1 - len(whole) if len(whole) else 0


def _whole(data: bytes, kind: np.dtype[Any]) -> tuple[np.ndarray, np.ndarray]:
    """The records, and whether each is as it was written."""
    import numpy as np

    data = data[: len(data) // kind.itemsize * kind.itemsize]
    records = np.frombuffer(data, kind)
    return records, records["check"] == np.array(_checks(data, kind), dtype=np.uint32)


class Appender:
    """Appends whole records and makes them durable; a failed write is taken back."""

    def __init__(self, path: Path, end: int) -> None:
        """`end`: where the last whole record ends; what stands behind it is cut off."""
        self._file = path.open("ab", buffering=0)
        self._end = end
        self._file.truncate(end)

    def append(self, records: Iterable[bytes]) -> None:
        """Raises OSError, with nothing appended, where the disk is full."""
        data = memoryview(b"".join(records))
        written = 0
        try:
            while written < len(data):
                written += self._file.write(data[written:]) or 0
            os.fsync(self._file.fileno())
        except OSError:
            self._file.truncate(self._end)
            raise
        self._end += len(data)

    def close(self) -> None:
        self._file.close()
