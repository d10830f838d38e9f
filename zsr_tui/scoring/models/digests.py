"""Content hashes of weight files, computed once per file and remembered."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import tempfile
import threading
from pathlib import Path

from zsr_tui import paths

_SMALL = 1 << 20  # bytes; smaller files are hashed anew each time, which costs less than remembering them
_BLOB = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_lock = threading.Lock()
_known: dict[str, str] | None = None
_log = logging.getLogger(__name__)


def of(path: Path) -> str:
    """The SHA-256 of a file's content. A file of the hub's cache is a link to one that is named by its hash
    (SHA-256 of large files, git's SHA-1 of small ones); a large file elsewhere is hashed again only after its size
    or time of change differ."""
    real = path.resolve()
    if real.parent.name == "blobs" and _BLOB.fullmatch(real.name):
        return real.name
    state = real.stat()
    if state.st_size < _SMALL:
        return hashlib.sha256(real.read_bytes()).hexdigest()
    key = f"{real}|{state.st_size}|{state.st_mtime_ns}"
    with _lock:
        known = _remembered()
        if key not in known:
            with real.open("rb") as file:
                known[key] = hashlib.file_digest(file, "sha256").hexdigest()
            _remember(known)
        return known[key]


def _place() -> Path:
    return paths.cache_dir() / "weight-digests.json"


def _remembered() -> dict[str, str]:
    global _known
    if _known is None:
        _known = {}
        if _place().is_file():
            try:
                _known.update(json.loads(_place().read_text(encoding="utf-8")))
            except (OSError, ValueError, TypeError) as error:
                _log.warning("%s is unreadable and is made anew: %s", _place(), error)
    return _known


def _remember(known: dict[str, str]) -> None:
    place = _place()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=place.parent, prefix=place.name)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(known, file)
        os.replace(name, place)
    except OSError as error:
        _log.warning("digests of weight files are not remembered, %s cannot be written: %s", place, error)
