"""The snippet of a row: as much of a passage as there is room for, about what it holds of the query."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from zsr_tui.api.requests import Match, Span
from zsr_tui.ui.parts.pieces import cell_offsets

ELLIPSIS = "…"


def snippet(passage: str, matches: Sequence[Match], width: int) -> tuple[str, list[Span]]:
    """The window of at most `width` cells that holds most of the query: most different terms, then most occurrences,
    then the earliest. With an ellipsis at each end that was cut, and its terms' spans."""
    at = cell_offsets(passage)
    if at[-1] <= width:
        return passage, [(start, end) for start, end, _ in matches]
    if width < 3:
        return ELLIPSIS[: max(0, width)], []
    first, last = _densest(matches, at, width - 2)
    spare = max(0, width - 2 - (at[last] - at[first]))
    wanted = min(at[first] - spare // 4, at[-1] - width + 1)  # a little of what stands before; not less than fits
    start = _word(passage, bisect_right(at, wanted) - 1, first) if wanted > 1 else 0
    limit = at[start] + width - (start > 0)
    end = len(passage)
    if at[-1] > limit:
        end = bisect_right(at, limit - 1) - 1
        space = -1 if passage[end].isspace() else passage.rfind(" ", max(start + 1, last), end)
        end = space if space > 0 else end
    shift = start - (start > 0)
    text = f"{ELLIPSIS if start > 0 else ''}{passage[start:end]}{ELLIPSIS if end < len(passage) else ''}"
    return text, [(max(a, start) - shift, min(b, end) - shift) for a, b, _ in matches if a < end and b > start]


def _densest(matches: Sequence[Match], at: Sequence[int], room: int) -> Span:
    """[start, end) in characters from the first to the last term of the best window of `room` cells; (0, 0) where there
    is no term."""
    best, span = (0, 0), (0, 0)
    for number, (start, _, _) in enumerate(matches):
        seen: set[int] = set()
        for count, (_, end, term) in enumerate(matches[number:], 1):
            if at[end] - at[start] > room and count > 1:
                break
            seen.add(term)
            if (len(seen), count) > best:
                best, span = (len(seen), count), (start, end)
    return span


def _word(text: str, start: int, most: int) -> int:
    """Where the next word begins from `start` on, at `most` at the latest; `start` where there is no space."""
    if text[start - 1].isspace():
        return start
    space = text.find(" ", start, most)
    return space + 1 if space >= 0 else start
