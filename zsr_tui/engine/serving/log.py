"""A line of JSON for each request and for whatever is to be said. No query, document or token is in it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import IO

import msgspec

from zsr_tui.api.wire import encoded

REQUESTS = "zsr_tui.requests"
QUICK = ("/call/", "/status", "/health", "/metrics")
TURNED_AWAY_S = 60.0  # for which one line about an address is enough
_MOST = 1000  # addresses that are known at once
SLOW_MS = 1000  # from which on a question that is answered is worth a line: screens ask many, all the time


class AsJson(logging.Formatter):
    """`fields` of a record are fields of its line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "said": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return encoded(line).decode()


def log_to(stream: IO[str], *, every_request: bool) -> None:
    """Everything that is logged in this process, from now on."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(AsJson())
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    logging.getLogger("uvicorn.error").addFilter(seldom(TurnedAway()))
    if every_request:
        logging.getLogger(REQUESTS).setLevel(logging.DEBUG)


class TurnedAway:
    """From where those came who were not known: a program with a wrong token asks for ever."""

    def __init__(self) -> None:
        self._seen: dict[str, float] = {}

    def is_again(self, address: str) -> bool:
        """Whether it has had its line a moment ago."""
        now = time.monotonic()
        self._seen = {each: at for each, at in self._seen.items() if now - at < TURNED_AWAY_S}
        again = address in self._seen
        if not again and len(self._seen) < _MOST:
            self._seen[address] = now
        return again


def seldom(said: TurnedAway) -> Callable[[logging.LogRecord], bool]:
    """Of the warnings of a server, which tell what anybody has sent it, one of a kind in a while."""
    return lambda record: record.levelno != logging.WARNING or not said.is_again(record.getMessage())


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """A request that is over."""

    caller: str
    method: str
    path: str
    status: int
    ms: float
    sent: int  # bytes of the answer
    address: str = ""  # of who is not known

    def log(self, *, often: bool = False) -> None:
        """`often`: there was a line about it before."""
        quick = often or (self.path.startswith(QUICK) and self.status < 400 and self.ms < SLOW_MS)
        level = logging.DEBUG if quick else logging.INFO
        fields = msgspec.to_builtins(self)
        if not self.address:
            del fields["address"]
        logging.getLogger(REQUESTS).log(level, "%s %s", self.method, self.path, extra={"fields": fields})
