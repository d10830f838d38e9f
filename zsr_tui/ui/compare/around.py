"""What is said around the lists: the status line, what stands before the query, the key bar; and when it is said."""

from __future__ import annotations

from functools import partial

from zsr_tui.ui.compare.engine import EngineLook
from zsr_tui.ui.compare.preparing import Preparations
from zsr_tui.ui.compare.query.line import QueryLine
from zsr_tui.ui.compare.query.steps import QuerySteps
from zsr_tui.ui.compare.session import SearchSession
from zsr_tui.ui.compare.status import dataset_pieces, query_pieces
from zsr_tui.ui.compare.updates import Update
from zsr_tui.ui.parts.bar import Bar
from zsr_tui.ui.parts.screen import BaseScreen


class AroundLists:
    """`docs`: how many the corpus has, None while that is not known. The first rows of another query do not wait for
    what is said of it."""

    def __init__(
        self,
        screen: BaseScreen[None],
        session: SearchSession,
        look: EngineLook,
        preparing: Preparations,
        steps: QuerySteps,
        query_line: QueryLine,
    ) -> None:
        self.docs: int | None = None
        self.status_line = Bar(id="status")
        self._screen, self._session, self._look, self._preparing = screen, session, look, preparing
        self._steps, self._query_line = steps, query_line
        self._turned = False  # to another query, which was not said yet

    def show(self) -> None:
        look, session, preparing = self._look, self._session, self._preparing
        self.status_line.show(
            dataset_pieces(session, self.docs, self._steps.count),
            look.pieces(preparing.others, preparing.running, searching=session.running, dataset=session.dataset),
        )
        self._query_line.describe(partial(query_pieces, session, self._steps.count), lambda: not session.turns)

    def take(self, update: Update) -> None:
        """A search has brought something, which is not painted yet."""
        self._turned |= update.fresh
        again = update.query and not update.fresh
        if update.ended or update.prepared or again:
            self.show()
        if update.ended or (again and not self._session.follows):
            self._screen.refresh_bindings()

    def painted(self) -> None:
        """Lists were."""
        if self._turned:
            self._turned = False
            self._screen.behind_paint(self._turn)

    def _turn(self) -> None:
        self.show()
        self._screen.refresh_bindings()
