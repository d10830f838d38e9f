"""A small application around the Compare screen, with the real table of keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.message import Message

from zsr_tui.ui.compare.messages import HistoryChanged, LiveChanged, SystemsTaken
from zsr_tui.ui.compare.screen import CompareScreen
from zsr_tui.ui.keys.action import ANYWHERE
from zsr_tui.ui.keys.app import KeyedApp
from zsr_tui.ui.keys.bindings import KeyTable
from zsr_tui.ui.parts.messages import Comparison, ExplanationWanted

from ..fake.engine import DATASET, SYSTEMS, FakeEngine


class CompareApp(KeyedApp):
    """`said` has the messages that the screen sent to the application."""

    DEFAULT_MODE = "main"

    def __init__(
        self,
        engine: FakeEngine,
        systems: tuple[str, ...] = SYSTEMS,
        *,
        history: Sequence[str] = (),
        **first: Any,
    ) -> None:
        super().__init__()
        self.keys = KeyTable()
        self.compare = CompareScreen(engine, Comparison(dataset=DATASET, systems=systems, **first), history)
        self.said: list[Message] = []
        self.keys.install(self, ANYWHERE)
        self.add_mode("main", lambda: self.compare)

    def on_history_changed(self, message: HistoryChanged) -> None:
        self.said.append(message)

    def on_systems_taken(self, message: SystemsTaken) -> None:
        self.said.append(message)

    def on_explanation_wanted(self, message: ExplanationWanted) -> None:
        self.said.append(message)

    def on_live_changed(self, message: LiveChanged) -> None:
        self.said.append(message)
