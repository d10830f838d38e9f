"""Tables of parts as lines: share, bar, text, and as many columns as there is room for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from msgspec.structs import replace
from rich.cells import cell_len

from zsr_tui import numerals
from zsr_tui.explanation import Explanation, Part, Value
from zsr_tui.text import one_line
from zsr_tui.ui.explain import heat
from zsr_tui.ui.parts.pieces import Piece, block, crop, width_of

BAR, SHORT_BAR, LEAST_TEXT = 8, 3, 18  # cells; the bar is short where more columns fit beside it then
_MORE = " …"  # behind the names of columns that are not all there is
_SHARE = 9
_ALIKE = 0.05  # of the largest share: those that differ by less are shown with more digits
_FACTORS = ("boost", "idf", "tf", "times", "documents")  # of BM25


@dataclass(frozen=True)
class Section:
    """A table with a title over it, "" for none; `note` explains it."""

    title: str
    columns: Sequence[str]
    parts: Sequence[Part]
    note: str = ""
    more: str = ""  # under the parts: what is not shown of them

    @cached_property
    def shares(self) -> bool:
        return any(part.share is not None for part in self.parts) or not self.columns

    @cached_property
    def most(self) -> float:
        return heat.largest(self.parts)

    @cached_property
    def digits(self) -> int:
        if self._alike:  # as the duels of a reranker that is never sure
            return 4
        return 2 if self.most >= 1 else 4 if self.most < 0.1 else 3

    @property
    def _alike(self) -> bool:
        shares = [part.share for part in self.parts if part.share is not None]
        return bool(shares) and 0 < max(shares) - min(shares) < self.most * _ALIKE

    @cached_property
    def widths(self) -> list[int]:
        """Of the columns."""
        cells = [[cell(value) for value in part.values] for part in self.parts]
        return [
            max([len(name), *(len(each[at]) for each in cells if at < len(each))])
            for at, name in enumerate(self.columns)
        ]

    @cached_property
    def longest(self) -> int:
        """Cells of the longest text with its note: the columns stand right behind it."""
        texts = [(one_line(part.text), f"  {one_line(part.note)}" if part.note else "") for part in self.parts]
        return max((cell_len(f"{text}{note}") for text, note in texts), default=0)

    @cached_property
    def least(self) -> int:
        """Cells of the text, at least."""
        return min(LEAST_TEXT, max((cell_len(one_line(part.text)) for part in self.parts), default=LEAST_TEXT))

    def head(self, width: int) -> list[Piece]:
        """The names of the columns, over them."""
        bar, shown = self._layout(width)
        names = "  ".join(f"{name:>{size}}" for name, size in zip(self.columns, self.widths[:shown], strict=False))
        names += self._sign(shown)
        left = f" {'share':>{_SHARE}}" if self.shares else ""
        ends = self._left(bar) + self._room(width) + self._right(shown) - 1
        return [(left, "muted"), (" " * max(1, ends - len(left) - len(names)), "plain"), (names, "muted")]

    def line(self, part: Part, gutter: str, width: int) -> list[Piece]:
        bar, shown = self._layout(width)
        pieces: list[Piece] = [(gutter, "strong")]
        if self.shares:
            pieces += _share(part.share, self.most, self.digits, bar)
        values = [
            f"{cell(part.values[at]) if at < len(part.values) else '':>{size}}"
            for at, size in enumerate(self.widths[:shown])
        ]
        right = f"  {'  '.join(values)} {' ' * len(self._sign(shown))}" if values else ""
        room = self._room(width)
        role = "muted" if part.share == 0 else "text"
        text: list[Piece] = [(one_line(part.text), role)]
        if part.note and not self._below(part, room):
            text.append(self._note(part))
        text = crop(text, room)
        return [*pieces, *text, (" " * (room - width_of(text)), "plain"), (right, "score")]

    def below(self, part: Part, width: int) -> list[Piece]:
        """What says why a part gives nothing, on a line of its own where it does not fit beside it."""
        if not self._below(part, self._room(width)):
            return []
        left = self._left(self._layout(width)[0]) - 2
        return [(" " * left, "plain"), *crop([self._note(part)], width - left)]

    def _left(self, bar: int) -> int:
        """Cells before the text, with such a bar."""
        return 1 + (_SHARE + bar + 2 if self.shares else 0)

    def _right(self, shown: int) -> int:
        """Cells behind it, with so many columns."""
        values = sum(size + 2 for size in self.widths[:shown]) + len(self._sign(shown))
        return values + 1 if values else 0

    def _sign(self, shown: int) -> str:
        """That there are more columns."""
        return _MORE if shown < len(self.columns) else ""

    def _room(self, width: int) -> int:
        """Cells of the text."""
        bar, shown = self._layout(width)
        return min(width - self._left(bar) - self._right(shown), max(self.longest, LEAST_TEXT))

    def _below(self, part: Part, room: int) -> bool:
        return bool(self.shares and part.note and not part.share and cell_len(f"{part.text}  {part.note}") > room)

    def _note(self, part: Part) -> Piece:
        return f"  {one_line(part.note)}", "faint" if part.share else "warning"

    def _layout(self, width: int) -> tuple[int, int]:
        """Cells of the bar, and how many columns fit beside it, the first of them first."""
        counts = range(len(self.columns), 0, -1)
        fitting = [
            (bar, next((count for count in counts if self._left(bar) + self.least + self._right(count) <= width), 0))
            for bar in (BAR, SHORT_BAR)
        ]
        return max(fitting, key=lambda each: each[1])


def sections(found: Explanation) -> list[Section]:
    """What a score is made of, and what else is known."""
    own = [Section("", *as_read(found), found.method)] if found.parts else []
    return [*own, *(Section(table.title, table.columns, table.parts, table.note) for table in found.tables)]


def as_read(found: Explanation) -> tuple[Sequence[str], Sequence[Part]]:
    """Columns and parts. BM25's factors stand first, in the order in which they are multiplied; without the boost where
    each is 1."""
    if found.family != "bm25" or "boost" not in found.columns:
        return found.columns, found.parts
    boost = found.columns.index("boost")
    places = list(range(len(found.columns)))
    if all(part.values[boost] == 1 for part in found.parts):
        places.remove(boost)
    else:
        places.sort(key=lambda place: _FACTORS.index(found.columns[place]))
    parts = [replace(part, values=tuple(part.values[place] for place in places)) for part in found.parts]
    return [found.columns[place] for place in places], parts


def _share(share: float | None, most: float, digits: int, width: int) -> list[Piece]:
    """`width` of its bar."""
    if share is None:
        return [(f"{'…':>{_SHARE}}{' ' * (width + 2)}", "faint")]
    part = abs(share) / most if most else 0.0
    role = "bar" if share >= 0 else "down"
    less = ("▒" * max(1, round(part * width))).ljust(width)
    bar = less if share < 0 else block(part, width, least=1 if share else 0)
    return [(f"{numerals.signed(share, digits):>{_SHARE}}", "strong" if share else "muted"), (f" {bar} ", role)]


def cell(value: Value) -> str:
    if value is None:
        return "–"
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, int):
        return f"{value:,}"
    return numerals.value(value, 2 if abs(value) >= 10 else 3)
