"""A window for a note, tags and a bookmark: on a document for a query, on the document, or on the query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Label, TextArea

from zsr_tui.api.notes import CountTags, DropRemark, KeepRemark, KeptRemark, Remark
from zsr_tui.client.protocol import EngineApi
from zsr_tui.text import one_line, printable
from zsr_tui.ui.keys.bar import KeyBar
from zsr_tui.ui.parts.clipped import clipped
from zsr_tui.ui.parts.judging.marks import BOOKMARK
from zsr_tui.ui.parts.line_input import LineInput
from zsr_tui.ui.parts.lines import Lines
from zsr_tui.ui.parts.pieces import Piece, ended
from zsr_tui.ui.parts.screen import BaseScreen
from zsr_tui.wrapping import wrap

MOST_SHOWN = 6  # lines of what others have noted
MOST_SAID = 3  # lines of a sentence about what is kept
TAGS = 12  # that are offered


@dataclass
class Draft:
    """What the window says of one target: `base` is a remark about it without a text. `stands` is what was kept."""

    title: str
    base: Remark
    stands: Sequence[KeptRemark] = ()
    note: str = ""
    tags: tuple[str, ...] = ()
    bookmark: bool = False
    seen: int = 0  # the revision of the note that is being changed
    over: bool = False  # what another window has kept meanwhile was shown
    others: tuple[KeptRemark, ...] = field(default=())

    def __post_init__(self) -> None:
        for each in self.stands:
            match each.remark.kind:
                case "note" if each.remark.who == self.base.who:
                    self.note, self.seen = each.remark.text, each.revision
                case "note":
                    self.others = (*self.others, each)
                case "tag":
                    self.tags = (each.remark.text, *self.tags)
                case "bookmark":
                    self.bookmark = True
        self.was = self.note, self.tags, self.bookmark

    @property
    def changed(self) -> bool:
        return (self.note, self.tags, self.bookmark) != self.was


class NoteScreen(BaseScreen[bool]):
    """Dismissed with True when something was kept. `drafts` has one entry for each target, the one that is meant most
    often first."""

    PLACE = "note"
    DIALOG = True
    DEFAULT_CSS = """
    NoteScreen .dialog { width: 90; height: auto; max-height: 94%; }
    NoteScreen #note-text { height: 8; border: round $border; background: $surface; padding: 0 1; }
    NoteScreen #note-tags { background: $panel; padding: 0 1; }
    NoteScreen Lines { padding: 0; }
    NoteScreen.short #note-text { height: 4; }
    NoteScreen #note-text:ansi, NoteScreen #note-tags:ansi { background: ansi_default; }
    """

    def __init__(self, engine: EngineApi, dataset: str, drafts: Sequence[Draft]) -> None:
        super().__init__()
        self._engine, self._dataset, self._drafts = engine, dataset, list(drafts)
        self._at = 0
        self._known: list[str] = []  # tags
        self._warned = False
        self.head, self.others, self.said = Lines(), Lines(), Lines()
        self.area = TextArea("", id="note-text", soft_wrap=True, show_line_numbers=False, tab_behavior="focus")
        self.tags = LineInput(placeholder="tags, with commas: typo, needs stemming", id="note-tags", compact=True)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield self.head
            yield self.others
            yield self.area
            yield Label("Tags: your own kinds of failure, counted beside the built-in ones", classes="muted")
            yield self.tags
            yield self.said
            yield KeyBar()

    def on_mount(self) -> None:
        self._show()
        self.area.focus()
        self.ask("tags", self._read_tags)

    @property
    def draft(self) -> Draft:
        return self._drafts[self._at]

    def next_target(self) -> None:
        """The note, tags and bookmark of the next target; what was written stays."""
        self._take()
        self._at = (self._at + 1) % len(self._drafts)
        self._show()

    def bookmark(self) -> None:
        """The target is on the list of bookmarks, or no more."""
        self.draft.bookmark = not self.draft.bookmark
        self._show_head()

    def keep(self) -> None:
        """Everything that was changed."""
        self._take()
        self.ask("keeping", self._keep)

    def leave(self) -> None:
        """What was changed is not lost by one key."""
        self._take()
        if any(draft.changed for draft in self._drafts) and not self._warned:
            self._warned = True
            self._say(f"Not kept yet: {self.key_of('note_keep')} keeps it, {self.key_of('note_back')} again drops it.")
        else:
            self.dismiss(False)

    def _take(self) -> None:
        draft = self.draft
        if self.area.text != printable(draft.note):  # what is shown of it is what it is, but for control characters
            draft.note = self.area.text
        draft.tags = tuple(dict.fromkeys(tag for each in self.tags.value.split(",") if (tag := " ".join(each.split()))))

    def _show(self) -> None:
        draft = self.draft
        self._show_head()
        self.others.show(
            [
                [(f"{one_line(each.remark.who)}: ", "muted"), (one_line(each.remark.text), "text")]
                for each in draft.others
            ],
            most=MOST_SHOWN,
            key="the review list",
        )
        self.area.load_text(printable(draft.note))
        self.tags.value = ", ".join(draft.tags)

    def _show_head(self) -> None:
        draft = self.draft
        targets: list[Piece] = []
        for number, each in enumerate(self._drafts):
            targets += [("  ", "plain")] if targets else []
            mark = "◉ " if number == self._at else "○ "
            targets.append((f"{mark}{each.title}", "title-active" if number == self._at else "muted"))
        about: list[list[Piece]] = [targets]
        if draft.base.query_text:
            about.append([("query ", "muted"), (one_line(draft.base.query_text), "text")])
        if draft.base.doc_id:
            about.append([("document ", "muted"), (one_line(draft.base.doc_id), "text")])
        if draft.bookmark:
            about.append([(f"{BOOKMARK} bookmarked", "reference")])
        self.head.show(about)

    async def _read_tags(self) -> None:
        counts = await self._engine.call(CountTags(dataset=self._dataset))
        if counts:
            self._say("In use: " + ", ".join(f"{count.tag} ({count.targets})" for count in counts[:TAGS]))

    async def _keep(self) -> None:
        kept = False
        for draft in self._drafts:
            if not draft.changed:
                continue
            note, tags, bookmark = draft.was
            if draft.note != note and not await self._keep_note(draft):
                return
            for tag in set(draft.tags) - set(tags):
                await self._call(KeepRemark, replace(draft.base, kind="tag", text=tag))
            for tag in set(tags) - set(draft.tags):
                await self._call(DropRemark, replace(draft.base, kind="tag", text=tag))
            if draft.bookmark != bookmark:
                mark = replace(draft.base, kind="bookmark")
                await self._call(KeepRemark if draft.bookmark else DropRemark, mark)
            draft.was, kept = (draft.note, draft.tags, draft.bookmark), True
        self.dismiss(kept)

    async def _call(self, question: type[KeepRemark] | type[DropRemark], remark: Remark) -> None:
        await self._engine.call(question(dataset=self._dataset, remark=remark))

    async def _keep_note(self, draft: Draft) -> bool:
        """False where another window has kept another one meanwhile: it is shown, and the next time replaced."""
        note = replace(draft.base, kind="note", text=draft.note)
        asked = KeepRemark(dataset=self._dataset, remark=note, seen=draft.seen, over=draft.over)
        outcome = await self._engine.call(asked)
        if outcome.done:
            draft.seen = outcome.now.revision if outcome.now is not None else 0
            draft.was = (draft.note, *draft.was[1:])
            return True
        draft.over = True
        theirs = printable(outcome.now.remark.text) if outcome.now is not None else "nothing"
        theirs = ended(one_line(theirs), 2 * self._room - 20)  # the key behind it is in sight
        self._say(f"Another window of yours has kept: {theirs} - {self.key_of('note_keep')} replaces it.", "warning")
        return False

    @property
    def _room(self) -> int:
        """Cells of a line that says something."""
        return max(20, self.size.width * 9 // 10 - 8 if self.size.width < 100 else 84)

    def _say(self, sentence: str, role: str = "muted") -> None:
        text = clipped(one_line(sentence), self._room, MOST_SAID)
        self.said.show([[(text[start:end], role)] for start, end in wrap(text, self._room)])

    def show_problem(self, sentence: str, group: str) -> None:
        """Nothing of it is lost: it stands in the window."""
        self._say(sentence, "error")
