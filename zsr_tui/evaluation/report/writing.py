"""The formats of a report, and its files."""

from __future__ import annotations

import re
from collections.abc import Callable

from zsr_tui.evaluation.plots.size import by_size
from zsr_tui.evaluation.report import per_query, tables
from zsr_tui.evaluation.report.contents import Contents
from zsr_tui.evaluation.report.markdown import as_markdown
from zsr_tui.evaluation.report.page.rendering import html
from zsr_tui.evaluation.report.png import png, with_text
from zsr_tui.evaluation.report.provenance import FILE, as_file, as_json, provenance
from zsr_tui.evaluation.report.table import latex
from zsr_tui.plots import svg
from zsr_tui.text import one_line


def as_latex(contents: Contents) -> str:
    """The tables, to be read with \\input in a document that uses booktabs and graphicx; provenance as comments."""
    name = re.sub(r"[^a-z0-9]+", "-", contents.evaluation.dataset.casefold()).strip("-") or "evaluation"
    comments = [f"% {key}: {one_line(value)}" for key, value in provenance(contents)]
    made = [latex(table, f"{name}-{number}") for number, table in enumerate(tables.report_tables(contents), start=1)]
    return "\n".join(["% \\usepackage{booktabs,graphicx}", *comments, "", *made])


def as_svg(contents: Contents) -> str:
    """The paper's plot."""
    return svg.draw(
        by_size(contents.evaluation, contents.measure), metadata=as_json(contents.evaluation, contents.summary)
    )


def as_png(contents: Contents) -> bytes:
    """The paper's plot."""
    return with_text(png(as_svg(contents)), "provenance", as_json(contents.evaluation, contents.summary))


def _utf8(make: Callable[[Contents], str]) -> Callable[[Contents], bytes]:
    return lambda contents: make(contents).encode("utf-8", "replace")


FORMATS: dict[str, Callable[[Contents], bytes]] = {
    ".html": _utf8(html),
    ".md": _utf8(as_markdown),
    ".tex": _utf8(as_latex),
    ".csv": lambda contents: per_query.as_csv(contents.evaluation, spreadsheet=contents.spreadsheet),
    ".json": per_query.as_json,
    ".parquet": per_query.as_parquet,
    ".svg": _utf8(as_svg),
    ".png": as_png,
}


def report_files(contents: Contents, suffix: str) -> dict[str, bytes]:
    """A report in the format of a suffix in `FORMATS`, by what its name ends with: "" for the report itself; what a CSV
    file has no place for, how to repeat it, is beside it. Raises `Problem` where a format cannot be written here."""
    made = {"": FORMATS[suffix](contents)}
    return made | {f".{FILE}": as_file(contents.evaluation, contents.summary)} if suffix == ".csv" else made
