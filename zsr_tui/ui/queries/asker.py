"""What the screens of an evaluation's queries ask through."""

from __future__ import annotations

from typing import Any

from zsr_tui.api.evaluations import EvaluationItem, ListEvaluations
from zsr_tui.client.protocol import EngineApi
from zsr_tui.domain import Problem
from zsr_tui.ui.parts.asker import Asker
from zsr_tui.ui.parts.screen import BaseScreen
from zsr_tui.ui.queries.messages import ItemRead


class EvaluationAsker(Asker):
    """Of one evaluation, `id`."""

    def __init__(self, screen: BaseScreen[Any], engine: EngineApi, evaluation: str) -> None:
        super().__init__(screen, engine)
        self.id = evaluation

    def item(self) -> None:
        """The screen is told the evaluation's systems and measures."""
        self("item", ListEvaluations(), self._own)

    def _own(self, items: list[EvaluationItem]) -> ItemRead:
        for item in items:
            if item.id == self.id:
                return ItemRead(item)
        raise Problem(f"The evaluation {self.id} is not stored any more: run it again.")
