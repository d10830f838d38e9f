"""Asked before the program ends while an evaluation runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.binding import BindingType

from zsr_tui.text import one_line
from zsr_tui.ui.evaluation.running import EvaluationWatch, Phase, RunningEvaluation
from zsr_tui.ui.keys.app import KeyedApp
from zsr_tui.ui.keys.names import key_display
from zsr_tui.ui.parts.confirm import ConfirmScreen


class QuitScreen(ConfirmScreen):
    """The key that asked quits when it is pressed again. `resume` is the key that goes on with an evaluation."""

    BINDINGS: ClassVar[list[BindingType]] = [("q,ctrl+q", "quit_now", "Quit")]

    def __init__(self, job: RunningEvaluation, resume: str) -> None:
        state = "is paused" if job.phase is Phase.PAUSED else "runs"
        lines = [
            f"The evaluation of {one_line(job.request.dataset)} {state}: {job.about()}.",
            "It stops with the program. The queries that are finished are kept.",
            f"{resume} in the list of evaluations goes on with it, without scoring anything again.",
        ]
        super().__init__("Quit while an evaluation is under way?", lines, "Quit", "Stay")

    def action_quit_now(self) -> None:
        self.dismiss(True)


def ask(app: KeyedApp, watch: EvaluationWatch, end: Callable[[], None]) -> None:
    """`end` the program if the user says so."""
    assert watch.job is not None

    def answered(quits: bool | None) -> None:
        if quits:
            end()

    app.push_screen(QuitScreen(watch.job, key_display(app.keys["evaluation_resume"].keys[0])), answered)
