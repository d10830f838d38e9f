"""The prompts of rerankers that answer yes or no: the document is cut where they are too long, never the question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zsr_tui.domain import Problem
from zsr_tui.scoring.families import torch_text
from zsr_tui.scoring.scorer import Prepared

QUERY_SHARE = 3 / 4  # of the room for both texts; a query is cut only where it takes more (as FlagEmbedding does)
_LEAST_ROOM = 8  # tokens for query and document together
_DOCUMENT = "\ue000\ue001\ue000"  # private-use characters, where the document goes
_SIZES = ("padding", "truncation", "max_length", "return_tensors", "restore_suffix")  # no variables of a template


class Prompt:
    """`_room` of its `_limit` tokens is for query and document."""

    _tokenizer: Any
    _limit: int
    _room: int

    def prepare(self, query: str, texts: Sequence[str]) -> list[Prepared]:
        """One input a text; its `payload` is the list of token ids."""
        query, query_cut = _fitting_query(self._tokenizer, query, self._room)
        return [_fitted(ids, tail, self._limit, query_cut) for ids, tail in self._frames(query, texts)]

    def _frames(self, query: str, texts: Sequence[str]) -> list[tuple[list[int], list[int]]]:
        """For each text the whole prompt, and what of it follows the document."""
        raise NotImplementedError


class PiecewisePrompt(Prompt):
    """A prompt of the catalogue: pieces that are tokenised one by one, after the tokenizer's start-of-text token.

    One piece ends with {document}; it or another holds {query}.
    """

    def __init__(self, tokenizer: Any, pieces: Sequence[str], limit: int) -> None:
        self._tokenizer, self._limit = tokenizer, limit
        at = next(index for index, piece in enumerate(pieces) if piece.endswith("{document}"))
        self._before, self._opening, self._after = pieces[:at], pieces[at].removesuffix("{document}"), pieces[at + 1 :]
        starts = tokenizer.bos_token_id is not None and tokenizer.bos_token_id != tokenizer.pad_token_id
        self._start = [tokenizer.bos_token_id] if starts else []
        self._room = _room(limit, len(self._frames("", [""])[0][0]))

    def _frames(self, query: str, texts: Sequence[str]) -> list[tuple[list[int], list[int]]]:
        head = [*self._start, *self._ids(query, self._before)]
        tail = self._ids(query, self._after)
        opening = self._opening.replace("{query}", query)
        return [([*head, *ids, *tail], tail) for ids in _tokenise(self._tokenizer, [opening + text for text in texts])]

    def _ids(self, query: str, pieces: Sequence[str]) -> list[int]:
        filled = [piece.replace("{query}", query) for piece in pieces]
        return [token for ids in _tokenise(self._tokenizer, filled) for token in ids]


class ChatPrompt(Prompt):
    """The model's own chat template with the roles "query" and "document", filled as sentence-transformers does.

    `transformer` is sentence-transformers' module; `instruction` its system message, where the model has one.
    """

    def __init__(self, transformer: Any, instruction: str | None, limit: int) -> None:
        self._tokenizer, self._formatter = transformer.tokenizer, transformer.input_formatter
        self._instruction, self._limit = instruction, limit
        self._variables = _variables(transformer)
        if self._render("", [_DOCUMENT])[0].count(_DOCUMENT) != 1:
            raise Problem("the model's chat template does not show the document as it is, once: it cannot be cut.")
        self._room = _room(limit, len(_tokenise(self._tokenizer, self._render("", [""]))[0]))

    def _frames(self, query: str, texts: Sequence[str]) -> list[tuple[list[int], list[int]]]:
        tail = self._tail(query)
        return [(ids, tail) for ids in _tokenise(self._tokenizer, self._render(query, texts))]

    def _render(self, query: str, texts: Sequence[str]) -> list[str]:
        conversations = [self._formatter.pair_to_messages((query, text)) for text in texts]
        if self._instruction:
            conversations = self._formatter.prepend_prompt_to_messages(conversations, self._instruction)
        rendered: list[str] = self._tokenizer.apply_chat_template(conversations, tokenize=False, **self._variables)
        return rendered

    def _tail(self, query: str) -> list[int]:
        """The tokens after the document, as they are where text stands before them."""
        head, _, tail = self._render(query, [_DOCUMENT])[0].rpartition(_DOCUMENT)
        (encoding,) = torch_text.whole(self._tokenizer, [f"{head}x{tail}"]).encodings
        return [token for token, (start, _) in zip(encoding.ids, encoding.offsets, strict=True) if start > len(head)]


def why_no_chat_prompt(transformer: Any) -> str:
    """Why the model's files hold no chat template with the roles "query" and "document"; empty where they do."""
    return transformer.input_formatter.pair_roles_failure(_variables(transformer)) or ""


def _variables(transformer: Any) -> dict[str, Any]:
    values = transformer.processing_kwargs.get("chat_template") or {}
    return {name: value for name, value in values.items() if name not in _SIZES}


def _tokenise(tokenizer: Any, texts: Sequence[str]) -> list[list[int]]:
    return torch_text.whole(tokenizer, texts)["input_ids"] if texts else []  # a tokenizer takes no empty list


def _room(limit: int, fixed: int) -> int:
    """Tokens for query and document together. Raises `Problem` where there are almost none."""
    if limit - fixed < _LEAST_ROOM:
        raise Problem(
            f"the model's maximum length of {limit} tokens has no room for a document: its prompt alone takes {fixed}."
        )
    return limit - fixed


def _fitting_query(tokenizer: Any, query: str, room: int) -> tuple[str, bool]:
    """The query, cut to its share of the room; whether it was."""
    allowed = int(room * QUERY_SHARE)
    (encoding,) = torch_text.whole(tokenizer, [query]).encodings
    if len(encoding.ids) <= allowed:
        return query, False
    return query[: encoding.offsets[allowed - 1][1]], True


def _fitted(ids: list[int], tail: list[int], limit: int, query_cut: bool) -> Prepared:
    if len(ids) <= limit:
        return Prepared(len(ids), query_cut, ids)
    return Prepared(limit, True, [*ids[: limit - len(tail)], *tail])
