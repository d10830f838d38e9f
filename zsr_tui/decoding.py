"""What msgspec reads, all of it.

msgspec finds out what is in a type when it first reads one, and keeps that with the type for everybody to see before it
is complete: of two threads that are the first with the same type, one reads what is not there yet, and the process
crashes (0.22; two lists of one search whose index was opened by both did it). Here they are the first one after the
other.

A text that is no UTF-8, as one lost bit makes it, is a `msgspec.DecodeError` here like all else that cannot be read.
Standard library and msgspec only.
"""

from __future__ import annotations

import threading
from typing import Any, Generic, TypeVar, overload

import msgspec

T = TypeVar("T")


class Decoder(Generic[T]):
    """The same one for every thread, which all may use at once."""

    def __init__(self, decode: Any) -> None:
        self._decode = decode

    def decode(self, data: bytes | str) -> T:
        """Raises `msgspec.DecodeError`, and `RecursionError` for what is nested too deeply."""
        try:
            return self._decode(data)
        except UnicodeDecodeError as error:
            raise msgspec.DecodeError(str(error)) from error


_first = threading.Lock()
_json: dict[Any, Decoder[Any]] = {}
_msgpack: dict[Any, Decoder[Any]] = {}


@overload
def json_decoder(kind: type[T]) -> Decoder[T]: ...
@overload
def json_decoder(kind: Any) -> Decoder[Any]: ...
def json_decoder(kind: Any) -> Decoder[Any]:
    return _made(_json, msgspec.json.Decoder, kind)


@overload
def msgpack_decoder(kind: type[T]) -> Decoder[T]: ...
@overload
def msgpack_decoder(kind: Any) -> Decoder[Any]: ...
def msgpack_decoder(kind: Any) -> Decoder[Any]:
    return _made(_msgpack, msgspec.msgpack.Decoder, kind)


@overload
def converted(values: object, kind: type[T], *, from_attributes: bool = False) -> T: ...
@overload
def converted(values: object, kind: Any, *, from_attributes: bool = False) -> Any: ...
def converted(values: object, kind: Any, *, from_attributes: bool = False) -> Any:
    """As `msgspec.convert`. Raises `msgspec.ValidationError`."""
    json_decoder(kind)  # what it finds out is the type's, whatever reads it
    return msgspec.convert(values, kind, from_attributes=from_attributes)


def _made(decoders: dict[Any, Decoder[Any]], decoder: Any, kind: Any) -> Decoder[Any]:
    made = decoders.get(kind)
    if made is None:
        with _first:
            made = decoders.get(kind)
            if made is None:
                made = decoders[kind] = Decoder(decoder(kind).decode)
    return made
