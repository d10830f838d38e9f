"""What was entered in a screen, done one after the other."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from zsr_tui.domain import Problem
from zsr_tui.ui.parts.screen import BaseScreen

Step = Callable[[], Awaitable[None]]


class Steps:
    """Nothing that is entered overtakes what was entered before it, or is lost because the engine has not answered yet.
    What goes wrong with a step is told to `say` behind the last one; a step that needs `all` before it to have come
    about is then left out."""

    def __init__(self, screen: BaseScreen[Any], say: Callable[[str], None]) -> None:
        self._screen, self._say = screen, say
        self._waiting: deque[tuple[Step, bool]] = deque()
        self._running = False

    def add(self, step: Step, *, all: bool = False) -> None:
        self._waiting.append((step, all))
        if not self._running:
            self._running = True
            self._screen.ask("steps", self._run)

    async def _run(self) -> None:
        problems: list[str] = []
        try:
            while self._waiting:
                step, all_before = self._waiting.popleft()
                if problems and all_before:
                    continue
                try:
                    await step()
                except Problem as problem:
                    problems.append(problem.message)
        finally:
            self._running = False
        if problems:
            self._say(" ".join(problems))
