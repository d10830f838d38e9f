"""Ports for servers that cannot choose one themselves."""

from __future__ import annotations

import random
import socket
from contextlib import suppress

_chance = random.SystemRandom()


def unused_port() -> int:
    """Of loopback; none of those that the system hands out itself (Linux: 32768 and above) or Ray takes (23000 to
    24000), so that it is still unused when a server that takes a minute to start binds it."""
    while True:
        with suppress(OSError), socket.create_server(("127.0.0.1", _chance.randrange(24_001, 32_000))) as free:
            return int(free.getsockname()[1])
