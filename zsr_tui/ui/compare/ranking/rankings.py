"""The lists side by side, or as tabs where the terminal is narrow; which one is active, which one is the reference."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message

from zsr_tui.api.events import DocHead
from zsr_tui.text import printable
from zsr_tui.ui.compare.ranking.head import HeadView, RankingHead
from zsr_tui.ui.compare.ranking.list import RankingList
from zsr_tui.ui.compare.ranking.pane import RankingPane
from zsr_tui.ui.compare.ranking.tabs import tabs_for
from zsr_tui.ui.compare.session import SystemList
from zsr_tui.ui.parts.copying.choice import Copyable
from zsr_tui.ui.parts.heights import LOWEST
from zsr_tui.ui.parts.pieces import Piece
from zsr_tui.ui.parts.tab_line import TabLine

COLUMNS_FROM = 120  # cells; below it lists become tabs
NEW = "new"  # a document that was not in the list before the query was changed
NO_DOCUMENT = "There is no document under the cursor yet."
TURNING = "These rows are of the query before: this one has no lists yet."
NARROWEST = 38  # cells that a list side by side with others needs
NOTATION_FROM = 30  # lines of the terminal from which a head has a line for the notation


class Rankings(Vertical):
    """Takes the lists as data (`show`); tells which document is under the active list's cursor."""

    class DocumentChanged(Message):
        def can_replace(self, message: Message) -> bool:
            return isinstance(message, Rankings.DocumentChanged)

    def __init__(
        self, systems: Sequence[SystemList], *, active: int = 0, reference: int = 0, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self._systems = list(systems)
        self._heads: Mapping[str, DocHead] = {}
        self._judgments: bool | None = None
        self._before: Sequence[SystemList | None] = ()
        self._borrowed = False
        self._kept: Mapping[str, list[Piece]] = {}
        self.active = active
        self.reference = min(reference, len(self._systems) - 1)
        self.keys = ("w", "W")  # that pause and stop what a list waits for
        self.from_before = True  # movement is counted from before the query was changed, where it was
        self.slid: Callable[[int, float], None] = lambda _number, _share: None  # told where a list's slider is clicked
        self.copyable: Callable[[], Copyable | None] = lambda: None  # of the document under the cursor
        self.is_of_query: Callable[[int], bool] = lambda _number: True  # what a list shows, and not of the one before
        self.opened: str | None = None  # a document of the active list that is shown above it
        self.tabs = TabLine()
        self.panes = [RankingPane(self._view(number)) for number in range(len(self._systems))]
        self.panes[0].add_class("first")  # not :first-child, which Textual forgets when panes are hidden and shown

    def compose(self) -> ComposeResult:
        yield self.tabs
        yield Horizontal(*self.panes)

    @property
    def active_list(self) -> RankingList:
        return self.panes[self.active].ranking

    @property
    def seen(self) -> str | None:
        """The document under the active list's cursor."""
        return self.active_list.doc_id

    @property
    def doc_id(self) -> str | None:
        """The document that keys act on: the one that is opened, else the one under the active list's cursor. None
        while the list still shows rows of the query before: they are never taken for this one's."""
        return (self.opened or self.seen) if self.is_of_query(self.active) else None

    @property
    def why_none(self) -> str:
        """Why there is no `doc_id`."""
        return NO_DOCUMENT if self.is_of_query(self.active) else TURNING

    def on_mount(self) -> None:
        self._show_heads(range(len(self.panes)))

    def show(
        self,
        changed: Iterable[int],
        systems: Sequence[SystemList],
        heads: Mapping[str, DocHead],
        judgments: bool | None,
        before: Sequence[SystemList | None] = (),
        *,
        borrowed: bool = False,
        kept: Mapping[str, list[Piece]] | None = None,
    ) -> None:
        """Paint the changed lists; all of them where the reference is among those. `before` has what each list was
        before the query was changed, None where that is not known; nothing where it was not changed. `borrowed`: the
        judgments are those of the query before. `kept` are the marks of what the user has judged and noted, by
        document."""
        self._systems, self._heads, self._judgments = list(systems), heads, judgments
        self._before, self._borrowed, self._kept = before, borrowed, kept or {}
        numbers = set(changed)
        self._show_heads(numbers)
        if self.reference in numbers:
            numbers = set(range(len(self.panes)))
        self._show_rows(numbers)

    def show_head(self, number: int) -> None:
        """What stands above a list has changed, and its rows have not."""
        self._show_heads([number])

    def reset(self, numbers: Iterable[int]) -> None:
        """Another query: these lists back to their top."""
        for number in numbers:
            self.panes[number].ranking.reset()

    def choose(self, number: int) -> None:
        """Make a list (from 0) the active one and give it the focus."""
        if not 0 <= number < len(self.panes):
            return
        if number != self.active:
            self.active = number
            self._arrange()
            self._show_heads(range(len(self.panes)))
            self._announce()
        self.active_list.focus()

    def make_reference(self) -> str:
        """The active list is what the others' movements are counted against; why not, in a sentence, where it is
        already."""
        if len(self.panes) == 1:
            return "There is no other list to compare with."
        if self.reference == self.active and not self.compares_with_before:
            return "This list is the reference already."
        self.reference, self.from_before = self.active, False
        self._show_all()
        return ""

    @property
    def compares_with_before(self) -> bool:
        """Movement is counted from what each list was before the query was changed."""
        return bool(self._before) and self.from_before

    def change_movement(self) -> None:
        """Counted from before the change, or against the reference list."""
        self.from_before = not self.from_before
        self._show_all()

    def name_keys(self, pause: str, stop: str) -> None:
        """In the heads of lists that wait for something."""
        if self.keys != (pause, stop):
            self.keys = pause, stop
            self._show_heads(range(len(self.panes)))

    def _show_all(self) -> None:
        self._show_heads(range(len(self.panes)))
        self._show_rows(range(len(self.panes)))

    def seek(self, number: int, doc_id: str) -> bool:
        """Put the cursor of a list (from 0) on a document; False where it has none of that id."""
        place = self._systems[number].places.get(doc_id)
        if place is not None:
            self.panes[number].ranking.go_to(place)
        return place is not None

    def align(self) -> str:
        """Bring the document under the cursor to the same line in every list; which of them lack it, in a sentence."""
        doc_id, line = self.seen, self.active_list.cursor_line
        missing = []
        for number, pane in enumerate(self.panes):
            if number == self.active or doc_id is None:
                continue
            place = self._systems[number].places.get(doc_id)
            if place is None:
                missing.append(printable(self._systems[number].head.label))
            else:
                pane.ranking.go_to(place, at_line=line)
        return f"This document is not in the list of {', '.join(missing)}." if missing else ""

    def _view(self, number: int) -> HeadView:
        before = self._before[number] if self._before else None
        several = len(self._systems) > 1 and not self.compares_with_before
        return HeadView(
            number=number + 1,
            system=self._systems[number],
            active=number == self.active,
            reference=number == self.reference and several,
            judgments=self._judgments,
            before=before,
            borrowed=self._borrowed,
            keys=self.keys,
        )

    def _show_heads(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self.panes[number].show_head(self._view(number))
        self.tabs.show(partial(tabs_for, [self._view(number) for number in range(len(self.panes))]))

    def _show_rows(self, numbers: Iterable[int]) -> None:
        if self.compares_with_before:
            for number in numbers:
                before = self._before[number]
                places = before.places if before is not None else None
                self.panes[number].ranking.show(
                    self._systems[number], self._heads, places, moves=True, absent=NEW, marks=self._kept
                )
            return
        compared = self._systems[self.reference]
        reference = compared.places if compared.rows else None
        for number in numbers:
            moves = number != self.reference
            self.panes[number].ranking.show(
                self._systems[number], self._heads, reference, moves=moves, marks=self._kept
            )

    def _announce(self) -> None:
        doc_id = self.seen
        for pane in self.panes:
            pane.ranking.link(doc_id)
        self.post_message(self.DocumentChanged())

    def _arrange(self) -> None:
        """Side by side or as tabs; nothing but the arrangement changes."""
        width, count = self.size.width, len(self.panes)
        tabs = count > 1 and (width < COLUMNS_FROM or width // count < NARROWEST)
        self.set_class(tabs, "tabs")
        self.tabs.display = tabs
        each = width if tabs else width // count - 1
        for number, pane in enumerate(self.panes):
            pane.ranking.activate(number == self.active)
            pane.display = not tabs or number == self.active
            height = self.screen.size.height
            pane.head.fit(each, notation=height >= NOTATION_FROM, low=height < LOWEST)

    def on_resize(self, event: events.Resize) -> None:
        self._arrange()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Of a list that has it still: the next key may have gone on meanwhile."""
        for number, pane in enumerate(self.panes):
            if event.widget is pane.ranking and pane.ranking.has_focus and number != self.active:
                self.choose(number)

    def on_ranking_list_cursor_moved(self, event: RankingList.CursorMoved) -> None:
        event.stop()
        if event.ranking is self.active_list:
            self._announce()

    def on_click(self, event: events.Click) -> None:
        for number, pane in enumerate(self.panes):
            if event.widget is pane.head:
                self.choose(number)

    def on_ranking_head_weight_put(self, message: RankingHead.WeightPut) -> None:
        message.stop()
        self.slid(message.number, message.share)

    def on_tab_line_chosen(self, event: TabLine.Chosen) -> None:
        event.stop()
        self.choose(event.number - 1)
