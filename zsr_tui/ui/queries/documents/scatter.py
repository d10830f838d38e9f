"""The documents of a query in two systems at once, by rank or by score, with a cursor on one of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
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
from zsr_tui.ui.queries.table.columns import name_of

By = Literal["rank", "score"]
LEFT = 8  # cells of the labels on the left
ABSENT = 3  # cells (or a line) for documents that one of the lists lacks


@dataclass(frozen=True, slots=True)
class Axis:
    """From values to `size` cells. Ranks are on a logarithmic axis, the first one at the good end, as large scores are;
    None, not in the list, is beyond the bad end (-1)."""

    low: float
    high: float
    size: int

    @staticmethod
    def of(values: Sequence[float], size: int) -> Axis:
        return Axis(min(values, default=0.0), max(values, default=1.0), size)

    def cell(self, value: float | None) -> int:
        """From 0, the bad end."""
        if value is None:
            return -1
        span = self.high - self.low
        return round((value - self.low) / span * (self.size - 1)) if span else self.size - 1


def _value(rank: int | None, score: float | None, by: By) -> float | None:
    """What grows with goodness."""
    return score if by == "score" else None if rank is None else -math.log(rank)


def places(points: Sequence[ScatterPoint], by: By, width: int, height: int) -> list[tuple[int, int]]:
    """(column, line) of every point in a field: to the right and to the top is better. Column -1 and line `height`
    are for documents that a list lacks."""
    ours = [_value(point.rank, point.score, by) for point in points]
    theirs = [_value(point.baseline_rank, point.baseline_score, by) for point in points]
    x = Axis.of([value for value in theirs if value is not None], width)
    y = Axis.of([value for value in ours if value is not None], height)
    return [(x.cell(other), height - 1 - y.cell(own)) for own, other in zip(ours, theirs, strict=True)]


def in_order(points: Sequence[ScatterPoint]) -> list[ScatterPoint]:
    """As the cursor goes through them: the system's list, then what only the baseline has."""
    return sorted(points, key=lambda point: (point.rank or math.inf, point.baseline_rank or math.inf))


class DocumentScatter(CursorView):
    """Relevant documents are drawn over others. The document under the cursor is described below."""

    DEFAULT_CSS = "DocumentScatter { height: 1fr; }"

    def __init__(self, ask: EvaluationAsker, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._ask = ask
        self._asked: ReadScatter | None = None
        self._points: list[ScatterPoint] = []
        self._names = ("", "")
        self._by: By = "rank"
        self._cursor = 0
        self._placeholder = ""
        self._field: dict[tuple[int, int], int] = {}
        self._field_for: tuple[int, int] | None = None

    @property
    def point(self) -> ScatterPoint | None:
        """The document under the cursor."""
        return self._points[self._cursor] if self._points else None

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
        self._points, self._placeholder = in_order(points), placeholder
        self._cursor = 0
        self._redraw()

    def toggle_axis(self) -> None:
        """By rank, or by score."""
        self._by = "score" if self._by == "rank" else "rank"
        self._redraw()

    def _redraw(self) -> None:
        self._field_for = None
        self.refresh()

    def _field_size(self) -> tuple[int, int]:
        """Of the field, without its labels, the places for what a list lacks, and the lines below."""
        return max(10, self.size.width - LEFT - ABSENT - 1), max(3, self.size.height - 5)

    def _drawn(self) -> dict[tuple[int, int], int]:
        """The point to draw in each cell."""
        size = self._field_size()
        if self._field_for != size:
            self._field, self._field_for = {}, size
            order = sorted(range(len(self._points)), key=lambda number: _weight(self._points[number].grade))
            where = places(self._points, self._by, *size)
            for number in order:
                self._field[where[number]] = number
            if self._points:
                self._field[where[self._cursor]] = self._cursor
        return self._field

    def action_move(self, by: int) -> None:
        if self._points:
            self._cursor = max(0, min(len(self._points) - 1, self._cursor + by))
            self._redraw()

    def on_click(self, event: events.Click) -> None:
        width, height = self._field_size()
        x, y = event.x - LEFT - ABSENT, event.y - 1
        near = min(
            self._drawn().items(),
            key=lambda each: abs(each[0][0] - x) + 2 * abs(each[0][1] - y),
            default=None,
        )
        if near is not None and y <= height and x < width:
            self._cursor = near[1]
            self._redraw()
            if event.chain == 2:
                self.post_message(self.Opened())

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        columns, lines = self._field_size()
        if not self._points:
            return self._palette.strip([(f" {self._placeholder}" if y == 1 else "", "muted")], width)
        if y == 0:
            system = f" {self._by} in {self._names[0]}, upwards; in {self._names[1]}, to the right"
            return self._palette.strip(crop([(system, "muted")], width), width)
        if y <= lines:
            return self._palette.strip(self._field_line(y - 1), width)
        if y == lines + 1:
            return self._palette.strip([(f"{' ' * LEFT}  └{'─' * columns}", "rule")], width)
        if y == lines + 2:
            return self._palette.strip([(f"{'none':>{LEFT - 1}} ", "muted"), *self._marks(lines)], width)
        if y == lines + 3:
            first, last = ("last", "1") if self._by == "rank" else ("low", "high")
            ends = f"{'none':>{LEFT + 2}} {first}".ljust(LEFT + ABSENT + columns - len(last)) + last
            return self._palette.strip([(ends, "muted")], width)
        if y == lines + 4:
            return self._palette.strip(crop(self._about(), width), width)
        return self._palette.strip((), width)

    def _field_line(self, line: int) -> list[Piece]:
        _, lines = self._field_size()
        best, worst = ("1", "last") if self._by == "rank" else ("high", "low")
        label = best if line == 0 else worst if line == lines - 1 else ""
        return [(f"{label:>{LEFT - 1}} ", "muted"), *self._marks(line)]

    def _marks(self, line: int) -> list[Piece]:
        columns, lines = self._field_size()
        drawn = self._drawn()
        pieces: list[Piece] = []
        for column in range(-1, columns):
            number = drawn.get((column, line))
            if number is None:
                pieces.append((" ", "plain"))
            elif number == self._cursor:
                pieces.append(("◉" if self.has_focus else "◎", "reference"))
            else:
                glyph, _, role = mark(self._points[number].grade)
                pieces.append((glyph, role))
            if column == -1:
                pieces.append((" " if line == lines else "│", "rule"))
        return [(" ", "plain"), *pieces]

    def _about(self) -> list[Piece]:
        point = self._points[self._cursor]
        ours = _place(point.rank, point.score)
        theirs = _place(point.baseline_rank, point.baseline_score)
        return [
            (f" ◉ {one_line(point.doc_id)}  ", "strong"),
            judgment(point.grade),
            (f"  {self._names[0]}: {ours} · {self._names[1]}: {theirs}", "text"),
        ]


def _weight(grade: int | None) -> int:
    return -1 if grade is None else grade


def _place(rank: int | None, score: float | None) -> str:
    return "not in the list" if rank is None else f"rank {rank}, score {score:.4g}".replace("-", "−")
