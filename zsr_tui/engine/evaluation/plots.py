"""Plots of stored evaluations as lines of characters, published figures beside them, what resumes one, and what is in
a run file."""

from __future__ import annotations

import threading
from pathlib import Path
from weakref import WeakKeyDictionary

from zsr_tui.api.evaluations import PLOTS, Drawn, PublishedFigure, ReadPlot, RunFileView
from zsr_tui.api.requests import EvaluateRequest
from zsr_tui.domain import Problem
from zsr_tui.engine.evaluation.views import Views, matrix
from zsr_tui.engine.library import Library
from zsr_tui.engine.prepare import members
from zsr_tui.evaluation import across, rerank_depth, store
from zsr_tui.evaluation.plots import depth, size
from zsr_tui.evaluation.published import matches, published
from zsr_tui.evaluation.query_table import QueryTable
from zsr_tui.evaluation.results import Evaluation
from zsr_tui.evaluation.runs import read_run
from zsr_tui.plots import terminal
from zsr_tui.plots.model import Plot

LARGEST = 500  # cells of a plot, either way


class Plots:
    """Thread-safe. Remembers rerank-depth curves, which read every list, as long as nothing more is stored."""

    def __init__(self, views: Views) -> None:
        self._views = views
        self._curves: WeakKeyDictionary[QueryTable, dict[str, Plot]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def answer(self, asked: ReadPlot) -> Drawn:
        return self.drawn(asked.id, asked.name, asked.measure, asked.width, asked.height)

    def drawn(self, evaluation: str, name: str, measure: str, width: int, height: int) -> Drawn:
        """Raises `Problem` for an evaluation, a plot or a measure that there is not."""
        if name not in PLOTS:
            raise Problem(f"there is no plot {name!r}: take one of {', '.join(PLOTS)}.", usage=True)
        table = self._views.table(evaluation)
        measure = measure or table.evaluation.measures[0]
        table.values(measure)
        if name == "size":
            plot = size.by_size(table.evaluation, measure)
        elif name == "average":
            plot = average(table.evaluation, measure)
        else:
            plot = self._depth(table, measure)
        return terminal.draw(plot, min(width, LARGEST), min(height, LARGEST))

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
    return depth.by_depth(evaluation, measure, curves)


def published_figures(evaluation: str) -> list[PublishedFigure]:
    """The closest published figure for each system and measure; none for an evaluation of a part of the queries."""
    spec = store.find(evaluation).spec
    if spec.provenance.subset:
        return []
    found = []
    for measure in spec.measures:
        figures = published(spec.dataset, measure)
        for index, system in enumerate(spec.systems):
            for match in matches(system.notation, figures)[:1] if system.source == "system" else ():
                one = match.published
                found.append(
                    PublishedFigure(
                        system=index,
                        measure=measure,
                        value=one.value,
                        digits=one.digits,
                        approximate=one.approximate,
                        name=one.system,
                        source=one.source,
                        difference=match.difference,
                    )
                )
    return found


def run_file(library: Library, dataset: str, path: str) -> RunFileView:
    """Raises `Problem` for a file that cannot be evaluated, as the evaluation itself would."""
    run = read_run(Path(path))
    listed = set(run.queries)
    corpora = [library.corpus(member) for member in members(dataset)]
    judged = {query.id for corpus in corpora for query in corpus.judged_queries()}
    known = {query.id for corpus in corpora for query in corpus.queries}
    return RunFileView(
        queries=len(listed),
        documents=len(run.doc_ids),
        judged=len(judged & listed),
        all_judged=len(judged),
        unknown=len(listed - known),
    )


def resuming(evaluation: str) -> EvaluateRequest:
    """The request that goes on with a stored evaluation."""
    stored = store.find(evaluation)
    spec = stored.spec
    return EvaluateRequest(
        id="",
        dataset=spec.dataset,
        systems=tuple(system.notation for system in spec.systems if system.run_file is None),
        runs=tuple(system.run_file.path for system in spec.systems if system.run_file is not None),
        measures=spec.measures,
        depth=spec.provenance.depth,
        drop_self=spec.provenance.drop_self,
        qids=tuple(query.id for query in stored.queries) if spec.provenance.subset else None,
        command=spec.provenance.command,
        background=True,
        per_query=False,
    )
