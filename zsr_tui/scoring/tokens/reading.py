"""What a loaded model reads of a query and a document: its tokens as they are in its vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from zsr_tui.scoring.scorer import Prepared, Tokens
from zsr_tui.scoring.tokens import calling


@dataclass(frozen=True, slots=True)
class Reading:
    """`ids` as the model gets them, `tokens` their names; `of` whom each is: "query", "document" or "template".
    `special` and `unknown` hold ids."""

    ids: tuple[int, ...]
    tokens: tuple[str, ...]
    of: tuple[str, ...]
    special: frozenset[int]
    unknown: int | None
    cut: bool


def of_pair(scorer: Any, query: str, text: str) -> Reading | None:
    """The input of a reranker; None where the model's own library, or a server, makes it."""
    prepare = getattr(scorer, "rerank_inputs", None) or scorer.prepare
    return _reading(scorer, query, text, lambda asked, read: prepare(asked, [read])[0])


def of_text(scorer: Any, text: str, role: str) -> Reading | None:
    """The input of an encoder for a text of a role."""
    query, document = (text, "") if role == "query" else ("", text)
    return _reading(scorer, query, document, lambda asked, read: scorer.prepare([asked or read], role)[0])


def names(scorer: Any, ids: Sequence[int]) -> list[str]:
    """Tokens by their ids, as the vocabulary has them."""
    tokenizer = scorer.tokenizer
    if isinstance(tokenizer, Tokenizer):
        return [tokenizer.id_to_token(one) or "" for one in ids]
    return [str(name) for name in tokenizer.convert_ids_to_tokens(list(ids))]


def of_own_query(scorer: Any, query: str) -> Reading | None:
    """The input of a reranker that reads the query by itself (late interaction); None where it reads a pair. What
    stands for nothing of the query (markers, expansion) is of the template."""
    prepared = [scorer.prepare(each, [""])[0] for each in (query, "")]
    inputs = [getattr(each.payload, "query", None) for each in prepared]
    ids, template = ([] if each is None else [int(one) for one in _ids(each)] for each in inputs)  # type: ignore[union-attr]
    if not ids:
        return None
    special, unknown = _special(scorer.tokenizer)
    start, _ = _inside(ids, template)
    of = ["template" if at < start or (one in special and one != unknown) else "query" for at, one in enumerate(ids)]
    return Reading(tuple(ids), tuple(names(scorer, ids)), tuple(of), special, unknown, prepared[0].cut)


def _reading(scorer: Any, query: str, text: str, prepare: Callable[[str, str], Prepared]) -> Reading | None:
    whole, asked, empty = (prepare(*pair) for pair in ((query, text), (query, ""), ("", "")))
    found = [_ids(each.payload) for each in (whole, asked, empty)]
    if any(ids is None for ids in found) or getattr(scorer, "tokenizer", None) is None:
        return None
    ids, with_query, template = ([int(one) for one in each] for each in found if each is not None)
    of = _by_place(whole, empty, len(ids), _inside(with_query, template)[0]) or _by_query(ids, with_query, template)
    special, unknown = _special(scorer.tokenizer)
    return Reading(tuple(ids), tuple(names(scorer, ids)), tuple(of), special, unknown, whole.cut)


def _by_place(whole: Prepared, empty: Prepared, length: int, first: int) -> list[str] | None:
    """Where an input says at which place its second text begins, whatever was cut; `first` tokens of the template stand
    before the query."""
    starts = [each.payload.second if isinstance(each.payload, Tokens) else 0 for each in (whole, empty)]
    if not all(starts):
        return None
    second, between = starts[0], starts[1] - first
    behind = sum(map(len, empty.payload.pieces)) - starts[1]
    query, document = second - first - between, length - second - behind
    return [
        *["template"] * first,
        *["query"] * query,
        *["template"] * between,
        *["document"] * document,
        *["template"] * behind,
    ]


def _by_query(ids: Sequence[int], with_query: Sequence[int], template: Sequence[int]) -> list[str]:
    """By what the query alone leaves the same."""
    of = ["document"] * len(ids)
    start, end = _inside(ids, with_query)
    of[:start], of[end:] = ["query"] * start, ["query"] * (len(ids) - end)
    first, last = _inside(with_query, template)
    for place in range(len(with_query)):
        if not first <= place < last:  # of the template
            at = place if place < start else place + len(ids) - len(with_query)
            of[at] = "template"
    return of


def _inside(longer: Sequence[int], shorter: Sequence[int]) -> tuple[int, int]:
    """[start, end) of what `longer` has in the middle of `shorter`."""
    most = min(len(longer), len(shorter))
    start = next((at for at in range(most) if longer[at] != shorter[at]), most)
    behind = len(shorter) - start
    return start, max(start, len(longer) - behind)


def _ids(payload: Any) -> np.ndarray | None:
    match payload:
        case Tokens():
            return np.concatenate(payload.pieces)
        case np.ndarray():
            return payload
        case Prepared():
            return _ids(payload.payload)
        case {"input_ids": ids}:
            return np.array(ids).reshape(-1)  # also a tensor of one row
    inner = getattr(payload, "document", getattr(payload, "input", None))  # of late interaction, of a sparse model
    return None if inner is None else _ids(inner)


def _special(tokenizer: Any) -> tuple[frozenset[int], int | None]:
    core = calling.core_of(tokenizer)
    if not isinstance(tokenizer, Tokenizer):
        return frozenset(tokenizer.all_special_ids), tokenizer.unk_token_id
    added = core.get_added_tokens_decoder().items() if core is not None else ()
    unknown = getattr(tokenizer.model, "unk_token", None)
    return (
        frozenset(one for one, token in added if token.special),
        None if unknown is None else tokenizer.token_to_id(str(unknown)),
    )
