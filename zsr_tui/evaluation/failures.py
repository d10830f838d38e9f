"""What became of every relevant document in every system, and what stands where it should: the stage at fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from zsr_tui.domain import Problem, relevant_docs, relevant_from
from zsr_tui.evaluation.results import TOP, Evaluation, QueryStandings

if TYPE_CHECKING:
    import numpy as np


class Outcome(Enum):
    """Of a relevant document in a system the first seven, exactly one of them; `ONE_FAMILY` besides. Of a document that
    is not known to be relevant and stands among the first ten the last two. `about` says it in words.

    A chain of rerankers is looked at as a whole: a document is `PUSHED_DOWN` where a stage had it higher, with fewer
    documents above it that are not known to be relevant, `DEMOTED` where any stage had it among the first ten. Going
    down only because other relevant documents came up is no fault."""

    FOUND = "found", "relevant and among the first 10, and not pushed down by a reranker"
    RECOVERED = "recovered", "relevant, among the first 10, and put there by the reranker"
    NOT_RETRIEVED = "not retrieved", "relevant, and not in the first stage's list at all"
    BELOW_DEPTH = "below the rerank depth", "relevant and retrieved, but below what the next stage was given"
    DEMOTED = "demoted", "relevant, among the first 10 before reranking and not after it"
    PUSHED_DOWN = (
        "pushed down",
        "relevant and in the first 10, but reranked below more not known to be relevant",
    )
    LOW = "ranked low", "relevant and in the list, but among no stage's first 10"
    ONE_FAMILY = "one family only", "relevant, and among the first 10 of this family of systems alone"
    NOT_RELEVANT = "judged not relevant", "among the first 10, and judged not relevant"
    UNJUDGED = "unjudged", "among the first 10, and never judged"

    def __init__(self, label: str, about: str) -> None:
        self.label, self.about = label, about


OUTCOMES = tuple(Outcome)
FATES = OUTCOMES[: OUTCOMES.index(Outcome.ONE_FAMILY)]  # every relevant document has one of them in every system
OTHERS = (Outcome.NOT_RELEVANT, Outcome.UNJUDGED)
HIGHEST = (Outcome.FOUND, Outcome.RECOVERED, Outcome.PUSHED_DOWN, *OTHERS)  # what the first ten documents have
FAILURES = (Outcome.NOT_RETRIEVED, Outcome.BELOW_DEPTH, Outcome.DEMOTED, Outcome.PUSHED_DOWN, Outcome.LOW)


def outcome_index(label: str) -> int:
    """Its place in `OUTCOMES`. Raises `Problem` for one that there is not."""
    labels = [outcome.label for outcome in OUTCOMES]
    if label not in labels:
        raise Problem(f"there is no outcome {label!r}: take one of {', '.join(labels)}.", usage=True)
    return labels.index(label)


@dataclass(frozen=True, slots=True)
class Fate:
    """A document in a system: `stage` is the one at fault (or that recovered it), None where nobody is: of several the
    one that put most above the document, or that lost it last. Ranks count from 1: `before` in the list that `stage`
    was given (the last stage, where nobody is at fault), `final` in the system's."""

    system: int
    doc_id: str
    outcome: Outcome
    grade: int | None
    stage: int | None
    before: int | None
    final: int | None


def fates(evaluation: Evaluation, query: int) -> list[Fate]:
    """Every relevant document and every other one of the first ten, for every system that has run the query."""
    one = _Query(_Systems(evaluation), evaluation.standings(query))
    found = []
    for index in one.first:
        for doc_id, final, outcome, stage, before, alone in one.followed(index):
            found.append(Fate(index, doc_id, outcome, one.judgments[doc_id], stage, before, final))
            if alone:
                found.append(Fate(index, doc_id, Outcome.ONE_FAMILY, one.judgments[doc_id], None, None, final))
    for index, first in one.first.items():
        for place, doc_id in enumerate(first, start=1):
            grade = one.judgments.get(doc_id)
            if grade is None or grade < relevant_from():
                outcome = Outcome.UNJUDGED if grade is None else Outcome.NOT_RELEVANT
                found.append(Fate(index, doc_id, outcome, grade, None, None, place))
    return found


def counts(evaluation: Evaluation, read: Callable[[int], None] = lambda _: None) -> np.ndarray:
    """How many documents had each outcome: int32 of shape (systems, outcomes in order, queries). `read` is told how
    many queries have been read."""
    import numpy as np

    table = np.zeros((len(evaluation.systems), len(OUTCOMES), len(evaluation.queries)), dtype=np.int32)
    row = {outcome.label: place for place, outcome in enumerate(OUTCOMES)}
    systems = _Systems(evaluation)
    for query in range(len(evaluation.queries)):
        one = _Query(systems, evaluation.standings(query))
        not_relevant = one.judgments.keys() - one.relevant
        for index, first in one.first.items():
            counted = [0] * len(OUTCOMES)
            for _, _, outcome, _, _, alone in one.followed(index):
                counted[row[outcome.label]] += 1
                counted[row[Outcome.ONE_FAMILY.label]] += alone
            counted[row[Outcome.UNJUDGED.label]] = len(first) - len(one.judgments.keys() & first)
            counted[row[Outcome.NOT_RELEVANT.label]] = len(not_relevant.intersection(first))
            table[index, :, query] = counted
        read(query + 1)
    return table


