"""Threads by what they do, so that work of one kind that waits for something holds up no other kind."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from zsr_tui.engine.bodies import Refused

P = ParamSpec("P")
T = TypeVar("T")


class Threads:
    """As many as are needed at once, up to `most`. They live on: one that has called Java stays attached to its
    virtual machine. Nothing waits for a thread: what finds none is refused, or run by whoever asks."""

    def __init__(self, what: str, most: int) -> None:
        self._what, self._most = what, most
        self._free = threading.BoundedSemaphore(most)
        self._pool = ThreadPoolExecutor(most, thread_name_prefix=what)

    def submit(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Raises `Refused` while `most` are at work."""
        if not self._free.acquire(blocking=False):
            raise Refused(f"the engine is at work on {self._most} {self._what} already: ask again in a while.", 503)
        future = self._pool.submit(work, *args, **kwargs)
        future.add_done_callback(lambda _: self._free.release())
        return future

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
