"""A measure broken down by a feature of the queries."""

from __future__ import annotations

import math
from collections.abc import Sequence

from zsr_tui.evaluation import results
from zsr_tui.numerals import counted
from zsr_tui.plots import scale
from zsr_tui.plots.model import Bin, Breakdown


def by_feature(each: results.Breakdown, systems: Sequence[str]) -> Breakdown:
    """`systems` are their names."""
    rows = tuple(
        Bin(group.label, len(group.queries), tuple(mean if math.isfinite(mean) else None for mean in means))
        for group, means in zip(each.feature.groups, each.means, strict=True)
    )
    said = "; ".join(
        f"{row.label} ({counted(row.count, 'query', 'queries')}): "
        + ", ".join(
            f"{name} {'no value' if value is None else f'{value:.3f}'}"
            for name, value in zip(systems, row.values, strict=True)
        )
        for row in rows
    )
    return Breakdown(
        title=each.title,
        about=f"{said}." if said else "There are no queries.",
        x=scale.linear(each.measure, [value for row in rows for value in row.values if value is not None], zero=True),
        systems=tuple(systems),
        bins=rows,
    )
