"""The lists as tabs, where the terminal is too narrow to show them side by side."""

from __future__ import annotations

from collections.abc import Sequence

from zsr_tui.text import printable
from zsr_tui.ui.compare.ranking.head import HeadView
from zsr_tui.ui.compare.session import Phase
from zsr_tui.ui.parts import lacking
from zsr_tui.ui.parts.pieces import Piece, crop, width_of
from zsr_tui.ui.parts.telling import told_apart

NDCG = "nDCG@10"
ROOMY = 20  # cells from which a tab writes the zero before the point


def tab_value(view: HeadView) -> Piece:
    """What says most of a list in few cells: its nDCG@10, or how far it is."""
    system = view.system
    if system.lacking:
        return lacking.brief(system.lacking)
    if system.phase is Phase.FAILED:
        return " failed", "error"
    if system.phase is Phase.WORKING and system.ranking and system.ranking.total:
        return f" {100 * system.ranking.scored // system.ranking.total}%", "bar"
    if system.unfinished or system.held or system.phase is Phase.PREPARING:
        return " …", "muted"
    if system.judged is not None and (counted := system.judged[0].values.get(NDCG)) is not None:
        return f" {counted:.3f}", "strong"
    if view.judgments and (value := (system.measures or {}).get(NDCG)) is not None:
        return f" {value:.3f}", "strong"
    return "", "muted"


def tabs_for(views: Sequence[HeadView], width: int) -> list[list[Piece]]:
    """A tab for each list."""
    if not views:
        return []
    each = width // len(views)
    values = [tab_value(view) for view in views]
    if each < ROOMY:
        values = [(text.replace(" 0.", " ."), role) for text, role in values]
    # beside the name: the mark, the number, the value, the reference's mark, a space and the rule
    room = each - max(width_of([value]) for value in values) - 6
    names = told_apart([view.system.head.label for view in views], room)
    tabs = []
    for view, value, name in zip(views, values, names, strict=True):
        role = "title-active" if view.active else "title"
        tab = [
            ("▶" if view.active else " ", "rule-active"),
            (f"{view.number} ", role),
            (printable(name), role),
            value,
            ("*" if view.reference else "", "reference"),
        ]
        tabs.append(crop([*tab, (" " * (each - width_of(tab) - 1), "plain"), ("│", "rule")], each))
    return tabs
