"""What is to be evaluated: systems, run files, measures, and which of the dataset's queries."""

from __future__ import annotations

import re
import secrets

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static
from textual.worker import Worker, WorkerState

from zsr_tui.api.requests import EVALUATION_MEASURES, EvaluateRequest
from zsr_tui.domain import Problem
from zsr_tui.text import one_line
from zsr_tui.ui import failures
from zsr_tui.ui.evaluation_job import EvaluationChanged, EvaluationWatch, Phase
from zsr_tui.ui.keybar import KeyBar
from zsr_tui.ui.screens.evaluation_messages import EvaluationAsked
from zsr_tui.ui.starting import StartedEngine
from zsr_tui.ui.widgets.chosen_systems import ChosenSystems
from zsr_tui.ui.widgets.line_input import LineInput

MOST = 10  # systems of an evaluation, run files included
RUN_FILE = "run file "  # no system in the notation begins like this
HINT = "Enter on an empty line starts. Delete removes a system, [ and ] move it."
FIELDS = (
    ("system", "Add a system", "bm25(k1=1.2, b=0.75), or any other in the notation"),
    ("run", "Add a run file", "path of a TREC run (.run .trec .txt .gz) or of ranx (.json)"),
    ("measures", "Measures", "nDCG@10 AP R@100"),
    ("subset", "Queries with", "this text; empty for all judged queries"),
    ("limit", "Only the first", "so many of them; empty for all"),
)


class EvaluationStartScreen(Screen[None]):
    """Posts `EvaluationAsked` to the application; stays until the engine has begun, to show why it did not."""

    PLACE = "evaluation-start"
    CSS_PATH = "evaluation_start.tcss"
    AUTO_FOCUS = "#system"

    def __init__(self, engine: StartedEngine, watch: EvaluationWatch, dataset: str, systems: tuple[str, ...]) -> None:
        super().__init__()
        self._engine, self._watch, self._dataset = engine, watch, dataset
        self._asked = ""  # id of the request that was sent
        self.chosen = ChosenSystems(systems, id="evaluated")

    def compose(self) -> ComposeResult:
        yield Static(f"Evaluate systems on {one_line(self._dataset)}", id="title", markup=False)
        with VerticalScroll(id="form", can_focus=False):
            yield self.chosen
            for name, label, placeholder in FIELDS:
                with Horizontal(classes="field"):
                    yield Static(label, classes="label", markup=False)
                    value = " ".join(EVALUATION_MEASURES) if name == "measures" else ""
                    yield LineInput(value, placeholder=placeholder, id=name, compact=True)
            yield Static(HINT, id="message", markup=False)
        yield KeyBar()

    # what the user does

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        typed = event.value.strip()
        if event.input.id == "system" and typed:
            self.run_worker(self._add_system(typed), group="add", exclusive=True, exit_on_error=False)
        elif event.input.id == "run" and typed:
            self._add(f"{RUN_FILE}{typed}", event.input)
        else:
            self.start()

    async def _add_system(self, typed: str) -> None:
        try:
            head = await self._engine.system(typed)
        except Problem as problem:
            self._say(problem.message, problem=True)
            return
        if head.runnable:
            self._add(head.notation, self.query_one("#system", Input))
        else:
            self._say(f"{head.notation} cannot run here: {head.why_not}", problem=True)

    def _add(self, entry: str, field: Input) -> None:
        if entry in self.chosen.systems:
            self._say(f"{entry} is there already.", problem=True)
        elif len(self.chosen.systems) >= MOST:
            self._say(f"An evaluation has at most {MOST} systems, run files included: remove one first.", problem=True)
        else:
            self.chosen.systems = (*self.chosen.systems, entry)
            field.value = ""
            self._say(f"Added {entry}. {HINT}")

    def start(self) -> None:
        """Ask for what the form says, if it makes sense."""
        if self._watch.busy:
            self._say("An evaluation is running: stop it first (Esc, then the key for stop), or wait.", problem=True)
            return
        if waiting := [name for name in ("system", "run") if self.query_one(f"#{name}", Input).value.strip()]:
            self.query_one(f"#{waiting[0]}").focus()
            self._say("Press Enter in this line to add what stands there, or clear it (Ctrl+U).", problem=True)
            return
        limit = self.query_one("#limit", Input).value.strip().replace(",", "")
        measures = tuple(word for word in re.split(r"[\s,]+", self.query_one("#measures", Input).value) if word)
        systems = tuple(entry for entry in self.chosen.systems if not entry.startswith(RUN_FILE))
        runs = tuple(entry.removeprefix(RUN_FILE) for entry in self.chosen.systems if entry.startswith(RUN_FILE))
        if not systems and not runs:
            self._say("Add a system or a run file first.", problem=True)
        elif not measures:
            self._say("Name a measure: nDCG@10, AP, R@100, or any other of ir_measures.", problem=True)
        elif limit and not (limit.isdigit() and int(limit) > 0):
            self._say(f"{limit!r} is no number of queries.", problem=True)
        else:
            request = EvaluateRequest(
                id=secrets.token_hex(8),
                dataset=self._dataset,
                systems=systems,
                runs=runs,
                measures=measures,
                subset=self.query_one("#subset", Input).value.strip(),
                limit=int(limit) if limit else None,
                background=True,
                per_query=False,
            )
            self._asked = request.id
            self._say("Starting ...")
            self.post_message(EvaluationAsked(request))

    def leave(self) -> None:
        self.dismiss(None)

    # what comes of it

    def on_evaluation_changed(self, message: EvaluationChanged) -> None:
        job = message.job
        if job.request.id != self._asked:
            return
        if job.phase is Phase.FAILED:
            self._asked = ""
            self._say(job.sentence, problem=True)
        elif job.id and self.is_current:
            self._asked = ""
            self.dismiss(None)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self._say(failures.sentence(event.worker.error), problem=True)

    def _say(self, text: str, *, problem: bool = False) -> None:
        message = self.query_one("#message", Static)
        message.set_class(problem, "problem")
        message.update(Content(one_line(text)))
