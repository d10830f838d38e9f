"""What names a cluster: `ray://host[:port]`."""

from __future__ import annotations

from urllib.parse import urlsplit

from zsr_tui import caller
from zsr_tui.domain import Problem

PORT = 10001  # of Ray's client server, where none is named


def parse(text: str) -> str:
    """The address with its port. Raises `Problem` for one that names no cluster, and `NotPermitted` for one that
    whoever asks may not reach. Nothing is looked up."""
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname or "", parts.port or PORT
    except ValueError:  # a port that is no number
        host, port = "", 0
        parts = urlsplit("")
    more = parts.path.strip("/") or parts.query or parts.fragment or parts.username
    if parts.scheme != "ray" or not host or more or not host.isprintable() or " " in host:
        raise Problem(f"{text!r} names no Ray cluster: write ray://host:{PORT}, the address of its head.", usage=True)
    address = f"ray://{f'[{host}]' if ':' in host else host}:{port}"
    caller.check_cluster(address)
    return address
