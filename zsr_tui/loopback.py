"""An engine on a port of loopback, where there are no Unix sockets. Anybody on the machine can connect to a port, and
can listen at one that has become free. So a key is made for every engine and lies with the port in a file that only its
user can read; before anything else is said, each end of a connection proves to the other that it knows the key:

    client   zsr-tui CHALLENGE            64 hexadecimal digits
    engine   CHALLENGE PROOF              its own challenge; HMAC-SHA256 of both, as the engine
    client   PROOF                        HMAC-SHA256 of both, as the client; then HTTP

The key itself is never sent, and a proof is of no use to anybody on another connection.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import socket
from dataclasses import dataclass, field
from pathlib import Path

from zsr_tui import outside
from zsr_tui.files import PRIVATE, write_whole

HOST = "127.0.0.1"
_GREETING = b"zsr-tui "
_DIGITS = 64  # of a challenge, of a proof and of a key
ASKED = len(_GREETING) + _DIGITS + 1  # bytes of the client's first line
ANSWERED = 2 * _DIGITS + 2  # of the engine's
PROVEN = _DIGITS + 1  # of the client's second


class NotProven(Exception):
    """The other end does not know the key: it is not who it should be."""


@dataclass(frozen=True, slots=True)
class Port:
    number: int
    key: bytes = field(repr=False)


def listen(place: Path) -> tuple[socket.socket, bytes]:
    """At a free port, which is then written to `place` with the key. Raises OSError."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if exclusive := getattr(socket, "SO_EXCLUSIVEADDRUSE", 0):  # Windows lets others listen at the same port without it
        listener.setsockopt(socket.SOL_SOCKET, exclusive, 1)
    listener.bind((HOST, 0))
    listener.listen(128)
    key = secrets.token_hex(_DIGITS // 2).encode()
    write_whole(place, b"%d %s\n" % (listener.getsockname()[1], key), PRIVATE)
    return listener, key


def port_at(place: Path) -> Port:
    """Raises OSError, also where no port is written there."""
    number, _, key = outside.read(place, 4096).strip().partition(b" ")
    if not number.isdigit() or len(key) != _DIGITS:
        raise ConnectionRefusedError(f"{place} names no port of an engine")
    return Port(int(number), key)


class Client:
    """The client's end of a new connection."""

    def __init__(self, port: Port) -> None:
        self._key, self._challenge = port.key, secrets.token_hex(_DIGITS // 2).encode()

    @property
    def first(self) -> bytes:
        return _GREETING + self._challenge + b"\n"

    def second(self, answer: bytes) -> bytes:
        """Raises `NotProven`."""
        theirs, _, proof = answer.rstrip(b"\n").partition(b" ")
        if not hmac.compare_digest(proof, _proof(self._key, b"engine", self._challenge, theirs)):
            raise NotProven
        return _proof(self._key, b"client", self._challenge, theirs) + b"\n"


class Engine:
    """The engine's end of a new connection."""

    def __init__(self, key: bytes) -> None:
        self._key, self._wanted, self._came = key, b"", b""

    def received(self, data: bytes) -> tuple[bytes, bytes | None]:
        """What to send, and what came behind the proof; None while that is not there. Raises `NotProven`."""
        self._came += data
        if not self._wanted:
            if self._came[: len(_GREETING)] != _GREETING[: len(self._came)]:
                raise NotProven
            if len(self._came) < ASKED:
                return b"", None
            if len(self._came) > ASKED:  # nobody can prove anything before the answer is there
                raise NotProven
            asked, self._came = self._came, b""
            theirs, ours = asked[len(_GREETING) : -1], secrets.token_hex(_DIGITS // 2).encode()
            self._wanted = _proof(self._key, b"client", theirs, ours)
            return ours + b" " + _proof(self._key, b"engine", theirs, ours) + b"\n", None
        if len(self._came) < PROVEN:
            return b"", None
        if not hmac.compare_digest(self._came[:PROVEN], self._wanted + b"\n"):
            raise NotProven
        return b"", self._came[PROVEN:]


def _proof(key: bytes, who: bytes, client: bytes, engine: bytes) -> bytes:
    return hmac.new(key, b" ".join((who, client, engine)), hashlib.sha256).hexdigest().encode()
