"""What was asked of an engine about its evaluations, as the tests of the screens name it."""

from __future__ import annotations

from typing import Any

import msgspec

from zsr_tui.api import evaluations, queries
from zsr_tui.api.questions import Question

NAMES: dict[type[Question[Any]], tuple[str, str]] = {
    evaluations.ListEvaluations: ("GET", "/evaluations"),
    evaluations.ReadEvaluation: ("GET", "/evaluation"),
    evaluations.DeleteEvaluation: ("DELETE", "/evaluation"),
    evaluations.PauseEvaluation: ("POST", "/evaluation/pause"),
    evaluations.StopEvaluation: ("POST", "/evaluation/stop"),
    evaluations.ReadMatrix: ("GET", "/evaluation/matrix"),
    evaluations.ReadPublished: ("GET", "/evaluation/published"),
    evaluations.ReadPlot: ("GET", "/evaluation/plot"),
    evaluations.ReadRequest: ("GET", "/evaluation/request"),
    evaluations.ReadRunFile: ("GET", "/evaluation/run"),
    evaluations.ReadReport: ("POST", "/evaluation/report"),
    queries.ReadQueries: ("GET", "/evaluation/queries"),
    queries.ReadDifferences: ("GET", "/evaluation/differences"),
    queries.ReadScatter: ("GET", "/evaluation/scatter"),
    queries.ReadOutcomes: ("GET", "/evaluation/outcomes"),
    queries.ReadFates: ("GET", "/evaluation/fates"),
    queries.ReadLosses: ("GET", "/evaluation/losses"),
    queries.ReadBreakdowns: ("GET", "/evaluation/breakdowns"),
}


def fields(question: Question[Any]) -> dict[str, Any]:
    """A selection's among them."""
    asked = msgspec.to_builtins(question)
    return {**asked, **asked.pop("selection", {})}
