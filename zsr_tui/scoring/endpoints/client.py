"""HTTP with one server of models, every problem in one sentence that never holds the key."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from threading import Event
from typing import Any

from zsr_tui.domain import Problem
from zsr_tui.scoring.endpoints.address import SPOKEN, Address
from zsr_tui.servers import keys
from zsr_tui.servers.asking import REPEATED, Asking, Patience, how_long, message_of, without
from zsr_tui.servers.receiving import LARGEST, Received, TooLarge
from zsr_tui.text import one_line

_SPLIT = (413, 422)  # TEI's documentation says 413 for a batch that is too large, its code 422


class Refused(Exception):
    """With the server's own message."""


class BatchRefused(Refused):
    """The server takes fewer or shorter inputs at a time."""


class NotUnderstood(Refused):
    """Status 400: something in the request is not to the server's liking, which may be one of the inputs."""


class Failed(Problem):
    """Status 5xx or 424, however often it is asked: the server is in trouble, or cannot do with one of the inputs."""


class Client:
    """Thread-safe. Keeps its connections until `close`."""

    def __init__(
        self,
        address: Address,
        patience: Patience | None = None,
        sleep: Callable[[float], None] = time.sleep,
        *,
        key_variable: str = "",
        spoken: str = SPOKEN,
    ) -> None:
        """`key_variable`: where its key is, where the user has named that. `spoken`: the paths that might be meant."""
        self.address = address
        self._key_variable, self._spoken = key_variable, spoken
        self._asking = Asking(address, patience, sleep, slow="it is overloaded or still loading its model")
        self.timeout_s = self._asking.timeout_s

    def close(self) -> None:
        self._asking.close()

    def post(self, body: dict[str, Any], stop: Event | None = None, again: Sequence[int] = REPEATED) -> Any:
        """The decoded JSON answer; an answer with a status in `again` is asked for again. Raises `Problem` (`Failed`
        among them), `BatchRefused`, or `NotUnderstood`; `Cancelled` in place of asking (again) once `stop` is set."""
        key = keys.key_of(self.address, self._key_variable)
        response = self._patiently("POST", self.address.url, key, body, stop=stop, again=again)
        if response.moved:
            new = one_line(without((key,), response.moved))[:300]
            raise Problem(f"{self.address.url} has moved to {new}: write that URL instead.")
        said = message_of(response, (key,))
        if response.status in _SPLIT:
            raise BatchRefused(said)
        if response.status == 400:
            raise NotUnderstood(said)
        self._check(response, said)
        return self._decoded(response, key)

    def get(self, path: str) -> Any:
        """The decoded JSON answer of a path below the address, or None where the server has nothing there for us.
        Raises `Problem` if it does not answer, is in trouble, or asks for a key that is not set."""
        key = keys.key_of(self.address, self._key_variable)
        response = self._patiently("GET", self.address.base + path, key, None, attempts=2)
        if response.status in REPEATED or (response.status == 401 and not key):
            self._check(response, message_of(response, (key,)))
        if response.status != 200:
            return None
        try:
            return json.loads(response.content)
        except (ValueError, RecursionError):
            return None

    def _patiently(
        self,
        method: str,
        url: str,
        key: str,
        body: dict[str, Any] | None,
        attempts: int = 0,
        stop: Event | None = None,
        again: Sequence[int] = REPEATED,
    ) -> Received:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        stopped = stop.is_set if stop is not None else None
        try:
            return self._asking.ask(
                method,
                url,
                body=body,
                headers=headers,
                secrets=(key,),
                attempts=attempts,
                again=again,
                stopped=stopped,
            )
        except TooLarge:
            raise Problem(
                f"{self.address.host} gave an answer of more than {LARGEST >> 20} MB, as no scoring server does: "
                "check the URL."
            ) from None

    def _check(self, response: Received, said: str) -> None:
        status, host = response.status, self.address.host
        if 200 <= status < 300:
            return
        variable = keys.variables(self.address, self._key_variable)[-1]
        has_key = bool(keys.key_of(self.address, self._key_variable))
        match status:
            case 401 | 403 if not has_key:
                message = f"{host} asks for a key: set the environment variable {variable} and restart."
            case 401 | 403:
                message = f"{host} does not accept the key in {variable} (status {status}): set another and restart."
            case 404 | 405:
                message = (
                    f"{host} does not know {self.address.url} or its model (status {status}): the paths that are "
                    f"spoken are {self._spoken}, and a model's name comes after '#'."
                )
            case 429:
                message = f"{host} takes no more requests for now (status 429): wait{how_long(response)}, then repeat."
            case _:
                message = f"{host} failed (status {status}): look at its log, then try again."
        kind = Failed if status >= 500 or status == 424 else Problem
        raise kind(message, detail=said, usage=status in (401, 403, 404, 405))

    def _decoded(self, response: Received, key: str) -> Any:
        try:
            return json.loads(response.content)
        except (ValueError, RecursionError):
            raise Problem(
                f"{self.address.url} gave an answer that is not JSON: it is no scoring server, or a proxy answers for "
                "it.",
                detail=without((key,), response.text)[:500],
            ) from None
