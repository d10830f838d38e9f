"""The HTML report: one file that needs nothing else, says everything without scripts, and prints."""

from __future__ import annotations

import math

from zsr_tui.evaluation.published import dataset_name, unavailable
from zsr_tui.evaluation.report import figures, tables
from zsr_tui.evaluation.report.contents import Contents
from zsr_tui.evaluation.report.page_parts import details, esc, figure_html, table_html
from zsr_tui.evaluation.report.page_queries import mark, query_html
from zsr_tui.evaluation.report.page_style import SCRIPT, policy, style
from zsr_tui.evaluation.report.plots import svg
from zsr_tui.evaluation.report.plots.model import Plot
from zsr_tui.evaluation.report.provenance import provenance
from zsr_tui.evaluation.report.table import Cell, Column, Table
from zsr_tui.evaluation.report.xml import escape

_TABLED = 1000  # queries in the table of the page


def html(contents: Contents) -> str:
    """The whole page. Every text of the data is escaped."""
    evaluation = contents.evaluation
    sections = [
        ("results", "Results", _results(contents)),
        ("plots", "Plots", _plots(contents)),
        ("published", "Published figures", _published(contents)),
        ("failures", "What happened to the documents", _optional(tables.classes_table(contents))),
        ("breakdowns", "What goes with failure", _breakdowns(contents)),
        ("datasets", "Across datasets", _matrix(contents)),
        ("queries", "Chosen queries", _queries(contents)),
        ("all", "All queries", _all_queries(contents)),
        ("provenance", "How to repeat it", _provenance(contents)),
    ]
    sections = [section for section in sections if section[2]]
    links = "".join(f'<a href="#{key}">{esc(title)}</a>' for key, title, _ in sections)
    body = "\n".join(
        f'<section id="{key}"><h2>{esc(title)}</h2>\n{inside}</section>' for key, title, inside in sections
    )
    title = f"{evaluation.dataset}: {len(evaluation.systems)} systems"
    warnings = "".join(f'<p class="note warning">{esc(note)}</p>' for note in _warnings(contents))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{escape(policy())}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{esc(title)}</title>
<style>{style()}</style>
</head>
<body>
<header>
<h1>{esc(evaluation.dataset)}</h1>
<p class="muted">{esc(_facts(contents))}</p>
{warnings}
</header>
<nav aria-label="Sections">{links}</nav>
<main>
{body}
</main>
<script>{SCRIPT}</script>
</body>
</html>
"""


def _facts(contents: Contents) -> str:
    evaluation = contents.evaluation
    parts = [
        f"{len(evaluation.systems)} systems",
        f"{len(evaluation.queries):,} queries"
        + (f" ({evaluation.provenance.subset})" * bool(evaluation.provenance.subset)),
        f"lists of {evaluation.provenance.depth:,}",
        evaluation.provenance.date,
    ]
    return " · ".join(part for part in parts if part)


def _warnings(contents: Contents) -> list[str]:
    evaluation = contents.evaluation
    first = [] if evaluation.complete else ["This evaluation is not complete: queries are still to be run."]
    return [*first, *evaluation.notes, *contents.summary.notes]


def _results(contents: Contents) -> str:
    inner = "\n".join(table_html(table) for table in tables.difference_tables(contents))
    return "\n".join(
        [
            table_html(tables.summary_table(contents), heading=False),
            inner,
            table_html(tables.unjudged_table(contents)),
        ]
    )


def _plots(contents: Contents) -> str:
    plots = "\n".join(
        figure_html(chart, words=not isinstance(chart, Plot) or chart.diagonal, width=svg.COMPACT)
        for chart in figures.charts(contents)
    )
    depth = tables.depth_table(contents)
    return f'<div class="figures">{plots}</div>' + (table_html(depth) if depth else "")


def _published(contents: Contents) -> str:
    table = tables.published_table(contents)
    shape = figures.paper() if dataset_name(contents.evaluation.dataset) and contents.measure == "nDCG@10" else None
    beside = figure_html(shape, words=False) if shape and shape.series else ""
    missing = "".join(f'<p class="note">{esc(sentence)}</p>' for sentence in unavailable())
    return (table_html(table, heading=False) if table else "") + beside + missing


def _optional(table: Table | None) -> str:
    return table_html(table, heading=False) if table else ""


def _breakdowns(contents: Contents) -> str:
    shown = tables.names(contents.evaluation)
    return "\n".join(
        figure_html(figures.breakdown(each, shown), words=False)
        + details("the figures as a table", table_html(tables.breakdown_table(each, shown), heading=False))
        for each in contents.breakdowns
    )


def _matrix(contents: Contents) -> str:
    if contents.matrix is None:
        return ""
    average = figures.average(contents)
    return table_html(tables.matrix_table(contents.matrix)) + (figure_html(average, words=False) if average else "")


def _queries(contents: Contents) -> str:
    if not contents.queries:
        return ""
    legend = (
        f'<p class="note">{mark(1)} relevant, with its grade · {mark(0)} judged not relevant · {mark(None)} unjudged: '
        "nobody looked at it · † the model read only the beginning of the document</p>"
    )
    return legend + "\n".join(query_html(contents, index) for index in contents.queries)


def _all_queries(contents: Contents) -> str:
    """Every query with the main measure of every system, the largest spread between systems first."""
    evaluation = contents.evaluation
    at = evaluation.measures.index(contents.measure)
    values = evaluation.values[:, at, :]
    rows = []
    for index, query in enumerate(evaluation.queries):
        known = [float(each) for each in values[:, index] if math.isfinite(each)]
        spread = max(known) - min(known) if known else 0.0
        cells = [Cell(tables.value(float(each), 3), order=float(each)) for each in values[:, index]]
        counts = [Cell(f"{query.relevant:,}", order=query.relevant)]
        rows.append((spread, (Cell(query.id), Cell(query.text), *counts, *cells)))
    rows.sort(key=lambda row: -row[0])
    columns = (
        Column("query", number=False),
        Column("text", number=False),
        Column("relevant"),
        *(Column(name) for name in tables.names(evaluation)),
    )
    notes = [f"{contents.measure} of each query, the largest difference between systems first."]
    if len(rows) > _TABLED:
        notes.append(f"The first {_TABLED:,} of {len(rows):,}; the CSV, JSON and Parquet files have all of them.")
    table = Table("All queries", columns, tuple(row for _, row in rows[:_TABLED]), tuple(notes))
    return details(f"{min(len(rows), _TABLED):,} queries", table_html(table, heading=False))


def _provenance(contents: Contents) -> str:
    parts = []
    for name, value in provenance(contents):
        shown = f"<pre>{escape(value)}</pre>" if name == "command" else esc(value)
        parts.append(f"<dt>{esc(name)}</dt><dd>{shown}</dd>")
    return f"<dl>{''.join(parts)}</dl>"
