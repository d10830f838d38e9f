"""A line for what went wrong; it takes no room while there is nothing to say."""

from __future__ import annotations

from zsr_tui.text import printable
from zsr_tui.ui.parts.limited import Limited

LINES = 4


class Notice(Limited):
    """Stays until it is told something else, or until the work that it is about comes to an end."""

    DEFAULT_CSS = "Notice { height: auto; padding: 0 1; color: $text-warning; text-style: bold; }"

    def __init__(self) -> None:
        super().__init__(LINES, id="notice")
        self.display = False
        self._sentence = self._about = ""

    def say(self, sentence: str, about: str = "") -> None:
        """`about` names a work."""
        self._about = about
        if sentence != self._sentence:  # an update lays out the whole screen
            self._sentence = sentence
            self.display = bool(sentence)
            self.put(printable(sentence))

    def done(self, work: str) -> None:
        if work == self._about:
            self.say("")
