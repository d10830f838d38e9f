"""Calls an endpoint: a few requests at once, within its batch limit, in the order of the inputs, with every answer
checked.

ZSR_TUI_ENDPOINT_REQUESTS  requests to one server at once
"""

from __future__ import annotations

import logging
import math
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from threading import Event
from typing import TYPE_CHECKING, Any

from zsr_tui.domain import Problem
from zsr_tui.numerals import counted
from zsr_tui.scoring.endpoints import shapes
from zsr_tui.scoring.endpoints.client import Client, Failed, NotUnderstood, Refused
from zsr_tui.servers.asking import LATER, REPEATED
from zsr_tui.text import whole_characters

if TYPE_CHECKING:
    import numpy as np

    from zsr_tui.scoring.endpoints.served import Endpoint

REQUEST_INPUTS = 32  # of a request, where the server does not take fewer
REQUESTS = 4  # at once; ZSR_TUI_ENDPOINT_REQUESTS moves it
_MOST = 64  # more would hold up everybody else's work on the server
_TASKS = {"query": "retrieval.query", "document": "retrieval.passage"}  # Jina's names
_WORD = "a"
_limits: dict[tuple[str, str], int] = {}  # (url, model) -> inputs that it is known to take at a time
_lock = threading.Lock()
_log = logging.getLogger(__name__)
_Call = Callable[[str, Sequence[str], Event, Sequence[int]], list[Any]]  # the last: statuses that are asked for again


def requests_at_once() -> int:
    """Raises `Problem` for a ZSR_TUI_ENDPOINT_REQUESTS that is no whole number from 1 to 64."""
    written = os.environ.get("ZSR_TUI_ENDPOINT_REQUESTS", "")
    count = int(written) if written.isascii() and written.isdigit() else 0 if written else REQUESTS
    if not 1 <= count <= _MOST:
        raise Problem(f"ZSR_TUI_ENDPOINT_REQUESTS is {written!r}: write a whole number from 1 to {_MOST}.", usage=True)
    return count


