"""The documents of a query in two systems at once, by rank or by score, with a cursor on one of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Literal

from textual import events
from textual.strip import Strip

from zsr_tui.api.queries import QueryRow, ReadScatter, Scatter, ScatterPoint
from zsr_tui.text import one_line
from zsr_tui.ui.parts.cursor_view import CursorView
from zsr_tui.ui.parts.marks import judgment, mark
from zsr_tui.ui.parts.pieces import Piece, crop
from zsr_tui.ui.queries.asker import EvaluationAsker
from zsr_tui.ui.queries.choice import QueryChoice
from zsr_tui.ui.queries.field import Axis, Cell, cells, cursor_mark, nearest
from zsr_tui.ui.queries.table.columns import name_of

By = Literal["rank", "score"]
LEFT = 8  # cells of the labels on the left
ABSENT = 3  # cells (or a line) for documents that one of the lists lacks


def _value(rank: int | None, score: float | None, by: By) -> float | None:
    """What grows with goodness."""
    return score if by == "score" else None if rank is None else -math.log(rank)


def places(points: Sequence[ScatterPoint], by: By, width: int, height: int) -> list[Cell]:
    """Of every point in a field. Ranks are on a logarithmic axis."""
    ours = [_value(point.rank, point.score, by) for point in points]
    theirs = [_value(point.baseline_rank, point.baseline_score, by) for point in points]

    def axis(values: Sequence[float | None], size: int) -> Axis:
        known = [value for value in values if value is not None]
        return Axis(min(known, default=0.0), max(known, default=1.0), size)

    return cells(ours, theirs, axis(ours, height), axis(theirs, width))


class DocumentScatter(CursorView):
    """Relevant documents are drawn over others. The document under the cursor is described below."""

    HELP = (
        "This picture\n"
        "A point is a document: its place in the baseline to the right, in the system upwards. What one of "
        "the lists lacks stands beyond the axis. A click goes to the nearest point."
    )
    DEFAULT_CSS = "DocumentScatter { height: 1fr; }"

    def __init__(self, ask: EvaluationAsker, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._ask = ask
        self._asked: ReadScatter | None = None
        self._points: list[ScatterPoint] = []
        self._names = ("", "")
        self._by: By = "rank"
        self._placeholder = ""
        self._field: dict[Cell, int] = {}
        self._field_for: tuple[int, int] | None = None

    @property
    def point(self) -> ScatterPoint | None:
        """The document under the cursor."""
        return self._points[self.cursor] if self._points else None

    def forget(self) -> None:
        """What was asked for is asked for again when it is looked at."""
        self._asked = None

    def look_at(self, choice: QueryChoice, row: QueryRow | None) -> None:
        """The query under the cursor of the table. The cursor goes to its first document."""
        one = choice.selection
        question = None
        if row is not None:
            question = ReadScatter(id=self._ask.id, query=row.query, system=one.system, baseline=one.baseline)
        if question == self._asked and question is not None:
            return
        self._asked = question
        self._names = name_of(one.system, one), name_of(one.baseline, one)
        self._show((), "Reading the rankings ..." if question else "There is no query under the cursor.")
        if question is not None:
            self._ask("scatter", question, partial(self._read, question))

    def _read(self, question: ReadScatter, found: Scatter) -> None:
        if question == self._asked:
            self._show(found.points, "Neither of the two systems has run this query.")

    def _show(self, points: Sequence[ScatterPoint], placeholder: str) -> None:
        # the system's list, then what only the baseline has
        self._points = sorted(points, key=lambda point: (point.rank or math.inf, point.baseline_rank or math.inf))
        self._placeholder = placeholder
        self.places, self.cursor = len(self._points), 0
        self.show_cursor()

    def toggle_axis(self) -> None:
        """By rank, or by score."""
        self._by = "score" if self._by == "rank" else "rank"
        self.show_cursor()

    def show_cursor(self) -> None:
        self._field_for = None
        self.refresh()

    def _field_size(self) -> tuple[int, int]:
        """Of the field, without its labels, the places for what a list lacks, and the lines below."""
        return max(10, self.size.width - LEFT - ABSENT - 1), max(3, self.size.height - 5)

    def _drawn(self) -> dict[Cell, int]:
        """The point to draw in each cell."""
        size = self._field_size()
        if self._field_for != size:
            self._field, self._field_for = {}, size
            grades = [-1 if point.grade is None else point.grade for point in self._points]
            order = sorted(range(len(grades)), key=grades.__getitem__)
            where = places(self._points, self._by, *size)
            for number in [*order, self.cursor]:
                self._field[where[number]] = number
        return self._field

    def place_at(self, event: events.Click) -> int | None:
        width, height = self._field_size()
        x, y = event.x - LEFT - ABSENT, event.y - 1
        if not self._points or y > height or x >= width:
            return None
        return self._drawn()[nearest(self._drawn(), x, y)]

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        return self._palette.strip(self._line(y, width), width)

    def _line(self, y: int, width: int) -> list[Piece]:
        columns, lines = self._field_size()
        worst, best = ("last", "1") if self._by == "rank" else ("low", "high")
        if not self._points:
            return [(f" {self._placeholder}" if y == 1 else "", "muted")]
        if y == 0:
            axes = f" {self._by} in {self._names[0]}, upwards; in {self._names[1]}, to the right"
            return crop([(axes, "muted")], width)
        if y == lines + 1:
            return [(f"{' ' * LEFT}  └{'─' * columns}", "rule")]
        if y <= lines + 2:
            label = {1: best, lines: worst, lines + 2: "none"}.get(y, "")
            return [(f"{label:>{LEFT - 1}} ", "muted"), *self._marks(min(y - 1, lines))]
        if y == lines + 3:
            ends = f"{'none':>{LEFT + 2}} {worst}".ljust(LEFT + ABSENT + columns - len(best)) + best
            return [(ends, "muted")]
        return crop(self._about(), width) if y == lines + 4 else []

    def _marks(self, line: int) -> list[Piece]:
        columns, lines = self._field_size()
        drawn = self._drawn()
        pieces: list[Piece] = []
        for column in range(-1, columns):
            number = drawn.get((column, line))
            if number is None:
                pieces.append((" ", "plain"))
            elif number == self.cursor:
                pieces.append(cursor_mark(self.has_focus))
            else:
                glyph, _, role = mark(self._points[number].grade)
                pieces.append((glyph, role))
            if column == -1:
                pieces.append((" " if line == lines else "│", "rule"))
        return [(" ", "plain"), *pieces]

    def _about(self) -> list[Piece]:
        point = self._points[self.cursor]
        ours = _place(point.rank, point.score)
        theirs = _place(point.baseline_rank, point.baseline_score)
        return [
            (f" ◉ {one_line(point.doc_id)}  ", "strong"),
            judgment(point.grade),
            (f"  {self._names[0]}: {ours} · {self._names[1]}: {theirs}", "text"),
        ]


def _place(rank: int | None, score: float | None) -> str:
    return "not in the list" if rank is None else f"rank {rank}, score {score:.4g}".replace("-", "−")
