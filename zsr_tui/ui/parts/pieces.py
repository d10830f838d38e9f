"""Pieces of a line (text, role): cut, joined and laid out; numbers and notations in the room that there is.

A role names a style of `zsr_tui.ui.parts.paint`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Protocol

from rich.cells import cell_len, set_cell_size, split_graphemes

from zsr_tui.text import shorten_middle

Piece = tuple[str, str]  # text, role
FUSIONS = ("rrf", "linear")
_SETTINGS = re.compile(r";[^();]*(?=\))")  # of a fusion: "; weights=[2, 1]" before its bracket
_NARROW = re.compile("[\x00-\x7f\xa0-\xac\xae-\u02ff\u0370-\u0482\u2010-\u2027]*")  # a cell each, and nothing is joined
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def width_of(pieces: Iterable[Piece]) -> int:
    return sum(cell_len(text) for text, _ in pieces)


def cell_offsets(text: str) -> Sequence[int]:
    """The cells before each character, and those of all of them. What is drawn as one (a letter with its accents, an
    emoji of several) is not divided: within it the cells are those behind it."""
    if _NARROW.fullmatch(text):  # to go through the others takes a hundred times as long
        return range(len(text) + 1)
    offsets = [0] * (len(text) + 1)
    cells = 0
    for start, end, size in split_graphemes(text)[0]:
        cells += size
        offsets[start + 1 : end + 1] = [cells] * (end - start)
    return offsets


def crop(pieces: Sequence[Piece], width: int) -> list[Piece]:
    """The pieces in at most `width` cells, with `…` where something is missing."""
    if width_of(pieces) <= width:
        return list(pieces)
    result: list[Piece] = []
    room = width - 1
    for text, role in pieces:
        size = cell_len(text)
        if size > room:
            if room > 0:
                result.append((set_cell_size(text, room), role))
            if width > 0:
                result.append(("…", role))
            break
        result.append((text, role))
        room -= size
    return result


def ended(text: str, width: int) -> str:
    """The text in at most `width` cells, with `…` at its end where something is missing."""
    return "".join(piece for piece, _ in crop([(text, "text")], width))


def joined(groups: Sequence[Piece]) -> list[Piece]:
    """With middle dots between them."""
    return [piece for group in groups for piece in ((" · ", "faint"), group)][1:]


def flow(groups: Sequence[Sequence[Piece]], width: int, separator: Piece = ("  ", "muted")) -> list[list[Piece]]:
    """Groups side by side, on as many lines as they need; no group is broken."""
    lines: list[list[Piece]] = [[]]
    gap = cell_len(separator[0])
    for group in groups:
        if lines[-1] and width_of(lines[-1]) + gap + width_of(group) > width:
            lines.append([])
        if lines[-1]:
            lines[-1].append(separator)
        lines[-1].extend(group)
    return [crop(line, width) for line in lines]


def fold(lines: list[list[Piece]], count: int, width: int) -> list[list[Piece]]:
    """At most `count` lines: what is more goes behind the last one, as far as there is room."""
    if len(lines) <= count:
        return lines
    last = [piece for line in lines[count - 1 :] for piece in (*line, (" · ", "faint"))]
    return [*lines[: count - 1], crop(last[:-1], width)]


def progress_bar(done: int, total: int, width: int) -> str:
    """A progress bar `width` cells wide, its ends included."""
    return f"▕{block(min(done, total) / total if total else 0.0, max(1, width - 2))}▏"


def block(share: float, width: int, least: int = 0) -> str:
    """A share of `width` cells filled, to an eighth of a cell; `least` eighths are always seen."""
    full, part = divmod(max(least, round(share * width * 8)), 8)
    return ("█" * full + (_EIGHTHS[part] if part else "")).ljust(width)


class Scored(Protocol):
    @property
    def score(self) -> float | None: ...


def decimals(rows: Sequence[Scored]) -> int:
    """How many decimals keep the scores of a list apart at a glance, and aligned."""
    largest = max((abs(row.score) for row in rows if row.score is not None), default=0.0)
    for bound, places in ((1000, 0), (100, 1), (10, 2), (1, 3), (0.1, 4)):
        if largest >= bound:
            return places
    return 5


def shorten_notation(notation: str, width: int) -> str:
    """A system's notation in `width` characters: the settings of fusions go first, then organisations, then the middle
    of the last model's name; how the candidates are retrieved stays as long as eight characters are left for the
    model."""
    if len(notation) <= width:
        return notation
    if (unset := _SETTINGS.sub("", notation)) != notation:
        return shorten_notation(unset, width)
    words = [word.rsplit("/", 1)[-1] if "/" in word else word for word in notation.split(" ")]
    opened = [word.split("(", 1)[0] + "(" if "(" in word and "/" in word else "" for word in notation.split(" ")]
    short = " ".join(
        before + word if before and "(" not in word else word for before, word in zip(opened, words, strict=True)
    )
    if len(short) <= width:
        return short
    before, arrow, model = short.rpartition(" >> ")
    if arrow and (room := width - len(before) - len(arrow)) >= 8:
        return f"{before}{arrow}{shorten_middle(model, room)}"
    if arrow and (room := width - len(model) - len(arrow)) > 0:
        return f"{shorten_middle(before, room)}{arrow}{model}"
    name, opened_by, inside = short.partition("(")
    if name in FUSIONS and (room := width - len(name) - 1) >= 8:  # what it is, before what it is of
        return name + opened_by + shorten_middle(inside, room)
    last = model.rpartition(" ")[2]
    return f"…{last}" if len(last) + 1 <= width < len(model) else shorten_middle(last, width)
