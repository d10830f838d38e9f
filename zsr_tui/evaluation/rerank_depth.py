"""Measures as a function of the rerank depth, from the stored lists: no model runs."""

from __future__ import annotations

from collections.abc import Sequence

from zsr_tui.evaluation.comparison import member_mean
from zsr_tui.evaluation.measures import Graded, measure_lists, parse_measures
from zsr_tui.evaluation.results import Evaluation, Point

DEPTHS = (0, 10, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000)
MEASURES = ("nDCG@10", "R@10", "R@100", "R@1000")


def curves(evaluation: Evaluation, measure: str) -> dict[int, tuple[Point, ...]]:
    """Of the systems that end with a reranker and have run."""
    found = {
        system: curve(evaluation, system, (measure,)) for system, each in enumerate(evaluation.systems) if each.stages
    }
    return {system: points for system, points in found.items() if points}


def curve(evaluation: Evaluation, system: int, measures: Sequence[str] = MEASURES) -> tuple[Point, ...]:
    """A point for each depth up to the system's own, 0 being the list before reranking; empty for a system that ends
    without a reranker. The candidates below a depth follow in the order in which the reranker was given them."""
    import numpy as np

    last = evaluation.systems[system].stages[-1]
    stage = evaluation.stages[last]
    if stage.kind != "rerank":
        return ()
    parsed = parse_measures(measures)
    depths = sorted({*(depth for depth in DEPTHS if depth < stage.depth), stage.depth})
    values = np.full((len(depths), len(parsed), len(evaluation.queries)), np.nan)
    for query in range(len(evaluation.queries)):
        lists = evaluation.lists(query)
        if last not in lists.by_stage:
            continue
        given = lists.by_stage[stage.sources[0]].doc_ids[: stage.depth]
        reranked = lists.by_stage[last].doc_ids
        graded = []
        for depth in depths:
            first = set(given[:depth])
            order = [doc_id for doc_id in reranked if doc_id in first] + list(given[depth:])
            graded.append(Graded.of(order[: evaluation.provenance.depth], lists.judgments))
        values[:, :, query] = measure_lists(parsed, graded).T
    names = [str(measure) for measure in parsed]
    return tuple(
        Point(depth, {name: member_mean(evaluation, values[row, column]) for column, name in enumerate(names)})
        for row, depth in enumerate(depths)
    )