class Caller:
    """One endpoint; thread-safe. Several requests are under way at once, after a first one that shows what the server
    takes. A batch that it refuses (400, 413, 422), fails for (5xx, 424) or answers with too few or too many results is
    repeated in halves, and the size that it took is remembered until the process ends. An input that it refuses alone,
    while it takes others, is the only one without a result."""

    def __init__(self, endpoint: Endpoint, client: Client, clock: Callable[[], float] = time.perf_counter) -> None:
        self._endpoint, self._client, self._clock = endpoint, client, clock
        self._key = (endpoint.address.url, endpoint.model)
        self._takes_inputs = False  # has taken one: what it refuses from then on is the input's fault
        self._dimension = 0  # of its vectors; 0 before the first
        self._wishes: bool | None = None  # whether it takes shapes.WISHES; None before the first answer
        self._at_once = requests_at_once()
        self._longest_s = client.timeout_s / (2 * self._at_once)
        self._last_s: float | None = None  # that the last part took; None before the first answer
        self._threads = ThreadPoolExecutor(self._at_once, thread_name_prefix=f"endpoint {endpoint.address.host}")
        if endpoint.largest_batch:
            self._lower(endpoint.largest_batch)

    @property
    def largest_batch(self) -> int | None:
        """Inputs of one request; None while no limit has been met."""
        with _lock:
            return _limits.get(self._key)

    def pair_scores(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """One score for each query and text, in order; NaN or infinite where the server says so, NaN for a text that it
        refuses (too long, empty). A request holds texts of one query. Raises `Problem`."""
        model, shape, host = self._endpoint.model, self._endpoint.shape, self._endpoint.address.host

        def call(query: str, part: Sequence[str], stop: Event, again: Sequence[int]) -> list[float]:
            body = shapes.rerank_request(shape, model, _sendable(query), [_sendable(text) for text in part])
            return shapes.scores(self._post(body, stop, again), len(part), host)

        rows = self._in_parts(pairs, call)
        return [math.nan if isinstance(row, Refused) else row for row in rows]

    def role_vectors(self, inputs: Sequence[tuple[str, str]]) -> np.ndarray:
        """float32 of shape (inputs, dimension) for roles ("query", "document") and texts, in order. Of a text that the
        server refuses, or gives a vector for that cannot be used, it is the vector of its beginning, as a model cuts
        it; zeros for one of which it takes nothing. Raises `Problem`."""
        import numpy as np

        rows = self._in_parts(inputs, self._vectors)
        for place, (role, text) in enumerate(inputs):
            if isinstance(rows[place], Refused):
                rows[place] = self._of_its_beginning(role, text)
        if len({len(row) for row in rows}) > 1:
            raise Problem(f"{self._endpoint.address.host} changed the length of its vectors between two answers.")
        return np.stack(rows)

    def _vectors(self, role: str, part: Sequence[str], stop: Event, again: Sequence[int]) -> list[Any]:
        """`Refused` in place of one that is none, and of one as long as no other is: where all are of another length
        than before, and a word's too, they are another model's."""
        host = self._endpoint.address.host
        rows = self._sent(role, part, stop, again)
        lengths = Counter(len(row) for row in rows if row is not None)
        self._dimension = self._dimension or max(lengths, key=lengths.__getitem__, default=0)
        right = self._dimension in lengths or not lengths
        if not right:
            (word,) = self._sent(role, [_WORD], stop, again)
            right = word is not None and len(word) == self._dimension
        wrong = [row is None or (right and len(row) != self._dimension) for row in rows]
        if any(wrong):
            _log.warning("%s gives %s that cannot be used", host, counted(sum(wrong), "vector"))
        return [Refused("a vector that cannot be used") if bad else row for row, bad in zip(rows, wrong, strict=True)]

    def _sent(self, role: str, part: Sequence[str], stop: Event, again: Sequence[int]) -> list[np.ndarray | None]:
        task = {"task": _TASKS[role]} if self._endpoint.takes_task else {}
        body = shapes.embed_request(self._endpoint.model, [_sendable(text) for text in part])
        answer = self._post({**body, **task}, stop, again)
        return shapes.vectors(answer, len(part), self._endpoint.address.host)

    def _of_its_beginning(self, role: str, text: str) -> Any:
        """The vector of as much as the server takes, in halves."""
        while len(text) > 1:
            text = text[: len(text) // 2]
            (row,) = self._halved(role, [text], self._vectors, Event(), LATER)
            if not isinstance(row, Refused):
                return row
        (row,) = self._vectors(role, [_WORD], Event(), REPEATED)
        if isinstance(row, Refused):
            raise Problem(
                f"{self._endpoint.address.host} gives no vector of finite numbers, of the word {_WORD!r} neither: look "
                "at its log."
            )
        return row * 0

    def _in_parts(self, inputs: Sequence[tuple[str, str]], call: _Call) -> list[Any]:
        """`call(key, texts)` for parts of the inputs, which are (key, text); the rows in the inputs' order, `Refused`
        for an input that is refused alone. The first error is raised at once, and no other part is begun or tried
        again."""
        rows: list[Any] = [None] * len(inputs)
        left: dict[str, list[int]] = {}  # places by key
        for place, (key, _) in enumerate(inputs):
            left.setdefault(key, []).append(place)
        stop, running = Event(), dict[Future[list[Any]], list[int]]()
        try:
            while left or running:
                while left and len(running) < self._allowed:
                    key, places = next(iter(left.items()))
                    size = min(self.largest_batch or REQUEST_INPUTS, REQUEST_INPUTS)
                    part, left[key] = places[:size], places[size:]
                    if not left[key]:
                        del left[key]
                    texts = [inputs[place][1] for place in part]
                    running[self._threads.submit(self._timed, key, texts, call, stop)] = part
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    for place, row in zip(running.pop(future), future.result(), strict=True):
                        rows[place] = row
        finally:
            stop.set()
        return rows

    @property
    def _allowed(self) -> int:
        """Requests under way: one for a server so slow that several would keep one another waiting until they time
        out."""
        return self._at_once if self._last_s is not None and self._last_s <= self._longest_s else 1

    def _timed(self, key: str, texts: Sequence[str], call: _Call, stop: Event) -> list[Any]:
        began = self._clock()
        rows = self._halved(key, texts, call, stop, REPEATED)
        self._last_s = self._clock() - began
        return rows

    def _halved(self, key: str, texts: Sequence[str], call: _Call, stop: Event, again: Sequence[int]) -> list[Any]:
        host, alone = self._endpoint.address.host, len(texts) == 1
        try:
            rows = call(key, texts, stop, again)
            self._takes_inputs = True
            return rows
        except Refused as refused:
            unclear = isinstance(refused, NotUnderstood) or alone
            if unclear and not (self._takes_inputs or self._takes_a_word(key, call, stop)):
                raise Problem(f"{host} refuses the request: {str(refused).rstrip('.')}.") from None
            if alone:
                return [self._without(texts[0], refused)]
        except (Failed, shapes.Miscounted) as failed:
            # that it did well before says nothing of now: it may be down
            if (alone or again is REPEATED) and not self._takes_a_word(key, call, stop):
                raise
            again = LATER  # it does well and has been waited for: what fails from here on goes on in halves
            if alone:
                try:
                    return call(key, texts, stop, again)
                except (Refused, Failed, shapes.Miscounted):
                    return [self._without(texts[0], Refused(f"{failed} {failed.detail}".strip()))]
        middle = (len(texts) + 1) // 2
        parts = texts[:middle], texts[middle:]
        rows = [row for part in parts for row in self._halved(key, part, call, stop, again)]
        if not any(isinstance(row, Refused) for row in rows):  # else it was an input, and says nothing of the batches
            self._lower(middle)
        return rows

    def _without(self, text: str, refused: Refused) -> Refused:
        _log.warning("%s refuses an input of %d characters: %s", self._endpoint.address.host, len(text), refused)
        return refused

    def _takes_a_word(self, key: str, call: _Call, stop: Event) -> bool:
        """Whether it takes any input in this form: what is refused is then an input, and not the request."""
        try:
            call(key if key in _TASKS else _WORD, [_WORD], stop, REPEATED)
        except (Refused, Failed, shapes.Miscounted):
            return False
        self._takes_inputs = True
        return True

    def _lower(self, size: int) -> None:
        with _lock:
            _limits[self._key] = min(size, _limits.get(self._key, size))

    def _post(self, body: dict[str, Any], stop: Event, again: Sequence[int]) -> Any:
        """With the wishes, unless the server has shown that it takes the request only without them."""
        wishes, host = shapes.WISHES[self._endpoint.shape], self._endpoint.address.host
        requests = [{**body, **wishes}, body]
        if not wishes or self._wishes is not None:  # it is known which of both to send
            requests = requests[:1] if self._wishes else requests[1:]
        for request in requests:
            try:
                answer = self._client.post(request, stop, again)
            except Refused:
                if request is not requests[-1]:
                    continue
                raise
            if wishes and self._wishes is None:
                self._wishes = request is not body
                if not self._wishes:
                    _log.info("%s takes its requests only without %s", host, ", ".join(wishes))
            return answer
        raise AssertionError("unreachable")


def _sendable(text: str) -> str:
    """Servers refuse empty strings."""
    return whole_characters(text) or " "
