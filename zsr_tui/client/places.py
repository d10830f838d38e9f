"""Where an engine listens: a folder that only this user can enter, whose path leaves room for a socket's name."""

from __future__ import annotations

import fcntl
import os
import re
import socket
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from zsr_tui.domain import Problem

SOCKET, _LOCK, _PREFIX = "engine.sock", "owner.lock", "zsr-tui-"
LONGEST = 103 if sys.platform == "darwin" else 107  # bytes that the name of a socket may have
_NAME = re.compile(rf"{_PREFIX}[a-z0-9_]{{8}}")  # as tempfile makes it
_OTHERS = ("/tmp", "/var/tmp", "/dev/shm")
_LEFT_SECONDS = 3600  # after which a folder without a lock and a socket is what a killed process has left


class SocketFolder:
    """A new folder. Its lock is held by who made it and by the engine that is given `lock`: while either lives, the
    folder is theirs. What killed processes have left of their own goes when a new one is made."""

    def __init__(self) -> None:
        """Raises `Problem` where there is no place for one, and OSError."""
        remove_left()
        while True:
            self.path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_place()))  # mode 0700
            self.lock = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self.lock, fcntl.LOCK_EX)
            if self.path.exists():  # else somebody took it for left before it was locked
                return
            os.close(self.lock)

    @property
    def socket(self) -> Path:
        return self.path / SOCKET

    def remove(self) -> None:
        _remove(self.path)
        os.close(self.lock)


def remove_left() -> None:
    """Remove the folders that no living process has."""
    for place in _places():
        with suppress(OSError):  # it cannot be read: nothing of ours is there
            for folder in place.iterdir():
                if _NAME.fullmatch(folder.name):
                    with suppress(OSError):  # somebody was faster
                        _remove_if_left(folder)


def _remove_if_left(folder: Path) -> None:
    about = folder.lstat()
    if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.getuid():
        return
    try:
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:
        if _nobody_listens(folder / SOCKET, about.st_mtime):
            _remove(folder)
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    else:
        _remove(folder)
    finally:
        os.close(lock)


def _nobody_listens(path: Path, made: float) -> bool:
    """Of an engine that somebody else has started, who locks nothing."""
    if not path.is_socket():
        return made < time.time() - _LEFT_SECONDS
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            return True
        except OSError:  # it is busy, or its name is too long for us
            return False
    return False


def _remove(folder: Path) -> None:
    """Only what an engine puts there: a folder of somebody else with such a name stays."""
    for name in (SOCKET, _LOCK):
        (folder / name).unlink(missing_ok=True)
    with suppress(OSError):  # it is gone, or holds something else
        folder.rmdir()


def _place() -> Path:
    for place in _places():
        name = os.fsencode(place / f"{_PREFIX}12345678" / SOCKET)
        if len(name) <= LONGEST and os.access(place, os.W_OK | os.X_OK):
            return place
    raise Problem(
        f"the engine needs a folder for its socket, whose name may have {LONGEST} bytes: set TMPDIR to a short path "
        "that you can write to, such as /tmp."
    )


def _places() -> Iterator[Path]:
    """Where it may be, the first choice first."""
    named = (tempfile.gettempdir(), os.environ.get("XDG_RUNTIME_DIR", ""), *_OTHERS)
    for place in dict.fromkeys(filter(None, named)):
        if Path(place).is_dir():
            yield Path(place)
