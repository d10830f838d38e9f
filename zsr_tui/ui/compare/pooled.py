"""The lists of the shown query, as they are pooled to be judged."""

from __future__ import annotations

from zsr_tui.api.pooling import OneQuery
from zsr_tui.ui.compare.lists import notations
from zsr_tui.ui.compare.session import SearchSession
from zsr_tui.ui.parts.messages import Poolable

MEASURES = (("nDCG", 10), ("RR", 10), ("P", 10), ("R", 100))


def poolable(session: SearchSession) -> Poolable | str:
    """Or why there is nothing to judge."""
    if not session.started:
        return "There is no query yet whose documents could be judged."
    if session.running:
        return "The lists are still coming: what they hold can be judged when they are there."
    if not any(each.rows for each in session.lists):
        return "No list has a document that could be judged."
    kept = session.kept  # a changed query is judged as the one that it comes from
    about = OneQuery(
        query_id=kept.query_id if kept is not None else session.qid or session.judged_as or "",
        query_text=kept.query_text if kept is not None else session.query,
        systems=notations(session.lists),
        lists=tuple(tuple(row.doc_id for row in each.rows) or None for each in session.lists),
    )
    return Poolable(dataset=session.dataset, about=about, measures=measures(session.depth))


def measures(depth: int) -> tuple[str, ...]:
    """To count by what is at stake: those that look no deeper than the lists go."""
    able = tuple(f"{name}@{cutoff}" for name, cutoff in MEASURES if cutoff <= depth)
    return able or (f"nDCG@{depth}",)
