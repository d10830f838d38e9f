"""The widgets of the screen, and what they show of what has come."""

from __future__ import annotations

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.geometry import Size
from textual.widgets import ContentSwitcher

from zsr_tui.ui.explain.asked import Asked, Known
from zsr_tui.ui.explain.keys import SEEN, VERSUS, VIEWS, WHY
from zsr_tui.ui.explain.rows import sections
from zsr_tui.ui.explain.table import PartsTable
from zsr_tui.ui.explain.text import HeatText
from zsr_tui.ui.explain.tokens import TokenView
from zsr_tui.ui.explain.versus import Key, chosen_for, keys_of, sections_of, sentence_of
from zsr_tui.ui.explain.words import lineage_lines, said_lines, score_lines, status
from zsr_tui.ui.parts.bar import Bar
from zsr_tui.ui.parts.cursor_view import CursorView
from zsr_tui.ui.parts.heights import LOW
from zsr_tui.ui.parts.lines import Lines
from zsr_tui.ui.parts.notice import Notice
from zsr_tui.ui.parts.pieces import Piece
from zsr_tui.ui.parts.tab_line import TabLine

WIDE = 120  # cells from which table and text stand side by side


@dataclass(slots=True)
class How:
    """What the user wants to see: special tokens as well; all parts of two explanations, not the heaviest alone."""

    special: bool = False
    whole: bool = False


class Views:
    """One of three is seen. `key` names those of actions; `how` is the screen's to change."""

    def __init__(self, key: Key) -> None:
        self._key, self.how = key, How()
        self.status, self.notice = Bar(id="status"), Notice()
        self.tabs = TabLine(("Why", "What the model saw", "One against another"))
        self.lineage, self.score, self.said = Lines(id="lineage"), Lines(id="score"), Lines(id="said")
        self.table, self.text = PartsTable(id="parts"), HeatText(id="text")
        self.tokens, self.versus = TokenView(id=SEEN), PartsTable(id="differences")
        self.sentence, self.next = Lines(id="sentence"), Lines(id="next")
        self._made_of = Vertical(id="made-of")
        self._switcher = ContentSwitcher(initial=WHY, classes="views")
        self._size = Size(0, 0)

    def compose(self) -> ComposeResult:
        yield self.status
        yield self.tabs
        yield self.notice
        with self._switcher:
            with Vertical(id=WHY):
                yield self.lineage
                yield self.score
                yield self.said
                with self._made_of:
                    yield self.table
                    yield self.text
            yield self.tokens
            with Vertical(id=VERSUS):
                yield self.sentence
                yield self.next
                yield self.versus

    @property
    def shown(self) -> str:
        return str(self._switcher.current)

    @property
    def focus(self) -> CursorView:
        """What keys move in."""
        return {WHY: self.table, SEEN: self.tokens, VERSUS: self.versus}[self.shown]

    def choose(self, view: str) -> None:
        self._switcher.current = view
        self.tabs.choose(VIEWS.index(view) + 1)

    def arrange(self, size: Size) -> None:
        """For this size of the screen."""
        self._size = size
        self._made_of.set_class(size.width >= WIDE, "wide")
        self._made_of.set_class(self._low, "low")

    @property
    def _low(self) -> bool:
        """What stands above the tables scrolls with them."""
        return self._size.height < LOW

    def show(self, asked: Asked, known: Known, *, top: bool) -> None:
        """As far as it has come; from the beginning, where it is at the `top`."""
        if known.sentence:
            self.notice.say(known.sentence)
        found = known.explanation()
        if found is None and self.shown != VERSUS and not known.finished:
            if top:  # else what is shown stays, under its own name
                self.status.show(*status(asked, found))
                self.clear()
                self.score.show([[("asking the engine …", "muted")]])
            return
        self.status.show(*status(asked, found))
        if self.shown == VERSUS:
            room = self._size.width - 2
            why = chosen_for(asked, known, room)
            above = [*why, *sentence_of(known, room, self._key), keys_of(asked, self._key)]
            self.sentence.show([] if self._low else above[:-1])
            self.next.show([] if self._low else above[-1:])
            lead = above if self._low else ()
            self.versus.show(sections_of(known, self._key, whole=self.how.whole), lead=lead, top=top)
            return
        if found is None:
            self.clear()
            return
        stage = known.stage()
        under_way: list[list[Piece]] = [[(f"{stage} …", "warning")]] if stage else []
        beside = self._low and self._size.width >= WIDE  # the text
        room = (self._size.width // 2 if beside else self._size.width) - 2
        way, said = lineage_lines(found.lineage, found.stage), said_lines(found, room)
        score = score_lines(found, stage, room) if found.unit else under_way
        for widget, lines in ((self.lineage, way), (self.score, score), (self.said, said)):
            widget.show([] if self._low else lines)
        self.table.show(sections(found), lead=[*way, *score, *said] if self._low else (), top=top)
        self.text.show(found)
        self.tokens.show(found.input, special=self.how.special)

    def clear(self) -> None:
        """What is shown is of something else than what was asked for."""
        for each in (self.lineage, self.score, self.said):
            each.show([])
        self.table.show([], top=True)
        self.text.show(None)
        self.tokens.show(None, special=self.how.special)

    def begin(self) -> None:
        """As they are before anything was shown."""
        self.how = How()
        self.choose(WHY)
        self.clear()
        for each in (self.sentence, self.next):
            each.show([])
        self.versus.show([], top=True)
        self.text.choose(None)
        self.tokens.scroll_to_line(0)
