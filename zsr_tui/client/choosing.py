"""Which engine is asked: a private one, or the one that the user names with --engine.

ZSR_TUI_ENGINE      the path of a socket, http://host:port, https://host:port, or ssh://host
ZSR_TUI_TOKEN_FILE  a file with the token for it; ZSR_TUI_TOKEN is the token itself
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from zsr_tui.client.engine import Engine
from zsr_tui.domain import Problem

if TYPE_CHECKING:
    from zsr_tui.client.attached import Tell

ENGINE, TOKEN, TOKEN_FILE = "ZSR_TUI_ENGINE", "ZSR_TUI_TOKEN", "ZSR_TUI_TOKEN_FILE"
_LARGEST = 64 << 10  # bytes of a file with a token


def chosen_engine(tell: Tell | None = None) -> Engine:
    """Not started yet. `tell` is told where a shared one is waited for. Raises `Problem` for an address or a token that
    cannot be used."""
    address = os.environ.get(ENGINE, "").strip()
    if not address:
        return Engine()
    from zsr_tui.client.attached import FIRST_LIMIT, AttachedProcess, RemoteProcess

    if address.startswith("ssh://"):
        from zsr_tui.client.ssh import SshProcess  # for those who need it

        return Engine(SshProcess(address, token(), tell))
    if "://" in address:
        return Engine(RemoteProcess(_url(address), token(), tell))
    path = Path(address).expanduser().absolute()
    if re.fullmatch(r"[^/]+:[0-9]+", address) and not path.exists():
        raise Problem(
            f"--engine {address} is the name of no socket here: for an address, write https:// (or http://) before it.",
            usage=True,
        )
    start = "start it with zsr-tui serve, or check the path"
    return Engine(AttachedProcess(path, token(), start, FIRST_LIMIT, private=False, tell=tell))


def _url(address: str) -> str:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(address)
        known = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1)
    except ValueError:
        known = False
    if not known or parts.username is not None or parts.query or parts.fragment or parts.path not in ("", "/"):
        raise Problem(
            "--engine (ZSR_TUI_ENGINE) takes the path of a socket, http://host:port, https://host:port or ssh://host: "
            "this is none of them, and a token does not belong into it.",
            usage=True,
        )
    return address


def token() -> str:
    """ "" where none is given. Raises `Problem`."""
    path, given = os.environ.get(TOKEN_FILE, "").strip(), os.environ.get(TOKEN, "").strip()
    if not path:
        return _usable(given, TOKEN)
    from zsr_tui import outside

    try:
        lines = outside.read_text(Path(path).expanduser(), _LARGEST).splitlines()
    except UnicodeDecodeError:
        raise Problem(f"{path} is not UTF-8 text: it should hold your token.", usage=True) from None
    except OSError as error:
        raise Problem(f"the token cannot be read from {path}: {error.strerror or error}.", usage=True) from error
    found = [line.split() for line in lines if line.split() and not line.lstrip().startswith("#")]
    if len(found) != 1 or len(found[0]) > 2:
        raise Problem(f"{path} should hold one line: your token, or your name and your token.", usage=True)
    return _usable(found[0][-1], path)


def _usable(text: str, where: str) -> str:
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise Problem(f"{where} holds no token: one is made of letters, digits and signs.", usage=True)
    return text
