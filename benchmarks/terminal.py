"""The program in a real pseudo-terminal, with the time at which each piece of output came.

Output is recorded first and interpreted afterwards (pyte is slow): `first` replays the recording and says when the
screen first fulfilled a condition.
"""

from __future__ import annotations

import os
import select
import signal
import statistics
import time
from collections.abc import Callable, Sequence

import pexpect
import pyte

Condition = Callable[["str"], bool]
_PATIENCE_S = 10.0  # with a program that is to end


class Terminal:
    """A program at `columns` x `lines`. Use as a context manager; leaving it ends the program."""

    def __init__(
        self, command: Sequence[str], *, columns: int = 120, lines: int = 40, env: dict[str, str] | None = None
    ):
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **(env or {})}
        for name in ("COLUMNS", "LINES"):  # readline sets them in the processes of pytest-xdist: the size is ours
            environment.pop(name, None)
        self.started = time.perf_counter()
        self._child = pexpect.spawn(
            command[0],
            list(command[1:]),
            dimensions=(lines, columns),
            env=environment,
        )
        self._child.delaybeforesend = None
        self.received = b""  # as it came, with what a screen does not show

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        """The program is told that its terminal is gone; one that stays is killed. pexpect's own way raises where a
        busy machine takes 0.1 s for that."""
        if self._child.isalive():
            self._child.kill(signal.SIGHUP)
        until = time.perf_counter() + _PATIENCE_S
        while self._child.isalive() and time.perf_counter() < until:
            self._read(0.02)  # it may wait for somebody to read what it writes
        killed(self._child)

    @property
    def pid(self) -> int:
        return self._child.pid

    def exit_code(self) -> int | None:
        """Of a program that has ended; None if a signal ended it."""
        return self._child.wait()

    def send(self, keys: str) -> float:
        """Write keys; returns the time at which they were written."""
        now = time.perf_counter()
        os.write(self._child.child_fd, keys.encode())
        return now

    def text(self) -> str:
        return "\n".join(self.screen.display)

    def first(self, condition: Condition, *, limit: float = 60.0, record: float = 0.0) -> float:
        """The time at which the screen first fulfilled the condition. Raises `TimeoutError` after `limit` seconds.

        Output of the first `record` seconds is only recorded before any of it is interpreted, which would delay the
        reading of what comes next by tens of milliseconds.
        """
        began = time.perf_counter()
        if condition(self.text()):
            return began
        pieces: list[tuple[float, bytes]] = []
        while (left := began + record - time.perf_counter()) > 0:
            pieces += self._read(left)
        late = False
        while True:
            found = None
            for came, piece in pieces:
                self._stream.feed(piece)
                if found is None and condition(self.text()):
                    found = came
            if found is not None:
                return found
            if late:
                raise TimeoutError(f"not seen within {limit} s; the screen shows:\n{self.text()}")
            late = time.perf_counter() > began + limit  # what has come until then is read still
            pieces = self._read(0.02)

    def quiet(self, seconds: float = 0.3, *, limit: float = 3.0) -> None:
        """Read until nothing has come for so long, or until the limit: a cursor that blinks is never quiet."""
        until = time.perf_counter() + limit
        while pieces := self._read(seconds):
            for _, piece in pieces:
                self._stream.feed(piece)
            if time.perf_counter() > until:
                break

    def _read(self, wait: float) -> list[tuple[float, bytes]]:
        pieces: list[tuple[float, bytes]] = []
        while select.select([self._child.child_fd], [], [], 0.0 if pieces else wait)[0]:
            try:
                pieces.append((time.perf_counter(), os.read(self._child.child_fd, 65536)))
            except OSError:
                break
            self.received += pieces[-1][1]
        return pieces


def killed(child: pexpect.spawn) -> None:
    """What runs in a pseudo-terminal, if it still does; returns when it is gone."""
    if child.isalive():
        child.kill(signal.SIGKILL)
        child.wait()
    child.close()


def summary(name: str, milliseconds: Sequence[float], goal: str = "") -> str:
    """'name: median 41 ms, p99 58 ms, n 20 (goal ...)'."""
    ordered = sorted(milliseconds)
    high = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    text = f"{name}: median {statistics.median(ordered):.0f} ms, p99 {high:.0f} ms, n {len(ordered)}"
    return f"{text} (goal {goal})" if goal else text
