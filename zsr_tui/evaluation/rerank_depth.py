"""A measure as a function of the rerank depth, from the stored lists: no model runs."""

from __future__ import annotations

from collections.abc import Mapping

from zsr_tui.evaluation.comparison import member_mean
from zsr_tui.evaluation.measures import Graded, measure_lists
from zsr_tui.evaluation.naming import parse_measures
from zsr_tui.evaluation.results import Evaluation

DEPTHS = (0, 10, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000)
Curve = Mapping[int, float]  # the mean by depth; at 0 that of the list before reranking


def curves(evaluation: Evaluation, measure: str) -> dict[int, Curve]:
    """Of the systems that end with a reranker, by system."""
    return {at: found for at in range(len(evaluation.systems)) if (found := curve(evaluation, at, measure))}


def curve(evaluation: Evaluation, system: int, measure: str) -> Curve:
    """At each depth up to the system's own; empty for a system that ends without a reranker. The candidates below a
    depth follow in the order in which the reranker was given them."""
    import numpy as np

    last = evaluation.systems[system].stages[-1]
    stage = evaluation.stages[last]
    if stage.kind != "rerank":
        return {}
    parsed = parse_measures((measure,))
    depths = sorted({*(depth for depth in DEPTHS if depth < stage.depth), stage.depth})
    values = np.full((len(depths), len(evaluation.queries)), np.nan)
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
        values[:, query] = measure_lists(parsed, graded)[0]
    return {depth: member_mean(evaluation, measure, row) for depth, row in zip(depths, values, strict=True)}
