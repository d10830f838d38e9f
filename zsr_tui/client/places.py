"""Where an engine listens: a folder that only this user can enter. In it is a Unix socket, for whose name its path
leaves room, or, where there are none, a file with a port of loopback and a key (`zsr_tui.loopback`)."""

from __future__ import annotations

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

from zsr_tui import machine
from zsr_tui.domain import Problem

SOCKET = "engine.sock" if machine.UNIX_SOCKETS else "engine.port"
_LOCK, _PREFIX = "owner.lock", "zsr-tui-"
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
            self.lock = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT | machine.PLAIN, 0o600)
            with suppress(OSError):  # no locks: an engine that listens says that the folder is in use
                machine.claim(self.lock, wait=True)
            if (self.path / _LOCK).exists():  # else somebody took it for left before it was locked
                return
            os.close(self.lock)

    @property
    def socket(self) -> Path:
        return self.path / SOCKET

    def remove(self) -> None:
        os.close(self.lock)
        _remove(self.path)


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
    if not stat.S_ISDIR(about.st_mode) or not machine.is_ours(about):
        return
    try:
        left = machine.remove_unclaimed(folder / _LOCK, lambda about: _nobody_listens(folder / SOCKET, about.st_mtime))
    except FileNotFoundError:
        left = _nobody_listens(folder / SOCKET, about.st_mtime)
    if left:
        _remove(folder)


def _nobody_listens(path: Path, made: float) -> bool:
    """Of an engine that somebody else has started, who locks nothing."""
    if not os.path.lexists(path):
        return made < time.time() - _LEFT_SECONDS
    try:
        _connect(path)
    except ConnectionRefusedError:
        return True
    except OSError:  # it is busy, or its name is too long for us
        return False
    return False


def accepts(path: Path) -> bool:
    """Whether somebody listens at the place of an engine."""
    try:
        _connect(path)
    except OSError:
        return False
    return True


def _connect(path: Path) -> None:
    """Raises OSError where nobody listens."""
    if machine.UNIX_SOCKETS:
        with machine.unix_socket() as probe:
            probe.connect(str(path))
    else:
        from zsr_tui import loopback  # some milliseconds, which the first paint need not pay

        socket.create_connection((loopback.HOST, loopback.port_at(path).number)).close()


def _remove(folder: Path) -> None:
    """Only what an engine puts there: a folder of somebody else with such a name stays."""
    for name in (SOCKET, _LOCK):
        (folder / name).unlink(missing_ok=True)
    with suppress(OSError):  # it is gone, or holds something else
        folder.rmdir()


def _place() -> Path:
    for place in _places():
        name = os.fsencode(place / f"{_PREFIX}12345678" / SOCKET)
        if (len(name) <= LONGEST or not machine.UNIX_SOCKETS) and os.access(place, os.W_OK | os.X_OK):
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
