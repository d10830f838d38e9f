"""Plots as SVG: hand-written, self-contained, with a title and a description for those who cannot see them."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from zsr_tui.plots.model import AnyPlot, Breakdown, Differences
from zsr_tui.plots.svg_bars import breakdown_body, differences_body
from zsr_tui.plots.svg_parts import HEADER, escape, text
from zsr_tui.plots.svg_plot import plot_body

WIDTH = 760
COMPACT = 560  # beside another one on a page


def draw(plot: AnyPlot, *, standalone: bool = True, width: int = WIDTH, metadata: str = "") -> str:
    """An `<svg>` element. `standalone`: a file of its own, with its styles and its title drawn; otherwise the page that
    it stands in has `css()` and shows the title itself. `metadata`: a text that nobody sees."""
    if isinstance(plot, Differences):
        body, height = differences_body(plot, width)
    elif isinstance(plot, Breakdown):
        body, height = breakdown_body(plot, width)
    else:
        body, height = plot_body(plot, width)
    name = f"p{hashlib.sha256(f'{plot.title}{plot.about}'.encode('utf-8', 'replace')).hexdigest()[:10]}"
    top = HEADER if standalone else 0
    total = height + top
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {total}" width="{width}" height="{total}" '
        f'role="img" aria-labelledby="{name}-t {name}-d">',
        f'<title id="{name}-t">{escape(plot.title)}</title>',
        f'<desc id="{name}-d">{escape(plot.about)}</desc>',
    ]
    if metadata:
        parts.append(f"<metadata>{escape(metadata)}</metadata>")
    if standalone:
        parts += [
            f"<style>{css()}</style>",
            f'<rect class="p-page" width="{width}" height="{total}"/>',
            text(16, 26, plot.title, "p-title", room=width - 32, size=16),
            f'<g transform="translate(0 {HEADER})">{body}</g>',
        ]
    else:
        parts.append(body)
    parts.append("</svg>")
    return "\n".join(parts) + ("\n" if standalone else "")


@cache
def css() -> str:
    """Colours for light pages and for dark ones, each with at least 4.5:1 against its page; a renderer without media
    queries shows the light ones. No series is told by colour alone: shapes and dashes differ too."""
    return Path(__file__).with_name("svg.css").read_text("utf-8")
