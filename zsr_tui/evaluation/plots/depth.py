"""The rerank-depth curves."""

from __future__ import annotations

import math
from collections.abc import Mapping

from zsr_tui.evaluation.rerank_depth import Curve
from zsr_tui.evaluation.results import Evaluation
from zsr_tui.plots import scale
from zsr_tui.plots.model import Plot, Point, Rule, Series


def by_depth(evaluation: Evaluation, measure: str, curves: Mapping[int, Curve]) -> Plot:
    """`curves` are by system."""
    named = {evaluation.names[system]: curve for system, curve in curves.items()}
    return depth_curve(named, measure, evaluation.dataset)


def depth_curve(curves: Mapping[str, Curve], measure: str, where: str) -> Plot:
    """`curves`: by system, the measure's value at each rerank depth; at depth 0, before reranking, it is a horizontal
    line, one for all systems where they begin with the same list."""
    before = {name: curve[0] for name, curve in curves.items() if 0 in curve and math.isfinite(curve[0])}
    same = len({f"{value:.4f}" for value in before.values()}) == 1
    rules = [
        Rule(name, value, f"before reranking {value:.3f}" if same else f"{name}: before reranking {value:.3f}")
        for name, value in before.items()
    ][: 1 if same else None]
    series = tuple(
        Series(
            name,
            tuple(
                Point(float(depth), value, about=f"{name} at depth {depth:,}: {value:.4f}")
                for depth, value in sorted(curve.items())
                if depth > 0 and math.isfinite(value)
            ),
            number=number,
        )
        for number, (name, curve) in enumerate(curves.items())
    )
    best = [
        f"{each.name} is best at depth {max(each.points, key=lambda point: point.y).x:,.0f} "
        f"({max(point.y for point in each.points):.3f})"
        for each in series
        if each.points
    ]
    return Plot(
        title=f"{measure} by rerank depth, {where}",
        about="; ".join(best) + "." if best else "Nothing was reranked.",
        x=scale.logarithmic("documents reranked", (point.x for each in series for point in each.points), pad=0.04),
        y=scale.linear(
            measure, [*(point.y for each in series for point in each.points), *before.values()], least=scale.LEAST
        ),
        series=series,
        rules=tuple(rules),
    )
