"""The HTML report: one file that needs nothing else, says everything without scripts, and prints."""

from __future__ import annotations

import math

from zsr_tui.evaluation.plots.groups import by_feature
from zsr_tui.evaluation.plots.size import average, paper
from zsr_tui.evaluation.published import dataset_name, unavailable
from zsr_tui.evaluation.report import headline, tables
from zsr_tui.evaluation.report.contents import Contents
from zsr_tui.evaluation.report.numerals import value
from zsr_tui.evaluation.report.page_parts import details, esc, figure_html, table_html
from zsr_tui.evaluation.report.page_queries import mark, query_html
from zsr_tui.evaluation.report.page_style import SCRIPT, policy, style
from zsr_tui.evaluation.report.plots import report_plots
from zsr_tui.evaluation.report.provenance import provenance
from zsr_tui.evaluation.report.table import Cell, Column, Table
from zsr_tui.plots import svg
from zsr_tui.plots.model import Plot
from zsr_tui.plots.svg_parts import escape

_TABLED = 1000  # queries in the table of the page


def html(contents: Contents) -> str:
    """The whole page. Every text of the data is escaped."""
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
    title = headline.title(contents)
    warnings = "".join(f'<p class="note warning">{esc(note)}</p>' for note in headline.warnings(contents))
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
<h1>{esc(title)}</h1>
<p class="muted">{esc(headline.facts(contents))}</p>
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


def _results(contents: Contents) -> str:
    """The differences of the main measure at once, those of the others folded."""
    shown = {table.title: table_html(table) for table in tables.difference_tables(contents)}
    main = [shown.pop(name) for name in list(shown) if name.startswith(f"{contents.measure}:")]
    others = ", ".join(name.split(":")[0] for name in shown)
    return "\n".join(
        [
            *(f'<p class="lead">{esc(sentence)}</p>' for sentence in headline.lead(contents)),
            table_html(tables.summary_table(contents), heading=False),
            *main,
            details(f"differences in {others}", "\n".join(shown.values())) if shown else "",
            table_html(tables.unjudged_table(contents)),
        ]
    )


def _plots(contents: Contents) -> str:
    plots = "\n".join(
        figure_html(plot, words=not isinstance(plot, Plot) or plot.diagonal, width=svg.COMPACT)
        for plot in report_plots(contents)
    )
    depth = tables.depth_table(contents)
    return f'<div class="figures">{plots}</div>' + (table_html(depth) if depth else "")


def _published(contents: Contents) -> str:
    table = tables.published_table(contents)
    shape = paper() if dataset_name(contents.evaluation.dataset) and contents.measure == "nDCG@10" else None
    beside = figure_html(shape, words=False, width=svg.COMPACT) if shape and shape.series else ""
    missing = "".join(f'<p class="note">{esc(sentence)}</p>' for sentence in unavailable())
    return (table_html(table, heading=False) if table else "") + beside + missing


def _optional(table: Table | None) -> str:
    return table_html(table, heading=False) if table else ""


def _breakdowns(contents: Contents) -> str:
    shown = contents.evaluation.names
    each = [
        "<div>"
        + figure_html(by_feature(each, shown), words=False, width=svg.COMPACT)
        + details("the figures as a table", table_html(tables.breakdown_table(each, shown), heading=False))
        + "</div>"
        for each in contents.breakdowns
    ]
    return f'<div class="figures">{"".join(each)}</div>' if each else ""


def _matrix(contents: Contents) -> str:
    if contents.matrix is None:
        return ""
    plot = average(contents.evaluation, contents.matrix) if contents.matrix.common else None
    return table_html(tables.matrix_table(contents.matrix)) + (
        figure_html(plot, words=False, width=svg.COMPACT) if plot else ""
    )


def _queries(contents: Contents) -> str:
    if not contents.queries:
        return ""
    legend = (
        f'<ul class="legend"><li>{mark(1)} relevant, with its grade</li><li>{mark(0)} judged not relevant</li>'
        f"<li>{mark(None)} unjudged: nobody looked at it</li>"
        "<li>† the model read only the beginning of the document</li></ul>"
    )
    return legend + "\n".join(query_html(contents, chosen) for chosen in contents.queries)


def _all_queries(contents: Contents) -> str:
    """Every query with the main measure of every system, the largest spread between systems first."""
    evaluation = contents.evaluation
    at = evaluation.measures.index(contents.measure)
    values = evaluation.values[:, at, :]
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
    table = Table("All queries", columns, tuple(row for _, row in rows[:_TABLED]), tuple(notes))
    return details(f"{min(len(rows), _TABLED):,} queries", table_html(table, heading=False))


def _provenance(contents: Contents) -> str:
    parts = []
    for name, said in provenance(contents):
        shown = f"<pre>{escape(said)}</pre>" if name == "command" else esc(said)
        parts.append(f"<dt>{esc(name)}</dt><dd>{shown}</dd>")
    return f"<dl>{''.join(parts)}</dl>"
