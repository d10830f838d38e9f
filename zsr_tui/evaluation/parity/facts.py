"""What can be said of a pair that might have to do with its scores: each a sentence's part and for which pairs it is
true. Every fact is tested with its contrary."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from zsr_tui.evaluation.parity.observed import Observed
from zsr_tui.text import normalised

# As the tokenizers of BERT, RoBERTa, T5, Llama and of chat templates spell them.
_SPECIAL = re.compile(r"\[(?:CLS|SEP|PAD|UNK|MASK)\]|</?s>|<\|[^|<>\s]+\|>|<(?:pad|unk|mask|eos|bos)>")
_INSTRUCTION = re.compile(r"\b(?:instruct(?:ion)?|query|passage|document)\s*:", re.IGNORECASE)
_SPACES = re.compile(r"^\s|\s$|[^\S\n]{2}|\t")


@dataclass(frozen=True, slots=True)
class Fact:
    """`name` goes behind "where". `tests`: how many were tried to find it."""

    name: str
    true: np.ndarray
    tests: int = 1


def _plain(pairs: Sequence[Observed]) -> list[Fact]:
    """Those that are true or not, each behind its contrary where that is not trivial."""
    found = [
        Fact(name, np.array([holds(pair) for pair in pairs], dtype=bool), 2)
        for names, holds in _PLAIN
        for name, holds in _both(names, holds)
    ]
    return [fact for fact in found if fact.true.any() and not fact.true.all()]


def all_of(pairs: Sequence[Observed], differs: np.ndarray) -> list[Fact]:
    """Of facts that are true of the same pairs, the one that says more comes first."""
    return [*_plain(pairs), *_by_threshold(pairs, differs)]


def _by_threshold(pairs: Sequence[Observed], differs: np.ndarray) -> Iterator[Fact]:
    """Numbers, each at the place that parts the pairs that differ from the others best."""
    for names, of in _NUMBERS:
        values = [of(pair) for pair in pairs]
        if any(value is None for value in values):
            continue
        numbers = np.array(values, dtype=np.int64)
        limits = np.unique(numbers)[:-1]
        if not len(limits) or not differs.any() or differs.all():
            continue
        above = numbers[None, :] > limits[:, None]
        gaps = (above & differs).sum(axis=1) / above.sum(axis=1) - (~above & differs).sum(axis=1) / (~above).sum(axis=1)
        for name, at, sign in ((names[0], gaps.argmax(), 1), (names[1], gaps.argmin(), -1)):
            limit = int(limits[at])
            yield Fact(name.format(limit), above[at] if sign > 0 else ~above[at], 2 * len(limits))


def _both(
    names: tuple[str, str], holds: Callable[[Observed], bool]
) -> Iterator[tuple[str, Callable[[Observed], bool]]]:
    yield names[0], holds
    if names[1]:
        yield names[1], lambda pair: not holds(pair)


@lru_cache(maxsize=4096)
def scripts(text: str) -> frozenset[str]:
    """Of its letters, as Unicode's names begin: "LATIN", "CYRILLIC", "CJK"."""
    letters = {letter for letter in text if letter.isalpha()}
    return frozenset(unicodedata.name(letter, "").partition(" ")[0] for letter in letters)


_PLAIN: tuple[tuple[tuple[str, str], Callable[[Observed], bool]], ...] = (
    (("B cuts the input and A does not", ""), lambda pair: bool(pair.cut_b) and pair.cut_a is False),
    (("A cuts the input and B does not", ""), lambda pair: bool(pair.cut_a) and pair.cut_b is False),
    (("A cuts the input", "A reads the whole input"), lambda pair: bool(pair.cut_a)),
    (("B cuts the input", "B reads the whole input"), lambda pair: bool(pair.cut_b)),
    (("the document is empty", ""), lambda pair: not pair.text.strip()),
    (("a text holds what a tokenizer takes for a special token", ""), lambda pair: bool(_SPECIAL.search(_texts(pair)))),
    (
        ("a text holds what looks like a prompt (query:, passage:)", ""),
        lambda pair: bool(_INSTRUCTION.search(_texts(pair))),
    ),
    (("the document has a title", "the document has no title"), lambda pair: bool(pair.title.strip())),
    (
        ("the document has letters that are not Latin", "all letters of the document are Latin"),
        lambda pair: bool(scripts(pair.text) - {"LATIN"}),
    ),
    (("the query has letters that are not Latin", ""), lambda pair: bool(scripts(pair.question) - {"LATIN"})),
    (
        ("the document has characters beyond ASCII", "the document is plain ASCII"),
        lambda pair: not pair.text.isascii(),
    ),
    (("the query has characters beyond ASCII", ""), lambda pair: not pair.question.isascii()),
    (
        ("a text is not in Unicode's composed form (NFC)", ""),
        lambda pair: normalised("NFC", _texts(pair)) != _texts(pair),
    ),
    (("a text has capital letters", "no text has capital letters"), lambda pair: _texts(pair) != _texts(pair).lower()),
    (("the document has several lines", "the document is one line"), lambda pair: "\n" in pair.text.strip()),
    (
        ("a text has doubled, leading or trailing spaces", ""),
        lambda pair: bool(_SPACES.search(pair.text) or _SPACES.search(pair.question)),
    ),
)
_NUMBERS: tuple[tuple[tuple[str, str], Callable[[Observed], int | None]], ...] = (
    (("the input is longer than {:,} tokens", "the input has at most {:,} tokens"), lambda pair: pair.tokens),
    (
        ("the document is longer than {:,} characters", "the document has at most {:,} characters"),
        lambda pair: len(pair.text),
    ),
    (
        ("the query is longer than {:,} characters", "the query has at most {:,} characters"),
        lambda pair: len(pair.question),
    ),
    (
        ("the document stands behind place {:,} of its query's", "the document stands up to place {:,} of its query's"),
        lambda pair: pair.place + 1,
    ),
)


def _texts(pair: Observed) -> str:
    return f"{pair.question}\n{pair.text}"
