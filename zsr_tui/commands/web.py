"""zsr-tui web: the application in a browser on this machine."""

from __future__ import annotations

import asyncio
import os

from zsr_tui import extras
from zsr_tui.client.choosing import ENGINE
from zsr_tui.client.shared import SharedEngine
from zsr_tui.domain import Problem
from zsr_tui.edge import say


def run(port: int) -> int:
    """Prints the address and serves it until it is interrupted. Tabs share an engine of their own, or ask the one that
    the user has chosen. Raises `Problem`."""
    try:
        from zsr_tui.web.server import WebServer
    except ModuleNotFoundError as error:
        raise Problem(f"zsr-tui web needs the package {error.name}: {extras.get('zsr-tui[web]')}.") from error

    async def serve() -> None:
        engine = None if os.environ.get(ENGINE, "").strip() else SharedEngine()
        server = WebServer(engine, port)
        try:
            await server.start()
            if engine is not None:
                await engine.start()
            print(server.address, flush=True)
            say("open this address in a browser on this machine; whoever has it can use the program. Ctrl-C ends it.")
            await asyncio.Event().wait()
        finally:
            await server.close()
            if engine is not None:
                await engine.close()

    asyncio.run(serve())
    return 0
