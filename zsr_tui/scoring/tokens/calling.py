"""A tokenizer that is called for the whole input: transformers' own, or the core of one alone, as ONNX models have it.

A call sets a tokenizer up for itself, so that one thread at a time may make it (`alone`). Where a pattern of a
tokenizer takes too many steps on a text, tokenizers raises what is no `Exception`; here that is a `Problem` (`told`).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from tokenizers import Tokenizer

from zsr_tui.domain import Problem
from zsr_tui.scoring.scorer import Prepared, Tokens

_locks: WeakKeyDictionary[Any, threading.Lock] = WeakKeyDictionary()
_guard = threading.Lock()


def inputs(tokenizer: Any, texts: list[str], pairs: list[str] | None, longest: int) -> list[Prepared]:
    """What the tokenizer itself gives, as sentence-transformers asks for it: special tokens, the longer of a pair cut
    first. The payloads are `Tokens`."""
    if not texts:
        return []
    with alone(tokenizer):
        if isinstance(tokenizer, Tokenizer):
            tokenizer.no_padding()
            tokenizer.enable_truncation(longest)
            encodings = tokenizer.encode_batch(texts if pairs is None else list(zip(texts, pairs, strict=True)))
            ids, types = [each.ids for each in encodings], [each.type_ids for each in encodings]
        else:
            # padding is asked for per batch; a tokenizer file may ask for a fixed length of its own
            encoded = tokenizer(texts, pairs, truncation="longest_first", max_length=longest, padding=False)
            encodings, ids = encoded.encodings, encoded["input_ids"]
            types = encoded.get("token_type_ids") or [[] for _ in texts]
    return [
        Prepared(len(own), bool(encoding.overflowing), Tokens((np.array(own, np.int32),), _second(kinds)))
        for own, kinds, encoding in zip(ids, types, encodings, strict=True)
    ]


def whole(tokenizer: Any, texts: Sequence[str]) -> list[Any]:
    """Encodings of texts as they are: no special tokens added, nothing cut."""
    with alone(tokenizer):
        if isinstance(tokenizer, Tokenizer):
            tokenizer.no_padding()
            tokenizer.no_truncation()
            return list(tokenizer.encode_batch(list(texts), add_special_tokens=False))
        return list(_whole(tokenizer, texts).encodings)


def whole_ids(tokenizer: Any, texts: Sequence[str]) -> list[list[int]]:
    """As `whole`, of slow tokenizers too."""
    if isinstance(tokenizer, Tokenizer):
        return [encoding.ids for encoding in whole(tokenizer, texts)]
    with alone(tokenizer):
        return list(_whole(tokenizer, texts)["input_ids"])


def core_of(tokenizer: Any) -> Tokenizer | None:
    """None of a slow tokenizer."""
    core = tokenizer if isinstance(tokenizer, Tokenizer) else getattr(tokenizer, "_tokenizer", None)
    return core if isinstance(core, Tokenizer) else None


def cuts_left(tokenizer: Any) -> bool:
    """Whether what stands first is cut off."""
    return getattr(tokenizer, "truncation_side", "right") != "right"


def gives_types(tokenizer: Any) -> bool:
    """Whether its models read the types of tokens."""
    return isinstance(tokenizer, Tokenizer) or "token_type_ids" in tokenizer.model_input_names


def _whole(tokenizer: Any, texts: Sequence[str]) -> Any:
    return tokenizer(list(texts), add_special_tokens=False, truncation=False, padding=False, verbose=False)


def _second(types: list[int]) -> int:
    """Where the tokens of type 1 begin, 0 where there are none."""
    second = types.index(1) if 1 in types else len(types)
    if types != [0] * second + [1] * (len(types) - second):
        raise Problem("the model's tokenizer gives its tokens types that are not those of BERT: it cannot be run.")
    return second % len(types) if types else 0


@contextmanager
def alone(tokenizer: Any) -> Iterator[None]:
    """Around every call of it."""
    with _guard:
        lock = _locks.setdefault(tokenizer, threading.Lock())
    with lock, told():
        yield


@contextmanager
def told() -> Iterator[None]:
    """Raises `Problem` where tokenizers itself gives up."""
    try:
        yield
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # of pyo3, which lets nobody import it
            raise
        raise Problem(
            "the model's tokenizer gives up on a text: its tokenizer.json is damaged, or has a pattern that takes too "
            "many steps; copy or download it again, or choose another model.",
            detail=str(error),
        ) from error
