"""The key of a server, from the environment.

ZSR_TUI_KEY_<HOST>         the key of one server: its name in capitals, every other character as _, so that
                           api.jina.ai has ZSR_TUI_KEY_API_JINA_AI
ZSR_TUI_KEY_<HOST>_<PORT>  the same for one port, before the one without

There is no key for all servers: it would reach every host that somebody writes into a system. A key is read when a
request is made, sent as `Authorization: Bearer` to that host alone, and kept nowhere.
"""

from __future__ import annotations

import os
import re

from zsr_tui.domain import Problem
from zsr_tui.servers.server import Server

_PREFIX = "ZSR_TUI_KEY_"


def variables(address: Server, named: str = "") -> tuple[str, ...]:
    """The names that are looked at, the first that is set wins; the last is the one to tell a user. It is `named`
    alone, where the user has named one for this server."""
    if named:
        return (named,)
    full = _PREFIX + _capitals(address.host)
    host = _PREFIX + _capitals(re.sub(r":\d+$", "", address.host))
    return (full, host) if full != host else (host,)


def key_of(address: Server, named: str = "") -> str:
    """The key, "" without one; `named` as for `variables`. Raises `Problem` for one that cannot or must not be sent."""
    name = next((name for name in variables(address, named) if os.environ.get(name, "").strip()), "")
    key = os.environ.get(name, "").strip() if name else ""
    if not key:
        return ""
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise Problem(f"the key in {name} has characters that no HTTP header can hold: set it again.", usage=True)
    if not address.base.startswith("https:") and not address.on_this_machine:
        raise Problem(
            f"the key in {name} would travel to {address.host} unencrypted: write https://, reach the server through "
            f"a tunnel to localhost, or unset {name}.",
            usage=True,
        )
    return key


def _capitals(host: str) -> str:
    return re.sub(r"[^A-Z0-9]+", "_", host.upper()).strip("_")
