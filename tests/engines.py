"""A server in a thread that answers as Elasticsearch's and OpenSearch's documentation has it.

What it finds it counts: a document's score is how many of the query's words it has, each addend of it a word. `faults`
say what it does otherwise, `log` what it was asked.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Documents = Mapping[str, Mapping[str, Any]]  # fields by id


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: Mapping[str, str]
    body: Any


@dataclass
class Elastic:
    """`refusals` are answered first, one after the other: status, headers, body. `change` alters an answer to a
    search, `closed` are paths that are not there; a search that has the word `refused` in it is."""

    documents: Documents
    refusals: list[tuple[int, dict[str, str], Any]] = field(default_factory=list)
    change: Callable[[dict[str, Any]], None] | None = None
    log: list[Asked] = field(default_factory=list)
    closed: tuple[str, ...] = ()
    refused: str = ""
    url: str = ""

    def searches(self) -> list[Any]:
        """The bodies of all searches by a query, in order."""
        found = []
        for asked in self.log:
            if asked.path.partition("?")[0].endswith("_msearch"):
                found += asked.body[1::2]
            elif "_search" in asked.path and "ids" not in asked.body["query"]:
                found.append(asked.body)
        return found

    def answer(self, asked: Asked) -> tuple[int, dict[str, str], Any]:
        self.log.append(asked)
        if self.refusals:
            return self.refusals.pop(0)
        path = asked.path.partition("?")[0]
        if path in self.closed:
            return 404, {}, b"no such thing"
        if path == "/":
            version = {"number": "2.17.1", "distribution": "opensearch", "lucene_version": "9.11.1"}
            return 200, {}, {"name": "node-1", "cluster_name": "docs", "version": version}
        index, _, what = path.strip("/").partition("/")
        if index == "absent":
            reason = {"type": "index_not_found_exception", "reason": "no such index [absent]", "index": "absent"}
            return 404, {}, {"error": {"root_cause": [reason], **reason}, "status": 404}
        match what:
            case "_search":
                answer = self._search(index, asked.body)
                return answer.get("status", 200), {}, answer
            case "_msearch":
                responses = [{"status": 200, **self._search(index, body)} for body in asked.body[1::2]]
                return 200, {}, {"took": 3, "responses": responses}
            case "_settings":
                settings = {"index.uuid": "Xa3-uuid", "index.number_of_shards": "1", "index.refresh_interval": "1s"}
                return 200, {}, {index: {"settings": settings}}
            case "_mapping":
                return 200, {}, {index: {"mappings": {"properties": {"text": {"type": "text"}}}}}
            case "_count":
                return 200, {}, {"count": len(self.documents), "_shards": _SHARDS}
        return 400, {}, {"error": f"no handler found for uri [{asked.path}] and method [{asked.method}]"}

    def _search(self, index: str, body: dict[str, Any]) -> dict[str, Any]:
        if self.refused and self.refused in json.dumps(body, ensure_ascii=False):
            return {"error": {"root_cause": [_CLAUSES], "type": "x", "reason": "all shards failed"}, "status": 400}
        if "ids" in body["query"]:
            found = [(1.0, id, ()) for id in body["query"]["ids"]["values"] if id in self.documents]
        else:
            words = sorted(set(re.findall(r"\w+", _text(body["query"]).lower())))
            found = []
            for id, fields in self.documents.items():
                there = re.findall(r"\w+", " ".join(map(str, fields.values())).lower())
                addends = [(float(there.count(word)), word) for word in words if word in there]
                if addends:
                    found.append((sum(count for count, _ in addends), id, addends))
            found.sort(key=lambda each: -each[0])
        only = json.dumps(body.get("post_filter", {}))
        hits = []
        for score, id, addends in found:
            if "post_filter" in body and f'"{id}"' not in only:
                continue
            hit: dict[str, Any] = {"_index": index, "_id": id, "_score": score}
            if body.get("_source"):
                hit["_source"] = {
                    name: self.documents[id][name] for name in body["_source"] if name in self.documents[id]
                }
            if body.get("explain"):
                details = [
                    {"value": count, "description": f"weight(text:{word} in 7) [PerFieldSimilarity], result of:",
                     "details": [{"value": count, "description": "score(freq), product of:", "details": []}]}
                    for count, word in addends
                ]  # fmt: skip
                hit["_explanation"] = {"value": score, "description": "sum of:", "details": details}
            hits.append(hit)
        total = {"value": len(hits), "relation": "eq"}
        shown = hits[: body["size"]]
        answer = {
            "took": 2, "timed_out": False, "_shards": dict(_SHARDS),
            "hits": {"total": total, "max_score": shown[0]["_score"] if shown else None, "hits": shown},
        }  # fmt: skip
        if self.change is not None and "ids" not in body["query"]:
            self.change(answer)
        return answer


_CLAUSES = {"type": "too_many_clauses", "reason": "maxClauseCount is set to 1024"}
_SHARDS = {"total": 1, "successful": 1, "skipped": 0, "failed": 0}


def _text(query: Any) -> str:
    """Wherever a query has its words."""
    if isinstance(query, dict):
        if isinstance(query.get("query"), str):
            return query["query"]
        return " ".join(map(_text, query.values()))
    return query if isinstance(query, str) else ""


@contextmanager
def elastic(documents: Documents) -> Iterator[Elastic]:
    """Listens on loopback for as long as it is wanted."""
    found = Elastic(documents)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answered()

        def do_POST(self) -> None:
            self._answered()

        def _answered(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            lines: Sequence[bytes] = content.splitlines()
            several = self.headers.get("Content-Type") == "application/x-ndjson"
            body = [json.loads(line) for line in lines] if several else json.loads(content or b"null")
            status, headers, answer = found.answer(Asked(self.command, self.path, dict(self.headers), body))
            sent = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(sent)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
