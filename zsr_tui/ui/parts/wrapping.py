"""Where the lines of a text begin and end in the room that there is."""

from __future__ import annotations

import re

from rich.cells import cell_len, get_character_cell_size

from zsr_tui.api.requests import Span
from zsr_tui.ui.parts.pieces import ended

_WORD = re.compile(r"\S+|\s+")


def wrap(text: str, width: int) -> list[Span]:
    """[start, end) of every line when the text is wrapped to `width` cells. Newlines end a line, a word wider than a
    line is broken."""
    width = max(1, width)
    lines: list[Span] = []
    at = 0
    for paragraph in text.split("\n"):
        lines += [(at + start, at + end) for start, end in _wrap_paragraph(paragraph, width)]
        at += len(paragraph) + 1
    return lines


def clipped(text: str, width: int, most: int) -> str:
    """The text on at most `most` lines, the last of which ends in an ellipsis where there is more."""
    lines = wrap(text, width)
    if len(lines) <= most:
        return text
    start = lines[most - 1][0]
    last = ended(text[start:].replace("\n", " "), width)
    return "\n".join([*(text[a:b] for a, b in lines[: most - 1]), last])


def _wrap_paragraph(text: str, width: int) -> list[Span]:
    lines: list[Span] = []
    start, end, used = 0, 0, 0
    for match in _WORD.finditer(text):
        word = match.group()
        size = len(word) if word.isascii() else cell_len(word)
        if word.isspace():
            used += size
            continue
        if used + size > width and end > start:
            lines.append((start, end))
            start, used = match.start(), 0
        if used + size > width:  # wider than a line: break it, character by character
            start, used = match.start() if not used else start, used
            for place in range(match.start(), match.end()):
                cells = get_character_cell_size(text[place])
                if used + cells > width and place > start:
                    lines.append((start, place))
                    start, used = place, 0
                used += cells
        else:
            used += size
        end = match.end()
    lines.append((start, max(start, end)))
    return lines
