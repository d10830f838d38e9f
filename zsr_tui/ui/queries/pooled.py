"""The queries that the table shows, as their documents are pooled to be judged."""

from __future__ import annotations

from zsr_tui.api.evaluations import EvaluationItem
from zsr_tui.api.pooling import Filtered
from zsr_tui.ui.parts.messages import Poolable
from zsr_tui.ui.queries.choice import QueryChoice


def poolable(item: EvaluationItem | None, choice: QueryChoice) -> Poolable | str:
    """Or why there is nothing to judge."""
    if item is None:
        return "The evaluation is not there yet: its documents can be judged when it is."
    wanted = choice.selection.measure or item.measures[0]
    about = Filtered(evaluation=choice.evaluation, selection=choice.selection)
    return Poolable(dataset=item.dataset, about=about, measures=(wanted, *item.measures))
