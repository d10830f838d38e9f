"""What is each caller's own: stored evaluations, and what a person keeps, with the questions about them."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from zsr_tui import caller
from zsr_tui.engine.answers import Answers
from zsr_tui.engine.evaluation.answers import evaluation_answers
from zsr_tui.engine.evaluation.shelf import Shelf
from zsr_tui.engine.judging.answers import judging_answers
from zsr_tui.engine.judging.shelf import KeptShelf
from zsr_tui.engine.library import Library


@dataclass(frozen=True, slots=True)
class Desk:
    """`answers` has those of everybody, too."""

    kept: KeptShelf
    answers: Answers


class Desks:
    """Thread-safe. The files are found by `caller.home`, so a desk is used in the name of its caller alone."""

    def __init__(self, library: Library, shared: Answers) -> None:
        self._library, self._shared = library, shared
        self._by_name: dict[str, Desk] = {}
        self._lock = threading.Lock()

    def mine(self) -> Desk:
        """That of whoever asks; made when they first do."""
        name = caller.current().name
        with self._lock:
            if name not in self._by_name:
                kept = KeptShelf(self._library)
                shelf = Shelf(self._library, kept)
                own = {**evaluation_answers(self._library, shelf), **judging_answers(kept, shelf)}
                self._by_name[name] = Desk(kept, {**self._shared, **own})
            return self._by_name[name]
