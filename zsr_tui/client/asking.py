"""Questions and requests by name, for callers that do not yet use `call` and `stream`."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncGenerator
from types import ModuleType
from typing import TYPE_CHECKING, Any

from zsr_tui.api import questions
from zsr_tui.api.events import AnyEvent
from zsr_tui.api.requests import DocumentView, EvaluateRequest, Health, QueryPage, Request, Status, SystemHead
from zsr_tui.domain import CorpusInfo, ModelInfo, Preset

if TYPE_CHECKING:
    from zsr_tui.api.evaluations import EvaluationItem, EvaluationView, MatrixView, PublishedFigure, RunFileView
    from zsr_tui.api.queries import (
        BreakdownView,
        Differences,
        FateView,
        OutcomeRow,
        QueryRows,
        ReadQueries,
        Scatter,
        StageLossesView,
    )


def _evaluations() -> ModuleType:
    from zsr_tui.api import evaluations

    return evaluations


def _queries() -> ModuleType:
    from zsr_tui.api import queries

    return queries


class Asking:
    @abstractmethod
    async def call(self, question: questions.Question[Any]) -> Any: ...

    @abstractmethod
    def stream(self, request: Request) -> AsyncGenerator[AnyEvent, None]: ...

    def search(self, request: Request) -> AsyncGenerator[AnyEvent, None]:
        return self.stream(request)

    def prepare(self, request: Request) -> AsyncGenerator[AnyEvent, None]:
        return self.stream(request)

    def evaluate(self, request: Request) -> AsyncGenerator[AnyEvent, None]:
        return self.stream(request)

    async def health(self) -> Health:
        return await self.call(questions.ReadHealth())

    async def status(self) -> Status:
        return await self.call(questions.ReadStatus())

    async def corpora(self) -> list[CorpusInfo]:
        return await self.call(questions.ListCorpora())

    async def dataset(self, name: str) -> str:
        return await self.call(questions.FindDataset(name=name))

    async def models(self) -> list[ModelInfo]:
        return await self.call(questions.ListModels())

    async def presets(self, dataset: str) -> list[Preset]:
        return await self.call(questions.ListPresets(dataset=dataset))

    async def system(self, notation: str) -> SystemHead:
        return await self.call(questions.ReadSystem(notation=notation))

    async def queries(self, dataset: str, *, match: str = "", offset: int = 0, limit: int = 50) -> QueryPage:
        return await self.call(questions.FindQueries(dataset=dataset, match=match, offset=offset, limit=limit))

    async def document(self, dataset: str, doc_id: str, query: str, models: tuple[str, ...] = ()) -> DocumentView:
        return await self.call(questions.ReadDocument(dataset=dataset, doc_id=doc_id, query=query, models=models))

    async def evaluations(self) -> list[EvaluationItem]:
        return await self.call(_evaluations().ListEvaluations())

    async def evaluation(self, id: str, *, baseline: int = 0, test: str = "t") -> EvaluationView:
        return await self.call(_evaluations().ReadEvaluation(id=id, baseline=baseline, test=test))

    async def delete_evaluation(self, id: str) -> None:
        await self.call(_evaluations().DeleteEvaluation(id=id))

    async def pause_evaluation(self, id: str, paused: bool) -> None:
        await self.call(_evaluations().PauseEvaluation(id=id, paused=paused))

    async def stop_evaluation(self, id: str) -> None:
        await self.call(_evaluations().StopEvaluation(id=id))

    async def evaluation_queries(self, asked: ReadQueries) -> QueryRows:
        return await self.call(asked)

    async def evaluation_differences(self, asked: ReadQueries) -> Differences:
        return await self.call(_queries().ReadDifferences(id=asked.id, selection=asked.selection))

    async def evaluation_scatter(self, id: str, query: int, *, system: int = 1, baseline: int = 0) -> Scatter:
        return await self.call(_queries().ReadScatter(id=id, query=query, system=system, baseline=baseline))

    async def evaluation_outcomes(self, id: str) -> list[OutcomeRow]:
        return await self.call(_queries().ReadOutcomes(id=id))

    async def evaluation_fates(self, id: str, query: int) -> list[FateView]:
        return await self.call(_queries().ReadFates(id=id, query=query))

    async def evaluation_losses(
        self, id: str, query: int, *, measure: str = "", system: int = 1, baseline: int = 0
    ) -> StageLossesView:
        return await self.call(
            _queries().ReadLosses(id=id, query=query, measure=measure, system=system, baseline=baseline)
        )

    async def evaluation_breakdowns(self, id: str, measure: str = "") -> list[BreakdownView]:
        return await self.call(_queries().ReadBreakdowns(id=id, measure=measure))

    async def evaluation_matrix(self, measure: str = "nDCG@10") -> MatrixView:
        return await self.call(_evaluations().ReadMatrix(measure=measure))

    async def evaluation_published(self, id: str) -> list[PublishedFigure]:
        return await self.call(_evaluations().ReadPublished(id=id))

    async def evaluation_run(self, dataset: str, path: str) -> RunFileView:
        return await self.call(_evaluations().ReadRunFile(dataset=dataset, path=path))

    async def evaluation_request(self, id: str) -> EvaluateRequest:
        return await self.call(_evaluations().ReadRequest(id=id))
