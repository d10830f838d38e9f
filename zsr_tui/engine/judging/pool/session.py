"""A person's way through a pool: what is next, what was judged, passed over and taken back."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from zsr_tui import numerals
from zsr_tui.api.judging import Judgment, KeepJudgment, Kept, Outcome, Scale
from zsr_tui.api.model_judging import ToJudge
from zsr_tui.api.pooling import JudgePooled, Place, Pooling, PoolItem, PoolView
from zsr_tui.domain import Problem
from zsr_tui.engine.judging import judge
from zsr_tui.engine.judging.pool.queries import PooledQueries, PooledQuery, counted
from zsr_tui.engine.judging.shelf import KeptShelf
from zsr_tui.evaluation.measures import no_values
from zsr_tui.evaluation.naming import parse_measures
from zsr_tui.judging import pooling as order
from zsr_tui.judging.keeping.looks import KeptLook
from zsr_tui.judging.keeping.rows import query_key

HIGHEST = 9  # grade that there is a key for


@dataclasses.dataclass(frozen=True, slots=True)
class Unjudged:
    """A document of the pool."""

    query: int
    stake: order.Stake


class PoolSession:
    """Used by one thread at a time. What was looked at comes from the kept file, so that a session goes on after a
    restart of the engine; a block whose order was drawn before it is drawn anew from what is left."""

    def __init__(self, kept: KeptShelf, queries: PooledQueries, pooling: Pooling, scale: Scale) -> None:
        self._kept, self.queries, self._pooling = kept, queries, pooling
        self.lowest, self.highest = max(0, scale.lowest), min(HIGHEST, scale.highest)
        self._place_of = {(each.dataset, query_key(each)): place for place, each in enumerate(queries.queries)}
        self._looks = self._read()
        self._stakes: dict[int, tuple[tuple[object, ...], list[order.Stake]]] = {}  # by query, and what they are of
        self._block: list[tuple[int, str]] = []  # query and document, in the order in which they are shown
        self._next: tuple[int, str] | None = None  # what an undo has brought back

    @property
    def looks(self) -> list[order.Look]:
        return [each.look for each in self._looks]

    def query_of(self, look: order.Look) -> PooledQuery:
        return self.queries.queries[self._query_named(look.query)]

    def _read(self) -> list[KeptLook]:
        """At queries of the pool."""
        names, found = set(map(self._name, self.queries.queries)), list[KeptLook]()
        for dataset in {each.dataset for each in self.queries.queries}:
            looks = self._kept.of(dataset).looks.read(self._pooling.session)
            found += [each for look in looks if (each := look.of(dataset)).look.query in names]
        return sorted(found, key=lambda each: each.place)

    def sessions(self) -> list[list[order.Look]]:
        """All looks that this person took at the datasets of the pool, this session's with them."""
        found: dict[str, list[order.Look]] = {}
        for dataset in sorted({each.dataset for each in self.queries.queries}):
            for session, looks in self._kept.of(dataset).looks.sessions(self._pooling.who).items():
                found.setdefault(session, []).extend(
                    dataclasses.replace(look, query=f"{dataset} {look.query}") for look in looks
                )
        return list(found.values())

    def turn_to(self, pooling: Pooling) -> None:
        """Another measure or depth, blind or open. Raises `Problem` for a measure that has no values."""
        (measure,) = parse_measures((pooling.measure,))
        if reason := no_values(pooling.measure, range(self.lowest, self.highest + 1)):
            raise Problem(reason, usage=True)
        if (pooling.measure, pooling.depth, pooling.blind) != (
            self._pooling.measure,
            self._pooling.depth,
            self._pooling.blind,
        ):
            self._block = []
        self._pooling, self._measure = pooling, measure

    # what is next

    def view(self, *, taken: Kept | None = None, kept: Judgment | None = None) -> PoolView:
        left = self._left()
        looks, twice = self.looks, order.with_oneself(self.looks)
        return PoolView(
            item=self._item(self._chosen(left), left),
            looks=len(looks),
            left=len(left) + order.again_left(looks, len(left)),
            queries=len(self.queries.queries),
            matching=self.queries.matching,
            first=self.queries.first,
            lowest=self.lowest,
            highest=self.highest,
            judged=sum(look.grade is not None for look in looks),
            passed=len(self._passed),
            median_seconds=order.median_seconds(looks),
            same=sum(first.grade == second.grade for first, second in twice),
            twice=len(twice),
            taken=taken,
            kept=kept,
        )

    @property
    def _passed(self) -> set[tuple[str, str]]:
        return {(look.query, look.doc_id) for look in self.looks if look.grade is None and not look.again}

    def _left(self) -> list[Unjudged]:
        """What is most at stake first."""
        passed, found = self._passed, []
        for query, grades in enumerate(counted(self.queries)):
            name = self._name(self.queries.queries[query])
            stakes = self._stakes_of(query, grades)
            found += [Unjudged(query, stake) for stake in stakes if (name, stake.doc_id) not in passed]
        return sorted(found, key=lambda each: -round(each.stake.change, 12))

    def unjudged(self) -> dict[str, list[ToJudge]]:
        """All of the pool that no person has judged, by dataset: query by query, those of the highest rank first."""
        found: dict[str, list[ToJudge]] = {}
        for query, grades in enumerate(counted(self.queries)):
            of = self.queries.queries[query]
            for doc_id in order.pool(self.queries.lists(query), grades, self._pooling.depth):
                rank, system = self._best_place(query, doc_id)
                one = ToJudge(doc_id=doc_id, query_id=of.query_id, query_text=of.query_text, system=system, rank=rank)
                found.setdefault(of.dataset, []).append(one)
        return found

    def _best_place(self, query: int, doc_id: str) -> tuple[int | None, str]:
        """The highest rank of a document, from 1, and the system that has it there."""
        ranks = [
            (each.index(doc_id) + 1, place)
            for place, each in enumerate(self.queries.lists(query))
            if each is not None and doc_id in each
        ]
        rank, system = min(ranks, default=(None, None))
        return rank, "" if system is None else self.queries.systems[system].notation

    def _stakes_of(self, query: int, grades: dict[str, int]) -> list[order.Stake]:
        of = (self._pooling.measure, self._pooling.depth, grades)
        known = self._stakes.get(query)
        if known is None or known[0] != of:
            known = self._stakes[query] = of, self._measured(query, grades)
        return known[1]

    def _measured(self, query: int, grades: dict[str, int]) -> list[order.Stake]:
        scale = range(self.lowest, self.highest + 1)
        lists = self.queries.lists(query)
        return order.stakes(self._measure, lists, grades, self._pooling.depth, scale, self.queries.compared)

    def _as_before(self, query: int, doc_id: str) -> order.Stake | None:
        """What was at stake with a document that is judged by now: shown again, it looks like any other."""
        grades = counted(self.queries)[query]
        grades.pop(doc_id, None)
        return next((each for each in self._measured(query, grades) if each.doc_id == doc_id), None)

    def _chosen(self, left: Sequence[Unjudged]) -> tuple[int, str] | None:
        """Query and document."""
        if self._next is not None:
            return self._next
        again = order.due_again(self.looks, self._pooling.seed, last=not left)
        if again is not None:
            return self._query_named(again.query), again.doc_id
        able = {(each.query, each.stake.doc_id) for each in left}
        self._block = [each for each in self._block if each in able]
        if not self._block and left:
            first = [(each.query, each.stake.doc_id) for each in left[: order.BLOCK]]
            self._block = order.block(first, self._pooling.seed, len(self._looks)) if self._pooling.blind else first[:1]
        return self._block[0] if self._block else None

    def _item(self, chosen: tuple[int, str] | None, left: Sequence[Unjudged]) -> PoolItem | None:
        if chosen is None:
            return None
        query, doc_id = chosen
        of = self.queries.queries[query]
        item = PoolItem(dataset=of.dataset, query_id=of.query_id, query_text=of.query_text, doc_id=doc_id)
        if self._pooling.blind:
            return item
        stake = next((each.stake for each in left if (each.query, each.stake.doc_id) == chosen), None)
        if (stake := stake or self._as_before(query, doc_id)) is None:
            return item
        labels = [each.label for each in self.queries.systems]
        return replace(
            item,
            change=stake.change,
            grade=stake.grade,
            gains=labels[stake.gains],
            loses="" if stake.loses is None else labels[stake.loses],
            places=tuple(Place(system=label, rank=rank) for label, rank in zip(labels, stake.ranks, strict=True)),
        )

    # what is done

    def judge(self, asked: JudgePooled) -> PoolView:
        """Raises `Problem` for a grade that is not on the scale, and for an item that is not of the pool."""
        grade = asked.grade
        if grade is not None and not self.lowest <= grade <= self.highest:
            raise Problem(
                f"the {numerals.scale(self.lowest, self.highest, asked.item.dataset)}: take one of these.",
                usage=True,
            )
        if not math.isfinite(asked.seconds) or asked.seconds < 0:
            raise Problem("the seconds of a look must be a number from 0 on.", usage=True)
        query = self._place_of.get((asked.item.dataset, query_key(asked.item)))
        if query is None:
            raise Problem(f"the pool has no query {asked.item.query_id or asked.item.query_text!r}.", usage=True)
        of, doc_id = self.queries.queries[query], asked.item.doc_id
        name = self._name(of)
        if asked.looks < len(self._looks):
            return self.view()  # the engine was lost with its answer on the way
        again = any((each.query, each.doc_id) == (name, doc_id) and each.grade is not None for each in self.looks)
        outcome = None
        if grade is not None and not again:
            outcome = self._keep(query, doc_id, grade, asked.seen)
            if not outcome.done and not self._is_ours(outcome.now, grade):
                self._next = query, doc_id
                return self.view(taken=outcome.now)
        revision = 0
        if outcome is not None:
            revision = outcome.now.revision if outcome.now is not None else outcome.revision
        self._add(of, order.Look(name, doc_id, grade, asked.seconds, again), revision)
        self._next = None
        return self.view(kept=None if outcome is None or outcome.now is None else outcome.now.judgment)

    def undo(self, looks: int) -> PoolView:
        if not self._looks or looks != len(self._looks):
            return self.view()
        last = self._looks[-1]
        query = self._query_named(last.look.query)
        of = self._kept.of(self.queries.queries[query].dataset)
        if last.revision:
            outcome = of.judgments.undo(last.revision)
            if not outcome.done:
                who = outcome.now.judgment.who if outcome.now else "somebody"
                raise Problem(f"{who or 'somebody'} has judged this document since: it was not taken back.")
        of.looks.drop(self._pooling.session, last.place)
        self._looks.pop()
        self._next = query, last.look.doc_id
        return self.view()

    def _is_ours(self, kept: Kept | None, grade: int) -> bool:
        """The judgment itself, kept just before the engine was lost."""
        return kept is not None and (kept.judgment.who, kept.judgment.grade) == (self._pooling.who, grade)

    def _keep(self, query: int, doc_id: str, grade: int, seen: int) -> Outcome:
        of = self.queries.queries[query]
        rank, system = self._best_place(query, doc_id)
        judgment = Judgment(
            query_id=of.query_id,
            query_text=of.query_text,
            doc_id=doc_id,
            grade=grade,
            who=self._pooling.who,
            system=system,
            rank=rank,
        )
        return judge.keep(self._kept, KeepJudgment(dataset=of.dataset, judgment=judgment, seen=seen))

    def _add(self, of: PooledQuery, look: order.Look, revision: int) -> None:
        pooling, place = self._pooling, self._looks[-1].place + 1 if self._looks else 0
        kept = KeptLook(place, of.query_id, of.query_text, look, revision)
        setup = {
            "seed": pooling.seed,
            "blind": pooling.blind,
            "measure": pooling.measure,
            "depth": pooling.depth,
            "systems": [each.notation for each in self.queries.systems],
            "who": pooling.who,
        }
        self._kept.of(of.dataset).looks.add(pooling.session, kept, msgspec.json.encode(setup).decode())
        self._looks.append(kept)

    def _name(self, query: PooledQuery) -> str:
        """As looks name it."""
        return f"{query.dataset} {query_key(query)}"

    def _query_named(self, name: str) -> int:
        return next(place for place, each in enumerate(self.queries.queries) if self._name(each) == name)
