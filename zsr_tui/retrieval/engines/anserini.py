"""The REST servers of Anserini (`io.anserini.api.RestServer`) and Pyserini (`pyserini.server.rest`).

Anserini:  GET  /v1/{index}/search?query=&hits=     {candidates: [{docid, score, rank, doc}]}
Pyserini:  POST /v1/indexes/{index}/search          {candidates: [{docid, score, document_txt}]}

Both have one query a request, send the documents with their list, and explain nothing. Anserini's says nothing of the
state that its index is in, Pyserini's how large the published one is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from zsr_tui.domain import Doc, Problem
from zsr_tui.explanation import Explanation
from zsr_tui.pipeline import Kind
from zsr_tui.progress import CancelToken
from zsr_tui.retrieval.engines.calling import OF_QUERY, Calls, Refused, TooLarge, at_once
from zsr_tui.retrieval.engines.fields import of_source
from zsr_tui.retrieval.engines.named import Engine
from zsr_tui.retrieval.engines.records import Found, Hit, State
from zsr_tui.text import whole_characters

_OF_QUERY = (*OF_QUERY, 404)  # which Pyserini's says of an empty query, too
_ABOVE = {"anserini": "/v1", "pyserini": "/v1/indexes"}  # the index


def without_version(engine: Engine) -> Engine:
    """An address may be written as the server's documentation has it, with the path above the index."""
    for kind, above in _ABOVE.items():
        if kind == engine.kind:
            return replace(engine, base=engine.base.removesuffix(above).removesuffix("/v1"))
    return engine


class Rest:
    model = ""  # it takes texts
    kind: Kind = "dense"

    def __init__(self, engine: Engine, calls: Calls) -> None:
        self._engine, self._calls = engine, calls
        self._place = f"{_ABOVE[engine.kind]}/{engine.path}"

    def search(self, queries: Sequence[str], depth: int, cancel: CancelToken) -> list[Found]:
        return at_once(lambda query: self._found(query, depth, cancel), queries)

    def _found(self, query: str, depth: int, cancel: CancelToken) -> Found:
        """Empty for a query that is refused, while a plain word is taken."""
        try:
            return self._list(query, depth, cancel)
        except Refused as refused:
            if refused.status not in _OF_QUERY:
                raise
            try:
                self._list("a", 1, cancel)
            except Refused:
                raise refused from None
            return Found([], refused=refused.detail)

    def _list(self, query: str, depth: int, cancel: CancelToken) -> Found:
        text = whole_characters(query)
        try:
            if self._engine.kind == "anserini":
                asked = urlencode({"query": text, "hits": depth})
                answer = self._calls.ask("GET", f"{self._place}/search?{asked}", cancel)
            else:
                answer = self._calls.ask("POST", f"{self._place}/search", cancel, body={"query": text, "hits": depth})
        except TooLarge:
            raise self._calls.too_large() from None
        listed = answer.get("candidates") if isinstance(answer, dict) else None
        if not isinstance(listed, list):
            raise self._calls.unlike(json.dumps(answer)[:500])
        return Found([self._hit(each) for each in listed[:depth]])

    def _hit(self, candidate: Any) -> Hit:
        doc_id = candidate.get("docid") if isinstance(candidate, dict) else None
        if not isinstance(doc_id, str):
            raise self._calls.unlike(json.dumps(candidate)[:500])
        score = candidate.get("score")
        number = float(score) if isinstance(score, int | float) and not isinstance(score, bool) else None
        inside = candidate.get("doc", candidate.get("document_txt"))
        return Hit(doc_id, number, inside)

    def documents(self, hits: Sequence[Hit], cancel: CancelToken) -> list[Doc]:
        return [of_source(self._engine, hit.doc_id, _source(hit.handle)) for hit in hits]

    def state(self) -> State:
        """Pyserini's indexes are published ones: their size tells one from another."""
        if self._engine.kind == "anserini":
            return State()
        answer = self._calls.ask("GET", f"{self._place}/status", CancelToken(), attempts=2)
        size = answer.get("size_bytes") if isinstance(answer, dict) else None
        return State(f"{self._engine.index}, {size} bytes packed", size) if isinstance(size, str) else State()

    def explain(self, query: str, doc_id: str, cancel: CancelToken) -> Explanation:
        ranking = self._list(query, 1000, cancel).hits
        score = next((hit.score for hit in ranking if hit.doc_id == doc_id), None)
        name = "Anserini" if self._engine.kind == "anserini" else "Pyserini"
        notes = [f"{name}'s REST server explains no score: bm25 explains that of an index of our own."]
        notes += ["It is not among the first 1,000 documents of its list."] if score is None else []
        return Explanation(family=self._engine.kind, method="", unit="score", score=score, notes=tuple(notes))

    def hello(self) -> str:
        if self._engine.kind == "anserini":
            self._list("a", 1, CancelToken())  # it has nothing else that is JSON
            return f"Anserini's REST server with {self._engine.index}"
        answer = self._calls.ask("GET", "/", CancelToken(), attempts=1)
        if not isinstance(answer, dict) or "Pyserini" not in str(answer.get("name")):
            raise Problem(
                f"{self._engine.host} is no REST server of Pyserini: correct the address of {self._engine.name}."
            )
        return f"{answer['name']} {answer.get('version', '')}".strip()


def _source(inside: Any) -> Mapping[str, Any]:
    if isinstance(inside, str):
        try:
            parsed = json.loads(inside)
        except (ValueError, RecursionError):
            parsed = None
        return parsed if isinstance(parsed, dict) else {"text": inside}
    return inside if isinstance(inside, dict) else {}
