"""The two systems that the table compares, as their lists are compared without names."""

from __future__ import annotations

from zsr_tui.api.evaluations import EvaluationItem
from zsr_tui.ui.parts.messages import Duellists
from zsr_tui.ui.queries.choice import QueryChoice


def duellists(item: EvaluationItem | None, choice: QueryChoice) -> Duellists | str:
    """Or why there are no two lists."""
    if item is None:
        return "The evaluation is not there yet: its lists can be compared when it is."
    if choice.selection.system == choice.selection.baseline:
        return "The evaluation has one system: two are needed for one to be better."
    return Duellists(
        dataset=item.dataset, systems=item.notations, evaluation=choice.evaluation, selection=choice.selection
    )
