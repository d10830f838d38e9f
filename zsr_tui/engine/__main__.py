"""python -m zsr_tui.engine --socket PATH: the engine as a private child process. Without Unix sockets PATH is a file
that says where it is (`zsr_tui.loopback`).

It ends when its standard input ends, so it never outlives whoever started it, however that one ended. With `--private`
the socket's folder is the engine's own, and goes with it.
"""

# ruff: noqa: E402 - what is imported after the first call cannot lie in the current folder
from zsr_tui.isolation import leave_current_folder

leave_current_folder()

import argparse
import faulthandler
import logging
import os
import shutil
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from zsr_tui import machine
from zsr_tui.engine.process import prepare_libraries, redirect_output

if TYPE_CHECKING:
    from zsr_tui.engine.library import Library


_FREEING_S = 0.7  # less than whoever ends it waits for its end
_libraries: "list[Library]" = []  # the one that is served


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m zsr_tui.engine")
    parser.add_argument("--socket", required=True, type=Path, help="Unix-domain socket, or file to say the port in")
    parser.add_argument("--private", action="store_true", help="remove the socket's folder at the end")
    parser.add_argument("--log", required=True, type=Path, help="file for everything that is printed")
    arguments = parser.parse_args()
    redirect_output(arguments.log)
    faulthandler.enable()  # a crash in a library leaves in the log where it was
    from zsr_tui.engine import leftovers
    from zsr_tui.scoring.queue.memory import give_back_in_background, keep_freed_memory

    keep_freed_memory()
    give_back_in_background()
    folder = arguments.socket.parent if arguments.private else None
    threading.Thread(target=_end_with_parent, args=(folder,), name="parent", daemon=True).start()
    signal.signal(signal.SIGTERM, lambda *_: _end(folder))  # uvicorn hands it on when it has closed its connections
    listener, key = _listen(arguments.socket)
    prepare_libraries()
    leftovers.remove_in_background()
    try:
        _serve(listener, key, folder)
    finally:
        _remove(folder)


def _end_with_parent(folder: Path | None) -> None:
    while os.read(0, 4096):
        continue
    _end(folder)


def _end(folder: Path | None) -> None:
    for library in _libraries:
        library.end(_FREEING_S)
    _remove(folder)
    os._exit(0)  # at once: writing is to temporary files and one rename, so nothing is left half-done


def _remove(folder: Path | None) -> None:
    """Whoever made the folder may have been killed, and removes it too if not."""
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


def _listen(path: Path) -> tuple[socket.socket, bytes]:
    """And the key that clients prove that they know, b"" where the system says who may connect."""
    if not machine.UNIX_SOCKETS:
        from zsr_tui import loopback

        return loopback.listen(path)
    listener = machine.unix_socket()
    before = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(before)
    listener.listen(128)
    return listener, b""


def _start_again(folder: Path | None) -> None:
    """After the loss of the last device: only a new process gets it back. Whoever asked starts one, and asks again."""
    logging.getLogger(__name__).error("no device is left; the engine ends, and the next one starts with all of them")
    _end(folder)


def _serve(listener: socket.socket, key: bytes, folder: Path | None) -> None:
    import uvicorn

    from zsr_tui.engine.app import create_app
    from zsr_tui.engine.connection import Connection, proven
    from zsr_tui.engine.library import Library

    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO,
        format="%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s",
    )
    library = Library(lambda: _start_again(folder))
    _libraries.append(library)
    app = create_app(library)
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none")
    config.http = proven(key) if key else Connection
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
