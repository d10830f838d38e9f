"""Requests to one engine: several at once, its refusals in one sentence that holds its own reason and no secret."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from urllib.parse import urlsplit

from zsr_tui import paths
from zsr_tui.domain import Problem
from zsr_tui.progress import CancelToken
from zsr_tui.retrieval.engines.named import Engine
from zsr_tui.scoring.endpoints.calling import requests_at_once
from zsr_tui.servers import keys
from zsr_tui.servers.asking import Asking, Patience, how_long, without
from zsr_tui.servers.receiving import LARGEST, Received, TooLarge
from zsr_tui.text import one_line

MOST_HITS = 10_000  # documents of all lists that one request asks for
OF_QUERY = (400, 413, 422, 500)  # statuses of refusals that may be one query's, where others are taken
_NAP_S = 0.1  # between two looks whether anybody still waits
_REASON = 300  # characters of an engine's own words
_NO_INDEX = re.compile(r"index_not_found|no such index|unknown index|\bindex\b.{0,200}\bnot found", re.I)
P = TypeVar("P")
R = TypeVar("R")


class Refused(Problem):
    """The engine does not do what it is asked; with its own reason. `status` is HTTP's, `request` what was asked, as in
    POST /docs/_search; `no_index` where the engine says that it has no such index."""

    def __init__(
        self,
        message: str,
        status: int,
        *,
        detail: str = "",
        usage: bool = False,
        request: str = "",
        no_index: bool = False,
    ) -> None:
        super().__init__(message, detail=detail, usage=usage)
        self.status, self.request, self.no_index = status, request, no_index


class Calls:
    """Thread-safe. Keeps its connections until `close`."""

    def __init__(
        self, engine: Engine, patience: Patience | None = None, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.engine, self._sleep = engine, sleep
        self.patience = patience or Patience()
        self._asking = Asking(engine, self.patience)

    def close(self) -> None:
        self._asking.close()

    def ask(
        self,
        method: str,
        path: str,
        cancel: CancelToken,
        *,
        body: Any = None,
        lines: Sequence[Any] | None = None,
        attempts: int = 0,
    ) -> Any:
        """The decoded JSON answer to `body`, or to `lines` of JSON. Raises `Refused`, another `Problem`, `TooLarge` or
        `Cancelled`."""
        headers = self.engine.secrets()
        content = None
        if lines is not None:
            content = b"".join(json.dumps(each).encode() + b"\n" for each in lines)
            headers = {**headers, "Content-Type": "application/x-ndjson"}
        secrets = tuple(headers.values())
        response = self._asking.ask(
            method,
            self.engine.base + path,
            body=body,
            content=content,
            headers=headers,
            secrets=secrets,
            attempts=attempts,
            stopped=lambda: cancel.cancelled,
            sleep=lambda seconds: self.wait(seconds, cancel),
        )
        if response.moved:
            raise Problem(f"{self.engine.base} has moved to {one_line(response.moved)[:_REASON]}: write that address.")
        if not 200 <= response.status < 300:
            asked = f"{method} {urlsplit(self.engine.base + path).path}"
            raise self._refused(response, one_line(asked)[:_REASON], secrets)
        try:
            return json.loads(response.content)
        except (ValueError, RecursionError):
            raise self.unlike(without(secrets, response.text)[:500]) from None

    def wait(self, seconds: float, cancel: CancelToken) -> None:
        """Raises `Cancelled` as soon as it is no longer wanted."""
        while seconds > 0:
            cancel.check()
            self._sleep(min(seconds, _NAP_S))
            seconds -= _NAP_S

    def unlike(self, detail: str = "") -> Problem:
        """An answer that no such engine gives."""
        return Problem(
            f"{self.engine.host} gave an answer as no {self.engine.kind} does: check the address of "
            f"{self.engine.name}.",
            detail=detail,
        )

    def too_large(self) -> Problem:
        return Problem(
            f"{self.engine.host} gave an answer of more than {LARGEST >> 20} MB for one query: ask for fewer documents."
        )

    def _refused(self, response: Received, asked: str, secrets: Sequence[str]) -> Refused:
        engine, status = self.engine, response.status
        no_index = status == 404 and bool(_NO_INDEX.search(response.text[:10_000]))
        reason = reason_of(response, secrets)
        has_key = bool(engine.headers or keys.key_of(engine))
        usage = status in (400, 401, 403, 404, 405)
        match status:
            case 401 | 403 if not has_key:
                message = (
                    f"{engine.host} asks for a key ({asked}, status {status}): headers of {engine.name} in "
                    f"{paths.engines_file()} name its variable, or set {keys.variables(engine)[-1]} and restart."
                )
            case 401 | 403:
                message = (
                    f"{engine.host} does not let us in with the key that it is sent ({asked}, status {status}): "
                    f"{reason}."
                )
            case 404 if no_index:
                message = f"{engine.host} has no index {engine.index!r} (status 404): {reason}."
            case 429:
                message = (
                    f"{engine.host} takes no more requests for now (status 429): wait{how_long(response)}, then repeat."
                )
            case _:
                message = f"{engine.host} refuses {asked} (status {status}): {reason}."
        return Refused(message, status, detail=reason, usage=usage, request=asked, no_index=no_index)


def reason_of(response: Received, secrets: Sequence[str] = ()) -> str:
    """The engine's own words, on one line without its full stop."""
    try:
        answer = json.loads(response.content)
    except (ValueError, RecursionError):
        answer = response.text
    return one_line(without(secrets, reason(answer))).rstrip(". ")[:_REASON] or "it gives no reason"


def reason(answer: Any) -> str:
    """Of an error in JSON: Elasticsearch's first cause, FastAPI's detail, Anserini's error."""
    if isinstance(answer, str):
        return answer
    if isinstance(answer, list):
        return next((found for each in answer if (found := reason(each))), "")
    if isinstance(answer, dict):
        for name in (
            "failed_shards",
            "root_cause",
            "caused_by",
            "reason",
            "error",
            "detail",
            "message",
            "msg",
            "status",
        ):
            if name in answer and (found := reason(answer[name])):
                return found
    return ""


def in_parts(queries: Sequence[P], depth: int, most: int) -> Iterator[Sequence[P]]:
    """So many that their lists together are of a bounded length, `most` at a time."""
    size = max(1, min(most, MOST_HITS // max(1, depth)))
    for start in range(0, len(queries), size):
        yield queries[start : start + size]


def at_once(work: Callable[[P], R], parts: Sequence[P]) -> list[R]:
    """In order; a few requests at a time. The first error is raised."""
    if len(parts) < 2:
        return [work(part) for part in parts]
    with ThreadPoolExecutor(min(len(parts), requests_at_once()), "engine") as threads:
        futures = [threads.submit(work, part) for part in parts]
        try:
            return [future.result() for future in futures]
        finally:
            for future in futures:
                future.cancel()


__all__ = [
    "MOST_HITS", "OF_QUERY", "Calls", "Refused", "TooLarge", "at_once", "in_parts", "reason",
]  # fmt: skip
