"""Where the lines of a text begin and end in the room that there is, in cells of a terminal: whatever wraps a text does
it here."""

from __future__ import annotations

import re

from rich.cells import cell_len, get_character_cell_size

_WORD = re.compile(r"\S+|\s+")


def wrap(text: str, width: int, *, whole: bool = False) -> list[tuple[int, int]]:
    """[start, end) of every line when the text is wrapped to `width` cells. Newlines end a line. A word wider than a
    line is broken, unless words stay `whole`."""
    width = max(1, width)
    lines: list[tuple[int, int]] = []
    at = 0
    for paragraph in text.split("\n"):
        lines += [(at + start, at + end) for start, end in _wrap_paragraph(paragraph, width, whole=whole)]
        at += len(paragraph) + 1
    return lines


def wrapped_lines(text: str, width: int, *, indent: int = 0, whole: bool = False) -> list[str]:
    """The lines themselves, those behind the first one indented."""
    first, *_ = wrap(text, width, whole=whole)
    begin = text[slice(*first)]
    rest = text[first[1] :].lstrip(" ")
    if not rest:
        return [begin]
    rest = rest.removeprefix("\n")
    behind = wrap(rest, width - indent, whole=whole)
    return [begin, *(" " * indent + rest[start:end] for start, end in behind)]


def _wrap_paragraph(text: str, width: int, *, whole: bool) -> list[tuple[int, int]]:
    lines: list[tuple[int, int]] = []
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
        if used + size > width and not whole:  # wider than a line: break it, character by character
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
