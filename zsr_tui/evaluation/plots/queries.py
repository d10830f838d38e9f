"""A system against the baseline, query by query."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from zsr_tui.evaluation.comparison import TIE
from zsr_tui.evaluation.results import Evaluation
from zsr_tui.numerals import signed
from zsr_tui.plots import scale
from zsr_tui.plots.model import Difference, Differences, Plot, Point, Series


def query_differences(evaluation: Evaluation, measure: str, system: int, baseline: int) -> Differences:
    """A bar for each query that both systems have."""
    at = evaluation.measures.index(measure)
    delta = evaluation.values[system, at, :] - evaluation.values[baseline, at, :]
    several = len(evaluation.members) > 1
    keys = [f"{query.member} {query.id}" if several else query.id for query in evaluation.queries]
    return differences(
        dict(zip(keys, delta.tolist(), strict=True)),
        measure,
        evaluation.names[system],
        evaluation.names[baseline],
        {key: query.text for key, query in zip(keys, evaluation.queries, strict=True)},
    )


def query_scatter(evaluation: Evaluation, measure: str, x: int, y: int) -> Plot:
    """Each query's value in two systems."""
    at = evaluation.measures.index(measure)
    pairs = [(float(one), float(other)) for one, other in zip(*evaluation.values[[x, y], at, :], strict=True)]
    shown = evaluation.names
    return scatter(pairs, shown[x], shown[y], f"{measure} of each query: {shown[y]} against {shown[x]}")


def differences(
    values: Mapping[str, float], measure: str, system: str, baseline: str, texts: Mapping[str, str]
) -> Differences:
    """`values`: the difference by query id. Sorted with the largest gain of `system` first, ties by query id."""
    known = [(key, 0.0 if abs(value) <= TIE else value) for key, value in values.items() if math.isfinite(value)]
    bars = tuple(
        Difference(value, f"{key}: {signed(value)} {texts.get(key, '')}".strip())
        for key, value in sorted(known, key=lambda item: (-item[1], item[0]))
    )
    wins, losses = sum(bar.value > 0 for bar in bars), sum(bar.value < 0 for bar in bars)
    return Differences(
        title=f"Δ {measure} by query: {system} − {baseline}",
        about=f"{len(bars):,} queries: {system} is better in {wins:,}, equal in {len(bars) - wins - losses:,} and "
        f"worse in {losses:,} than {baseline}.",
        y=scale.signed(f"Δ {measure}", (bar.value for bar in bars)),
        bars=bars,
    )


def scatter(pairs: Iterable[tuple[float, float]], x: str, y: str, title: str) -> Plot:
    """One point for each pair (value in system x, value in system y), with the line on which both are equal."""
    known = [pair for pair in pairs if all(map(math.isfinite, pair))]
    every = [value for pair in known for value in pair]
    groups: dict[str, list[Point]] = {f"better in {y}": [], f"better in {x}": [], "equal": []}
    names = list(groups)
    for left, right in known:
        name = names[2] if abs(right - left) <= TIE else names[0] if right > left else names[1]
        groups[name].append(Point(left, right))
    return Plot(
        title=title,
        about=f"{len(known):,} queries: "
        + ", ".join(f"{len(points):,} {name}" for name, points in groups.items())
        + ".",
        x=scale.linear(x, every, zero=True),
        y=scale.linear(y, every, zero=True),
        series=tuple(
            Series(f"{name} ({len(points):,})", tuple(points), line=False, marks=False, number=number)
            for number, (name, points) in enumerate(groups.items())
            if points
        ),
        diagonal=True,
    )
