"""HTTP to an engine of this user on this machine: through its Unix socket, or over loopback, where both ends prove
first that they know the engine's key (`zsr_tui.loopback`)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import httpcore
import httpx

from zsr_tui import loopback, machine


def transport_to(place: Path) -> httpx.AsyncHTTPTransport:
    if machine.UNIX_SOCKETS:
        return httpx.AsyncHTTPTransport(uds=str(place))
    transport = httpx.AsyncHTTPTransport()
    # httpx hands on no backend of its own, and turns the errors of the pool into those that callers know.
    transport._pool = httpcore.AsyncConnectionPool(network_backend=_Proving(place))
    return transport


class _Proving(httpcore.AsyncNetworkBackend):
    """Every connection goes to the port that is written there, whatever is asked for. Raises `ConnectError` where what
    listens there is not the engine: nothing is said to it."""

    def __init__(self, place: Path) -> None:
        self._place, self._backend = place, httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            written = loopback.port_at(self._place)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        stream = await self._backend.connect_tcp(
            loopback.HOST, written.number, timeout=timeout, socket_options=socket_options
        )
        try:
            await _prove(stream, written, timeout)
        except BaseException:
            await stream.aclose()
            raise
        return stream

    async def sleep(self, seconds: float) -> None:
        await self._backend.sleep(seconds)


async def _prove(stream: httpcore.AsyncNetworkStream, port: loopback.Port, timeout: float | None) -> None:
    client, answer = loopback.Client(port), b""
    await stream.write(client.first, timeout)
    while len(answer) < loopback.ANSWERED:
        if not (came := await stream.read(loopback.ANSWERED - len(answer), timeout)):
            raise httpcore.ConnectError("what listens at the engine's port closes the connection")
        answer += came
    try:
        await stream.write(client.second(answer), timeout)
    except loopback.NotProven:
        raise httpcore.ConnectError("what listens at the engine's port is not the engine") from None
