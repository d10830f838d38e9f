"""A line of JSON for each request and for whatever is to be said. No query, document or token is in it."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import IO

import msgspec

from zsr_tui.api.wire import encoded

REQUESTS = "zsr_tui.requests"
QUICK = ("/call/", "/status", "/health", "/metrics")
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
    if every_request:
        logging.getLogger(REQUESTS).setLevel(logging.DEBUG)


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """A request that is over."""

    caller: str
    method: str
    path: str
    status: int
    ms: float
    sent: int  # bytes of the answer

    def log(self) -> None:
        quick = self.path.startswith(QUICK) and self.status < 400 and self.ms < SLOW_MS
        level = logging.DEBUG if quick else logging.INFO
        fields = msgspec.to_builtins(self)
        logging.getLogger(REQUESTS).log(level, "%s %s", self.method, self.path, extra={"fields": fields})
