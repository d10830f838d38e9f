"""The queries of a pool with the lists of every system: those that a screen showed, or those of an evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from zsr_tui.api.judging import evaluation_of
from zsr_tui.api.pooling import Filtered, OneQuery, Pooling
from zsr_tui.domain import Problem
from zsr_tui.engine.evaluation.shelf import Shelf
from zsr_tui.engine.judging.shelf import KeptShelf
from zsr_tui.engine.systems import head
from zsr_tui.evaluation.results import Evaluation

MOST = 1000  # queries of a page, which are pooled together: with three systems they take a few seconds

Lists = Sequence[Sequence[str] | None]


@dataclass(frozen=True, slots=True)
class System:
    notation: str
    label: str


@dataclass(frozen=True, slots=True)
class PooledQuery:
    """Of the dataset with that id."""

    dataset: str
    query_id: str
    query_text: str


class PooledQueries(Protocol):
    """`compared` are the systems between which something is at stake; of `matching` queries those of a page are there,
    from the one at place `first` on."""

    @property
    def systems(self) -> Sequence[System]: ...

    @property
    def compared(self) -> Sequence[int]: ...

    @property
    def queries(self) -> Sequence[PooledQuery]: ...

    @property
    def matching(self) -> int: ...

    @property
    def first(self) -> int: ...

    def lists(self, query: int) -> Lists:
        """Document ids, the best first; None of a system that has not run."""

    def judged(self) -> list[dict[str, int]]:
        """By the dataset, for each query."""

    def own(self) -> list[dict[str, int]]:
        """By hand. What a model says is to be judged still."""


def counted(queries: PooledQueries) -> list[dict[str, int]]:
    """The judgments that count, for each query: one's own over those of the dataset."""
    return [judged | own for judged, own in zip(queries.judged(), queries.own(), strict=True)]


def pooled_queries(kept: KeptShelf, evaluations: Shelf, pooling: Pooling) -> PooledQueries:
    """Raises `Problem` for an evaluation that is not stored, and where there is no query."""
    match pooling.about:
        case OneQuery():
            return ShownQuery(kept, pooling.dataset, pooling.about)
        case Filtered():
            return EvaluatedQueries(kept, evaluations, pooling.about, pooling.page)


class ShownQuery:
    def __init__(self, kept: KeptShelf, dataset: str, about: OneQuery) -> None:
        if len(about.systems) != len(about.lists):
            raise Problem("each system needs a list, or none in its place.", usage=True)
        self._kept, self._about = kept, about
        self.systems = [System(notation, head(notation).label) for notation in about.systems]
        self.compared = range(len(self.systems))
        self._corpus = kept.library.corpus(dataset)
        self.queries = [PooledQuery(self._corpus.id, about.query_id, about.query_text)]
        self.matching, self.first = 1, 0

    def lists(self, query: int) -> Lists:
        of = self._corpus.document_of
        return [each and list(dict.fromkeys(map(of, each))) for each in self._about.lists]

    def judged(self) -> list[dict[str, int]]:
        qid = self._about.query_id
        return [dict(self._corpus.judgments(qid)) if qid else {}]

    def own(self) -> list[dict[str, int]]:
        return [self._kept.of(self._corpus.id).judgments.grades(self._about, "own")]


class EvaluatedQueries:
    def __init__(self, kept: KeptShelf, evaluations: Shelf, about: Filtered, page: int) -> None:
        from zsr_tui.engine.evaluation.queries import chosen

        self._kept = kept
        rows = chosen(evaluations, about.evaluation, about.selection)
        if not rows:
            raise Problem("no query of the evaluation matches: there is nothing to judge.", usage=True)
        # whatever judgments the table is over: those of the dataset are what one's own are laid over
        self._evaluation: Evaluation = evaluations.evaluation(evaluation_of(about.evaluation))
        self.matching, self.first = len(rows), page * MOST
        self._rows = rows[self.first : self.first + MOST]
        if not self._rows:
            raise Problem(f"there is no query behind the {self.matching:,} that match.", usage=True)
        self.systems = [System(each.notation, each.label) for each in self._evaluation.systems]
        self.compared = (about.selection.system, about.selection.baseline)
        evaluated = [self._evaluation.queries[row] for row in self._rows]
        self.queries = [PooledQuery(each.member, each.id, each.text) for each in evaluated]

    def lists(self, query: int) -> Lists:
        by_stage = self._evaluation.lists(self._rows[query]).by_stage
        finals = [system.final(by_stage) for system in self._evaluation.systems]
        return [None if final is None else final.doc_ids for final in finals]

    def judged(self) -> list[dict[str, int]]:
        return [dict(self._evaluation.queries[row].judgments) for row in self._rows]

    def own(self) -> list[dict[str, int]]:
        members = {each.dataset for each in self.queries}
        kept = {member: self._kept.of(member).judgments.all_grades("own") for member in members}
        return [kept[each.dataset].get(each.query_id, {}) for each in self.queries]
