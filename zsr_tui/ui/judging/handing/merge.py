"""Somebody's judgments, put together with one's own: how far both agree, and each conflict decided."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from zsr_tui import numerals
from zsr_tui.api.judging import ReadScale, Scale
from zsr_tui.api.merging import ConflictView, Decide, Merging
from zsr_tui.api.questions import ReadDocument
from zsr_tui.client.conflicts import Tally
from zsr_tui.client.protocol import EngineApi
from zsr_tui.person import own_name
from zsr_tui.ui.judging.handing import words
from zsr_tui.ui.parts.screen import BaseScreen


class MergeScreen(BaseScreen[None]):
    """What a decision is, is kept at once. The handlers of its keys are the public methods here."""

    PLACE = "merge"
    DIALOG = True
    DEFAULT_CSS = """
    MergeScreen #merged { width: 100; max-width: 95%; height: auto; max-height: 90%; }
    MergeScreen VerticalScroll { height: auto; max-height: 100%; }
    MergeScreen #conflict { margin-top: 1; }
    MergeScreen Static { height: auto; }
    """

    def __init__(self, engine: EngineApi, dataset: str, found: Merging) -> None:
        super().__init__()
        self._engine, self._dataset, self._found = engine, dataset, found
        self._left = list(found.conflicts)
        self._open, self._at_work, self._tally = 0, False, Tally()
        self._scale = Scale(lowest=0, highest=0, judged=False)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog", id="merged") as dialog:
            dialog.border_title = "Merged"
            with VerticalScroll():
                yield Static("\n".join(words.summary(self._found)), markup=False)
                yield Static(id="conflict", markup=False)

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()
        self.ask("conflict", self._begin)

    # what the keys do

    def decide(self, grade: int) -> None:
        """The grade that counts; it is kept before the next conflict is shown."""
        if not self._left or self._at_work:
            return
        if not self._scale.lowest <= grade <= self._scale.highest:
            self.tell(f"The {numerals.scale(self._scale.lowest, self._scale.highest)}.")
            return
        self._at_work = True
        self.ask("conflict", self._keep, self._left[0], grade)

    def leave_open(self) -> None:
        if self._left and not self._at_work:
            self._open += 1
            self._left.pop(0)
            self.ask("conflict", self._show)

    # what comes of them

    async def _begin(self) -> None:
        self._scale = await self._engine.call(ReadScale(dataset=self._dataset))
        await self._show()

    async def _keep(self, conflict: ConflictView, grade: int) -> None:
        await self._engine.call(Decide(dataset=self._dataset, conflict=conflict, grade=grade, who=own_name()))
        self._tally.add(conflict, grade)
        self._left.pop(0)
        await self._show()

    async def _show(self) -> None:
        shown, dialog = self.query_one("#conflict", Static), self.query_one("#merged", Vertical)
        self._at_work = False
        if not self._left:
            shown.update(f"{self._tally.said(self._found.before, self._open)}.")
            dialog.border_subtitle = "esc closes"
            self.call_after_refresh(shown.scroll_visible, animate=False)
            return
        conflict, total = self._left[0], len(self._found.conflicts)
        asked = ReadDocument(dataset=self._dataset, doc_id=conflict.doc_id, query=conflict.query_text)
        document = await self._engine.call(asked)
        shown.update(words.conflict(conflict, total - len(self._left) + 1, total, document.doc.text))
        grades = f"{self._scale.lowest} to {self._scale.highest} decide"
        dialog.border_subtitle = f"{grades} · {self.key_of('merge_open')} leaves it open · esc closes"
        self.call_after_refresh(shown.scroll_visible, animate=False, top=True)

    def show_problem(self, sentence: str, group: str) -> None:
        self._at_work = False
        super().show_problem(sentence, group)
