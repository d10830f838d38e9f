"""A session of pooled judging that is made up: documents in their order, grades as they are given."""

from __future__ import annotations

from dataclasses import dataclass, field

from msgspec.structs import replace

from zsr_tui.api.judging import Judgment, Kept
from zsr_tui.api.pooling import (
    AllSessions,
    Disagreement,
    JudgePooled,
    OneQuery,
    Place,
    PoolEffect,
    PoolItem,
    PoolView,
    ReadPool,
    ReadPoolEffect,
    SystemEffect,
    UndoPooled,
)


@dataclass
class FakePool:
    """`documents` come one after the other, the `again`th look is one at the first document. `taken`: by document, what
    somebody else gives it before it is judged here."""

    documents: tuple[str, ...]
    highest: int = 2
    again: int | None = None
    taken: dict[str, int] = field(default_factory=dict)
    looks: list[tuple[str, int | None, float]] = field(default_factory=list)
    matching: int = 1  # queries, of which one is a page

    def read(self, asked: ReadPool | JudgePooled | UndoPooled, taken: Kept | None = None) -> PoolView:
        pooling = asked.pooling
        assert isinstance(pooling.about, OneQuery)
        new = [each for each in self.documents if each not in {doc_id for doc_id, _, _ in self.looks}]
        due = self.again is not None and len(self.looks) == self.again
        doc_id = self.looks[0][0] if due else new[0] if new else None
        item = None
        if doc_id is not None:
            item = PoolItem(dataset=pooling.dataset, query_id="42", query_text="vitamin B12", doc_id=doc_id)
            if not pooling.blind:
                places = (Place(system="bm25", rank=3), Place(system="dense MiniLM", rank=None))
                item = replace(item, change=0.125, grade=2, gains="dense MiniLM", loses="bm25", places=places)
        graded = sorted(seconds for _, grade, seconds in self.looks if grade is not None)
        return PoolView(
            item=item,
            looks=len(self.looks),
            left=len(new) + due,
            queries=1,
            matching=self.matching,
            first=pooling.page,
            lowest=0,
            highest=self.highest,
            judged=len(graded),
            passed=sum(grade is None for _, grade, _ in self.looks),
            median_seconds=graded[len(graded) // 2] if graded else None,
            taken=taken,
        )

    def judge(self, asked: JudgePooled) -> PoolView:
        theirs = self.taken.get(asked.item.doc_id)
        if theirs is not None and asked.grade is not None and asked.seen != 7:
            judgment = Judgment(query_id="42", doc_id=asked.item.doc_id, grade=theirs, who="bob")
            return self.read(asked, Kept(revision=7, judgment=judgment))
        self.looks.append((asked.item.doc_id, asked.grade, asked.seconds))
        return self.read(asked)

    def undo(self, asked: UndoPooled) -> PoolView:
        self.looks.pop()
        return self.read(asked)

    def effect(self, asked: ReadPoolEffect) -> PoolEffect:
        """The second system overtakes the first."""
        return PoolEffect(
            measure=asked.pooling.measure,
            queries=1,
            own=len({doc_id for doc_id, grade, _ in self.looks if grade is not None}),
            unjudged=2,
            systems=(
                SystemEffect(system="bm25", before=0.5, after=0.4),
                SystemEffect(
                    system="dense MiniLM",
                    before=0.45,
                    after=0.6,
                    difference_before=-0.05,
                    difference_after=0.2,
                    low=0.1,
                    high=0.3,
                ),
            ),
            same=1,
            twice=2,
            kappa=None,
            disagreements=(
                Disagreement(query_id="42", query_text="vitamin B12", doc_id=self.documents[0], first=1, second=2),
            ),
            median_seconds=4.0,
            all_sessions=AllSessions(sessions=3, judged=41, same=4, twice=5, kappa=None, median_seconds=6.5),
        )

    @property
    def answers(self) -> dict[type, object]:
        """Of an engine."""
        return {
            ReadPool: self.read,
            JudgePooled: self.judge,
            UndoPooled: self.undo,
            ReadPoolEffect: self.effect,
        }
