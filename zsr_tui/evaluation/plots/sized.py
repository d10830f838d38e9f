"""The points of the plot by model size: systems with their size and value.

Published figures stand there for the models whose size is known, and only those of the same measure on the same
queries and judgments: none where no system can be held against them, and for an average only those of systems that have
a published figure on every dataset of that average.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from zsr_tui import pipeline
from zsr_tui.domain import Problem
from zsr_tui.evaluation import comparable
from zsr_tui.evaluation.published import Published, published
from zsr_tui.evaluation.results import Evaluation
from zsr_tui.scoring.models import catalogue


@dataclass(frozen=True, slots=True)
class Sized:
    """`family` names the line that it is on; without `parameters` it becomes a horizontal line, as BM25 does. `source`:
    a figure that somebody published there, drawn hollow; `approximate` if it was read off a plot."""

    label: str
    family: str
    parameters: int | None
    value: float
    source: str = ""
    approximate: bool = False


def of_dataset(evaluation: Evaluation, measure: str) -> list[Sized]:
    return _points(published(evaluation.dataset, measure)) if comparable.with_published(evaluation).any() else []


def of_average(datasets: Sequence[str], measure: str) -> list[Sized]:
    """The mean of each system's published figures over these datasets."""
    rows: dict[tuple[str, str], list[Published]] = {}
    for dataset in datasets:
        for row in published(dataset, measure):
            rows.setdefault((row.system, row.source), []).append(row)
    return _points(
        replace(
            same[0],
            value=sum(row.value for row in same) / len(same),
            approximate=any(row.approximate for row in same),
        )
        for same in rows.values()
        if len(same) == len(datasets)
    )


def _points(rows: Iterable[Published]) -> list[Sized]:
    return [
        Sized(row.system, row.family, parameters, row.value, source=row.source, approximate=row.approximate)
        for row in rows
        if (parameters := _parameters(row)) is not None
    ]


def _parameters(row: Published) -> int | None:
    """As this program counts them where it knows the models, so that the point stands in the column of the measured
    one; else as the source says."""
    try:
        models = pipeline.models(pipeline.parse(row.notation)) if row.notation else ()
        counts = [catalogue.describe(model).parameters for model in models]
    except Problem:
        return row.parameters
    known = [count for count in counts if count is not None]
    return sum(known) if known and len(known) == len(counts) else row.parameters
