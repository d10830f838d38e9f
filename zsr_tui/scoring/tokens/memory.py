"""Ids of texts that are in no corpus, the least recently used leaving first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

BYTES = 256 << 20  # of ids that all tokenizers keep together
_OVERHEAD = 300  # bytes of an entry beside its ids: the array's own, the key, a place in the table


class Memory:
    """Used by several threads at once."""

    def __init__(self, limit: int = BYTES) -> None:
        self._limit = limit
        self._kept: OrderedDict[bytes, np.ndarray] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, keys: Sequence[bytes]) -> list[np.ndarray | None]:
        kept = self._kept
        with self._lock:
            found = [kept.get(key) for key in keys]
            for key, ids in zip(keys, found, strict=True):
                if ids is not None:
                    kept.move_to_end(key)
        return found

    def add(self, keys: Sequence[bytes], ids: Sequence[np.ndarray]) -> None:
        with self._lock:
            for key, each in zip(keys, ids, strict=True):
                if key not in self._kept:
                    self._bytes += each.nbytes + _OVERHEAD
                self._kept[key] = each
            while self._bytes > self._limit:
                _, gone = self._kept.popitem(last=False)
                self._bytes -= gone.nbytes + _OVERHEAD

    @property
    def bytes(self) -> int:
        return self._bytes
