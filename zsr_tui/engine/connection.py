"""A client's connection: uvicorn's, with a deadline for each request to be there as a whole, and the user at the other
end of a Unix socket in place of an address."""

from __future__ import annotations

import asyncio
import socket

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from zsr_tui import loopback, machine

PATIENCE_S = 10.0  # from a connection, or from a request's first byte, and a second more for every SLOWEST bytes
SLOWEST = 64 << 10


class Connection(H11Protocol):
    """Closed where a request does not come in time, or a refused one does not end. h11 itself refuses what is no HTTP,
    and a head of more than 64 KiB."""

    _late: asyncio.TimerHandle | None = None
    _began = 0.0
    _received = 0
    _refused = False  # as no HTTP: whatever else comes is nothing to us

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.client = _peer(transport) or self.client
        self._wait_for(0)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        self._wait_for(len(data))
        super().data_received(data)
        if (
            not self._refused
            and self.cycle is not None
            and not self.cycle.more_body
            and not self.cycle.response_complete
        ):
            self._in_time()

    def send_400_response(self, msg: str) -> None:
        """And what else the client sends is taken for a while: the system takes back an answer on a connection that is
        closed before it was read to its end. Of one request there is one answer."""
        self._refused = True
        self._in_time()
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.close()
            return
        if self.cycle is not None and not self.cycle.response_complete:  # its answer would come behind this one
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        text = msg.encode("ascii")
        headers = [("content-type", "text/plain; charset=utf-8"), ("content-length", str(len(text)))]
        for event in (
            h11.Response(status_code=400, headers=[*headers, ("connection", "close")], reason=b"Bad Request"),
            h11.Data(data=text),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._late = self.loop.call_later(PATIENCE_S, self.transport.close)

    def _should_upgrade(self) -> bool:
        return False  # to nothing; uvicorn would tell the log each time what to install for it

    def on_response_complete(self) -> None:
        super().on_response_complete()  # and begins with what came of a next request meanwhile
        if self.cycle is not None and self.cycle.more_body and not self.cycle.response_complete:
            self._wait_for(0)

    def connection_lost(self, exc: Exception | None) -> None:
        self._in_time()
        super().connection_lost(exc)

    def _wait_for(self, came: int) -> None:
        if self._late is None:
            self._began, self._received = self.loop.time(), 0
        self._in_time()
        self._received += came
        until = self._began + PATIENCE_S + self._received / SLOWEST
        self._late = self.loop.call_at(until, self.transport.close)

    def _in_time(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


class _Proven(Connection):
    """On loopback, where anybody can connect: closed unless the client proves that it knows the key, before HTTP."""

    key = b""
    _proof: loopback.Engine | None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._proof = loopback.Engine(self.key)

    def data_received(self, data: bytes) -> None:
        if self._proof is None:
            return super().data_received(data)
        try:
            answer, rest = self._proof.received(data)
        except loopback.NotProven:
            self.transport.close()
            return None
        self.transport.write(answer)
        if rest is not None:
            self._proof = None
            if rest:  # h11 takes nothing for the end of the connection
                super().data_received(rest)
        return None


def proven(key: bytes) -> type[Connection]:
    """The connections of an engine with this key."""
    return type("Proven", (_Proven,), {"key": key})


def _peer(transport: asyncio.Transport) -> tuple[str, int] | None:
    """The number of the user whose process connected, as the system has it, and of the process, 0 where it does not say
    that. None where the connection is no Unix socket's, or nobody says it."""
    end = transport.get_extra_info("socket")
    if not machine.UNIX_SOCKETS or end is None or end.family != socket.AF_UNIX:
        return None
    found = machine.peer(end)
    return (str(found[0]), found[1]) if found else None
