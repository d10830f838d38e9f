"""The requests and answers of each interface. Answers are trusted in nothing.

    tei         POST /rerank          {query, texts}             -> [{index, score}]
    rerank      POST /v1/rerank       {model, query, documents}  -> {results: [{index, relevance_score}]}
    rerank-v2   POST /v2/rerank       as `rerank`, without return_documents
    score       POST /score           {model, text_1, text_2}    -> {data: [{index, score}]}
    embeddings  POST /v1/embeddings   {model, input}             -> {data: [{index, embedding}]}

`index` is the position in the request, in whatever order the answer comes. `top_n` is left out, so that every document
is scored.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from zsr_tui.domain import Problem
from zsr_tui.numerals import counted

if TYPE_CHECKING:
    import numpy as np

RERANKING = ("tei", "rerank", "rerank-v2", "score")
NAMES = (*RERANKING, "embeddings")

# What a server may or may not know: raw scores, and inputs cut where they are too long for the model, not refused.
# vLLM knows use_activation and truncate_prompt_tokens, Infinity raw_scores, Jina neither.
_VLLM = {"use_activation": False, "truncate_prompt_tokens": -1}
WISHES: dict[str, dict[str, Any]] = {
    "tei": {},
    "rerank": {**_VLLM, "raw_scores": True, "return_documents": False},
    "rerank-v2": _VLLM,
    "score": _VLLM,
    "embeddings": {"truncate_prompt_tokens": -1},
}
_NOT_FINITE = ("nan", "inf", "+inf", "-inf", "infinity", "+infinity", "-infinity")  # as JSON can only write in quotes
# always asked for
_ASKED: dict[str, dict[str, Any]] = {
    "tei": {"raw_scores": True, "truncate": True, "return_text": False},
    "embeddings": {"encoding_format": "float"},
}


class Miscounted(Problem):
    """An answer for fewer or more texts than were sent."""


def options(shape: str) -> dict[str, Any]:
    """All that is asked of the server besides the texts."""
    return {**_ASKED.get(shape, {}), **WISHES[shape]}


def rerank_request(shape: str, model: str, query: str, texts: Sequence[str]) -> dict[str, Any]:
    """Without the wishes."""
    asked, many = {"tei": ("query", "texts"), "score": ("text_1", "text_2")}.get(shape, ("query", "documents"))
    body = {asked: query, many: list(texts), **_ASKED.get(shape, {})}
    return {"model": model, **body} if model and shape != "tei" else body


def embed_request(model: str, texts: Sequence[str]) -> dict[str, Any]:
    """Without the wishes."""
    body = {"input": list(texts), **_ASKED["embeddings"]}
    return {"model": model, **body} if model else body


def scores(answer: Any, count: int, host: str) -> list[float]:
    """One score a text, in the order of the request. A score that the server gives as NaN, infinite or null is
    returned as it is (null as NaN), for the caller to report its pair. Raises `Problem` for anything but every index
    exactly once with a number; it is `Miscounted` for another number of scores."""
    found: list[float | None] = [None] * count
    for item, index in _indexed(answer, count, host, "score"):
        value = item.get("relevance_score", item.get("score", ""))
        if isinstance(value, str) and value.lower() in _NOT_FINITE:
            value = None
        if isinstance(value, bool) or not isinstance(value, int | float | None):
            raise _wrong(host, f"a score that is no number ({value!r:.60})")
        found[index] = math.nan if value is None else _float(value)
    return [score for score in found if score is not None]


def vectors(answer: Any, count: int, host: str) -> list[np.ndarray | None]:
    """A float32 vector for each text, in the order of the request; None where it is null, empty, or has something in
    it that is no finite number. Raises `Problem` as `scores` does."""
    import numpy as np

    rows: list[np.ndarray | None] = [None] * count
    for item, index in _indexed(answer, count, host, "vector"):
        row = item.get("embedding")
        if row is not None and not isinstance(row, list):
            raise _wrong(host, "a vector that is no list of numbers")
        if row and all(isinstance(value, int | float) and not isinstance(value, bool) for value in row):
            vector = np.asarray([_float(value) for value in row], dtype=np.float32)
            rows[index] = vector if np.isfinite(vector).all() else None
    return rows


def _indexed(answer: Any, count: int, host: str, what: str) -> list[tuple[dict[str, Any], int]]:
    """The items of an answer with their checked indexes: all of range(count), each once."""
    items = answer
    if isinstance(answer, dict):
        items = next((answer[name] for name in ("results", "data") if name in answer), None)
    if not isinstance(items, list):
        raise _wrong(host, f"no list of {what}s")
    if len(items) != count:
        raise Miscounted(_sentence(host, f"{counted(len(items), what)} for {counted(count, 'text')}"))
    seen: set[int] = set()
    indexed = []
    for item in items:
        index = item.get("index") if isinstance(item, dict) else None
        if isinstance(index, bool) or not isinstance(index, int):
            raise _wrong(host, f"a {what} without an index")
        if not 0 <= index < count:
            raise _wrong(host, f"a {what} for text {index}, where the texts are 0 to {count - 1}")
        if index in seen:
            raise _wrong(host, f"two {what}s for text {index}")
        seen.add(index)
        indexed.append((item, index))
    return indexed


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _wrong(host: str, what: str) -> Problem:
    return Problem(_sentence(host, what))


def _sentence(host: str, what: str) -> str:
    return (
        f"{host} answered with {what}, so that its answer cannot be used: check that the URL is that of a scoring "
        "server and look at its log."
    )
