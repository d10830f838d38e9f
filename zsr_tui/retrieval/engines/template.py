"""The user's query as JSON, with the text put in as a value: what stands in it can never become a part of the query.

    {"query": {"bool": {"must": {"match": {"body": "{{query}}"}}}}, "size": "{{size}}"}

A text that is "{{size}}" becomes the number of hits, "{{query}}" anywhere in a text the query. The file is one of
the folder `templates` of the configuration folder, and of no other: no corpus and no client of a shared engine names
paths.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from zsr_tui import outside, paths
from zsr_tui.domain import Problem

QUERY, SIZE = "{{query}}", "{{size}}"
OURS = ("size", "from", "search_after", "explain")  # of a search: what we say of it ourselves
_LARGEST = 1 << 20  # bytes
_NAME = re.compile(r"[\w][\w.-]*\.json", re.ASCII)


def read(name: str) -> dict[str, Any]:
    """The body of a search. Raises `Problem` for one that there is not, or that is none."""
    if not _NAME.fullmatch(name):
        raise Problem(
            f"a template is the name of a JSON file in {paths.templates_dir()}, as in template=bool.json, and not "
            f"{name!r}.",
            usage=True,
        )
    path = paths.templates_dir() / name
    try:
        state = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        there = (
            sorted(each.name for each in paths.templates_dir().glob("*.json")) if paths.templates_dir().is_dir() else []
        )
        has = f"no template is there yet, so write the body of a search to {path}"
        has = f"those there are {', '.join(there[:6])}" if there else has
        has = f"the only one there is {there[0]}" if len(there) == 1 else has
        raise Problem(f"{paths.templates_dir()} has no template {name}: {has}.", usage=True) from None
    except OSError as error:
        raise Problem(f"{path} cannot be read: {error.strerror}.") from error
    return _read(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=32)
def _read(path: Path, changed: int, size: int) -> dict[str, Any]:
    """`changed` and `size` are the file's, so that it is read again when it is another."""
    try:
        body = json.loads(outside.read_text(path, _LARGEST))
    except OSError as error:
        raise Problem(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        at = f" ({error})" if isinstance(error, json.JSONDecodeError) else ""
        raise Problem(f"{path} is not valid JSON{at}: write the body of a search.", usage=True) from error
    if not isinstance(body, dict):
        raise Problem(f"{path} must hold an object, the body of a search.", usage=True)
    if not _says(body, QUERY):
        raise Problem(f'{path} does not say where the query stands: write "{QUERY}" in place of its text.', usage=True)
    taken = [key for key in OURS if key in body and body[key] != SIZE]
    if taken:
        raise Problem(f"{path} sets {taken[0]}, which zsr-tui sets itself: leave it out.", usage=True)
    return body


def filled(body: Any, query: str, size: int) -> Any:
    """The body with the query, which is one JSON text wherever it stands, and how many documents are wanted."""
    if isinstance(body, dict):
        return {key: filled(value, query, size) for key, value in body.items()}
    if isinstance(body, list):
        return [filled(value, query, size) for value in body]
    if body == SIZE:
        return size
    return body.replace(QUERY, query) if isinstance(body, str) else body


def _says(body: Any, mark: str) -> bool:
    if isinstance(body, dict):
        return any(_says(value, mark) for value in body.values())
    if isinstance(body, list):
        return any(_says(value, mark) for value in body)
    return isinstance(body, str) and mark in body
