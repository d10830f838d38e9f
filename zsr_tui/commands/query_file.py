"""zsr-tui search --queries: a file of queries, each on a line: id, tab, text; or BEIR's JSON with _id and text."""

from __future__ import annotations

import errno
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from zsr_tui import outside
from zsr_tui.domain import LONGEST_QUERY, Problem
from zsr_tui.numerals import counted

STDIN = Path("-")
_NAMED = 5  # bad lines that are told with what is wrong with them
_LISTED = 20  # further ones whose numbers are


@dataclass(frozen=True, slots=True)
class FileQuery:
    id: str
    text: str


class _BadLine(Exception):
    """What is wrong with a line, as in "has no tab"."""


def read_queries(path: Path) -> list[FileQuery]:
    """In the file's order; blank lines are skipped. "-" is the standard input. Raises `Problem`, which names every bad
    line by its number in one sentence."""
    name = "the standard input" if path == STDIN else str(path)
    found, places, bad = list[FileQuery](), dict[str, int](), dict[int, str]()
    is_json: bool | None = None
    for number, line in enumerate(_text(path, name).split("\n"), 1):
        if not line.strip():
            continue
        if is_json is None:
            is_json = line.lstrip().startswith("{")
        try:
            query = _of_json(line) if is_json else _of_columns(line.removesuffix("\r"))
            if query.id in places:
                raise _BadLine(f"has the id {query.id!r} of line {places[query.id]} again")
        except _BadLine as problem:
            bad[number] = str(problem)
            continue
        places[query.id] = number
        found.append(query)
    if bad:
        _refuse(name, bad)
    if not found:
        raise Problem(f"{name} holds no queries: write an id, a tab and a text on each line.", usage=True)
    return found


def _text(path: Path, name: str) -> str:
    try:
        if path != STDIN:
            return outside.read_text(path.expanduser())
        data = sys.stdin.buffer.read(outside.SETTINGS + 1)
        if len(data) > outside.SETTINGS:
            raise OSError(errno.EFBIG, f"it is larger than {outside.SETTINGS >> 20} MiB")
        return data.decode("utf-8-sig")
    except FileNotFoundError:
        raise Problem(f"there is no file of queries {name}.", usage=True) from None
    except OSError as error:
        raise Problem(f"the queries in {name} cannot be read ({error.strerror or error}).", usage=True) from error
    except UnicodeDecodeError as error:
        number = error.object[: error.start].count(b"\n") + 1
        raise Problem(f"{name}, line {number} is not UTF-8 text: write the file in UTF-8.", usage=True) from error


def _of_columns(line: str) -> FileQuery:
    id, tab, text = line.partition("\t")
    if not tab:
        raise _BadLine("has no tab between an id and a text")
    return _checked(id.strip(), text)


def _of_json(line: str) -> FileQuery:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        raise _BadLine("is not valid JSON") from None
    if not isinstance(record, dict):
        raise _BadLine("is no JSON object")
    id, text = record.get("_id"), record.get("text")
    if isinstance(id, int) and not isinstance(id, bool):
        id = str(id)
    if not isinstance(id, str) or not isinstance(text, str):
        raise _BadLine('lacks an _id or a text, as {"_id": "q1", "text": "..."} has them')
    return _checked(id, text)


def _checked(id: str, text: str) -> FileQuery:
    if not id:
        raise _BadLine("has no id")
    if any(map(str.isspace, id)):
        raise _BadLine(f"has white space in its id {id[:80]!r}, which a run file cannot hold")
    if not text.strip():
        raise _BadLine("has no text")
    if len(text) > LONGEST_QUERY:
        raise _BadLine(f"has {counted(len(text), 'character')} and the limit is {LONGEST_QUERY:,}")
    return FileQuery(id, text.strip())


def _refuse(name: str, bad: dict[int, str]) -> NoReturn:
    told = [f"line {number} {what}" for number, what in list(bad.items())[:_NAMED]]
    numbers = list(map(str, bad))[_NAMED:]
    if numbers:
        more = " ..." if len(numbers) > _LISTED else ""
        told.append(f"so have {counted(len(numbers), 'other line')}: {', '.join(numbers[:_LISTED])}{more}")
    raise Problem(f"{name}: {'; '.join(told)}; nothing was searched.", usage=True)
