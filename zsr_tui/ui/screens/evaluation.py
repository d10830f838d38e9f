"""The evaluation screen: the stored evaluations, the table of one, its plots, and systems across datasets."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec
from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from zsr_tui.api.evaluation_figures import PLOTS, PublishedFigure
from zsr_tui.api.evaluations import EvaluationItem, EvaluationView
from zsr_tui.text import printable
from zsr_tui.ui import failures
from zsr_tui.ui.evaluation_job import EvaluationChanged, EvaluationWatch
from zsr_tui.ui.keybar import HasActions, KeyBar
from zsr_tui.ui.keys import key_display
from zsr_tui.ui.screens.evaluation_messages import (
    Deleted,
    EvaluationAsked,
    ItemsRead,
    MatrixRead,
    PlotRead,
    QueriesWanted,
    Resumable,
    Said,
    TableRead,
)
from zsr_tui.ui.screens.evaluation_work import EvaluationWork
from zsr_tui.ui.starting import StartedEngine
from zsr_tui.ui.widgets import evaluation_words as words
from zsr_tui.ui.widgets.bar import Bar
from zsr_tui.ui.widgets.evaluation_columns import TESTS, evaluation_list, matrix_table, system_table
from zsr_tui.ui.widgets.evaluation_grid import HEAD, Grid
from zsr_tui.ui.widgets.evaluation_lines import Lines
from zsr_tui.ui.widgets.evaluation_plot import PlotScreen, PlotView
from zsr_tui.ui.widgets.evaluation_tabs import ViewTabs

VIEWS = (
    ("list", "Evaluations"),
    ("table", "Table"),
    ("size", "By size"),
    ("average", "Average"),
    ("depth", "Depth"),
    ("matrix", "Matrix"),
)
RELOAD = 4.0  # seconds between two looks at the table of an evaluation that runs
SHORT = 30  # lines below which nothing is spent on space
PLOT_FROM = 10  # lines that are left below the table from which the plot by size is shown there


class EvaluationOverviewScreen(PlotScreen):
    """What the keys do is in `zsr_tui.ui.actions`; its handlers are the public methods here."""

    PLACE = "evaluation"
    AUTO_FOCUS = ""
    CSS_PATH = "evaluation.tcss"

    def __init__(self, engine: StartedEngine, watch: EvaluationWatch, dataset: str, systems: tuple[str, ...]) -> None:
        super().__init__()
        self._engine, self._watch = engine, watch
        self._dataset, self._systems = dataset, systems
        self._ask = EvaluationWork(engine, watch, self.post_message)
        self._items: list[EvaluationItem] | None = None
        self._open_id = ""  # of the evaluation that is open
        self._view: EvaluationView | None = None
        self._published: list[PublishedFigure] = []
        self._measure, self._test, self._baseline = "", "t", 0
        self._place = "table"
        self._followed = ""  # the evaluation that the table followed by itself
        self._loaded = 0.0  # when the table was asked for
        self.title_line, self.job_line = Bar(id="status"), Bar(id="job")
        self.tabs = ViewTabs(tuple(label for _, label in VIEWS), id="views")
        self.list, self.table, self.matrix = Grid(id="list"), Grid(id="table"), Grid(id="matrix")
        self.plot = PlotView(id="plot")
        self.lines = Lines(id="notes")
        self.notice = Static(markup=False, id="notice")

    def compose(self) -> ComposeResult:
        yield self.title_line
        yield self.job_line
        yield self.notice
        yield self.tabs
        yield from (self.list, self.table, self.plot, self.matrix)
        yield self.lines
        yield KeyBar()

    def on_mount(self) -> None:
        self.notice.display = False
        self.table.say([[], [("  asking the engine ...", "muted")]])
        self._go("table")
        self.job_line.display = False
        if self._watch.busy:
            self._show_job()
        self._work("items", self._ask.items)

    # what the keys do

    def show_view(self, number: int) -> None:
        """`number` counts from 1."""
        self._go(VIEWS[number - 1][0])

    def next_view(self) -> None:
        self.show_view(self._number % len(VIEWS) + 1)

    def previous_view(self) -> None:
        self.show_view((self._number - 2) % len(VIEWS) + 1)

    def new_evaluation(self) -> None:
        from zsr_tui.ui.screens.evaluation_start import EvaluationStartScreen

        screen = EvaluationStartScreen(self._engine, self._watch, self._dataset, self._systems)
        if isinstance(self.app, HasActions):
            self.app.keys.install(screen, screen.PLACE)
        self.app.push_screen(screen)

    def open_row(self) -> None:
        """An evaluation of the list; the queries behind a system of the table."""
        if self._place == "list" and self._items:
            self._open(self._items[self.list.cursor].id)
            self._go("table")
        elif self._place == "table" and self._view is not None:
            system = self.table.cursor
            self.open_queries(self._open_id, system, self._measure, self._baseline)

    def open_queries(self, evaluation_id: str, system: int, measure: str, baseline: int) -> None:
        """From the average to the queries: the application opens their screen."""
        self.post_message(QueriesWanted(evaluation_id, system, measure, baseline))

    def next_measure(self) -> None:
        if self._view is not None:
            measures = self._view.item.measures
            self._measure = measures[(measures.index(self._measure) + 1) % len(measures)]
            self._show_table()
            self._show_place()

    def choose_baseline(self) -> None:
        if self._view is None or self._place != "table":
            self._tell("Go to a system of the table to make it the baseline.")
        elif self.table.cursor == self._baseline:
            self._tell("This system is the baseline already.")
        else:
            self._baseline = self.table.cursor
            self._load_table()

    def next_test(self) -> None:
        """The other test of significance."""
        if self._view is not None:
            names = list(TESTS)
            self._test = names[(names.index(self._test) + 1) % len(names)]
            self._load_table()

    def pause_job(self) -> None:
        if self._watch.busy:
            self._work("pause", self._ask.pause)
        else:
            self._tell("No evaluation is running.")

    def stop_job(self) -> None:
        item = self._item()
        if self._watch.busy:
            self._work("stop", self._ask.stop)
        elif item is not None and item.state in ("running", "paused"):
            self._work("stop", self._ask.stop, item.id)
        else:
            self._tell("No evaluation is running.")

    def resume_evaluation(self) -> None:
        """Go on with one that was stopped, or follow one that the engine runs already."""
        item = self._item()
        if item is None:
            self._tell("There is no evaluation to go on with.")
        elif self._watch.busy:
            self._tell("An evaluation is running: stop it first, or wait.")
        elif item.state == "complete":
            self._tell("This evaluation is complete.")
        else:
            self._work("resume", self._ask.resume, item.id)

    def export_report(self) -> None:
        from zsr_tui.ui.screens.evaluation_report import ReportPathScreen

        item = self._item()
        if item is None:
            self._tell("There is no evaluation to write a report of.")
            return

        def chosen(path: str | None) -> None:
            if path is not None:
                self._say("Writing the report ...")
                baseline = self._baseline if item.id == self._open_id else 0
                measure = self._measure if item.id == self._open_id else ""
                self._work("report", self._ask.report, item.id, path, baseline, self._test, measure)

        name = printable(item.dataset).replace("/", "-")
        self.app.push_screen(ReportPathScreen(f"{name}.html"), chosen)

    def delete_evaluation(self) -> None:
        from zsr_tui.ui.screens.confirm import ConfirmScreen

        item = self._item()
        if item is None:
            self._tell("There is no evaluation to delete.")
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._work("delete", self._ask.delete, item.id)

        about = f"{item.dataset}: {', '.join(item.systems)}; {item.done:,} of {item.queries:,} queries."
        self.app.push_screen(
            ConfirmScreen("Delete this evaluation?", (about, "It cannot be brought back."), "Delete", "Keep"), answered
        )

    def about_evaluation(self) -> None:
        from zsr_tui.ui.screens.evaluation_about import AboutEvaluationScreen

        if self._view is None:
            self._tell("No evaluation is open.")
        else:
            self.app.push_screen(AboutEvaluationScreen(self._view))

    def leave(self) -> None:
        self.dismiss(None)

    # from the engine

    def on_items_read(self, message: ItemsRead) -> None:
        message.stop()
        self._items = message.items
        job = self._watch.job
        known = {item.id for item in message.items}
        if self._open_id not in known:
            self._open_id, self._view = "", None
        if not self._open_id:
            running = job.id if job is not None and job.active and job.id in known else ""
            here = next((item.id for item in message.items if item.dataset == self._dataset), "")
            if running or here:
                self._open(running or here)
            elif message.items and self._place == "table":
                self._go("list")
        self._show_items()
        self._show_title()

    def on_table_read(self, message: TableRead) -> None:
        message.stop()
        view = message.view
        if view.item.id != self._open_id:
            return
        self._say("")
        self._view, self._published = view, message.published
        self._baseline, self._test = view.baseline, view.test
        if self._measure not in view.item.measures:
            self._measure = view.item.measures[0]
        self._show_table()
        self._show_place()

    def on_plot_read(self, message: PlotRead) -> None:
        message.stop()
        if (message.name, message.measure) != (self._plot_name, self._measure):
            return
        if message.problem:
            self.plot.say([[], [(f"  {printable(message.problem)}", "warning")]])
        else:
            self.plot.show(message.drawn)

    def on_matrix_read(self, message: MatrixRead) -> None:
        message.stop()
        view = message.matrix
        if not view.systems:
            said = f"  No complete evaluation of all queries of a dataset has {view.measure}."
            self.matrix.say([[], [(said, "muted")]])
            return
        self.matrix.show(matrix_table(view))
        if self._place == "matrix":
            said = "* best of the column; the average is over the datasets that every system has"
            if view.in_domain:
                tau = "–" if view.correlation is None else f"{view.correlation:+.2f}"
                said = f"{said} · in-domain ({view.in_domain}) against zero-shot order: Kendall's τ {tau}"
            self._show_lines([[(said, "muted")]])

    def on_resumable(self, message: Resumable) -> None:
        message.stop()
        request = msgspec.structs.replace(message.request, id=secrets.token_hex(8), background=True, per_query=False)
        self.post_message(EvaluationAsked(request))

    def on_deleted(self, message: Deleted) -> None:
        message.stop()
        self._tell("The evaluation is deleted.")
        self._work("items", self._ask.items)

    def on_said(self, message: Said) -> None:
        message.stop()
        if not message.problem:
            self._say("")
            self.notify(message.sentence, timeout=10, markup=False)
            return
        self._say(message.sentence)
        if message.kind in ("items", "table") and self._view is None:
            self.table.say([])
        elif message.kind == "matrix":
            self.matrix.say([])

    def on_evaluation_changed(self, message: EvaluationChanged) -> None:
        message.stop()
        job = message.job
        self._show_job()
        if job.id and job.id != self._followed:
            self._followed = job.id
            self._open(job.id)
            self._go("table")
            self._work("items", self._ask.items)
        elif not job.active:
            self._followed = ""
            self._work("items", self._ask.items)
            if job.id == self._open_id and job.id:
                self._load_table()
        elif job.id == self._open_id and time.monotonic() - self._loaded > RELOAD:
            self._load_table()

    # what is shown

    @property
    def _number(self) -> int:
        return next(number for number, (name, _) in enumerate(VIEWS, 1) if name == self._place)

    def _item(self) -> EvaluationItem | None:
        """The evaluation that keys are about: under the cursor of the list, else the one that is open."""
        items = self._items or []
        if self._place == "list":
            return items[self.list.cursor] if self.list.cursor < len(items) else None
        return next((item for item in items if item.id == self._open_id), None)

    def _open(self, evaluation: str) -> None:
        if evaluation != self._open_id:
            self._open_id, self._view, self._baseline = evaluation, None, 0
            self.table.say([[], [("  reading the evaluation ...", "muted")]])
        self._load_table()

    def _load_table(self) -> None:
        self._loaded = time.monotonic()
        self._work("table", self._ask.table, self._open_id, self._baseline, self._test)

    def _go(self, place: str) -> None:
        self._place = place
        self.tabs.choose(self._number)
        shown: dict[str, Widget] = {"list": self.list, "table": self.table, "matrix": self.matrix}
        active = shown.get(place, self.plot)
        for widget in shown.values():
            widget.display = widget is active
        self.plot.say([])
        active.focus()
        self._show_place()

    def _show_place(self) -> None:
        """What the view needs beside the table."""
        self._show_title()
        self._arrange()
        if self._place == "table":
            self._show_about_system()
            self._ask_plot()
        elif self._place == "matrix":
            self._show_lines([])
            self._work("matrix", self._ask.matrix, self._measure or "nDCG@10")
        elif self._place in PLOTS:
            self._show_lines([])
            self._ask_plot()
        else:
            self._show_lines([])

    def _arrange(self) -> None:
        """The plot by size stands below the table where there is room for it."""
        rows = self.table.rows + HEAD
        room = self.size.height - rows - len(self.lines.text.splitlines()) - 7
        below = self._place == "table" and self._view is not None and room >= PLOT_FROM
        self.table.styles.height = rows + 1 if below else "1fr"
        self.plot.display = below or self._place in PLOTS

    @property
    def _plot_name(self) -> str:
        return "size" if self._place == "table" else self._place

    def _ask_plot(self) -> None:
        width, height = self.plot.size
        if not self.plot.display:
            return
        if self._view is None:
            self.plot.say([[], [("  Open an evaluation first.", "muted")]])
        elif width and height:
            self._work("plot", self._ask.plot, self._open_id, self._plot_name, self._measure, width, height)

    @on(PlotView.Resized)
    def _plot_resized(self, event: PlotView.Resized) -> None:
        event.stop()
        self._ask_plot()

    @on(Grid.CursorMoved)
    def _cursor_moved(self, event: Grid.CursorMoved) -> None:
        event.stop()
        if event.grid is self.table:
            self._show_about_system()
        elif event.grid is self.list:
            self._show_title()

    @on(Grid.Opened)
    def _row_opened(self, event: Grid.Opened) -> None:
        event.stop()
        self.open_row()

    @on(ViewTabs.Chosen)
    def _tab_chosen(self, event: ViewTabs.Chosen) -> None:
        event.stop()
        self.show_view(event.number)

    def _show_items(self) -> None:
        if self._items:
            ids = [item.id for item in self._items]
            self.list.show(
                evaluation_list(self._items), cursor=ids.index(self._open_id) if self._open_id in ids else None
            )
        else:
            nothing = words.empty(self._dataset, self._systems, self._key("evaluation_new"))
            self.list.say(nothing)
        if not self._open_id:
            self.table.say(words.empty(self._dataset, self._systems, self._key("evaluation_new")))

    def _show_table(self) -> None:
        if self._view is not None:
            self.table.show(system_table(self._view, self._published, self._measure))

    def _show_about_system(self) -> None:
        view = self._view
        if view is None or self._place != "table":
            self._show_lines([])
            return
        about = words.about_system(view, self._published, self._measure, self.table.cursor)
        self._show_lines([about, words.legend(view), *words.notes(view)])

    def _show_lines(self, lines: list[Any]) -> None:
        self.lines.show(lines, 5 if self.size.height < SHORT else 12, self._key("evaluation_about"))

    def _show_title(self) -> None:
        item = self._item()
        right = []
        if self._measure:
            right = [(f"{self._measure} · {TESTS[self._test]} ", "muted")]
        self.title_line.show(words.title(item, self._dataset), right)

    def _show_job(self) -> None:
        job = self._watch.job
        self.job_line.display = job is not None
        if job is not None:
            pause, stop = self._key("evaluation_pause"), self._key("evaluation_stop")
            self.job_line.show(words.job_line(job, pause, stop))

    def _key(self, action: str) -> str:
        return key_display(self.app.keys[action].keys[0]) if isinstance(self.app, HasActions) else ""

    def _tell(self, sentence: str) -> None:
        """Something to know for a moment."""
        self.notify(sentence, timeout=4, markup=False)

    def _say(self, sentence: str) -> None:
        """A line that stays until it is mended."""
        self.notice.display = bool(sentence)
        self.notice.update(Content(printable(sentence)))

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(self.size.height < SHORT, "short")
        self._show_place()

    def _work(self, group: str, work: Callable[..., Coroutine[Any, Any, None]], *arguments: object) -> None:
        """One worker of a group at a time: a new one cancels the one before."""

        async def run() -> None:  # not a coroutine: a worker that is cancelled early would never await it
            await work(*arguments)

        _: Worker[None] = self.run_worker(run, group=group, exclusive=True, exit_on_error=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self._say(failures.sentence(event.worker.error))
