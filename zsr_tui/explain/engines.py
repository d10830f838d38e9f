"""The score of another engine, with what bm25 of ours makes of the same query and document beside it."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec.structs import replace

from zsr_tui.explanation import Explanation, Part, Table

_NOTE = "Each share is an addend of our own score: another engine may have other analysers, fields and constants."


@dataclass(frozen=True, slots=True)
class Ours:
    """Our explanation, or why there is none."""

    explanation: Explanation | None = None
    why_not: str = ""


def beside(theirs: Explanation, ours: Ours) -> Explanation:
    if ours.explanation is None:
        note = f"Of bm25 of ours there is nothing beside it: {ours.why_not}"
        return replace(theirs, notes=(*theirs.notes, note))
    found = ours.explanation
    rows = tuple(Part(text=part.text, values=(part.share, *part.values)) for part in found.parts)
    whole = Part(text="bm25 in all", values=(found.score, *(None for _ in found.columns)))
    table = Table(title="bm25 of ours, beside it", columns=("share", *found.columns), parts=(*rows, whole), note=_NOTE)
    return replace(theirs, tables=(*theirs.tables, table))
