"""Reading a session log, which may be of somebody else, cut short, damaged, or of a later version."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import TypeVar

import msgspec

from zsr_tui import outside
from zsr_tui.decoding import json_decoder
from zsr_tui.domain import Problem
from zsr_tui.sessions.records import (
    VERSION,
    Answered,
    AnyEntry,
    Asked,
    Evaluated,
    EvaluationEnded,
    Header,
    Placed,
    Version,
)

LARGEST = 256 << 20  # bytes of a log
LINE = 16 << 20  # bytes of a line: forty lists of a thousand rows
_entry = json_decoder(AnyEntry).decode
_header = json_decoder(Header).decode
T = TypeVar("T")


@dataclass(frozen=True)
class Session:
    """`cut`: the last line was not whole, as after a kill or in half a copy; it is left out."""

    file: Path
    header: Header
    entries: tuple[AnyEntry, ...]
    cut: bool = False

    @property
    def answers(self) -> Iterator[tuple[Asked, Answered | None]]:
        """What was asked, each with what came for it."""
        answered = {entry.number: entry for entry in self.entries if isinstance(entry, Answered)}
        for entry in self.entries:
            if isinstance(entry, Asked):
                yield entry, answered.get(entry.number)

    @property
    def evaluations(self) -> Iterator[tuple[Evaluated, EvaluationEnded | None]]:
        """Those that were asked for, each with what it gave."""
        ended = {entry.number: entry for entry in self.entries if isinstance(entry, EvaluationEnded)}
        for entry in self.entries:
            if isinstance(entry, Evaluated):
                yield entry, ended.get(entry.number)

    @property
    def left(self) -> Placed | None:
        """Where the user was at the end; None where nothing was asked."""
        return next((entry for entry in reversed(self.entries) if isinstance(entry, Placed)), None)


def read(path: Path) -> Session:
    """Raises `Problem`."""
    with _opened(path) as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise Problem(f"{path} has more than {LARGEST >> 20} MiB: it is no session log.", usage=True)
    *lines, rest = data.split(b"\n")
    if not lines:
        lines, rest = [rest], b""
    first = _read_header(path, lines[0])
    entries = tuple(_decoded(_entry, line, path, number) for number, line in enumerate(lines[1:], 2))
    return Session(path, first, entries, cut=bool(rest))


def header(path: Path) -> Header:
    """Its first line alone. Raises `Problem`."""
    with _opened(path) as file:
        return _read_header(path, file.readline(LINE).rstrip(b"\n"))


def _opened(path: Path) -> BufferedReader:
    try:
        return outside.opened(path)
    except OSError as error:
        raise Problem(f"the session {path} cannot be read: {error.strerror}.", usage=True) from error


def _read_header(path: Path, line: bytes) -> Header:
    outside.refuse_other(path, line[:200], "session")
    try:
        version = json_decoder(Version).decode(line)
    except (msgspec.DecodeError, RecursionError):
        version = Version()
    if version.zsr_tui_session is None:
        raise Problem(f"{path} is no session log: its first line does not say so.", usage=True)
    if version.zsr_tui_session > VERSION:
        raise Problem(
            f"{path} was written by a later zsr-tui, in version {min(version.zsr_tui_session, 10**6)} of session logs; "
            f"this one reads version {VERSION}: update it.",
            usage=True,
        )
    return _decoded(_header, line, path, 1)


def _decoded(decode: Callable[[bytes], T], line: bytes, path: Path, number: int) -> T:
    try:
        if len(line) > LINE:
            raise msgspec.ValidationError(f"it has more than {LINE >> 20} MiB")
        return decode(line)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Problem(
            f"{path}, line {number} is no line of a session log: the file is damaged, or was changed.",
            detail=str(error),
            usage=True,
        ) from error
