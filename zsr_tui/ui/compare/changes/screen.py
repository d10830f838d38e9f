"""All that a change of the query did, list by list: measures, and the documents that came, left and moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll

from zsr_tui.api.events import DocHead
from zsr_tui.domain import DATASET_ONLY
from zsr_tui.text import one_line, printable
from zsr_tui.ui.compare.changes.effect import Effect, Move, effect, measure, move_pieces, summary, titles_of
from zsr_tui.ui.compare.changes.line import NO_BEFORE
from zsr_tui.ui.compare.changes.words import word_pieces
from zsr_tui.ui.compare.session import Phase, SearchSession, SystemList
from zsr_tui.ui.parts.judging.marks import GLYPHS, named
from zsr_tui.ui.parts.lines import Lines
from zsr_tui.ui.parts.pieces import Piece, flow
from zsr_tui.ui.parts.screen import BaseScreen

WIDTH = 110  # cells of the window at most
MARGIN = 10  # of its frame and the scroll bar
BEFORE_TITLE = 17  # cells of a document's line


class ChangesScreen(BaseScreen[None]):
    """Shows the session as it stood when it was opened."""

    PLACE = "changes"
    DIALOG = True
    CSS_PATH = "screen.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [("escape,q,enter,c", "close", "Close")]

    def __init__(self, session: SearchSession) -> None:
        super().__init__()
        self._session = session
        self._lines = Lines(id="what-it-did")

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog", id="changes") as dialog:
            dialog.border_title = "What the change did"
            dialog.border_subtitle = "↑ ↓ scroll · esc closes"
            with VerticalScroll():
                yield self._lines

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()
        self._show()

    def on_resize(self) -> None:
        self._show()

    def _show(self) -> None:
        self._lines.show(described(self._session, min(WIDTH, self.size.width * 24 // 25) - MARGIN))


def described(session: SearchSession, width: int) -> list[list[Piece]]:
    """Line by line, for a window of `width` cells."""
    version = session.version
    if version is None or version.parent is None:
        return []
    lines: list[list[Piece]] = [
        [("before  ", "muted"), (printable(version.parent.text), "text")],
        [("now     ", "muted"), (printable(version.text), "text")],
        word_pieces(version.parent.text, version.text),
    ]
    if session.judged_as is not None:
        borrowed = f"with the judgments of qid {printable(session.judged_as)}: nobody judged for this text"
        lines.append([(borrowed, "warning")])
    if session.kept is not None and session.kept.judged:
        glyph = GLYPHS["dataset" if session.counts.beside == DATASET_ONLY else "own"][0]
        said = f"over {named(session.counts.sources)}; {glyph} over {named(session.counts.beside)}, where it is another"
        lines.append([(said, "warning")])
    titles = titles_of(version.parent.heads, session.heads)
    for number, now in enumerate(session.lists):
        lines += [[], *_of_list(number, session.before(number), now, titles, width)]
    return lines


def _of_list(
    number: int, before: SystemList | None, now: SystemList, titles: Mapping[str, DocHead], width: int
) -> list[list[Piece]]:
    title: list[Piece] = [(f"{number + 1} {printable(now.head.label)}", "title-active")]
    if before is None:
        return [title, [(f"  {NO_BEFORE}", "faint")]]
    if now.phase is not Phase.DONE:
        return [title, [(f"  {now.phase.value}", "muted")]]
    found = effect(before, now)
    lines = [title]
    figures = [pieces for name in now.measures or () if (pieces := measure(before, now, name))]
    lines += [[("  ", "plain"), *line] for line in flow(figures, width - 2, ("   ", "plain"))] if figures else []
    lines.append([(f"  {summary(found)}", "text")])
    for heading, moves in _groups(found):
        lines += [[(f"  {heading}", "muted")], *(_line(move, titles, width) for move in moves)]
    return lines


def _groups(found: Effect) -> Sequence[tuple[str, tuple[Move, ...]]]:
    groups = (
        ("came into the first 10", found.came),
        ("left the first 10", found.left),
        ("relevant documents that moved", found.moved),
    )
    return [(heading, moves) for heading, moves in groups if moves]


def _line(move: Move, titles: Mapping[str, DocHead], width: int) -> list[Piece]:
    """The id is whole, the title takes what is left."""
    doc_id = f"  {one_line(move.doc_id)}"
    mark, places, *title = move_pieces(move, titles, max(10, width - BEFORE_TITLE - len(doc_id)))
    return [(f"    {mark[0]:<4}", mark[1]), (f"{places[0]:<9}", places[1]), *title, (doc_id, "faint")]
