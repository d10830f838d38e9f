"""Judging the unjudged documents of several lists, one after the other, by single keys."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import ContentSwitcher

from zsr_tui import numerals
from zsr_tui.api.pooling import (
    JudgePooled,
    PoolEffect,
    Pooling,
    PoolItem,
    PoolView,
    ReadPool,
    ReadPoolEffect,
    UndoPooled,
)
from zsr_tui.api.questions import ReadDocument
from zsr_tui.api.requests import DocumentView
from zsr_tui.client.protocol import EngineApi
from zsr_tui.person import own_name
from zsr_tui.text import one_line, printable
from zsr_tui.ui.judging.pool import words
from zsr_tui.ui.keys.action import Action
from zsr_tui.ui.keys.bar import KeyBar
from zsr_tui.ui.keys.table.judging import HIGHEST
from zsr_tui.ui.parts.asker import Asker
from zsr_tui.ui.parts.bar import Bar
from zsr_tui.ui.parts.copying import choice
from zsr_tui.ui.parts.copying.choice import Choice, Copyable
from zsr_tui.ui.parts.limited import Limited
from zsr_tui.ui.parts.lines import Lines
from zsr_tui.ui.parts.messages import Poolable
from zsr_tui.ui.parts.notice import Notice
from zsr_tui.ui.parts.screen import BaseScreen
from zsr_tui.ui.parts.text_view import TextView

DEPTHS = (5, 10, 20, 50, 100)
JUDGING, RESULT = "judging", "result"
WORK = "pool"  # the group of what changes the session


class PoolScreen(BaseScreen[None]):
    """What the keys do is in `zsr_tui.ui.keys.table.judging`; its handlers are the public methods here. `clock` in
    seconds tells how long a document was looked at."""

    PLACE = "pool"
    AUTO_FOCUS = ""
    CSS_PATH = "screen.tcss"

    def __init__(
        self, engine: EngineApi, wanted: Poolable, seed: int | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self._engine, self._ask, self._clock = engine, Asker(self, engine), clock
        self.measures = tuple(dict.fromkeys(wanted.measures))
        self.pooling = Pooling(
            session=os.urandom(8).hex(),
            dataset=wanted.dataset,
            about=wanted.about,
            measure=self.measures[0],
            seed=random.SystemRandom().randrange(10**6) if seed is None else seed,
            who=own_name(),
        )
        self.view: PoolView | None = None
        self.effect: PoolEffect | None = None
        self._document: DocumentView | None = None
        self._shown: tuple[str, str, str] | None = None  # the document that is looked at, and since when
        self._since = 0.0
        self._seen = 0  # the revision of somebody else's judgment that was told of
        self._busy = False
        self.status, self.notice = Bar(id="status"), Notice()
        self.query_text = Limited(words.FIRST, id="query-text")
        self.stakes, self.head, self.body = Lines(id="stakes"), Lines(id="document-head"), TextView()
        self.result, self.views = Lines(id="effect"), ContentSwitcher(initial=JUDGING, classes="views")

    def compose(self) -> ComposeResult:
        yield self.status
        yield self.notice
        with self.views:
            with Vertical(id=JUDGING):
                yield self.query_text
                yield self.head
                yield self.stakes
                yield self.body
            with VerticalScroll(id=RESULT):
                yield self.result
        yield KeyBar()

    def on_mount(self) -> None:
        self.body.focus()
        self._change(ReadPool(pooling=self.pooling))

    @property
    def item(self) -> PoolItem | None:
        return self.view.item if self.view is not None else None

    @property
    def shown(self) -> str:
        return str(self.views.current)

    @property
    def key_labels(self) -> dict[str, str]:
        view, result = self.view, self.shown == RESULT
        labels = {
            f"pool_grade_{grade}": ""
            for grade in range(HIGHEST + 1)
            if result or self.item is None or not self._grades(grade)
        }
        if result or self.item is None:
            labels["pool_pass"] = ""
        if view is None or not view.looks:
            labels["pool_undo"] = ""
        if view is None or view.matching <= view.queries:
            labels["pool_page"] = ""
        labels["pool_blind"] = "open" if self.pooling.blind else "blind"
        labels["pool_result"] = "go on" if result else "result"
        return labels

    def applies(self, action: Action) -> bool:
        return super().applies(action) and (
            not action.id.startswith("pool_grade_") or self._grades(action.argument or 0)
        )

    def _grades(self, grade: int) -> bool:
        """Whether a document can be given it."""
        return self.view is not None and self.view.lowest <= grade <= self.view.highest

    def why_not(self, action: Action) -> str:
        if self.view is None or not action.id.startswith("pool_grade_"):
            return ""
        return f"The {numerals.scale(self.view.lowest, self.view.highest)}."

    # what the keys do

    def grade(self, grade: int) -> None:
        self._judge(grade)

    def pass_over(self) -> None:
        self._judge(None)

    def undo(self) -> None:
        if self.view is None or not self.view.looks:
            self.tell("Nothing was judged in this session yet.")
        elif not self._waits():
            self._show_view(JUDGING)
            self._change(UndoPooled(pooling=self.pooling, looks=self.view.looks))

    def toggle_blind(self) -> None:
        """From here on."""
        self._set_up(blind=not self.pooling.blind)
        self.tell(
            "Systems are hidden, and the order tells nothing."
            if self.pooling.blind
            else "What is most at stake comes first."
        )

    def next_measure(self) -> None:
        at = self.measures.index(self.pooling.measure)
        self._set_up(measure=self.measures[(at + 1) % len(self.measures)])

    def next_depth(self) -> None:
        deeper = [depth for depth in DEPTHS if depth > self.pooling.depth]
        self._set_up(depth=(deeper or DEPTHS)[0])

    def next_page(self) -> None:
        """The queries behind those that are pooled together; the first ones behind the last."""
        view = self.view
        if view is None or view.matching <= view.queries:
            self.tell("All queries are pooled already.")
            return
        self._show_view(JUDGING)
        more = view.first + view.queries < view.matching
        self._set_up(page=self.pooling.page + 1 if more else 0)

    def toggle_result(self) -> None:
        """What judging did to the systems. Who has not finished judging blind is asked first."""
        if self.shown == RESULT:
            self._show_view(JUDGING)
        elif self.pooling.blind and self.item is not None:
            from zsr_tui.ui.parts.confirm import ConfirmScreen

            left = (
                "The result names the systems and says what your judgments did: what you judge after it is not blind."
            )
            self.app.push_screen(ConfirmScreen("See the result now?", (left,), "Show it", "Go on blind"), self._reveal)
        else:
            self._read_effect()

    def have_judged(self) -> None:
        from zsr_tui.ui.judging.model.screen import ModelScreen

        self.app.push_screen(ModelScreen(self._engine, self.pooling))

    def again(self) -> None:
        """Ask once more, after something went wrong."""
        if not self._waits():
            self.notice.say("")
            self._shown = None
            self._change(ReadPool(pooling=self.pooling))

    def leave(self) -> None:
        if self.shown == RESULT and self.item is not None:
            self._show_view(JUDGING)
        else:
            self.dismiss()

    def copyable(self) -> Copyable | None:
        if self.shown == RESULT:
            return Copyable("what judging did", (Choice("x", "as text", self.result.text),))
        if self._document is None or self.item is None:
            return None
        return choice.document(self._document.doc.id, self._document.doc.title, self._document.doc.text)

    # asking

    def _judge(self, grade: int | None) -> None:
        """Keys that come before a document is seen, or while the last grade is being kept, judge nothing. One that
        cannot be read can be passed over."""
        unseen = self._shown is None and grade is not None
        if self.view is None or self.item is None or unseen or self._busy or self.shown == RESULT:
            return
        asked = JudgePooled(
            pooling=self.pooling,
            item=self.item,
            grade=grade,
            seconds=round(max(0.0, self._clock() - self._since), 2),
            looks=self.view.looks,
            seen=self._seen,
        )
        self._change(asked)

    def _set_up(self, **changes: object) -> None:
        if self._waits():
            return
        self.pooling = replace(self.pooling, **changes)
        self._change(ReadPool(pooling=self.pooling))
        self.refresh_bindings()
        if self.shown == RESULT:
            self._read_effect()

    def _waits(self) -> bool:
        """Whether the last grade is still being kept, which the next question would have to come behind."""
        if self._busy:
            self.tell("The last one is still being kept: press it again in a moment.")
        return self._busy

    def _change(self, question: ReadPool | JudgePooled | UndoPooled) -> None:
        self._busy = not isinstance(question, ReadPool)
        self._show()
        self._ask(WORK, question, self._came)

    def _came(self, view: PoolView) -> None:
        self._busy, self.view = False, view
        self.notice.say("")
        self._seen = 0
        if view.taken is not None:
            self._seen = view.taken.revision
            theirs = view.taken.judgment
            self.notice.say(
                f"{one_line(theirs.who or 'Somebody')} has graded it {theirs.grade} meanwhile: grade it once more to "
                f"put yours in its place, or pass it over ({self.key_of('pool_pass')})."
            )
        key = (
            None
            if view.item is None
            else (view.item.dataset, view.item.query_id or view.item.query_text, view.item.doc_id)
        )
        if view.item is not None and key != self._shown:
            self._shown, self._document = None, None
            asked = ReadDocument(dataset=view.item.dataset, doc_id=view.item.doc_id, query=view.item.query_text)
            self._ask("document", asked, lambda document: self._read(key, document))
        self._show()
        self.refresh_bindings()
        if view.item is None and view.judged and self.shown == JUDGING:
            self._read_effect()

    def _read(self, key: tuple[str, str, str] | None, document: DocumentView) -> None:
        self._document, self._shown, self._since = document, key, self._clock()
        self._show()

    def _reveal(self, yes: bool | None) -> None:
        if yes:
            self._set_up(blind=False)
            self._read_effect()

    def _read_effect(self) -> None:
        self._ask("effect", ReadPoolEffect(pooling=self.pooling), self._effect_came)

    def _effect_came(self, effect: PoolEffect) -> None:
        self.effect = effect
        self._show_view(RESULT)

    def show_problem(self, sentence: str, group: str) -> None:
        if group == WORK:
            self._busy = False
        self.notice.say(sentence)
        self._show()

    # what is seen

    def _show_view(self, view: str) -> None:
        self.views.current = view
        (self.query_one(f"#{RESULT}") if view == RESULT else self.body).focus()
        self._show()
        self.refresh_bindings()

    def _show(self) -> None:
        view, item = self.view, self.item
        left = [(f" {one_line(self.pooling.dataset)}  ", "strong"), (words.how(self.pooling), "muted")]
        if view is None:
            asking = "" if self.notice.display else "looking for what matters most …"
            self.status.show(left, [(f"{asking} ", "muted")])
            return
        keeping = [("keeping … ", "muted")] if self._busy else []
        self.status.show(left, [*keeping, *words.progress(view), (" ", "plain")])
        if item is None:
            self.query_text.put("")
            self.stakes.show([])
            self.head.show([])
            keys = self.key_of("pool_depth"), self.key_of("pool_result"), self.key_of("pool_page")
            self.body.show("\n".join(words.nothing_left(self.pooling, view, *keys)), role="muted")
        else:
            self.query_text.put(
                printable(f"{item.query_text}   [{item.query_id}]" if item.query_id else item.query_text)
            )
            self.stakes.show(words.stake_lines(item, self.pooling.measure, self.size.width - 2))
            self.head.show([*words.head_lines(item, self._document), [(words.scale(view), "faint")]])
            document = self._document
            text = (document.doc.text or "(no text)") if document is not None else ""
            if printable(text) != self.body.text:
                self.body.show(text, document.text_terms if document is not None else ())
        if self.effect is not None:
            finding = self.key_of("finding")
            self.result.show(words.effect_lines(self.effect, self.pooling, self.size.width - 2, finding))

    def on_resize(self) -> None:
        self._show()
