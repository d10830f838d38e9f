"""Which function answers a question about evaluations. `zsr_tui.api.evaluations` and `.queries` have the questions."""

from __future__ import annotations

from zsr_tui.api import evaluations as ask
from zsr_tui.api.queries import (
    ReadBreakdowns,
    ReadDifferences,
    ReadFates,
    ReadLosses,
    ReadOutcomes,
    ReadQueries,
    ReadScatter,
)
from zsr_tui.domain import Problem
from zsr_tui.engine.answers import Answers
from zsr_tui.engine.evaluation import jobs
from zsr_tui.engine.evaluation.plots import Plots
from zsr_tui.engine.evaluation.published import published_figures
from zsr_tui.engine.evaluation.resuming import resuming
from zsr_tui.engine.evaluation.run_files import run_file, runs_page
from zsr_tui.engine.evaluation.views import Views
from zsr_tui.engine.library import Library
from zsr_tui.evaluation import store


def evaluation_answers(library: Library) -> Answers:
    views = Views(library)
    return {
        ask.ListEvaluations: lambda _: views.items(),
        ask.ReadEvaluation: views.evaluation,
        ask.DeleteEvaluation: lambda asked: _delete(asked.id),
        ask.PauseEvaluation: lambda asked: jobs.pause(asked.id, asked.paused),
        ask.StopEvaluation: lambda asked: jobs.stop(asked.id),
        ask.ReadMatrix: views.matrix,
        ask.ReadPublished: lambda asked: published_figures(asked.id),
        ask.ReadPlot: Plots(views).plot,
        ask.ReadRequest: lambda asked: resuming(asked.id),
        ask.ReadRunFile: lambda asked: run_file(library, asked.dataset, asked.path),
        ask.ReadReport: views.report,
        ask.ReadRuns: runs_page,
        ReadQueries: views.queries,
        ReadDifferences: views.differences,
        ReadScatter: views.scatter,
        ReadOutcomes: views.outcomes,
        ReadFates: views.fates,
        ReadLosses: views.losses,
        ReadBreakdowns: views.breakdowns,
    }


def _delete(evaluation: str) -> None:
    if jobs.state(evaluation):
        raise Problem("the evaluation is running: stop it before it is deleted.")
    store.delete(evaluation)
