"""What only some operating systems have, each with the way round for the others. All the rest of the program asks here;
`tests/unit/test_systems.py` finds what does not. Standard library only."""

from __future__ import annotations

import errno
import os
import re
import signal
import socket
import stat
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

UNIX_SOCKETS = hasattr(socket, "AF_UNIX")
HANGS_UP: int | None = getattr(signal, "SIGHUP", None)  # what a terminal that is closed sends
# How a system says who is at the other end of a Unix socket: Linux in a struct ucred, macOS and FreeBSD in a struct
# xucred (sys/ucred.h), others in a way of their own, which is not read.
_CREDENTIALS = {"linux": "ucred", "darwin": "xucred", "freebsd": "xucred"}
PEERS = next((how for name, how in _CREDENTIALS.items() if sys.platform.startswith(name)), "")
_SO_PEERCRED, _SOL_LOCAL, _LOCAL_PEERCRED, _XUCRED_BYTES = getattr(socket, "SO_PEERCRED", 17), 0, 1, 76
# For `os.open`: bytes as they are, not inherited by children, no link followed, no device waited for.
PLAIN = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
NO_LINK = PLAIN | getattr(os, "O_NOFOLLOW", 0)
NO_WAIT = PLAIN | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
# Devices of Windows, whatever stands behind their first point; what no name there can hold; and what it leaves out.
_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[1-9¹²³]) *(\.|$)", re.IGNORECASE)
_NO_NAME = re.compile(r'[<>:"/\\|?*\x00-\x1f]|[. ]$')
OPEN_FILES_STAY = sys.platform == "win32"  # what any process has open, nobody can remove or rename


def claim(handle: int, *, wait: bool = False) -> bool:
    """Hold an open file until it is closed, by this process and those that inherit it: whether nobody else holds it.
    Raises OSError where its file system has no locks, or the system has none. On Windows that it is open is enough
    for `remove_unclaimed`."""
    if fcntl is None:
        raise OSError(errno.ENOTSUP, "this system has no locks on open files")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True


def remove_unclaimed(path: Path, left: Callable[[os.stat_result], bool]) -> bool:
    """Remove a regular file that no process claims; whether it was. `left` says it where locks cannot. Raises OSError,
    on Windows also for a file that is open."""
    if not stat.S_ISREG(path.lstat().st_mode):
        return False
    if OPEN_FILES_STAY:
        path.unlink()
        return True
    handle = os.open(path, os.O_RDWR | NO_LINK | NO_WAIT)
    try:
        try:
            unclaimed = claim(handle)
        except OSError:
            unclaimed = left(os.fstat(handle))
        if unclaimed:
            path.unlink()
    finally:
        os.close(handle)
    return unclaimed


def unix_socket() -> socket.socket:
    """A new one. Raises OSError where there are none."""
    if not UNIX_SOCKETS:
        raise OSError(errno.EAFNOSUPPORT, "this system has no Unix sockets")
    return socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)


def peer(end: socket.socket) -> tuple[int, int] | None:
    """The number of the user whose process is at the other end of a Unix socket, as the system has it, and of the
    process, 0 where it does not say that. None where the system says neither, or that end has gone."""
    try:
        if PEERS == "ucred":  # process, user, group
            process, number, _ = struct.unpack("=iII", end.getsockopt(socket.SOL_SOCKET, _SO_PEERCRED, 12))
            return number, process
        if PEERS == "xucred":  # version, user, groups
            version, number = struct.unpack_from("=II", end.getsockopt(_SOL_LOCAL, _LOCAL_PEERCRED, _XUCRED_BYTES))
            return (number, 0) if version == 0 else None
    except (OSError, struct.error):  # a socket that has gone is told of with fewer bytes, too
        return None
    return None


def user() -> int | None:
    """The number of the user whose process this is, None where users have none."""
    return os.getuid() if sys.platform != "win32" else None


def is_ours(about: os.stat_result) -> bool:
    """Whether a file is this user's, as far as its number says it: on Windows folders are told apart by their place."""
    return user() is None or about.st_uid == user()


def others_may_read(about: os.stat_result) -> bool:
    """Whether the mode of a file lets others in. Windows has no such mode: there a folder's rights decide."""
    return sys.platform != "win32" and bool(about.st_mode & 0o077)


def account(number: int) -> str:
    """The name of a user."""
    if sys.platform != "win32":
        import pwd

        with suppress(KeyError):  # a number without an account, as in a container
            return pwd.getpwuid(number).pw_name
    return f"uid-{number}"


def begins_as_path(text: str, *, windows: bool = sys.platform == "win32") -> bool:
    """Whether a text is written as only a path is, and no name of anything else: /x, ./x, ../x, ~/x, on Windows also
    with its own separator, and with a drive."""
    if text in (".", "..") or text.startswith(("/", "./", "../", "~")):
        return True
    return windows and (text.startswith(("\\", ".\\", "..\\")) or text[1:3] in (":\\", ":/"))


def names_a_file(name: str, *, windows: bool = sys.platform == "win32") -> bool:
    """Whether a file can have this name, and is found by no other: on Windows a colon begins a part of another file, a
    point or space at the end is left out, and some names are devices. For one part of a path that is not ours."""
    return not windows or not (_NO_NAME.search(name) or _DEVICE.match(name))


def file_name(name: str) -> str:
    """A name that we make of other text, of letters, digits, `.`, `_` and `-`, as one that every system takes."""
    return f"_{name}" if _DEVICE.match(name) else name


def cores() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def apart(*inherited: int) -> dict[str, Any]:
    """For a child process: Ctrl+C in the terminal is not for it, and it inherits these open files, where it can."""
    if sys.platform == "win32":
        import subprocess

        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True, "pass_fds": inherited}


def raise_file_limit(most: int) -> None:
    """Let this process have as many files and connections open, or as many as the system allows."""
    if sys.platform != "win32":  # it has no such limit
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = min(hard, most) if hard != resource.RLIM_INFINITY else most
        if soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
