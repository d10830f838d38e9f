"""What the evaluation screen asks of the engine. Each coroutine runs in a worker and posts what it learns."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual.message import Message

from zsr_tui.api.evaluations import ReadPlot
from zsr_tui.domain import Problem
from zsr_tui.ui.evaluation.messages import Deleted, ItemsRead, MatrixRead, PlotRead, Resumable, Said, TableRead
from zsr_tui.ui.evaluation.running import EvaluationWatch
from zsr_tui.ui.parts.engine import StartedEngine


class EvaluationWork:
    """`post` puts a message into the screen's queue."""

    def __init__(self, engine: StartedEngine, watch: EvaluationWatch, post: Callable[[Message], object]) -> None:
        self._engine, self._watch, self._post = engine, watch, post

    async def items(self) -> None:
        async def ask() -> Message:
            return ItemsRead(await self._engine.evaluations())

        await self._told(ask, "items")

    async def table(self, evaluation: str, baseline: int, test: str) -> None:
        async def ask() -> Message:
            view = await self._engine.evaluation(evaluation, baseline=baseline, test=test)
            return TableRead(view, await self._engine.evaluation_published(evaluation))

        await self._told(ask, "table")

    async def plot(self, evaluation: str, name: str, measure: str) -> None:
        try:
            plot = await self._engine.call(ReadPlot(id=evaluation, name=name, measure=measure))
        except Problem as problem:
            self._post(PlotRead(name, measure, None, problem.message))
        else:
            self._post(PlotRead(name, measure, plot))

    async def matrix(self, measure: str) -> None:
        async def ask() -> Message:
            return MatrixRead(await self._engine.evaluation_matrix(measure))

        await self._told(ask, "matrix")

    async def resume(self, evaluation: str) -> None:
        async def ask() -> Message:
            return Resumable(await self._engine.evaluation_request(evaluation))

        await self._told(ask)

    async def delete(self, evaluation: str) -> None:
        async def ask() -> Message:
            await self._engine.delete_evaluation(evaluation)
            return Deleted(evaluation)

        await self._told(ask)

    async def pause(self) -> None:
        await self._done(self._watch.pause)

    async def stop(self, evaluation: str = "") -> None:
        """The one that is followed, or another that the engine runs."""

        async def other() -> None:
            await self._engine.stop_evaluation(evaluation)

        await self._done(other if evaluation else self._watch.stop)

    async def _told(self, ask: Callable[[], Awaitable[Message]], kind: str = "") -> None:
        try:
            message = await ask()
        except Problem as problem:
            message = Said(problem.message, kind)
        self._post(message)

    async def _done(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except Problem as problem:
            self._post(Said(problem.message))
