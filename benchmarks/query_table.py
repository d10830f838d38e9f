"""What a user waits for in the table of an evaluation's queries: 10,000 of them, ten systems, the real engine.

    .venv/bin/python benchmarks/query_table.py

* from opening the screen to its first rows, for the first time after the table of systems and again (goal <= 0.3 s)
* from a key to the rows sorted by another column, and filtered (goal <= 100 ms)
* from a key to a row far away, whose page is not there yet (goal <= 100 ms)

The evaluation is made up, as in `evaluation.py`. Timed to the moment at which the rows are on the screen of the program
without a terminal; painting in one is what `latency.py` times.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable

from evaluation import MEASURES, QUERIES, SYSTEMS, make_up
from terminal import summary

SIZE = (120, 40)
SORTS = 16  # as many columns as there are


async def measure(evaluation: str) -> None:
    from zsr_tui.api.evaluations import ListEvaluations, ReadEvaluation
    from zsr_tui.client.engine import Engine
    from zsr_tui.selection import QuerySelection
    from zsr_tui.ui.app import ZsrTuiApp
    from zsr_tui.ui.queries.screen import QueriesScreen

    app = ZsrTuiApp(Engine(), dataset="demo", systems=("bm25",))

    def text() -> str:
        return "\n".join(strip.text for strip in app.screen._compositor.render_strips())

    async def took(begin: Callable[[], object], done: Callable[[], bool]) -> float:
        """Milliseconds."""
        began = time.perf_counter()
        begin()
        while not done():
            await asyncio.sleep(0.001)
            if time.perf_counter() - began > 30:
                raise SystemExit(f"nothing came within 30 s:\n{text()}")
        text()
        return (time.perf_counter() - began) * 1000

    async with app.run_test(size=SIZE):
        while not app.engine.ready:
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.5)
        while any(worker.group in ("start", "open") and not worker.is_finished for worker in app.workers):
            await asyncio.sleep(0.05)  # the corpus of the first screen
        await app.engine.call(ListEvaluations())
        await app.engine.call(ReadEvaluation(id=evaluation))  # the table of systems, from which this one is opened
        openings = []
        for _ in range(6):
            screen = QueriesScreen(app.engine, evaluation, QuerySelection(measure=MEASURES[0], system=1))
            opened = took(lambda screen=screen: app.push_screen(screen), lambda screen=screen: bool(screen.listing.row))
            openings.append(await opened)
        print(f"opening the table for the first time: {openings[0]:.0f} ms (goal <= 300 ms)")
        print(summary("opening it again", openings[1:], "300 ms"))
        sorts = []
        for _ in range(SORTS):
            sorts.append(await took(lambda: screen.step(1), lambda: not screen.listing.waiting))
            sorts.append(await took(screen.reverse, lambda: not screen.listing.waiting))
        print(summary("key to sorted rows", sorts, "100 ms"))
        filters = [await took(screen.next_sign, lambda: not screen.listing.waiting) for _ in range(12)]
        print(summary("key to filtered rows", filters, "100 ms"))
        far = []
        for place in range(150, QUERIES, 493):
            far.append(await took(lambda place=place: screen.go_to(place), lambda: screen.listing.row is not None))
        print(summary("key to a row that was far away", far, "100 ms"))


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        print(f"{QUERIES:,} queries, {SYSTEMS} systems, {SIZE[0]} x {SIZE[1]} cells")
        asyncio.run(measure(make_up(home)))


if __name__ == "__main__":
    main()
