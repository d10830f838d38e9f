"""What makes the ids of a text: a tokenizer's own core, without special tokens and without cutting."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from hashlib import blake2b
from itertools import chain
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
import tokenizers
from tokenizers import Tokenizer

from zsr_tui.scoring.tokens import calling
from zsr_tui.scoring.tokens.probes import PROBES

_shared: WeakValueDictionary[str, Backend] = WeakValueDictionary()
_lock = threading.Lock()


class Backend:
    """`encode` gives one array of ids a text, of the type `kind`. `fingerprint` changes with whatever can change an id;
    "" for a tokenizer whose code is not in its files, so that nobody else can use its ids. `core` is a copy of the
    tokenizer that nobody changes, None where there is none. Used by several threads at once."""

    def __init__(
        self, encode: Callable[[list[str]], Sequence[Sequence[int]]], core: Tokenizer | None, size: int, mark: str = ""
    ) -> None:
        self._encode = encode
        self.core, self.fingerprint = core, mark
        self.kind = np.dtype(np.uint16 if size <= 1 << 16 else np.int32)

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
    if core is not None and (description := _description(tokenizer, core)) is not None:
        mark = blake2b(description.encode(), digest_size=16).hexdigest()
        with _lock:
            if (held := _shared.get(mark)) is None:
                held = _copy(core, json.loads(description), mark)
                _shared[mark] = held
        if core is tokenizer or _agree(tokenizer, held):
            return held
    return Backend(lambda texts: calling.whole_ids(tokenizer, texts), None, len(tokenizer))


def _description(tokenizer: Any, core: Tokenizer) -> str | None:
    """Everything that makes ids of a text; None where a part of it is code. What adds special tokens, cuts and pads is
    no part of it, so that models of one vocabulary share their ids."""
    try:
        parts = json.loads(core.to_str())
    except Exception:  # noqa: BLE001 - tokenizers raises nothing narrower for parts that are written in Python
        return None
    parts.update(post_processor=None, truncation=None, padding=None, decoder=None)
    splits = getattr(tokenizer, "split_special_tokens", core.encode_special_tokens)
    made_by = {"tokenizers": tokenizers.__version__, "split_special_tokens": bool(splits)}
    return json.dumps({**parts, "made_by": made_by}, sort_keys=True)


def _copy(core: Tokenizer, description: dict[str, Any], mark: str) -> Backend:
    splits = description.pop("made_by")["split_special_tokens"]
    copy: Tokenizer = Tokenizer.from_str(json.dumps(description))
    copy.encode_special_tokens = splits
    size = max(core.get_vocab(with_added_tokens=True).values(), default=0) + 1

    def encode(texts: list[str]) -> list[list[int]]:
        return [encoding.ids for encoding in copy.encode_batch_fast(texts, add_special_tokens=False)]

    return Backend(encode, copy, size, mark)


def _agree(tokenizer: Any, held: Backend) -> bool:
    """Whether transformers adds nothing of its own to what its core does."""
    own = calling.whole_ids(tokenizer, PROBES)
    return all(list(ids) == found.tolist() for ids, found in zip(own, held.encode(PROBES), strict=True))
