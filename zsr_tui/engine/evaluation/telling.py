"""What lists of other engines, and of models that order them, were like over an evaluation, kept with it as it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from zsr_tui.decoding import converted
from zsr_tui.engine.evaluation import notes
from zsr_tui.engine.evaluation.plan import Plan
from zsr_tui.engine.library import Library
from zsr_tui.evaluation import folder
from zsr_tui.retrieval.engines.records import Told


class TellingLists:
    """Goes on counting where an earlier run stopped."""

    def __init__(self, library: Library, plan: Plan) -> None:
        self._library, self._plan = library, plan
        self._told = {step: converted(each, Told) for step, each in plan.stored.told.counts.items()}

    def add(self, told: Mapping[str, Told]) -> None:
        for step, each in told.items():
            self._told.setdefault(step, Told()).add(each)
        if told:
            self._keep(self._plan.stored.told.notes)

    def end(self) -> None:
        if self._told:
            self._keep(tuple(notes.of_lists(self._library, self._told, self._plan)))

    def _keep(self, sentences: tuple[str, ...]) -> None:
        counts = {step: asdict(each) for step, each in self._told.items()}
        self._plan.stored.set_told(folder.Told(notes=sentences, counts=counts))
