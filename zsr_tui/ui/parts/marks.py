"""The marks of documents: terms of the query in a title, snippet or text; judgments; movements between two lists.

Text only ever becomes plain pieces: nothing here reads markup, and control characters are made visible.
"""

from __future__ import annotations

from collections.abc import Iterable

from zsr_tui.api.requests import Span
from zsr_tui.domain import relevant_from
from zsr_tui.text import printable
from zsr_tui.ui.parts.pieces import Piece


def marked(text: str, spans: Iterable[Span], role: str, term: str = "term") -> list[Piece]:
    """The text with its spans in another role; what of a span overlaps another or lies outside is left out."""
    text = printable(text)
    pieces: list[Piece] = []
    at = 0
    for start, end in spans:
        start, end = max(at, start), min(end, len(text))
        if start >= end:
            continue
        if start > at:
            pieces.append((text[at:start], role))
        pieces.append((text[start:end], term))
        at = end
    if at < len(text):
        pieces.append((text[at:], role))
    return pieces


def mark(grade: int | None) -> tuple[str, str, str]:
    """Glyph, grade as text, role. Unjudged is not "not relevant"."""
    if grade is None:
        return "·", "", "unjudged"
    if grade >= relevant_from():
        return "●", str(grade), f"grade-{min(grade, 3)}"
    return "○", str(grade) if grade else "", "judged"


def judgment(grade: int | None, *, judged: bool = True, borrowed_from: str | None = None) -> Piece:
    """The judgment in words. `judged` is False for a free query, which has none. `borrowed_from`: the id of the query
    whose judgment it is, where that is not the one that was asked."""
    if borrowed_from is not None and judged:
        words, role = judgment(grade)
        return f"{words} for qid {printable(borrowed_from)} (borrowed)", role
    if not judged:
        return "no judgments for a free query", "muted"
    if grade is None:
        return "unjudged", "unjudged"
    if grade >= relevant_from():
        return f"relevant ({grade})", f"grade-{min(grade, 3)}"
    return f"judged not relevant ({grade})", "judged"


def movement(place: int, reference: int | None, absent: str = "×") -> Piece:
    """From the place in the reference list to this one (both from 0): `↑n`, `↓n`, `→`, or `absent`, not there."""
    if reference is None:
        return absent, "absent"
    if reference > place:
        return f"↑{reference - place}", "up"
    if reference < place:
        return f"↓{place - reference}", "down"
    return "→", "same"
