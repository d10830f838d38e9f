"""Waiting for what is meant: a test goes on as soon as it has come about, and says what has not."""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, AnyStr

from textual.pilot import Pilot

from .ui.reading import text_of

DEADLINE = 300.0  # seconds; only a limit against hanging, far above what the slowest machine needs


def wait_for(holds: Callable[[], object], what: str = "", told: threading.Condition | None = None) -> None:
    """`told` is the condition that is notified of everything that can bring it about. Without one, as for what another
    process does, it is looked for again and again."""
    deadline = time.monotonic() + DEADLINE
    condition = told or threading.Condition()
    with condition:
        while not holds():
            assert time.monotonic() < deadline, missing(holds, what)
            condition.wait(DEADLINE if told else 0.01)


async def until(pilot: Pilot[Any], holds: Callable[[], object], what: str = "") -> None:
    """Let the application work until it holds, and has nothing left to do that might undo it."""
    deadline = time.monotonic() + DEADLINE
    while True:
        await pilot.pause()
        if holds():
            return
        assert time.monotonic() < deadline, f"{missing(holds, what)}\n{text_of(pilot.app)}"
        await asyncio.sleep(0.005)


def meanwhile(work: Callable[[], object]) -> threading.Thread:
    """Done by another thread in this very moment, as far as it comes: where it has to wait for this thread, later. What
    is right is right whatever comes first; what is wrong is seen as the other thread has half a second."""
    thread = threading.Thread(target=work)
    thread.start()
    thread.join(0.5)
    return thread


@contextmanager
def killed_if_wrong(process: subprocess.Popen[AnyStr]) -> Iterator[subprocess.Popen[AnyStr]]:
    """The process of a test, which is to end it; one that fails before would wait for it for ever."""
    with process:
        try:
            yield process
        except BaseException:
            process.kill()
            raise


def missing(holds: Callable[[], object], what: str) -> str:
    return f"did not come about: {what or inspect.getsource(holds).strip()}"
