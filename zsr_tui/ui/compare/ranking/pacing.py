"""How often something that changes many times a second is painted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable


class Pacer:
    """Lets every key through at most once in `pause` seconds; what was held back becomes due later.

    >>> pacer.changed({0, 1})      # the keys to paint now
    >>> pacer.wait()               # seconds until something that was held back is due; None: nothing is
    >>> pacer.due()                # what is due by now
    """

    def __init__(self, pause: float = 0.1, clock: Callable[[], float] = time.monotonic) -> None:
        self._pause, self._clock = pause, clock
        self._painted: dict[int, float] = {}
        self._held: set[int] = set()

    def changed(self, keys: Iterable[int], *, urgent: bool = False) -> set[int]:
        self._held |= set(keys)
        if urgent:
            return self._release(set(keys))
        return self.due()

    def hold(self, keys: Iterable[int], seconds: float) -> None:
        """Changed, and not due before so many seconds, unless an urgent change comes first."""
        keys = set(keys)
        self._held |= keys
        self._painted.update(dict.fromkeys(keys, self._clock() + seconds - self._pause))

    def due(self) -> set[int]:
        now = self._clock()
        return self._release({key for key in self._held if self._due_at(key) <= now})

    def wait(self) -> float | None:
        if not self._held:
            return None
        return max(0.0, min(self._due_at(key) for key in self._held) - self._clock())

    def _due_at(self, key: int) -> float:
        return self._painted.get(key, float("-inf")) + self._pause

    def _release(self, keys: set[int]) -> set[int]:
        now = self._clock()
        self._held -= keys
        self._painted.update(dict.fromkeys(keys, now))
        return keys
