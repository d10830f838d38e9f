"""How documents are put together to batches."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests.waiting import DEADLINE
from zsr_tui.domain import Doc, Problem
from zsr_tui.retrieval import batches


def sizes(docs: Iterator[Doc], first: int, every: int) -> list[int]:
    return [len(batch) for batch in batches.cut(docs, first, every)]


def test_a_batch_ends_where_it_is_committed_and_where_it_is_large() -> None:
    def docs(count: int, text: str = "x") -> Iterator[Doc]:
        return (Doc(str(number), "", text) for number in range(count))

    assert sizes(docs(2100), 0, 10_000) == [1024, 1024, 52]
    assert sizes(docs(25), 3, 10) == [7, 10, 8]
    assert sizes(docs(3, "x" * (5 << 20)), 0, 10_000) == [1, 1, 1]
    assert sizes(docs(0), 5, 10) == []


def test_what_was_read_before_reading_failed_comes_first() -> None:
    def broken() -> Iterator[Doc]:
        yield Doc("1", "", "x")
        raise Problem("line 2 is none.")

    found = batches.cut(broken(), 0, 10)
    assert [doc.id for doc in next(found)] == ["1"]
    with pytest.raises(Problem, match="line 2"):
        next(found)


class Buffers:
    """A writer with so many buffers, the first two of which are written at the same time or never."""

    def __init__(self, count: int, error: Exception | None = None) -> None:
        self.left, self.at_once, self._error = count, threading.Barrier(2, timeout=DEADLINE), error

    def flushNextBuffer(self) -> bool:  # noqa: N802 - Lucene's
        if self._error:
            raise self._error
        if self.left > 1:
            self.at_once.wait()
        self.left -= self.left > 0
        return self.left > 0


def test_what_the_threads_have_in_memory_is_written_by_all_of_them_before_it_is_committed() -> None:
    writer = Buffers(2)
    with batches.Batches(writer, lambda: (None, None, None), 2) as adding:
        adding.wait()
    assert writer.left == 0


def test_what_cannot_be_written_is_told_by_who_waits_for_it() -> None:
    with (
        batches.Batches(Buffers(1, OSError("no space left")), lambda: (None, None, None), 2) as adding,
        pytest.raises(OSError, match="no space left"),
    ):
        adding.wait()
