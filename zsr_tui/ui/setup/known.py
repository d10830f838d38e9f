"""What the engine says of systems: their own notation, what they are, and why one cannot run."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from zsr_tui import numerals
from zsr_tui.api.questions import FindDataset, ReadSystem
from zsr_tui.api.requests import SystemHead
from zsr_tui.client.protocol import EngineApi
from zsr_tui.domain import Problem
from zsr_tui.ui.parts.chosen_systems import ChosenSystems


async def one_names(engine: EngineApi, datasets: Sequence[str]) -> dict[str, str]:
    """The one name of each dataset, which a user may have written otherwise."""
    names = {}
    for dataset in datasets:
        with suppress(Problem):  # one that is not there any more is said to be so when it is chosen
            names[dataset] = await engine.call(FindDataset(name=dataset))
    return names


class KnownSystems:
    """Marks those of `chosen` that cannot run."""

    def __init__(self, engine: EngineApi, chosen: ChosenSystems) -> None:
        self._engine, self._chosen = engine, chosen
        self._heads: dict[str, SystemHead] = {}
        self._problems: dict[str, str] = {}  # of systems that are none any more

    async def learn(self) -> None:
        """Of every chosen system that is not known yet."""
        for system in self._chosen.systems:
            if system in self._heads or system in self._problems:
                continue
            try:
                self._heads[system] = await self._engine.call(ReadSystem(notation=system))
            except Problem as problem:
                self._problems[system] = problem.message
        blocked = {system: head.why_not for system, head in self._heads.items() if not head.runnable}
        self._chosen.blocked = {**blocked, **self._problems}

    async def read(self, typed: str, others: tuple[str, ...]) -> str:
        """The notation of what was typed. Raises `Problem` if it is none, cannot run, or is one of the `others`."""
        head = await self._engine.call(ReadSystem(notation=typed))
        if not head.runnable:
            raise Problem(f"{head.notation} cannot run here: {head.why_not}")
        if head.notation in others:
            raise Problem(f"{head.notation} is chosen already.")
        self._heads[head.notation] = head
        return head.notation

    def about(self, system: str) -> str:
        """All that is known of it, in a line."""
        if why := self._chosen.blocked.get(system):
            return f"{system} cannot run here: {why}"
        head = self._heads.get(system)
        if head is None:
            return system
        size = f"{numerals.parameters(head.parameters)} parameters" if head.parameters else ""
        guessed = f"guessed: {', '.join(head.guessed)}" if head.guessed else ""
        return " · ".join(filter(None, (system, size, head.note, guessed)))
