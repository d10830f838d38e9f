"""A measure broken down by a feature of the queries."""

from __future__ import annotations

import math
from collections.abc import Sequence

from zsr_tui.evaluation import results
from zsr_tui.plots import scale
from zsr_tui.plots.model import Bin, Breakdown


def by_feature(each: results.Breakdown, systems: Sequence[str]) -> Breakdown:
    """`systems` are their names."""
    rows = [(group.label, len(group.queries), group.means) for group in each.groups]
    return breakdown(rows, systems, each.measure, each.feature + (f" ({each.unit})" if each.unit else ""))


def breakdown(
    bins: Sequence[tuple[str, int, Sequence[float | None]]], systems: Sequence[str], measure: str, by: str
) -> Breakdown:
    """`bins`: (label, queries, one value for each system or None), in the order in which they are shown."""
    rows = tuple(Bin(label, count, tuple(_number(value) for value in values)) for label, count, values in bins)
    said = "; ".join(
        f"{row.label} ({row.count:,} queries): "
        + ", ".join(
            f"{name} {'no value' if value is None else f'{value:.3f}'}"
            for name, value in zip(systems, row.values, strict=True)
        )
        for row in rows
    )
    return Breakdown(
        title=f"{measure} by {by}",
        about=f"{said}." if said else "There are no queries.",
        x=scale.linear(measure, [value for row in rows for value in row.values if value is not None], zero=True),
        systems=tuple(systems),
        bins=rows,
    )


def _number(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
