"""What became of a document: its rank in every stage and the stage at fault, in words, on a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zsr_tui.api.queries import FateView
from zsr_tui.text import one_line, shorten_middle
from zsr_tui.ui.parts.marks import mark
from zsr_tui.ui.parts.pieces import Piece, crop, width_of
from zsr_tui.ui.queries.table.columns import UNKNOWN, padded

NOT_KNOWN_RELEVANT = ("judged not relevant", "unjudged")
FAMILY = "one family only"  # said besides the outcome proper
NOWHERE = 10**9  # the rank of what is not in a list


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
        case "demoted" | "ranked low" if left_out:
            return f"left out by {stage}"
        case "demoted" | "pushed down":
            return f"{fate.outcome} by {stage}"
        case "ranked low" if fate.before is not None:
            return "low in every stage"
        case "ranked low":
            return f"low in {stage}"
        case _:
            return fate.outcome


@dataclass(frozen=True, slots=True)
class Path:
    """A document in one system. `also`: no other family found it; `wanted`: of the class that is looked at."""

    fate: FateView
    also: bool = False
    wanted: bool = False
    baseline: FateView | None = None  # the same document in the system that is compared with

    def words(self, width: int = 1000) -> str:
        """What happened; names as long as `width` cells allow."""
        also = ", by this family only" if self.also else ""
        most = len(one_line(self.fate.stage))
        full = in_words(self.fate, most) + also
        return full if len(full) <= width else in_words(self.fate, max(8, most - len(full) + width)) + also

    @property
    def failure(self) -> bool:
        return self.fate.outcome not in ("found", "recovered")

    @property
    def gain(self) -> int:
        """How many places it is higher than in the baseline; less than 0 where lower."""
        if self.baseline is None:
            return 0
        return (self.baseline.final or NOWHERE) - (self.fate.final or NOWHERE)

    @property
    def beside(self) -> Piece:
        """The baseline's rank."""
        if self.baseline is None:
            return "", "plain"
        role = "up" if self.gain > 0 else "down" if self.gain < 0 else "same"
        return f"◆ {UNKNOWN if self.baseline.final is None else self.baseline.final}", role

    def ranks(self, longest: int = 1000) -> str:
        """In every stage, their names in at most `longest` characters, or without them."""
        return " → ".join(
            f"{shorten_middle(one_line(stage), longest)} {UNKNOWN if rank is None else rank}".lstrip()
            for stage, rank in self.fate.ranks
        )


def paths(
    fates: Sequence[FateView], system: int, outcome: str = "", *, baseline: int | None = None, won: bool = False
) -> list[Path]:
    """The relevant documents of a system, those of the class `outcome` first, then failures; where the query is `won`
    against the `baseline`, what was gained, most first. Other documents only where the class is one of theirs."""
    theirs = {fate.doc_id: fate for fate in fates if fate.system == baseline and fate.outcome != FAMILY}
    own = [fate for fate in fates if fate.system == system]
    family = {fate.doc_id for fate in own if fate.outcome == FAMILY}
    found = [
        Path(
            fate,
            also=fate.doc_id in family,
            wanted=outcome in (fate.outcome, FAMILY if fate.doc_id in family else "-"),
            baseline=theirs.get(fate.doc_id) if baseline != system else None,
        )
        for fate in own
        if fate.outcome != FAMILY and (fate.outcome not in NOT_KNOWN_RELEVANT or fate.outcome == outcome)
    ]

    def order(path: Path) -> tuple[float, ...]:
        gained = max(0, path.gain) if won else 0
        return not path.wanted, -gained, not path.failure, path.fate.final or NOWHERE

    return sorted(found, key=order)


@dataclass(frozen=True, slots=True)
class PathColumns:
    """Cells of the document, of what happened to it, of its ranks and of the baseline's, a space behind each; how long
    the names of stages are among the ranks."""

    document: int = 0
    words: int = 0
    ranks: int = 0
    beside: int = 0
    longest: int = 0
    kept: int = 0  # own judgments and notes

    @staticmethod
    def of(found: Sequence[Path], width: int, marks: Mapping[str, Sequence[Piece]] | None = None) -> PathColumns:
        """What happened and the ranks get what they need as long as a document keeps a quarter of the line. Otherwise
        the ranks lose the stages' names, which stand in the line above, and what happened loses the rest."""
        beside = max((len(path.beside[0]) for path in found), default=0)
        beside += beside > 0
        kept = max((width_of(list((marks or {}).get(path.fate.doc_id, ()))) + 1 for path in found), default=1)
        kept = kept if kept > 1 else 0
        room = width - 4 - beside - kept  # without gutter and judgment
        most = room - max(25, room // 4)
        words = max((len(path.words()) for path in found), default=0) + 1
        for longest in (1000, 16, 10, 0):
            ranks = max((len(path.ranks(longest)) for path in found), default=0) + 1
            if words + ranks <= most:
                break
        words = max(0, min(words, most - ranks))
        return PathColumns(max(0, room - words - ranks), words, ranks, beside, longest, kept)

    def line(self, path: Path, gutter: str, marks: Sequence[Piece] = ()) -> list[Piece]:
        fate = path.fate
        glyph, grade, role = mark(fate.grade)
        name: Piece = (one_line(fate.doc_id), "strong" if path.wanted else "text")
        title = one_line(fate.title)
        named = crop([name, (f"  {title}", "muted")] if title else [name], self.document - 1)
        return [
            (gutter, "strong"),
            (f"{glyph}{grade:<2}", role),
            *marks,
            (" " * max(0, self.kept - width_of(list(marks))), "plain"),
            *named,
            (" " * (self.document - width_of(named)), "plain"),
            *padded(path.words(self.words - 1), "warning" if path.failure else "text", self.words, left=True),
            *padded(path.ranks(self.longest), "muted", self.ranks, left=True),
            *(padded(*path.beside, self.beside, left=True) if self.beside else ()),
        ]
