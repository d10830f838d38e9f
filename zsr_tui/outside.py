"""Files that come from outside: a corpus, a run file, a model, settings that a person wrote. All of them are opened
here, so that only regular files are read, and no more of one than such a thing can honestly hold."""

from __future__ import annotations

import csv
import errno
import gzip
import lzma
import os
import re
import stat
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from functools import partial
from io import BufferedReader
from pathlib import Path
from typing import IO, Any, Protocol, cast

from zsr_tui import machine
from zsr_tui.domain import Problem

LONGEST_LINE = 64 << 20  # bytes: a document, or a line of a table
SETTINGS = 64 << 20  # bytes of a file that is read whole
csv.field_size_limit(LONGEST_LINE)  # of all readers of CSV; else 128 KB
UNPACKED = 64 << 20  # bytes that anything may unpack to
RATIO = 100  # times its packed size that more may unpack to: such text gives 3 to 20, a bomb 1,000
DAMAGED_ZIP = (  # what zipfile and those that it unpacks with raise for a damaged archive; RuntimeError is for another
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, UnicodeDecodeError, OverflowError,
)  # fmt: skip
_DEEPEST_KEY = 1_000  # parts of a key of TOML, which takes the square of the time for them
_KINDS = {
    stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a folder",
}  # fmt: skip


_BEGINNINGS = {
    b"\xff\xfe": "it is UTF-16: save it as UTF-8", b"\xfe\xff": "it is UTF-16: save it as UTF-8",
    b"\x1f\x8b": "it is packed with gzip: unpack it", b"BZh": "it is packed with bzip2: unpack it",
    b"\xfd7zXZ": "it is packed with xz: unpack it", b"\x28\xb5\x2f\xfd": "it is packed with zstd: unpack it",
    b"PK\x03\x04": "it is a zip archive: unpack it",
}  # fmt: skip

_OURS = (  # what a file of this program begins with, and what is done with it
    (rb'\s*\{\s*"zsr_tui_finding"\s*:', "finding", "a finding: zsr-tui open {} shows it"),
    (rb'\s*\{\s*"zsr_tui_session"\s*:', "session", "a session log: zsr-tui open --session {} goes on with it"),
    (
        rb'\s*\{\s*"zsr_tui"\s*:\s*"judgments"',
        "judgments",
        "a file of judgments: zsr-tui judge --dataset DATASET --merge {} puts them together with yours",
    ),
)


class Lines(Protocol):
    def readline(self, most: int, /) -> bytes: ...


def opened(path: Path | str) -> BufferedReader:
    """For reading. Raises OSError, also for what is no regular file or links to none, which is not waited for."""
    return open(path, "rb", opener=_regular)


def read(path: Path, most: int = SETTINGS) -> bytes:
    """The whole file. Raises OSError, also for more than `most` bytes."""
    with opened(path) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, f"it is larger than {most >> 20} MiB", str(path))
    return data


def read_text(path: Path, most: int = SETTINGS) -> str:
    """UTF-8, with or without its mark. Raises OSError and UnicodeDecodeError."""
    return read(path, most).decode("utf-8-sig")


def toml(text: str) -> dict[str, Any]:
    """Raises ValueError for what is no TOML, or has keys or values that are nested deeper than any needs to be."""
    import tomllib  # for those who have such a file

    for number, line in enumerate(text.splitlines(), 1):
        if line.count(".") > _DEEPEST_KEY and line.partition("=")[0].count(".") > _DEEPEST_KEY:
            raise ValueError(f"line {number} has a key of more than {_DEEPEST_KEY:,} parts")
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def lines(file: Lines, path: Path) -> Iterator[bytes]:
    """Raises `Problem` at a line that is too long to be one."""
    for number, line in enumerate(iter(partial(file.readline, LONGEST_LINE), b""), 1):
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            raise Problem(f"{path}, line {number} has more than {LONGEST_LINE >> 20} MiB: it is no text of lines.")
        yield line


def other_than_text(line: bytes) -> str:
    """What a file is that begins with this line, which is no UTF-8, and what to do; "" where that is not known."""
    return next((what for beginning, what in _BEGINNINGS.items() if line.startswith(beginning)), "")


def refuse_other(path: Path, beginning: bytes, expected: str) -> None:
    """Raises `Problem` for another of this program's own files than the `expected` "finding", "session" or
    "judgments"."""
    for pattern, kind, sentence in _OURS:
        if kind != expected and re.match(pattern, beginning):
            raise Problem(f"{path} is {sentence.format(path)}.", usage=True)


class Content:
    """What a file holds, for `lines`; of one that is `packed` with gzip what it unpacks to. Raises `Problem` where that
    is far more than text packs to."""

    def __init__(self, file: IO[bytes], path: Path, *, packed: bool) -> None:
        size = os.fstat(file.fileno()).st_size
        self._file = cast("IO[bytes]", gzip.GzipFile(fileobj=file)) if packed else file
        self._path, self._most = path, most_unpacked(size) if packed else sys.maxsize
        self._left = self._most

    def readline(self, most: int = LONGEST_LINE, /) -> bytes:
        return self._counted(self._file.readline(most))

    def read(self, most: int) -> bytes:
        return self._counted(self._file.read(min(most, self._left + 1)))

    def rewind(self) -> None:
        self._file.seek(0)
        self._left = self._most

    def _counted(self, data: bytes) -> bytes:
        self._left -= len(data)
        if self._left < 0:
            raise bomb(self._path)
        return data


def most_unpacked(packed: int) -> int:
    """Bytes that may honestly come out of so many packed ones."""
    return max(UNPACKED, packed * RATIO)


def bomb(path: Path) -> Problem:
    return Problem(
        f"{path} unpacks to more than {RATIO} times its size, as no text does: it is not unpacked.", usage=True
    )


def _regular(path: str, flags: int) -> int:
    try:
        handle = os.open(path, flags | machine.NO_WAIT)
    except OSError as error:
        if error.errno == errno.ENXIO:  # sockets, and devices that are not there
            raise _no_file(stat.S_IFMT(os.stat(path).st_mode), path) from None
        raise
    kind = stat.S_IFMT(os.fstat(handle).st_mode)
    if kind != stat.S_IFREG:
        os.close(handle)
        raise _no_file(kind, path)
    return handle


def _no_file(kind: int, path: str) -> OSError:
    number = errno.EISDIR if kind == stat.S_IFDIR else errno.EINVAL
    return OSError(number, f"it is {_KINDS.get(kind, 'something else')} and not a file", path)
