"""Pairs of two long texts, before a tokenizer cuts them.

A fast tokenizer keeps what it cuts off, and of a pair every piece of one text with every piece of the other: two texts
of 100,000 characters would take gigabytes. What lies behind twice the maximum length can never be read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any


def shortened(
    query: str, texts: Sequence[str], longest: int, encode: Callable[[list[str]], Sequence[Any]]
) -> tuple[str, list[str]]:
    """Query and texts with as much of them as a model of `longest` tokens may read, and more, so that the tokens that
    it reads and whether it reads all stay the same. Short queries cannot do harm and leave everything as it is.
    `encode` gives encodings with `offsets`, nothing added and nothing cut."""
    if len(query) <= longest // 2:
        return query, list(texts)
    asked, *read = [encoding.offsets for encoding in encode([query, *texts])]
    # which of both is the longer decides who gets the odd token: it stays so
    limits = [2 * longest + (len(each) > len(asked)) - (len(each) < len(asked)) for each in read]
    return (
        _beginning(query, asked, 2 * longest),
        [_beginning(text, offsets, limit) for text, offsets, limit in zip(texts, read, limits, strict=True)],
    )


def _beginning(text: str, offsets: Sequence[tuple[int, int]], tokens: int) -> str:
    return text if len(offsets) <= tokens else text[: offsets[tokens - 1][1]]
