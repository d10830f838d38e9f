"""python -P -m zsr_tui.engine.serving: an engine for several, as `zsr-tui serve` starts it.

Prints the address that it listens at. What libraries print goes to the engine's log; what is logged goes to stderr.
"""

# ruff: noqa: E402 - what is imported after the first call cannot lie in the current folder
from zsr_tui.isolation import leave_current_folder

leave_current_folder()

import argparse
import logging
import os
import re
import signal
import socket
import sys
import threading
from contextlib import suppress
from pathlib import Path

from zsr_tui import machine
from zsr_tui.caller import Bounds
from zsr_tui.cluster import address
from zsr_tui.domain import Problem
from zsr_tui.engine.process import prepare_libraries, redirect_output
from zsr_tui.engine.serving import listening
from zsr_tui.engine.serving.door import Door, by_token, by_user
from zsr_tui.engine.serving.limits import Limits
from zsr_tui.engine.serving.tokens import Tokens
from zsr_tui.paths import engine_log
from zsr_tui.text import flat, printable

_FAILED, _INTERRUPTED = 1, 130
_FREEING_S = 3.0  # seconds for what others' machines do for it
_CONNECTIONS = 65_536  # as many as the system allows of so many


def _parsed(arguments: list[str]) -> argparse.Namespace:
    """As `zsr_tui.commands.serve` has checked them."""
    parser = argparse.ArgumentParser(prog="python -m zsr_tui.engine.serving")
    parser.add_argument("--socket", type=Path)
    parser.add_argument("--socket-mode", type=_mode, default=0o600)
    parser.add_argument("--listen", default="")
    parser.add_argument("--token-file", type=Path)
    parser.add_argument("--tls-cert", type=Path)
    parser.add_argument("--tls-key", type=Path)
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--log-all", action="store_true")
    parser.add_argument("--allow-folder", type=Path, action="append", default=[])
    parser.add_argument("--allow-host", action="append", default=[])
    parser.add_argument("--allow-cluster", action="append", default=[])
    for name in ("--requests", "--streams", "--drain"):
        parser.add_argument(name, type=int, required=True)
    return parser.parse_args(arguments)


def _mode(text: str) -> int:
    if not re.fullmatch("0?[0-7]{3}", text) or not int(text, 8) & 0o600:
        raise Problem(f"the mode {text!r} is none of a socket: write 600, 660 or 666.", usage=True)
    return int(text, 8)


def run(arguments: list[str]) -> int:
    asked = _parsed(arguments)
    listening.check_tls(asked.tls_cert, asked.tls_key)
    door = _door(asked)
    listener, at, place = _listener(asked)
    print(at, flush=True)
    try:
        told = _serve(asked, door, listener, at)
    finally:
        if place is not None:
            with suppress(FileNotFoundError):
                place.unlink()
    return _INTERRUPTED if told == signal.SIGINT else 0


def _door(asked: argparse.Namespace) -> Door:
    folders = tuple(each.expanduser().resolve() for each in asked.allow_folder)
    if (lacking := next((each for each in folders if not each.is_dir()), None)) is not None:
        raise Problem(f"--allow-folder {lacking}: there is no such folder here; make it, or mend the path.", usage=True)
    clusters = frozenset(map(address.parse, asked.allow_cluster))
    bounds = Bounds(folders, frozenset(asked.allow_host), clusters)
    return by_token(Tokens(asked.token_file), bounds) if asked.token_file else by_user(bounds)


def _listener(asked: argparse.Namespace) -> tuple[socket.socket, str, Path | None]:
    """And its address, as --engine takes it, and the socket's path."""
    if asked.listen:
        tls = asked.tls_cert is not None
        listener, at = listening.open_tcp(asked.listen, tls=tls, plain=asked.plain)
        return listener, f"{'https' if tls else 'http'}://{at}", None
    listener, place = listening.open_unix(asked.socket, asked.socket_mode)
    return listener, str(place), place


def _serve(asked: argparse.Namespace, door: Door, listener: socket.socket, at: str) -> int:
    """By which signal it was told to end."""
    said = os.fdopen(os.dup(2), "w", encoding="utf-8", errors="backslashreplace", buffering=1)
    redirect_output(engine_log())
    from zsr_tui.engine.serving.log import log_to

    log_to(said, every_request=asked.log_all)
    machine.raise_file_limit(_CONNECTIONS)
    prepare_libraries()
    from zsr_tui.engine import leftovers
    from zsr_tui.engine.library import Library
    from zsr_tui.engine.serving.server import Server, Tls
    from zsr_tui.scoring.queue.memory import give_back_in_background, keep_freed_memory

    keep_freed_memory()
    give_back_in_background()
    leftovers.remove_in_background()
    tls = Tls(asked.tls_cert, asked.tls_key) if asked.tls_cert else None
    limits = Limits(asked.requests, asked.streams)
    logging.getLogger("zsr_tui.serving").info("serving at %s", at)
    library = Library(_end_for_good)
    threading.Thread(target=lambda: library.preparing.take_up(), name="taking up", daemon=True).start()
    told = Server(library, door, limits, tls, asked.drain).serve_on(listener)
    library.end(_FREEING_S)
    logging.getLogger("zsr_tui.serving").info("stopped")
    return told


def _end_for_good() -> None:
    """After the loss of the last device: only a new process gets it back, which whoever runs this one starts."""
    logging.getLogger("zsr_tui.serving").error(
        "no device is left; the engine ends, and the next one starts with all of them"
    )
    os._exit(_FAILED)


def main(arguments: list[str]) -> int:
    """The exit code, with what is wrong said."""
    try:
        return run(arguments)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except Problem as problem:
        print(f"zsr-tui: {flat(printable(problem.message))}", file=sys.stderr, flush=True)
        return problem.exit_code


if __name__ == "__main__":
    os._exit(main(sys.argv[1:]))  # at once: writing is to temporary files and one rename, and threads may still wait
