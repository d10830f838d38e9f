"""The lists as tabs, where the terminal is too narrow to show them side by side."""

from __future__ import annotations

from collections.abc import Sequence

from zsr_tui.text import printable
from zsr_tui.ui.compare.ranking.head import HeadView
from zsr_tui.ui.compare.session import Phase
from zsr_tui.ui.parts.pieces import Piece, crop, shorten_notation, width_of

NDCG = "nDCG@10"


def tab_value(view: HeadView) -> Piece:
    """What says most of a list in few cells: its nDCG@10, or how far it is."""
    system = view.system
    if system.phase is Phase.FAILED:
        return " failed", "error"
    if system.phase is Phase.WORKING and system.ranking and system.ranking.total:
        return f" {100 * system.ranking.scored // system.ranking.total}%", "bar"
    if system.unfinished or system.phase is Phase.PREPARING:
        return " …", "muted"
    if view.judgments and system.measures and NDCG in system.measures:
        return f" {system.measures[NDCG]:.3f}", "strong"
    return "", "muted"


def tabs_for(views: Sequence[HeadView], width: int) -> list[list[Piece]]:
    """A tab for each list."""
    if not views:
        return []
    each = width // len(views)
    tabs = []
    for view in views:
        role = "title-active" if view.active else "title"
        value = tab_value(view)
        before: list[Piece] = [("▶" if view.active else " ", "rule-active"), (f"{view.number} ", role)]
        after: list[Piece] = [value, ("*" if view.reference else "", "reference")]
        room = each - width_of(before) - width_of(after) - 3
        label = view.system.head.label
        name = printable(label if len(label) <= room else shorten_notation(label, max(1, room)))
        tab = [*before, (name, role), *after]
        tabs.append(crop([*tab, (" " * (each - width_of(tab) - 1), "plain"), ("│", "rule")], each))
    return tabs
