from __future__ import annotations

from zsr_tui.api.requests import EvaluateRequest
from zsr_tui.progress import Progress
from zsr_tui.ui.evaluation.header import running_lines
from zsr_tui.ui.evaluation.running import Phase, RunningEvaluation


def running() -> RunningEvaluation:
    request = EvaluateRequest(id="r", dataset="beir/scifact/test", systems=("bm25",), measures=("nDCG@10",))
    return RunningEvaluation(request, Phase.RUNNING, id="e1", progress=Progress("", 13, 30, "queries"))


def said(other: bool) -> str:
    return "".join(text for text, _ in running_lines(running(), "p", "c", other)[0])


def test_the_progress_of_another_evaluation_than_the_one_that_is_shown_is_named() -> None:
    assert "beir/scifact/test: 13 of 30 queries" in said(other=True)
    assert "beir" not in said(other=False)
