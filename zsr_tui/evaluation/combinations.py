"""Retrievers by rerankers: what a reranker makes of each list that it is given, against that list itself.

It is made of whatever systems an evaluation has: `R % 100 >> X` is the cell of R and X.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from zsr_tui import pipeline
from zsr_tui.evaluation import significance
from zsr_tui.evaluation.comparison import compared, member_mean
from zsr_tui.evaluation.results import Against, Evaluation, Test


@dataclass(frozen=True, slots=True)
class Combined:
    """A system of the evaluation. `against` the retriever alone: None for that itself, and where it was not evaluated;
    p is corrected over all cells (Holm)."""

    system: int
    mean: float
    against: Against | None = None


@dataclass(frozen=True, slots=True)
class Combinations:
    """`rows` are the retrievers' names, `columns` the rerankers' with their depths. `alone` has each retriever without
    a reranker, `cells` by row and column; None where such a system was not evaluated."""

    measure: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    alone: tuple[Combined | None, ...]
    cells: tuple[tuple[Combined | None, ...], ...]
    test: Test


def combinations(evaluation: Evaluation, measure: str, test: Test = "t") -> Combinations | None:
    """None where nothing is reranked."""
    places = {system.notation: place for place, system in enumerate(evaluation.systems) if system.source == "system"}
    found: dict[tuple[str, tuple[str, int]], int] = {}
    for notation, place in places.items():
        last = pipeline.uncut(pipeline.parse(notation))
        if isinstance(last, pipeline.Rerank):
            depth = min(pipeline.cut_of(last.source), pipeline.CANDIDATES)
            found.setdefault((str(pipeline.uncut(last.source)), (last.model, depth)), place)
    if not found:
        return None
    rows = sorted(dict.fromkeys(row for row, _ in found), key=lambda row: places.get(row, len(places)))
    columns = list(dict.fromkeys(column for _, column in found))
    against = _against(evaluation, measure, test, {place: places.get(row) for (row, _), place in found.items()})
    at = evaluation.measures.index(measure)

    def cell(place: int | None) -> Combined | None:
        if place is None:
            return None
        return Combined(place, member_mean(evaluation, measure, evaluation.values[place, at]), against.get(place))

    names = {system.notation: name for system, name in zip(evaluation.systems, evaluation.names, strict=True)}
    return Combinations(
        measure=measure,
        rows=tuple(names.get(row, row) for row in rows),
        columns=tuple(_column(evaluation, found, column, columns) for column in columns),
        alone=tuple(cell(places.get(row)) for row in rows),
        cells=tuple(tuple(cell(found.get((row, column))) for column in columns) for row in rows),
        test=test,
    )


def _against(evaluation: Evaluation, measure: str, test: Test, alone: Mapping[int, int | None]) -> dict[int, Against]:
    """Of each system with what it reranks, by system; p corrected over all of them."""
    import numpy as np

    found = {
        place: compared(evaluation, measure, place, retriever, test)
        for place, retriever in alone.items()
        if retriever is not None
    }
    adjusted = significance.holm(np.array([each.p for each in found.values()])).tolist()
    return {place: replace(each, p_holm=p) for (place, each), p in zip(found.items(), adjusted, strict=True)}


def _column(
    evaluation: Evaluation,
    found: Mapping[tuple[str, tuple[str, int]], int],
    column: tuple[str, int],
    columns: list[tuple[str, int]],
) -> str:
    """The reranker as its systems' labels call it; with its depth where not all have the same."""
    place = next(place for (_, each), place in found.items() if each == column)
    name = evaluation.systems[place].label.rpartition(" >> ")[2].partition(" % ")[0] or column[0]
    return name if len({depth for _, depth in columns}) == 1 else f"{name}, first {column[1]:,}"
