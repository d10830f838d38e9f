"""The systems of Compare, as two of them at a time are compared without their names."""

from __future__ import annotations

from zsr_tui.ui.compare.session import SearchSession
from zsr_tui.ui.parts.messages import Duellists


def duellists(session: SearchSession) -> Duellists | str:
    """Or why there are no two lists. The query that is shown comes first."""
    systems = tuple(dict.fromkeys(each.head.notation for each in session.lists if each.head.runnable))
    if len(systems) < 2:
        return "There is one system: two are needed for one to be better."
    return Duellists(
        dataset=session.dataset,
        systems=systems,
        query=session.query,
        qid=session.qid,
        position=session.position,
        depth=session.depth,
        drop_self=session.drop_self,
    )
