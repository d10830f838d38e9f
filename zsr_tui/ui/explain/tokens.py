"""What the model saw: its input token by token, counts, where it was cut, what it lost."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.strip import Strip

from zsr_tui.explanation import Input, Token
from zsr_tui.numerals import counted
from zsr_tui.text import one_line
from zsr_tui.ui.parts.cursor_view import CursorView
from zsr_tui.ui.parts.pieces import Piece, crop
from zsr_tui.wrapping import wrap

WIDEST = 110
_ROLES = {"query": ("term", "reference"), "template": ("faint", "muted"), "document": ("text", "muted")}  # in turn


class TokenView(CursorView):
    """Keys scroll it."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._input: Input | None = None
        self._special = False
        self._lines: list[list[Piece]] = []
        self._made_for = 0

    @property
    def text(self) -> str:
        return "\n".join("".join(text for text, _ in line) for line in self._lines)

    def show(self, read: Input | None, *, special: bool) -> None:
        if (read, special) == (self._input, self._special) and self._made_for:
            return
        self._input, self._special, self._made_for = read, special, 0
        self._lay_out()

    def action_move(self, by: int) -> None:
        self.scroll_to_line(max(0, min(self.scroll_offset.y + by, self.max_scroll_y)))

    def on_resize(self) -> None:
        super().on_resize()
        self._lay_out()

    def _lay_out(self) -> None:
        width = min(WIDEST, self.scrollable_content_region.width - 1)
        if width <= 0 or width == self._made_for:
            return
        self._made_for = width
        self._lines = lines(self._input, width, special=self._special)
        self.set_line_count(max(1, len(self._lines)))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        number = y + self.scroll_offset.y
        pieces = self._lines[number] if number < len(self._lines) else []
        return self._palette.strip(pieces, self.scrollable_content_region.width)


def lines(read: Input | None, width: int, *, special: bool) -> list[list[Piece]]:
    """What is known of an input, and its tokens."""
    if read is None:
        return [[(" …", "muted")]]
    found: list[list[Piece]] = []
    for sentence, role in _sentences(read):
        found += [[(f" {sentence[start:end]}", role)] for start, end in wrap(sentence, width - 1)]
    if read.tokens:
        found.append([])
        shown = [token for token in read.tokens if special or token.unknown or not token.special]
        found += _flowed(shown, width)
        if read.cut_at is not None:
            label = f" cut here: the rest of the document, from character {read.cut_at:,} on, was not read "
            found.append(crop([(" ──", "rule"), (label, "warning"), ("─" * width, "rule")], width))
    return found


def _sentences(read: Input) -> list[Piece]:
    said: list[Piece] = []
    if read.note:
        said.append((read.note, "warning"))
    if read.counts:
        limit = f" of at most {read.limit:,}" if read.limit and not read.inputs else ""
        parts = ", ".join(f"{count:,} of the {of}" for of, count in sorted(read.counts.items()))
        said.append((f"{counted(len(read.tokens), 'token')}{limit}: {parts}.", "strong"))
    for name, (count, most) in (read.inputs or {}).items():
        limit = f" of at most {most:,}" if most else ""
        said.append((f"The {name} is an input of its own: {counted(count, 'token')}{limit}.", "text"))
    if read.beyond:
        words = ", ".join(map(one_line, read.beyond))
        said.append((f"Words of the query that stand only behind the cut: {words}.", "warning"))
    unknown = list(dict.fromkeys(token.text for token in read.tokens if token.unknown))
    if unknown:
        count = sum(token.unknown for token in read.tokens)
        said.append((f"{counted(count, 'token')} that the model's vocabulary lacks: it read {unknown[0]}.", "warning"))
    return said


def _flowed(tokens: Sequence[Token], width: int) -> list[list[Piece]]:
    """Side by side, neighbours in turn in two tones; what is another part begins a line."""
    rows: list[list[Piece]] = [[]]
    used, before = 0, tokens[0].of if tokens else ""
    for number, token in enumerate(tokens):
        text = one_line(token.text) or "␣"
        size = cell_len(text) + 1
        if used + size > width or (token.of != before and used):
            rows.append([])
            used = 0
        before = token.of
        role = "error" if token.unknown else _ROLES[token.of][number % 2]
        rows[-1] += [(" ", "plain"), *crop([(text, role)], width - 1)]
        used += size
    return rows
