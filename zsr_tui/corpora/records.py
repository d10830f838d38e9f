"""Lines of JSON, each checked, each failure with its file and line number."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from zsr_tui import outside
from zsr_tui.decoding import json_decoder
from zsr_tui.domain import Doc, Problem, Query

_BOM = b"\xef\xbb\xbf"
_KINDS = {bool: "true or false", int: "a number", float: "a number", str: "a string", list: "a list", dict: "an object"}


def clean(text: str) -> str:
    r"""Text that can be encoded: half a surrogate pair, which JSON may hold as \ud800, becomes U+FFFD."""
    if text.isascii():
        return text
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def lines(file: outside.Lines, path: Path) -> Iterator[tuple[int, int, bytes]]:
    """(line number from 1, byte offset, line) of every line that is not blank."""
    offset = 0
    for number, line in enumerate(outside.lines(file, path), 1):
        if not line.isspace():
            yield number, offset, line
        offset += len(line)


def decoded(line: bytes, where: str) -> str:
    try:
        return line.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        what = outside.other_than_text(line) or f"byte {error.start + 1} of the line"
        raise Problem(f"{where}: not UTF-8 text ({what}).", detail=str(error)) from error


def parse(line: bytes, path: Path, number: int) -> dict[str, Any]:
    where = f"{path}, line {number}"
    try:
        record = json.loads(text := decoded(line, where))
    except (ValueError, RecursionError) as error:
        what = str(error)
        if isinstance(error, json.JSONDecodeError):  # some of its messages end in "at"; the line's end is not counted
            column = min(error.pos, len(text.rstrip())) + 1
            what = f"{error.msg.lower().removesuffix(' at')} at column {column}"
        raise Problem(f"{where}: not valid JSON ({what}).", detail=repr(error)) from error
    if not isinstance(record, dict):
        raise Problem(f"{where}: expected a JSON object, found {_KINDS.get(type(record), 'null')}.")
    return record


def identifier(record: dict[str, Any], path: Path, number: int) -> str:
    """Its `_id`. Numbers are taken as they are written; white space would break every run file."""
    where = f"{path}, line {number}"
    if "_id" not in record:
        raise Problem(f"{where}: no _id, which is what BEIR layout calls an id{_has(record)}.")
    value = record["_id"]
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise Problem(f"{where}: _id must be a string, not {_KINDS.get(type(value), 'null')}.")
    if value.split(None, 1) != [value] or value != clean(value):
        raise Problem(f"{where}: _id must be text without white space, not {value!r}.")
    return value


def _has(record: dict[str, Any]) -> str:
    names = ", ".join(map(repr, list(record)[:5]))[:200]
    return f"; the line has {names}" if names else ""


class _Usual(msgspec.Struct, gc=False):
    """A document as nearly every line has it, which msgspec reads much faster."""

    text: str
    id: str = msgspec.field(name="_id")
    title: str | None = None
    metadata: msgspec.Raw = msgspec.Raw(b"{}")


_usual = json_decoder(_Usual).decode


def document(line: bytes, path: Path, number: int) -> Doc:
    """Of a line of a corpus. What is not as usual is read with `json`, which allows more, and says what is wrong."""
    try:
        read = _usual(line if line.isascii() else line.decode())
        raw = bytes(read.metadata)
        metadata = () if raw == b"{}" else _metadata(json.loads(raw))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _document(parse(line, path, number), path, number)
    if read.id.split(None, 1) != [read.id]:
        return _document(parse(line, path, number), path, number)
    return Doc(read.id, read.title or "", read.text, metadata)


def _document(record: dict[str, Any], path: Path, number: int) -> Doc:
    id = identifier(record, path, number)
    title, text = _text(record, "title", path, number, required=False), _text(record, "text", path, number)
    return Doc(id, title, text, _metadata(record.get("metadata")))


def _metadata(value: object) -> tuple[tuple[str, str], ...]:
    """What else is known of a document: texts, numbers, lists of texts; anything else is left out."""
    if not value or not isinstance(value, dict):
        return ()
    return tuple((clean(key), shown) for key, each in value.items() if (shown := _shown(each)))


def _shown(value: object, lists: int = 3) -> str:
    """Of lists in lists no more than so many."""
    if isinstance(value, list):
        return ", ".join(filter(None, (_shown(each, lists - 1) for each in value))) if lists else ""
    return clean(value).strip() if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""


def query(record: dict[str, Any], path: Path, number: int) -> Query:
    """`metadata.shows` and `metadata.note` are the demo corpus's: what the query is there to show."""
    id = identifier(record, path, number)
    metadata = record.get("metadata")
    notes = [metadata.get(key) for key in ("shows", "note")] if isinstance(metadata, dict) else []
    shows = ": ".join(clean(note) for note in notes if isinstance(note, str) and note)
    return Query(id, _text(record, "text", path, number), shows)


def _text(record: dict[str, Any], key: str, path: Path, number: int, required: bool = True) -> str:
    value = record.get(key)
    if isinstance(value, str):
        return clean(value)
    if value is None and not required:
        return ""
    if key not in record:
        raise Problem(f"{path}, line {number}: no {key}.")
    raise Problem(f"{path}, line {number}: {key} must be a string, not {_KINDS.get(type(value), 'null')}.")
