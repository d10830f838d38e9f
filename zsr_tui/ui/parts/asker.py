"""How a view asks the engine: in a worker of its screen, which calls the view back with the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from zsr_tui.api.questions import Question
from zsr_tui.client.protocol import EngineApi
from zsr_tui.ui.parts.screen import BaseScreen

Answer = TypeVar("Answer")


class Asker:
    """What goes wrong is the screen's to tell."""

    def __init__(self, screen: BaseScreen[Any], engine: EngineApi) -> None:
        self._screen, self._engine = screen, engine

    def __call__(
        self,
        group: str,
        question: Question[Answer],
        then: Callable[[Answer], object],
        *,
        after: float = 0.0,
        exclusive: bool = True,
    ) -> None:
        """`then` is called with the answer when it is the screen's turn. A new question of a group takes the place of
        the one before, unless it is not `exclusive`. It is asked `after` so many seconds."""

        async def work() -> None:
            await asyncio.sleep(after)
            self._screen.call_later(then, await self._engine.call(question))

        self._screen.ask(group, work, exclusive=exclusive)
