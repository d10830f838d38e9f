"""A sentence that may hold an address: nothing of it is cut, and a line never ends in the middle of a name."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.widgets import Static

from zsr_tui.text import one_line


def lines_of(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` characters, broken at spaces; a word that is longer than a line, as an
    address or a path is, begins a line of its own and is broken behind a slash where there is one."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        elif lines[-1]:
            lines[-1] += " "
        while len(lines[-1]) + len(word) > width:
            at = word.rfind("/", 0, width) + 1
            at = at if at > 1 and word[at - 2] != "/" else width
            lines[-1], word = word[:at], word[at:]
            lines.append("")
        lines[-1] += word
    return lines


class Sentence(Static):
    """Wraps by `lines_of` at whatever width it has."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__("", id=id, markup=False)
        self._text = ""

    def say(self, text: str) -> None:
        self._text = one_line(text)
        self._wrap(self.content_size.width or 60)

    def on_resize(self, event: events.Resize) -> None:
        self._wrap(self.content_size.width)

    def _wrap(self, width: int) -> None:
        self.update(Content("\n".join(lines_of(self._text, max(20, width)))))
