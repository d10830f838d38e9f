"""What makes the ids of a text: a tokenizer's own core, without special tokens and without cutting."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from hashlib import blake2b
from itertools import chain, groupby
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
import tokenizers
from tokenizers import Tokenizer

from zsr_tui.scoring.tokens import calling
from zsr_tui.scoring.tokens.probes import PROBES

_NARROW = 1 << 16  # ids that fit two bytes
_shared: WeakValueDictionary[str, Backend] = WeakValueDictionary()
_lock = threading.Lock()


class Backend:
    """`encode` gives one array of ids a text, of the type `kind`. `fingerprint` changes with whatever can change an id;
    "" for a tokenizer whose code is not in its files, so that nobody else can use its ids. `core` is a tokenizer that
    nobody changes, None where there is none. Used by several threads at once."""

    def __init__(
        self, encode: Callable[[list[str]], Sequence[Sequence[int]]], core: Tokenizer | None, size: int, mark: str = ""
    ) -> None:
        self._encode = encode
        self.core, self.fingerprint = core, mark
        self.kind = np.dtype(np.uint16 if size <= _NARROW else np.int32)

    def encode(self, texts: Sequence[str]) -> list[np.ndarray]:
        """Of whole characters: a half of a surrogate pair has no ids."""
        if not texts:
            return []
        found = self._encode(list(texts))
        ends = np.cumsum([len(ids) for ids in found])
        flat = np.fromiter(chain.from_iterable(found), self.kind, int(ends[-1]))
        starts = [0, *ends[:-1].tolist()]
        return [flat[start:end].copy() for start, end in zip(starts, ends.tolist(), strict=True)]

    def ends_text(self, following: str) -> bool:
        """Whether whatever text stands before `following` has the ids that it has alone."""
        if not following:
            return True
        if self.core is None or self.core.encode_special_tokens:
            return False
        added = self.core.get_added_tokens_decoder().values()
        return any(
            following.startswith(token.content) and not (token.lstrip or token.normalized or token.single_word)
            for token in added
        )


def backend(tokenizer: Any) -> Backend:
    """Of a transformers or a tokenizers tokenizer; one for all that give the same ids."""
    core = calling.core_of(tokenizer)
    if core is not None and (bare := _bare(tokenizer, core)) is not None:
        made_by = f"{tokenizers.__version__} {bare.encode_special_tokens} {bare.to_str()}"
        mark = blake2b(made_by.encode(), digest_size=16).hexdigest()
        with _lock:
            if (held := _shared.get(mark)) is None:
                held = _shared[mark] = Backend(partial(_ids, bare), bare, _size(bare), mark)
        if core is tokenizer or _agree(tokenizer, held):
            return held
    return Backend(lambda texts: calling.whole_ids(tokenizer, texts), None, _NARROW + 1)


def _bare(tokenizer: Any, core: Tokenizer) -> Tokenizer | None:
    """`core` without what adds special tokens, cuts and pads: models of one vocabulary share their ids. None where a
    part of it is code, which no file and no other process knows, or cannot be told."""
    try:
        core.to_str()
    except Exception:  # noqa: BLE001 - tokenizers raises nothing narrower for parts that are written in Python
        return None
    bare = Tokenizer(core.model)  # the vocabulary itself is shared, not copied
    if core.normalizer is not None:
        bare.normalizer = core.normalizer
    if core.pre_tokenizer is not None:
        bare.pre_tokenizer = core.pre_tokenizer
    added = core.get_added_tokens_decoder()
    for _, alike in groupby((added[number] for number in sorted(added)), key=lambda token: token.special):
        tokens = list(alike)
        (bare.add_special_tokens if tokens[0].special else bare.add_tokens)(tokens)
    if bare.get_added_tokens_decoder() != added:  # put together by hand: no file holds such ids
        return None
    bare.encode_special_tokens = bool(getattr(tokenizer, "split_special_tokens", core.encode_special_tokens))
    return bare


def _ids(core: Tokenizer, texts: list[str]) -> list[list[int]]:
    with calling.told():
        return [encoding.ids for encoding in core.encode_batch_fast(texts, add_special_tokens=False)]


def _size(core: Tokenizer) -> int:
    """One more than the largest id, or what it is at least where that is many."""
    size = core.get_vocab_size(with_added_tokens=True)
    return size if size > _NARROW else max(core.get_vocab(with_added_tokens=True).values(), default=0) + 1


def _agree(tokenizer: Any, held: Backend) -> bool:
    """Whether transformers adds nothing of its own to what its core does."""
    own = calling.whole_ids(tokenizer, PROBES)
    return all(list(ids) == found.tolist() for ids, found in zip(own, held.encode(PROBES), strict=True))
