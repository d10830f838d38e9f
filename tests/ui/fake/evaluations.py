"""An engine with evaluations, in memory: fixed figures, and runs that a test can hold, pause and break.

engine = EvaluationEngine(view())             # with a stored evaluation
gate = engine.hold("evaluate", batch=2)       # stop before the third query
engine.problems[ReadPlot] = Problem(..)       # what is raised for such a question
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any

import msgspec

from zsr_tui.api.evaluations import (
    CellView,
    DeleteEvaluation,
    EvaluationItem,
    EvaluationView,
    ListEvaluations,
    MatrixView,
    PauseEvaluation,
    PublishedFigure,
    ReadEvaluation,
    ReadMatrix,
    ReadPlot,
    ReadPublished,
    ReadReport,
    ReadRequest,
    ReadRunFile,
    ReportFile,
    RunFileView,
    StopEvaluation,
    SystemView,
)
from zsr_tui.api.events import AnyEvent, EngineLost, EvaluateFinished, EvaluationStarted, JobProgress, SystemFailed
from zsr_tui.api.judging import AnySource, parse_sources
from zsr_tui.api.requests import EvaluateRequest, ProblemView
from zsr_tui.domain import Problem
from zsr_tui.plots.model import Axis, Plot, Point, Rule, Series, Tick
from zsr_tui.progress import Progress

from .engine import BM25, DENSE, RERANKED, SYSTEMS, FakeEngine

MEASURES = ("nDCG@10", "AP", "Judged@10")
QUERIES = 6
LABELS = {BM25: "bm25", DENSE: "dense all-MiniLM-L6-v2", RERANKED: "bm25 % 100 >> MiniLM-L-12"}
FAMILIES = {BM25: "bm25", DENSE: "bi-encoder", RERANKED: "cross-encoder"}
SIZES = {BM25: None, DENSE: 22_700_000, RERANKED: 33_400_000}


def cell(mean: float | None, system: int, baseline: int, base: float = 0.5) -> CellView:
    if mean is None or system == baseline:
        return CellView(mean=mean, condensed=mean, maximum=mean)
    p = 0.0004 if abs(mean - base) > 0.1 else 0.41
    return CellView(
        mean=mean,
        condensed=mean + 0.01,
        maximum=min(1.0, mean + 0.2),
        difference=mean - base,
        p=p,
        p_holm=min(1.0, 2 * p),
        effect=0.62,
        low=mean - base - 0.05,
        high=mean - base + 0.05,
        wins=4,
        ties=1,
        losses=1,
    )


def judged(seen: EvaluationView, sources: tuple[AnySource, ...], by: float) -> EvaluationView:
    """With figures beside the others that differ by so much."""
    systems = tuple(
        msgspec.structs.replace(
            system,
            cells={
                name: msgspec.structs.replace(cell, beside=None if cell.mean is None else cell.mean + by)
                for name, cell in system.cells.items()
            },
        )
        for system in seen.systems
    )
    beside: tuple[AnySource, ...] = ("own", "dataset") if sources == ("dataset",) else ("dataset",)
    return msgspec.structs.replace(
        seen, systems=systems, counting=sources, judgments=dict.fromkeys(sources, 7), beside=beside
    )


def view(
    id: str = "e1",
    *,
    dataset: str = "demo",
    systems: tuple[str, ...] = SYSTEMS,
    means: tuple[float | None, ...] = (0.6131, 0.6312, 0.9197),
    baseline: int = 0,
    test: str = "t",
    failed: dict[int, str] | None = None,
    notes: tuple[str, ...] = (),
    **item: Any,
) -> EvaluationView:
    failed = failed or {}
    described = {
        "id": id,
        "dataset": dataset,
        "systems": tuple(LABELS.get(name, name) for name in systems),
        "notations": systems,
        "measures": MEASURES,
        "queries": QUERIES,
        "done": QUERIES,
        "state": "complete",
        "date": "2026-03-01T12:30:00+00:00",
        "failed": tuple(failed.values()),
        "bytes": 42_000,
    }
    return EvaluationView(
        item=EvaluationItem(**{**described, **item}),
        baseline=baseline,
        test=test,
        rounds=10_000,
        systems=tuple(
            SystemView(
                system=number,
                notation=name,
                label=LABELS.get(name, name),
                family=FAMILIES.get(name, ""),
                parameters=SIZES.get(name),
                precision="fp32" if SIZES.get(name) else "",
                source="system" if name in LABELS else "run file",
                queries=QUERIES,
                cells={
                    measure: cell(
                        None if mean is None else mean - 0.1 * place,
                        number,
                        baseline,
                        (means[baseline] or 0) - 0.1 * place,
                    )
                    for place, measure in enumerate(MEASURES)
                },
                ms_per_query=3.2 + 40 * number if name in LABELS else None,
                pairs_per_second=61.0 if name == RERANKED else None,
                failed=failed.get(number, ""),
            )
            for number, (name, mean) in enumerate(zip(systems, means, strict=True))
        ),
        notes=notes,
        command="zsr-tui evaluate --dataset demo --system bm25",
        versions={"zsr-tui": "0.1.0"},
        fingerprints={"demo": "sha256 0123"},
        devices=("cpu fp32",),
        depth=1000,
        drop_self=True,
    )


def plot(asked: ReadPlot) -> Plot:
    return Plot(
        title=f"{asked.measure} plot {asked.name}",
        about="bm25 is alone",
        x=Axis("parameters", 1e6, 1e9, (Tick(1e7, "10M"), Tick(1e8, "100M")), log=True),
        y=Axis(asked.measure, 0.4, 0.8, (Tick(0.5, "0.5"), Tick(0.7, "0.7"))),
        series=(Series("dense", (Point(1e7, 0.5), Point(1e8, 0.7, "large"))),),
        rules=(Rule("bm25", 0.6, "bm25 0.600"),),
    )


class EvaluationEngine(FakeEngine):
    """What it has stored are `views`, by id."""

    def __init__(self, *views: EvaluationView) -> None:
        super().__init__()
        self.views = {each.item.id: each for each in views}
        self.published: list[PublishedFigure] = []
        self.matrix = MatrixView(measure="nDCG@10", systems=(), datasets=(), cells=(), averages=(), common=(), best=())
        self.refused: ProblemView | None = None
        self.system_failure = ""
        self.ended_late = False  # what is stored is still called running when the last event is sent
        self.lost_at: int | None = None  # the engine dies before this query
        self.stopped = asyncio.Event()
        self.own = 0.0  # by which own judgments change every figure, where there are some
        self.paused: list[bool] = []
        self.changed = EvaluateRequest(id="", dataset="demo", systems=SYSTEMS, measures=MEASURES)
        run_file = RunFileView(queries=7, documents=70, judged=5, all_judged=QUERIES, unknown=2)
        self.answers |= {
            ListEvaluations: lambda _: [each.item for each in self.views.values()],
            ReadRunFile: lambda _: run_file,
            ReadMatrix: lambda asked: msgspec.structs.replace(self.matrix, measure=asked.measure),
            ReadEvaluation: self.evaluation,
            DeleteEvaluation: self.delete,
            ReadPublished: self._of_a_stored(lambda _: self.published),
            ReadPlot: self._of_a_stored(plot),
            ReadReport: self._of_a_stored(lambda _: [ReportFile(content=b"a report")]),
            ReadRequest: self._of_a_stored(lambda _: self.changed),
            PauseEvaluation: self._of_a_stored(lambda asked: self.paused.append(asked.paused)),
            StopEvaluation: self._of_a_stored(lambda _: self.stopped.set()),
        }

    def store(self, *views: EvaluationView) -> None:
        self.views |= {each.item.id: each for each in views}

    def stored(self, id: str) -> EvaluationView:
        id = id.partition("~")[0]
        if id not in self.views:
            raise Problem(f"there is no evaluation {id!r}.", usage=True)
        return self.views[id]

    def _of_a_stored(self, answer: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def answered(asked: Any) -> Any:
            self.stored(asked.id)
            return answer(asked)

        return answered

    def evaluation(self, asked: ReadEvaluation) -> EvaluationView:
        known = self.stored(asked.id)
        means = tuple(system.cells[MEASURES[0]].mean for system in known.systems)
        names = tuple(system.notation for system in known.systems)
        sources = parse_sources(asked.id.partition("~")[2] or "dataset")
        shift = self.own if "own" in sources else 0.0
        means = tuple(None if mean is None else mean + shift for mean in means)
        again = view(systems=names, means=means, baseline=asked.baseline, test=asked.test)
        if self.own:
            again = judged(again, sources, self.own - 2 * shift)
        failures = [system.failed for system in known.systems]
        return msgspec.structs.replace(
            again,
            item=known.item,
            notes=known.notes,
            lacking=known.lacking,
            systems=tuple(
                msgspec.structs.replace(system, failed=failed)
                for system, failed in zip(again.systems, failures, strict=True)
            ),
        )

    def delete(self, asked: DeleteEvaluation) -> None:
        self.stored(asked.id)
        del self.views[asked.id]

    async def evaluate(self, request: EvaluateRequest) -> AsyncGenerator[AnyEvent, None]:
        self.evaluated.append(request)
        self.stopped.clear()
        if self.refused is not None:
            raise Problem(self.refused.message)
        heads = tuple(self.head(notation) for notation in request.systems)
        empty = view("new", systems=request.systems, means=(None,) * len(heads), state="running", done=0)
        self.store(empty)
        yield EvaluationStarted(request=request.id, evaluation="new", systems=heads, queries=QUERIES)
        for done in range(QUERIES):
            await self.reach("evaluate", batch=done)
            if self.stopped.is_set():
                self.store(view("new", systems=request.systems, means=(0.5,) * len(heads), state="stopped", done=done))
                return
            if self.lost_at == done:
                self.lost_at = None
                yield EngineLost(request=request.id, restarted=True, see_log="; its log is at engine.log")
                yield EvaluationStarted(request=request.id, evaluation="new", systems=heads, queries=QUERIES, done=done)
            left = float(QUERIES - done)
            yield JobProgress(request=request.id, progress=Progress("Evaluating", done, QUERIES, "queries", 1.0, left))
        if self.system_failure:
            yield SystemFailed(request=request.id, system=1, problem=ProblemView(message=self.system_failure))
        state = "running" if self.ended_late else "complete"
        self.store(view("new", systems=request.systems, means=(0.6131, 0.6312, 0.9197)[: len(heads)], state=state))
        yield EvaluateFinished(request=request.id, results=(), evaluation="new")
