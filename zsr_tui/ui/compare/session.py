"""What a search has brought so far, without any widget: events go in, lists, measures and faults come out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import count
from typing import TYPE_CHECKING

from msgspec.structs import replace

from zsr_tui.api.events import (
    AnyEvent,
    DocHead,
    EngineLost,
    Failed,
    Heads,
    Measured,
    Ranking,
    SearchFinished,
    SearchStarted,
    StageProgress,
    SystemFailed,
)
from zsr_tui.api.requests import ProblemView, SearchRequest, SystemHead
from zsr_tui.domain import Problem
from zsr_tui.ui.compare.lists import Phase, SystemList
from zsr_tui.ui.compare.lost import lost
from zsr_tui.ui.compare.updates import NOTHING, Update
from zsr_tui.ui.compare.versions import Version
from zsr_tui.ui.parts.judging.state import Counting, QueryKept

if TYPE_CHECKING:
    from zsr_tui.api.weights import Reweighed

QUICK = 150.0  # milliseconds that a reranked list may have taken last to follow what is typed
NEEDS_PREPARATION = ("not-downloaded", "not-built")  # kinds of a problem that a preparation mends


class SearchSession:
    """The state of one pane's searches. Events of any request but the latest change nothing."""

    def __init__(
        self,
        dataset: str,
        systems: tuple[str, ...],
        *,
        depth: int = 100,
        drop_self: bool = True,
    ) -> None:
        self.dataset, self.systems, self.depth, self.drop_self = dataset, systems, depth, drop_self
        self.weighed = list(systems)  # with weights that were moved, and not taken over
        self.pane = os.urandom(4).hex()
        self._numbers = count(1)
        self.request: SearchRequest | None = None  # the latest
        self.running = False
        self.cut_off = False  # the engine was lost, and what was asked of it has not been begun again
        self._waited = False  # for somebody else's engine
        self.problem: ProblemView | None = None  # of the whole search
        self.query = ""
        self.qid: str | None = None
        self.judged_as: str | None = None  # the query of the dataset whose judgments are borrowed
        self.version: Version | None = None  # the query whose lists are shown
        self.settled: Version | None = None  # the last one that was asked with Enter, or the like
        self.latest: Version | None = None  # the one of the latest request
        self._following: tuple[int, ...] | None = None  # the lists that the latest request is for; None: all
        self._took: dict[int, float] = {}  # milliseconds, by list: its last whole ranking
        self.position: int | None = None
        self.relevant = self.judged = 0
        self.heads: dict[str, DocHead] = {}
        self.lists = [SystemList(SystemHead(notation=system, label=system)) for system in systems]
        self.kept: QueryKept | None = None  # what was judged and noted of it; None: not read yet
        self.reading = False  # what was kept of it
        self.counts = Counting()  # which judgments
        self.started = False  # there is a query whose lists are shown

    @property
    def asked(self) -> tuple[str, str | None]:
        """The query that was asked last and its id in the dataset; ("", None) before the first one."""
        request = self.request
        return (request.query or self.query, request.qid) if request is not None else ("", None)

    @property
    def turns(self) -> bool:
        """Another query than the one whose lists are shown was asked, and the engine has not begun to answer."""
        return self.started and self.latest is not self.version

    def turn_back(self) -> str:
        """To the query whose lists are shown, unless another one is on its way; the text of the one that it is now."""
        if not self.running:
            self.latest = self.version
        return self.asked[0] if self.turns else self.query

    def shows(self, number: int) -> bool:
        """Whether the rows of a list (from 0) are of the query that stands above the lists."""
        return not self.turns and not self.lists[number].outdated

    @property
    def change_of(self) -> tuple[str, str] | None:
        """Text and id of the dataset query whose judgments the query that was asked last borrows."""
        above = self.latest.parent if self.latest is not None else None
        while above is not None and above.own is None:
            above = above.parent
        return (above.text, above.own) if above is not None and above.own is not None else None

    @property
    def has_judgments(self) -> bool:
        """False for a free query, and before the first one."""
        return self.qid is not None or self.judged_as is not None

    @property
    def holds(self) -> bool:
        """Others than the dataset's may count: no measure is shown that would be another a moment later."""
        return not self.follows and (self.reading if self.kept is None else self.kept.judged)

    def before(self, number: int) -> SystemList | None:
        """What a list (from 0) was before the query was changed; None where it was not changed, or where the two cannot
        be compared: that list was not finished, of another system or part of the corpus, or with other self-hits."""
        version = self.version
        parent = version.parent if version is not None else None
        if version is None or parent is None or not parent.lists or parent.drop_self != version.drop_self:
            return None
        before, now = parent.lists[number], self.lists[number]
        if before.phase is not Phase.DONE or before.head.notation != now.head.notation:
            return None
        searched = [each.ranking.searched for each in (before, now) if each.ranking is not None]
        return before if len(set(searched)) == 1 else None

    @property
    def lists_before(self) -> list[SystemList | None]:
        """`before` of every list; empty where the query is no change of another."""
        if self.version is None or self.version.parent is None:
            return []
        return [self.before(number) for number in range(len(self.lists))]

    def name(self, heads: Sequence[SystemHead]) -> None:
        """Labels and parameters of the systems, known before the first search, and why one cannot run here."""
        for each, head in zip(self.lists, heads, strict=True):
            each.head = head
            if not head.runnable:
                each.phase, each.problem = Phase.FAILED, ProblemView(message=head.why_not)

    def begin(self, text: str, qid: str | None, parent: Version | None = None) -> SearchRequest:
        """A new request, which makes every earlier one stale. What is shown stays until it answers. `parent` is the
        query that this one is a change of."""
        asked = self.latest
        if asked is not None and asked.draft:
            parent = parent or (asked.parent if asked.is_asked_by(text, qid) else None)
            asked = None
        if asked is None or parent is not None or not asked.is_asked_by(text, qid):
            asked = Version(text, qid, parent)
        return self.ask(asked)

    def ask(self, version: Version, numbers: tuple[int, ...] | None = None) -> SearchRequest:
        """As `begin`, for one that was asked before; `numbers` are the lists that are asked, where that is not all."""
        self.latest, self._following = version, numbers
        self.request = self.request_of(version, numbers)
        self.running, self.cut_off = True, False
        self.problem = None
        return self.request

    @property
    def follows(self) -> bool:
        """The latest request is for a query that is being typed."""
        return self.latest is not None and self.latest.draft

    def follow(self, text: str) -> SearchRequest | None:
        """A request for a query that is being typed, of the lists that are quick enough; None where none is. A list
        with a reranker is where its last ranking took less than QUICK."""
        settled = self.settled
        if self.latest is not None and self.latest.text == text and self.latest.draft:
            return None  # a space more
        numbers = tuple(number for number in range(len(self.weighed)) if self._is_quick(number))
        if not numbers:
            return None
        changed = settled is not None and settled.text != text and settled.is_changed_to(text)
        return self.ask(Version(text, None, settled if changed else None, draft=True), numbers)

    def _is_quick(self, number: int) -> bool:
        return ">>" not in self.weighed[number] or self._took.get(number, QUICK) < QUICK

    def request_of(self, version: Version, numbers: Sequence[int] | None = None) -> SearchRequest:
        """What would be asked for it now, of some lists or of all."""
        asked = range(len(self.weighed)) if numbers is None else numbers
        return SearchRequest(
            id=f"{self.pane}-{next(self._numbers)}",
            dataset=self.dataset,
            systems=tuple(self.weighed[number] for number in asked),
            query=version.text,
            qid=version.qid,
            depth=self.depth,
            drop_self=self.drop_self,
            pane=self.pane,
            judged_as=version.judged_as,
        )

    def reweigh(self, number: int, found: Reweighed) -> Update:
        """A fused list with other weights, which the next query has too."""
        each = self.lists[number]
        if each.ranking is None:
            return NOTHING
        rows = found.rows
        self.heads.update(found.heads)
        each.take(replace(each.ranking, rows=rows, scored=len(rows), total=len(rows), ties=found.ties), each.pane)
        each.head = found.system
        each.measured(found.measures, self.holds)
        self.weighed[number] = found.system.notation
        return Update(lists=frozenset({number}), urgent=True)

    def choose(self, number: int, notation: str) -> None:
        """Another system in place of a list's."""
        systems = list(self.systems)
        systems[number] = self.weighed[number] = notation
        self.systems = tuple(systems)

    def repeat(self) -> SearchRequest:
        """The latest request once more."""
        assert self.latest is not None
        return self.ask(self.latest)

    def request_again(self, number: int) -> SearchRequest:
        """The latest request, of one list (from 0) alone."""
        assert self.latest is not None
        return replace(self.request_of(self.latest, (number,)), pane=f"{self.pane}-{number}")

    def stop(self) -> Update:
        """The search ends here, whatever still comes; lists keep the rows that they have."""
        self.running = self.cut_off = False
        stopped = frozenset(number for number, each in enumerate(self.lists) if each.unfinished)
        for number in stopped:
            self.lists[number].phase = Phase.STOPPED
        return Update(lists=stopped, urgent=True, ended=True)

    @property
    def refused(self) -> bool:
        """The whole search was, for want of what a preparation would make."""
        return self.problem is not None and self.problem.kind in NEEDS_PREPARATION

    def refuse(self, number: int, problem: Problem) -> None:
        """What a list (from 0) lacks cannot be prepared."""
        self.lists[number].problem, self.lists[number].phase = ProblemView.of(problem), Phase.FAILED

    def apply(self, event: AnyEvent) -> Update:
        """Take an event of the latest request's stream."""
        if not self.running or self.request is None or event.request != self.request.id:
            return NOTHING
        sent = event.system if isinstance(event, Ranking) else 0  # its number in the request
        if self._following is not None and isinstance(event, StageProgress | Ranking | Measured | SystemFailed):
            event = replace(event, system=self._following[event.system])
        match event:
            case SearchStarted():
                return self._start(event)
            case Heads():
                self.heads.update(event.heads)
                return NOTHING
            case StageProgress():
                self.lists[event.system].progress = event
                self.lists[event.system].phase = Phase.WORKING
                return Update(lists=frozenset({event.system}))
            case Ranking():
                first = self.lists[event.system].phase is Phase.WAITING
                self.lists[event.system].take(replace(event, system=sent))
                if event.final:
                    self._took[event.system] = event.elapsed_ms
                return Update(lists=frozenset({event.system}), urgent=first or event.final)
            case Measured():
                self.lists[event.system].measured(event.values, self.holds)
                return Update(lists=frozenset({event.system}), urgent=True)
            case SystemFailed():
                return self.fail(event.system, event.problem)
            case SearchFinished():
                return self.stop()
            case EngineLost():
                return self._lose(event)
            case Failed():
                cut_off = self.cut_off
                ended = self.stop()
                self.cut_off, self.problem = cut_off, event.problem
                if self.refused:
                    for each in self.lists:
                        each.phase, each.problem = Phase.PREPARING, event.problem
                    return Update(lists=frozenset(range(len(self.lists))), urgent=True, ended=True)
                return Update(lists=ended.lists, urgent=True, ended=True, notice=event.problem.message)
        return NOTHING

    def _start(self, event: SearchStarted) -> Update:
        """The same query again (the engine was lost, or an option changed) keeps its rows until they come again."""
        fresh = not self.started or (event.query, event.qid, event.judged_as) != (self.query, self.qid, self.judged_as)
        back, self._waited = "The engine answers again." if self._waited else "", False
        self.started, self.cut_off = True, False
        self._turn_to(event)
        self.query, self.qid, self.position = event.query, event.qid, event.position
        self.judged_as = event.judged_as
        self.relevant, self.judged = event.relevant, event.judged
        if self.follows:
            return self._follow(event, fresh=fresh)
        if fresh:
            self.heads = {}  # a new one: lists that are not painted yet still show rows of the old
        heads = event.systems or tuple(each.head for each in self.lists)
        for number, head in enumerate(heads[: len(self.lists)]):
            kept = self.lists[number]
            self.lists[number] = SystemList(head, Phase.WAITING) if fresh else kept.asked_again(head)
            self.lists[number].lacking = kept.lacking
        return Update(lists=frozenset(range(len(self.lists))), query=True, fresh=fresh, urgent=True, notice=back)

    def _follow(self, event: SearchStarted, *, fresh: bool) -> Update:
        """Rows stay until those of what is typed come; lists that were not asked stay as they are, and say so."""
        asked = range(len(self.lists)) if self._following is None else self._following
        for number, head in zip(asked, event.systems, strict=False):
            self.lists[number] = self.lists[number].asked_again(head)
        behind = {number for number in range(len(self.lists)) if number not in asked}
        for number in behind:
            self.lists[number] = self.lists[number].asked_again(self.lists[number].head, Phase.BEHIND)
        for each in self.lists:
            each.outdated = fresh or each.outdated
        return Update(lists=frozenset(behind), query=True)

    def _turn_to(self, event: SearchStarted) -> None:
        """The version of the latest request is shown from now on; what the one before it brought is kept with it."""
        left, version, request = self.version, self.latest, self.request
        assert version is not None
        assert request is not None
        if left is not None and left is not version:
            left.lists, left.heads = tuple(self.lists), self.heads
        version.text, version.own, version.drop_self = event.query, event.qid, request.drop_self
        if version.parent is not None and not version.draft:
            version.parent.next = version
        if not version.draft:
            self.settled = version
        self.version = version

    def fail(self, number: int, problem: ProblemView) -> Update:
        """A list (from 0) could not finish."""
        failed = self.lists[number]
        failed.problem, failed.progress = problem, None
        failed.phase = Phase.PREPARING if problem.kind in NEEDS_PREPARATION else Phase.FAILED
        return Update(lists=frozenset({number}), urgent=True)

    def _lose(self, event: EngineLost) -> Update:
        self.cut_off, self._waited = event.restarted, bool(event.waiting)
        if not event.restarted:
            return Update(notice=lost(event))
        for each in self.lists:
            if each.unfinished:
                each.phase, each.progress = Phase.WAITING, None
        return Update(
            lists=frozenset(range(len(self.lists))),
            urgent=True,
            notice=lost(event),
        )
