"""The marks of judgments that are not the dataset's, and of notes: shapes of their own, never colour alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from zsr_tui.domain import relevant_from
from zsr_tui.ui.parts.judging.state import QueryKept
from zsr_tui.ui.parts.pieces import Piece

if TYPE_CHECKING:
    from zsr_tui.api.judging import AnySource

GLYPHS = {"own": ("■", "□"), "model": ("▲", "△"), "dataset": ("●", "○")}  # relevant, judged not relevant
NOTE, TAG, BOOKMARK = "¶", "#", "⚑"
NAMES: dict[str, str] = {"own": "own", "dataset": "the dataset's", "model": "the model's"}


def mark(grade: int, source: AnySource) -> Piece:
    """`■2`, `□`, `▲1`."""
    relevant, not_relevant = GLYPHS[source]
    if grade >= relevant_from():
        return f"{relevant}{grade}", f"grade-{min(grade, 3)}"
    return f"{not_relevant}{grade or ''}", "judged"


def marks(kept: QueryKept, doc_id: str, counting: Sequence[AnySource]) -> list[Piece]:
    """Of a document: own judgment, the model's, note, tag and bookmark. A judgment that does not count is faint."""
    pieces: list[Piece] = []
    for source in ("own", "model"):
        grade = kept.grade(doc_id, source)
        if grade is not None:
            text, role = mark(grade, source)
            pieces.append((text, role if source in counting else "faint"))
    noted = _noted(kept, doc_id)
    return [*pieces, (noted, "reference")] if noted else pieces


def all_marks(kept: QueryKept | None, counting: Sequence[AnySource]) -> dict[str, list[Piece]]:
    """Of every document of a query that was judged or noted."""
    if kept is None:
        return {}
    documents = {*kept.own, *kept.model, *kept.noted} - {""}
    return {doc_id: marks(kept, doc_id, counting) for doc_id in documents}


def of_query(kept: QueryKept | None) -> str:
    """`3■ ¶⚑`: how many own judgments a query has, and whether there is a note, a tag or a bookmark on itself."""
    if kept is None:
        return ""
    count = f"{len(kept.own)}{GLYPHS['own'][0]}" if kept.own else ""
    return " ".join(filter(None, (count, _noted(kept, ""))))


def _noted(kept: QueryKept, doc_id: str) -> str:
    found = (("note", NOTE), ("tag", TAG), ("bookmark", BOOKMARK))
    return "".join(glyph for kind, glyph in found if kept.has(doc_id, kind))  # type: ignore[arg-type]


def named(sources: Sequence[AnySource]) -> str:
    """ "own, then the dataset's"."""
    return ", then ".join(NAMES[source] for source in sources)


def over(evaluation: str) -> str:
    """Whose judgments an evaluation with this id (`zsr_tui.api.judging.judged_id`) is over; "" for the dataset's."""
    from zsr_tui.api.judging import parse_sources

    _, tilde, sources = evaluation.partition("~")
    return f"over {named(parse_sources(sources))}" if tilde else ""


def counted_by_source(placed: Mapping[str, int], sources: Sequence[AnySource]) -> str:
    """`6● 2■`."""
    return " ".join(f"{placed[source]}{GLYPHS[source][0]}" for source in sources if placed.get(source))
