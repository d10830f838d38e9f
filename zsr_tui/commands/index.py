"""zsr-tui index: make a dataset ready for systems."""

from __future__ import annotations

from zsr_tui.client.engine import Engine
from zsr_tui.commands.session import prepare, say, with_engine


def run(dataset: str, systems: tuple[str, ...]) -> int:
    """Prints nothing on stdout: the result is on the disk."""

    async def work(engine: Engine) -> None:
        notations = tuple([(await engine.system(system)).notation for system in systems])
        await prepare(engine, dataset, notations)

    with_engine(work)
    say(f"{dataset} is ready for {', '.join(systems)}")
    return 0
