"""What has to be there before systems can be compared or evaluated: found out, agreed to and made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from textual.app import App

from zsr_tui.api.questions import FindDataset, ListCorpora, ListModels, ReadSystem
from zsr_tui.client.protocol import EngineApi
from zsr_tui.domain import Problem
from zsr_tui.ui.parts.confirm import ConfirmScreen
from zsr_tui.ui.parts.messages import PreparationWanted
from zsr_tui.ui.setup.preparing.plan import plan
from zsr_tui.ui.setup.preparing.screen import PreparationScreen


class Preparer:
    """Shows its questions and its progress above whatever screen is shown. To be used in a worker of `app`."""

    def __init__(self, app: App[Any], engine: EngineApi) -> None:
        self._app, self._engine = app, engine

    async def make_ready(self, dataset: str, systems: Iterable[str]) -> tuple[str, tuple[str, ...]] | None:
        """The dataset by its one name and the systems in the notation, once all is there that they need; None after
        saying what is wrong, or after a no."""
        try:
            name = await self._engine.call(FindDataset(name=dataset))
            heads = [await self._engine.call(ReadSystem(notation=system)) for system in systems]
        except Problem as problem:
            self._say(problem)
            return None
        found = name, tuple(head.notation for head in heads)
        return found if await self.prepare(*found) else None

    async def prepare(self, dataset: str, systems: tuple[str, ...]) -> bool:
        """True once everything is there. Asks before a download or a long encoding."""
        try:
            corpora, models = await self._engine.call(ListCorpora()), await self._engine.call(ListModels())
            needed = plan(dataset, systems, corpora, models)
        except Problem as problem:
            self._say(problem)
            return False
        if needed.ready:
            return True
        if needed.ask:
            question = ConfirmScreen(f"Prepare {dataset}?", needed.steps, "Start", "Back")
            if not await self._app.push_screen_wait(question):
                return False
        return await self.run(dataset, systems)

    async def run(self, dataset: str, systems: tuple[str, ...]) -> bool:
        """Without a question, and whatever the catalogue says of it."""
        return await self._app.push_screen_wait(PreparationScreen(self._engine, dataset, systems))

    async def answer(self, wanted: PreparationWanted) -> None:
        wanted.answered(await self.run(wanted.dataset, wanted.systems))

    def _say(self, problem: Problem) -> None:
        self._app.notify(problem.message, severity="error", timeout=20, markup=False)
