"""A corpus of made-up words, and a server of /v1/rerank that does something otherwise: two scorers
with a planted difference between them."""

from __future__ import annotations

import json
import math
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from zsr_tui.domain import ScoredDoc

Rows = list[dict[str, Any]]
Score = Callable[[str, str], float]
WORDS = "abcdefgh"


def corpus(folder: Path) -> Path:
    """In BEIR's layout: 10 queries of two words, 60 documents of 1 to 45, half of them with a title, an empty one."""
    order = random.Random(3)
    folder.mkdir()
    docs = [{"_id": "empty", "title": "", "text": ""}]
    for number in range(59):
        words = [order.choice(WORDS) for _ in range(order.choice([1, 3, 6, 9, 12, 20, 30, 45]))]
        docs.append({"_id": f"d{number}", "title": order.choice(["", "a b"]), "text": " ".join(words)})
    queries = [{"_id": f"q{number}", "text": f"{order.choice(WORDS)} {order.choice(WORDS)}"} for number in range(10)]
    for name, rows in (("corpus", docs), ("queries", queries)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    judged = [f"q{number}\t{order.choice(docs)['_id']}\t1\n" for number in range(10) for _ in range(3)]
    (folder / "qrels").mkdir()
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n" + "".join(dict.fromkeys(judged)))
    return folder


class AnyOrder:
    """In place of a BM25 index: documents of the corpus by a seed, the empty one among them."""

    def search(self, text: str, count: int, **_: float) -> list[ScoredDoc]:
        ids = ["empty", *(f"d{number}" for number in range(59))]
        random.Random(text).shuffle(ids)
        return [ScoredDoc(doc_id, 1.0) for doc_id in ids[:count]]


@dataclass
class Server:
    """Of /v1/rerank: scores pairs by `score`, and answers what `spoil` makes of its rows. `asked`: how many documents
    each request had."""

    url: str = ""
    score: Score = lambda _query, _text: 0.0
    spoil: Callable[[Rows], Rows] | None = None
    asked: list[int] = field(default_factory=list)

    def answer(self, body: dict[str, Any]) -> dict[str, Rows]:
        self.asked.append(len(body["documents"]))
        rows = [
            {"index": at, "relevance_score": self.score(body["query"], text)}
            for at, text in enumerate(body["documents"])
        ]
        return {"results": self.spoil(rows) if self.spoil else rows}


@contextmanager
def listening() -> Iterator[Server]:
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            content = json.dumps(server.answer(body)).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None: ...

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{listener.server_port}/v1/rerank#served"
    thread = threading.Thread(target=listener.serve_forever, args=(0.01,))
    thread.start()
    yield server
    listener.shutdown()
    thread.join()
    listener.server_close()


def renumbered(rows: Rows) -> Rows:
    """Sorted, and numbered as they stand then."""
    ordered = sorted((row["relevance_score"] for row in rows), reverse=True)
    return [{"index": at, "relevance_score": score} for at, score in enumerate(ordered)]


def without_index(rows: Rows) -> Rows:
    return [{"relevance_score": row["relevance_score"]} for row in renumbered(rows)]


def sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))
