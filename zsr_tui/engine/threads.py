"""Threads by what they do, so that work of one kind that waits for something holds up no other kind."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from zsr_tui import caller
from zsr_tui.engine.bodies import Busy, Refused

P = ParamSpec("P")
T = TypeVar("T")
PARTS = 4  # of all threads of a kind, one of which a single caller may take where there are several


class Threads:
    """As many as are needed at once, up to `most`, of which no caller of a shared engine takes more than a part. They
    live on: one that has called Java stays attached to its virtual machine. Nothing waits for a thread: what finds none
    is refused, or run by whoever asks. What runs in one is done for the caller that it was submitted for."""

    def __init__(self, what: str, most: int) -> None:
        self._what, self._most = what, most
        self._taken: Counter[str] = Counter()  # by the caller's name
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(most, thread_name_prefix=what)

    def submit(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Raises `Refused` while `most` are at work, and `Busy` while the caller has its part of them."""
        name = caller.current().name
        with self._lock:
            if self._taken.total() >= self._most:
                raise Busy(f"the engine is at work on {self._most} {self._what} already: ask again in a while.", 503)
            if name and self._taken[name] >= (part := max(1, self._most // PARTS)):
                raise Busy(f"the engine is at work on {part} {self._what} of yours already: ask again in a while.")
            self._taken[name] += 1
        try:
            future = self._pool.submit(caller.carried(work, *args, **kwargs))
        except BaseException:
            self._free(name)
            raise
        future.add_done_callback(lambda _: self._free(name))
        return future

    def _free(self, name: str) -> None:
        with self._lock:
            self._taken[name] -= 1
            self._taken += Counter()  # forgets who has none

    def submit_or_run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """In a thread of its own, or in this one where none is free."""
        try:
            return self.submit(work, *args, **kwargs)
        except Refused:
            done: Future[T] = Future()
            try:
                done.set_result(work(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001 - as from a thread: whoever reads the result meets it
                done.set_exception(error)
            return done
