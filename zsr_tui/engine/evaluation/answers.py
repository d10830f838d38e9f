"""Which function answers a question about evaluations. `zsr_tui.api.evaluations` and `.queries` have the questions."""

from __future__ import annotations

from functools import partial

from zsr_tui.api import evaluations as ask
from zsr_tui.api import queries as ask_queries
from zsr_tui.domain import Problem
from zsr_tui.engine.answers import Answers
from zsr_tui.engine.evaluation import documents, queries, running, systems
from zsr_tui.engine.evaluation.plots import Plots
from zsr_tui.engine.evaluation.published import published_figures
from zsr_tui.engine.evaluation.resuming import resuming
from zsr_tui.engine.evaluation.run_files import run_file, runs_page
from zsr_tui.engine.evaluation.shelf import Shelf
from zsr_tui.engine.library import Library
from zsr_tui.evaluation import store


def evaluation_answers(library: Library) -> Answers:
    shelf = Shelf(library)
    return {
        ask.ListEvaluations: lambda _: systems.items(),
        ask.ReadEvaluation: partial(systems.evaluation_view, shelf),
        ask.DeleteEvaluation: lambda asked: _delete(asked.id),
        ask.PauseEvaluation: lambda asked: running.pause(asked.id, asked.paused),
        ask.StopEvaluation: lambda asked: running.stop(asked.id),
        ask.ReadMatrix: systems.matrix_view,
        ask.ReadPublished: lambda asked: published_figures(asked.id),
        ask.ReadPlot: Plots(shelf).plot,
        ask.ReadRequest: lambda asked: resuming(asked.id),
        ask.ReadRunFile: lambda asked: run_file(library, asked.dataset, asked.path),
        ask.ReadReport: partial(systems.report, shelf),
        ask.ReadRuns: runs_page,
        ask_queries.ReadQueries: partial(queries.query_rows, shelf),
        ask_queries.ReadDifferences: partial(queries.differences, shelf),
        ask_queries.ReadBreakdowns: partial(queries.breakdown_views, shelf),
        ask_queries.ReadScatter: partial(documents.scatter, shelf),
        ask_queries.ReadOutcomes: partial(documents.outcome_rows, shelf),
        ask_queries.ReadFates: partial(documents.fate_views, shelf),
        ask_queries.ReadLosses: partial(documents.losses_view, shelf),
    }


def _delete(evaluation: str) -> None:
    if running.state(evaluation):
        raise Problem("the evaluation is running: stop it before it is deleted.")
    store.delete(evaluation)
