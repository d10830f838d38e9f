"""Two lists of one query without names: which is better is said with a key, and kept; who won is told at the end."""

from __future__ import annotations

import asyncio
import random
from typing import Literal

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import ContentSwitcher

from zsr_tui.api.blind import DuelView, ReadWinRates
from zsr_tui.api.judging import DropPreference, KeepPreference, Preference
from zsr_tui.api.questions import ReadDocument
from zsr_tui.api.requests import DocumentView
from zsr_tui.client.protocol import EngineApi
from zsr_tui.person import own_name
from zsr_tui.text import one_line, printable
from zsr_tui.ui.judging.blind import words
from zsr_tui.ui.judging.blind.duels import Duel, Work, duels
from zsr_tui.ui.judging.blind.list import BlindList
from zsr_tui.ui.judging.blind.pairs import Pairs
from zsr_tui.ui.keys.bar import KeyBar
from zsr_tui.ui.parts.asker import Asker
from zsr_tui.ui.parts.bar import Bar
from zsr_tui.ui.parts.copying.choice import Choice, Copyable
from zsr_tui.ui.parts.cursor_view import CursorView
from zsr_tui.ui.parts.limited import Limited
from zsr_tui.ui.parts.lines import Lines
from zsr_tui.ui.parts.messages import Duellists
from zsr_tui.ui.parts.notice import Notice
from zsr_tui.ui.parts.screen import BaseScreen
from zsr_tui.ui.parts.text_view import TextView

PANE_FROM = 34  # lines of the terminal from which a document is shown, unless the user said otherwise
DUEL, RESULT = "duel", "result"
QUERY_LINES = 2
CHOICES: tuple[Literal["left", "tie", "right"], ...] = ("left", "tie", "right")


