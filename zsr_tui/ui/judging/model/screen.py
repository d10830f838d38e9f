"""A model judges a pool: started, followed and stopped here; the work is the engine's."""

from __future__ import annotations

from typing import ClassVar

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from zsr_tui.api.model_jobs import (
    CHECKED,
    BeginModelJob,
    ModelDesk,
    ModelJob,
    ReadModelDesk,
    ReadModelJob,
    StopModelJob,
)
from zsr_tui.api.pooling import Pooling
from zsr_tui.client.price import Price
from zsr_tui.client.protocol import EngineApi
from zsr_tui.domain import Problem
from zsr_tui.text import one_line
from zsr_tui.ui.judging.model import words
from zsr_tui.ui.parts.confirm import ConfirmScreen
from zsr_tui.ui.parts.lines import Lines
from zsr_tui.ui.parts.pieces import Piece
from zsr_tui.ui.parts.screen import BaseScreen

EVERY = 0.5  # seconds between two looks at what runs


class ModelScreen(BaseScreen[None]):
    """Leaving it ends nothing."""

    PLACE = "model"
    DIALOG = True
    DEFAULT_CSS = """
    ModelScreen .dialog { width: 96; max-width: 96%; }
    ModelScreen VerticalScroll { height: auto; }
    ModelScreen #model-problem { height: auto; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "Close"),
        Binding("enter", "send", "Send"),
        Binding("c", "stop", "Stop"),
    ]

    def __init__(self, engine: EngineApi, pooling: Pooling) -> None:
        super().__init__()
        self._engine, self._pooling = engine, pooling
        self._desk: ModelDesk | None = None
        self._problem = ""
        self._about, self._job = Lines(id="model-about"), Lines(id="model-job")
        self._said = Static(id="model-problem", classes="problem", markup=False)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog", id="model") as dialog:
            dialog.border_title = "A model judges"
            dialog.border_subtitle = "enter sends · c stops · esc closes, it goes on"
            with VerticalScroll():
                yield self._about
                yield self._job
                yield self._said

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()
        self._show()
        self._read()
        self.set_interval(EVERY, self._look)

    # what the keys do

    def action_send(self) -> None:
        desk = self._desk
        if desk is None or self._at_work or not words.next_of(desk).requests:
            return
        checking = words.to_check(desk)

        def answered(yes: bool | None) -> None:
            if yes:
                self.ask("begin", self._begin, BeginModelJob(pooling=self._pooling, check=CHECKED if checking else 0))

        lines = words.question(words.next_of(desk), self._price())
        self.app.push_screen(ConfirmScreen("Send them?", lines, "Send", "Send nothing"), answered)

    def action_stop(self) -> None:
        if self._at_work:
            self.ask("stop", self._engine.call, StopModelJob(dataset=self._pooling.dataset))

    # asking

    @property
    def _at_work(self) -> bool:
        return self._desk is not None and self._desk.job is not None and self._desk.job.state == "running"

    def _price(self) -> Price | None:
        """None where none is set, and where it cannot be read, which is said."""
        try:
            return Price.set()
        except Problem as problem:
            self._problem = problem.message
            return None

    def _read(self) -> None:
        self.ask("desk", self._read_desk)

    async def _read_desk(self) -> None:
        self._desk = await self._engine.call(ReadModelDesk(pooling=self._pooling))
        self._show()

    async def _begin(self, asked: BeginModelJob) -> None:
        self._took(await self._engine.call(asked))

    def _look(self) -> None:
        if self._at_work:
            self.ask("job", self._read_job)

    async def _read_job(self) -> None:
        self._took(await self._engine.call(ReadModelJob(dataset=self._pooling.dataset)))

    def _took(self, job: ModelJob | None) -> None:
        """None where another engine runs now, which has none."""
        ended = self._at_work and (job is None or job.state != "running")
        assert self._desk is not None
        self._problem = ""
        self._desk = replace(self._desk, job=job)
        self._show()
        if ended:
            self._read()  # what is left, and how far it agrees now

    def show_problem(self, sentence: str, group: str) -> None:
        self._problem = sentence
        self._show()

    # what is seen

    def _show(self) -> None:
        lines: list[list[Piece]] = [[("asking the engine …", "muted")]]
        job: list[list[Piece]] = []
        if self._desk is not None:
            cost = self._price()
            lines = words.desk_lines(self._desk, cost, "enter")
            job = words.job_lines(self._desk.job, cost, "c")
            if self._desk.job is not None and not self._at_work and self._desk.job.grades:
                job.append([("its grades count where you choose the model's judgments with J", "muted")])
        self._about.show([] if self._problem and self._desk is None else lines)
        self._said.display = bool(self._problem)
        self._said.update(one_line(self._problem))
        self._job.show([[], *job] if job else [])
