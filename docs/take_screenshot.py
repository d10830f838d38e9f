"""Takes the pictures of this documentation from the running program, on the demo corpus with the real engine.

.venv/bin/python docs/take_screenshot.py            # docs/compare.png and docs/setup.png (needs rsvg-convert)
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import tempfile
from pathlib import Path

from textual.pilot import Pilot

from zsr_tui.client.engine import Engine
from zsr_tui.ui.app import ZsrTuiApp

SIZE = (160, 45)
QUERY = "q-travel-1"  # vocabulary mismatch: the three lists differ
HERE = Path(__file__).parent


async def main() -> None:
    app = ZsrTuiApp(Engine(), dataset="demo")
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app.compare._status is not None and app.compare._status.jobs == ())
        await until(pilot, lambda: not any(worker.group == "open" for worker in app.workers))
        app.compare.search("", QUERY)
        await until(pilot, lambda: all(not each.unfinished and each.measures for each in app.compare.session.lists))
        await pilot.press("tab", "tab", "tab")
        await pilot.pause(3)
        save(app, "compare")
        await pilot.press("s")
        await pilot.pause(2)
        save(app, "setup")


async def until(pilot: Pilot[None], fulfilled: object) -> None:
    async with asyncio.timeout(180):
        while not fulfilled():  # type: ignore[operator]
            await pilot.pause(0.1)


def save(app: ZsrTuiApp, name: str) -> None:
    svg = re.sub(r"@font-face \{.*?\}", "", app.export_screenshot(title="zsr-tui"), flags=re.DOTALL)
    svg = svg.replace("Fira Code", "DejaVu Sans Mono").replace("<text ", '<text xml:space="preserve" ')
    with tempfile.NamedTemporaryFile("w", suffix=".svg") as file:
        file.write(svg)
        file.flush()
        subprocess.run(["rsvg-convert", "--width", "1500", "-o", HERE / f"{name}.png", file.name], check=True)


if __name__ == "__main__":
    asyncio.run(main())