class BlindScreen(BaseScreen[None]):
    """What the keys do is in `zsr_tui.ui.keys.table.judging`; its handlers are the public methods here."""

    PLACE = "blind"
    AUTO_FOCUS = ""
    CSS_PATH = "screen.tcss"

    def __init__(self, engine: EngineApi, wanted: Duellists, seed: int | None = None) -> None:
        super().__init__()
        self.seed = random.SystemRandom().randrange(10**9) if seed is None else seed
        self._engine, self._ask = engine, Asker(self, engine)
        self._dataset = wanted.dataset
        self._pairs = Pairs(wanted)
        self._begin(wanted)
        self.chosen: list[words.Chosen] = []
        self._keeping = False
        self._pane_wanted: bool | None = None
        self._side = 0  # the list whose document is shown
        self._rates: tuple[tuple[DuelView, ...], tuple[DuelView, ...]] = ((), ())
        self.status, self.notice = Bar(id="status"), Notice()
        self.query_text = Limited(QUERY_LINES, id="query-text")
        self.left, self.right = BlindList(id="left"), BlindList(id="right")
        self.head, self.body, self.result = Lines(id="document-head"), TextView(), Lines(id="rates")
        self.views = ContentSwitcher(initial=DUEL, classes="views")

    def _begin(self, wanted: Duellists) -> None:
        """With the first duel of these systems."""
        self.duels = duels(self._engine, wanted, self.seed, self._told)
        self._coming: dict[int, asyncio.Task[Duel | None]] = {}
        self._work: dict[int, Work] = {}
        self._sought = self.number = -1  # of the duel whose lists are made; of that which is shown, or looked for
        self.duel: Duel | None = None
        self.ended = False
        self._way: list[int] = []  # the numbers of the duels that were shown and left
        self._passed: set[int] = set()
        self._alike: set[int] = set()

    def compose(self) -> ComposeResult:
        yield self.status
        yield self.notice
        with self.views:
            with Vertical(id=DUEL):
                yield self.query_text
                with Horizontal(id="lists"):
                    yield self.left
                    yield self.right
                with Vertical(id="document"):
                    yield self.head
                    yield self.body
            with VerticalScroll(id=RESULT):
                yield self.result
        yield KeyBar()

    def on_mount(self) -> None:
        self._arrange()
        self.left.focus()
        self._go_to(0)

    def on_unmount(self) -> None:
        self._stop()

    def _stop(self) -> None:
        for task in self._coming.values():
            task.cancel()

    @property
    def shown(self) -> str:
        return str(self.views.current)

    @property
    def key_labels(self) -> dict[str, str]:
        labels = {"blind_result": "go on" if self.shown == RESULT and not self.ended else "reveal"}
        if self.shown == RESULT or self.duel is None:
            labels |= dict.fromkeys(("blind_left", "blind_tie", "blind_right", "blind_pass", "blind_document"), "")
        if not self._way:
            labels["blind_undo"] = ""
        if len(self._pairs.each) < 2:
            labels["blind_pair"] = ""
        return labels

    # what the keys do

    def prefer(self, side: int) -> None:
        """-1 the left list, 1 the right one, 0 neither. Keys that come before the lists, or while the last preference
        is being kept, prefer nothing."""
        duel = self.duel
        if duel is None or self._keeping or self.shown == RESULT:
            return
        choice = CHOICES[side + 1]
        preference = Preference(
            query_id=duel.query_id,
            query_text=duel.query_text,
            left=duel.left,
            right=duel.right,
            choice=choice,
            who=own_name(),
            seed=self.seed,
        )
        self._keeping = True

        def kept(number: int) -> None:
            self._keeping = False
            self.chosen.append((duel, choice, number))
            self._leave_duel()

        self._ask("keep", KeepPreference(dataset=duel.dataset, preference=preference), kept)

    def pass_over(self) -> None:
        if self.duel is not None and not self._keeping and self.shown == DUEL:
            self._passed.add(self.number)
            self._leave_duel()

    def undo(self) -> None:
        """Back to the duel before, without what was preferred of it."""
        if not self._way or self._keeping:
            self.tell("Nothing was preferred in this session yet.")
            return
        number = self._way[-1]

        def dropped(_: None = None) -> None:
            self._keeping = False
            self._way.pop()
            self._passed.discard(number)
            if self.chosen and was_kept:
                self.chosen.pop()
            self._show_view(DUEL)
            self._go_to(number)

        was_kept = number not in self._passed
        if was_kept:
            self._keeping = True
            duel, _, kept = self.chosen[-1]
            self._ask("keep", DropPreference(dataset=duel.dataset, number=kept), dropped)
        else:
            dropped()

    def choose_pair(self) -> None:
        """Which two systems are compared from now on, or all pairs in turn; what was preferred is kept."""

        def chosen(pair: Duellists) -> None:
            if not self._keeping:
                self._stop()
                self._begin(pair)
                self._show_view(DUEL)
                self._go_to(0)

        if not self._pairs.choose(self.app, chosen):
            self.tell("There are two systems, and they are compared.")

    def toggle_document(self) -> None:
        self._pane_wanted = not self.query_one("#document").display
        self._arrange()
        self._read_document()

    def toggle_result(self) -> None:
        """Who won."""
        if self.shown == RESULT and not self.ended:
            self._show_view(DUEL)
        else:
            self._read_rates()

    def again(self) -> None:
        """Ask once more, after something went wrong."""
        self.notice.say("")
        if self.duel is None and not self.ended:
            self._go_to(self.number)

    def leave(self) -> None:
        if self.shown == RESULT and not self.ended:
            self._show_view(DUEL)
        else:
            self.dismiss()

    def copyable(self) -> Copyable | None:
        """The result; while lists are shown, nothing of them, which would tell."""
        if self.shown != RESULT:
            return None
        return Copyable("what was preferred", (Choice("x", "as text", self.result.text),))

    # the duels

    def _leave_duel(self) -> None:
        self._way.append(self.number)
        self._go_to(self.number + 1)

    def _go_to(self, number: int) -> None:
        self.number, self.duel = number, None
        self._show()
        self.ask("lists", self._find, number)

    async def _find(self, number: int) -> None:
        """The first one from there on whose lists differ; then the one behind it, for which nobody has to wait."""
        while True:
            self._sought = number
            duel = await self._come(number)
            if duel is None or not duel.alike:
                break
            self._alike.add(number)
            number += 1
        self.call_later(self._found, number, duel)
        if duel is not None:
            self._begun(number + 1)

    async def _come(self, number: int) -> Duel | None:
        """Asked once, however often it is waited for; one that went wrong is asked again."""
        return await asyncio.shield(self._begun(number))

    def _begun(self, number: int) -> asyncio.Task[Duel | None]:
        task = self._coming.get(number)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = self._coming[number] = asyncio.create_task(self.duels.duel(number))
        return task

    def _told(self, number: int, work: Work) -> None:
        self._work[number] = work
        if number == self._sought and self.duel is None:
            self._show()

    def _found(self, number: int, duel: Duel | None) -> None:
        self.number, self.duel, self.ended = number, duel, duel is None
        if duel is not None:
            for side, ids in zip((self.left, self.right), duel.sides, strict=True):
                side.show(ids, duel.heads)
        self._show()
        self.refresh_bindings()
        if self.ended:
            self._read_rates()
        else:
            self._read_document()

    # the document under the cursor

    @on(CursorView.Moved)
    def _moved(self) -> None:
        self._read_document()

    def on_descendant_focus(self) -> None:
        self._read_document()

    def _read_document(self) -> None:
        """Of the list that has the focus, or had it last."""
        if self.left.has_focus or self.right.has_focus:
            self._side = int(self.right.has_focus)
        doc_id = (self.left, self.right)[self._side].doc_id
        if self.duel is None or doc_id is None or not self.query_one("#document").display:
            return
        asked = ReadDocument(dataset=self.duel.dataset, doc_id=doc_id, query=self.duel.query_text)
        self._ask("document", asked, self._document_came)

    def _document_came(self, document: DocumentView) -> None:
        title = printable(one_line(document.doc.title)) or "(no title)"
        self.head.show([[(title, "strong")]])
        self.body.show(document.doc.text or "(no text)", document.text_terms)

    # who won

    def _read_rates(self) -> None:
        datasets = tuple(dict.fromkeys((self._dataset, *(duel.dataset for duel, _, _ in self.chosen))))
        self.ask("rates", self._rate, datasets)

    async def _rate(self, datasets: tuple[str, ...]) -> None:
        session = await self._engine.call(ReadWinRates(datasets=datasets, seed=self.seed))
        every = await self._engine.call(ReadWinRates(datasets=datasets))
        self.call_later(self._rated, session, every)

    def _rated(self, session: tuple[DuelView, ...], every: tuple[DuelView, ...]) -> None:
        self._rates = session, every
        self._show_view(RESULT)

    # what is seen

    def show_problem(self, sentence: str, group: str) -> None:
        if group == "keep":
            self._keeping = False
        self.notice.say(sentence)
        self._show()

    def _show_view(self, view: str) -> None:
        self.views.current = view
        (self.query_one(f"#{RESULT}") if view == RESULT else self.left).focus()
        self._show()
        self.refresh_bindings()

    def _show(self) -> None:
        left = [(f" {one_line(self._dataset)}  ", "strong"), ("which list is better?", "muted")]
        passed, alike = len(self._passed), len(self._alike)
        right = words.progress(len(self.chosen), passed, alike, self.number, self.duels.count)
        right += words.pairs(self._pairs.in_turn, self.key_of("blind_pair"))
        self.status.show(left, [*right, (" ", "plain")])
        if self.duel is not None:
            self.query_text.put(printable(self.duel.query_text))
        elif not self.ended and not self.notice.display:
            self.query_text.put(words.looking(self._work.get(self._sought)))
        if self.duel is None:
            for side in (self.left, self.right):
                side.show((), {}, words.EMPTY if not self.ended and not self.notice.display else "")
            self.head.show([])
            self.body.show("")
        if self.shown == RESULT:
            self.result.show(words.result_lines(*self._rates, self.chosen, self.seed, self.size.width - 2))

    def on_resize(self) -> None:
        self._arrange()
        self._show()

    def _arrange(self) -> None:
        wanted = self.size.height >= PANE_FROM if self._pane_wanted is None else self._pane_wanted
        self.query_one("#document").display = wanted
