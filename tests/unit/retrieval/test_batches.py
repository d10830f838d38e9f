"""How documents are put together to batches."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from zsr_tui.domain import Doc, Problem
from zsr_tui.retrieval import batches


def sizes(docs: Iterator[Doc], first: int, every: int) -> list[int]:
    return [len(batch) for batch in batches.cut(docs, first, every)]


def test_a_batch_ends_where_it_is_committed_and_where_it_is_large() -> None:
    def docs(count: int, text: str = "x") -> Iterator[Doc]:
        return (Doc(str(number), "", text) for number in range(count))

    assert sizes(docs(600), 0, 10_000) == [256, 256, 88]
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
