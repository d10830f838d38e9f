"""A reranker over HTTP that a test lets answer when it wants to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Reranker:
    """Scores by length. It answers its first `answers` requests, and the others once `go_on` is set."""

    def __init__(self, answers: int) -> None:
        self.go_on = threading.Event()
        self.asked: list[int] = []  # texts of each request
        self._left = threading.Semaphore(answers)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"reranker": self}))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/rerank"

    def scores(self, texts: list[str]) -> list[dict[str, Any]]:
        self.asked.append(len(texts))
        if not self._left.acquire(blocking=False):
            self.go_on.wait()
        return [{"index": place, "score": len(text) / 100} for place, text in enumerate(texts)]


class _Handler(BaseHTTPRequestHandler):
    reranker: Reranker

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        answer = json.dumps(self.reranker.scores(body["texts"])).encode()
        with suppress(OSError):  # who asked may have been killed
            self.send_response(200)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

    def log_message(self, format: str, *arguments: object) -> None:
        """Says nothing."""


@contextmanager
def reranking(answers: int = 10**9) -> Iterator[Reranker]:
    """All that it is asked is answered in the end."""
    reranker = Reranker(answers)
    with reranker.server as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield reranker
        finally:
            reranker.go_on.set()
            server.shutdown()
