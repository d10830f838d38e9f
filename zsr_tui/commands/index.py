"""zsr-tui index: make a dataset ready for systems."""

from __future__ import annotations

from zsr_tui.client.engine import Engine
from zsr_tui.commands.session import prepare, say, with_engine


def run(dataset: str, systems: tuple[str, ...]) -> int:
    """Prints nothing on stdout: the result is on the disk. The exit code is 1 where a system lacks something."""

    async def work(engine: Engine) -> list[str]:
        notations = tuple([(await engine.system(system)).notation for system in systems])
        failures = await prepare(engine, dataset, notations)
        return [name for name, notation in zip(systems, notations, strict=True) if notation not in failures]

    ready = with_engine(work)
    say(f"{dataset} is ready for {', '.join(ready)}")
    return 0 if len(ready) == len(systems) else 1
