"""The plots of stored evaluations, to be drawn where they are shown."""

from __future__ import annotations

import threading
from weakref import WeakKeyDictionary

from zsr_tui.api.evaluations import PLOTS, ReadPlot
from zsr_tui.domain import Problem
from zsr_tui.engine.answers import Answers
from zsr_tui.engine.evaluation.shelf import Shelf
from zsr_tui.engine.evaluation.systems import matrix
from zsr_tui.evaluation import across, rerank_depth
from zsr_tui.evaluation.plots import depth, size
from zsr_tui.evaluation.query_table import QueryTable
from zsr_tui.evaluation.results import Evaluation
from zsr_tui.plots.model import Plot


class Plots:
    """Thread-safe. Remembers rerank-depth curves, which read every list, as long as nothing more is stored."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._curves: WeakKeyDictionary[QueryTable, dict[str, Plot]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def answers(self) -> Answers:
        return {ReadPlot: self.plot}

    def plot(self, asked: ReadPlot) -> Plot:
        """Raises `Problem` for an evaluation, a plot or a measure that there is not."""
        if asked.name not in PLOTS:
            raise Problem(f"there is no plot {asked.name!r}: take one of {', '.join(PLOTS)}.", usage=True)
        table, measure = self._shelf.table(asked.id), self._shelf.measure(asked.id, asked.measure)
        if asked.name == "size":
            return size.by_size(table.evaluation, measure)
        if asked.name == "average":
            return average(table.evaluation, measure)
        return self._depth(table, measure)

    def _depth(self, table: QueryTable, measure: str) -> Plot:
        with self._lock:
            known = self._curves.setdefault(table, {})
            if measure not in known:
                known[measure] = by_depth(table.evaluation, measure)
            return known[measure]


def average(evaluation: Evaluation, measure: str) -> Plot:
    """Over the datasets on which all systems of the evaluation were evaluated."""
    known = size.matrix_names(evaluation)
    every = matrix(measure)
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
