"""Takes the pictures of this documentation from the running program, on the demo corpus with the real engine.

    .venv/bin/python docs/take_screenshot.py

writes compare.png, explain.png, axioms.png, setup.png, evaluation.png, queries.png and those of error-analysis.md
(failures.png, loss.png, reason.png) beside this file (needs rsvg-convert). The evaluation takes minutes, unless the
home holds it already. Names behind the script take those pictures alone.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from textual.pilot import Pilot

from zsr_tui.client.engine import Engine
from zsr_tui.ui.app import ZsrTuiApp
from zsr_tui.ui.memory import SYSTEMS
from zsr_tui.ui.queries.documents.pane import DocumentPaths

SIZE = (160, 45)
QUERY = "q-travel-1"  # vocabulary mismatch: the three lists differ
HERE = Path(__file__).parent


async def main() -> None:
    app = ZsrTuiApp(Engine(), dataset="demo")
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app.compare._look.status is not None and app.compare._look.status.jobs == ())
        await until(pilot, lambda: not any(worker.group == "open" for worker in app.workers))
        for _ in range(2):  # the second time all models are loaded, as they are for who works with it
            app.compare.search("", QUERY)
            await until(pilot, lambda: searched(app))
        await pilot.press("tab", "tab", "tab")
        await pilot.pause(3)
        save(app, "compare")
        await explained(app, pilot)
        await axioms(app, pilot)
        await pilot.press("s")
        await pilot.pause(2)
        save(app, "setup")
        await pilot.press("escape", "escape", "e")
        await pilot.pause(5)
        save(app, "evaluation")
        await pilot.press("end", "enter")  # the queries of the reranker, the largest loss first
        await pilot.pause(5)
        if not app.screen.query_one(DocumentPaths).display:
            await pilot.press("d")
        await pilot.pause(5)
        save(app, "queries")
        await analysed(app, pilot)


def searched(app: ZsrTuiApp) -> bool:
    """What is shown of an earlier search stays until the next one answers."""
    session = app.compare.session
    return not session.running and all(not each.unfinished and each.measures for each in session.lists)


async def explained(app: ZsrTuiApp, pilot: Pilot[None]) -> None:
    """The reranker's first document, the cursor on what speaks for it most."""
    await pilot.press("alt+3", "i")
    await until(pilot, lambda: getattr(app.screen, "PLACE", "") == "explain" and app.screen._known.finished)
    await pilot.pause(1)
    parts = app.screen._known.explanation().parts
    best = max(range(len(parts)), key=lambda place: parts[place].share or 0.0)
    await pilot.press(*["down"] * best)
    await pilot.pause(1)
    save(app, "explain")
    await pilot.press("escape")


async def axioms(app: ZsrTuiApp, pilot: Pilot[None]) -> None:
    """The cursor on the reranker and M-AND."""
    await pilot.press("A")
    await until(pilot, lambda: getattr(app.screen, "PLACE", "") == "axioms" and app.screen._found is not None)
    await pilot.press("down", "down", "down", "right", "right")
    await pilot.pause(1)
    save(app, "axioms")
    await pilot.press("escape")


async def analysed(app: ZsrTuiApp, pilot: Pilot[None]) -> None:
    """From the largest loss of the reranker to its reason, as error-analysis.md goes."""
    await pilot.press("f")
    await pilot.pause(5)
    save(app, "failures")
    await pilot.press("escape", "enter")  # the query under the cursor, in Compare
    await pilot.pause(2)
    await until(pilot, lambda: searched(app))
    await pilot.press("alt+3")
    await pilot.pause(3)
    save(app, "loss")
    await pilot.press("i")
    await until(pilot, lambda: getattr(app.screen, "PLACE", "") == "explain" and app.screen._known.finished)
    await pilot.pause(1)
    save(app, "reason")


def evaluate() -> None:
    """Of the three systems that the picture of Compare shows."""
    command = [sys.executable, "-m", "zsr_tui.cli", "evaluate", "--dataset", "demo"]
    subprocess.run([*command, *(f"--system={each}" for each in SYSTEMS)], check=True)


async def until(pilot: Pilot[None], fulfilled: object) -> None:
    async with asyncio.timeout(180):
        while not fulfilled():  # type: ignore[operator]
            await pilot.pause(0.1)


def save(app: ZsrTuiApp, name: str) -> None:
    if sys.argv[1:] and name not in sys.argv[1:]:
        return
    svg = re.sub(r"@font-face \{.*?\}", "", app.export_screenshot(title="zsr-tui"), flags=re.DOTALL)
    svg = svg.replace("Fira Code", "DejaVu Sans Mono").replace("<text ", '<text xml:space="preserve" ')
    with tempfile.NamedTemporaryFile("w", suffix=".svg") as file:
        file.write(svg)
        file.flush()
        subprocess.run(["rsvg-convert", "--width", "1500", "-o", HERE / f"{name}.png", file.name], check=True)


if __name__ == "__main__":
    os.environ.setdefault("ZSR_TUI_CACHE_MB", "0")  # the pictures show models at work
    evaluate()
    asyncio.run(main())
