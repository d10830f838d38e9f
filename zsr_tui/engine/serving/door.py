"""Who a client is."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from zsr_tui import machine, paths
from zsr_tui.caller import Bounds, Caller
from zsr_tui.domain import Problem
from zsr_tui.engine.serving.tokens import Tokens

if TYPE_CHECKING:
    from starlette.types import Scope

Door = Callable[["Scope"], Caller | None]  # None: nobody who is known
_BEARER = re.compile(rb"bearer +(\S+) *", re.IGNORECASE)


def by_token(tokens: Tokens, bounds: Bounds) -> Door:
    """Over TCP, and over a Unix socket of which nobody need know who is at its other end."""

    def who(scope: Scope) -> Caller | None:
        said = [value for name, value in scope["headers"] if name == b"authorization"]
        found = _BEARER.fullmatch(said[0]) if len(said) == 1 else None
        name = tokens.name_of(found[1].decode("latin-1")) if found else ""
        return _known(name, bounds) if name else None

    return who


def by_user(bounds: Bounds) -> Door:
    """Over a Unix socket, whose system says which user is at its other end. The engine's own user may do anything, as
    without an engine; what it keeps is what the program keeps. Raises `Problem` where the system does not say it."""
    if machine.UNIX_SOCKETS and not machine.PEERS:
        raise Problem(
            "this system does not say which user connects to a Unix socket: give --token-file, so that tokens do.",
            usage=True,
        )

    def who(scope: Scope) -> Caller | None:
        user = scope.get("client")
        if not user or not user[0].isdecimal():
            return None
        uid = int(user[0])
        return Caller(machine.account(uid)) if uid == machine.user() else _known(machine.account(uid), bounds)

    return who


def _known(name: str, bounds: Bounds) -> Caller:
    return Caller(name, folder_of(name), bounds)


def folder_of(name: str) -> Path:
    """Where what is a caller's own lies."""
    return paths.data_dir() / "callers" / name
