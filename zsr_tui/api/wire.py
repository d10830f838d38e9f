"""Records as JSON, as they leave the engine."""

from __future__ import annotations

from typing import Any

import msgspec

from zsr_tui.text import whole_characters

_encoder = msgspec.json.Encoder()


def encoded(record: object) -> bytes:
    """Half a surrogate, which a path or a text may hold and JSON may not, is written as a question mark."""
    try:
        return _encoder.encode(record)
    except UnicodeEncodeError:
        return _encoder.encode(_whole(msgspec.to_builtins(record)))


def _whole(value: Any) -> Any:
    match value:
        case str():
            return whole_characters(value)
        case list():
            return [_whole(each) for each in value]
        case dict():
            return {_whole(key): _whole(each) for key, each in value.items()}
    return value
