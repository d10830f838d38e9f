"""What became of a query's relevant documents: the rank in every stage, and the stage at fault in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.strip import Strip

from zsr_tui.api.queries import FateView, StageLossesView
from zsr_tui.text import one_line, shorten_middle
from zsr_tui.ui.parts.cursor_view import CursorView
from zsr_tui.ui.parts.pieces import Piece, crop, mark, width_of
from zsr_tui.ui.queries.documents.verdict import line_count, verdict_lines
from zsr_tui.ui.queries.table.columns import UNKNOWN, padded

NOT_KNOWN_RELEVANT = ("judged not relevant", "unjudged")
FAMILY = "one family only"  # said besides the outcome proper


def in_words(fate: FateView, longest: int = 40) -> str:
    """What happened, and in which stage, its name in at most `longest` characters."""
    stage = shorten_middle(one_line(fate.stage), longest)
    left_out = (fate.stage, None) in fate.ranks
    match fate.outcome:
        case "recovered":
            return f"recovered by {stage}"
        case "not retrieved":
            return f"not retrieved by {stage}"
        case "below the rerank depth":
            return f"too low in {stage} to be reranked"
        case "demoted" | "judged low" if left_out:
            return f"left out by {stage}"
        case "demoted" | "pushed down":
            return f"{fate.outcome} by {stage}"
        case "judged low" if fate.before is not None:
            return "low in every stage"
        case "judged low":
            return f"low in {stage}"
        case _:
            return fate.outcome


@dataclass(frozen=True, slots=True)
class Path:
    """A document in one system. `also`: no other family found it; `wanted`: of the class that is looked at."""

    fate: FateView
    also: bool = False
    wanted: bool = False

    def words(self, width: int = 1000) -> str:
        """What happened; names as long as `width` cells allow."""
        also = ", by this family only" if self.also else ""
        most = len(one_line(self.fate.stage))
        full = in_words(self.fate, most) + also
        return full if len(full) <= width else in_words(self.fate, max(8, most - len(full) + width)) + also

    @property
    def failure(self) -> bool:
        return self.fate.outcome not in ("found", "recovered")

    def ranks(self, longest: int = 1000) -> str:
        """In every stage, their names in at most `longest` characters, or without them."""
        return " → ".join(
            f"{shorten_middle(one_line(stage), longest)} {UNKNOWN if rank is None else rank}".lstrip()
            for stage, rank in self.fate.ranks
        )


def paths(fates: Sequence[FateView], system: int, outcome: str = "") -> list[Path]:
    """The relevant documents of a system, those of the class `outcome` first, then failures; other documents only
    where the class is one of theirs."""
    own = [fate for fate in fates if fate.system == system]
    family = {fate.doc_id for fate in own if fate.outcome == FAMILY}
    found = [
        Path(
            fate, also=fate.doc_id in family, wanted=outcome in (fate.outcome, FAMILY if fate.doc_id in family else "-")
        )
        for fate in own
        if fate.outcome != FAMILY and (fate.outcome not in NOT_KNOWN_RELEVANT or fate.outcome == outcome)
    ]
    return sorted(found, key=lambda path: (not path.wanted, not path.failure, path.fate.final or 10**9))


class DocumentPaths(CursorView):
    """A line for each document, lines above them that say whose they are and which stage is at fault."""

    DEFAULT_CSS = "DocumentPaths { height: 10; }"

    class Opened(Message):
        """A double click."""

    def __init__(self) -> None:
        super().__init__()
        self._head: list[Piece] = []
        self._losses: StageLossesView | None = None
        self._paths: list[Path] = []
        self._columns: tuple[int, _Columns] | None = None  # for a width
        self._placeholder = ""
        self._cursor = 0

    @property
    def path(self) -> Path | None:
        """The document under the cursor."""
        return self._paths[self._cursor] if self._paths else None

    @property
    def _above(self) -> int:
        """Lines above the documents."""
        return 1 + (0 if self._losses is None else line_count(self._losses))

    def show(
        self,
        head: Sequence[Piece],
        found: Sequence[Path],
        losses: StageLossesView | None = None,
        placeholder: str = "",
    ) -> None:
        """The cursor stays where it was if the documents are those that were shown."""
        if [path.fate for path in found] != [path.fate for path in self._paths]:
            self._cursor = 0
            self.scroll_to_line(0)
        self._head, self._losses, self._paths, self._placeholder = list(head), losses, list(found), placeholder
        self._columns = None
        self.set_line_count(self._above + max(1, len(self._paths)))
        self.refresh()

    def action_move(self, by: int) -> None:
        if not self._paths:
            return
        self._cursor = max(0, min(len(self._paths) - 1, self._cursor + by))
        line = self._cursor + self._above
        self.reveal(line if self._cursor else 0, line)
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        place = event.y + self.scroll_offset.y - self._above
        if 0 <= place < len(self._paths):
            self.action_move(place - self._cursor)
            if event.chain == 2:
                self.post_message(self.Opened())

    def on_resize(self) -> None:
        self.set_line_count(self._above + max(1, len(self._paths)))

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        place = y + self.scroll_offset.y - self._above
        if place < 0:
            verdict = [] if self._losses is None else verdict_lines(self._losses, width)
            return self._palette.strip([*verdict, crop(self._head, width)][place], width)
        if not self._paths:
            return self._palette.strip([(f" {self._placeholder}" if place == 0 else "", "muted")], width)
        if place >= len(self._paths):
            return self._palette.strip((), width)
        gutter, backdrop = self.cursor_look(place == self._cursor)
        if self._columns is None or self._columns[0] != width:
            self._columns = (width, _columns(self._paths, width))
        return self._palette.strip(_line(self._paths[place], gutter, self._columns[1]), width, backdrop)


@dataclass(frozen=True, slots=True)
class _Columns:
    """Cells of the document, of what happened to it, and of its ranks, a space behind each; how long the names of
    stages are among the ranks."""

    document: int = 0
    words: int = 0
    ranks: int = 0
    longest: int = 0


def _columns(found: Sequence[Path], width: int) -> _Columns:
    """What happened and the ranks get what they need as long as a document keeps a quarter of the line. Otherwise the
    ranks lose the stages' names, which stand in the line above, and what happened loses the rest."""
    room = width - 4  # without gutter and judgment
    most = room - max(25, room // 4)
    words = max((len(path.words()) for path in found), default=0) + 1
    for longest in (1000, 16, 10, 0):
        ranks = max((len(path.ranks(longest)) for path in found), default=0) + 1
        if words + ranks <= most:
            break
    words = max(0, min(words, most - ranks))
    return _Columns(max(0, room - words - ranks), words, ranks, longest)


def _line(path: Path, gutter: str, columns: _Columns) -> list[Piece]:
    fate = path.fate
    glyph, grade, role = mark(fate.grade)
    name: Piece = (one_line(fate.doc_id), "strong" if path.wanted else "text")
    title = one_line(fate.title)
    named = crop([name, (f"  {title}", "muted")] if title else [name], columns.document - 1)
    return [
        (gutter, "strong"),
        (f"{glyph}{grade:<2}", role),
        *named,
        (" " * (columns.document - width_of(named)), "plain"),
        *padded(path.words(columns.words - 1), "warning" if path.failure else "text", columns.words, left=True),
        *padded(path.ranks(columns.longest), "muted", columns.ranks, left=True),
    ]
