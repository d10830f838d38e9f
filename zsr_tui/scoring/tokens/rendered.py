"""Prompts around a query and a document that are one text: the document's ids are made once, with what stands right
before it, and the rest for each query.

A tokenizer sees the whole text, and may merge across a joint. So the joint before the document is put where it does
not, which is tried out when the model is loaded, and the prompt goes on behind the document with an added token, which
no text merges with. Where there are no such places, the tokenizer is called for every prompt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile

import numpy as np

from zsr_tui.scoring.tokens.probes import PROBES
from zsr_tui.scoring.tokens.store import TokenStore

DOCUMENT = "\ue000\ue001\ue000"  # private-use characters, where the document goes
_ENDINGS = ("x", "?", "12", "two ", "lines\n", "", ".\n\n", "维生素")  # of queries
_TRIED = 4  # lines and words
Render = Callable[[str, Sequence[str]], list[str]]  # prompts of a query and documents


class Rendered:
    """`render` gives a document once, as it is. `store` has the ids of documents with what stands right before them;
    None where the tokenizer is called for the whole."""

    def __init__(self, plain: TokenStore, render: Render) -> None:
        """`plain` is the store of the tokenizer."""
        self._plain, self._render = plain, render
        self.store = self._joined()

    def frames(self, query: str, texts: Sequence[str]) -> tuple[np.ndarray, list[np.ndarray], np.ndarray]:
        """The ids before the documents, those of each, and those behind it; where there is a `store`."""
        assert self.store is not None
        head, tail = self._around(query, self.store.prefix)
        return head, self.store.ids(texts), tail

    def whole(self, query: str, texts: Sequence[str]) -> list[np.ndarray]:
        """The ids of each prompt, by the tokenizer itself."""
        return self._plain.backend.encode(self._render(query, texts))

    def _joined(self) -> TokenStore | None:
        _, _, tail = self._render("x", [DOCUMENT])[0].partition(DOCUMENT)
        if not self._plain.backend.ends_text(tail):
            return None
        before = [self._render(query, [DOCUMENT])[0].partition(DOCUMENT)[0] for query in ("a", "b")]
        alike = takewhile(lambda pair: pair[0] == pair[1], zip(*(each[::-1] for each in before), strict=False))
        constant = "".join(letter for letter, _ in alike)[::-1]
        for start in _starts(constant):
            tried = TokenStore(self._plain.backend, constant[start:])
            if self._is_exact(tried):
                return tried
        return None

    def _is_exact(self, tried: TokenStore) -> bool:
        for number, query in enumerate(_ENDINGS):
            texts = [*PROBES[number :: len(_ENDINGS)], *PROBES[(number + 3) % len(_ENDINGS) :: len(_ENDINGS)]]
            head, tail = self._around(query, tried.prefix)
            for whole, ids in zip(self.whole(query, texts), tried.ids(texts), strict=True):
                if not np.array_equal(np.concatenate((head, ids, tail)), whole):
                    return False
        return True

    def _around(self, query: str, prefix: str) -> tuple[np.ndarray, np.ndarray]:
        before, _, behind = self._render(query, [DOCUMENT])[0].rpartition(DOCUMENT)
        head, tail = self._plain.ids([before.removesuffix(prefix), behind])
        return head, tail


def _starts(text: str) -> Iterator[int]:
    """Where what stands before a document may be divided: before one of the last lines or words, nowhere, everywhere;
    the likeliest first."""
    lines = [place + 1 for place, letter in enumerate(text) if letter == "\n"]
    words = [place for place, letter in enumerate(text) if letter == " "]
    yield from lines[: -_TRIED - 1 : -1]
    yield from words[: -_TRIED - 1 : -1]
    yield from (len(text), 0)
