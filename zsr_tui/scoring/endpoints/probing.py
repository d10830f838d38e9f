"""What a server says of itself, where its URL does not say enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from zsr_tui.scoring.endpoints.client import Client

_PRECISIONS = {"float32": "fp32", "float16": "fp16", "bfloat16": "bf16"}  # TEI's model_dtype
_TEI_KINDS = ("reranker", "embedding", "classifier")
OURS = "zsr-tui"  # owner of the models that this project's own engine serves
OUR_PATHS = ("/v1/rerank", "/v1/embeddings")


@dataclass(frozen=True, slots=True)
class Facts:
    """Empty where the server does not say. `models` are those it serves, `rerankers` and `encoders` those of them that
    may be so; `largest_batch` in inputs, `paths` the routes of its own description; `version` changes with the weights;
    `tei` is what kind of model TEI serves."""

    models: tuple[str, ...] = ()
    rerankers: tuple[str, ...] = ()
    encoders: tuple[str, ...] = ()
    version: str = ""
    tei: str = ""  # "reranker" | "embedding" | "classifier"
    largest_batch: int | None = None
    precision: str = ""
    owner: str = ""
    paths: tuple[str, ...] = ()


def ask(client: Client, *, paths: bool) -> Facts:
    """Asks TEI's /info, else /v1/models or /models; the routes of /openapi.json only with `paths`. Raises `Problem` if
    nothing answers there."""
    info = client.get("/info")
    if isinstance(info, dict) and isinstance(info.get("model_id"), str):
        return _tei(info)
    listed = _items(client.get("/v1/models")) or _items(client.get("/models"))
    ours = {item.get("owned_by") for item in listed} == {OURS}
    described = client.get("/openapi.json") if paths else None
    routes = described.get("paths") if isinstance(described, dict) else None
    return Facts(
        models=_able(listed),
        rerankers=_able(listed, "rerank"),
        encoders=_able(listed, "embed"),
        owner=OURS if ours else "",
        paths=tuple(routes) if isinstance(routes, dict) else OUR_PATHS if ours else (),
    )


def _able(listed: list[dict[str, Any]], ability: str = "") -> tuple[str, ...]:
    """The models that have an ability, or whose abilities are not said; Infinity and zsr-tui say them."""
    return tuple(
        item["id"]
        for item in listed
        if isinstance(item.get("id"), str) and ability in ("", *(item.get("capabilities") or [ability]))
    )


def _tei(info: dict[str, Any]) -> Facts:
    kind = info.get("model_type")
    named = kind if isinstance(kind, dict) else {str(kind): None}
    largest = info.get("max_client_batch_size")
    return Facts(
        models=(info["model_id"],),
        rerankers=(info["model_id"],),
        encoders=(info["model_id"],),
        version=str(info.get("model_sha") or ""),
        tei=next((name for name in _TEI_KINDS if name in {key.lower() for key in named}), "embedding"),
        largest_batch=largest if isinstance(largest, int) and largest > 0 else None,
        precision=_PRECISIONS.get(str(info.get("model_dtype")), ""),
    )


def _items(answer: Any) -> list[dict[str, Any]]:
    data = answer.get("data") if isinstance(answer, dict) else answer
    return [item for item in data if isinstance(item, dict)] if isinstance(data, list) else []
