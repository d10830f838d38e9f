"""The log as it is written: by a thread of its own, so that nothing on the screen waits for it or for the disk."""

from __future__ import annotations

import logging
import os
import re
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from zsr_tui import machine
from zsr_tui.files import PRIVATE

if TYPE_CHECKING:
    from zsr_tui.sessions.records import AnyEntry

Entry = Callable[[], "AnyEntry | None"]  # made by the thread, which has the time for it; None: there is nothing to note
PATIENCE = 1.0  # seconds that the end of the program waits for what is not written yet
_log = logging.getLogger(__name__)
_STEM = len("session-2026-11-27-001500")
_NAME = re.compile(r"session-\d{4}-\d\d-\d\d-\d{6}(-\d+)?\.jsonl")


def now() -> str:
    """As every entry has it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def logs(folder: Path) -> list[Path]:
    """The session logs of a folder, the newest first."""
    with suppress(OSError):
        return sorted((file for file in folder.iterdir() if _NAME.fullmatch(file.name)), key=_age, reverse=True)
    return []


class SessionLog:
    """Of one session, in a file of its own in `folder`, for its owner's eyes alone. `keep` logs stay, and at most
    `most` bytes of all of them: the oldest go. There is no file before something was asked.

    `told` gets the sentence that says why nothing is logged any more. It is called in the thread.
    """

    def __init__(self, folder: Path, *, keep: int, most: int, told: Callable[[str], None] = lambda _: None) -> None:
        self.told = told
        self.file: Path | None = None
        self._folder, self._keep, self._most = folder, keep, most
        self._queue: SimpleQueue[Entry | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._closed = False

    def put(self, entry: Entry) -> None:
        """Never waits, and never fails."""
        if self._closed:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._write_all, name="session log", daemon=True)
            self._thread.start()
        self._queue.put(entry)

    def close(self) -> None:
        """Write what was put. A disk that hangs is not waited for."""
        self._closed = True
        self._queue.put(None)
        if self._thread is not None:
            self._thread.join(PATIENCE)

    def _write_all(self) -> None:
        from zsr_tui.sessions.records import Full, Placed

        handle, size = -1, 0
        placed: AnyEntry | None = None  # where the user was before anything was asked
        try:
            while (made := self._queue.get()) is not None:
                if (entry := made()) is None:
                    continue
                if handle < 0:
                    if isinstance(entry, Placed):
                        placed = entry
                        continue
                    handle = self._begin()
                    size = _append(handle, self._header())
                    size += _append(handle, _line(placed)) if placed is not None else 0
                line = _line(entry)
                if size + len(line) > self._most // 2:  # one log leaves room for others
                    _append(handle, _line(Full(at=now())))
                    self._stop("The session log is full: what you do from here on is not in it.")
                    return
                size += _append(handle, line)
        except Exception as error:  # noqa: BLE001 - whatever it is: nobody would read the queue any more
            if self.file is not None:
                with suppress(OSError):
                    os.ftruncate(handle, size)  # a line is whole or not there
                    if not size:
                        self.file.unlink()
            if isinstance(error, OSError):
                why = error.strerror
            else:
                _log.exception("the session log has ended")
                why = type(error).__name__
            self._stop(f"The session log cannot be written ({why}): what you do is not logged any more.")
        finally:
            if handle >= 0:
                os.close(handle)

    def _stop(self, sentence: str) -> None:
        self._closed = True
        self.told(sentence)

    def _begin(self) -> int:
        """Make the file, and room for it. It is locked as long as it is written: nobody removes it."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._make_room()
        stem, number = time.strftime("session-%Y-%m-%d-%H%M%S", time.gmtime()), 1
        while True:
            file = self._folder / f"{stem}{f'-{number}' if number > 1 else ''}.jsonl"
            try:
                handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | machine.NO_LINK, PRIVATE)
            except FileExistsError:
                number += 1
                continue
            with suppress(OSError):  # a file system without locks
                machine.claim(handle)
            self.file = file
            return handle

    def _make_room(self) -> None:
        """Remove the oldest logs that nobody writes."""
        kept, size = 0, self._most // 2
        for file in logs(self._folder):
            with suppress(OSError):  # another program has removed it
                kept, size = kept + 1, size + file.stat().st_size
                if kept >= self._keep or size > self._most:
                    machine.remove_unclaimed(file, lambda _: False)

    @staticmethod
    def _header() -> bytes:
        from zsr_tui import __version__
        from zsr_tui.sessions.records import VERSION, Header

        return _line(Header(session=VERSION, program=__version__, began=now()))


def _line(record: object) -> bytes:
    from zsr_tui.api.wire import encoded

    return encoded(record) + b"\n"


def _append(handle: int, line: bytes) -> int:
    """All of it. Raises OSError."""
    rest = memoryview(line)
    while rest:
        rest = rest[os.write(handle, rest) :]
    return len(line)


def _age(file: Path) -> tuple[str, int]:
    """To be sorted by: the time in its name, then its number."""
    stem, number = file.stem[:_STEM], file.stem[_STEM + 1 :]
    return stem, int(number or 1)
