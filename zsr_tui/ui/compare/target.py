"""A query of an evaluation in Compare: its systems, a document under the cursor, and the way back."""

from __future__ import annotations

from dataclasses import dataclass

from zsr_tui.api.evaluations import EvaluationItem
from zsr_tui.api.queries import QueryRow
from zsr_tui.api.requests import QueryItem
from zsr_tui.client.protocol import EngineApi
from zsr_tui.text import one_line
from zsr_tui.ui.compare.messages import FindQuery, SystemsNotReady
from zsr_tui.ui.compare.screen import CompareScreen
from zsr_tui.ui.compare.session import Update

MOST = 5  # lists that Compare shows
DEPTH = 100


@dataclass(frozen=True, slots=True)
class Target:
    """What is opened: systems of the evaluation that can run, the list to stand on, and the document in it."""

    systems: tuple[str, ...]
    active: int
    doc_id: str | None
    depth: int


def target(item: EvaluationItem, system: int, baseline: int, doc_id: str | None, rank: int | None) -> Target | None:
    """None where the evaluation holds nothing but run files. Of more systems than Compare shows, the two that are
    compared and the first others."""
    runnable = [number for number in range(len(item.notations)) if number not in item.run_files]
    if not runnable:
        return None
    kept = sorted(sorted(runnable, key=lambda number: (number not in (system, baseline), number))[:MOST])
    active = kept.index(system) if system in kept else 0
    depth = 1000 if rank is not None and rank > DEPTH else DEPTH
    return Target(tuple(item.notations[number] for number in kept), active, doc_id, depth)


class EvaluationCompareScreen(CompareScreen):
    """Escape leads back to where it was opened."""

    def __init__(self, engine: EngineApi, item: EvaluationItem, row: QueryRow, opened: Target) -> None:
        super().__init__(
            engine,
            row.dataset,
            opened.systems,
            initial_query=row.text,
            initial_qid=row.qid,
            depth=opened.depth,
        )
        self.systems = opened.systems
        self.session.drop_self = item.drop_self
        self._engine_api, self._opened = engine, opened
        self._sought = opened.doc_id  # until its list has it
        self._mended = False
        self.rankings.active = opened.active  # before it is mounted: the search gives it the focus

    @property
    def key_labels(self) -> dict[str, str]:
        return super().key_labels if self.query_line.input.has_focus else {"cancel": "back"}

    def cancel_search(self) -> None:
        if self.query_line.input.has_focus:
            super().cancel_search()
        else:
            self.dismiss()

    def search(self, text: str, qid: str | None = None) -> None:
        if (self.session.request is not None) and qid != self.session.request.qid:
            self._sought = None  # another query
        super().search(text, qid)

    def _paint(self, numbers: set[int]) -> None:
        super()._paint(numbers)
        active = self._opened.active
        if self._sought and active in numbers and self._sought in self.session.lists[active].places:
            self.call_after_refresh(self._go_to, self._sought)  # when the list knows how long it is
            self._sought = None

    def _go_to(self, doc_id: str) -> None:
        place = self.session.lists[self._opened.active].places.get(doc_id)
        if place is not None:
            ranking = self.rankings.panes[self._opened.active].ranking
            ranking.go_to(place)
            self.set_timer(0.2, ranking.reveal)  # on a busy machine a layout may undo the scrolling

    def _take(self, update: Update) -> None:
        super()._take(update)
        if update.ended and self._sought is not None and self.session.failure is None:
            self.set_timer(0.2, self._not_found)  # its rows may still wait to be painted

    def _not_found(self) -> None:
        if self._sought is not None:
            lists = [number for number, each in enumerate(self.session.lists, 1) if self._sought in each.places]
            sought = one_line(self._sought)
            self.tell(f"{sought} is in list {lists[0]}, not here." if lists else f"{sought} is in none of the lists.")
            self._sought = None

    def on_find_query(self, message: FindQuery) -> None:
        from zsr_tui.ui.compare.query.picker import QueryPicker

        message.stop()

        def picked(item: QueryItem | None) -> None:
            if item is not None:
                self.search(item.text, item.id)

        self.app.push_screen(QueryPicker(self._engine_api, self.session.dataset), picked)

    def on_systems_not_ready(self, message: SystemsNotReady) -> None:
        """An index or a model is gone since the evaluation: it is prepared, once."""
        from zsr_tui.ui.setup.preparation import PreparationScreen

        message.stop()
        if self._mended:
            self.preparation_failed()
            return
        self._mended = True

        def prepared(ready: bool | None) -> None:
            if ready:
                self.search(message.query, message.qid)
            else:
                self.preparation_failed()

        self.app.push_screen(PreparationScreen(self._engine_api, message.dataset, message.systems), prepared)
