"""A server in a thread that answers Qdrant's REST requests with what qdrant-client's own local code finds.

No Qdrant server can be had where the tests run (neither PyPI nor Debian has one): so what is tested is the client's way
over HTTP, and not the server's search. `spoil` alters an answer, its body and its headers.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Served:
    local: Any
    url: str = ""
    log: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    spoil: Callable[[str, bytes, dict[str, str]], bytes] | None = None

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        from qdrant_client import models

        _, _, index, *route = path.split("?")[0].split("/")
        try:
            match method, "/".join(route):
                case "GET", "":
                    found: Any = self.local.get_collection(index)
                case "POST", "points":
                    found = self.local.retrieve(index, body["ids"], with_payload=body["with_payload"])
                case "POST", "points/count":
                    found = self.local.count(index)
                case "POST", "points/query":
                    wanted = models.QueryRequest(**body)
                    found = self.local.query_points(
                        index, query=wanted.query, using=wanted.using, query_filter=wanted.filter, limit=wanted.limit
                    )
                case "POST", "points/query/batch":
                    found = self.local.query_batch_points(index, models.QueryRequestBatch(**body).searches)
                case _:
                    return 404, f"no route {method} {path}"
        except ValueError as error:
            return 404, str(error)
        return 200, found


@contextmanager
def serving(local: Any) -> Iterator[Served]:
    from qdrant_client.http.models import BaseModel

    served = Served(local)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:
            pass

        def do_GET(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            sent = json.loads(self.rfile.read(size) or b"null")
            served.log.append((self.command, self.path, dict(self.headers)))
            status, found = served.answer(self.command, self.path, sent)
            told = {"result": found} if status == 200 else {"status": {"error": found}}
            body = json.dumps(
                {"status": "ok", "time": 0.0, **told},
                default=lambda each: each.model_dump(mode="json") if isinstance(each, BaseModel) else str(each),
            ).encode()
            headers = {"Content-Type": "application/json"}
            if served.spoil:
                body = served.spoil(self.path, body, headers)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
