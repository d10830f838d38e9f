"""In which order a corpus is encoded: what matters first, then the rest as it stands; and what of it is done.

Rows stand in the order in which they were encoded. `Order` is kept with the count of the rows, so that both are always
of the same moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from zsr_tui.retrieval.encoded.appended import Count, DamagedFiles, read_ids

_BITS = 16  # for a document: of a hundred that are not there, one or two are taken for being there


class First(Protocol):
    """What is to be encoded before the rest. Asked between chunks, while others may add to it."""

    def take(self, count: int) -> Sequence[str]:
        """At most so many ids, what matters most first; none where nothing is wanted. Each is given once, whether there
        is such a document or not."""


class Nothing:
    """A `First` for a corpus that is encoded as it stands."""

    def take(self, count: int) -> Sequence[str]:
        return ()


class Order(msgspec.Struct):
    """The corpus' first `walked` documents are rows; so are those of the `early` rows, [first, behind the last), which
    were encoded before their turn."""

    walked: Count = 0
    early: list[tuple[Count, Count]] = []

    def took(self, row: int, count: int, walked: int) -> None:
        """`count` rows from `row` on: what was left of the next `walked` documents, or, where that is 0, documents
        before their turn."""
        self.walked += walked
        if walked or not count:
            return
        first = self.early.pop()[0] if self.early and self.early[-1][1] == row else row
        self.early.append((first, row + count))

    def check(self, folder: Path, rows: int) -> None:
        """Raises `DamagedFiles` where so many rows cannot stand so."""
        early = sum(end - start for start, end in self.early)
        if not self.walked <= rows <= self.walked + early or any(end > rows for _, end in self.early):
            raise DamagedFiles(f"the rows of {folder} do not stand in the order that is noted")


class Done:
    """Which documents of a corpus are encoded. `early` are those that the walk has not reached; of the others no more
    is kept than two bytes each, so that one that is not there may be taken for one that is."""

    def __init__(self, folder: Path, rows: int, order: Order, documents: int) -> None:
        self.early: set[str] = set()
        self._count = _BITS * max(documents, 1)
        self._bits = bytearray(self._count // 8)
        ranges = iter([*order.early, (rows, rows)])
        start, end = next(ranges)
        for row, doc_id in enumerate(read_ids(folder, rows)):
            if row >= end:
                start, end = next(ranges)
            self.add(doc_id)
            if row >= start:
                self.early.add(doc_id)

    def add(self, doc_id: str) -> None:
        for place in self._places(doc_id):
            self._bits[place >> 3] |= 1 << (place & 7)

    def may_have(self, doc_id: str) -> bool:
        return all(self._bits[place >> 3] & (1 << (place & 7)) for place in self._places(doc_id))

    def walked_past(self, doc_id: str) -> bool:
        """The walk is at this document: whether it was encoded before."""
        if doc_id in self.early:
            self.early.discard(doc_id)
            return True
        return False

    def lacks(self, ids: Iterable[str]) -> list[str]:
        """Those that are not encoded yet, each once; a few of them may be missing."""
        return [doc_id for doc_id in dict.fromkeys(ids) if not self.may_have(doc_id)]

    def _places(self, doc_id: str) -> tuple[int, int]:
        mixed = hash(doc_id)
        return mixed % self._count, (mixed >> 20) % self._count
