"""A shared engine in this process, listening as the real one does."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.waiting import wait_for
from zsr_tui.engine.library import Library
from zsr_tui.engine.serving.door import Door
from zsr_tui.engine.serving.limits import Limits
from zsr_tui.engine.serving.server import Server, Tls


@contextmanager
def serving(
    listener: socket.socket,
    door: Door,
    library: Library | None = None,
    *,
    limits: Limits | None = None,
    tls: Tls | None = None,
    drain_s: int = 1,
) -> Iterator[Server]:
    """Ended as by SIGTERM."""
    server = Server(library or Library(), door, limits or Limits(), tls, drain_s)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    wait_for(lambda: server.started, "a server that listens")
    try:
        yield server
    finally:
        server.handle_exit(signal.SIGTERM, None)
        thread.join()
