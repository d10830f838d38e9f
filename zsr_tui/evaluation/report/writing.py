"""One file of an evaluation, in the format that its name says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from zsr_tui.domain import Problem
from zsr_tui.evaluation.report import figures, page, per_query, tables
from zsr_tui.evaluation.report.contents import Contents
from zsr_tui.evaluation.report.files import check_writable, write_whole
from zsr_tui.evaluation.report.plots import svg
from zsr_tui.evaluation.report.plots.model import Chart
from zsr_tui.evaluation.report.png import png
from zsr_tui.evaluation.report.provenance import provenance
from zsr_tui.evaluation.report.table import Table, escape_markdown, latex, markdown
from zsr_tui.text import one_line


def write(contents: Contents, path: Path) -> Path:
    """Raises `Problem` for a name of another format, and where the file cannot be written; nothing is half-written."""
    make = _FORMATS[check(path)]
    write_whole(path, make(contents))
    return path


def write_chart(chart: Chart, path: Path) -> Path:
    """One plot as .svg or .png."""
    suffix = check(path, _PLOTS)
    drawn = svg.draw(chart)
    write_whole(path, png(drawn) if suffix == ".png" else drawn.encode("utf-8", "replace"))
    return path


def check(path: Path, suffixes: Iterable[str] = ()) -> str:
    """The suffix, if a report can be written under this name: to be asked before anything long begins."""
    suffix = path.suffix.casefold()
    known = tuple(suffixes) or tuple(_FORMATS)
    if suffix not in known:
        raise Problem(
            f"a report cannot be written as {path.name!r}: give it one of the suffixes {' '.join(known)}.",
            usage=True,
        )
    check_writable(path)
    return suffix


def report_tables(contents: Contents) -> list[Table]:
    """Every table of the report but those of single queries."""
    shown = tables.names(contents.evaluation)
    found = [
        tables.summary_table(contents),
        *tables.difference_tables(contents),
        tables.unjudged_table(contents),
        tables.published_table(contents),
        tables.depth_table(contents),
        tables.classes_table(contents),
        *(tables.breakdown_table(each, shown) for each in contents.breakdowns),
        tables.matrix_table(contents.matrix) if contents.matrix else None,
    ]
    return [table for table in found if table is not None and table.rows]


def as_markdown(contents: Contents) -> str:
    evaluation = contents.evaluation
    notes = [f"> {escape_markdown(note)}\n" for note in (*evaluation.notes, *contents.summary.notes)]
    facts = [f"- {escape_markdown(name)}: {_code(value)}" for name, value in provenance(contents)]
    return "\n".join(
        [
            f"# {escape_markdown(evaluation.dataset)}\n",
            *notes,
            *(markdown(table) for table in report_tables(contents)),
            "## How to repeat it\n",
            *facts,
            "",
        ]
    )


def _code(value: str) -> str:
    """A code span: delimited by more backticks than the text has in a row."""
    text = one_line(value)
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def as_latex(contents: Contents) -> str:
    """The tables, to be read with \\input in a document that uses booktabs; provenance as comments."""
    name = re.sub(r"[^a-z0-9]+", "-", contents.evaluation.dataset.casefold()).strip("-") or "evaluation"
    comments = [f"% {key}: {one_line(value)}" for key, value in provenance(contents)]
    made = [latex(table, f"{name}-{number}") for number, table in enumerate(report_tables(contents), start=1)]
    return "\n".join(["% \\usepackage{booktabs}", *comments, "", *made])


def as_svg(contents: Contents) -> str:
    """The paper's plot."""
    return svg.draw(figures.by_size(contents))


def _utf8(make: Callable[[Contents], str]) -> Callable[[Contents], bytes]:
    return lambda contents: make(contents).encode("utf-8", "replace")


_PLOTS = (".svg", ".png")
_FORMATS: dict[str, Callable[[Contents], bytes]] = {
    ".html": _utf8(page.html),
    ".md": _utf8(as_markdown),
    ".tex": _utf8(as_latex),
    ".csv": lambda contents: per_query.as_csv(contents.evaluation),
    ".json": per_query.as_json,
    ".parquet": lambda contents: per_query.as_parquet(contents.evaluation),
    ".svg": _utf8(as_svg),
    ".png": lambda contents: png(as_svg(contents)),
}
