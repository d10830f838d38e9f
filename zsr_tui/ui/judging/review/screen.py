"""All that was judged, noted, tagged and bookmarked of a corpus: searched, opened again, mended."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.timer import Timer
from textual.widgets import Input

from zsr_tui.api.judging import ClearJudgment, Judgment, KeepJudgment, Kept
from zsr_tui.api.merging import ExportJudgments, FileToRead, MergeJudgments, Merging, format_of
from zsr_tui.api.notes import CountTags, DropRemark, KeepRemark, ReadRemarks, Remark, Review, ReviewPage, TagCount
from zsr_tui.client.judgments import said_of
from zsr_tui.client.protocol import EngineApi
from zsr_tui.client.targets import check_target, write
from zsr_tui.domain import Problem
from zsr_tui.person import own_name
from zsr_tui.ui.judging.handing.words import FORMATS
from zsr_tui.ui.judging.review import words
from zsr_tui.ui.judging.review.list import PAGE, ReviewList
from zsr_tui.ui.keys.bar import KeyBar
from zsr_tui.ui.parts.asker import Asker
from zsr_tui.ui.parts.bar import Bar
from zsr_tui.ui.parts.cursor_view import CursorView
from zsr_tui.ui.parts.judging.note import Draft, NoteScreen
from zsr_tui.ui.parts.line_input import LineInput
from zsr_tui.ui.parts.lines import Lines
from zsr_tui.ui.parts.messages import CompareWanted, Comparison
from zsr_tui.ui.parts.notice import Notice
from zsr_tui.ui.parts.screen import BaseScreen
from zsr_tui.ui.timers import once

DEBOUNCE = 0.15  # seconds after the last key


class ReviewScreen(BaseScreen[None]):
    """What the keys do is in `zsr_tui.ui.keys.table.judging`; its handlers are the public methods here. `weighed`:
    the systems with weights that were moved in Compare, which opens with them."""

    PLACE = "review"
    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    ReviewScreen #match { width: 1fr; height: 1; padding: 0 1; background: $background; margin-bottom: 1; }
    ReviewScreen #match:focus { background: $surface; }
    ReviewScreen.short #match { margin: 0; }
    ReviewScreen #status { background: $surface; }
    ReviewScreen #status:ansi, ReviewScreen #match:ansi { background: ansi_default; }
    """

    def __init__(
        self, engine: EngineApi, dataset: str, systems: tuple[str, ...], weighed: tuple[str, ...] = ()
    ) -> None:
        super().__init__()
        self._engine, self._ask = engine, Asker(self, engine)
        self._dataset, self._systems, self._weighed = dataset, systems, weighed
        self._kind = ""  # one of `words.KINDS`, "" for all
        self._page: ReviewPage | None = None
        self._pause: Timer | None = None
        self._dropped: list[Judgment | Remark] = []
        self._seen = False
        self.status, self.notice, self.tags = Bar(id="status"), Notice(), Lines(id="tags")
        self.match = LineInput(placeholder="words of a note, tag, query, document, or a name", id="match", compact=True)
        self.list = ReviewList(self._want, id="review")

    def compose(self) -> ComposeResult:
        yield self.status
        yield self.match
        yield self.notice
        yield self.list
        yield self.tags
        yield KeyBar()

    def on_mount(self) -> None:
        self.list.focus()
        self.read()

    def on_screen_resume(self) -> None:
        """What is above it may have changed something."""
        if self._seen:
            self.read()
        self._seen = True

    # what the keys do

    def focus_filter(self) -> None:
        self.set_focus(self.match)  # at once: what is typed next is for the line

    def show_kind(self, number: int) -> None:
        """1 is everything, the others are in the order of `words.KINDS`."""
        self._kind = ("", *words.KINDS)[number - 1]
        self._search()

    def read(self) -> None:
        """Anew."""
        self.list.forget()
        self._ask("tags", CountTags(dataset=self._dataset), self._count)

    @on(CursorView.Opened)
    def open_entry(self) -> None:
        """The query in Compare, the cursor on the document."""
        item = self.list.item
        if item is None:
            self.tell("There is no entry under the cursor.")
            return
        entry = words.about(item)
        if not entry.query_id and not entry.query_text:
            self.tell(f"This is about a document whatever the query: {self.key_of('copy')} copies its id.")
            return
        systems = self._systems
        seen = [number for number, each in enumerate((*self._weighed, *systems)) if each == entry.system]
        wanted = Comparison(
            dataset=self._dataset,
            systems=systems,
            query="" if entry.query_id else entry.query_text,
            qid=entry.query_id or None,
            doc_id=entry.doc_id or None,
            active=seen[0] % len(systems) if seen else 0,
            back=True,
            weighed=self._weighed,
        )
        self.post_message(CompareWanted(wanted))

    def edit_note(self) -> None:
        """The note, tags and bookmark of what the entry under the cursor is about."""
        item = self.list.item
        if item is None:
            self.tell("There is no entry under the cursor.")
            return
        self.ask("note", self._note, words.about(item))

    async def _note(self, entry: Judgment | Remark) -> None:
        found = await self._engine.call(
            ReadRemarks(
                dataset=self._dataset,
                query_id=entry.query_id,
                query_text=entry.query_text,
                doc_id=entry.doc_id,
            )
        )
        of_query = bool(entry.query_id or entry.query_text)
        stands = [
            each
            for each in found
            if each.remark.doc_id == entry.doc_id and bool(each.remark.query_id or each.remark.query_text) == of_query
        ]
        base = Remark(
            kind="note", query_id=entry.query_id, query_text=entry.query_text, doc_id=entry.doc_id, who=own_name()
        )
        about = (
            "this document for this query"
            if of_query and entry.doc_id
            else "this query"
            if of_query
            else "this document"
        )
        self.app.push_screen(NoteScreen(self._engine, self._dataset, [Draft(about, base, stands)]))

    def drop_entry(self) -> None:
        """Take it away; `undo` brings it back."""
        item = self.list.item
        if item is None:
            self.tell("There is no entry under the cursor.")
            return
        entry = words.about(item)
        done = partial(self._is_dropped, entry)
        if isinstance(item, Kept):
            cleared = ClearJudgment(
                dataset=self._dataset,
                query_id=item.judgment.query_id,
                query_text=item.judgment.query_text,
                doc_id=item.judgment.doc_id,
                source=item.judgment.source,
                who=item.judgment.who if item.judgment.source == "model" else own_name(),
                seen=item.revision,
            )
            self._ask("drop", cleared, lambda outcome: done(outcome.done), exclusive=False)
        else:
            dropped = DropRemark(dataset=self._dataset, remark=item.remark)
            self._ask("drop", dropped, lambda _: done(True), exclusive=False)

    def undo(self) -> None:
        """What was taken away last stands again."""
        if not self._dropped:
            self.tell("Nothing was taken away in this window.")
            return
        entry = self._dropped.pop()
        if isinstance(entry, Judgment):
            self._ask("drop", KeepJudgment(dataset=self._dataset, judgment=entry, over=True), lambda _: self.read())
        else:
            self._ask("drop", KeepRemark(dataset=self._dataset, remark=entry, over=True), lambda _: self.read())

    def write_file(self) -> None:
        """One's own judgments."""
        from zsr_tui.ui.parts.file_screen import FileScreen

        def done(said: str | None) -> None:
            if said:
                self.tell(said)

        keys = "Enter writes your judgments · esc closes"
        self.app.push_screen(FileScreen("Write judgments", "judgments.jsonl", keys, FORMATS, self._write), done)

    async def _write(self, path: Path, replace: bool) -> str:
        format = format_of(path)
        check_target(path, replace=replace)
        made = await self._engine.call(ExportJudgments(dataset=self._dataset, format=format))
        if not sum(made.counts.values()) and not made.left_out:
            raise Problem("there are no judgments of your own to write: judge first.", usage=True)
        write(path, made.text.encode())
        return f"{path}: {'; '.join(said_of(made))}."

    def merge_file(self) -> None:
        """Somebody's judgments with one's own."""
        from zsr_tui.ui.judging.handing.merge import MergeScreen
        from zsr_tui.ui.parts.file_screen import FileScreen

        def done(found: Merging | None) -> None:
            if found is not None:
                self.app.push_screen(MergeScreen(self._engine, self._dataset, found))

        keys = "Enter merges it with yours, and keeps what you had not judged · esc closes"
        title = "Merge judgments of somebody else"
        file = FileScreen(title, "", keys, FORMATS, self._merge, placeholder="judgments.jsonl")
        self.app.push_screen(file, done)

    async def _merge(self, path: Path, replace: bool) -> Merging:
        file = FileToRead(path=str(path))
        return await self._engine.call(
            MergeJudgments(dataset=self._dataset, files=(file,), who=own_name(), keep=True, remember=True)
        )

    def leave(self) -> None:
        """Out of the line that is typed in first."""
        if self.match.has_focus:
            self.list.focus()
        else:
            self.dismiss(None)

    # what comes of them

    def _is_dropped(self, entry: Judgment | Remark, done: bool) -> None:
        if done:
            self._dropped.append(entry)
            self.tell(f"It is taken away; {self.key_of('review_undo')} brings it back.")
        else:
            self.tell("Somebody has judged it meanwhile: look at it again.")
        self.read()

    @on(Input.Changed)
    def _typed(self) -> None:
        if self._pause is not None:
            self._pause.stop()
        self._pause = once(self, DEBOUNCE, self._search)

    @on(Input.Submitted)
    def _entered(self) -> None:
        self.list.focus()

    def _search(self) -> None:
        """Other entries, from the first one; the tags below are those of all entries."""
        if self._pause is not None:
            self._pause.stop()
            self._pause = None
        self.list.go_to(0)
        self.list.forget()

    def _want(self, offset: int) -> None:
        self.ask("review" if offset == 0 else f"review {offset}", self._read_page, offset)

    async def _read_page(self, offset: int) -> None:
        match, kind = self.match.value, self._kind
        kinds = (kind,) if kind else ()
        asked = Review(dataset=self._dataset, match=match, kinds=kinds, offset=offset, limit=PAGE)  # type: ignore[arg-type]
        page = await self._engine.call(asked)
        if (match, kind) != (self.match.value, self._kind):
            return
        self._page = page
        self.notice.say("")
        self.list.show(offset, page, "Nothing has these words." if match.strip() else self._nothing)
        self.status.show(words.title(self._dataset, page, match.strip(), kind))

    @property
    def _nothing(self) -> str:
        judge, note, mark = map(self.key_of, ("grade_1", "note", "bookmark"))
        return (
            f"Nothing was kept of this corpus yet: in Compare {judge} judges, {note} writes a note, {mark} bookmarks."
        )

    def _count(self, counts: tuple[TagCount, ...]) -> None:
        found = words.tags(counts)
        self.tags.show([found] if found else [])

    def show_problem(self, sentence: str, group: str) -> None:
        self.notice.say(sentence)
