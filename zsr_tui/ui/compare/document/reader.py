"""The document under the cursor: when it is read, how long it is kept, and where it is shown."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import msgspec
from textual.cache import LRUCache
from textual.timer import Timer

from zsr_tui.api.questions import ReadDocument
from zsr_tui.api.requests import DocumentView
from zsr_tui.client.protocol import EngineApi
from zsr_tui.domain import Problem
from zsr_tui.text import one_line
from zsr_tui.ui.compare.document.facts import Facts
from zsr_tui.ui.compare.document.pane import DocumentPane
from zsr_tui.ui.compare.judging import Judging
from zsr_tui.ui.compare.lists import notations
from zsr_tui.ui.compare.ranking.rankings import TURNING, Rankings
from zsr_tui.ui.compare.session import SearchSession
from zsr_tui.ui.parts.copying import choice
from zsr_tui.ui.parts.copying.choice import Copyable
from zsr_tui.ui.parts.messages import Axiomatic, AxiomsWanted, Explainable, ExplanationWanted, KnownList
from zsr_tui.ui.parts.screen import BaseScreen
from zsr_tui.ui.timers import once

if TYPE_CHECKING:
    from zsr_tui.ui.compare.document.screen import DocumentScreen

PANE_FROM = 34  # lines of the terminal from which the document pane is shown, unless the user said otherwise
KEPT = 64  # documents
SETTLED = 0.12  # seconds that the cursor rests on a document before it is read


class DocumentReader:
    """Shows what is under the cursor of `rankings` in a pane, and on the whole screen when it is opened. The screen
    that holds it says what has happened.

    Documents are kept by document and query, because one comes with the query's terms marked. A failure is kept until
    it is shown, so that the next look tries again."""

    def __init__(
        self,
        screen: BaseScreen[None],
        engine: EngineApi,
        session: SearchSession,
        rankings: Rankings,
        judging: Judging,
    ) -> None:
        self.pane = DocumentPane(id="document")
        self._screen, self._engine, self._session, self._rankings = screen, engine, session, rankings
        self._judging = judging
        self._documents: LRUCache[tuple[str, str], DocumentView] = LRUCache(KEPT)
        self._failed: tuple[str, str, str] | None = None  # document, query, the sentence that says why
        self._settle: Timer | None = None
        self._behind = False  # what is shown is not, for a moment, what is under the cursor
        self._full: DocumentScreen | None = None
        self._wanted: bool | None = None  # the pane, by the user; None: as there is room
        rankings.copyable = self.pane.copyable = self.copyable

    def open(self) -> None:
        """The document under the cursor, on the whole screen."""
        doc_id = self._rankings.doc_id
        if doc_id is None:
            self._screen.tell(self._rankings.why_none)
        elif self._full is None:
            from zsr_tui.ui.compare.document.screen import DocumentScreen  # the program starts sooner without it

            def closed(_: None) -> None:
                self._full = self._rankings.opened = None

            self._rankings.opened = doc_id
            self._full = DocumentScreen(doc_id, self._step, self.explain, self._edit, self._judging)
            self._full.pane.copyable = self.copyable
            self._screen.app.push_screen(self._full, closed)
            self._screen.call_after_refresh(self.show)
            self._read(doc_id)

    def explain(self) -> None:
        """Why the document under the cursor has its score in the list that it is in."""
        session, doc_id = self._session, self._rankings.doc_id
        if doc_id is None or session.request is None:
            self._screen.tell(self._rankings.why_none)
            return
        about = Explainable(
            dataset=session.dataset,
            systems=notations(session.lists),
            system=self._rankings.active,
            doc_id=doc_id,
            query=session.query,
            qid=session.qid,
            lists=self._lists,
            judged_as=session.judged_as,
            drop_self=session.drop_self,
            pane=f"explain {session.pane}",
        )
        self._screen.post_message(ExplanationWanted(about))

    def _lists(self) -> tuple[KnownList, ...]:
        """As they stand; nothing of one that still shows the query before."""
        return tuple(
            KnownList(
                tuple(row.doc_id for row in each.rows) if self._rankings.is_of_query(number) else (), each.provisional
            )
            for number, each in enumerate(self._session.lists)
        )

    def axioms(self) -> None:
        """How often the lists agree with the axioms of retrieval."""
        session = self._session
        if not any(each.rows for each in session.lists):
            self._screen.tell("There are no lists yet.")
            return
        if not all(map(self._rankings.is_of_query, range(len(session.lists)))):
            self._screen.tell(TURNING)
            return
        about = Axiomatic(
            dataset=session.dataset,
            systems=notations(session.lists),
            lists=self._lists,
            query=session.query,
            qid=session.qid,
            drop_self=session.drop_self,
            pane=f"explain {session.pane}",
        )
        self._screen.post_message(AxiomsWanted(about))

    def _edit(self) -> None:
        """The document on the full screen, with a text that can be changed."""
        session = self._session
        document = self._documents.get((self._full.doc_id, session.query)) if self._full is not None else None
        if document is None:
            self._screen.tell("The document has not been read yet.")
            return
        from zsr_tui.ui.compare.document.edit import EditScreen  # few ever need it

        lists = list(session.lists)
        self._screen.app.push_screen(EditScreen(self._engine, session.dataset, session.query, document.doc, lists))

    def toggle(self) -> None:
        """Show or hide the pane, whatever room there is."""
        self._wanted = not self.pane.display
        self.arrange()

    def arrange(self) -> None:
        shown = self.pane.display
        self.pane.display = self._screen.size.height >= PANE_FROM if self._wanted is None else self._wanted
        if self.pane.display and not shown:
            self.show()
            self._settled()

    def cursor_moved(self) -> None:
        if self._settle is not None:
            self._settle.stop()
            self._settle = None
        self.show_behind()
        if self._rankings.seen is not None and self.pane.display:
            self._settle = once(self._screen, SETTLED, self._settled)

    def _settled(self) -> None:
        """The cursor rests where it is."""
        self._settle = None
        if self._rankings.doc_id is not None:
            self._read(self._rankings.doc_id)

    def show_behind(self) -> None:
        """Once the list is painted, which does not wait for it."""
        if not self._behind:
            self._behind = True
            self._screen.behind_paint(self.show)

    def show(self) -> None:
        """In the pane, and on the full screen where that is open."""
        self._behind = False
        if self.pane.display:
            self._show_in(self.pane, self._rankings.seen)
        if self._full is not None and self._full.is_mounted:
            self._show_in(self._full.pane, self._full.doc_id)

    def _show_in(self, pane: DocumentPane, doc_id: str | None) -> None:
        """As far as the document is known."""
        session = self._session
        if doc_id is None:
            pane.show(None, None, None)
            return
        head = session.heads.get(doc_id)
        document = self._documents.get((doc_id, session.query))
        if document is not None and document.cut_at:
            readers = self._readers(doc_id)
            cut_at = tuple((model, offset) for model, offset in document.cut_at if model in readers)
            document = msgspec.structs.replace(document, cut_at=cut_at)
        title = document.doc.title if document else head.title if head else ""
        terms = document.title_terms if document else head.title_terms if head else ()
        facts = Facts(
            doc_id,
            title,
            terms,
            session.has_judgments,
            list(session.lists),
            self._rankings.reference,
            judged_as=session.judged_as,
            before=session.lists_before,
            kept=session.kept,
            counting=session.counts.sources,
            metadata=document.doc.metadata if document else (),
        )
        failed = self._failed
        pane.show(facts, head, document, failed[2] if failed and failed[:2] == (doc_id, session.query) else "")

    def copyable(self) -> Copyable | None:
        """Of the document on the full screen, or of the one under the cursor."""
        doc_id = self._rankings.doc_id
        if doc_id is None:
            return None
        head = self._session.heads.get(doc_id)
        return choice.document(doc_id, head.title if head else "", partial(self._text, doc_id))

    async def _text(self, doc_id: str) -> str:
        key = doc_id, self._session.query
        if key not in self._documents:
            await self._fetch(*key)
        if key not in self._documents:
            raise Problem(f"{one_line(doc_id)} could not be read: {self._failed[2] if self._failed else ''}")
        return self._documents[key].doc.text

    def _read(self, doc_id: str) -> None:
        if (doc_id, self._session.query) not in self._documents:
            self._screen.ask("document", self._fetch, doc_id, self._session.query)

    async def _fetch(self, doc_id: str, query: str) -> None:
        dataset, failed = self._session.dataset, None
        systems = tuple(each.head.notation for each in self._session.lists if each.head.runnable)
        models = self._models(systems)
        question = ReadDocument(dataset=dataset, doc_id=doc_id, query=query, models=models, systems=systems)
        try:
            self._documents[doc_id, query] = await self._engine.call(question)
        except Problem as problem:
            failed = doc_id, query, problem.message
        self._failed = failed
        self.show()

    def _step(self, by: int) -> None:
        """The full screen goes on to a neighbour in the active list, and the cursor with it."""
        self._rankings.active_list.action_move(by)
        doc_id = self._rankings.seen
        if self._full is not None and doc_id is not None and doc_id != self._full.doc_id:
            self._full.doc_id = self._rankings.opened = doc_id
            self.show()
            self._read(doc_id)

    def _readers(self, doc_id: str) -> set[str]:
        """The models that have read the document: encoders of the lists that are there, and the rerankers at the end of
        a list where it has a score."""
        from zsr_tui import pipeline

        found: set[str] = set()
        for each in self._session.lists:
            if not each.rows:
                continue
            system, row = pipeline.parse(each.head.notation), each.row(doc_id)
            found |= {step.model for step in pipeline.encoded(system)}
            while row is not None and row.score is not None and isinstance(system, pipeline.Cut | pipeline.Rerank):
                found |= {system.model} if isinstance(system, pipeline.Rerank) else set()
                system = system.source
        return found

    def _models(self, notations: tuple[str, ...]) -> tuple[str, ...]:
        """Of the systems on the screen: what each of them read of a document is shown with it."""
        from zsr_tui import pipeline  # only once a document is read: the program starts sooner

        systems = list(map(pipeline.parse, notations))
        return tuple(dict.fromkeys(model for system in systems for model in pipeline.models(system)))
