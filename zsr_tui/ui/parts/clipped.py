"""A text on no more lines than there is room for."""

from __future__ import annotations

from zsr_tui.ui.parts.pieces import ended
from zsr_tui.wrapping import wrap


def clipped(text: str, width: int, most: int) -> str:
    """The text on at most `most` lines, the last of which ends in an ellipsis where there is more."""
    lines = wrap(text, width)
    if len(lines) <= most:
        return text
    start = lines[most - 1][0]
    last = ended(text[start:].replace("\n", " "), width)
    return "\n".join([*(text[a:b] for a, b in lines[: most - 1]), last])
