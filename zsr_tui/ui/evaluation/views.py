"""The views of the evaluation screen: the stored evaluations, the table of one, its plots, the matrix of datasets."""

from __future__ import annotations

import textwrap
import time
from typing import Any

from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from zsr_tui.api.evaluations import PLOTS, EvaluationItem, EvaluationView, PublishedFigure
from zsr_tui.text import one_line, printable
from zsr_tui.ui.evaluation import notes as words
from zsr_tui.ui.evaluation.columns import TESTS, evaluation_list, matrix_table, system_table
from zsr_tui.ui.evaluation.messages import ItemsRead, MatrixRead, PlotRead, Said, TableRead
from zsr_tui.ui.evaluation.plot import PlotScreen, PlotView
from zsr_tui.ui.evaluation.running import EvaluationWatch
from zsr_tui.ui.evaluation.state import Standing, standing
from zsr_tui.ui.evaluation.work import EvaluationWork
from zsr_tui.ui.keys.bar import KeyBar
from zsr_tui.ui.parts.bar import Bar
from zsr_tui.ui.parts.engine import StartedEngine
from zsr_tui.ui.parts.grid import HEAD, Grid
from zsr_tui.ui.parts.lines import Lines
from zsr_tui.ui.parts.pieces import Piece
from zsr_tui.ui.parts.view_tabs import ViewTabs

VIEWS = (
    ("list", "Evaluations"),
    ("table", "Table"),
    ("size", "By size"),
    ("average", "Average"),
    ("depth", "Depth"),
    ("matrix", "Matrix"),
)
SHORT = 30  # lines below which nothing is spent on space
PLOT_FROM = 10  # lines that are left below the table from which the plot by size is shown there


