"""Inputs of a model joined from ids: the same tokens as its tokenizer gives for the whole.

A joined input is tried out against the tokenizer when the model is loaded. Where they differ on any text, the tokenizer
is called for every input, as it is where its special tokens do not stand in a template.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np

from zsr_tui.scoring.scorer import Prepared, Tokens
from zsr_tui.scoring.tokens import calling, long_pairs
from zsr_tui.scoring.tokens.probes import PROBES
from zsr_tui.scoring.tokens.store import TokenStore, store
from zsr_tui.scoring.tokens.template import Template, fitted, kept, learnt

_log = logging.getLogger(__name__)
_SHORT = (12, 13)  # lengths at which the cutting is tried out: an even one and an odd one
_ENDLESS = 1 << 30  # tokens; tokenizers without a maximum have one that is no number of tokens


class Singles:
    """Texts with what a tokenizer puts around one, cut at `longest` tokens; each begins with `prefix`. `brackets` stand
    in place of special tokens and are never cut off, as SGPT has them: texts, tokenised one by one. Raises `Problem`
    for a tokenizer whose types of tokens no model here reads; `Pairs` does, too."""

    def __init__(self, tokenizer: Any, longest: int | None, prefix: str = "", brackets: Sequence[str] = ()) -> None:
        self._tokenizer, self._prefix = tokenizer, prefix
        self.longest = min(longest or _ENDLESS, _ENDLESS)
        self.store = store(tokenizer, prefix)
        self._template = _bracketing(tokenizer, brackets) if brackets else _single(self.store, tokenizer, prefix)
        if self._template is None:
            calling.inputs(tokenizer, [prefix], None, self.longest)  # or it cannot be run
            _say_whole(tokenizer)

    @property
    def joined(self) -> bool:
        return self._template is not None

    def prepare(self, texts: Sequence[str]) -> list[Prepared]:
        """One input a text, its payload `Tokens`."""
        if self._template is None:
            return calling.inputs(self._tokenizer, [self._prefix + text for text in texts], None, self.longest)
        return fitted(self._template.head, self.store.ids(texts), self._template.tail, self.longest)


class Pairs:
    """A query and a text with what a tokenizer puts around two, the longer one cut first to `longest` tokens."""

    def __init__(self, tokenizer: Any, longest: int | None) -> None:
        self._tokenizer = tokenizer
        self.longest = min(longest or _ENDLESS, _ENDLESS)
        self.store = store(tokenizer)
        self._template = _pair(self.store, tokenizer)
        if self._template is None:
            calling.inputs(tokenizer, [""], [""], self.longest)  # or it cannot be run
            _say_whole(tokenizer)

    @property
    def joined(self) -> bool:
        return self._template is not None

    def prepare(self, query: str, texts: Sequence[str]) -> list[Prepared]:
        """One input a text, its payload `Tokens`."""
        if self._template is None:
            query, texts = long_pairs.shortened(
                query, texts, self.longest, lambda each: calling.whole(self._tokenizer, each)
            )
            return calling.inputs(self._tokenizer, [query] * len(texts), list(texts), self.longest)
        asked, *documents = self.store.ids([query, *texts])
        return _joined_pairs(self._template, asked, documents, self.longest)


def _joined_pairs(template: Template, query: np.ndarray, texts: Sequence[np.ndarray], longest: int) -> list[Prepared]:
    room = longest - template.special
    if 2 * len(query) > room:  # a query that may be cut itself, next to some of the texts
        return [_joined_pair(template, query, ids, longest) for ids in texts]
    head = np.concatenate((template.head, query, template.middle))
    second = len(head) if template.typed else 0
    return fitted(head, texts, template.tail, longest, second=second)


def _joined_pair(template: Template, query: np.ndarray, text: np.ndarray, longest: int) -> Prepared:
    most = longest if template.clips else _ENDLESS
    asked, size = kept(min(len(query), most), min(len(text), most), longest - template.special)
    pieces = (template.head, query[:asked], template.middle, text[:size], template.tail)
    second = len(template.head) + asked + len(template.middle) if template.typed else 0
    cut = asked + size < len(query) + len(text)
    return Prepared(asked + size + template.special, cut, Tokens(pieces, second))


def _single(kept_in: TokenStore, tokenizer: Any, prefix: str) -> Template | None:
    """The template of one text, None where joined inputs are not the tokenizer's own."""
    template = _learnt(kept_in, tokenizer, pair=False)
    if template is None:
        return None
    ids = kept_in.ids(PROBES)
    for longest in (_ENDLESS, *(template.special + size for size in _SHORT)):
        own = calling.inputs(tokenizer, [prefix + text for text in PROBES], None, longest)
        if not _same(own, fitted(template.head, ids, template.tail, longest)):
            return None
    return template


def _pair(kept_in: TokenStore, tokenizer: Any) -> Template | None:
    learnt_one = _learnt(kept_in, tokenizer, pair=True)
    if learnt_one is None:
        return None
    ids = kept_in.ids(PROBES)
    places = [(place, (7 * place + 3) % len(PROBES)) for place in range(len(PROBES))]
    first, second = ([PROBES[pair[side]] for pair in places] for side in range(2))
    lengths = (_ENDLESS, *(learnt_one.special + size for size in _SHORT))
    own = [calling.inputs(tokenizer, first, second, longest) for longest in lengths]
    for template in (learnt_one, learnt_one._replace(clips=True)):
        if all(
            _same(each, [_joined_pairs(template, ids[one], [ids[other]], longest)[0] for one, other in places])
            for longest, each in zip(lengths, own, strict=True)
        ):
            return template
    return None


def _learnt(kept_in: TokenStore, tokenizer: Any, *, pair: bool) -> Template | None:
    core = calling.core_of(tokenizer)
    if kept_in.backend.core is None or core is None or calling.cuts_left(tokenizer):
        return None
    return learnt(core, pair=pair, types=calling.gives_types(tokenizer))


def _say_whole(tokenizer: Any) -> None:
    name = getattr(tokenizer, "name_or_path", "") or type(tokenizer).__name__
    _log.info("%s: each input is tokenised as a whole, which takes much longer than joining it", name)


def _same(own: Sequence[Prepared], joined: Sequence[Prepared]) -> bool:
    return all(
        (one.tokens, one.cut, one.payload.second) == (other.tokens, other.cut, other.payload.second)
        and np.array_equal(one.payload.pieces[0], np.concatenate(other.payload.pieces))
        for one, other in zip(own, joined, strict=True)
    )


def _bracketing(tokenizer: Any, brackets: Sequence[str]) -> Template:
    left, right = (np.array(each.ids, np.int32) for each in calling.whole(tokenizer, list(brackets)))
    return Template(left, left[:0], right)
