"""A line for what went wrong; it takes no room while there is nothing to say."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from zsr_tui.text import printable


class Notice(Static):
    """Stays until it is told something else."""

    def __init__(self) -> None:
        super().__init__(markup=False, id="notice")
        self.display = False
        self._sentence = ""

    def say(self, sentence: str) -> None:
        if sentence != self._sentence:  # an update lays out the whole screen
            self._sentence = sentence
            self.display = bool(sentence)
            self.update(Content(printable(sentence)))
