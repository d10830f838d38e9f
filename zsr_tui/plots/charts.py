"""The plots of an evaluation, from plain values."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from zsr_tui.plots import scale
from zsr_tui.plots.model import Bin, Breakdown, Difference, Differences, Plot, Point, Rule, Series

SAME = 1e-9  # differences below this are ties
_ORGANISATION = re.compile(r"\b[\w.-]+/(?=\w)")
LEAST = 0.05  # what an axis of a measure spans at least


@dataclass(frozen=True, slots=True)
class Sized:
    """A system with its size. `family` names the line that it is on; without `parameters` it becomes a horizontal
    line, as BM25 does. `source`: a figure that somebody published there, drawn hollow; `approximate` if it was read
    off a plot."""

    label: str
    family: str
    parameters: int | None
    value: float
    source: str = ""
    approximate: bool = False


def by_parameters(systems: Iterable[Sized], measure: str, where: str) -> Plot:
    """The paper's plot: effectiveness against the number of parameters (log axis), one line for each family, and a
    horizontal line for BM25 and whatever else has no parameters. Published figures are hollow points without a line,
    one series for each source. Values that are not numbers are left out."""
    known = [system for system in systems if math.isfinite(system.value)]
    sized = [system for system in known if system.parameters]
    groups: dict[tuple[str, str], list[Sized]] = {}
    for system in sorted(sized, key=lambda system: bool(system.source)):  # the measured ones first
        groups.setdefault((system.source, "" if system.source else system.family), []).append(system)
    short = _short(each.label for each in known)
    series = tuple(
        Series(
            name=_published_by(members) if source else family,
            points=tuple(
                Point(
                    float(each.parameters or 0),
                    each.value,
                    _about(short[each.label], each),
                    f"{each.label}: {scale.short(each.parameters or 0)} parameters, "
                    f"{measure} {_about(f'{each.value:.4f}', each)}" + (f", {source}" if source else ""),
                )
                for each in sorted(members, key=lambda member: (member.parameters or 0, member.value))
            ),
            line=not source,
            hollow=bool(source),
            number=number,
        )
        for number, ((source, family), members) in enumerate(groups.items())
    )
    rules = tuple(
        Rule(system.label, system.value, f"{system.label} {system.value:.3f}")
        for system in known
        if not system.parameters
    )
    return Plot(
        title=f"{measure} by model size, {where}",
        about=_in_words(known, measure, where),
        x=scale.logarithmic("parameters", (float(system.parameters or 0) for system in sized)),
        y=scale.linear(measure, (system.value for system in known), least=LEAST),
        series=series,
        rules=rules,
    )


def _short(labels: Iterable[str]) -> dict[str, str]:
    """What a point is called where there is little room: a reranking system by its reranker, a model without its
    organisation, if no other is called so."""
    ends = {label: _ORGANISATION.sub("", label.rsplit(" >> ", 1)[-1]) for label in labels}
    taken = Counter(ends.values())
    return {label: end if taken[end] == 1 else label for label, end in ends.items()}


def _published_by(members: Sequence[Sized]) -> str:
    about = "≈ approximate; " if any(each.approximate for each in members) else ""
    return f"published: {about}{members[0].source}"


def _about(text: str, system: Sized) -> str:
    return f"≈{text}" if system.approximate else text


def _in_words(systems: Sequence[Sized], measure: str, where: str) -> str:
    said = "; ".join(
        f"{system.label} {_about(f'{system.value:.3f}', system)}"
        + (f" with {scale.short(system.parameters)} parameters" if system.parameters else "")
        + (f" (published: {system.source})" if system.source else "")
        for system in sorted(systems, key=lambda system: -system.value)
    )
    return f"{measure} on {where}, best first: {said}." if said else f"Nothing was measured on {where}."


def differences(
    values: Mapping[str, float],
    measure: str,
    system: str,
    baseline: str,
    texts: Mapping[str, str] | None = None,
    cursor: str | None = None,
) -> Differences:
    """`values`: the difference by query id. Sorted with the largest gain of `system` first, ties by query id."""
    known = [(key, value) for key, value in values.items() if math.isfinite(value)]  # nan has no place in an order
    bars = tuple(
        Difference(key, value, (texts or {}).get(key, ""))
        for key, value in sorted(known, key=lambda item: (-item[1], item[0]))
    )
    wins = sum(bar.value > SAME for bar in bars)
    losses = sum(bar.value < -SAME for bar in bars)
    return Differences(
        title=f"Δ {measure} by query: {system} − {baseline}",
        about=f"{len(bars):,} queries: {system} is better in {wins:,}, equal in {len(bars) - wins - losses:,} and "
        f"worse in {losses:,} than {baseline}.",
        y=scale.signed(f"Δ {measure}", (bar.value for bar in bars)),
        bars=bars,
        cursor=next((index for index, bar in enumerate(bars) if bar.key == cursor), None),
    )


def scatter(
    pairs: Mapping[str, tuple[float, float]], x: str, y: str, title: str, *, ranks: bool = False, what: str = "queries"
) -> Plot:
    """One point for each pair (value in system x, value in system y), with the line on which both are equal.
    `ranks`: logarithmic axes, on which the first places get the room that they deserve."""
    known = {key: pair for key, pair in pairs.items() if all(map(math.isfinite, pair))}
    every = [value for pair in known.values() for value in pair]
    axes = [scale.logarithmic(name, every) if ranks else scale.linear(name, every, zero=True) for name in (x, y)]
    groups: dict[str, list[Point]] = {f"better in {y}": [], f"better in {x}": [], "equal": []}
    names = list(groups)
    for key, (left, right) in known.items():
        gain = (left - right) if ranks else (right - left)  # a smaller rank is better
        name = names[2] if abs(gain) <= SAME else names[0] if gain > 0 else names[1]
        groups[name].append(Point(left, right, about=key))
    return Plot(
        title=title,
        about=f"{len(known):,} {what}: "
        + ", ".join(f"{len(points):,} {name}" for name, points in groups.items())
        + ".",
        x=axes[0],
        y=axes[1],
        series=tuple(
            Series(f"{name} ({len(points):,})", tuple(points), line=False, marks=False, number=number)
            for number, (name, points) in enumerate(groups.items())
            if points
        ),
        diagonal=True,
    )


def depth_curve(curves: Mapping[str, Mapping[int, float]], measure: str, where: str) -> Plot:
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
            measure, [*(point.y for each in series for point in each.points), *before.values()], least=LEAST
        ),
        series=series,
        rules=tuple(rules),
    )


def breakdown(
    bins: Sequence[tuple[str, int, Sequence[float | None]]],
    systems: Sequence[str],
    measure: str,
    by: str,
    counted: str = "queries",
) -> Breakdown:
    """`bins`: (label, count, one value for each system or None), in the order in which they are shown."""
    rows = tuple(Bin(label, count, tuple(_number(value) for value in values)) for label, count, values in bins)
    said = "; ".join(
        f"{row.label} ({row.count:,} {counted}): "
        + ", ".join(
            f"{name} {'no value' if value is None else f'{value:.3f}'}"
            for name, value in zip(systems, row.values, strict=True)
        )
        for row in rows
    )
    return Breakdown(
        title=f"{measure} by {by}",
        about=f"{said}." if said else f"There are no {counted}.",
        x=scale.linear(measure, [value for row in rows for value in row.values if value is not None], zero=True),
        counted=counted,
        systems=tuple(systems),
        bins=rows,
    )


def _number(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
