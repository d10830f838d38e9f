"""The log of a session: the engine is listened to, and now and then it is looked where the user is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from zsr_tui import paths
from zsr_tui.sessions.log import SessionLog, now
from zsr_tui.sessions.recorder import RecordedEngine
from zsr_tui.settings import Settings
from zsr_tui.settings.table import SESSIONS_KEEP, SESSIONS_MB
from zsr_tui.ui.keys.app import KeyedApp
from zsr_tui.ui.parts.engine import StartedEngine

if TYPE_CHECKING:
    from zsr_tui.sessions.records import AnyEntry

OFTEN = 0.5  # seconds between two looks


class Recording:
    """Of an application, begun after its first paint and before its engine is asked anything. Where the settings switch
    logs off nothing is noted."""

    def __init__(self, app: KeyedApp, engine: StartedEngine, settings: Settings) -> None:
        self._app = app
        self._compare: Any = None  # the Compare screen that was seen last,
        self._place = ""  # and what lay over it
        self._last: Where | None = None
        self.log: SessionLog | None = None
        if keep := settings[SESSIONS_KEEP]:
            self.log = log = SessionLog(paths.sessions_dir(), keep=keep, most=settings[SESSIONS_MB] << 20)
            log.told = self._teller(asyncio.get_running_loop())
            engine.through(lambda inner: RecordedEngine(inner, log, is_draft=self._is_draft, leaving=self.look))
            app.set_interval(OFTEN, self.look)

    def _teller(self, loop: asyncio.AbstractEventLoop) -> Callable[[str], None]:
        """Called in the log's thread."""
        tell = partial(self._app.notify, severity="warning", timeout=12, markup=False)

        def told(sentence: str) -> None:
            with suppress(RuntimeError):  # the application has ended
                loop.call_soon_threadsafe(tell, sentence)

        return told

    def look(self) -> None:
        """Note where the user is, if that is somewhere else than before. At the end no screen is there any more: it is
        where they were."""
        if (compare := compare_of(self._app)) is not None:
            self._compare, self._place = compare, self._app.place()
        where = where_is(self._compare, self._place) if self._compare is not None else None
        if where is None or where == self._last or self.log is None:
            return
        before, self._last = self._last, where
        self.log.put(partial(_placed, now(), where))
        if where.screen == "document" and where != before:
            self.log.put(partial(_opened, now(), where))

    def _is_draft(self, request: str) -> bool:
        session = getattr(compare_of(self._app), "session", None)
        if session is None or session.request is None:
            return False
        return session.follows and session.request.id == request


class Where(NamedTuple):
    """As `zsr_tui.sessions.records.Placed` has it."""

    screen: str
    dataset: str
    systems: tuple[str, ...]
    weighed: tuple[str, ...]
    query: str
    qid: str | None
    change_of: tuple[str, str] | None
    depth: int
    drop_self: bool
    live: bool
    active: int
    reference: int
    doc_id: str | None


def compare_of(app: KeyedApp) -> Any:
    """The Compare screen that is shown, or that lies nearest below what is; None where there is none."""
    return next((each for each in reversed(app.screen_stack) if app.place(each) == "compare"), None)


def where_is(compare: Any, place: str) -> Where | None:
    """On a Compare screen; None before the first query."""
    if not getattr(compare.session, "started", False):
        return None
    session, rankings = compare.session, compare.rankings
    query, qid = session.asked
    return Where(
        screen=place,
        dataset=session.dataset,
        systems=session.systems,
        weighed=weighed if (weighed := tuple(session.weighed)) != session.systems else (),
        query=query,
        qid=qid,
        change_of=session.change_of,
        depth=session.depth,
        drop_self=session.drop_self,
        live=compare.live.on,
        active=rankings.active,
        reference=rankings.reference,
        doc_id=rankings.doc_id,
    )


def _placed(at: str, where: Where) -> AnyEntry:
    from zsr_tui.sessions.records import Placed

    return Placed(at=at, **where._asdict())


def _opened(at: str, where: Where) -> AnyEntry:
    from zsr_tui.sessions.records import Opened

    system = where.systems[where.active] if where.active < len(where.systems) else ""
    return Opened(at=at, dataset=where.dataset, doc_id=where.doc_id or "", query=where.query, system=system)
