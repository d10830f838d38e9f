"""One process at a time at a file: two engines may want the same dataset."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zsr_tui.progress import CancelToken

_PAUSE = 0.1  # seconds between two tries


@contextmanager
def exclusive(path: Path, cancel: CancelToken) -> Iterator[None]:
    """Waits for the lock file `path`, until cancelled. The system frees the lock of a process that was killed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        while True:
            cancel.check()
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(_PAUSE)
        yield
