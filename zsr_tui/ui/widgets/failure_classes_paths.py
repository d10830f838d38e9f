"""What became of a query's relevant documents: the rank in every stage, and the stage at fault in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from zsr_tui.api.evaluations import FateView
from zsr_tui.text import one_line, shorten_middle
from zsr_tui.ui.render import Piece, crop, mark
from zsr_tui.ui.widgets.line_view import LineView
from zsr_tui.ui.widgets.paint import Palette
from zsr_tui.ui.widgets.query_table_columns import UNKNOWN, padded

NOT_KNOWN_RELEVANT = ("judged not relevant", "unjudged")
FAMILY = "one family only"  # said besides the outcome proper


def last_step(notation: str) -> str:
    """The step of a stage that is its own: the reranker of `bm25 % 100 >> model`."""
    return one_line(notation.rpartition(" >> ")[2])


def in_words(fate: FateView, longest: int = 40) -> str:
    """What happened, and in which stage, its name in at most `longest` characters."""
    stage = shorten_middle(last_step(fate.stage), longest)
    match fate.outcome:
        case "recovered":
            return f"recovered by {stage}"
        case "not retrieved":
            return f"not retrieved by {stage}"
        case "below the rerank depth":
            return f"too low in {stage} to be reranked"
        case "demoted" | "judged low" if fate.final is None:
            return f"left out by {stage}"
        case "demoted":
            return f"demoted by {stage}"
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

    @property
    def failure(self) -> bool:
        return self.fate.outcome not in ("found", "recovered")

    def ranks(self, width: int) -> str:
        """In every stage, names as long as `width` cells allow."""
        longest = max(5, (width + 2) // max(1, len(self.fate.ranks)) - 9)
        return " → ".join(
            f"{shorten_middle(last_step(stage), longest)} {UNKNOWN if rank is None else rank}"
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


class DocumentPaths(LineView, can_focus=True):
    """A line for each document, a line above them that says whose they are."""

    DEFAULT_CSS = "DocumentPaths { height: 8; overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("pageup", "move(-5)", "Page up", show=False),
        Binding("pagedown", "move(5)", "Page down", show=False),
        Binding("home", "move(-100000)", "First", show=False),
        Binding("end", "move(100000)", "Last", show=False),
    ]
    ALLOW_SELECT = False

    class Opened(Message):
        """A double click."""

    def __init__(self) -> None:
        super().__init__()
        self._palette = Palette(self)
        self._head: list[Piece] = []
        self._paths: list[Path] = []
        self._placeholder = ""
        self._cursor = 0

    @property
    def path(self) -> Path | None:
        """The document under the cursor."""
        return self._paths[self._cursor] if self._paths else None

    def show(self, head: Sequence[Piece], found: Sequence[Path], placeholder: str = "") -> None:
        self._head, self._paths, self._placeholder = list(head), list(found), placeholder
        self._cursor = 0
        self.set_line_count(1 + max(1, len(self._paths)))
        self.scroll_to(y=0, animate=False)
        self.refresh()

    def action_move(self, by: int) -> None:
        if not self._paths:
            return
        self._cursor = max(0, min(len(self._paths) - 1, self._cursor + by))
        line, top, height = self._cursor + 1, self.scroll_offset.y, max(1, self.size.height)
        if line < top or self._cursor == 0:
            self.scroll_to(y=max(0, line - 1), animate=False)
        elif line >= top + height:
            self.scroll_to(y=line - height + 1, animate=False)
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        place = event.y + self.scroll_offset.y - 1
        if 0 <= place < len(self._paths):
            self.action_move(place - self._cursor)
            if event.chain == 2:
                self.post_message(self.Opened())

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_resize(self) -> None:
        self.set_line_count(1 + max(1, len(self._paths)))

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._palette.renew()

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        place = y + self.scroll_offset.y - 1
        if place < 0:
            return self._palette.strip(crop(self._head, width), width)
        if not self._paths:
            return self._palette.strip([(f" {self._placeholder}" if place == 0 else "", "muted")], width)
        if place >= len(self._paths):
            return self._palette.strip((), width)
        gutter, backdrop = " ", "plain"
        if place == self._cursor:
            gutter = ">" if self.has_focus else "›"
            backdrop = "cursor" if self.has_focus else "cursor-blurred"
        return self._palette.strip(_line(self._paths[place], gutter, width), width, backdrop)


def _line(path: Path, gutter: str, width: int) -> list[Piece]:
    fate = path.fate
    glyph, grade, role = mark(fate.grade)
    doc = max(12, min(28, width // 6))
    ranks = (width - doc - 6) // 2 if width < 100 else (width - doc - 6) * 2 // 5
    words = in_words(fate, max(8, width - doc - ranks - 30))
    words += ", by this family only" if path.also else ""
    return crop(
        [
            (gutter, "strong"),
            (f"{glyph}{grade:<2}", role),
            *padded(one_line(fate.doc_id), "strong" if path.wanted else "text", doc, left=True),
            *padded(words, "warning" if path.failure else "text", width - 4 - doc - ranks, left=True),
            *padded(path.ranks(ranks), "muted", ranks, left=True),
        ],
        width,
    )
