"""The views of the evaluation screen: one of eight places, the four plots of which have one widget."""

from __future__ import annotations

from collections.abc import Callable

from textual.widget import Widget
from textual.widgets import ContentSwitcher

from zsr_tui.api.evaluations import (
    PLOTS,
    CombinationsView,
    EvaluationItem,
    EvaluationView,
    MatrixView,
    ReadCombinations,
    ReadMatrix,
    ReadPlot,
)
from zsr_tui.client.protocol import EngineApi
from zsr_tui.domain import AnySource
from zsr_tui.ui.evaluation.combinations import combinations_lines, combinations_table
from zsr_tui.ui.evaluation.list import EvaluationList
from zsr_tui.ui.evaluation.matrix import matrix_lines, matrix_table
from zsr_tui.ui.evaluation.plot import PlotView
from zsr_tui.ui.evaluation.standing import Standing
from zsr_tui.ui.evaluation.table.view import SystemTable
from zsr_tui.ui.parts.asker import Asker
from zsr_tui.ui.parts.grid import Grid
from zsr_tui.ui.parts.pieces import Piece

LIST, TABLE, MATRIX, COMBINED = "list", "table", "matrix", "combinations"
VIEWS = {
    LIST: "Evaluations",
    TABLE: "Table",
    "size": "By size",
    "average": "Average",
    "depth": "Depth",
    MATRIX: "Matrix",
    "weights": "Weights",
    COMBINED: "Grid",
}
PLACES = tuple(VIEWS)


class EvaluationViews(ContentSwitcher):
    """`place` is the one of `VIEWS` that is shown. `table_came` is told the evaluation whose table was read,
    `lines_came` that what is said below a table may be other now."""

    DEFAULT_CSS = "EvaluationViews { height: 1fr; }"

    def __init__(
        self,
        engine: EngineApi,
        ask: Asker,
        table_came: Callable[[EvaluationItem], object],
        lines_came: Callable[[], object],
    ) -> None:
        self._ask, self._lines_came = ask, lines_came
        self.place = TABLE
        self.pair = 0  # of the plot of weights: goes round the fused pairs
        self._matrix_lines: list[list[Piece]] = []  # what its marks and averages mean
        self.list, self.table = EvaluationList(LIST), SystemTable(engine, ask, table_came, id=TABLE)
        self.plot, self.matrix = PlotView(ask, id="plot"), Grid(id=MATRIX)
        self.combinations = Grid(id=COMBINED)
        self._combined_lines: list[list[Piece]] = []  # what its marks mean
        self._combined: tuple[EvaluationView, ReadCombinations] | None = None  # what is shown, or was asked for
        super().__init__(self.list.grid, self.table, self.plot, self.matrix, self.combinations, initial=TABLE)

    @property
    def item(self) -> EvaluationItem | None:
        """The evaluation that keys are about: under the cursor of the list, else the one that is open."""
        return self.list.item if self.place == LIST else self.list.of(self.table.opened)

    def idle(self, now: Standing | None, busy: bool) -> list[str]:
        """Actions that do nothing at this moment, `now` being how far `item` is; `busy`: an evaluation is followed."""
        idle: list[str] = []
        if not busy:
            idle.append("pause")
        if not (busy or (now is not None and now.active)):
            idle.append("stop")
        if busy or now is None or now.state == "complete":
            idle.append("resume")
        if self.place != "weights" or now is None:
            idle.append("pair")
        if now is None:
            idle += ["report", "about", "axioms", "delete", "measure", "own"]
        if self.place != TABLE or now is None:
            idle += ["baseline", "test"]
        if self.place not in (LIST, TABLE) or not self.list.items:
            idle.append("open")
        return idle

    def go(self, place: str) -> None:
        self.place = place
        self.current = "plot" if place in PLOTS else place
        self.plot.say([])
        shown: dict[str, Widget] = {
            LIST: self.list.grid,
            TABLE: self.table.grid,
            MATRIX: self.matrix,
            COMBINED: self.combinations,
        }
        shown.get(place, self.plot).focus()
        self.read_matrix()

    def next_measure(self) -> None:
        self.table.next_measure()
        self.read_matrix()

    def toggle_own(self) -> None:
        """Own judgments count in the table, the plots and the matrix, or they do not."""
        if self.table.view is not None:
            self.table.toggle_own()
            self.read_matrix()

    def choose_counting(self) -> None:
        """Which judgments count, of all unions."""
        from zsr_tui.ui.parts.judging.counting import choose

        if self.table.view is not None:
            choose(self.screen, self.table.counting, self.table.view.judgments, self._count, self.table.standing)

    def _count(self, sources: tuple[AnySource, ...]) -> None:
        self.table.count(sources)
        self.read_matrix()

    def read_matrix(self) -> None:
        """Where it is shown: of the measure that the table is about."""
        if self.place == MATRIX:
            self._matrix_lines = []
            measure = self.table.measure or "nDCG@10"
            self._ask("matrix", ReadMatrix(measure=measure, counting=self.table.counting), self._matrix_read)

    def _matrix_read(self, view: MatrixView) -> None:
        if view.systems:
            self.matrix.show(matrix_table(view))
            self._matrix_lines = matrix_lines(view)
        else:
            said = f"  No complete evaluation of all queries of a dataset has {view.measure}."
            self.matrix.say([[], [(said, "muted")]])
        self._lines_came()

    def notes(self) -> list[list[Piece]]:
        """What stands below the view."""
        if self.place == COMBINED:
            return self._combined_lines
        return self.table.notes() if self.place == TABLE else self._matrix_lines if self.place == MATRIX else []

    @property
    def shown_plot(self) -> PlotView:
        return self.table.plot if self.place == TABLE else self.plot

    def show_combinations(self, nothing: list[list[Piece]]) -> None:
        """Of the evaluation that is open, where they are looked at."""
        view = self.table.view
        if self.place != COMBINED:
            return
        if view is None:
            self._combined, self._combined_lines = None, []
            self.combinations.say(nothing)
            return
        question = ReadCombinations(id=self.table.asked, measure=self.table.measure, test=self.table.test)
        if self._combined != (view, question):
            self._combined = (view, question)
            self._ask(COMBINED, question, self._combinations_read)

    def _combinations_read(self, found: CombinationsView | None) -> None:
        self._combined_lines = combinations_lines() if found is not None else []
        if found is not None:
            self.combinations.show(combinations_table(found))
        else:
            self.combinations.say([[], [("  None of these systems ends with a reranker.", "muted")]])
        self._lines_came()

    def show_plot(self, nothing: list[list[Piece]]) -> None:
        """`nothing` is said where no evaluation is stored."""
        view, name = self.table.view, "size" if self.place == TABLE else self.place
        if name not in PLOTS or (self.place == TABLE and not self.table.plot.display):
            return
        if view is not None and not self.table.has_figures:
            self.shown_plot.say([[], [("  No query is done yet.", "muted")]])
        elif view is not None:
            pair = self.pair if name == "weights" else 0
            question = ReadPlot(id=self.table.asked, name=name, measure=self.table.measure, pair=pair)
            self.shown_plot.look_at(view, question)
        elif self.table.opened or self.list.items:
            self.plot.say([[], [("  Open an evaluation first.", "muted")]])
        else:
            self.plot.say(nothing if self.list.items is not None else [])
