"""What was found out once about models on this machine: small JSON objects in the cache folder."""

from __future__ import annotations

import json
import logging
from typing import Any

from zsr_tui import paths
from zsr_tui.files import write_whole

_log = logging.getLogger(__name__)


def read(name: str) -> dict[str, Any]:
    """Empty where there is none; one that is unreadable is made anew, and the log says so."""
    place = paths.cache_dir() / name
    if not place.is_file():
        return {}
    try:
        return dict(json.loads(place.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        _log.warning("%s is unreadable and is made anew: %s", place, error)
        return {}


def write(name: str, known: dict[str, Any]) -> None:
    """What cannot be written is found out again next time, and said in the log."""
    place = paths.cache_dir() / name
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        write_whole(place, json.dumps(known).encode())
    except OSError as error:
        _log.warning("%s cannot be written: %s", place, error)
