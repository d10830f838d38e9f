"""Calls an endpoint: within its batch limit, in the order of the inputs, with every answer checked."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from zsr_tui.domain import Problem
from zsr_tui.scoring.endpoints import shapes
from zsr_tui.scoring.endpoints.client import BatchRefused, Client, NotUnderstood

if TYPE_CHECKING:
    import numpy as np

    from zsr_tui.scoring.endpoints.served import Endpoint

_TASKS = {"query": "retrieval.query", "document": "retrieval.passage"}  # Jina's names
_limits: dict[tuple[str, str], int] = {}  # (url, model) -> inputs that it is known to take at a time
_lock = threading.Lock()
_log = logging.getLogger(__name__)


class Caller:
    """One endpoint. A batch that it refuses (413, 422) is repeated in halves, and the size that it took is remembered
    until the process ends."""

    def __init__(self, endpoint: Endpoint, client: Client) -> None:
        self._endpoint, self._client = endpoint, client
        self._key = (endpoint.address.url, endpoint.model)
        self._wishes: bool | None = None  # whether it takes shapes.WISHES; None before the first answer
        if endpoint.largest_batch:
            self._lower(endpoint.largest_batch)

    @property
    def largest_batch(self) -> int | None:
        """Inputs of one request; None while no limit has been met."""
        with _lock:
            return _limits.get(self._key)

    def close(self) -> None:
        self._client.close()

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        """One score a text, in order; NaN or infinite where the server says so. Raises `Problem`."""
        model, shape, host = self._endpoint.model, self._endpoint.shape, self._endpoint.address.host

        def call(part: Sequence[str]) -> list[float]:
            body = shapes.rerank_request(shape, model, _sendable(query), [_sendable(text) for text in part])
            return shapes.scores(self._post(body), len(part), host)

        return self._in_parts(texts, call)

    def vectors(self, texts: Sequence[str], role: str) -> np.ndarray:
        """float32 of shape (texts, dimension), in order. Raises `Problem`."""
        import numpy as np

        task = {"task": _TASKS[role]} if self._endpoint.takes_task else {}

        def call(part: Sequence[str]) -> list[np.ndarray]:
            body = shapes.embed_request(self._endpoint.model, [_sendable(text) for text in part])
            return list(shapes.vectors(self._post({**body, **task}), len(part), self._endpoint.address.host))

        rows = self._in_parts(texts, call)
        if len({len(row) for row in rows}) > 1:
            raise Problem(f"{self._endpoint.address.host} changed the length of its vectors between two answers.")
        return np.stack(rows)

    def _in_parts(self, texts: Sequence[str], call: Callable[[Sequence[str]], list[Any]]) -> list[Any]:
        rows: list[Any] = []
        while len(rows) < len(texts):
            rows += self._halved(texts[len(rows) : len(rows) + (self.largest_batch or len(texts))], call)
        return rows

    def _halved(self, texts: Sequence[str], call: Callable[[Sequence[str]], list[Any]]) -> list[Any]:
        try:
            return call(texts)
        except BatchRefused as refused:
            if len(texts) == 1:
                raise Problem(
                    f"{self._endpoint.address.host} refuses an input of {len(texts[0]):,} characters even alone: "
                    f"{refused.said.rstrip('.')}.",
                ) from None
        middle = (len(texts) + 1) // 2
        rows = self._halved(texts[:middle], call) + self._halved(texts[middle:], call)
        self._lower(middle)  # only now: a single input that is refused says nothing of the batches
        return rows

    def _lower(self, size: int) -> None:
        with _lock:
            _limits[self._key] = min(size, _limits.get(self._key, size))

    def _post(self, body: dict[str, Any]) -> Any:
        """With the wishes, unless the server has shown that it takes the request only without them."""
        wishes = shapes.WISHES[self._endpoint.shape]
        if not wishes or self._wishes is False:
            return self._understood(body)
        try:
            answer = self._client.post({**body, **wishes})
        except (BatchRefused, NotUnderstood) as refused:
            if self._wishes:
                raise self._final(refused) from None
        else:
            self._wishes = True
            return answer
        answer = self._understood(body)
        self._wishes = False
        _log.info("%s takes its requests only without %s", self._endpoint.address.host, ", ".join(wishes))
        return answer

    def _understood(self, body: dict[str, Any]) -> Any:
        try:
            return self._client.post(body)
        except NotUnderstood as refused:
            raise self._final(refused) from None

    def _final(self, refused: BatchRefused | NotUnderstood) -> Exception:
        if isinstance(refused, BatchRefused):
            return refused
        return Problem(f"{self._endpoint.address.host} refuses the request: {refused.said.rstrip('.')}.")


def _sendable(text: str) -> str:
    """Servers refuse empty strings, and half of a surrogate pair cannot be sent."""
    return text.encode("utf-8", "replace").decode("utf-8") or " "
