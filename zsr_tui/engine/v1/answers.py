"""What /v1/rerank and /v1/embeddings take and give, over the scoring service."""

from __future__ import annotations

import base64
import math
import time
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

import msgspec

from zsr_tui.domain import Problem
from zsr_tui.engine.bodies import Refused
from zsr_tui.engine.library import Library
from zsr_tui.progress import CancelToken

if TYPE_CHECKING:
    import numpy as np

LARGEST_RERANK = 1000  # documents a request: as many as Cohere advises, and as the paper reranks
LARGEST_EMBED = 2048  # inputs a request: OpenAI's own limit
OWNER = "zsr-tui"
_QUERIES = ("query", "search_query", "retrieval.query")
_DOCUMENTS = ("document", "passage", "search_document", "retrieval.passage")
_UNIT = 0.02  # how far from 1 the length of a normalised vector may be that was computed in bf16


class Text(msgspec.Struct, frozen=True):
    text: str


class RerankRequest(msgspec.Struct, frozen=True, kw_only=True):
    """`top_n`: 0 or none for all. `raw_scores`, or vLLM's use_activation false: the model's own floats; else a
    probability where the family has one (sigmoid of log-odds, exp of a log-probability)."""

    query: str
    documents: list[str | Text]
    model: str | None = None
    top_n: int | None = None
    return_documents: bool = False
    raw_scores: bool = False
    use_activation: bool | None = None
    priority: int = 0


class EmbedRequest(msgspec.Struct, frozen=True, kw_only=True):
    """`input_type` (query, document) or Jina's `task` (retrieval.query, retrieval.passage) chooses the model's prompt;
    without either, inputs are documents."""

    input: str | list[str]
    model: str | None = None
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = None
    input_type: str | None = None
    task: str | None = None
    priority: int = 0


def models(library: Library) -> dict[str, Any]:
    """In OpenAI's shape, with Infinity's `capabilities`."""
    from zsr_tui.scoring.models import catalogue, families

    listed = [
        {
            "id": info.name,
            "object": "model",
            "created": 0,
            "owned_by": OWNER,
            "capabilities": [
                name
                for name, members in (("rerank", families.RERANKERS), ("embed", (families.ENCODERS["dense"],)))
                if info.family in members
            ],
        }
        for info in catalogue.known_models()
        if info.local and info.runnable
    ]
    return {"object": "list", "data": [model for model in listed if model["capabilities"]]}


def rerank(library: Library, asked: RerankRequest, cancel: CancelToken, owner: str = "") -> dict[str, Any]:
    """The results by falling score, equal ones in the order of the request; last, with null for a score, texts whose
    score is no finite number. `owner` names who asks. Raises `Problem` or `Cancelled`."""
    from zsr_tui.scoring.models import catalogue

    model = _model(asked.model, catalogue.DEFAULT_RERANKER)
    texts = [document if isinstance(document, str) else document.text for document in asked.documents]
    _check_count(len(texts), LARGEST_RERANK, "documents")
    if asked.top_n is not None and asked.top_n < 0:
        raise Problem("top_n must be 0 (for all) or more.", usage=True)
    scores: dict[int, float] = {}
    tokens = 0
    interactive = asked.priority <= 0
    for batch in library.scoring.score(model, asked.query, texts, cancel=cancel, interactive=interactive, owner=owner):
        scores.update(zip(batch.indices, batch.scores, strict=True))
        tokens += batch.tokens
    ranked = sorted(scores, key=lambda index: (-scores[index], index))
    ranked += [index for index in range(len(texts)) if index not in scores]
    raw = asked.raw_scores or asked.use_activation is False
    scale = "" if raw else library.scoring.scale(model)
    shown = scores if raw else {index: _probability(scale, score) for index, score in scores.items()}
    return {
        "object": "rerank",
        "id": f"rerank-{uuid4().hex}",
        "created": int(time.time()),
        "model": model,
        "results": [
            {
                "index": index,
                "relevance_score": shown.get(index),
                **({"document": {"text": texts[index]}} if asked.return_documents else {}),
            }
            for index in ranked[: asked.top_n or None]
        ],
        "usage": _usage(tokens),
    }


