"""The stored evaluations, the newest first."""

from __future__ import annotations

from collections.abc import Sequence

from zsr_tui import numerals
from zsr_tui.api.evaluations import EvaluationItem
from zsr_tui.text import one_line
from zsr_tui.ui.evaluation.running import RunningEvaluation
from zsr_tui.ui.evaluation.standing import standing
from zsr_tui.ui.parts.grid import Column, Grid, Name, Table, text
from zsr_tui.ui.parts.pieces import Piece


class EvaluationList:
    """What is stored, and the grid that shows it."""

    def __init__(self, id: str) -> None:
        self.grid = Grid(id=id)
        self.items: list[EvaluationItem] | None = None  # until they have come
        self._under = ""  # the evaluation under the cursor

    @property
    def item(self) -> EvaluationItem | None:
        """The evaluation under the cursor."""
        items = self.items or []
        return items[self.grid.cursor] if self.grid.cursor < len(items) else None

    def of(self, evaluation: str) -> EvaluationItem | None:
        return next((item for item in self.items or [] if item.id == evaluation), None)

    def show(self, running: RunningEvaluation | None, opened: str, nothing: list[list[Piece]]) -> None:
        """The cursor goes to the evaluation that is open; while one is being chosen it stays on its own, or in its
        place if that is gone."""
        ids = [item.id for item in self.items or []]
        wanted = self._under if self.grid.display and self._under else opened
        self.show_running(running, ids.index(wanted) if wanted in ids else None)
        self.note_cursor()
        if not ids:
            self.grid.say(nothing)

    def show_running(self, running: RunningEvaluation | None, cursor: int | None = None) -> None:
        """How far the one is that is followed."""
        if self.items:
            self.grid.show(evaluation_list(self.items, running), cursor=cursor)

    def note_cursor(self) -> None:
        item = self.item
        self._under = item.id if item is not None else ""


def evaluation_list(items: Sequence[EvaluationItem], running: RunningEvaluation | None = None) -> Table:
    """`running` is the one that this program follows, if it follows one."""
    now = [standing(item, running) for item in items]
    return Table(
        "dataset",
        tuple(Name(one_line(item.dataset)) for item in items),
        (
            Column("made", tuple(text(numerals.date(item.date)) for item in items), right=False),
            Column("state", tuple(((one.words, one.role),) for one in now), right=False),
            Column("queries", tuple(text(one.counted.rpartition(" ")[0]) for one in now)),
            Column("size", tuple(((numerals.size(item.bytes), "muted"),) for item in items)),
            Column("systems", tuple(text(one_line(", ".join(item.systems))) for item in items), right=False),
            Column("subset", tuple(text(one_line(item.subset)) for item in items), right=False),
            Column("measures", tuple(text(" ".join(item.measures)) for item in items), right=False),
        ),
    )
