"""The prompts of rerankers that answer yes or no: the document is cut where they are too long, never the question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from zsr_tui.domain import Problem
from zsr_tui.scoring.families import pair_template
from zsr_tui.scoring.scorer import Prepared, Tokens
from zsr_tui.scoring.tokens import calling
from zsr_tui.scoring.tokens.rendered import DOCUMENT, Rendered
from zsr_tui.scoring.tokens.store import TokenStore, store
from zsr_tui.scoring.tokens.template import fitted

QUERY_SHARE = 3 / 4  # of the room for both texts; a query is cut only where it takes more (as FlagEmbedding does)
_LEAST_ROOM = 8  # tokens for query and document together
_SIZES = ("padding", "truncation", "max_length", "return_tensors", "restore_suffix")  # no variables of a template


class Prompt:
    """`_room` of its `_limit` tokens is for query and document. `document_store`: where the ids of documents come from,
    None where they are made for each query."""

    document_store: TokenStore | None
    tokenizer: Any
    _plain: TokenStore  # of the tokenizer
    _limit: int
    _room: int

    def prepare(self, query: str, texts: Sequence[str]) -> list[Prepared]:
        """One input a text, its payload `Tokens`."""
        query, cut = self._fitting(query)
        return fitted(*self._frames(query, texts), self._limit, cut=cut)

    def _fitting(self, query: str) -> tuple[str, bool]:
        """The query, cut to its share of the room; whether it was."""
        allowed = int(self._room * QUERY_SHARE)
        (ids,) = self._plain.ids([query])
        if len(ids) <= allowed:
            return query, False
        (encoding,) = calling.whole(self.tokenizer, [query])
        return query[: encoding.offsets[allowed - 1][1]], True

    def _frames(self, query: str, texts: Sequence[str]) -> tuple[np.ndarray, list[np.ndarray], np.ndarray]:
        """The ids before the documents, those of each, and those behind it."""
        raise NotImplementedError


class PiecewisePrompt(Prompt):
    """A prompt of the catalogue: pieces that are tokenised one by one, after the tokenizer's start-of-text token.

    One piece ends with {document}; it or another holds {query}.
    """

    def __init__(self, tokenizer: Any, pieces: Sequence[str], limit: int) -> None:
        self.tokenizer, self._limit = tokenizer, limit
        at = next(index for index, piece in enumerate(pieces) if piece.endswith("{document}"))
        self._before, self._opening, self._after = pieces[:at], pieces[at].removesuffix("{document}"), pieces[at + 1 :]
        starts = tokenizer.bos_token_id is not None and tokenizer.bos_token_id != tokenizer.pad_token_id
        self._start = np.array([tokenizer.bos_token_id] if starts else [], np.int32)
        self._plain = store(tokenizer)
        self.document_store = None if "{query}" in self._opening else TokenStore(self._plain.backend, self._opening)
        head, (opening,), tail = self._frames("", [""])
        self._room = _room(limit, len(head) + len(opening) + len(tail))

    def _frames(self, query: str, texts: Sequence[str]) -> tuple[np.ndarray, list[np.ndarray], np.ndarray]:
        head, tail = (self._ids(query, pieces) for pieces in (self._before, self._after))
        if self.document_store is not None:
            documents = self.document_store.ids(texts)
        else:
            opening = self._opening.replace("{query}", query)
            documents = self._plain.backend.encode([opening + text for text in texts])
        return np.concatenate((self._start, head)), documents, tail

    def _ids(self, query: str, pieces: Sequence[str]) -> np.ndarray:
        filled = [piece.replace("{query}", query) for piece in pieces]
        return np.concatenate([np.empty(0, np.int32), *self._plain.ids(filled)])


class ChatPrompt(Prompt):
    """The model's own chat template with the roles "query" and "document", filled as sentence-transformers does.

    `transformer` is sentence-transformers' module; `instruction` its system message, where the model has one.
    """

    def __init__(self, transformer: Any, instruction: str | None, limit: int) -> None:
        self.tokenizer, self._formatter = transformer.tokenizer, transformer.input_formatter
        self._instruction, self._limit = instruction, limit
        self._variables, self._plain = _variables(transformer), store(self.tokenizer)
        if self._render("", [DOCUMENT])[0].count(DOCUMENT) != 1:
            raise Problem("the model's chat template does not show the document as it is, once: it cannot be cut.")
        self._rendered = Rendered(self._plain, self._render)
        self.document_store = self._rendered.store
        self._room = _room(limit, len(self._rendered.whole("", [""])[0]))

    def prepare(self, query: str, texts: Sequence[str]) -> list[Prepared]:
        if self.document_store is not None:
            return super().prepare(query, texts)
        query, cut = self._fitting(query)
        tail = self._tail(query)
        return [_whole(ids, tail, self._limit, cut) for ids in self._rendered.whole(query, texts)]

    def _frames(self, query: str, texts: Sequence[str]) -> tuple[np.ndarray, list[np.ndarray], np.ndarray]:
        return self._rendered.frames(query, texts)

    def _render(self, query: str, texts: Sequence[str]) -> list[str]:
        conversations = [self._formatter.pair_to_messages((query, text)) for text in texts]
        if self._instruction:
            conversations = self._formatter.prepend_prompt_to_messages(conversations, self._instruction)
        rendered: list[str] = self.tokenizer.apply_chat_template(conversations, tokenize=False, **self._variables)
        return rendered

    def _tail(self, query: str) -> np.ndarray:
        """The tokens after the document, as they are where text stands before them."""
        head, _, tail = self._render(query, [DOCUMENT])[0].rpartition(DOCUMENT)
        (encoding,) = calling.whole(self.tokenizer, [f"{head}x{tail}"])
        found = [token for token, (start, _) in zip(encoding.ids, encoding.offsets, strict=True) if start > len(head)]
        return np.array(found, np.int32)


def why_no_chat_prompt(transformer: Any) -> str:
    """Why the model's files hold no chat template with the roles "query" and "document"; empty where they do. Raises
    `Problem` for one that must not be filled in."""
    pair_template.check(transformer.tokenizer.chat_template)
    pair_template.check(getattr(transformer.processor, "chat_template", None))
    return transformer.input_formatter.pair_roles_failure(_variables(transformer)) or ""


def _variables(transformer: Any) -> dict[str, Any]:
    values = transformer.processing_kwargs.get("chat_template") or {}
    return {name: value for name, value in values.items() if name not in _SIZES}


def _room(limit: int, fixed: int) -> int:
    """Tokens for query and document together. Raises `Problem` where there are almost none."""
    if limit - fixed < _LEAST_ROOM:
        raise Problem(
            f"the model's maximum length of {limit} tokens has no room for a document: its prompt alone takes {fixed}."
        )
    return limit - fixed


def _whole(ids: np.ndarray, tail: np.ndarray, limit: int, cut: bool) -> Prepared:
    """A prompt that its tokenizer has made; where it is too long, what stands before the `tail` is cut."""
    if len(ids) <= limit:
        return Prepared(len(ids), cut, Tokens((ids,)))
    return Prepared(limit, True, Tokens((ids[: limit - len(tail)], tail)))
