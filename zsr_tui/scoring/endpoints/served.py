"""From a URL to a model that can be called: its interface, its name, and what its scores depend on."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from dataclasses import asdict, dataclass, replace

from zsr_tui.domain import Problem
from zsr_tui.scoring.endpoints import address, listwise, probing, shapes
from zsr_tui.scoring.endpoints.address import PATHS, SPOKEN, Address
from zsr_tui.scoring.endpoints.chat import Chat
from zsr_tui.scoring.endpoints.client import Client
from zsr_tui.scoring.endpoints.probing import Facts

FRESH_S = 60.0  # what a server said of itself is believed for so long
_FOUND_FIRST = ("/v1/score", "/score", "/v1/rerank", "/rerank", "/v2/rerank")  # input order kept, then the common ones
_lock = threading.Lock()
_remembered: dict[str, tuple[float, Endpoint]] = {}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`address` with the path that is called; `model` as it is sent, "" to leave it to the server; `version` of the
    weights, where the server says one; `largest_batch` in inputs, None where it is not known; `takes_task`: whether
    requests for vectors may say that they are for queries or for documents; `listing`: how a model that orders passages
    goes through a list."""

    address: Address
    shape: str  # one of shapes.NAMES, "" for a server that was not asked yet
    model: str
    version: str = ""
    largest_batch: int | None = None
    precision: str = ""
    takes_task: bool = False
    listing: listwise.Settings | None = None

    @property
    def family(self) -> str:
        return family_of(self.address.path)

    @property
    def label(self) -> str:
        return " ".join(filter(None, (self.address.host, f"{self.model}{self.listing or ''}")))

    @property
    def source(self) -> str:
        """What was found there, in words."""
        if not self.shape:
            return f"endpoint {self.address.url}"
        if self.listing is not None:
            cost = ", ".join(listwise.parts(self.listing, listwise.MOST))
            return f"endpoint {self.address.url}, {self.model}, orders lists and gives no scores: {cost}"
        spoken = "TEI" if self.shape == "tei" else self.shape
        return ", ".join(filter(None, (f"endpoint {self.address.url}", f"{spoken} interface", self.model)))

    def fingerprint(self, prompts: dict[str, str]) -> str:
        """Of everything known that scores depend on; the key is no part of it."""
        content = {
            "url": self.address.url,
            "model": self.model,
            "version": self.version,
            "shape": self.shape,
            "options": shapes.options(self.shape) if self.listing is None else [listwise.PROMPT, asdict(self.listing)],
            "task": self.takes_task,
            "prompts": prompts,
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]


def family_of(path: str) -> str:
    """What the path alone says: "endpoint" for a reranker, "listwise" for one that orders lists, "bi-encoder", or ""
    without a path."""
    return "" if not path else {"embeddings": "bi-encoder", "chat": "listwise"}.get(PATHS[path], "endpoint")


def known(url: str) -> Endpoint | None:
    """The endpoint as far as the URL itself, or an earlier question to the server, says it; never asks."""
    asked = address.parse(url)
    with _lock:
        remembered = _remembered.get(url.strip())
    return remembered[1] if remembered else _spelled_out(asked)


def find(url: str) -> Endpoint:
    """The endpoint; the server is asked where the URL leaves something open. Raises `Problem` in one sentence: nothing
    answers, or what has to be written out."""
    asked = address.parse(url)
    if endpoint := _spelled_out(asked):
        return endpoint
    with _lock:
        at, remembered = _remembered.get(url.strip(), (0.0, None))
    if remembered and time.monotonic() - at < FRESH_S:
        return remembered
    found = _chatting(asked) if PATHS.get(asked.path) == "chat" else _asked(asked)
    with _lock:
        _remembered[url.strip()] = (time.monotonic(), found)
    return found


def _asked(asked: Address) -> Endpoint:
    client = Client(asked)
    try:
        return _found(asked, probing.ask(client, paths=not asked.path))
    finally:
        client.close()


def _spelled_out(asked: Address) -> Endpoint | None:
    """Rerankers whose path names one interface, with their model; vectors depend on more than that."""
    shape = PATHS.get(asked.path, "")
    if shape == "chat":
        model, settings = listwise.settings_of(asked.model)
        return Endpoint(asked, shape, model, listing=settings) if model else None
    if asked.model and shape in shapes.RERANKING:
        return Endpoint(asked, shape, asked.model)
    return None


def _chatting(asked: Address) -> Endpoint:
    """A server of text generation with a single model, which it is asked for."""
    chat = Chat(asked.url, section="")
    try:
        return Endpoint(asked, "chat", chat.model, listing=listwise.settings_of(asked.model)[1])
    finally:
        chat.close()


def _found(asked: Address, facts: Facts) -> Endpoint:
    shape, path = _shape(asked, facts)
    task = facts.owner == probing.OURS or asked.host == "api.jina.ai"
    return Endpoint(
        address=replace(asked, path=path),
        shape=shape,
        model=_model(replace(asked, path=path), facts, facts.encoders if shape == "embeddings" else facts.rerankers),
        version=facts.version,
        largest_batch=facts.largest_batch,
        precision=facts.precision,
        takes_task=shape == "embeddings" and task,
    )


def _shape(asked: Address, facts: Facts) -> tuple[str, str]:
    """The interface and its path."""
    if asked.path and facts.tei and (facts.tei == "embedding") != (PATHS[asked.path] == "embeddings"):
        raise Problem(
            f"{asked.host} serves {facts.models[0]}, which TEI calls {_a(facts.tei)}: write /v1/embeddings for an "
            "embedding model, in dense(...), and /rerank for a reranker.",
            usage=True,
        )
    if asked.path == "/rerank":
        # vLLM and Infinity list their models, TEI does not; a bare /rerank that says nothing of itself is TEI's
        return ("tei" if facts.tei or not facts.models else "rerank"), asked.path
    if asked.path:
        return PATHS[asked.path], asked.path
    if facts.tei == "reranker":
        return "tei", "/rerank"
    if facts.tei == "embedding":
        return "embeddings", "/v1/embeddings"
    if facts.tei:
        raise Problem(
            f"{asked.host} serves {facts.models[0]}, which TEI calls {_a(facts.tei)}: it neither reranks nor encodes.",
            usage=True,
        )
    rerank = next((path for path in _FOUND_FIRST if path in facts.paths), "")
    embeddings = next((path for path in ("/v1/embeddings", "/embeddings") if path in facts.paths), "")
    if rerank and embeddings:
        raise Problem(
            f"{asked.host} speaks {rerank} and {embeddings}: write which of them is meant after {asked.base}.",
            usage=True,
        )
    if not (rerank or embeddings):
        raise Problem(
            f"{asked.host} does not say what it speaks: write the path after {asked.base}, one of {SPOKEN}.",
            usage=True,
        )
    path = rerank or embeddings
    return PATHS[path] or "rerank", path


def _model(asked: Address, facts: Facts, models: tuple[str, ...]) -> str:
    if facts.tei and asked.model not in ("", *facts.models):
        raise Problem(
            f"{asked.host} serves {facts.models[0]} and not {asked.model}: write that name after '#', or none.",
            usage=True,
        )
    if asked.model or not models:
        return asked.model
    if len(models) > 1:
        shown = ", ".join(models[:4]) + (", ..." if len(models) > 4 else "")
        raise Problem(
            f"{asked.host} serves several models ({shown}): write the one that is meant after '#', as in "
            f"{asked.url}#{models[0]}.",
            usage=True,
        )
    return models[0]


def _a(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"
