"""Judging where the lists are: own judgments and notes of the shown query, what they do to measures, what counts."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from zsr_tui import numerals
from zsr_tui.client.protocol import EngineApi
from zsr_tui.domain import Problem
from zsr_tui.person import own_name
from zsr_tui.text import one_line
from zsr_tui.ui.compare.lists import SystemList
from zsr_tui.ui.compare.ranking.rankings import Rankings
from zsr_tui.ui.compare.session import SearchSession
from zsr_tui.ui.compare.updates import Update
from zsr_tui.ui.keys.action import Action
from zsr_tui.ui.parts.judging.marks import named
from zsr_tui.ui.parts.judging.state import Measures, QueryKept
from zsr_tui.ui.parts.screen import BaseScreen

if TYPE_CHECKING:  # the first paint does without, here and below
    from zsr_tui.api.judging import AnySource, Kept
    from zsr_tui.api.notes import Remark
    from zsr_tui.api.questions import Question
    from zsr_tui.ui.parts.judging.keeper import Keeper, Target

Answer = TypeVar("Answer")
NOT_READ = "What was judged of this query has not been read yet."


class Judging:
    """Of the document under the cursor. A changed query borrows the judgments of the dataset's query that it comes
    from, and what is judged of it is kept for that one."""

    def __init__(
        self,
        screen: BaseScreen[None],
        engine: EngineApi,
        session: SearchSession,
        rankings: Rankings,
        shown: Callable[[], object],
    ) -> None:
        """`shown` is called after something of it has changed."""
        self._screen, self._engine, self._session, self._rankings = screen, engine, session, rankings
        self._shown = shown
        self._unread = False  # what was kept of the query is read when its first rows are there

    @cached_property
    def _keeper(self) -> Keeper:
        from zsr_tui.ui.parts.judging.keeper import Keeper

        return Keeper(self._screen, self._engine, self._take)

    # what the keys do

    def grade(self, grade: int) -> None:
        self._judge(grade)

    def clear(self) -> None:
        self._judge(None)

    def undo(self) -> None:
        self._keeper.undo()

    def next_unjudged(self) -> None:
        """The cursor goes to the next row of its list that neither the dataset nor the user has judged."""
        session, active = self._session, self._rankings.active_list
        if not self._rankings.is_of_query(self._rankings.active):
            self._screen.tell(self._rankings.why_none)
            return
        kept, rows = session.kept, session.lists[self._rankings.active].rows
        for place in range(active.cursor + 1, len(rows)):
            row = rows[place]
            if row.grade is None and (kept is None or row.doc_id not in kept.own):
                active.go_to(place)
                return
        self._screen.tell("There is no unjudged row below this one.")

    def toggle_own(self) -> None:
        """Own judgments count, or they do not."""
        self._session.counts.toggle_own()
        self._counts()

    def count(self, sources: tuple[AnySource, ...]) -> None:
        """Measures are over the judgments of these sources, the one that counts first in front."""
        self._session.counts.sources = sources
        self._counts()

    def _counts(self) -> None:
        self._screen.tell(f"What counts: {named(self._session.counts.sources)}.")
        self._measure()
        self._shown()

    def choose_counting(self) -> None:
        """Which judgments count, of all unions."""
        from zsr_tui.api.merging import ReadStanding
        from zsr_tui.ui.parts.judging.counting import choose

        session, kept = self._session, self._session.kept
        counts = {
            "own": len(kept.own) if kept is not None else 0,
            "dataset": session.judged,
            "model": len(kept.model) if kept is not None else 0,
        }
        asked = ReadStanding(dataset=session.dataset)
        choose(self._screen, session.counts.sources, counts, self.count, lambda: self._engine.call(asked))

    def note(self) -> None:
        """A window for notes on the document for this query, on the document, and on the query."""
        from msgspec.structs import replace

        from zsr_tui.api.notes import Remark
        from zsr_tui.ui.parts.judging.note import Draft, NoteScreen

        session, kept = self._session, self._session.kept
        if kept is None or not self._rankings.is_of_query(self._rankings.active):
            self._say_why_not()
            return

        def closed(changed: bool | None) -> None:
            if changed:
                self.read()

        on_query = Remark(kind="note", query_id=kept.query_id, query_text=kept.query_text, who=own_name())
        drafts = [Draft("this query", on_query, kept.noted.get("", ()))]
        if (target := self._target(kept)) is not None:
            pair = replace(on_query, doc_id=target.doc_id, system=target.system, rank=target.rank)
            alone = replace(pair, query_id="", query_text="")
            drafts = [
                Draft("this document for this query", pair, kept.remarks(target.doc_id, of_query=True)),
                *drafts,
                Draft("this document", alone, kept.remarks(target.doc_id, of_query=False)),
            ]
        self._screen.app.push_screen(NoteScreen(self._engine, session.dataset, drafts), closed)

    def bookmark(self) -> None:
        """The document under the cursor for this query is on the list of bookmarks, or no more."""
        from zsr_tui.api.notes import Remark

        kept = self._session.kept
        target = self._target(kept) if kept is not None else None
        if kept is None or target is None:
            self._say_why_not()
            return
        there = any(each.remark.kind == "bookmark" for each in kept.remarks(target.doc_id, of_query=True))
        mark = Remark(
            kind="bookmark",
            query_id=target.query_id,
            query_text=target.query_text,
            doc_id=target.doc_id,
            who=own_name(),
            system=target.system,
            rank=target.rank,
        )
        self._screen.ask("bookmark", self._bookmark, mark, there, exclusive=False)

    async def _bookmark(self, mark: Remark, there: bool) -> None:
        from zsr_tui.api.notes import DropRemark, KeepRemark

        async with self._keeper.turn:
            question = DropRemark if there else KeepRemark
            await self._engine.call(question(dataset=self._session.dataset, remark=mark))
        self._screen.tell("The bookmark is gone." if there else "Bookmarked.")
        self.read()

    # a query and its lists

    @property
    def key_labels(self) -> dict[str, str]:
        """Of actions that are on the key bar for the moment."""
        return (
            {"undo_judgment": "undo", "document_undo_judgment": "undo"}
            if "_keeper" in self.__dict__ and self._keeper.can_undo
            else {}
        )

    def applies(self, action: Action) -> bool:
        """Whether there is something to judge, and the scale has the grade."""
        session, kept = self._session, self._session.kept
        if not session.started or session.follows:
            return False
        return action.argument is None or (kept is not None and action.argument <= kept.scale.highest)

    def why_not(self, action: Action) -> str:
        """Why a key for a grade gives none."""
        session, kept = self._session, self._session.kept
        if action.argument is None or not session.started or session.follows:
            return ""
        if kept is None:
            return self._why_none()
        return f"The {numerals.scale(kept.scale.lowest, kept.scale.highest, one_line(session.dataset))}."

    def take(self, update: Update) -> None:
        """A search has brought something. Its first rows are not to wait for what was kept of its query."""
        session = self._session
        if update.query:
            self._forget()
            self._unread = True
        elif self._unread and (update.ended or any(session.lists[number].rows for number in update.lists)):
            self.read()
        if (
            update.ended
            or (update.lists and not session.running)  # as other weights
            or any(session.lists[number].held for number in update.lists)
        ):
            self._measure()

    def read(self) -> None:
        """What was kept of the query: it is another one, or a screen above may have judged or noted."""
        self._unread = False
        if self._session.started and not self._session.follows:
            self._screen.ask("kept", self._read, *self._forget())

    def _forget(self) -> tuple[str, str]:
        """What is of another query than the shown one, whose id and text are given."""
        session, query = self._session, self._query
        if session.follows:
            session.kept = None
            self._release()
        elif session.started and (session.kept is None or (session.kept.query_id, session.kept.query_text) != query):
            session.kept, session.reading = None, True
        return query

    @property
    def _query(self) -> tuple[str, str]:
        """Id and text: of the dataset's query whose judgments are shown."""
        session = self._session
        version = session.version
        while session.judged_as is not None and version is not None and version.own != session.judged_as:
            version = version.parent
        text = version.text if version is not None else session.query
        return session.qid or session.judged_as or "", text

    async def _read(self, query_id: str, query_text: str) -> None:
        from zsr_tui.api.notes import ReadKept

        asked = ReadKept(dataset=self._session.dataset, query_id=query_id, query_text=query_text)
        async with self._keeper.turn:  # behind what is being kept
            found = await self._found(asked)
            if self._query == (query_id, query_text):
                self._keeper.forget()
                self._session.kept = QueryKept.of(query_id, query_text, found)
                self._session.reading = False
                self._measure()
                self._shown()

    async def _found(self, question: Question[Answer]) -> Answer:
        """Where it cannot be answered the dataset's measures are shown."""
        try:
            return await self._engine.call(question)
        except Problem:
            self._release()
            self._shown()
            raise

    def _release(self) -> None:
        """Nothing but the dataset's judgments counts, or it cannot be read."""
        self._session.reading = False
        for each in self._session.lists:
            each.held = False

    def _judge(self, grade: int | None) -> None:
        kept = self._session.kept
        target = self._target(kept) if kept is not None else None
        if kept is None or target is None:
            self._say_why_not()
        else:
            self._keeper.keep(target, grade, kept.own.get(target.doc_id))

    def _say_why_not(self) -> None:
        self._screen.tell(self._why_none())

    def _why_none(self) -> str:
        """Why there is nothing to judge or note; what could not be read is read again, which says what is wrong."""
        if self._session.kept is not None or not self._rankings.is_of_query(self._rankings.active):
            return self._rankings.why_none
        self.read()
        return NOT_READ

    def _target(self, kept: QueryKept) -> Target | None:
        """The document under the cursor, and where it is seen."""
        from zsr_tui.ui.parts.judging.keeper import Target

        session, doc_id = self._session, self._rankings.doc_id
        if doc_id is None:
            return None
        system = session.lists[self._rankings.active]
        place = system.places.get(doc_id)
        return Target(
            dataset=session.dataset,
            query_id=kept.query_id,
            query_text=kept.query_text,
            doc_id=doc_id,
            system=system.head.notation,
            rank=None if place is None else place + 1,
        )

    def _take(self, target: Target, now: Kept | None) -> None:
        """It is on the disk. The query may be another one by now."""
        session, kept = self._session, self._session.kept
        if kept is None or (session.dataset, kept.query_id, kept.query_text) != target.query:
            return
        session.kept = kept.with_own(target.doc_id, now)
        self._screen.app.screen.refresh_bindings()  # of the document, where that is open
        self._measure()
        self._shown()

    def _measure(self) -> None:
        session = self._session
        if session.kept is None or session.follows:
            return
        if session.kept.judged:
            self._screen.ask("judged measures", self._read_measures)
        else:
            self._release()
            for each in self._measured:
                each.judged = None  # the last judgment was taken away

    @property
    def _measured(self) -> list[SystemList]:
        """The lists, and what they were before the query was changed: both are over the same judgments."""
        return [*self._session.lists, *filter(None, self._session.lists_before)]

    async def _read_measures(self) -> None:
        """Over what counts and, to be seen beside it, over the dataset's alone or over what else was chosen."""
        from zsr_tui.api.judging import MeasureLists

        session, lists = self._session, self._measured
        rows = [tuple(row.doc_id for row in each.rows) for each in lists]
        query_id, query_text = self._query
        asked = MeasureLists(
            dataset=session.dataset,
            query_id=query_id,
            query_text=query_text,
            lists=tuple(rows),
            unions=(session.counts.sources, session.counts.beside),
            systems=tuple(each.head.notation if each.rows else "" for each in lists),
            asked=session.depth,
        )
        found = await self._found(asked)
        for number, (each, known) in enumerate(zip(self._measured, rows, strict=False)):
            if tuple(row.doc_id for row in each.rows) == known and each.ranking and each.ranking.final:
                one, two = (
                    Measures(union.sources, union.lists[number].values, union.lists[number].placed) for union in found
                )
                each.measured_over(one, two)
        self._shown()
