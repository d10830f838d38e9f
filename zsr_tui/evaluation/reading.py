"""What takes every ranking of an evaluation: computed once, in a thread of its own, so that who asks sees how far it
is and is not held up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future, TimeoutError
from typing import Generic, TypeVar

T = TypeVar("T")
Work = Callable[[Callable[[int], None]], T]  # calls its argument with the number of queries that have been read
FORGOTTEN = 10.0  # seconds after which work that nobody asks about any more is given up


class _GivenUp(Exception):
    pass


class Reading(Generic[T]):
    """`done` queries have been read so far."""

    def __init__(self, work: Work[T]) -> None:
        self.done = 0
        self.future: Future[T] = Future()
        self._asked = time.monotonic()
        self._waiting = 0  # callers that wait as long as it takes
        self._lock = threading.Lock()
        self._given_up = False
        threading.Thread(target=self._run, args=(work,), name="reading rankings", daemon=True).start()

    def _run(self, work: Work[T]) -> None:
        try:
            self.future.set_result(work(self._read))
        except BaseException as error:  # noqa: BLE001 - it is raised in the threads that ask for the result
            self.future.set_exception(error)

    def _read(self, done: int) -> None:
        self.done = done
        with self._lock:
            self._given_up = not self._waiting and time.monotonic() - self._asked > FORGOTTEN
        if self._given_up:
            raise _GivenUp

    def asked_again(self) -> bool:
        """Whether it goes on, as it then does for a while."""
        with self._lock:
            self._asked = time.monotonic()
            return not self._given_up

    def result(self) -> T:
        """Waits for it. Raises what the work raised."""
        self._waiting += 1
        try:
            return self.future.result()
        finally:
            self._waiting -= 1

    def ready(self, seconds: float) -> bool:
        """Whether it is there by then; also where it failed."""
        self._asked = time.monotonic()
        try:
            self.future.exception(seconds)
        except TimeoutError:
            return False
        return True


class Readings:
    """Thread-safe. Results stay; what failed is tried again when it is asked for again."""

    def __init__(self) -> None:
        self._by_key: dict[Hashable, Reading[object]] = {}
        self._lock = threading.Lock()

    def of(self, key: Hashable, work: Work[T]) -> Reading[T]:
        with self._lock:
            found = self._by_key.get(key)
            failed = found is not None and found.future.done() and found.future.exception() is not None
            if found is None or failed or not found.asked_again():
                found = self._by_key[key] = Reading(work)
            return found  # type: ignore[return-value]

    def known(self, key: Hashable) -> bool:
        """Whether its result is there."""
        with self._lock:
            found = self._by_key.get(key)
            return found is not None and found.future.done() and found.future.exception() is None

    def forget(self, key: Hashable) -> None:
        with self._lock:
            self._by_key.pop(key, None)
