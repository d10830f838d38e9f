"""What the engine is doing, asked now and then: for the status line, and to see that it was lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from zsr_tui.api.preparing import PartView
from zsr_tui.api.questions import ReadStatus
from zsr_tui.api.requests import Status
from zsr_tui.client.protocol import EngineApi
from zsr_tui.domain import NOT_KNOWN, Problem
from zsr_tui.ui.compare.status import Piece, engine_pieces
from zsr_tui.ui.parts.screen import BaseScreen

EVERY = 2.0  # seconds


class EngineLook:
    """`looked` is called after each look: with True where another engine answers than before."""

    def __init__(self, screen: BaseScreen[None], engine: EngineApi, looked: Callable[[bool], object]) -> None:
        self._screen, self._engine, self._looked = screen, engine, looked
        self._restarts = engine.restarts
        self.status: Status | None = None  # where it answers
        self.asked = False  # at least once
        self.not_known = False  # the engine knows the token no more

    def begin(self) -> None:
        self._look()
        self._screen.set_interval(EVERY, self._look)

    def _look(self) -> None:
        if self._screen.is_current:
            self._screen.ask("status", self._read)

    async def _read(self) -> None:
        """It may have been lost unseen since the last look."""
        try:
            self.status = await self._engine.call(ReadStatus())
        except Problem as problem:
            self.status, self.not_known = None, problem.kind == NOT_KNOWN
        self.asked = True
        another = self.status is not None and self._engine.restarts > self._restarts
        if another:
            self._restarts = self._engine.restarts
        self._looked(another)

    def pieces(self, prepared: Sequence[PartView], own: int, *, searching: bool, dataset: str) -> list[Piece]:
        """For the status line."""
        about = {"asked": self.asked, "not_known": self.not_known, "searching": searching}
        return engine_pieces(self.status, prepared, own, **about, dataset=dataset)
