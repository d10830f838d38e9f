"""The HTML report: one file that needs nothing else, says everything without scripts, and prints.

Every text is escaped and on one line by construction: the templates escape what is no `Markup`, and `Markup` is made
only of plots that we drew.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from zsr_tui.domain import relevant_from
from zsr_tui.evaluation.report.contents import Contents
from zsr_tui.evaluation.report.page.sections import sections
from zsr_tui.plots import svg
from zsr_tui.plots.model import AnyPlot
from zsr_tui.text import one_line, printable

_HERE = Path(__file__).parent


def html(contents: Contents) -> str:
    """The whole page."""
    script = _file("script.js")
    return (
        environment()
        .get_template("page.html")
        .render(
            sections(contents),
            style=Markup(_file("style.css") + svg.css()),
            script=Markup(script),
            policy=_policy(script),
        )
    )


def _policy(script: str) -> str:
    """A content security policy under which the page can load nothing, and run nothing but its own script: what a
    document holds stays text even for a browser that reads it in another way than we do."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; base-uri 'none'"


@cache
def environment() -> Environment:
    """The templates beside this file."""
    made = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_one_line,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["relevant_from"] = relevant_from
    made.filters |= {"drawn": _drawn, "spaced": _spaced}
    return made


def _one_line(value: Any) -> Any:
    return value if isinstance(value, Markup) else one_line(str(value))


def _drawn(plot: AnyPlot) -> Markup:
    return Markup(svg.draw(plot, standalone=False, width=svg.COMPACT))


def _spaced(text: str) -> Markup:
    """Escaped, with its spaces and lines as they are."""
    return Markup.escape(printable(text))


@cache
def _file(name: str) -> str:
    return (_HERE / name).read_text("utf-8")