class _Systems:
    """What is the same for all queries. `paths`: of each system the stages that hand their lists on, the first one
    first, each with the number of documents that the next one is given (or that are the system's)."""

    def __init__(self, evaluation: Evaluation) -> None:
        # Run files say nothing of their family: each is one of its own.
        self.families = [system.family or system.notation for system in evaluation.systems]
        self.paths: list[list[tuple[int, int]]] = []
        for system in evaluation.systems:
            stage = evaluation.stages[system.stages[-1]]
            path = [(system.stages[-1], system.depth)]
            while stage.kind == "rerank":  # fusion begins anew
                path.insert(0, (stage.sources[0], stage.depth))
                stage = evaluation.stages[stage.sources[0]]
            self.paths.append(path)


class _Query:
    """`first`: the first ten documents of each system that has run the query."""

    def __init__(self, systems: _Systems, query: QueryStandings) -> None:
        self._systems, self._by_stage, self.judgments = systems, query.by_stage, query.judgments
        self.relevant = set(relevant_docs(query.judgments))
        self._in_order = [doc_id for doc_id in query.judgments if doc_id in self.relevant]
        self.first: dict[int, tuple[str, ...]] = {}
        self._found_by: dict[str, set[str]] = {}  # the families that have a relevant document there
        for index, path in enumerate(systems.paths):
            stage, depth = path[-1]
            if stage in query.by_stage:
                self.first[index] = first = query.by_stage[stage].first[:depth]
                for doc_id in self.relevant.intersection(first):
                    self._found_by.setdefault(doc_id, set()).add(systems.families[index])
        self._several = len({systems.families[index] for index in self.first}) > 1

    def followed(self, system: int) -> Iterator[tuple[str, int | None, Outcome, int | None, int | None, bool]]:
        """Of every relevant document its rank, outcome, the stage at fault, its rank in what that one was given, and
        whether no other family has it among the first ten."""
        path = self._systems.paths[system]
        ways = [self._by_stage[stage].ranks if stage in self._by_stage else {} for stage, _ in path]
        above = [_not_relevant_above(ranks) for ranks in ways]
        for doc_id in self._in_order:
            final = ways[-1].get(doc_id)
            if final is not None and final > path[-1][1]:
                final = None
            alone = self._several and final is not None and final <= TOP and len(self._found_by[doc_id]) == 1
            yield (doc_id, final, *_followed(doc_id, path, ways, above), alone)


def _not_relevant_above(ranks: Mapping[str, int]) -> dict[str, int]:
    """Of each relevant document of a list, how many that are not known to be relevant stand above it."""
    return {doc_id: rank - number for number, (doc_id, rank) in enumerate(ranks.items(), start=1)}


def _followed(
    doc_id: str, path: Sequence[tuple[int, int]], ways: Sequence[Mapping[str, int]], above: Sequence[Mapping[str, int]]
) -> tuple[Outcome, int | None, int | None]:
    """What became of a relevant document, the stage at fault, and its rank in what that one was given."""
    ranks: list[int] = []
    for (stage, depth), way in zip(path, ways, strict=True):
        rank = way.get(doc_id)
        if rank is None and not ranks:
            return Outcome.NOT_RETRIEVED, stage, None
        if rank is None:  # the reranker could not score it and left it out
            break
        if rank > depth:
            return Outcome.BELOW_DEPTH, stage, rank
        ranks.append(rank)
    before = ranks[: len(path) - 1]  # in the stages that are followed by another
    high = [place for place, rank in enumerate(before) if rank <= TOP]
    if len(ranks) < len(path) or ranks[-1] > TOP:
        if high:
            return Outcome.DEMOTED, path[high[-1] + 1][0], before[high[-1]]
        return Outcome.LOW, path[min(len(ranks), len(path) - 1)][0], before[-1] if before else None
    worse = [each[doc_id] for each in above]
    better = [place for place in high if ranks[place] < ranks[-1] and worse[place] < worse[-1]]
    if better:
        since = min(reversed(better), key=lambda place: worse[place])
        at = max(range(since + 1, len(path)), key=lambda place: worse[place] - worse[place - 1])
        return Outcome.PUSHED_DOWN, path[at][0], before[at - 1]
    for at in range(len(path) - 1, 0, -1):
        if ranks[at] <= TOP < ranks[at - 1]:
            return Outcome.RECOVERED, path[at][0], before[at - 1]
    return Outcome.FOUND, None, before[-1] if before else None
