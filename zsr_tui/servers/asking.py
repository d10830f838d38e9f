"""HTTP with one server: retries with backoff, every problem in one sentence that never holds a key."""

from __future__ import annotations

import email.utils
import json
import logging
import os
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from functools import cache
from typing import TYPE_CHECKING, Any

from zsr_tui.domain import Problem
from zsr_tui.numerals import counted
from zsr_tui.progress import Cancelled
from zsr_tui.servers.receiving import Circle, Received, TooSlow, receive
from zsr_tui.servers.server import Server
from zsr_tui.text import one_line

if TYPE_CHECKING:
    import ssl

_LONGEST_S = 1e9  # that a server may ask one to wait: decades
TIMEOUT_S = 60.0  # for an answer; ZSR_TUI_ENDPOINT_TIMEOUT in seconds moves it
CONNECT_S = 5.0
REPEATED = (429, 500, 502, 503, 504)
LATER = (429, 503)  # of these, those that say so
_log = logging.getLogger(__name__)


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


class Asking:
    """Requests to one server. Thread-safe. Keeps its connections until `close`."""

    def __init__(
        self,
        server: Server,
        patience: Patience | None = None,
        sleep: Callable[[float], None] = time.sleep,
        *,
        slow: str = "it is overloaded or still starting",
    ) -> None:
        """`slow`: why such a server may give no answer in time."""
        import httpx

        self._server, self._slow = server, slow
        self._patience, self._sleep = patience or Patience(), sleep
        self.timeout_s = timeout()
        self._http = httpx.Client(
            timeout=httpx.Timeout(self.timeout_s, connect=min(CONNECT_S, self.timeout_s)),
            verify=_tls(),
            trust_env=not server.on_this_machine,  # proxies are for other machines
        )

    def close(self) -> None:
        self._http.close()

    def ask(
        self,
        method: str,
        url: str,
        *,
        body: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        secrets: Sequence[str] = (),
        attempts: int = 0,
        again: Sequence[int] = REPEATED,
        stopped: Callable[[], bool] | None = None,
        sleep: Callable[[float], None] | None = None,
    ) -> Received:
        """The answer, whatever its status; one that means "later" (`again`) is asked for again. `secrets` of the
        headers stand in no problem. Raises `Problem`, `TooLarge`, and `Cancelled` in place of asking (again) once it is
        `stopped`."""
        import httpx

        attempts = attempts or self._patience.attempts
        host = self._server.host
        for attempt in range(1, attempts + 1):
            last = attempt == attempts
            if stopped is not None and stopped():
                raise Cancelled
            try:
                response = receive(self._http, method, url, body, headers or {}, self.timeout_s, content)
            except (httpx.ReadTimeout, httpx.WriteTimeout, TooSlow) as error:
                raise Problem(
                    f"{host} gave no answer in {self.timeout_s:g} second{'s' * (self.timeout_s != 1)}: {self._slow}; "
                    "try again, or set ZSR_TUI_ENDPOINT_TIMEOUT to more seconds.",
                    detail=type(error).__name__,
                ) from None
            except httpx.TransportError as error:
                if last:
                    raise self._unreachable(error, secrets) from None
                self._wait(self._patience.pause(attempt), type(error).__name__, sleep)
                continue
            except (httpx.RequestError, httpx.InvalidURL, Circle) as error:
                raise Problem(
                    f"{host} gave an answer that cannot be read: it redirects in a circle, or a proxy "
                    "spoils what it sends.",
                    detail=without(secrets, f"{type(error).__name__}: {error}"),
                ) from None
            if response.status not in again or last:
                return response
            asked = retry_after(response)
            if asked is not None and asked > self._patience.longest_s:
                return response
            self._wait(self._patience.pause(attempt) if asked is None else asked, f"status {response.status}", sleep)
        raise AssertionError("unreachable")

    def _wait(self, seconds: float, why: str, sleep: Callable[[float], None] | None) -> None:
        _log.info("%s: %s, again in %.1f s", self._server.host, why, seconds)
        (sleep or self._sleep)(seconds)

    def _unreachable(self, error: Exception, secrets: Sequence[str]) -> Problem:
        return Problem(
            f"nothing answers at {self._server.base}: start the server, or correct the URL.",
            detail=without(secrets, f"{type(error).__name__}: {error}"),
        )


def message_of(response: Received, secrets: Sequence[str] = ()) -> str:
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
    return one_line(without(secrets, text))[:300] or f"status {response.status}"


def without(secrets: Sequence[str], text: str) -> str:
    """`text` without what is secret, which a server may have sent back."""
    for secret in secrets:
        text = text.replace(secret, "***") if secret else text
    return text


def retry_after(response: Received) -> float | None:
    """Seconds, from either form of the header (RFC 9110, 10.2.3); None without a readable one."""
    value = response.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value), _LONGEST_S)
    try:
        until = email.utils.parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)  # a date of HTTP is in GMT, whatever it says
    return max(0.0, until.timestamp() - time.time())


def how_long(response: Received) -> str:
    """For a sentence: " 7 seconds", "" where the server does not say."""
    asked = retry_after(response)
    return "" if asked is None else f" {counted(round(asked), 'second')}"


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


@cache
def _tls() -> ssl.SSLContext:
    """Takes a tenth of a second to make: one for all servers."""
    import httpx

    return httpx.create_ssl_context()
