"""How a view asks the engine: in a worker of its screen, which posts the answer back to the view."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from textual.message import Message
from textual.message_pump import MessagePump

from zsr_tui.api.evaluations import ListEvaluations
from zsr_tui.api.questions import Question
from zsr_tui.client.protocol import EngineApi
from zsr_tui.domain import Problem
from zsr_tui.ui.parts.screen import BaseScreen
from zsr_tui.ui.queries.messages import ItemRead

Answer = TypeVar("Answer")


class Asker:
    """Of one evaluation, `id`. What goes wrong is the screen's to tell."""

    def __init__(self, screen: BaseScreen[Any], engine: EngineApi, evaluation: str) -> None:
        self._screen, self._engine, self.id = screen, engine, evaluation

    def __call__(
        self,
        group: str,
        question: Question[Answer],
        read: Callable[[Answer], Message],
        to: MessagePump | None = None,
        *,
        after: float = 0.0,
        exclusive: bool = True,
    ) -> None:
        """`read` makes the message of an answer; it goes to the screen, or to a view of it. A new question of a group
        takes the place of the one before, unless it is not `exclusive`. It is asked `after` so many seconds."""

        async def work() -> None:
            await asyncio.sleep(after)
            (to or self._screen).post_message(read(await self._engine.call(question)))

        self._screen.ask(group, work, exclusive=exclusive)

    async def item(self) -> None:
        """The screen is told the evaluation's systems and measures. Raises `Problem`."""
        found = [item for item in await self._engine.call(ListEvaluations()) if item.id == self.id]
        if not found:
            raise Problem(f"The evaluation {self.id} is not stored any more: run it again.")
        self._screen.post_message(ItemRead(found[0]))
