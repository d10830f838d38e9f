"""Where a report goes, and what is in it on demand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from zsr_tui.client.reports import Written
from zsr_tui.ui.parts.file_screen import FileScreen, Option

FORMATS = (
    (".html", "everything on one page, with plots and queries"),
    (".md .tex", "the tables"),
    (".csv .json .parquet", "every query's values"),
    (".svg .png", "the plot by model size"),
)
SPREADSHEET = "ctrl+t"
OPTIONS = (
    Option("spreadsheet", SPREADSHEET, "in .csv, ' before what a spreadsheet would compute"),
    Option("explain", "f4", "in .html .md .json, why documents are on top or missed; slow"),
    Option("kept", "f6", "in .html .md, what was judged and noted of its queries"),
)


def report_screen(path: str, write: Callable[..., Awaitable[Written]]) -> FileScreen:
    """`write` has a keyword for each of the options, and `replace`."""
    return FileScreen("Write a report", path, "Enter writes it · esc closes", FORMATS, write, options=OPTIONS)
