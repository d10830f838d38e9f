"""What one caller may have under way, so that nobody can fill what all share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from zsr_tui.engine.bodies import Busy
from zsr_tui.numerals import counted


@dataclass(slots=True)
class Limits:
    """On the event loop's thread alone. Bodies and threads have limits of their own (`zsr_tui.engine.bodies`,
    `zsr_tui.engine.threads`)."""

    requests: int = 64
    streams: int = 32
    _requests: Counter[str] = field(default_factory=Counter)  # by the caller's name
    _streams: Counter[str] = field(default_factory=Counter)
    _waiting: Counter[str] = field(default_factory=Counter)

    @property
    def under_way(self) -> tuple[int, int]:
        """Requests, and how many of them are streams."""
        return self._requests.total(), self._streams.total()

    def enter(self, name: str, *, stream: bool) -> Callable[[], None]:
        """What is called when the request is over. Raises `Busy`."""
        if self._requests[name] >= self.requests:
            said = counted(self.requests, "request of yours is", "requests of yours are")
            raise Busy(f"{said} under way: wait until one ends.")
        if stream and self._streams[name] >= self.streams:
            said = counted(self.streams, "stream of yours is", "streams of yours are")
            raise Busy(f"{said} under way: wait until one ends, or close it.")
        self._requests[name] += 1
        self._streams[name] += stream
        return partial(self._leave, name, stream)

    @contextmanager
    def waiting(self, name: str) -> Iterator[None]:
        """While a caller's stream waits for a place; no more of them than may be under way. Raises `Busy`."""
        if self._waiting[name] >= self.streams:
            said = counted(self.streams, "stream of yours waits", "streams of yours wait")
            raise Busy(f"{said} for a place already: ask again when one has it.")
        self._waiting[name] += 1
        try:
            yield
        finally:
            self._waiting[name] -= 1
            self._waiting += Counter()

    def _leave(self, name: str, stream: bool) -> None:
        self._requests[name] -= 1
        self._streams[name] -= stream
        self._requests += Counter()  # forgets who has none
        self._streams += Counter()
