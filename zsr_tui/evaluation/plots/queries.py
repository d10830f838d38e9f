"""A system against the baseline, query by query."""

from __future__ import annotations

import math

from zsr_tui.evaluation.comparison import TIE
from zsr_tui.evaluation.results import Evaluation
from zsr_tui.numerals import counted, signed
from zsr_tui.plots import scale
from zsr_tui.plots.model import Difference, Differences, Plot, Point, Series


def query_differences(evaluation: Evaluation, measure: str, system: int, baseline: int) -> Differences:
    """A bar for each query that both systems have, the largest gain of `system` first, ties by query id."""
    at, several = evaluation.measures.index(measure), len(evaluation.members) > 1
    delta = (evaluation.values[system, at] - evaluation.values[baseline, at]).tolist()
    known = [
        (0.0 if abs(value) <= TIE else value, f"{query.member} {query.id}" if several else query.id, query.text)
        for query, value in zip(evaluation.queries, delta, strict=True)
        if math.isfinite(value)
    ]
    bars = tuple(
        Difference(value, f"{key}: {signed(value)} {text}".strip())
        for value, key, text in sorted(known, key=lambda bar: (-bar[0], bar[1]))
    )
    wins, losses = sum(bar.value > 0 for bar in bars), sum(bar.value < 0 for bar in bars)
    new, old = evaluation.names[system], evaluation.names[baseline]
    return Differences(
        title=f"Δ {measure} by query: {new} − {old}",
        about=f"{counted(len(bars), 'query', 'queries')}: {new} is better in {wins:,}, equal in "
        f"{len(bars) - wins - losses:,} and worse in {losses:,} than {old}.",
        y=scale.signed(f"Δ {measure}", (bar.value for bar in bars)),
        bars=bars,
    )


def query_scatter(evaluation: Evaluation, measure: str, x: int, y: int) -> Plot:
    """One point for each query (value in system x, value in system y), with the line on which both are equal."""
    at, first, second = evaluation.measures.index(measure), evaluation.names[x], evaluation.names[y]
    pairs = evaluation.values[[x, y], at, :].T.tolist()
    known = [pair for pair in pairs if all(map(math.isfinite, pair))]
    every = [value for pair in known for value in pair]
    groups: dict[str, list[Point]] = {f"better in {second}": [], f"better in {first}": [], "equal": []}
    names = list(groups)
    for left, right in known:
        name = names[2] if abs(right - left) <= TIE else names[0] if right > left else names[1]
        groups[name].append(Point(left, right))
    groups_said = ", ".join(f"{len(points):,} {name}" for name, points in groups.items())
    return Plot(
        title=f"{measure} of each query: {second} against {first}",
        about=f"{counted(len(known), 'query', 'queries')}: {groups_said}.",
        x=scale.linear(first, every, zero=True),
        y=scale.linear(second, every, zero=True),
        series=tuple(
            Series(f"{name} ({len(points):,})", tuple(points), line=False, marks=False, number=number)
            for number, (name, points) in enumerate(groups.items())
            if points
        ),
        diagonal=True,
    )
