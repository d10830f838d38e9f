"""One request and its answer, which is bounded: in size, in time, and in where the request may be led."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

LARGEST = 64 << 20  # bytes of an answer, unpacked; vectors of a request's inputs, or a list's documents, take a few
AS_IT_IS = {"Accept-Encoding": "identity"}  # as large on the way as it is to be read
_HOPS = 5  # redirects that are followed on the same server
_KEEPS_REQUEST = (307, 308)  # a redirect with another status asks for another request


class TooLarge(Exception):
    """The answer has more than LARGEST bytes."""


class TooSlow(Exception):
    """It was not there in time, though something of it came all the while."""


class Packed(Exception):
    """The answer is compressed, and nobody has asked for that."""


class Circle(Exception):
    """The server leads the request around."""


@dataclass(frozen=True, slots=True)
class Received:
    """`moved`: the URL on another server that the answer names; the request has not gone there."""

    status: int
    headers: httpx.Headers
    content: bytes
    moved: str = ""

    @property
    def text(self) -> str:
        return self.content.decode(errors="replace")


def receive(
    http: httpx.Client,
    method: str,
    url: str,
    body: Any,
    headers: Mapping[str, str],
    limit_s: float,
    content: bytes | None = None,
) -> Received:
    """`body` is sent as JSON, or `content` as it is. Raises what httpx raises, `TooLarge`, `TooSlow` and `Circle`."""
    import httpx

    until = time.monotonic() + limit_s
    place = httpx.URL(url)
    for _ in range(_HOPS):
        with http.stream(
            method, place, json=body, content=content, headers=headers, follow_redirects=False
        ) as response:
            led = place.join(response.headers["location"]) if response.has_redirect_location else None
            if led is None or not _same_server(place, led) or response.status_code not in _KEEPS_REQUEST:
                content = _content(response, until)
                return Received(response.status_code, response.headers, content, str(led) if led else "")
        place = led
    raise Circle


def bounding(limit_s: float) -> Callable[[httpx.Response], None]:
    """A response hook for an httpx client that another library reads from: its answers are bounded as ours are, in size
    and in seconds. It has to ask for `AS_IT_IS`. Reading raises `TooLarge` or `TooSlow`, and `Packed` for one that
    is compressed all the same."""
    import httpx

    class Bounded(httpx.SyncByteStream):
        def __init__(self, stream: httpx.SyncByteStream) -> None:
            self._stream, self._until = stream, time.monotonic() + limit_s

        def __iter__(self) -> Iterator[bytes]:
            size = 0
            for chunk in self._stream:
                size += len(chunk)
                if size > LARGEST:
                    raise TooLarge
                if time.monotonic() > self._until:
                    raise TooSlow
                yield chunk

        def close(self) -> None:
            self._stream.close()

    def bound(response: httpx.Response) -> None:
        if response.headers.get("content-encoding", "identity").strip().lower() != "identity":
            raise Packed
        assert isinstance(response.stream, httpx.SyncByteStream)
        response.stream = Bounded(response.stream)

    return bound


def _content(response: httpx.Response, until: float) -> bytes:
    content = bytearray()
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > LARGEST:
            raise TooLarge
        if time.monotonic() > until:
            raise TooSlow
    return bytes(content)


def _same_server(one: httpx.URL, other: httpx.URL) -> bool:
    """Of the same origin, or the same host's default ports, encrypted now."""
    same = (one.scheme, one.host, one.port) == (other.scheme, other.host, other.port)
    encrypted = (one.scheme, one.port, other.scheme, other.port) == ("http", None, "https", None)
    return same or (one.host == other.host and encrypted)
