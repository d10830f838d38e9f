"""The rerank-depth curves."""

from __future__ import annotations

import math
from collections.abc import Mapping

from zsr_tui.evaluation.rerank_depth import Curve
from zsr_tui.plots import scale
from zsr_tui.plots.model import Plot, Point, Rule, Series


def by_depth(curves: Mapping[str, Curve], measure: str, where: str) -> Plot:
    """`curves` are by the system's name. At depth 0, before reranking, they are a horizontal line, one for all systems
    where they begin with the same list."""
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
    tops = [(each.name, max(each.points, key=lambda point: point.y)) for each in series if each.points]
    best = [f"{name} is best at depth {top.x:,.0f} ({top.y:.3f})" for name, top in tops]
    points = [point for each in series for point in each.points]
    return Plot(
        title=f"{measure} by rerank depth, {where}",
        about="; ".join(best) + "." if best else "Nothing was reranked.",
        x=scale.logarithmic("documents reranked", (point.x for point in points), pad=0.04),
        y=scale.linear(measure, [*(point.y for point in points), *before.values()], least=scale.LEAST),
        series=series,
        rules=tuple(rules),
    )
