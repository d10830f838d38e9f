"""What is to be known of a server before it is asked."""

from __future__ import annotations

import ipaddress
from typing import Protocol
from urllib.parse import urlsplit


class Server(Protocol):
    """`base` is the URL that paths stand behind, `host` its name, with the port where one is written."""

    @property
    def base(self) -> str: ...

    @property
    def host(self) -> str: ...

    @property
    def on_this_machine(self) -> bool: ...


def is_this_machine(url: str) -> bool:
    name = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")
