"""How figures and documents look on a line: pure functions from data to pieces (text, role), no widgets.

A role names a style of `zsr_tui.ui.widgets.paint`. Text of documents and queries only ever becomes plain
pieces: nothing here reads markup, and control characters are made visible.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len, set_cell_size

from zsr_tui.api.events import Row
from zsr_tui.api.requests import Span
from zsr_tui.text import printable, shorten_middle

Piece = tuple[str, str]  # text, role
EIGHTHS = " ▏▎▍▌▋▊▉█"


def width_of(pieces: Iterable[Piece]) -> int:
    return sum(cell_len(text) for text, _ in pieces)


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


def parameters(count: int | None) -> str:
    """22713216 -> "22.7M"; "" where there is no model."""
    if count is None:
        return ""
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if count >= size * 0.9995:
            value = count / size
            return f"{value:.0f}{letter}" if value >= 99.95 else f"{value:.1f}{letter}"
    return str(count)


def size_in_bytes(count: int) -> str:
    """1100000000 -> "1.1 GB", in decimal units."""
    for size, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if count >= size * 0.9995:
            value = count / size
            return f"{value:.0f} {unit}" if value >= 9.95 else f"{value:.1f} {unit}"
    return f"{count} bytes"


def duration(milliseconds: float) -> str:
    """3.2 -> "3 ms", 1240 -> "1.24 s"."""
    if milliseconds < 1000:
        return f"{milliseconds:.0f} ms"
    return f"{milliseconds / 1000:.2f} s" if milliseconds < 10_000 else f"{milliseconds / 1000:.0f} s"


def counted(count: int, one: str, many: str = "") -> str:
    """(1, "input") -> "1 input", (4, "input") -> "4 inputs"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def bar(done: int, total: int, width: int) -> str:
    """A progress bar `width` cells wide, its ends included."""
    inner = max(1, width - 2)
    filled = round(inner * 8 * min(done, total) / total) if total else 0
    full, part = divmod(filled, 8)
    body = "█" * full + (EIGHTHS[part] if part else "")
    return f"▕{body:<{inner}}▏"


def decimals(rows: Sequence[Row]) -> int:
    """How many decimals keep the scores of a list apart at a glance, and aligned."""
    largest = max((abs(row.score) for row in rows if row.score is not None), default=0.0)
    for bound, places in ((1000, 0), (100, 1), (10, 2), (1, 3), (0.1, 4)):
        if largest >= bound:
            return places
    return 5


def mark(grade: int | None) -> tuple[str, str, str]:
    """Glyph, grade as text, role. Unjudged is not "not relevant"."""
    if grade is None:
        return "·", "", "unjudged"
    if grade > 0:
        return "●", str(grade), f"grade-{min(grade, 3)}"
    return "○", str(grade) if grade else "", "judged"


def judgment(grade: int | None, *, judged: bool = True) -> Piece:
    """The judgment in words. `judged` is False for a free query, which has none."""
    if not judged:
        return "no judgments for a free query", "muted"
    if grade is None:
        return "unjudged", "unjudged"
    if grade > 0:
        return f"relevant ({grade})", f"grade-{min(grade, 3)}"
    return f"judged not relevant ({grade})", "judged"


def movement(place: int, reference: int | None) -> Piece:
    """From the place in the reference list to this one (both from 0): `↑n`, `↓n`, `→`, or `×`, not there."""
    if reference is None:
        return "×", "absent"
    if reference > place:
        return f"↑{reference - place}", "up"
    if reference < place:
        return f"↓{place - reference}", "down"
    return "→", "same"


def shorten_notation(notation: str, width: int) -> str:
    """A system's notation in `width` characters: organisations go first, then the middle; the last model's name
    stays whole as long as it has room alone."""
    if len(notation) <= width:
        return notation
    words = [word.rsplit("/", 1)[-1] if "/" in word else word for word in notation.split(" ")]
    opened = [word.split("(", 1)[0] + "(" if "(" in word and "/" in word else "" for word in notation.split(" ")]
    short = " ".join(
        before + word if before and "(" not in word else word for before, word in zip(opened, words, strict=True)
    )
    if len(short) <= width:
        return short
    before, arrow, model = short.rpartition(" >> ")
    room = width - len(model) - 4  # for what stands before the arrow
    if arrow and room > 0:
        return f"{shorten_middle(before, room) if room >= 8 else '…'} >> {model}"
    last = model.rpartition(" ")[2]
    return f"…{last}" if len(last) + 1 <= width < len(model) else shorten_middle(last, width)
