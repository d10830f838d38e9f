"""What the sections of the page hold; empty ones are left out."""

from __future__ import annotations

import math
from typing import Any

from zsr_tui.evaluation.plots.depth import by_depth
from zsr_tui.evaluation.plots.groups import by_feature
from zsr_tui.evaluation.plots.queries import query_differences, query_scatter
from zsr_tui.evaluation.plots.size import average, by_size, paper
from zsr_tui.evaluation.plots.weights import by_weight
from zsr_tui.evaluation.published import dataset_name, unavailable
from zsr_tui.evaluation.report import headline, tables
from zsr_tui.evaluation.report.contents import Contents
from zsr_tui.evaluation.report.fused import combinations_table, sweep_table
from zsr_tui.evaluation.report.kept import kept_table
from zsr_tui.evaluation.report.page.queries import article
from zsr_tui.evaluation.report.provenance import provenance
from zsr_tui.evaluation.report.table import Cell, Column, Table
from zsr_tui.numerals import value
from zsr_tui.plots.model import AnyPlot, Plot

_TABLED = 1000  # queries in the table of the page
_TITLES = {
    "results": "Results",
    "plots": "Plots",
    "published": "Published figures",
    "failures": "What happened to the documents",
    "breakdowns": "What goes with failure",
    "datasets": "Across datasets",
    "queries": "Chosen queries",
    "kept": "Judged and noted",
    "all": "All queries",
    "provenance": "How to repeat it",
}


def sections(contents: Contents) -> dict[str, Any]:
    """What the template `page.html` names."""
    evaluation, matrix = contents.evaluation, contents.matrix
    of_paper = paper() if dataset_name(evaluation.dataset) and contents.measure == "nDCG@10" else None
    held: dict[str, Any] = {
        "results": _results(contents),
        "plots": [(plot, not isinstance(plot, Plot) or plot.diagonal) for plot in report_plots(contents)],
        "published": {
            "table": tables.published_table(contents),
            "paper": of_paper if of_paper and of_paper.series else None,
            "missing": unavailable(),
        },
        "failures": tables.classes_table(contents),
        "breakdowns": [
            (by_feature(each, evaluation.names), tables.breakdown_table(each, evaluation.names))
            for each in contents.breakdowns
        ],
        "datasets": matrix
        and {
            "table": tables.matrix_table(matrix),
            "average": average(evaluation, matrix) if matrix.common else None,
        },
        "queries": [article(contents, chosen) for chosen in contents.queries],
        "kept": kept_table(contents.kept),
        "all": _all_queries(contents),
        "provenance": provenance(contents),
    }
    return held | {
        "titles": {key: title for key, title in _TITLES.items() if held[key]},
        "title": headline.title(contents),
        "facts": headline.facts(contents),
        "warnings": headline.warnings(contents),
        "depths": tables.depth_table(contents),
        "combinations": contents.combinations and combinations_table(contents.combinations),
        "weights": [sweep_table(each) for each in contents.sweeps],
    }


def _results(contents: Contents) -> dict[str, Any]:
    """The differences of the main measure are shown at once, those of the others folded."""
    differences = {table.title.split(":")[0]: table for table in tables.difference_tables(contents)}
    return {
        "lead": headline.lead(contents),
        "summary": tables.summary_table(contents),
        "main": differences.pop(contents.measure, None),
        "others": differences,
        "unjudged": tables.unjudged_table(contents),
    }


def report_plots(contents: Contents) -> list[AnyPlot]:
    """The paper's plot, curves of rerank depths and weights, and every system against the baseline, query by query."""
    evaluation, measure, baseline = contents.evaluation, contents.measure, contents.baseline
    found: list[AnyPlot] = [by_size(evaluation, measure)]
    if contents.curves:
        named = {evaluation.names[system]: curve for system, curve in contents.curves.items()}
        found.append(by_depth(named, measure, evaluation.dataset))
    found += [by_weight(each, evaluation.dataset) for each in contents.sweeps]
    for system in range(len(evaluation.systems)):
        differences = query_differences(evaluation, measure, system, baseline)
        if system != baseline and differences.bars:
            found += [differences, query_scatter(evaluation, measure, baseline, system)]
    return found


def _all_queries(contents: Contents) -> Table:
    """Every query with the main measure of every system, the largest spread between systems first."""
    evaluation = contents.evaluation
    values = evaluation.values[:, evaluation.measures.index(contents.measure), :]
    rows = []
    for index, query in enumerate(evaluation.queries):
        known = [float(each) for each in values[:, index] if math.isfinite(each)]
        spread = max(known) - min(known) if known else 0.0
        cells = [Cell(value(float(each), 3), order=float(each)) for each in values[:, index]]
        counts = [Cell(f"{query.relevant:,}", order=query.relevant)]
        rows.append((spread, (Cell(query.id), Cell(query.text), *counts, *cells)))
    rows.sort(key=lambda row: -row[0])
    columns = (
        Column("query", number=False),
        Column("text", number=False),
        Column("relevant"),
        *(Column(name) for name in evaluation.names),
    )
    notes = [f"{contents.measure} of each query, the largest difference between systems first."]
    if len(rows) > _TABLED:
        notes.append(f"The first {_TABLED:,} of {len(rows):,}; the CSV, JSON and Parquet files have all of them.")
    return Table("All queries", columns, tuple(row for _, row in rows[:_TABLED]), tuple(notes))
