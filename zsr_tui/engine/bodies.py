"""The body of a request: read within limits of size, and decoded; what is wrong with it is a `Refused`. Its time is
limited by `zsr_tui.engine.connection`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TypeVar

import msgspec
from starlette.requests import Request

from zsr_tui import caller
from zsr_tui.decoding import json_decoder
from zsr_tui.domain import Problem

T = TypeVar("T")
LARGEST = 16 << 20  # bytes of a question or request; the longest hold all the query ids of an evaluation
TOGETHER = 512 << 20  # bytes of all bodies that are being read at a time
EACH = 128 << 20  # bytes of these that one caller of a shared engine may send


class Refused(Problem):
    """With an HTTP status of its own."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message, usage=True)
        self.status = status


class Busy(Refused):
    """Too much is under way, of the caller's (429) or of all (503): it can be asked again in so many seconds."""

    AGAIN_S = 1

    def __init__(self, message: str, status: int = 429) -> None:
        super().__init__(message, status)


class Reading:
    """What is held of bodies at the moment; on the event loop's thread alone."""

    def __init__(self) -> None:
        self._held: Counter[str] = Counter()  # bytes by the caller's name

    @contextmanager
    def body(self, largest: int) -> Iterator[_Body]:
        body = _Body(self, largest)
        try:
            yield body
        finally:
            self._held[body.name] -= len(body.data)
            self._held += Counter()  # forgets who has none

    def take(self, name: str, count: int) -> None:
        if self._held.total() + count > TOGETHER:
            raise Busy("too many large requests are being sent at once: send this one again in a moment.", 503)
        if name and self._held[name] + count > EACH:
            raise Busy("you send too many large requests at once: send this one again in a moment.")
        self._held[name] += count


class _Body:
    def __init__(self, reading: Reading, largest: int) -> None:
        self._reading, self._largest = reading, largest
        self.name = caller.current().name
        self.data = bytearray()

    def add(self, chunk: bytes) -> None:
        self.check(len(self.data) + len(chunk))
        self._reading.take(self.name, len(chunk))
        self.data += chunk

    def check(self, size: int) -> None:
        if size > self._largest:
            raise Refused(f"the request is larger than {self._largest >> 20} MiB: send it in smaller parts.", 413)


_reading = Reading()


async def read(request: Request, largest: int = LARGEST) -> bytes:
    """Raises `Refused`, and starlette's ClientDisconnect."""
    with _reading.body(largest) as body:
        said = request.headers.get("content-length", "")
        body.check(int(said) if said.isdecimal() else 0)
        async for chunk in request.stream():
            body.add(chunk)
        return bytes(body.data)


def decoded(body: bytes, kind: type[T], texts: Collection[str] = ()) -> T:
    """Raises `Refused` for what is not a `kind`, and for a NUL, which no name of anything has, in other fields than
    the `texts`."""
    try:
        asked = json_decoder(kind).decode(body)
        if rb"\u0000" in body and any(map(_has_nul, _fields(asked, texts))):
            raise Refused("the request is not understood: a text in it holds a NUL character.", 400)
    except RecursionError as error:
        raise Refused("the request is not understood: it is nested too deeply.", 400) from error
    except msgspec.DecodeError as error:
        raise Refused(f"the request is not understood: {error}.", 400) from error
    return asked


def _fields(asked: object, without: Collection[str]) -> Iterator[object]:
    return (value for name, value in msgspec.to_builtins(asked).items() if name not in without)


def _has_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(map(_has_nul, value)) or any(map(_has_nul, value.values()))
    return isinstance(value, list | tuple) and any(map(_has_nul, value))
