"""The clusters that this engine is connected with, each once, as long as somebody uses it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from zsr_tui.cluster import address
from zsr_tui.cluster.link import Link
from zsr_tui.cluster.pool import Pool


class Clusters:
    """Every method may be called from any thread."""

    def __init__(self) -> None:
        self._pools: dict[str, Pool] = {}
        self._lock = threading.Lock()

    @contextmanager
    def using(self, named: str) -> Iterator[Pool]:
        """Its workers are kept for a while afterwards, for what may follow; after a failure they are freed at once.
        Raises `Problem` for what is no address; what else is wrong with it, whoever asks something hears."""
        at = address.parse(named)
        with self._lock:
            pool = self._pools.get(at)
            if pool is None or not pool.enter():
                pool = self._pools[at] = Pool(at, lambda: Link(at))
        hurried = True
        try:
            yield pool
            hurried = False
        finally:
            pool.leave(hurried=hurried)

    def end(self, seconds: float) -> None:
        """This process is about to end: all workers are freed, if that can be done in so many seconds. Those that are
        not, Ray frees half a minute later."""
        until = time.monotonic() + seconds
        with self._lock:
            pools = list(self._pools.values())
        for pool in pools:
            pool.end()
        for pool in pools:
            pool.join(max(0.0, until - time.monotonic()))
