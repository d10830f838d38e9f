"""On the path of Python processes, this takes from them what Windows does not have: locks on open files, and Unix
sockets. Python's own pairs of sockets still work. LACKING names further modules that are not to be found."""

import os
import socket
import sys
from contextlib import suppress
from importlib import import_module

for name in ("psutil", "filelock", "portalocker"):  # those of Windows are others, which do the same without
    with suppress(ImportError):
        import_module(name)

_pair, _unix = socket.socketpair, socket.AF_UNIX


def _socketpair(family=None, *rest, **named):  # type: ignore[no-untyped-def]
    return _pair(_unix if family is None else family, *rest, **named)


for name in ("fcntl", *os.environ.get("LACKING", "").split()):
    sys.modules[name] = None  # type: ignore[assignment]
socket.socketpair = _socketpair  # type: ignore[assignment]
del socket.AF_UNIX
