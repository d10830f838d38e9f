"""Which query and which two systems come next, on which sides, and their lists: from a new search, or from a stored
evaluation. Everything that is drawn by lot is the same for a seed."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Protocol

from zsr_tui.api.blind import ReadTops
from zsr_tui.api.events import DocHead, EngineLost, Failed, Heads, Ranking, StageProgress, SystemFailed
from zsr_tui.api.queries import ReadQueries
from zsr_tui.api.questions import FindQueries
from zsr_tui.api.requests import SearchRequest
from zsr_tui.client.protocol import EngineApi
from zsr_tui.domain import Problem
from zsr_tui.selection import QuerySelection
from zsr_tui.ui.parts.messages import Duellists

ALIKE = 10  # documents: two lists that begin with the same ones are the same to whoever looks at them


@dataclass(frozen=True, slots=True)
class Duel:
    """Two systems, in the notation, on a query; ids of documents, the best first, and what a row shows of each."""

    dataset: str
    query_id: str
    query_text: str
    left: str
    right: str
    lists: tuple[tuple[str, ...], tuple[str, ...]]
    heads: dict[str, DocHead]

    @property
    def sides(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """As they are shown: a longer one would tell that its system finds more."""
        left, right = self.lists
        depth = min(map(len, filter(None, self.lists)), default=0)
        return left[:depth], right[:depth]

    @property
    def alike(self) -> bool:
        return self.lists[0][:ALIKE] == self.lists[1][:ALIKE]


class Work:
    """How far the search for two lists is, of both together: of either alone it would tell."""

    def __init__(self) -> None:
        self.ready = 0  # of the two lists
        self._rows: dict[int, tuple[int, int]] = {}

    @property
    def scored(self) -> tuple[int, int]:
        """So many of so many documents; (0, 0) where no number is known."""
        done, total = zip(*self._rows.values(), strict=True) if self._rows else ((), ())
        return sum(done), sum(total)

    def take(self, event: Ranking | StageProgress) -> None:
        if isinstance(event, Ranking):
            self._rows[event.system] = event.scored, event.total
            self.ready += event.final
        elif event.total:
            self._rows[event.system] = event.done, event.total


Told = Callable[[int, Work], object]  # how far the lists of a number are, while they are made


class Duels(Protocol):
    """`count` is None until it is known."""

    count: int | None

    async def duel(self, number: int) -> Duel | None:
        """From 0; None behind the last one. Raises `Problem`."""


class Drawn:
    """What is drawn by lot: the order of the queries, a pair for each, and who stands on the left."""

    def __init__(self, seed: int, pairs: Sequence[tuple[int, int]]) -> None:
        self._seed = seed
        self._pairs = list(pairs)
        random.Random(f"pairs {seed}").shuffle(self._pairs)

    def order(self, count: int) -> list[int]:
        return random.Random(f"queries {self._seed}").sample(range(count), count)

    def sides(self, number: int) -> tuple[int, int]:
        """Every pair comes as often as any other."""
        one, other = self._pairs[number % len(self._pairs)]
        return (one, other) if random.Random(f"sides {self._seed} {number}").random() < 0.5 else (other, one)


def duels(engine: EngineApi, wanted: Duellists, seed: int, told: Told) -> Duels:
    """`told` is called as the lists of a duel are made; stored ones are there."""
    if wanted.evaluation:
        return StoredDuels(engine, wanted, seed)
    return SearchedDuels(engine, wanted, seed, told)


class SearchedDuels:
    """Compare's systems: on the query that it shows, then on those of the dataset."""

    def __init__(self, engine: EngineApi, wanted: Duellists, seed: int, told: Told) -> None:
        self.count: int | None = None
        self._engine, self._wanted, self._told = engine, wanted, told
        self._drawn = Drawn(seed, list(combinations(range(len(wanted.systems)), 2)))
        self._order: list[int] = []
        self._pane = os.urandom(4).hex()

    async def duel(self, number: int) -> Duel | None:
        wanted = self._wanted
        shown = (wanted.query, wanted.qid) if wanted.query or wanted.qid is not None else None
        if self.count is None:
            total = (await self._engine.call(FindQueries(dataset=wanted.dataset, limit=1))).total
            self._order = self._drawn.order(total)
            if wanted.position is not None:
                self._order.remove(wanted.position)
            self.count = len(self._order) + (shown is not None)
        if number >= self.count:
            return None
        if shown is not None and number == 0:
            text, qid = shown
        else:
            place = self._order[number - (shown is not None)]
            item = (await self._engine.call(FindQueries(dataset=wanted.dataset, offset=place, limit=1))).items[0]
            text, qid = item.text, item.id
        left, right = (wanted.systems[place] for place in self._drawn.sides(number))
        lists, heads = await self._search(number, text, qid, (left, right))
        return Duel(wanted.dataset, qid or "", text, left, right, lists, heads)

    async def _search(
        self, number: int, text: str, qid: str | None, systems: tuple[str, str]
    ) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], dict[str, DocHead]]:
        request = SearchRequest(
            id=f"{self._pane}-{number}",
            dataset=self._wanted.dataset,
            systems=systems,
            query=text,
            qid=qid,
            depth=self._wanted.depth,
            drop_self=self._wanted.drop_self,
            pane=f"{self._pane}-{number % 2}",  # the next one is searched while this one is looked at
            unfinished=False,
        )
        rows: dict[int, tuple[str, ...]] = {}
        heads: dict[str, DocHead] = {}
        wrong, work = "", Work()
        async for event in self._engine.stream(request):
            if isinstance(event, Ranking | StageProgress):
                work.take(event)
                self._told(number, work)
            match event:
                case Heads():
                    heads |= event.heads
                case Ranking() if event.final:
                    rows[event.system] = tuple(row.doc_id for row in event.rows)
                case SystemFailed() | Failed():
                    wrong = wrong or f"One of the two lists could not be made: {event.problem.message}"
                case EngineLost() if not event.restarted:
                    wrong = f"The engine stopped and could not be restarted{event.see_log}."
        if wrong:
            raise Problem(wrong)
        return (rows.get(0, ()), rows.get(1, ())), heads


class StoredDuels:
    """The two systems that a table of queries compares, on the queries that it shows."""

    def __init__(self, engine: EngineApi, wanted: Duellists, seed: int) -> None:
        self.count: int | None = None
        self._engine, self._wanted = engine, wanted
        selection = wanted.selection or QuerySelection()
        self._selection = selection
        self._drawn = Drawn(seed, [(selection.baseline, selection.system)])
        self._order: list[int] = []

    async def duel(self, number: int) -> Duel | None:
        id = self._wanted.evaluation
        if self.count is None:
            first = await self._engine.call(ReadQueries(id=id, selection=self._selection, limit=1))
            while first.read is not None:  # the engine is still reading what the filter needs
                first = await self._engine.call(ReadQueries(id=id, selection=self._selection, limit=1))
            self._order = self._drawn.order(first.matching)
            self.count = len(self._order)
        if number >= self.count:
            return None
        page = ReadQueries(id=id, selection=self._selection, offset=self._order[number], limit=1)
        (row,) = (await self._engine.call(page)).rows
        sides = self._drawn.sides(number)
        asked = ReadTops(id=id, query=row.query, systems=sides, depth=self._wanted.depth)
        found = await self._engine.call(asked)
        left, right = (self._wanted.systems[place] for place in sides)
        return Duel(row.dataset, row.qid, row.text, left, right, (found.lists[0], found.lists[1]), found.heads)
