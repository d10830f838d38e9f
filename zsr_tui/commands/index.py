"""zsr-tui index: make a dataset ready for systems."""

from __future__ import annotations

from typing import Any

from zsr_tui.client.protocol import EngineApi
from zsr_tui.commands.session import notations, prepare, with_engine
from zsr_tui.commands.table import print_json
from zsr_tui.domain import Problem
from zsr_tui.edge import say
from zsr_tui.progress import Forecast


def run(dataset: str, systems: tuple[str, ...], *, on: str = "", as_json: bool = False) -> int:
    """The result is on the disk: JSON alone is printed on stdout. The exit code is 1 where a system lacks something.
    What stops all of them is in the JSON too."""
    forecasts, notes = list[Forecast](), list[str]()

    async def work(engine: EngineApi) -> list[dict[str, Any]]:
        named = await notations(engine, systems)
        try:
            problems = await prepare(engine, dataset, named, on, forecasts, notes, all_notes=True)
        except Problem as problem:
            if problem.usage or not as_json:
                raise
            problems = dict.fromkeys(named, problem.message)
            say(problem.message)
        return [{"system": notation, "failed": problems.get(notation)} for notation in named]

    found = with_engine(work)
    ready = [name for name, each in zip(systems, found, strict=True) if each["failed"] is None]
    if as_json:
        print_json({"dataset": dataset, "on": on or None, "systems": found, "notes": notes, "forecasts": forecasts})
    if ready:
        say(f"{dataset} is ready for {', '.join(ready)}")
    return 0 if len(ready) == len(systems) else 1
