"""What the screens of an evaluation's queries ask through."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from zsr_tui.api.evaluations import EvaluationItem, ListEvaluations
from zsr_tui.api.judging import evaluation_of
from zsr_tui.client.protocol import EngineApi
from zsr_tui.domain import Problem
from zsr_tui.ui.parts.asker import Asker
from zsr_tui.ui.parts.screen import BaseScreen

LOOK_EVERY = 3.0  # seconds between two looks how far an evaluation is that runs


class EvaluationAsker(Asker):
    """Of one evaluation, `id`."""

    def __init__(self, screen: BaseScreen[Any], engine: EngineApi, evaluation: str) -> None:
        super().__init__(screen, engine)
        self.id = evaluation

    def item(self, then: Callable[[EvaluationItem], object], *, after: float = 0.0) -> None:
        """`then` is told the evaluation's systems and measures, and again and again how far it is while it runs."""

        stored = evaluation_of(self.id)

        async def read() -> None:
            await asyncio.sleep(after)
            own = next((item for item in await self._engine.call(ListEvaluations()) if item.id == stored), None)
            if own is None:
                raise Problem(f"The evaluation {stored} is not stored any more: run it again.")
            self._screen.call_later(then, own)
            if own.state == "running":
                self._screen.call_later(self.item, then, after=LOOK_EVERY)

        self._screen.ask("item", read)
