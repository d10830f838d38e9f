"""A query on a line with a bar of its difference to the baseline."""

from __future__ import annotations

from dataclasses import dataclass

from zsr_tui.api.queries import QueryRow
from zsr_tui.selection import QuerySelection
from zsr_tui.text import one_line, shorten_middle
from zsr_tui.ui.parts.pieces import Piece, block
from zsr_tui.ui.queries.table.columns import difference, name_of, padded


def bar(value: float, largest: float, half: int) -> list[Piece]:
    """A bar on either side of an axis, losses to the left: exactly `2 * half + 1` cells."""
    share = min(1.0, abs(value) / largest) if largest else 0.0
    if value < 0:
        halves = max(1, round(share * half * 2))
        body = ("▐" if halves % 2 else "") + "█" * (halves // 2)
        return [(f"{body:>{half}}", "down"), ("│", "rule"), (" " * half, "plain")]
    return [(" " * half, "plain"), ("│", "rule"), (block(share, half, least=1 if value else 0), "up")]


@dataclass(frozen=True, slots=True)
class BarPainter:
    """Its id, difference, bar and text. `largest` is the longest bar's difference, `id_width` has a space in it."""

    selection: QuerySelection
    largest: float = 1.0
    id_width: int = 11

    def _half(self, width: int) -> int:
        return max(6, min(30, (width - 50) // 2 if width < 110 else width // 4))

    def head(self, width: int) -> list[Piece]:
        half = self._half(width)
        baseline = name_of(self.selection.baseline, self.selection)
        losses, gains = f"worse than {baseline}", f"better than {baseline}"
        if len(gains) > half:
            losses, gains = "worse", "better"
        return [
            (" ", "plain"),
            *padded("id", "muted", self.id_width, left=True),
            *padded("diff.", "muted", 8),
            (" ", "plain"),
            (f"{losses:>{half}}", "muted"),
            ("│", "rule"),
            (f"{gains:<{half}}", "muted"),
            (" query", "muted"),
        ]

    def line(self, row: QueryRow, gutter: str, width: int) -> list[Piece]:
        half = self._half(width)
        drawn = (
            bar(row.difference, self.largest, half) if row.difference is not None else [(" " * (2 * half + 1), "plain")]
        )
        text = max(0, width - 12 - self.id_width - 2 * half)
        return [
            (gutter, "strong"),
            *padded(shorten_middle(one_line(row.qid), self.id_width - 1), "muted", self.id_width, left=True),
            *padded(*difference(row.difference), 8),
            (" ", "plain"),
            *drawn,
            (" ", "plain"),
            *padded(one_line(row.text), "text", text, left=True),
        ]

    def sort_at(self, x: int, width: int) -> str | None:
        return None
