"""A session log becomes what Compare shows first."""

from __future__ import annotations

from zsr_tui.commands.open import MOST_SYSTEMS
from zsr_tui.commands.replay import located
from zsr_tui.domain import Problem
from zsr_tui.sessions import reading
from zsr_tui.sessions.records import Asked, Placed
from zsr_tui.sessions.servers import hosts_of
from zsr_tui.text import flat
from zsr_tui.ui.parts.messages import Comparison
from zsr_tui.ui.parts.opening import Opening

_OVER = ("document", "explain")  # places that are opened again


def reopened(named: str) -> Opening:
    """Where a session was left. Raises `Problem`. What a server would score is not asked before the user does: the file
    may be of somebody else."""
    session = reading.read(located(named))
    left = session.left or _asked_last(session)
    if left is None:
        raise Problem(f"{session.file} is empty: nothing was asked in that session.", usage=True)
    systems = left.weighed or left.systems
    if not 0 < len(systems) <= MOST_SYSTEMS:
        raise Problem(f"{session.file} has {len(systems)} systems, and the screen holds one to five.", usage=True)
    told = [f"The last line of {session.file.name} is not whole and was left out."] if session.cut else []
    hosts = hosts_of(systems)
    if hosts:
        told.append(f"{', '.join(map(flat, hosts))} would score for this session: Enter asks.")
    first = Comparison(
        dataset=left.dataset,
        systems=systems,
        query="" if hosts else left.query,
        qid=None if hosts else left.qid,
        change_of=left.change_of,
        doc_id=left.doc_id,
        active=min(left.active, len(systems) - 1),
        depth=left.depth,
        reference=left.reference,
        drop_self=left.drop_self,
        live=left.live,
        draft=left.query if hosts else "",
        typing=bool(hosts),
    )
    return Opening(first=first, place=left.screen if left.screen in _OVER and not hosts else "", told=tuple(told))


def _asked_last(session: reading.Session) -> Placed | None:
    """Of one that was killed before it was noted where the user is."""
    last = next((entry for entry in reversed(session.entries) if isinstance(entry, Asked) and not entry.again), None)
    if last is None:
        return None
    return Placed(
        at=last.at, dataset=last.dataset, systems=last.systems, query=last.query, qid=last.qid, depth=last.depth,
        drop_self=last.drop_self,
    )  # fmt: skip
