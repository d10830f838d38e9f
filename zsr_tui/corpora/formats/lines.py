"""Text of a file, line by line, in whatever encoding it is; bounded, so that no file of any kind fills the memory."""

from __future__ import annotations

import io
import os
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from zsr_tui import outside
from zsr_tui.corpora.formats.rows import PACKED, BadRow, Options, Seen
from zsr_tui.corpora.problems import told
from zsr_tui.domain import Problem

_MARKS = {
    b"\xff\xfe\x00\x00": "utf-32", b"\x00\x00\xfe\xff": "utf-32", b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16",
}  # fmt: skip
_UNDECODED = re.compile("[\udc80-\udcff]")
_OFTEN = 1 << 20  # bytes between two words about how far it is


class _Unpacked(io.RawIOBase):
    """What a file holds, for a decoder; of a packed one no more than text honestly unpacks to."""

    def __init__(self, content: outside.Content) -> None:
        self._content = content

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # of any writable buffer
        data = self._content.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


@contextmanager
def opened(path: Path, seen: Seen) -> Iterator[tuple[IO[bytes], outside.Content]]:
    """The file as it lies there, and what it holds. Errors of reading it are a `Problem` each."""
    with told(path, f"reading {path.name}"), outside.opened(path) as file:
        try:
            yield file, outside.Content(file, path, packed=path.name.lower().endswith(PACKED))
        except (EOFError, zlib.error) as error:
            raise Problem(f"{path} is damaged: it cannot be unpacked; fetch it again.", detail=repr(error)) from error
        seen(file.tell())


def text_lines(path: Path, options: Options, seen: Seen) -> Iterator[tuple[int, str]]:
    """(number from 1, line with its end) of all lines; bytes that the encoding does not have are half surrogates of it
    (`undecoded`). Raises `Problem` for what is no text, with the line, and for a line that is too long to be one."""
    with opened(path, seen) as (file, content):
        encoding = options.encoding or _marked(content)
        errors = "surrogateescape" if options.encoding or encoding.startswith("utf-8") else "strict"
        decoder = io.TextIOWrapper(io.BufferedReader(_Unpacked(content), _OFTEN), encoding, errors, "")
        number, told_at = 0, 0
        try:
            while line := decoder.readline(outside.LONGEST_LINE):
                number += 1
                if len(line) >= outside.LONGEST_LINE:
                    raise Problem(
                        f"{path}, line {number} has more than {outside.LONGEST_LINE >> 20} MiB: it is no text of lines."
                    )
                if "\0" in line:
                    raise Problem(
                        f"{path}, line {number}: it holds the byte 0, as no text does; if it is UTF-16, write "
                        "encoding=utf-16, else it is another kind of file than its name says."
                    )
                if (at := file.tell()) - told_at > _OFTEN:
                    seen(at)
                    told_at = at
                yield number, line
        except UnicodeError as error:
            raise Problem(f"{path}, after line {number}: {not_in(encoding)}.", detail=str(error)) from error


def not_in(encoding: str) -> str:
    """What is wrong with text that is in another encoding."""
    name = (encoding or "utf-8").removesuffix("-sig").upper()
    return f"not {name} text: save it as UTF-8, or name its encoding (encoding=latin-1)"


def undecoded(text: str) -> bool:
    """Whether it holds bytes that its encoding does not have."""
    return not text.isascii() and _UNDECODED.search(text) is not None


def byte_lines(path: Path, seen: Seen) -> Iterator[tuple[int, bytes]]:
    """(number from 1, line) of those that are not blank."""
    told_at = 0
    with opened(path, seen) as (file, content):
        for number, line in enumerate(outside.lines(content, path), 1):
            if (at := file.tell()) - told_at > _OFTEN:
                seen(at)
                told_at = at
            if not line.isspace():
                yield number, line


def _marked(content: outside.Content) -> str:
    """The encoding that a mark at the beginning names; UTF-8 without one."""
    beginning = content.read(4)
    content.rewind()
    return next((encoding for mark, encoding in _MARKS.items() if beginning.startswith(mark)), "utf-8")


def whole(path: Path) -> bytes:
    """A file that is a document. Raises `BadRow` for one that is larger than any."""
    with told(path, f"reading {path.name}"):
        try:
            return outside.read(path, outside.LONGEST_LINE)
        except OSError as error:
            if error.strerror and "larger than" in error.strerror:
                raise BadRow(str(path), f"it has more than {outside.LONGEST_LINE >> 20} MiB") from error
            raise


def size_of(paths: list[Path]) -> int:
    return sum(os.stat(path).st_size for path in paths)
