"""Downloading, indexing and encoding, with how far they are. What was done before a stop is kept by the engine."""

from __future__ import annotations

import secrets
import time
from contextlib import aclosing
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Key
from textual.message import Message
from textual.widgets import Button, Static

from zsr_tui import numerals
from zsr_tui.api.events import EngineLost, Failed, JobProgress, PrepareFinished
from zsr_tui.api.requests import PrepareRequest
from zsr_tui.client.protocol import EngineApi
from zsr_tui.domain import Problem
from zsr_tui.progress import Progress
from zsr_tui.text import one_line
from zsr_tui.ui.parts.pieces import progress_bar
from zsr_tui.ui.parts.screen import BaseScreen
from zsr_tui.ui.setup.preparing.sentence import Sentence

STOPPED = "Stopped. What was done so far is kept; the work goes on from there next time."


@dataclass(slots=True)
class _Task:
    progress: Progress
    began: float
    ended: float | None = None


class PreparationScreen(BaseScreen[bool]):
    """Dismissed with True once everything is there, with False if the user goes back."""

    PLACE = "preparation"
    DIALOG = True
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "escape", "Stop"),
        ("left", "app.focus_previous", ""),
        ("right", "app.focus_next", ""),
    ]
    CSS_PATH = "screen.tcss"
    AUTO_FOCUS = ""  # Enter that was meant for the query must not stop the work

    @dataclass
    class Typed(Message):
        """A key that was meant for the query line while the work runs: a character, or "\r" for Enter."""

        character: str

    def __init__(self, engine: EngineApi, dataset: str, systems: tuple[str, ...]) -> None:
        super().__init__()
        self._engine, self._dataset, self._systems = engine, dataset, systems
        self._tasks: list[_Task] = []
        self._running = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(f"Preparing {one_line(self._dataset)}", classes="dialog-title", markup=False)
            yield Static("Starting ...", id="tasks", markup=False)
            yield Sentence(id="outcome")
            with Horizontal(classes="buttons"):
                yield Button("Stop", id="stop", compact=True)
                yield Button("Retry", id="again", compact=True)
                yield Button("Back", id="back", compact=True)

    def on_mount(self) -> None:
        self._begin()

    # the work

    @on(Button.Pressed, "#again")
    def _begin(self) -> None:
        self._tasks.clear()
        self.query_one("#tasks", Static).update("Starting ...")
        self._show_outcome("", running=True)
        self.ask("prepare", self._prepare)

    async def _prepare(self) -> None:
        request = PrepareRequest(id=secrets.token_hex(8), dataset=self._dataset, systems=self._systems)
        try:
            async with aclosing(self._engine.stream(request)) as events:
                async for event in events:
                    match event:
                        case JobProgress():
                            self._show(event.progress)
                        case EngineLost(restarted=True):
                            self._say("The engine stopped and was restarted; the work goes on where it was.")
                        case EngineLost():
                            self._say(f"The engine stopped{event.see_log}.")
                        case Failed():
                            self._show_outcome(event.problem.message, problem=True)
                            return
                        case PrepareFinished():
                            for note in dict.fromkeys(event.notes):
                                self.app.notify(one_line(note), timeout=15, markup=False)
                            for problem in dict.fromkeys(event.problems.values()):
                                self.app.notify(one_line(problem), severity="error", timeout=20, markup=False)
                            self.dismiss(True)
                            return
        except Problem as problem:
            self._show_outcome(problem.message, problem=True)
            return
        self._show_outcome("The engine ended the work without saying why; its log may.", problem=True)

    def show_problem(self, sentence: str, group: str) -> None:
        self._show_outcome(sentence, problem=True)

    # what is shown

    def _show(self, progress: Progress) -> None:
        now = time.monotonic()
        if not self._tasks or self._tasks[-1].progress.task != progress.task:
            if self._tasks:
                self._tasks[-1].ended = now
            self._tasks.append(_Task(progress, now))
        self._tasks[-1].progress = progress
        tasks = self.query_one("#tasks", Static)
        tasks.update(Content("\n").join(self._lines(max(20, tasks.content_size.width or 60))))

    def _lines(self, width: int) -> list[Content]:
        lines: list[Content] = []
        for task in self._tasks[:-1][-6:]:
            seconds = numerals.duration((task.ended or task.began) - task.began)
            done = f"{numerals.amount(task.progress.done, task.progress.unit)}  " if task.progress.unit else ""
            lines.append(Content(f"✓ {one_line(task.progress.task)}  {done}{seconds}"))
        now = self._tasks[-1].progress
        lines.append(Content.styled(f"▸ {one_line(now.task)}", "bold"))
        if now.total:
            share = min(1.0, now.done / now.total)
            lines.append(Content(f"  {progress_bar(now.done, now.total, width - 8)} {share:4.0%}"))
        if now.unit:
            lines.append(Content(f"  {' · '.join(now.numbers())}"))
        return lines

    def _say(self, text: str) -> None:
        self.query_one("#outcome", Sentence).say(text)

    def _show_outcome(self, text: str, *, running: bool = False, problem: bool = False) -> None:
        self._running = running
        outcome = self.query_one("#outcome", Sentence)
        outcome.set_class(problem, "problem")
        outcome.say(text)
        self.query_one("#stop").display = running
        again = self.query_one("#again", Button)
        again.label = Content("Retry" if problem else "Go on")
        again.display = self.query_one("#back").display = not running
        if running:
            self.set_focus(None)
        else:
            again.focus()

    def on_key(self, event: Key) -> None:
        if self._running and self.focused is None and (event.is_printable or event.key == "enter"):
            self.post_message(self.Typed(event.character if event.is_printable and event.character else "\r"))

    # what the user does

    @on(Button.Pressed, "#stop")
    def _stop(self) -> None:
        self.workers.cancel_group(self, "prepare")
        self._show_outcome(STOPPED)

    @on(Button.Pressed, "#back")
    def _back(self) -> None:
        self.dismiss(False)

    def action_escape(self) -> None:
        if self._running:
            self._stop()
        else:
            self._back()
