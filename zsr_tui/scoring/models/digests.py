"""Content hashes of weight files, computed once per file and remembered."""

from __future__ import annotations

import hashlib
import re
import threading
from pathlib import Path

from zsr_tui import outside
from zsr_tui.scoring.models import remembered

_SMALL = 1 << 20  # bytes; smaller files are hashed anew each time, which costs less than remembering them
_BLOB = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_NAME = "weight-digests.json"
_lock = threading.Lock()
_known: dict[str, str] | None = None


def of(path: Path) -> str:
    """The SHA-256 of a file's content. A file of the hub's cache is a link to one that is named by its hash
    (SHA-256 of large files, git's SHA-1 of small ones); a large file elsewhere is hashed again only after its size
    or time of change differ."""
    global _known
    real = path.resolve()
    if real.parent.name == "blobs" and _BLOB.fullmatch(real.name):
        return real.name
    state = real.stat()
    if state.st_size < _SMALL:
        return hashlib.sha256(outside.read(real)).hexdigest()
    key = f"{real}|{state.st_size}|{state.st_mtime_ns}"
    with _lock:
        if _known is None:
            _known = remembered.read(_NAME)
        if key not in _known:
            with outside.opened(real) as file:
                _known[key] = hashlib.file_digest(file, "sha256").hexdigest()
            remembered.write(_NAME, _known)
        return _known[key]
