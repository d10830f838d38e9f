"""The plots of a report, from the records of an evaluation."""

from __future__ import annotations

import math

from zsr_tui.evaluation.published import AVERAGE, published
from zsr_tui.evaluation.report import published_points
from zsr_tui.evaluation.report.contents import Contents
from zsr_tui.evaluation.report.tables import names
from zsr_tui.evaluation.results import Breakdown
from zsr_tui.plots import charts as plots
from zsr_tui.plots.model import Breakdown as BreakdownChart
from zsr_tui.plots.model import Chart, Differences, Plot


def charts(contents: Contents) -> list[Chart]:
    """The paper's plot, the rerank-depth curve, and every system against the baseline, query by query."""
    found: list[Chart] = [by_size(contents)]
    if contents.curves:
        found.append(depth_curve(contents))
    for system in range(len(contents.evaluation.systems)):
        if system != contents.summary.baseline and differences(contents, system).bars:
            found += [differences(contents, system), scatter(contents, contents.summary.baseline, system)]
    return found


def by_size(contents: Contents) -> Plot:
    """The paper's plot for the evaluated dataset."""
    evaluation = contents.evaluation
    shown = names(evaluation)
    means = {row.system: row.cells[contents.measure].mean for row in contents.summary.rows}
    systems = [
        plots.Sized(shown[at], each.family or "run file", each.parameters, means.get(at, math.nan))
        for at, each in enumerate(evaluation.systems)
    ]
    beside = published_points.of_dataset(evaluation, contents.measure)
    return plots.by_parameters([*systems, *beside], contents.measure, evaluation.dataset)


def paper() -> Plot:
    """The plot that the paper itself shows, from its published figures."""
    systems = [
        plots.Sized(each.system, each.family, each.parameters, each.value)
        for each in published(AVERAGE, "nDCG@10")
        if each.approximate
    ]
    return plots.by_parameters(systems, "nDCG@10", "the average over BEIR (Rosa et al. 2022, approximate)")


def average(contents: Contents) -> Plot | None:
    """The paper's plot for the average of the datasets that every system has; None without such datasets."""
    matrix = contents.matrix
    if matrix is None or not matrix.common:
        return None
    known = {system.notation: system for system in contents.evaluation.systems}
    known |= {system.label: system for system in contents.evaluation.systems}
    systems = [
        plots.Sized(
            known[name].label if name in known else name,
            known[name].family if name in known else "other",
            known[name].parameters if name in known else None,
            math.nan if mean is None else mean,
        )
        for name, mean in zip(matrix.systems, matrix.averages, strict=True)
    ]
    beside = published_points.of_average(matrix.common, matrix.measure)
    where = f"the average of {len(matrix.common)} datasets"
    return plots.by_parameters([*systems, *beside], matrix.measure, where)


def differences(contents: Contents, system: int, cursor: int | None = None) -> Differences:
    """A system against the baseline, one bar for each query that both have."""
    evaluation = contents.evaluation
    at, baseline = evaluation.measures.index(contents.measure), contents.summary.baseline
    delta = evaluation.values[system, at, :] - evaluation.values[baseline, at, :]
    shown = names(evaluation)
    several = len(evaluation.members) > 1
    keys = [f"{query.member} {query.id}" if several else query.id for query in evaluation.queries]
    return plots.differences(
        {key: float(each) for key, each in zip(keys, delta, strict=True)},
        contents.measure,
        shown[system],
        shown[baseline],
        {key: query.text for key, query in zip(keys, evaluation.queries, strict=True)},
        keys[cursor] if cursor is not None else None,
    )


def scatter(contents: Contents, x: int, y: int) -> Plot:
    """Each query's value in two systems."""
    evaluation = contents.evaluation
    at = evaluation.measures.index(contents.measure)
    shown = names(evaluation)
    pairs = {
        f"{index}": (float(evaluation.values[x, at, index]), float(evaluation.values[y, at, index]))
        for index in range(len(evaluation.queries))
    }
    return plots.scatter(pairs, shown[x], shown[y], f"{contents.measure} of each query: {shown[y]} against {shown[x]}")


def depth_curve(contents: Contents) -> Plot:
    shown = names(contents.evaluation)
    curves = {
        shown[system]: {point.depth: point.means.get(contents.measure, math.nan) for point in points}
        for system, points in contents.curves.items()
    }
    return plots.depth_curve(curves, contents.measure, contents.evaluation.dataset)


def breakdown(each: Breakdown, shown: list[str]) -> BreakdownChart:
    rows = [(group.label, len(group.queries), group.means) for group in each.groups]
    return plots.breakdown(rows, shown, each.measure, each.feature + (f" ({each.unit})" if each.unit else ""))
