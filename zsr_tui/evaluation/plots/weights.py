"""The curve of a fused pair's weight."""

from __future__ import annotations

import math

from zsr_tui.evaluation.sweep import WEIGHTS, Sweep
from zsr_tui.numerals import counted, value
from zsr_tui.plots import scale
from zsr_tui.plots.model import Plot, Point, Rule, Series


def by_weight(sweep: Sweep, where: str) -> Plot:
    """The weight of the first list goes to the right: at the left end the second list stands alone, at the right end
    the first one does."""
    first, second = sweep.parts
    known = [(weight, mean) for weight, mean in zip(WEIGHTS, sweep.values, strict=True) if math.isfinite(mean)]
    ends = {0.0: f"{second} alone", 1.0: f"{first} alone", sweep.weight: f"best {sweep.weight:.2f}"}
    points = tuple(
        Point(weight, mean, ends.get(weight, ""), f"{weight:.2f} {first} + {1 - weight:.2f} {second}: {mean:.4f}")
        for weight, mean in known
    )
    rules = tuple(
        Rule(name, mean, f"{name} {mean:.3f}")
        for name, mean in (
            ("best weight of each query", sweep.each),
            ("cross-validated", sweep.crossed),
            ("rrf", sweep.rrf),
        )
        if math.isfinite(mean)
    )
    return Plot(
        title=f"{sweep.measure} by weight of {first} in {sweep.title}, {where}",
        about=" ".join(sentences(sweep)),
        x=scale.linear(f"weight of {first}", (0.0, 1.0), pad=0.04),
        y=scale.linear(sweep.measure, [*(mean for _, mean in known), *(rule.y for rule in rules)], least=scale.LEAST),
        series=(Series(sweep.title, points),),
        rules=rules,
    )


def sentences(sweep: Sweep) -> list[str]:
    """What the curve shows."""
    if not sweep.queries:
        return ["No query has both lists."]
    first, second = sweep.parts
    said = [
        f"Best at {sweep.weight:.2f} for {first}: {value(sweep.values[sweep.best])} over "
        f"{counted(sweep.queries, 'query', 'queries')}, which chose it."
    ]
    if math.isfinite(sweep.crossed):
        one, other = sweep.chosen
        said.append(
            f"Cross-validated, each half of the queries with the weight that is best on the other ({one:.2f}, "
            f"{other:.2f}): {value(sweep.crossed)}."
        )
    else:
        said.append("It cannot be cross-validated: one half of the queries has no values.")
    said.append(
        f"{first} alone {value(sweep.values[-1])}, {second} alone {value(sweep.values[0])}, rrf {value(sweep.rrf)}."
    )
    said.append(f"With the best weight of each query {value(sweep.each)}: no choice of weights gives more.")
    return said
