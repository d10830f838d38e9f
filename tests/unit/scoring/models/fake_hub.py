"""A server that answers as the Hugging Face hub does, for the few questions that a download asks."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "c" * 40


@dataclass
class FakeHub:
    """`files` of `repository`, by name, and of any `others`; `refusal` is an (HTTP status, hub error code) for
    everything, or for the repositories named in `refused` alone."""

    files: dict[str, bytes]
    repository: str = "someone/model"
    others: dict[str, dict[str, bytes]] = field(default_factory=dict)
    refusal: tuple[int, str] | None = None
    refused: tuple[str, ...] = ()
    refuse_files: bool = False  # answers questions, and refuses the files themselves
    breaks_after: int | None = None  # bytes of a file, after which the connection is closed
    served: list[str] = field(default_factory=list)
    url: str = ""

    @contextmanager
    def running(self) -> Iterator[FakeHub]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()

    def _handler(hub) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - `self` is the request
        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def do_HEAD(self) -> None:
                self._answer(body=False)

            def do_GET(self) -> None:
                self._answer(body=True)

            def _answer(self, body: bool) -> None:
                path = self.path.partition("?")[0].strip("/")
                named = next((each for each in (*hub.others, hub.repository) if f"{each}/" in f"{path}/"), "")
                files = hub.others.get(named, hub.files)
                refused = not hub.refused or named in hub.refused
                if hub.refusal and refused and (not hub.refuse_files or "/resolve/" in path):
                    status, code = hub.refusal
                    return self._send(status, b"{}", {"X-Error-Code": code}, body)
                if path.startswith(f"api/models/{named}/tree/"):
                    return self._json([self._entry(files, name) for name in files], body)
                if named and path.startswith(f"api/models/{named}"):
                    revision = path.rpartition("/revision/")[2] if "/revision/" in path else "main"
                    if revision not in ("main", COMMIT):
                        return self._send(404, b"{}", {"X-Error-Code": "RevisionNotFound"}, body)
                    siblings = [{"rfilename": name, "size": len(files[name])} for name in files]
                    return self._json({"id": named, "sha": COMMIT, "siblings": siblings}, body)
                name = path.partition(f"{named}/resolve/{COMMIT}/")[2]
                if name not in files:
                    return self._send(404, b"{}", {"X-Error-Code": "RepoNotFound"}, body)
                if body:
                    hub.served.append(name)
                etag = hashlib.sha256(files[name]).hexdigest()
                self._send(200, files[name], {"ETag": f'"{etag}"', "X-Repo-Commit": COMMIT}, body)

            def _entry(self, files: dict[str, bytes], name: str) -> dict[str, object]:
                content = files[name]
                return {"type": "file", "path": name, "size": len(content), "oid": hashlib.sha1(content).hexdigest()}

            def _json(self, value: object, body: bool) -> None:
                self._send(200, json.dumps(value).encode(), {"Content-Type": "application/json"}, body)

            def _send(self, status: int, content: bytes, headers: dict[str, str], body: bool) -> None:
                self.send_response(status)
                for key, value in {**headers, "Content-Length": str(len(content))}.items():
                    self.send_header(key, value)
                self.end_headers()
                if body:
                    self.wfile.write(content[: hub.breaks_after])
                    self.close_connection = True

        return Handler
