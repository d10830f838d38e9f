"""The relevant documents of the query under the cursor: what became of each, and the stage at fault of the query."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer

from zsr_tui.api.queries import FateView, QueryRow, ReadFates, ReadLosses, StageLossesView
from zsr_tui.text import one_line
from zsr_tui.ui.keys.table.judging import HIGHEST
from zsr_tui.ui.parts.cursor_view import CursorView
from zsr_tui.ui.parts.pieces import Piece, crop
from zsr_tui.ui.queries.asker import EvaluationAsker
from zsr_tui.ui.queries.choice import QueryChoice
from zsr_tui.ui.queries.documents.judging import PathJudging
from zsr_tui.ui.queries.documents.paths import Path, PathColumns, paths
from zsr_tui.ui.queries.documents.verdict import line_count, verdict_lines
from zsr_tui.ui.queries.table.columns import name_of
from zsr_tui.ui.timers import once

SETTLED = 0.12  # seconds that the cursor rests on a query before its documents are asked for


class DocumentPaths(CursorView):
    """A line for each document, lines above them that say whose they are and which stage is at fault."""

    HELP = (
        "These documents\n"
        "Above, the measure after each stage, and the stage at fault; below, what became of each relevant "
        "document, with its rank in every stage. Enter opens the query at the document. 0 to 3 judge the document "
        "under the cursor, x clears, U takes the last judgment back."
    )
    DEFAULT_CSS = "DocumentPaths { height: 10; }"
    BINDINGS: ClassVar[list[BindingType]] = [  # while it has the focus; elsewhere digits show another view
        *(Binding(str(grade), f"judge({grade})", f"Judge {grade}", show=False) for grade in range(HIGHEST + 1)),
        Binding("x", "judge(-1)", "Clear the judgment", show=False),
        Binding("U", "take_back", "Take the last judgment back", show=False),
    ]

    class Judged(Message):
        """The user has judged, cleared or taken back."""

    def __init__(self, ask: EvaluationAsker, judging: Callable[[Callable[[bool], object]], PathJudging]) -> None:
        """`judging` makes what judges, given what it calls after a change."""
        super().__init__()
        self._ask = ask
        self._judging = judging(self._judged)
        self._choice: QueryChoice | None = None
        self._row: QueryRow | None = None
        self._settle: Timer | None = None
        self._fates: tuple[int, Sequence[FateView]] | None = None  # of a query
        self._losses: tuple[ReadLosses, StageLossesView] | None = None
        self._losses_asked: ReadLosses | None = None
        # what is painted
        self._head: list[Piece] = []
        self._verdict: StageLossesView | None = None
        self._paths: list[Path] = []
        self._columns: tuple[int, PathColumns] | None = None  # for a width
        self._placeholder = ""
        self._of: QueryRow | None = None  # whose documents they are

    @property
    def path(self) -> Path | None:
        """The document under the cursor."""
        return self._paths[self.cursor] if self._paths else None

    # what is asked for

    def look_at(self, choice: QueryChoice, row: QueryRow | None) -> None:
        """The query under the cursor of the table: what is not known of it is asked for once the cursor rests."""
        self._choice, self._row = choice, row
        if self._settle is not None:
            self._settle.stop()
            self._settle = None
        if row is None or (self._fates is not None and self._fates[0] == row.query):
            self.show_known()
            if row is not None and self.display and not self._judging.is_at(row):
                self._judging.look_at(row)
        elif self.display:
            self._settle = once(self, SETTLED, self.read)

    def read(self) -> None:
        """Ask for all that is shown of the query."""
        self._settle = None
        row = self._row
        if row is not None and self.display:
            self.show_known()  # no document of the query before
            self._ask("fates", ReadFates(id=self._ask.id, query=row.query), partial(self._fates_read, row.query))
            self._losses_asked = None
            self._losses_of(row)
            self._judging.look_at(row)

    def _losses_of(self, row: QueryRow) -> StageLossesView | None:
        """Of what is shown, once it is known; asked for, once, where it is not."""
        assert self._choice is not None
        one = self._choice.selection
        question = ReadLosses(
            id=self._ask.id, query=row.query, system=one.system, baseline=one.baseline, measure=one.measure
        )
        if self._losses is not None and self._losses[0] == question:
            return self._losses[1]
        if question != self._losses_asked:
            self._losses_asked = question
            self._ask("losses", question, partial(self._losses_read, question))
        return None

    def action_judge(self, grade: int) -> None:
        if self.path is not None and self._of is not None:
            self._judging.judge(None if grade < 0 else grade, self._of, self.path.fate)

    def action_take_back(self) -> None:
        self._judging.undo()

    def _judged(self, by_user: bool) -> None:
        self._columns = None
        self.refresh()
        if by_user:
            self.post_message(self.Judged())

    def _fates_read(self, query: int, fates: Sequence[FateView]) -> None:
        if self._row is not None and self._row.query == query:
            self._fates = query, fates
            self.show_known()

    def _losses_read(self, question: ReadLosses, losses: StageLossesView) -> None:
        self._losses = question, losses
        self.show_known()

    # what is shown

    def show_or_hide(self, shown: bool) -> None:
        before, self.display = self.display, shown
        if shown and not before:
            self.show_known()
            self.read()

    def show_known(self) -> None:
        """The cursor stays where it was if the documents are those that were shown."""
        if not self.display or self._choice is None:
            return
        row, selection = self._row, self._choice.selection
        self._of = row
        found: list[Path] = []
        self._head, self._verdict, self._placeholder = [], None, ""
        if row is not None:
            self._head = [
                (" Relevant documents of ", "muted"),
                (one_line(row.qid), "strong"),
                (" in ", "muted"),
                (name_of(selection.system, selection), "reference"),
            ]
            if selection.system != selection.baseline:
                baseline = name_of(selection.baseline, selection)
                self._head += [(", and their ranks in ", "muted"), (baseline, "reference")]
            self._placeholder = "…"
            if self._fates is not None and self._fates[0] == row.query:
                found = paths(
                    self._fates[1],
                    selection.system,
                    selection.outcome,
                    baseline=selection.baseline,
                    won=row.difference is not None and row.difference > 0,
                )
                self._verdict = self._losses_of(row)
                nothing = row.relevant == 0
                self._placeholder = "Nothing is judged relevant." if nothing else "The system has not run this query."
        if found != self._paths:
            self.cursor = 0
            self.scroll_to_line(0)
        self._paths, self.places, self._columns = found, len(found), None
        self.set_line_count(self._above + max(1, len(found)))
        self.refresh()

    @property
    def _above(self) -> int:
        """Lines above the documents."""
        return 1 + (0 if self._verdict is None else line_count(self._verdict))

    def show_cursor(self) -> None:
        line = self.cursor + self._above
        self.reveal(line if self.cursor else 0, line)
        self.refresh()

    def place_at(self, event: events.Click) -> int | None:
        return event.y + self.scroll_offset.y - self._above

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        place = y + self.scroll_offset.y - self._above
        if place < 0:
            verdict = [] if self._verdict is None else verdict_lines(self._verdict, width)
            return self._palette.strip([*verdict, crop(self._head, width)][place], width)
        if not self._paths:
            return self._palette.strip([(f" {self._placeholder}" if place == 0 else "", "muted")], width)
        if place >= len(self._paths):
            return self._palette.strip((), width)
        gutter, backdrop = self.cursor_look(place == self.cursor)
        if self._columns is None or self._columns[0] != width:
            self._columns = (width, PathColumns.of(self._paths, width, self._judging.marks))
        path = self._paths[place]
        marks = self._judging.marks.get(path.fate.doc_id, ())
        return self._palette.strip(self._columns[1].line(path, gutter, marks), width, backdrop)
