"""The table of the evaluation that is open, with the plot by model size below it where there is room."""

from __future__ import annotations

import time
from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.timer import Timer

from zsr_tui.api.evaluations import EvaluationItem, EvaluationView, PublishedFigure, ReadEvaluation, ReadPublished, Test
from zsr_tui.api.judging import AnySource, judged_id
from zsr_tui.api.merging import ReadStanding, Standing
from zsr_tui.client.protocol import EngineApi
from zsr_tui.domain import DATASET_ONLY
from zsr_tui.ui.evaluation.plot import PlotView
from zsr_tui.ui.evaluation.table import notes
from zsr_tui.ui.evaluation.table.columns import system_table
from zsr_tui.ui.parts.asker import Asker
from zsr_tui.ui.parts.grid import HEAD, Grid
from zsr_tui.ui.parts.judging.state import toggled
from zsr_tui.ui.parts.pieces import Piece
from zsr_tui.ui.parts.screen import BaseScreen
from zsr_tui.ui.timers import once

PLOT_FROM = 10  # lines that are left below the table from which the plot by size is shown there
RELOAD = 4.0  # seconds between two looks at the table of an evaluation that runs


class SystemTable(Vertical):
    """`opened` is the evaluation that is shown, "" for none; `view` what was read of it, `measure`, `baseline` and
    `test` what is asked for, and what is shown again where that cannot be computed. `came` is told of what is read."""

    DEFAULT_CSS = "SystemTable { height: 1fr; }"

    def __init__(self, engine: EngineApi, ask: Asker, came: Callable[[EvaluationItem], object], *, id: str) -> None:
        super().__init__(id=id)
        self._engine, self._came = engine, came
        self.grid, self.plot = Grid(), PlotView(ask)
        self.opened = ""
        self.view: EvaluationView | None = None
        self.published: list[PublishedFigure] = []
        self.measure, self.baseline = "", 0
        self.counting: tuple[AnySource, ...] = DATASET_ONLY  # whose judgments
        self._with_own: tuple[AnySource, ...] = ()  # what counted when own judgments did last
        self.test: Test = "t"
        self.computing = False
        self._loaded = 0.0  # when it was asked for
        self._late: Timer | None = None  # until it is asked for again

    def compose(self) -> ComposeResult:
        yield self.grid
        yield self.plot

    @property
    def asked(self) -> str:
        """The id of what is shown: the evaluation over the judgments that count."""
        return judged_id(self.opened, self.counting)

    @property
    def has_figures(self) -> bool:
        """Of an evaluation that has begun; one that is over has what it can have."""
        view = self.view
        if view is None or view.item.done or not view.item.queries:
            return view is not None
        return any(cell.mean is not None for system in view.systems for cell in system.cells.values())

    def open(self, evaluation: str) -> None:
        if evaluation != self.opened:
            self.opened, self.view, self.baseline = evaluation, None, 0
            self.counting, self._with_own = DATASET_ONLY, ()
            self.grid.say([[], [("  reading the evaluation ...", "muted")]])
        self.load()

    def close(self, nothing: list[list[Piece]]) -> None:
        """No evaluation is open: nothing is left of one that was."""
        self.opened, self.view, self.published = "", None, []
        self.measure, self.baseline, self.computing = "", 0, False
        self.grid.say(nothing)

    def load(self) -> None:
        self._loaded, self.computing = time.monotonic(), True
        assert isinstance(self.screen, BaseScreen)
        self.screen.ask("table", self._read, ReadEvaluation(id=self.asked, baseline=self.baseline, test=self.test))

    def load_again(self) -> None:
        """While it runs: now and then, and what came since the last look in the end, too."""
        if self._late is None:
            self._late = once(self, max(0.01, self._loaded + RELOAD - time.monotonic()), self._load_late)

    def _load_late(self) -> None:
        self._late = None
        if self.opened:
            self.load()

    async def _read(self, question: ReadEvaluation) -> None:
        view = await self._engine.call(question)
        self.call_later(self.take, view, await self._engine.call(ReadPublished(id=question.id)))

    async def standing(self) -> Standing:
        """Who has judged the shown evaluation's dataset."""
        assert self.view is not None
        return await self._engine.call(ReadStanding(dataset=self.view.item.dataset))

    def take(self, view: EvaluationView, published: list[PublishedFigure]) -> None:
        """What was read of an evaluation."""
        if view.item.id != self.opened or view.counting != self.counting:
            return
        self.computing = False
        self.view, self.published = view, published
        self.baseline, self.test = view.baseline, view.test
        if self.measure not in view.item.measures:
            self.measure = view.item.measures[0]
        self._show()
        self._came(view.item)

    def failed(self) -> None:
        """What is shown stays."""
        self.computing = False
        if self.view is not None:
            self.baseline, self.test, self.counting = self.view.baseline, self.view.test, self.view.counting
        else:
            self.grid.say([])

    def next_measure(self) -> None:
        if self.view is not None:
            measures = self.view.item.measures
            self.measure = measures[(measures.index(self.measure) + 1) % len(measures)]
            self._show()

    def choose_baseline(self) -> None:
        self.baseline = self.grid.cursor
        self.load()

    def count(self, sources: tuple[AnySource, ...]) -> None:
        """Over the judgments of these sources, the one that counts first in front."""
        self.counting = sources
        self.load()

    def toggle_own(self) -> None:
        """Own judgments count, or they do not; whatever else counts stays."""
        if "own" in self.counting:
            self._with_own = self.counting
        self.count(toggled(self.counting, self._with_own))

    def next_test(self) -> None:
        """The other test of significance."""
        if self.view is not None:
            self.test = "randomisation" if self.test == "t" else "t"
            self.load()

    def _show(self) -> None:
        if self.view is not None:
            self.grid.show(system_table(self.view, self.published, self.measure))

    def notes(self) -> list[list[Piece]]:
        """About the system under the cursor, and what is to be known of all."""
        view = self.view
        if view is None:
            return []
        about = notes.about_system(view, self.published, self.measure, self.grid.cursor)
        return [
            about,
            notes.legend(view),
            *notes.about_judgments(view),
            *notes.about_bounds(view, self.measure),
            *notes.notes(view),
        ]

    def make_room(self, height: int) -> None:
        """For so many lines, those below the table not counted."""
        rows = self.grid.places + HEAD
        self.plot.display = self.view is not None and height - rows >= PLOT_FROM
        self.grid.styles.height = rows + 1 if self.plot.display else "1fr"
