"""The server of `zsr-tui web`: its page, and a connection for each tab. It listens on loopback alone."""

from __future__ import annotations

import asyncio
import errno
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from string import Template

import textual_serve
from aiohttp import WSCloseCode, web
from textual_serve.server import Server, to_int

from zsr_tui.client.shared import SharedEngine
from zsr_tui.domain import Problem
from zsr_tui.web.guard import headers, knows, refusal
from zsr_tui.web.tab import Tab

HOST = "127.0.0.1"
HEARTBEAT = 15.0  # seconds, as textual-serve has it
_HERE, _STATIC = Path(__file__).parent, Path(textual_serve.__path__[0]) / "static"
_SHOWN = ("css", "fonts", "js")  # folders of textual-serve's that the page needs


class WebServer(Server):
    """textual-serve's, with a page that loads nothing from elsewhere, and with guards. Use `start`, then `close`."""

    def __init__(self, engine: SharedEngine | None, port: int) -> None:
        """Without an `engine` each tab asks the one that the user has chosen (`zsr_tui.client.choosing`)."""
        super().__init__("", host=HOST, port=port, title="zsr-tui")
        self._engine, self._token = engine, secrets.token_urlsafe(24)
        self._runner: web.AppRunner | None = None
        self.tabs: set[Tab] = set()
        self._connections: set[web.WebSocketResponse] = set()

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}/{self._token}/"

    async def start(self) -> None:
        """Returns when it listens; port 0 becomes one that is free. Raises `Problem`."""
        app = web.Application(middlewares=[self._guarded])
        app.add_routes(
            [
                web.get("/{token}/", self.handle_index),
                web.get("/{token}/ws", self.handle_websocket),
                web.get("/{token}/{name:page\\.(css|js)}", self._own),
                web.get("/{token}/static/{folder}/{name}", self._static),
                web.get("/download/{key}", self.handle_download),  # whose keys are random, and used once
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, self.port)
        try:
            await site.start()
        except OSError as error:
            await self.close()
            raise _refused(self.port, error) from error
        self.port = self._runner.addresses[0][1]

    async def close(self) -> None:
        """Nothing of it is left: connections, tabs, the port."""
        for connection in tuple(self._connections):
            await connection.close(code=WSCloseCode.GOING_AWAY)
        await asyncio.gather(*(tab.stop() for tab in tuple(self.tabs)))
        if self._runner is not None:
            await self._runner.cleanup()

    @web.middleware
    async def _guarded(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        why = refusal(request.headers, self.port, must_name_origin=request.path.endswith("/ws"))
        token = request.match_info.get("token")
        if not why and token is not None and not knows(self._token, token):
            why = "This is not the address that zsr-tui web has printed."
        if why:
            return web.Response(status=403, text=why + "\n", headers=headers(self.port))
        try:
            response = await handler(request)
        except web.HTTPException as error:
            error.headers.update(headers(self.port))
            raise
        if not response.prepared:
            response.headers.update(headers(self.port))
        return response

    async def handle_index(self, request: web.Request) -> web.Response:
        page = Template((_HERE / "page.html").read_text("utf-8")).substitute(
            here=f"/{self._token}",
            static=f"/{self._token}/static",
            websocket=f"ws://{request.host}/{self._token}/ws",
            size=to_int(request.query.get("fontsize", ""), 16),
        )
        return web.Response(text=page, content_type="text/html")

    async def _own(self, request: web.Request) -> web.FileResponse:
        return web.FileResponse(_HERE / request.match_info["name"])

    async def _static(self, request: web.Request) -> web.StreamResponse:
        folder, name = request.match_info["folder"], request.match_info["name"]
        path = _STATIC / folder / name
        if folder not in _SHOWN or name.startswith(".") or path.parent != _STATIC / folder or not path.is_file():
            raise web.HTTPNotFound(text="There is no such file.\n")
        return web.FileResponse(path)

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        connection = web.WebSocketResponse(heartbeat=HEARTBEAT)
        await connection.prepare(request)
        tab = Tab(
            self._engine.socket if self._engine else None,
            write_bytes=connection.send_bytes,
            write_str=connection.send_str,
            close=connection.close,
            download_manager=self.download_manager,
        )
        self._connections.add(connection)
        self.tabs.add(tab)
        try:
            await tab.start(to_int(request.query.get("width", ""), 80), to_int(request.query.get("height", ""), 24))
            await self._process_messages(connection, tab)
        finally:
            await tab.stop()
            self.tabs.discard(tab)
            self._connections.discard(connection)
        return connection


def _refused(port: int, error: OSError) -> Problem:
    if error.errno == errno.EADDRINUSE:
        return Problem(f"port {port} of this machine is taken: choose another one with --port, or 0 for a free one.")
    if error.errno == errno.EACCES:
        return Problem(f"port {port} is only for the administrator: choose one above 1023 with --port.", usage=True)
    return Problem(f"the server cannot listen on port {port}: {error.strerror or error}.")
