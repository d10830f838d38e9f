"""zsr-tui index: make a dataset ready for systems."""

from __future__ import annotations

from zsr_tui.client.protocol import EngineApi
from zsr_tui.commands.session import notations, prepare, with_engine
from zsr_tui.edge import say


def run(dataset: str, systems: tuple[str, ...], *, on: str = "") -> int:
    """Prints nothing on stdout: the result is on the disk. The exit code is 1 where a system lacks something."""

    async def work(engine: EngineApi) -> list[str]:
        named = await notations(engine, systems)
        problems = await prepare(engine, dataset, named, on)
        return [name for name, notation in zip(systems, named, strict=True) if notation not in problems]

    ready = with_engine(work)
    say(f"{dataset} is ready for {', '.join(ready)}")
    return 0 if len(ready) == len(systems) else 1
