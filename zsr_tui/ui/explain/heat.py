"""How heavy a share is: a shade for the eye, and a glyph where there is no colour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from zsr_tui.explanation import Explanation, Part

LEVELS = 4
FAINTEST = 0.04  # of the largest share: below it nothing is marked
_UP, _DOWN = " ▂▄▆█", " ▿▿▼▼"

# Behind text, on the screen alone that shows heat, in the colours of the bars; the terminal's own have no shades.
RULES = """
.paint--heat-1 { background: $primary 14%; }
.paint--heat-2 { background: $primary 28%; }
.paint--heat-3 { background: $primary 44%; }
.paint--heat-4 { background: $primary 62%; }
.paint--cold-1 { background: $accent 14%; }
.paint--cold-2 { background: $accent 28%; }
.paint--cold-3 { background: $accent 44%; }
.paint--cold-4 { background: $accent 62%; }
"""
ANSI_RULES = """
.paint--heat-1, .paint--cold-1, .paint--heat-2, .paint--cold-2 { background: ansi_default; }
.paint--heat-3, .paint--heat-4 { background: ansi_default; text-style: bold; }
.paint--cold-3, .paint--cold-4 { background: ansi_default; text-style: bold; }
"""
COMPONENTS = {f"paint--{kind}-{level}" for kind in ("heat", "cold") for level in range(1, LEVELS + 1)}


def placed(found: Explanation) -> Sequence[Part]:
    """The parts that have places in the text: what the score is made of, or else the first table of such."""
    tables = (found.parts, *(table.parts for table in found.tables))
    return next((parts for parts in tables if any(part.spans for part in parts)), ())


def largest(parts: Iterable[Part]) -> float:
    """What levels are measured by."""
    return max((abs(part.share) for part in parts if part.share is not None), default=0.0)


def level(share: float | None, most: float) -> int:
    """From -LEVELS to LEVELS; 0 for a share that is not known, or too small to be marked."""
    if share is None or not most or abs(share) < FAINTEST * most:
        return 0
    strength = min(LEVELS, 1 + int(abs(share) / most * LEVELS))
    return strength if share > 0 else -strength


def glyph(of: int) -> str:
    """Of a level; "" of 0."""
    return (_UP[of] if of > 0 else _DOWN[-of]) if of else ""


def backdrop(of: int) -> str:
    """The role behind text of a level."""
    return f"{'heat' if of > 0 else 'cold'}-{abs(of)}" if of else "plain"
