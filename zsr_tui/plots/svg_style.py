"""Colours of SVG plots for light and dark pages. Every colour has at least 4.5:1 against its page.

No series is told by colour alone: shapes and dashes differ too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

FONT = 'system-ui, -apple-system, "Segoe UI", "Helvetica Neue", "DejaVu Sans", Arial, sans-serif'

_LIGHT = {
    "page": "#ffffff",
    "text": "#1b1f24",
    "muted": "#56616d",
    "axis": "#8a949f",
    "grid": "#e4e7ea",
    "rule": "#56616d",
    "win": "#1d6b34",
    "loss": "#a32a1c",
    "series": ("#1c5a96", "#9a4b00", "#1d6b34", "#85338a", "#a32a1c", "#0c6d72", "#5f5a00", "#4a5560"),
}
_DARK = {
    "page": "#14181d",
    "text": "#e3e7ec",
    "muted": "#aab6c3",
    "axis": "#6b7885",
    "grid": "#29323b",
    "rule": "#aab6c3",
    "win": "#7fc98f",
    "loss": "#f08a7d",
    "series": ("#7fb2e5", "#e8b45a", "#7fc98f", "#d8a1de", "#f08a7d", "#6fd0d3", "#d6cf70", "#b8c2cc"),
}
DASHES = ("", "7 4", "2 3", "9 3 2 3", "5 2", "1 3", "12 4", "4 4")


def css() -> str:
    """The rules for light pages, and those for dark ones. A renderer without media queries shows the light ones."""
    return (
        f"{_rules(_LIGHT)}\n"
        f"@media screen and (prefers-color-scheme:dark){{\n{_rules(_DARK)}\n}}\n"
        f".p-text{{font-family:{FONT};font-size:13px}}\n"
        ".p-small{font-size:12px}.p-title{font-size:16px;font-weight:600}.p-bold{font-weight:600}\n"
    )


def _rules(colours: Mapping[str, str | Sequence[str]]) -> str:
    rules = [
        f".p-page{{fill:{colours['page']}}}",
        f".p-text{{fill:{colours['text']}}}.p-muted{{fill:{colours['muted']}}}",
        f".p-axis{{stroke:{colours['axis']};fill:none}}.p-grid{{stroke:{colours['grid']};fill:none}}",
        f".p-rule{{stroke:{colours['rule']};fill:none}}",
        f".p-halo{{stroke:{colours['page']};stroke-width:4px;stroke-linejoin:round;paint-order:stroke}}",
        f".p-win{{fill:{colours['win']}}}.p-loss{{fill:{colours['loss']}}}",
    ]
    for number, colour in enumerate(colours["series"]):
        rules.append(
            f".p-f{number}{{fill:{colour}}}.p-l{number}{{stroke:{colour};fill:none}}"
            f".p-h{number}{{stroke:{colour};fill:none;pointer-events:all}}"  # what is measured shows through
        )
    return "\n".join(rules)
