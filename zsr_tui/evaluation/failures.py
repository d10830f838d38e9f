"""What became of every relevant document in every system, and what stands where it should: the stage at fault."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from zsr_tui.evaluation.results import Evaluation, QueryLists, RankedList

if TYPE_CHECKING:
    import numpy as np

TOP = 10  # "found" and "highly ranked": among the first ten
RELEVANT = 1  # trec_eval's: a judged document is relevant from this grade on


class Outcome(Enum):
    """Of a relevant document in a system the first six, exactly one of them; `ONE_FAMILY` besides. Of a document that
    is not known to be relevant and stands among the first ten the last two. `about` says it in words."""

    FOUND = "found", "relevant and among the first 10, also before reranking"
    RECOVERED = "recovered", "relevant, among the first 10, and put there by the reranker"
    NOT_RETRIEVED = "not retrieved", "relevant, and not in the first stage's list at all"
    BELOW_DEPTH = "below the rerank depth", "relevant and retrieved, but below what the next stage was given"
    DEMOTED = "demoted", "relevant, among the first 10 before reranking and not after it"
    LOW = "judged low", "relevant and in the list, but among no stage's first 10"
    ONE_FAMILY = "one family only", "relevant, and among the first 10 of this family of systems alone"
    NOT_RELEVANT = "judged not relevant", "among the first 10, and judged not relevant"
    UNJUDGED = "unjudged", "among the first 10, and never judged"

    def __init__(self, label: str, about: str) -> None:
        self.label, self.about = label, about


OUTCOMES = tuple(Outcome)
FAILURES = (Outcome.NOT_RETRIEVED, Outcome.BELOW_DEPTH, Outcome.DEMOTED, Outcome.LOW)


@dataclass(frozen=True, slots=True)
class Fate:
    """A document in a system: `stage` is the one at fault (or that recovered it), None where nobody is; ranks count
    from 1: `before` in the list that the last stage was given, `final` in the system's."""

    system: int
    doc_id: str
    outcome: Outcome
    grade: int | None
    stage: int | None
    before: int | None
    final: int | None


def fates(evaluation: Evaluation, query: int) -> list[Fate]:
    """Every relevant document and every other one of the first ten, for every system that has run the query."""
    lists = evaluation.lists(query)
    found: list[Fate] = []
    top_by_family: dict[str, set[str]] = {}
    finals: dict[int, RankedList] = {}
    for index in range(len(evaluation.systems)):
        final = evaluation.final(lists, index)
        if final is not None:
            finals[index] = final
            top_by_family.setdefault(_family(evaluation, index), set()).update(final.doc_ids[:TOP])
    relevant = [doc_id for doc_id, grade in lists.judgments.items() if grade >= RELEVANT]
    for index, final in finals.items():
        family = _family(evaluation, index)
        others: set[str] = set().union(*(top for name, top in top_by_family.items() if name != family))
        ranks = _ranks(final)
        for doc_id in relevant:
            found.append(_fate(evaluation, lists, index, doc_id, ranks.get(doc_id)))
            if doc_id in final.doc_ids[:TOP] and doc_id not in others and len(top_by_family) > 1:
                grade = lists.judgments[doc_id]
                found.append(Fate(index, doc_id, Outcome.ONE_FAMILY, grade, None, None, ranks[doc_id]))
        for place, doc_id in enumerate(final.doc_ids[:TOP], start=1):
            judged = lists.judgments.get(doc_id)
            if judged is None or judged < RELEVANT:
                outcome = Outcome.UNJUDGED if judged is None else Outcome.NOT_RELEVANT
                found.append(Fate(index, doc_id, outcome, judged, None, None, place))
    return found


def counts(evaluation: Evaluation) -> np.ndarray:
    """How many documents had each outcome: int32 of shape (systems, outcomes in order, queries)."""
    import numpy as np

    table = np.zeros((len(evaluation.systems), len(OUTCOMES), len(evaluation.queries)), dtype=np.int32)
    row = {outcome: place for place, outcome in enumerate(OUTCOMES)}
    for query in range(len(evaluation.queries)):
        for fate in fates(evaluation, query):
            table[fate.system, row[fate.outcome], query] += 1
    return table


def _family(evaluation: Evaluation, system: int) -> str:
    """Run files say nothing of their family: each is one of its own."""
    described = evaluation.systems[system]
    return described.family or described.notation


def _ranks(ranked: RankedList) -> dict[str, int]:
    return {doc_id: rank for rank, doc_id in enumerate(ranked.doc_ids, start=1)}


def _fate(evaluation: Evaluation, lists: QueryLists, system: int, doc_id: str, final: int | None) -> Fate:
    """Follows a relevant document through the stages that hand their lists on, the first one first."""
    grade = lists.judgments[doc_id]
    path = _path(evaluation, evaluation.systems[system].stages[-1])

    def fate(outcome: Outcome, stage: int | None, before: int | None) -> Fate:
        return Fate(system, doc_id, outcome, grade, stage, before, final)

    before: int | None = None  # its rank in the list that the last stage was given
    for place, stage in enumerate(path):
        rank = lists.by_stage[stage].rank(doc_id) if stage in lists.by_stage else None
        if rank is None and place == 0:
            return fate(Outcome.NOT_RETRIEVED, stage, before)
        if rank is None:  # the reranker could not score it and left it out
            lost = Outcome.DEMOTED if before is not None and before <= TOP else Outcome.LOW
            return fate(lost, stage, before)
        last = place + 1 == len(path)
        depth = evaluation.systems[system].depth if last else evaluation.stages[path[place + 1]].depth
        if rank > depth:
            return fate(Outcome.BELOW_DEPTH, stage, rank)
        if not last:
            before = rank
    stage = path[-1]
    if final is not None and final <= TOP:
        if before is not None and before > TOP:
            return fate(Outcome.RECOVERED, stage, before)
        return fate(Outcome.FOUND, None, before)
    if before is not None and before <= TOP:
        return fate(Outcome.DEMOTED, stage, before)
    return fate(Outcome.LOW, stage, before)


def _path(evaluation: Evaluation, stage: int) -> list[int]:
    """The stage and those before it as far as each reads one list; fusion begins anew."""
    described = evaluation.stages[stage]
    if described.kind == "rerank":
        return [*_path(evaluation, described.sources[0]), stage]
    return [stage]