def embed(library: Library, asked: EmbedRequest, cancel: CancelToken, owner: str = "") -> dict[str, Any]:
    """One vector an input, in order. `owner` names who asks. Raises `Problem` or `Cancelled`."""
    from zsr_tui.scoring.models.catalogue import DEFAULT_ENCODER

    model = _model(asked.model, DEFAULT_ENCODER)
    texts = [asked.input] if isinstance(asked.input, str) else asked.input
    _check_count(len(texts), LARGEST_EMBED, "inputs")
    role = _role(asked)
    encoder = library.scoring.encoder(model, cancel=cancel, owner=owner)
    if role == "query":
        vectors = encoder.encode_queries(texts, cancel, interactive=asked.priority <= 0)
    else:
        vectors = encoder.encode_documents(texts, cancel, interactive=asked.priority <= 0)
    if asked.dimensions is not None:
        vectors = _shortened(vectors, asked.dimensions, model)
    return {
        "object": "list",
        "model": model,
        "data": [
            {"object": "embedding", "index": index, "embedding": _encoded(row, asked.encoding_format)}
            for index, row in enumerate(vectors)
        ],
        "usage": _usage(encoder.tokens),
    }


def _model(named: str | None, default: str) -> str:
    from zsr_tui.scoring.models import catalogue

    model = (named or "").strip() or default
    if catalogue.weights_reference(model).kind == "endpoint":
        raise Problem("this engine answers with models of its own: call that URL itself.", usage=True)
    return model


def _check_count(count: int, largest: int, what: str) -> None:
    if not count:
        raise Problem(f"the request has no {what}.", usage=True)
    if count > largest:
        raise Refused(f"the request has {count:,} {what}, {largest:,} at a time are taken: send them in parts.", 413)


def _role(asked: EmbedRequest) -> str:
    named = asked.input_type or asked.task or "document"
    if named in _QUERIES:
        return "query"
    if named in _DOCUMENTS:
        return "document"
    raise Problem(
        f"{named!r} is no kind of input here: write input_type query or document, or task retrieval.query or "
        "retrieval.passage.",
        usage=True,
    )


def _probability(scale: str, score: float) -> float:
    """In [0, 1] where the model has one; else the raw score. The order stays."""
    if scale == "log-odds":
        return 1 / (1 + math.exp(-score)) if score >= 0 else math.exp(score) / (1 + math.exp(score))
    return math.exp(score) if scale == "log-probability" else score


def _shortened(vectors: np.ndarray, dimensions: int, model: str) -> np.ndarray:
    """The first `dimensions` numbers of each vector, at length 1 again (Kusupati et al. 2022, arXiv 2205.13147)."""
    import numpy as np

    width = vectors.shape[1]
    if not 1 <= dimensions <= width:
        raise Problem(f"the vectors of {model} have {width} dimensions: dimensions must be 1 to {width}.", usage=True)
    if np.abs(np.linalg.norm(vectors, axis=1) - 1).max() > _UNIT:
        raise Problem(
            f"the vectors of {model} are not normalised, so that a part of them means something else: leave "
            "dimensions out.",
            usage=True,
        )
    cut = vectors[:, :dimensions]
    return cut / np.maximum(np.linalg.norm(cut, axis=1, keepdims=True), np.finfo(np.float32).tiny)


def _encoded(row: np.ndarray, encoding: str) -> msgspec.Raw | str:
    """Numbers, each as short as a float32 can be told from all others, or little-endian float32 in base64."""
    import numpy as np
    import orjson

    if encoding == "base64":
        return base64.b64encode(row.astype("<f4").tobytes()).decode()
    return msgspec.Raw(orjson.dumps(np.ascontiguousarray(row, np.float32), option=orjson.OPT_SERIALIZE_NUMPY))


def _usage(tokens: int) -> dict[str, int]:
    """Tokens that the model has read for this request: what the cache knew costs none."""
    return {"prompt_tokens": tokens, "total_tokens": tokens}
