"""The plots of a report."""

from __future__ import annotations

from zsr_tui.evaluation.plots.depth import by_depth
from zsr_tui.evaluation.plots.queries import query_differences, query_scatter
from zsr_tui.evaluation.plots.size import by_size
from zsr_tui.evaluation.report.contents import Contents
from zsr_tui.plots.model import AnyPlot


def report_plots(contents: Contents) -> list[AnyPlot]:
    """The paper's plot, the rerank-depth curve, and every system against the baseline, query by query."""
    evaluation, measure, baseline = contents.evaluation, contents.measure, contents.summary.baseline
    found: list[AnyPlot] = [by_size(evaluation, measure)]
    if contents.curves:
        found.append(by_depth(evaluation, measure, contents.curves))
    for system in range(len(evaluation.systems)):
        differences = query_differences(evaluation, measure, system, baseline)
        if system != baseline and differences.bars:
            found += [differences, query_scatter(evaluation, measure, baseline, system)]
    return found
