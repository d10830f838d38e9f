"""The ids of texts, each tokenised once: looked up by what it says in corpora, then in memory, else made on the spot.

A text is known by a digest of its content, so that it does not matter who asks for it, in which corpus and for which
query. With a `prefix` (the prompt of a model) the ids are those of prefix and text together: many tokenizers merge
across the joint.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, Protocol

import numpy as np

from zsr_tui.scoring.tokens.backend import Backend, backend
from zsr_tui.scoring.tokens.memory import Memory

DIGEST = 16  # bytes
_memory = Memory()
_attached: dict[str, tuple[Corpus, ...]] = {}  # by fingerprint of a store
_lock = threading.Lock()
_numbers = itertools.count()


class Corpus(Protocol):
    """The ids of a corpus, made before."""

    def find(self, digests: Sequence[bytes]) -> list[np.ndarray | None]:
        """The ids of each text, None for one that is not there."""


class TokenStore:
    """`fingerprint` changes with whatever can change an id, "" where the ids are nobody else's."""

    def __init__(self, made_by: Backend, prefix: str = "", memory: Memory = _memory) -> None:
        self.backend, self.prefix, self._memory = made_by, prefix, memory
        mark = blake2b(f"{made_by.fingerprint or next(_numbers)} {prefix}".encode(), digest_size=DIGEST)
        self._own = mark.digest()[:8]
        self.fingerprint = mark.hexdigest() if made_by.fingerprint else ""

    def ids(self, texts: Sequence[str]) -> list[np.ndarray]:
        """For each text, of whole characters, its ids without special tokens, nothing cut: shared arrays of integers
        that nobody may write to."""
        digests = [digest(text) for text in texts]
        found: list[Any] = [None] * len(texts)
        left: Sequence[int] = range(len(texts))
        for number, corpus in enumerate(_attached.get(self.fingerprint, ())):
            for place, ids in zip(left, corpus.find([digests[place] for place in left]), strict=True):
                found[place] = ids
            before, left = len(left), [place for place in left if found[place] is None]
            if number and len(left) < before:
                _ask_first(self.fingerprint, corpus)  # the next texts are likely to be of this one, too
            if not left:
                return found
        keys = [digests[place] + self._own for place in left]
        for place, ids in zip(left, self._memory.get(keys), strict=True):
            found[place] = ids
        if any(found[place] is None for place in left):
            self._make(texts, digests, found)
        return found

    def _make(self, texts: Sequence[str], digests: Sequence[bytes], found: list[Any]) -> None:
        """Fills in what is missing, in one call for all."""
        missing = {digests[place]: place for place, ids in enumerate(found) if ids is None}
        made = self.backend.encode([self.prefix + texts[place] for place in missing.values()])
        new = dict(zip(missing, made, strict=True))
        self._memory.add([digest + self._own for digest in new], made)
        for place, ids in enumerate(found):
            if ids is None:
                found[place] = new[digests[place]]


def digest(text: str) -> bytes:
    """What a text is known by."""
    return blake2b(text.encode(), digest_size=DIGEST).digest()


def store(tokenizer: Any, prefix: str = "") -> TokenStore:
    """Of a transformers or a tokenizers tokenizer."""
    return TokenStore(backend(tokenizer), prefix)


def attach(fingerprint: str, corpus: Corpus) -> None:
    """Has every store of this fingerprint look there first."""
    with _lock:
        others = [each for each in _attached.get(fingerprint, ()) if each is not corpus]
        _attached[fingerprint] = (corpus, *others)


def _ask_first(fingerprint: str, corpus: Corpus) -> None:
    with _lock:
        if corpus in _attached[fingerprint]:
            others = [each for each in _attached[fingerprint] if each is not corpus]
            _attached[fingerprint] = (corpus, *others)


def detach(corpus: Corpus) -> None:
    """Has no store look there any more; searches that are under way keep what they have."""
    with _lock:
        for fingerprint, corpora in list(_attached.items()):
            _attached[fingerprint] = tuple(each for each in corpora if each is not corpus)
