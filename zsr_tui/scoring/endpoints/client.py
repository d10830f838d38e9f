"""HTTP with one server: retries with backoff, every problem in one sentence that never holds the key."""

from __future__ import annotations

import email.utils
import json
import logging
import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from functools import cache
from threading import Event
from typing import TYPE_CHECKING, Any

from zsr_tui.domain import Problem
from zsr_tui.progress import Cancelled
from zsr_tui.scoring.endpoints import keys
from zsr_tui.scoring.endpoints.address import SPOKEN, Address
from zsr_tui.scoring.endpoints.receiving import LARGEST, Circle, Received, TooLarge, TooSlow, receive
from zsr_tui.text import one_line

if TYPE_CHECKING:
    import ssl

TIMEOUT_S = 60.0  # for an answer; ZSR_TUI_ENDPOINT_TIMEOUT in seconds moves it
CONNECT_S = 5.0
_REPEATED = (429, 500, 502, 503, 504)
_SPLIT = (413, 422)  # TEI's documentation says 413 for a batch that is too large, its code 422
_log = logging.getLogger(__name__)


class Refused(Exception):
    """With the server's own message."""


class BatchRefused(Refused):
    """The server takes fewer or shorter inputs at a time."""


class NotUnderstood(Refused):
    """Status 400: something in the request is not to the server's liking, which may be one of the inputs."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a request is made, and how long is waited in between: `first_s`, doubled each time up to `longest_s`,
    a random half of it left out so that several callers do not come back together; never longer than `longest_s`, even
    where the server asks for it."""

    attempts: int = 5
    first_s: float = 0.5
    longest_s: float = 20.0

    def pause(self, attempt: int) -> float:
        """Seconds after the failed `attempt`, which counts from 1."""
        whole = min(self.longest_s, self.first_s * 2 ** (attempt - 1))
        return whole * random.uniform(0.5, 1.0)


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
        import httpx

        self.address = address
        self._key_variable, self._spoken = key_variable, spoken
        self._patience, self._sleep = patience or Patience(), sleep
        self.timeout_s = timeout()
        self._http = httpx.Client(
            timeout=httpx.Timeout(self.timeout_s, connect=min(CONNECT_S, self.timeout_s)),
            verify=_tls(),
            trust_env=not address.on_this_machine,  # proxies are for other machines
        )

    def close(self) -> None:
        self._http.close()

    def post(self, body: dict[str, Any], stop: Event | None = None) -> Any:
        """The decoded JSON answer. Raises `Problem`, `BatchRefused`, or `NotUnderstood`; `Cancelled` in place of asking
        (again) once `stop` is set."""
        key = keys.key_of(self.address, self._key_variable)
        response = self._patiently("POST", self.address.url, key, body, stop=stop)
        if response.moved:
            new = one_line(keys.without(key, response.moved))[:300]
            raise Problem(f"{self.address.url} has moved to {new}: write that URL instead.")
        said = _said(response, key)
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
        if response.status in _REPEATED or (response.status == 401 and not key):
            self._check(response, _said(response, key))
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
    ) -> Received:
        import httpx

        attempts = attempts or self._patience.attempts
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        for attempt in range(1, attempts + 1):
            last = attempt == attempts
            if stop is not None and stop.is_set():
                raise Cancelled
            try:
                response = receive(self._http, method, url, body, headers, self.timeout_s)
            except (httpx.ReadTimeout, httpx.WriteTimeout, TooSlow) as error:
                raise Problem(
                    f"{self.address.host} gave no answer in {self.timeout_s:g} seconds: it is overloaded or still "
                    "loading its model; try again, or set ZSR_TUI_ENDPOINT_TIMEOUT to more seconds.",
                    detail=type(error).__name__,
                ) from None
            except httpx.TransportError as error:
                if last:
                    raise self._unreachable(error, key) from None
                self._wait(self._patience.pause(attempt), type(error).__name__)
                continue
            except TooLarge:
                raise Problem(
                    f"{self.address.host} gave an answer of more than {LARGEST >> 20} MB, as no scoring server does: "
                    "check the URL."
                ) from None
            except (httpx.RequestError, httpx.InvalidURL, Circle) as error:
                raise Problem(
                    f"{self.address.host} gave an answer that cannot be read: it redirects in a circle, or a proxy "
                    "spoils what it sends.",
                    detail=keys.without(key, f"{type(error).__name__}: {error}"),
                ) from None
            if response.status not in _REPEATED or last:
                return response
            asked = _retry_after(response)
            if asked is not None and asked > self._patience.longest_s:
                return response
            self._wait(self._patience.pause(attempt) if asked is None else asked, f"status {response.status}")
        raise AssertionError("unreachable")

    def _wait(self, seconds: float, why: str) -> None:
        _log.info("%s: %s, again in %.1f s", self.address.host, why, seconds)
        self._sleep(seconds)

    def _unreachable(self, error: Exception, key: str) -> Problem:
        return Problem(
            f"nothing answers at {self.address.base}: start the server, or correct the URL.",
            detail=keys.without(key, f"{type(error).__name__}: {error}"),
        )

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
                message = f"{host} takes no more requests for now (status 429): wait{_how_long(response)}, then repeat."
            case _:
                message = f"{host} failed (status {status}): look at its log, then try again."
        raise Problem(message, detail=said, usage=status in (401, 403, 404, 405))

    def _decoded(self, response: Received, key: str) -> Any:
        try:
            return json.loads(response.content)
        except (ValueError, RecursionError):
            raise Problem(
                f"{self.address.url} gave an answer that is not JSON: it is no scoring server, or a proxy answers for "
                "it.",
                detail=keys.without(key, response.text)[:500],
            ) from None


@cache
def _tls() -> ssl.SSLContext:
    """Takes a tenth of a second to make: one for all servers."""
    import httpx

    return httpx.create_ssl_context()


def timeout() -> float:
    """Seconds that an answer may take. Raises `Problem` for a ZSR_TUI_ENDPOINT_TIMEOUT that is no number above 0."""
    written = os.environ.get("ZSR_TUI_ENDPOINT_TIMEOUT", "")
    try:
        seconds = float(written or TIMEOUT_S)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise Problem(f"ZSR_TUI_ENDPOINT_TIMEOUT is {written!r}: write a number of seconds above 0.", usage=True)
    return seconds


def _said(response: Received, key: str) -> str:
    """The server's own message, on one line: the field that holds it in OpenAI's, TEI's and FastAPI's errors."""
    text = response.text
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        answer = None
    for name in ("error", "detail", "message"):
        if isinstance(answer, dict) and answer.get(name):
            answer = answer[name]
    if isinstance(answer, str):
        text = answer
    return one_line(keys.without(key, text))[:300] or f"status {response.status}"


def _retry_after(response: Received) -> float | None:
    """Seconds, from either form of the header (RFC 9110, 10.2.3); None without a readable one."""
    value = response.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        until = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)  # a date of HTTP is in GMT, whatever it says
    return max(0.0, until.timestamp() - time.time())


def _how_long(response: Received) -> str:
    asked = _retry_after(response)
    return "" if asked is None else f" {asked:.0f} seconds"
