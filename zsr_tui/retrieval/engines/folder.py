"""A local Qdrant: a folder that qdrant-client has written. It is for one client at a time, so that all of this process
that search in it have the same one, which is closed behind the last of them.

qdrant-client makes a Qdrant of any folder that it is given: what is none is refused before it is asked.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import weakref
from pathlib import Path
from typing import TYPE_CHECKING

from zsr_tui import outside
from zsr_tui.domain import Problem
from zsr_tui.text import one_line

if TYPE_CHECKING:
    from qdrant_client import QdrantClient

_MARK = "meta.json"  # of the folder's collections
_LARGEST = 64 << 20  # bytes of it
_open = weakref.WeakValueDictionary[Path, "Folder"]()
_lock = threading.Lock()


class Folder:
    """An open one. Who searches in it keeps it."""

    def __init__(self, client: QdrantClient) -> None:
        self.client = client
        weakref.finalize(self, client.close)


def opened(path: Path, name: str) -> Folder:
    """That of the engine `name`. Raises `Problem`."""
    if not path.is_dir():
        raise Problem(f"{name} lies in {path}, which is no folder: correct its address.", usage=True)
    place = path.resolve()
    with _lock:
        folder = _open.get(place)
        if folder is None:
            _check(path, name)
            _open[place] = folder = Folder(_client(path))
        return folder


def _check(path: Path, name: str) -> None:
    """Raises `Problem` for a folder that qdrant-client has not written; nothing is written there."""
    try:
        said = json.loads(outside.read_text(path / _MARK, _LARGEST))
        is_one = isinstance(said, dict) and all(isinstance(said.get(key), dict) for key in ("collections", "aliases"))
    except (FileNotFoundError, ValueError, RecursionError):
        is_one = False
    except OSError as error:
        raise Problem(f"{path / _MARK} cannot be read: {error.strerror or error}.") from error
    if not is_one:
        raise Problem(
            f"{name} lies in {path}, which is no local Qdrant (it has no {_MARK} with collections): let its address be "
            "a folder that QdrantClient(path=...) has written, or a server's, as in http://localhost:6333.",
            usage=True,
        )


def _client(path: Path) -> QdrantClient:
    from qdrant_client import QdrantClient

    try:
        return QdrantClient(path=str(path), force_disable_check_same_thread=True)
    except RuntimeError as error:
        raise Problem(
            f"{path} cannot be opened ({one_line(str(error))[:200]}): another program has it, and a local Qdrant is "
            "for one at a time: close it there.",
        ) from None
    except OSError as error:
        raise Problem(
            f"{path} cannot be opened ({error.strerror or error}): a local Qdrant is locked by a file in its folder, "
            "so let this program write there.",
        ) from None
    except (ValueError, TypeError, LookupError, sqlite3.Error) as error:
        raise Problem(
            f"{path} cannot be opened ({one_line(str(error))[:200]}): it is damaged, or of another version of "
            "qdrant-client.",
        ) from None
