"""The documents of the query under the cursor: their paths through the stages, their picture, and Compare."""

from __future__ import annotations

from textual import on
from textual.timer import Timer

from zsr_tui.api.evaluations import EvaluationItem
from zsr_tui.api.queries import FateView, QueryRow, StageLossesView
from zsr_tui.text import one_line
from zsr_tui.ui.parts.engine import StartedEngine
from zsr_tui.ui.parts.messages import CompareWanted
from zsr_tui.ui.parts.pieces import Piece
from zsr_tui.ui.queries.asked import Shown
from zsr_tui.ui.queries.base import PerQueryScreen
from zsr_tui.ui.queries.comparison import comparison
from zsr_tui.ui.queries.documents.paths import DocumentPaths, paths
from zsr_tui.ui.queries.documents.scatter import ScatterPlot
from zsr_tui.ui.queries.scatter import QueryScatter
from zsr_tui.ui.queries.table.columns import name_of
from zsr_tui.ui.queries.table.view import QueryTable
from zsr_tui.ui.queries.work import FatesCame, LossesCame, ScatterCame, ToOpen

SETTLED = 0.12  # seconds that the cursor rests on a query before its documents are asked for


class QueryDocumentsScreen(PerQueryScreen):
    """Has the table of queries, whose cursor says which one is meant."""

    def __init__(self, engine: StartedEngine, shown: Shown, item: EvaluationItem | None) -> None:
        super().__init__(engine, shown, item)
        self.table = QueryTable()
        self.plot = ScatterPlot()
        self.paths = DocumentPaths()
        self._fates: tuple[int, list[FateView]] | None = None
        self._losses: StageLossesView | None = None
        self._losses_asked: tuple[int, str, int, int] | None = None
        self._settle: Timer | None = None

    def open_query(self) -> None:
        """The query under the cursor in Compare, and the document where one is chosen."""
        row, path, point = self.table.row, self.paths.path, self.plot.point
        if row is None:
            self.tell("There is no query under the cursor.")
        elif self.plot.has_focus and point is not None:
            self._open(row, point.doc_id, point.rank)
        elif self.paths.has_focus and path is not None:
            self._open(row, path.fate.doc_id, path.fate.final)
        elif self.shown.outcome:
            self.ask("open", self.work.first_of, row, self.shown.system, self.shown.outcome)
        else:
            self._open(row, None, None)

    def on_to_open(self, message: ToOpen) -> None:
        message.stop()
        self._open(message.row, message.doc_id, message.rank)

    def _open(self, row: QueryRow, doc_id: str | None, rank: int | None) -> None:
        if self.item is None:
            return
        wanted = comparison(self.item, row, self.shown.system, self.shown.baseline, doc_id, rank)
        if wanted is None:
            self.tell("The evaluation holds run files only: there is no system that could be asked again.")
        else:
            self.post_message(CompareWanted(wanted))

    @on(QueryTable.Opened)
    @on(QueryScatter.Opened)
    @on(ScatterPlot.Opened)
    @on(DocumentPaths.Opened)
    def _double_clicked(self) -> None:
        self.open_query()

    def _at(self, row: QueryRow | None) -> None:
        """The cursor is on another query."""

    def on_query_table_cursor_moved(self, message: QueryTable.CursorMoved) -> None:
        message.stop()
        row = message.row
        self._at(row)
        if self._settle is not None:
            self._settle.stop()
            self._settle = None
        if row is None or (self._fates is not None and self._fates[0] == row.query):
            self._show_paths()
        elif self.paths.display:
            self._settle = self.set_timer(SETTLED, self._settled)

    def _settled(self) -> None:
        self._settle = None
        row = self.table.row
        if row is not None and self.paths.display:
            self.ask("fates", self.work.fates, row.query)
            self._ask_losses(row)

    def _ask_losses(self, row: QueryRow) -> None:
        self._losses_asked = self._compared(row)
        self.ask("losses", self.work.losses, row.query, self.shown)

    def _compared(self, row: QueryRow) -> tuple[int, str, int, int]:
        return row.query, self.shown.measure, self.shown.system, self.shown.baseline

    def on_losses_came(self, message: LossesCame) -> None:
        message.stop()
        self._answered("losses")
        self._losses = message.losses
        self._show_paths()

    def _losses_of(self, row: QueryRow) -> StageLossesView | None:
        """Of what is shown, once it is known; asked for, once, where it is not."""
        found, wanted = self._losses, self._compared(row)
        if found is not None and (found.query, found.measure, found.system, found.baseline) == wanted:
            return found
        if self._losses_asked != wanted:
            self._ask_losses(row)
        return None

    def on_fates_came(self, message: FatesCame) -> None:
        message.stop()
        self._answered("fates")
        self._fates = (message.query, list(message.fates))
        self._show_paths()

    def _show_paths(self) -> None:
        if not self.paths.display:
            return
        row, look = self.table.row, self.shown.look(self.item)
        if row is None:
            self.paths.show((), ())
            return
        head: list[Piece] = [
            (" Relevant documents of ", "muted"),
            (one_line(row.qid), "strong"),
            (" in ", "muted"),
            (name_of(look.system, look), "reference"),
        ]
        if self._fates is None or self._fates[0] != row.query:
            self.paths.show(head, (), placeholder="…")
            return
        found = paths(self._fates[1], self.shown.system, self.shown.outcome)
        nothing = "Nothing is judged relevant." if row.relevant == 0 else "The system has not run this query."
        self.paths.show(head, found, self._losses_of(row), nothing)

    def _ask_scatter(self) -> None:
        row = self.table.row
        self.plot.show((), "", "", "Reading the rankings ..." if row else "There is no query under the cursor.")
        if row is not None:
            self.ask("scatter", self.work.scatter, row.query, self.shown.system, self.shown.baseline)
            self._show_query_line(row)

    def _show_query_line(self, row: QueryRow) -> None:
        self._show_names(f"{one_line(row.qid)} · {one_line(row.text)}"[: max(20, self.size.width // 2)])

    def on_scatter_came(self, message: ScatterCame) -> None:
        message.stop()
        self._answered("scatter")
        row, look, scatter = self.table.row, self.shown.look(self.item), message.scatter
        if row is not None and (scatter.query, scatter.system, scatter.baseline) == (
            row.query,
            self.shown.system,
            self.shown.baseline,
        ):
            names = name_of(look.system, look), name_of(look.baseline, look)
            self.plot.show(scatter.points, *names, "Neither of the two systems has run this query.")

    def toggle_axis(self) -> None:
        if self.plot.display:
            self.plot.show_by("score" if self.plot.by == "rank" else "rank")
        else:
            self.tell("The axes are those of the documents' picture: 4 shows it.")
