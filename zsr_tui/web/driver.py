"""Textual's driver for a browser, in the process of a tab."""

from __future__ import annotations

import base64
import re

from textual.drivers.web_driver import WebDriver
from textual.messages import ExitApp

from zsr_tui.web import COPY

_OSC_52 = re.compile(r"\x1b]52;c;([A-Za-z0-9+/=]*)\x07")


class TabDriver(WebDriver):
    """Where the server has gone without a word, as when it is killed, its tabs end, too. What is copied goes to the
    page, whose terminal does not take OSC 52."""

    def write(self, data: str) -> None:
        for text in _OSC_52.findall(data):
            self.write_meta({"type": COPY, "text": base64.b64decode(text).decode()})
        if rest := _OSC_52.sub("", data):
            super().write(rest)

    def run_input_thread(self) -> None:
        super().run_input_thread()
        if not self.exit_event.is_set():
            self._app.post_message(ExitApp())
