"""An engine that dies is found dead by several at once: by a stream, by calls, and by who starts the next one."""

from __future__ import annotations

import asyncio
from pathlib import Path

from zsr_tui.client.engine import Engine


class Process:
    """`stopping` is set while an engine is being ended, which takes until `go`."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "engine.sock"
        self.alive, self.started = False, 0
        self.stopping, self.go = asyncio.Event(), asyncio.Event()

    async def start(self) -> None:
        self.alive, self.started = True, self.started + 1

    async def stop(self) -> None:
        self.stopping.set()
        await self.go.wait()
        self.alive = False


async def test_a_new_engine_waits_for_the_end_of_the_dead_one_and_is_not_taken_for_it(tmp_path: Path) -> None:
    engine = Engine()
    engine.process = process = Process(tmp_path)  # type: ignore[assignment]
    dead = await engine._connection()
    first = asyncio.create_task(engine._bury(dead))
    await process.stopping.wait()
    second, new = asyncio.create_task(engine._bury(dead)), asyncio.create_task(engine._connection())
    await asyncio.sleep(0)
    assert process.started == 1
    process.go.set()
    assert await asyncio.gather(first, second) == [True, False]  # found dead once, and told once
    assert await new is not dead
    assert (process.alive, process.started) == (True, 2)
    assert not await engine._bury(dead)
    assert process.alive
    await engine.close()
