"""What the screens of an evaluation's queries ask through."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zsr_tui.api.evaluations import EvaluationItem, ListEvaluations
from zsr_tui.api.judging import evaluation_of
from zsr_tui.client.protocol import EngineApi
from zsr_tui.domain import Problem
from zsr_tui.ui.parts.asker import Asker
from zsr_tui.ui.parts.screen import BaseScreen


class EvaluationAsker(Asker):
    """Of one evaluation, `id`."""

    def __init__(self, screen: BaseScreen[Any], engine: EngineApi, evaluation: str) -> None:
        super().__init__(screen, engine)
        self.id = evaluation

    def item(self, then: Callable[[EvaluationItem], object]) -> None:
        """`then` is told the evaluation's systems and measures."""

        stored = evaluation_of(self.id)

        async def read() -> None:
            own = next((item for item in await self._engine.call(ListEvaluations()) if item.id == stored), None)
            if own is None:
                raise Problem(f"The evaluation {stored} is not stored any more: run it again.")
            self._screen.call_later(then, own)

        self._screen.ask("item", read)
