"""What may stand beside the figures of an evaluation: those of other evaluations, and those that others published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zsr_tui.evaluation.results import USUAL_DEPTH, Evaluation

if TYPE_CHECKING:
    import numpy as np


def names(evaluation: Evaluation, measure: str) -> list[str]:
    """What each system is called beside those of other evaluations: a run file's name, or the notation. What makes a
    figure one of another kind is told by it: another precision, the query's own document in the list, and, for a
    measure of the whole list, how long that is."""
    kept = "" if evaluation.provenance.drop_self else " with self-hits"
    return [
        " ".join((system.label if system.run_file else system.notation, system.precision)).strip()
        + kept
        + (f" cut at {system.depth:,}" if "@" not in measure and system.depth < USUAL_DEPTH else "")
        for system in evaluation.systems
    ]


def unlike_published(evaluation: Evaluation) -> str:
    """Of what its figures are and published ones are not; "" where they are of the same."""
    if evaluation.provenance.subset:
        return f"over: {evaluation.provenance.subset}"
    if evaluation.rejudged:
        return "over other judgments than the dataset's own"
    return "" if evaluation.provenance.drop_self else "of lists in which a query finds itself"


def with_published(evaluation: Evaluation) -> np.ndarray:
    """bool array of shape (systems,): whose means can be compared with a figure that was published for the dataset.
    They have a value for every judged query."""
    import numpy as np

    has = ~np.isnan(evaluation.values).all(axis=1)
    return has.all(axis=1) & (not unlike_published(evaluation))
