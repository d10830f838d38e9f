"""Inputs of models whose tokenizer is transformers' own: from the token store, and as the tensors that modules of
sentence-transformers take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import torch

from zsr_tui.scoring.devices import Device
from zsr_tui.scoring.families.torch_text import on_device
from zsr_tui.scoring.scorer import Prepared, Tokens
from zsr_tui.scoring.tokens import calling, long_pairs
from zsr_tui.scoring.tokens.inputs import Pairs, Singles
from zsr_tui.scoring.tokens.store import TokenStore

_NAMES = ("input_ids", "attention_mask", "token_type_ids")


class Texts(Protocol):
    """`store`: where the ids come from, None where no other model can use them."""

    @property
    def store(self) -> TokenStore | None: ...

    def prepare(self, texts: Sequence[str]) -> list[Prepared]: ...


class QueryTexts(Protocol):
    @property
    def store(self) -> TokenStore | None: ...

    def prepare(self, query: str, texts: Sequence[str]) -> list[Prepared]: ...


def singles(tokenizer: Any, longest: int | None, prefix: str = "", brackets: Sequence[str] | None = ()) -> Texts:
    """See `tokens.inputs.Singles`."""
    if brackets or types_fit(tokenizer):
        return Singles(tokenizer, longest, prefix, brackets or ())
    return _TypedSingles(tokenizer, longest, prefix)


def pairs(tokenizer: Any, longest: int | None) -> QueryTexts:
    """See `tokens.inputs.Pairs`."""
    return Pairs(tokenizer, longest) if types_fit(tokenizer) else _TypedPairs(tokenizer, longest)


def types_fit(tokenizer: Any) -> bool:
    """Whether a tokenizer's token types, where it gives any, are 0 for a first text and 1 for a second."""
    if "token_type_ids" not in tokenizer.model_input_names:
        return True
    single, pair = tokenizer("a")["token_type_ids"], tokenizer("a", "a")["token_type_ids"]
    return not any(single) and pair == sorted(pair) and set(pair) <= {0, 1}


def features(tokenizer: Any, payloads: Sequence[Any], device: Device, *, types: bool = True) -> dict[str, Any]:
    """The tensors of a batch, on the device, as sentence-transformers modules take them: padded on the right whatever
    the tokenizer's side, since networks that count positions from the left would make vectors of what a text is batched
    with. `types` False: none of the tokens', though the tokenizer would give them."""
    if isinstance(payloads[0], Tokens):
        tensors = _padded(tokenizer, payloads)
    else:
        listed = {name: [payload[name] for payload in payloads] for name in payloads[0]}
        tensors = tokenizer.pad(listed, padding=True, padding_side="right", return_tensors="pt")
    if not types:
        tensors.pop("token_type_ids", None)
    return {**{name: on_device(tensor, device) for name, tensor in tensors.items()}, "modality": "text"}


def _padded(tokenizer: Any, inputs: Sequence[Tokens]) -> dict[str, torch.Tensor]:
    rows = [np.concatenate(each.pieces) for each in inputs]
    shape = (len(rows), max(map(len, rows)))
    ids = np.full(shape, tokenizer.pad_token_id or 0, np.int64)
    mask, types = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for at, (row, each) in enumerate(zip(rows, inputs, strict=True)):
        ids[at, : len(row)] = row
        mask[at, : len(row)] = 1
        if each.second:
            types[at, each.second : len(row)] = 1
    found = dict(zip(_NAMES, (ids, mask, types), strict=True))
    return {name: torch.from_numpy(found[name]) for name in _NAMES if name in tokenizer.model_input_names}


class _TypedSingles:
    """Of a tokenizer with token types of its own, as XLNet's."""

    store: TokenStore | None = None

    def __init__(self, tokenizer: Any, longest: int | None, prefix: str) -> None:
        self._tokenizer, self._longest, self._prefix = tokenizer, longest, prefix

    def prepare(self, texts: Sequence[str]) -> list[Prepared]:
        return _called(self._tokenizer, [self._prefix + text for text in texts], None, self._longest)


class _TypedPairs:
    store: TokenStore | None = None

    def __init__(self, tokenizer: Any, longest: int | None) -> None:
        self._tokenizer, self._longest = tokenizer, longest

    def prepare(self, query: str, texts: Sequence[str]) -> list[Prepared]:
        if self._longest:
            query, texts = long_pairs.shortened(
                query, texts, self._longest, lambda each: calling.whole(self._tokenizer, each)
            )
        return _called(self._tokenizer, [query] * len(texts), list(texts), self._longest)


def _called(tokenizer: Any, texts: list[str], seconds: list[str] | None, longest: int | None) -> list[Prepared]:
    if not texts:
        return []
    with calling.alone(tokenizer):
        # padding is asked for per batch; a tokenizer file may ask for a fixed length of its own
        encoded = tokenizer(texts, seconds, truncation="longest_first", max_length=longest, padding=False)
    names = [name for name in _NAMES if name in encoded]
    return [
        Prepared(
            tokens=len(encoded["input_ids"][index]),
            cut=bool(encoding.overflowing),
            payload={name: encoded[name][index] for name in names},
        )
        for index, encoding in enumerate(encoded.encodings)
    ]
