"""What the user should know of the data and the run files of an evaluation, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from zsr_tui import pipeline
from zsr_tui.api.requests import EvaluateRequest, SystemHead
from zsr_tui.domain import Problem, relevant_docs
from zsr_tui.engine.library import Library, OpenCorpus
from zsr_tui.evaluation.results import EvaluatedQuery, EvaluatedSystem, RunFileFacts
from zsr_tui.numerals import counted
from zsr_tui.retrieval.engines.records import State, Told
from zsr_tui.scoring import ordering
from zsr_tui.scoring.models import catalogue
from zsr_tui.scoring.models.families import LISTWISE_RERANKERS

if TYPE_CHECKING:
    from zsr_tui.engine.evaluation.plan import Plan


def of_data(request: EvaluateRequest, corpora: Sequence[OpenCorpus]) -> Iterator[str]:
    """What is wrong with the data, such as judgments of unknown documents, and with the ids that were listed."""
    for corpus in corpora:
        yield from corpus.corpus.notes()
    if request.qids is not None:
        judged = {query.id for corpus in corpora for query in corpus.judged_queries()}
        if unknown := len(set(request.qids) - judged):
            listed = counted(unknown, "listed query id is", "listed query ids are")
            yield f"{listed} no judged query of {request.dataset}: left out."


def of_queries(queries: Sequence[EvaluatedQuery]) -> Iterator[str]:
    """Judgments that a reader of the figures would not expect."""
    if hopeless := sum(not relevant_docs(query.judgments) for query in queries):
        yield f"{counted(hopeless, 'query has', 'queries have')} no relevant document: every system gets 0 there."
    if negative := sum(any(grade < 0 for grade in query.judgments.values()) for query in queries):
        yield f"{counted(negative, 'query has', 'queries have')} grades below 0: those documents count as not relevant."


def of_indexes(library: Library, corpora: Sequence[OpenCorpus], heads: Sequence[SystemHead]) -> Iterator[str]:
    """How much of an exact search the approximate ones find. One whose index cannot be opened fails by itself."""
    steps = (step for one in heads for step in pipeline.encoded(pipeline.parse(one.notation)))
    for step in dict.fromkeys(step for step in steps if isinstance(step, pipeline.Dense) and not step.prebuilt):
        for corpus in corpora:
            method = step.method(corpus.corpus.doc_count())
            if method != "flat":
                with suppress(Problem):
                    facts = library.approximate(corpus, step.model, method).approximation
                    if facts is not None:
                        yield f"{step} is approximate on {corpus.collection}: {facts.told}."


def of_orders(heads: Sequence[SystemHead]) -> Iterator[str]:
    """Which systems end with an order in place of scores."""
    models = (model for one in heads for model in pipeline.rerankers(pipeline.parse(one.notation)))
    for model in dict.fromkeys(models):
        if catalogue.describe(model).family in LISTWISE_RERANKERS:
            yield ordering.sentence(model)


def state(library: Library, step: pipeline.Served) -> State:
    """Nothing where the engine cannot be asked: then the system fails by itself, with the reason."""
    try:
        return library.engines.state(step)
    except Problem:
        return State()


def states(library: Library, heads: Sequence[SystemHead]) -> dict[pipeline.Served, State]:
    """Of the indexes of other engines, each asked once."""
    steps = dict.fromkeys(step for one in heads for step in pipeline.served(pipeline.parse(one.notation)))
    return {step: state(library, step) for step in steps}


def of_engines(states: Mapping[pipeline.Served, State]) -> Iterator[str]:
    """In which state the indexes of other engines are."""
    for step, found in states.items():
        if found.about:
            yield f"{step} saw {found.about}; state {found.digest}."
        elif found.digest:
            yield f"{step} does not say in which state its index is: whether it is another one later, nobody can tell."


def of_lists(library: Library, told: Mapping[str, Told], plan: Plan) -> Iterator[str]:
    """What the lists of other engines were like, and whether their indexes are others now than when it began; and of
    models that order lists, what they were refused."""
    saw: dict[str, str] = {}
    for system in plan.stored.spec.systems:
        saw |= system.revisions
    for step, lists in told.items():
        if lists.windows:
            yield ordering.refusals(step, lists.windows)
            continue
        yield from (sentence for _, sentence in lists.told(step, plan.stored.spec.dataset))
        asked = pipeline.parse(step)
        now = state(library, asked).digest if isinstance(asked, pipeline.Served) else ""
        if now and now != saw.get(step):
            yield f"{step} changed while it was evaluated: its lists are of several states of its index."


def of_runs(systems: Sequence[EvaluatedSystem]) -> Iterator[str]:
    """What reading the run files found."""
    for system in systems:
        if system.run_file:
            yield from _of_run(system.label, system.run_file)


def _of_run(label: str, facts: RunFileFacts) -> Iterator[str]:
    queries, documents = ("query", "queries"), ("document", "documents")
    said = (
        (facts.missing_queries, queries, "lacks {}, which count as 0"),
        (facts.unknown_queries, queries, "has {} that the dataset does not have, left out"),
        (facts.unknown_documents, documents, "names {} that the corpus does not have"),
        (facts.duplicates, documents, "lists {} twice: the best score counts"),
        (facts.rank_contradictions, queries, "has ranks that contradict the scores in {}: the scores count"),
    )
    return (f"{label} {sentence.format(counted(number, *words))}." for number, words, sentence in said if number)
