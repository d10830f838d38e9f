"""The engine's stored evaluations, as methods of the client. zsr_tui.api.evaluations says what they give."""

from __future__ import annotations

from abc import abstractmethod
from types import GenericAlias, ModuleType
from typing import TYPE_CHECKING, Any

import msgspec

from zsr_tui.api.requests import EvaluateRequest

if TYPE_CHECKING:
    from zsr_tui.api.evaluation_figures import Drawn, PublishedFigure, RunFileView
    from zsr_tui.api.evaluations import (
        BreakdownView,
        DepthPoint,
        Differences,
        EvaluationItem,
        EvaluationView,
        FateView,
        MatrixView,
        OutcomeRow,
        QueriesAsked,
        QueryRows,
        Scatter,
        StageLossesView,
    )


def _views() -> ModuleType:
    """Imported with the first call: these many records would make the program start later."""
    from zsr_tui.api import evaluations

    return evaluations


def _figures() -> ModuleType:
    from zsr_tui.api import evaluation_figures

    return evaluation_figures


def _list_of(kind: Any) -> GenericAlias:
    return GenericAlias(list, (kind,))


def _parameters(asked: QueriesAsked) -> dict[str, Any]:
    known = {name: value for name, value in msgspec.to_builtins(asked).items() if value is not None}
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in known.items()}


class Evaluations:
    """Mixed into `Engine`. Every call may raise `zsr_tui.domain.Problem`."""

    @abstractmethod
    async def _call(self, method: str, path: str, kind: Any, /, **parameters: Any) -> Any:
        """The engine's answer, decoded as `kind`."""

    async def evaluations(self) -> list[EvaluationItem]:
        return await self._call("GET", "/evaluations", _list_of(_views().EvaluationItem))

    async def evaluation(self, id: str, *, baseline: int = 0, test: str = "t") -> EvaluationView:
        return await self._call("GET", "/evaluation", _views().EvaluationView, id=id, baseline=baseline, test=test)

    async def delete_evaluation(self, id: str) -> None:
        await self._call("DELETE", "/evaluation", bool, id=id)

    async def pause_evaluation(self, id: str, paused: bool) -> None:
        await self._call("POST", "/evaluation/pause", bool, id=id, paused="true" if paused else "false")

    async def stop_evaluation(self, id: str) -> None:
        await self._call("POST", "/evaluation/stop", bool, id=id)

    async def evaluation_queries(self, asked: QueriesAsked) -> QueryRows:
        return await self._call("GET", "/evaluation/queries", _views().QueryRows, **_parameters(asked))

    async def evaluation_differences(self, asked: QueriesAsked) -> Differences:
        return await self._call("GET", "/evaluation/differences", _views().Differences, **_parameters(asked))

    async def evaluation_scatter(self, id: str, query: int, *, system: int = 1, baseline: int = 0) -> Scatter:
        asked = {"query": query, "system": system, "baseline": baseline}
        return await self._call("GET", "/evaluation/scatter", _views().Scatter, id=id, **asked)

    async def evaluation_outcomes(self, id: str) -> list[OutcomeRow]:
        return await self._call("GET", "/evaluation/outcomes", _list_of(_views().OutcomeRow), id=id)

    async def evaluation_fates(self, id: str, query: int) -> list[FateView]:
        return await self._call("GET", "/evaluation/fates", _list_of(_views().FateView), id=id, query=query)

    async def evaluation_losses(
        self, id: str, query: int, *, measure: str = "", system: int = 1, baseline: int = 0
    ) -> StageLossesView:
        asked = {"query": query, "measure": measure, "system": system, "baseline": baseline}
        return await self._call("GET", "/evaluation/losses", _views().StageLossesView, id=id, **asked)

    async def evaluation_depth(self, id: str, system: int) -> list[DepthPoint]:
        return await self._call("GET", "/evaluation/depth", _list_of(_views().DepthPoint), id=id, system=system)

    async def evaluation_breakdowns(self, id: str, measure: str = "") -> list[BreakdownView]:
        return await self._call(
            "GET", "/evaluation/breakdowns", _list_of(_views().BreakdownView), id=id, measure=measure
        )

    async def evaluation_matrix(self, measure: str = "nDCG@10") -> MatrixView:
        return await self._call("GET", "/evaluation/matrix", _views().MatrixView, measure=measure)

    async def evaluation_report(
        self, id: str, path: str, *, baseline: int = 0, test: str = "t", measure: str = ""
    ) -> str:
        asked = {"path": path, "baseline": baseline, "test": test, "measure": measure}
        return await self._call("POST", "/evaluation/report", str, id=id, **asked)

    async def evaluation_plot(
        self, id: str, name: str, *, measure: str = "", width: int = 80, height: int = 24
    ) -> Drawn:
        asked = {"name": name, "measure": measure, "width": width, "height": height}
        return await self._call("GET", "/evaluation/plot", _figures().Drawn, id=id, **asked)

    async def evaluation_published(self, id: str) -> list[PublishedFigure]:
        return await self._call("GET", "/evaluation/published", _list_of(_figures().PublishedFigure), id=id)

    async def evaluation_run(self, dataset: str, path: str) -> RunFileView:
        """Reads a run file, to say at once what is wrong with it."""
        return await self._call("GET", "/evaluation/run", _figures().RunFileView, dataset=dataset, path=path)

    async def evaluation_request(self, id: str) -> EvaluateRequest:
        """What goes on with a stored evaluation; it has no request id yet."""
        return await self._call("GET", "/evaluation/request", EvaluateRequest, id=id)
