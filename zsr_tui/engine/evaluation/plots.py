"""The plots of stored evaluations, to be drawn where they are shown."""

from __future__ import annotations

import threading
from collections.abc import Callable
from weakref import WeakKeyDictionary

from zsr_tui.api.evaluations import PLOTS, ReadPlot, ReadSweep, SweepView
from zsr_tui.decoding import converted
from zsr_tui.domain import Problem
from zsr_tui.engine.answers import Answers
from zsr_tui.engine.evaluation.judged import sources_of
from zsr_tui.engine.evaluation.shelf import Shelf
from zsr_tui.engine.evaluation.systems import matrix
from zsr_tui.evaluation import across, comparable, rerank_depth, sweep
from zsr_tui.evaluation.plots import depth, size
from zsr_tui.evaluation.plots.weights import by_weight, sentences
from zsr_tui.evaluation.query_table import QueryTable
from zsr_tui.evaluation.results import Evaluation
from zsr_tui.plots.model import Plot


class Plots:
    """Thread-safe. Remembers curves, which read every list, as long as nothing more is stored."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._curves: WeakKeyDictionary[QueryTable, dict[str, Plot]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def answers(self) -> Answers:
        return {ReadPlot: self.plot, ReadSweep: self.sweep}

    def plot(self, asked: ReadPlot) -> Plot:
        """Raises `Problem` for an evaluation, a plot or a measure that there is not."""
        if asked.name not in PLOTS:
            raise Problem(f"there is no plot {asked.name!r}: take one of {', '.join(PLOTS)}.", usage=True)
        table, measure = self._shelf.table(asked.id), self._shelf.measure(asked.id, asked.measure)
        if asked.name == "size":
            return size.by_size(table.evaluation, measure)
        if asked.name == "average":
            return average(table.evaluation, matrix(self._shelf, measure, sources_of(asked.id)))
        if asked.name == "weights":
            return self._weights(table, measure, asked.pair)
        return self._curve(table, measure, lambda: by_depth(table.evaluation, measure))

    def _weights(self, table: QueryTable, measure: str, pair: int) -> Plot:
        described = table.evaluation
        known = sweep.pairs(described)
        if not known:
            raise Problem(
                "none of these systems fuses two others, and there are no two retrievers whose lists could be fused."
            )
        fusion, place = known[pair % len(known)], f" ({pair % len(known) + 1} of {len(known)})" * (len(known) > 1)
        where = f"{described.dataset}{place}"
        return self._curve(
            table, f"{measure} {fusion}", lambda: by_weight(sweep.sweep(described, fusion, measure), where)
        )

    def _curve(self, table: QueryTable, name: str, draw: Callable[[], Plot]) -> Plot:
        with self._lock:
            known = self._curves.setdefault(table, {})
            if name not in known:
                known[name] = draw()
            return known[name]

    def sweep(self, asked: ReadSweep) -> SweepView:
        """Raises `Problem` for a fusion that is none of two systems with lists."""
        described, measure = self._shelf.evaluation(asked.id), self._shelf.measure(asked.id, asked.measure)
        found = sweep.sweep(described, sweep.find(described, asked.fusion), measure)
        known = {
            name: getattr(found, name) for name in ("parts", "measure", "values", "chosen", "each", "rrf", "queries")
        }
        return converted(
            known
            | {
                "fusion": str(found.fusion),
                "weights": sweep.WEIGHTS,
                "best": found.notation,
                "best_weight": found.weight,
                "crossed": found.crossed,
                "said": sentences(found),
            },
            SweepView,
        )


def average(evaluation: Evaluation, every: across.Matrix) -> Plot:
    """Over the datasets on which all systems of the evaluation were evaluated, of all of `every`."""
    known, measure = comparable.names(evaluation, every.measure), every.measure
    means = {
        (name, dataset): value
        for name, row in zip(every.systems, every.cells, strict=True)
        for dataset, value in zip(every.datasets, row, strict=True)
        if name in known and value is not None
    }
    table = across.matrix(measure, means)
    if not table.common or None in table.averages or len(table.systems) < len(set(known)):
        raise Problem(
            f"no dataset has {measure} of all these systems over all of its queries, so there is no average: evaluate "
            "them on all queries of two datasets or more."
        )
    return size.average(evaluation, table)


def by_depth(evaluation: Evaluation, measure: str) -> Plot:
    """Of the systems that end with a reranker."""
    curves = rerank_depth.curves(evaluation, measure)
    if not curves:
        raise Problem("none of these systems ends with a reranker, so there is no rerank depth to vary.")
    named = {evaluation.names[system]: curve for system, curve in curves.items()}
    return depth.by_depth(named, measure, evaluation.dataset)
