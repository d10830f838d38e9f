"""The two files that an evaluation appends to while it runs, so that a kill at any moment loses one chunk at most.

`lists.log`: one record for each query (or several, when systems were added later): what each stage returned.

    length  uint32   of the payload
    check   uint32   crc32 of the payload
    query   uint32   the query's index
    payload          MessagePack of `_Lists`: document ids once, each stage's places among them, scores, what was cut

`values-*.log`: one fixed-size record for each query: `values_dtype`. What is measured is in this file only, so that a
table of 10,000 queries opens without touching the rankings.

A record that a kill or a full disk left unfinished is cut off before the next is appended.
"""

from __future__ import annotations

import mmap
import os
import struct
import threading
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from zsr_tui.domain import Problem
from zsr_tui.evaluation.results import TOP, RankedList, Standing

if TYPE_CHECKING:
    import numpy as np

_HEADER = struct.Struct("<III")
BOUNDS = 3  # value, condensed, maximum


class _Lists(msgspec.Struct, array_like=True):
    docs: list[str]
    stages: dict[int, tuple[bytes, bytes, bytes]]  # uint32 places in docs, float64 scores, uint32 places cut


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Lists).decode


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
    return _HEADER.pack(len(payload), zlib.crc32(payload), query) + payload


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
        self._lock = threading.Lock()

    def refresh(self) -> int:
        """Look for new whole records; where the last one ends, 0 without a file."""
        try:
            if os.stat(self.path).st_size == self._end:
                return self._end
            with self._lock, self.path.open("rb", buffering=0) as file:
                size = os.fstat(file.fileno()).st_size
                while self._end + _HEADER.size <= size:
                    file.seek(self._end)
                    length, check, query = _HEADER.unpack(file.read(_HEADER.size))
                    end = self._end + _HEADER.size + length
                    # Records before the last one were followed by others and so were whole.
                    if end > size or (end == size and zlib.crc32(file.read(length)) != check):
                        break
                    self._places.setdefault(query, []).append(self._end)
                    self._end = end
        except FileNotFoundError:
            return 0
        return self._end

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
        places = self._places.get(query)
        if not places:
            return
        with self.path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as memory:
            for place in places:
                length, check, _ = _HEADER.unpack_from(memory, place)
                payload = memory[place + _HEADER.size : place + _HEADER.size + length]
                if zlib.crc32(payload) != check:
                    raise Problem(f"{self.path} is damaged at byte {place:,}: delete the evaluation and run it again.")
                yield _decode(payload)


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
    for record in records:
        record["check"] = _check(record)
    return records.tobytes()


def _check(record: Any) -> int:
    return zlib.crc32(record["values"].tobytes() + record["ms"].tobytes(), int(record["query"]))


def read_values(path: Path, systems: int, measures: int, queries: int) -> tuple[np.ndarray, int]:
    """One record for each query, in order, and where the last whole record of the file ends.

    Where a query has several records, each system has the values of the last one that ran it.
    """
    import numpy as np

    kind = values_dtype(systems, measures)
    merged = new_values(systems, measures, range(queries))
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return merged, 0
    records = np.frombuffer(data, kind, count=len(data) // kind.itemsize)
    if len(records) and int(records[-1]["check"]) != _check(records[-1]):
        records = records[:-1]
    end = len(records) * kind.itemsize
    records = records[records["query"] < queries]
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
