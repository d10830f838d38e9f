"""What the screens of an evaluation's queries ask of the engine. Each coroutine runs in a worker and posts what it
learns; what went wrong is a sentence."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from textual.message import Message

from zsr_tui.api.evaluations import EvaluationItem
from zsr_tui.api.queries import (
    BreakdownView,
    Differences,
    FateView,
    OutcomeRow,
    QueryRow,
    QueryRows,
    Scatter,
    StageLossesView,
)
from zsr_tui.domain import Problem
from zsr_tui.ui.parts.engine import StartedEngine
from zsr_tui.ui.queries.asked import Shown

T = TypeVar("T")


@dataclass
class Named(Message):
    """The evaluation's systems and measures."""

    item: EvaluationItem


@dataclass
class PageCame(Message):
    shown: Shown
    offset: int
    rows: QueryRows


@dataclass
class DifferencesCame(Message):
    shown: Shown
    differences: Differences


@dataclass
class ScatterCame(Message):
    scatter: Scatter


@dataclass
class FatesCame(Message):
    query: int
    fates: Sequence[FateView]


@dataclass
class LossesCame(Message):
    losses: StageLossesView


@dataclass
class OutcomesCame(Message):
    rows: Sequence[OutcomeRow]


@dataclass
class BreakdownsCame(Message):
    measure: str
    breakdowns: Sequence[BreakdownView]


@dataclass
class ToOpen(Message):
    """A query, and the document that the cursor is to stand on; `rank` is the document's in its list."""

    row: QueryRow
    doc_id: str | None
    rank: int | None


@dataclass
class AskFailed(Message):
    """`what` was asked: "item", "page", "differences", "scatter", "fates", "losses", "outcomes", "breakdowns"."""

    what: str
    sentence: str


class QueriesWork:
    """`post` puts a message into the screen's queue."""

    def __init__(self, engine: StartedEngine, evaluation: str, post: Callable[[Message], object]) -> None:
        self._engine, self._id, self._post = engine, evaluation, post

    async def name(self) -> None:
        items = await self._answer("item", self._engine.evaluations())
        if items is None:
            return
        item = next((item for item in items if item.id == self._id), None)
        if item is None:
            self._post(AskFailed("item", f"The evaluation {self._id} is not stored any more: run it again."))
        else:
            self._post(Named(item))

    async def page(self, shown: Shown, offset: int) -> None:
        rows = await self._answer("page", self._engine.evaluation_queries(shown.request(offset)))
        if rows is not None:
            self._post(PageCame(shown, offset, rows))

    async def differences(self, shown: Shown) -> None:
        found = await self._answer(
            "differences",
            self._engine.evaluation_differences(shown.compared.request(0)),
        )
        if found is not None:
            self._post(DifferencesCame(shown, found))

    async def scatter(self, query: int, system: int, baseline: int) -> None:
        asked = self._engine.evaluation_scatter(self._id, query, system=system, baseline=baseline)
        found = await self._answer("scatter", asked)
        if found is not None:
            self._post(ScatterCame(found))

    async def fates(self, query: int) -> None:
        found = await self._answer("fates", self._engine.evaluation_fates(self._id, query))
        if found is not None:
            self._post(FatesCame(query, found))

    async def losses(self, query: int, shown: Shown) -> None:
        asked = self._engine.evaluation_losses(
            self._id, query, measure=shown.measure, system=shown.system, baseline=shown.baseline
        )
        found = await self._answer("losses", asked)
        if found is not None:
            self._post(LossesCame(found))

    async def outcomes(self) -> None:
        found = await self._answer("outcomes", self._engine.evaluation_outcomes(self._id))
        if found is not None:
            self._post(OutcomesCame(found))

    async def breakdowns(self, measure: str) -> None:
        found = await self._answer("breakdowns", self._engine.evaluation_breakdowns(self._id, measure))
        if found is not None:
            self._post(BreakdownsCame(measure, found))

    async def first_of(self, row: QueryRow, system: int, outcome: str) -> None:
        """The query's first document of a class in a system, to be opened."""
        fates = await self._answer("fates", self._engine.evaluation_fates(self._id, row.query))
        if fates is not None:
            own = [fate for fate in fates if fate.system == system and fate.outcome == outcome]
            fate = min(own, key=lambda each: each.final or 10**9, default=None)
            self._post(ToOpen(row, fate.doc_id if fate else None, fate.final if fate else None))

    async def _answer(self, what: str, asked: Awaitable[T]) -> T | None:
        try:
            return await asked
        except Problem as problem:
            self._post(AskFailed(what, problem.message))
            return None
