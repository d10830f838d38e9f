"""The engine is killed at random moments while somebody types: is it said each time, and does the search come about?

    python benchmarks/engine_kills.py --kills 200 --seed 7

The application runs without a terminal, on the demo corpus with BM25. Exits with 1 where a kill was not told, a search
did not come about again, or the application ended.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import sys
import tempfile
import time

from textual.pilot import Pilot

from tests.ui.reading import text_of
from zsr_tui.client.engine import Engine
from zsr_tui.ui.app import ZsrTuiApp
from zsr_tui.ui.compare.session import Phase

QUERIES = ("bread", "sore throat", "vitamin", "water", "the moon", "how to sleep")
TOLD = (
    "restarted, repeating the query",
    "The engine had stopped",
    "the engine stopped twice",
    "The engine did not start",
)
PATIENCE = 120.0  # seconds


async def main(kills: int, seed: int) -> int:
    rnd, failed, told = random.Random(seed), 0, dict.fromkeys(TOLD, 0)
    engine = Engine()
    app = ZsrTuiApp(engine, dataset="demo", systems=("bm25",), query="bread")
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: finished(app))
        shown: list[str] = []  # also what the next query has wiped away
        say = app.compare.notice.say
        app.compare.notice.say = lambda text: (shown.append(text), say(text))[1]  # type: ignore[method-assign]
        for number in range(kills):
            shown.clear()
            await pilot.press("slash", "ctrl+u", *(key_of(each) for each in rnd.choice(QUERIES)))
            await pilot.press("enter")
            await asyncio.sleep(rnd.choice((0.0, 0.0, 0.01, 0.05, 0.25)) * rnd.random())
            if engine.process.pid is None or not engine.process.alive:
                await until(pilot, lambda: engine.process.alive)
            os.kill(engine.process.pid or 0, signal.SIGKILL)
            if rnd.random() < 0.5:  # goes on typing
                await pilot.press("slash", "ctrl+u", *rnd.choice(("iron", "sun")), "enter")
            said = await until(
                pilot, lambda: next((each for each in TOLD if each in "".join([*shown, text_of(app)])), "")
            )
            whole = await until(pilot, lambda: finished(app))
            told[said or TOLD[0]] += bool(said)
            if not said or not whole:
                failed += 1
                print(f"kill {number}: {'told' if said else 'NOT TOLD'}, {'searched' if whole else 'NOT SEARCHED'}")
                print(text_of(app))
            if app._exception is not None:
                print(f"kill {number}: the application ended: {app._exception!r}")
                return 1
    print(f"{kills} kills, {failed} failures; told: {told}")
    return 1 if failed else 0


def key_of(character: str) -> str:
    return "space" if character == " " else character


def finished(app: ZsrTuiApp) -> bool:
    session = app.compare.session
    return session.started and not session.running and session.lists[0].phase is Phase.DONE


async def until(pilot: Pilot[None], holds: object) -> object:
    """What it gives when it holds; "" after too long."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := holds():  # type: ignore[operator]
            return found
        await pilot.pause()
        await asyncio.sleep(0.02)
    return ""


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--kills", type=int, default=200)
    options.add_argument("--seed", type=int, default=7)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ.setdefault("ZSR_TUI_HOME", home)
        sys.exit(asyncio.run(main(chosen.kills, chosen.seed)))