class EvaluationViews(PlotScreen):
    """One of `VIEWS` at a time; the plot by size below the table where there is room for it."""

    AUTO_FOCUS = ""
    CSS_PATH = "screen.tcss"

    def __init__(self, engine: StartedEngine, watch: EvaluationWatch, dataset: str, systems: tuple[str, ...]) -> None:
        super().__init__()
        self._engine, self._watch = engine, watch
        self._dataset, self._systems = dataset, systems
        self._ask = EvaluationWork(engine, watch, self.post_message)
        self._items: list[EvaluationItem] | None = None
        self._under = ""  # the evaluation under the cursor of the list
        self._open_id = ""  # of the evaluation that is open
        self._view: EvaluationView | None = None
        self._published: list[PublishedFigure] = []
        self._measure, self._test, self._baseline = "", "t", 0
        self._place = "table"
        self._loaded = 0.0  # when the table was asked for
        self._computing = False
        self.title_line, self.job_lines = Bar(id="status"), Lines(id="job")
        self.tabs = ViewTabs(tuple(label for _, label in VIEWS), id="views")
        self.list, self.table, self.matrix = Grid(id="list"), Grid(id="table"), Grid(id="matrix")
        self.plot = PlotView(id="plot")
        self.lines = Lines(id="notes")
        self.notice = Static(markup=False, id="notice")

    def compose(self) -> ComposeResult:
        yield self.title_line
        yield self.job_lines
        yield self.notice
        yield self.tabs
        yield from (self.list, self.table, self.plot, self.matrix)
        yield self.lines
        yield KeyBar()

    def on_mount(self) -> None:
        self.notice.display = False
        self.table.say([[], [("  asking the engine ...", "muted")]])
        self._go("table")
        if self._watch.busy:
            self._show_job()
        self.ask("items", self._ask.items)

    # from the engine

    def on_items_read(self, message: ItemsRead) -> None:
        message.stop()
        self._items = message.items
        job = self._watch.job
        known = {item.id for item in message.items}
        if self._open_id not in known:
            self._close()
        if not self._open_id:
            running = job.id if job is not None and job.active and job.id in known else ""
            here = next((item.id for item in message.items if item.dataset == self._dataset), "")
            if running or here:
                self._open(running or here)
            elif message.items and self._place == "table":
                self._go("list")
            else:
                self._show_place()
        self._show_items()
        self._show_title()

    def on_table_read(self, message: TableRead) -> None:
        message.stop()
        view = message.view
        if view.item.id != self._open_id:
            return
        self._say("")
        self._computing = False
        self._items = [view.item if item.id == view.item.id else item for item in self._items or [view.item]]
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
        if message.plot is None:
            lines = textwrap.wrap(one_line(message.problem), max(20, self.plot.size.width - 4))
            self.plot.say([[], *([(f"  {line}", "warning")] for line in lines)])
        else:
            self.plot.show(message.plot, self._plotted)

    def on_matrix_read(self, message: MatrixRead) -> None:
        message.stop()
        view = message.matrix
        if not view.systems:
            said = f"  No complete evaluation of all queries of a dataset has {view.measure}."
            self.matrix.say([[], [(said, "muted")]])
            return
        self.matrix.show(matrix_table(view))
        if self._place == "matrix":
            self._show_lines(words.matrix_lines(view))

    def on_said(self, message: Said) -> None:
        message.stop()
        self._say(message.sentence)
        if message.kind == "table":
            self._computing = False
            if self._view is not None:  # what is shown stays
                self._baseline, self._test = self._view.baseline, self._view.test
            self._show_title()
        if message.kind in ("items", "table") and self._view is None:
            self.table.say([])
        elif message.kind == "matrix":
            self.matrix.say([])

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

    def _standing(self, item: EvaluationItem | None) -> Standing | None:
        return None if item is None else standing(item, self._watch.job)

    def _open(self, evaluation: str) -> None:
        if evaluation != self._open_id:
            self._open_id, self._view, self._baseline = evaluation, None, 0
            self.table.say([[], [("  reading the evaluation ...", "muted")]])
        self._load_table()

    def _close(self) -> None:
        """No evaluation is open: nothing is left on the screen of one that was."""
        self._open_id, self._view, self._published = "", None, []
        self._measure, self._baseline, self._computing = "", 0, False
        self.workers.cancel_group(self, "table")
        self.plot.say([])

    def _load_table(self) -> None:
        self._loaded = time.monotonic()
        self._computing = True
        self._show_title()
        self.ask("table", self._ask.table, self._open_id, self._baseline, self._test)

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
            self.ask("matrix", self._ask.matrix, self._measure or "nDCG@10")
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
        if not self.plot.display or self.plot.of == self._plotted:
            return
        if self._view is None and not self._open_id and not self._items:
            self.plot.say(self._nothing() if self._items is not None else [])
        elif self._view is None:
            self.plot.say([[], [("  Open an evaluation first.", "muted")]])
        else:
            self.ask("plot", self._ask.plot, self._open_id, self._plot_name, self._measure)

    @property
    def _plotted(self) -> tuple[EvaluationView | None, str, str]:
        """What the plot is to be of."""
        return self._view, self._plot_name, self._measure

    @on(Grid.CursorMoved)
    def _cursor_moved(self, event: Grid.CursorMoved) -> None:
        event.stop()
        if event.grid is self.table:
            self._show_about_system()
        elif event.grid is self.list:
            self._note_cursor()
            self._show_title()

    def _show_items(self) -> None:
        """The cursor of the list goes to the evaluation that is open; while one is being chosen it stays on its own,
        or in its place if that is gone."""
        ids = [item.id for item in self._items or []]
        wanted = self._under if self._place == "list" and self._under else self._open_id
        self._show_list(ids.index(wanted) if wanted in ids else None)
        self._note_cursor()
        if not self._items:
            self.list.say(self._nothing())
        if not self._open_id:
            self.table.say(self._nothing())

    def _note_cursor(self) -> None:
        items = self._items or []
        self._under = items[self.list.cursor].id if self.list.cursor < len(items) else ""

    def _show_list(self, cursor: int | None = None) -> None:
        if self._items:
            self.list.show(evaluation_list(self._items, self._watch.job), cursor=cursor)

    def _nothing(self) -> list[list[Piece]]:
        """What to do where no evaluation is open."""
        return words.empty(self._dataset, self._systems, self.key_of("evaluation_new"), len(self._items or []))

    def _show_table(self) -> None:
        if self._view is not None:
            self.table.show(system_table(self._view, self._published, self._measure))

    def _show_about_system(self) -> None:
        view = self._view
        if view is None or self._place != "table":
            self._show_lines([])
            return
        about = words.about_system(view, self._published, self._measure, self.table.cursor)
        self._show_lines([about, words.legend(view), *words.about_bounds(view, self._measure), *words.notes(view)])

    def _show_lines(self, lines: list[Any]) -> None:
        self.lines.show(lines, 5 if self.size.height < SHORT else 12, self.key_of("evaluation_about"))

    def _show_title(self) -> None:
        item = self._item()
        right: list[Piece] = [(f"{self._measure} · {TESTS[self._test]} ", "muted")] if self._measure else []
        if self._computing:
            right = [("computing ", "bar")]
        self.title_line.show(words.title(item, self._dataset, self._watch.job), right)
        if self._watch.busy:
            self._show_job()
        self.refresh_bindings()  # the key bar names what can be done with it

    def _show_job(self) -> None:
        job = self._watch.job
        if job is not None:
            pause, stop = self.key_of("evaluation_pause"), self.key_of("evaluation_stop")
            item = self._item()
            other = item is not None and item.id != job.id
            self.job_lines.show(words.job_lines(job, pause, stop, other), 2, "")
            self.refresh_bindings()

    def _say(self, sentence: str) -> None:
        """A line that stays until it is mended."""
        self.notice.display = bool(sentence)
        self.notice.update(Content(printable(sentence)))

    def on_resize(self, event: events.Resize) -> None:
        self._show_place()

    def show_problem(self, sentence: str, group: str) -> None:
        self._say(sentence)
