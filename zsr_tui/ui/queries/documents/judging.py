"""Judging the documents of a query of an evaluation: what was judged of it, and keys that judge."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from zsr_tui import numerals
from zsr_tui.api.evaluations import EvaluationItem
from zsr_tui.api.judging import Kept
from zsr_tui.api.notes import ReadKept
from zsr_tui.api.queries import FateView, QueryRow
from zsr_tui.client.protocol import EngineApi
from zsr_tui.domain import OWN_TOO, Problem
from zsr_tui.text import one_line
from zsr_tui.ui.parts.judging.keeper import Keeper, Target
from zsr_tui.ui.parts.judging.marks import all_marks
from zsr_tui.ui.parts.judging.state import QueryKept
from zsr_tui.ui.parts.pieces import Piece
from zsr_tui.ui.parts.screen import BaseScreen


class PathJudging:
    """`changed` is called after what was judged or noted has come or has changed, with True where the user did it."""

    def __init__(
        self,
        screen: BaseScreen[None],
        engine: EngineApi,
        item: Callable[[], EvaluationItem | None],
        changed: Callable[[bool], object],
    ) -> None:
        """`item` gives the evaluation, once it is known."""
        self._screen, self._engine, self._item, self._changed = screen, engine, item, changed
        self._keeper = Keeper(screen, engine, self._take)
        self._row: QueryRow | None = None
        self._kept: QueryKept | None = None  # of that query
        self.marks: Mapping[str, list[Piece]] = {}  # by document

    def look_at(self, row: QueryRow) -> None:
        if not self.is_at(row):
            self._has(None)
        self._row = row
        self._screen.ask("kept", self._read, row)

    def is_at(self, row: QueryRow) -> bool:
        """Whether what it knows is of this query."""
        one = self._row
        return one is not None and (one.dataset, one.qid, one.text) == (row.dataset, row.qid, row.text)

    def judge(self, grade: int | None, row: QueryRow, fate: FateView) -> None:
        """A document of the query that it stands below; None clears."""
        kept = self._kept
        if not self.is_at(row) or kept is None:
            self._screen.tell("What was judged of this query has not been read yet.")
        elif grade is not None and grade > kept.scale.highest:
            self._screen.tell(f"The {numerals.scale(kept.scale.lowest, kept.scale.highest, one_line(row.dataset))}.")
        else:
            target = Target(
                dataset=row.dataset,
                query_id=row.qid,
                query_text=row.text,
                doc_id=fate.doc_id,
                system=item.notations[fate.system] if (item := self._item()) is not None else "",
                rank=fate.final,
            )
            self._keeper.keep(target, grade, kept.own.get(fate.doc_id))

    def undo(self) -> None:
        self._keeper.undo()

    async def _read(self, row: QueryRow) -> None:
        async with self._keeper.turn:  # behind what is being kept
            try:
                asked = ReadKept(dataset=row.dataset, query_id=row.qid, query_text=row.text)
                found = await self._engine.call(asked)
            except Problem as problem:
                if problem.kind == "not-downloaded":  # the corpus has gone: the numbers are there all the same
                    return
                raise
            if self._row is row:
                self._keeper.forget()
                self._has(QueryKept.of(row.qid, row.text, found))
                self._changed(False)

    def _take(self, target: Target, now: Kept | None) -> None:
        row = self._row
        if row is not None and self._kept is not None and (row.dataset, row.qid, row.text) == target.query:
            self._has(self._kept.with_own(target.doc_id, now))
        self._changed(True)

    def _has(self, kept: QueryKept | None) -> None:
        self._kept, self.marks = kept, all_marks(kept, OWN_TOO)
