"""What goes with failure: a measure by features of the queries and of their relevant documents."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from zsr_tui.domain import Doc, relevant_docs
from zsr_tui.evaluation.naming import is_sum
from zsr_tui.evaluation.results import Breakdown, Evaluation, Feature, Group, QueryLists
from zsr_tui.text import Finder

if TYPE_CHECKING:
    import numpy as np

GROUPS = 4  # quartiles, where the values differ that much
LENGTH = "query length"
TRUNCATION = "relevant documents and the reranker's input"
TAGS = "your tags"
EVERYWHERE = 4  # features besides it, that every evaluation has whose corpus and index are at hand
Rarity = Callable[[str, str], float]  # (dataset, query text) -> mean inverse document frequency; nan if unknown


def features(
    evaluation: Evaluation, rarity: Rarity | None = None, read: Callable[[int], None] = lambda _: None
) -> tuple[Feature, ...]:
    """Those that can be told: query length, rarity of the query's terms (with `rarity`), term overlap with the relevant
    documents and their length (where the corpus is at hand), and whether a reranker saw only the beginning of a
    relevant document (where one ran). Queries that no system has run yet lack all of them. Reads every ranking; `read`
    is called with the number of queries."""
    import numpy as np

    values = np.full((5, len(evaluation.queries)), np.nan)
    for number, query in enumerate(evaluation.queries):
        lists = evaluation.lists(number)
        read(number + 1)
        if all(system.final(lists.by_stage) is None for system in evaluation.systems):
            continue
        relevant = relevant_docs(lists.judgments)
        docs, terms = evaluation.documents(query.member, relevant), evaluation.terms(query.member, query.text)
        values[:, number] = (
            len(query.text.split()),
            rarity(query.member, query.text) if rarity else math.nan,
            max((_overlap(terms, doc) for doc in docs.values()), default=math.nan),
            _mean_length(docs),
            _cut(evaluation, lists, relevant),
        )
    found = [
        _by_quantile(LENGTH, "words", values[0]),
        _by_quantile("rarity of the query's terms", "mean idf", values[1]),
        _by_quantile("query terms in a relevant document", "share, the best document's", values[2]),
        _by_quantile("length of the relevant documents", "words, mean", values[3]),
        _by_truth(TRUNCATION, values[4]),
    ]
    return tuple(each for each in found if each.groups)


def by_tag(evaluation: Evaluation, tagged: Mapping[str, Collection[int]]) -> tuple[Feature, ...]:
    """The user's own kinds of failure: the queries (indexes) that each tag is on, the most frequent first. A query may
    have several. () where there is none."""
    import numpy as np

    counts = sorted(tagged.items(), key=lambda each: (-len(each[1]), each[0]))
    groups = [
        Group(tag, float(len(queries)), float(len(queries)), np.array(sorted(queries), dtype=np.intp))
        for tag, queries in counts
        if queries
    ]
    return (Feature(TAGS, "", tuple(groups)),) if groups else ()


def breakdowns(
    evaluation: Evaluation, measure: str, rarity: Rarity | None = None, known: Sequence[Feature] | None = None
) -> tuple[Breakdown, ...]:
    """The measure by each of the features; `known` are those of the evaluation, if they have been told before."""
    known = features(evaluation, rarity) if known is None else known
    return tuple(
        Breakdown(feature, measure, tuple(_means(evaluation, measure, group) for group in feature.groups))
        for feature in known
    )


def _overlap(terms: Finder, doc: Doc) -> float:
    return len({stem for _, _, stem in terms.find(doc.content)}) / len(terms.stems) if terms.stems else math.nan


def _mean_length(docs: Mapping[str, Doc]) -> float:
    words = [len(doc.content.split()) for doc in docs.values()]
    return sum(words) / len(words) if words else math.nan


def _cut(evaluation: Evaluation, lists: QueryLists, relevant: Sequence[str]) -> float:
    """1 where some reranker was given a relevant document that did not fit, 0 where all that it was given fitted."""
    reranked = [each for stage, each in lists.by_stage.items() if evaluation.stages[stage].kind == "rerank"]
    seen = [doc_id in each.cut for each in reranked for doc_id in relevant if doc_id in each.doc_ids]
    return float(any(seen)) if seen else math.nan


def _by_quantile(name: str, unit: str, of_query: np.ndarray) -> Feature:
    import numpy as np

    known = of_query[~np.isnan(of_query)]
    groups = []
    if len(known):
        edges = np.unique(np.quantile(known, np.linspace(0, 1, GROUPS + 1), method="inverted_cdf"))
        lows = edges if len(edges) == 1 else edges[:-1]
        for place, low in enumerate(lows):
            high = edges[min(place + 1, len(edges) - 1)]
            inside = np.flatnonzero((of_query > low if place else of_query >= low) & (of_query <= high))
            if len(inside):
                least, most = float(of_query[inside].min()), float(of_query[inside].max())
                groups.append(Group(_range(least, most), least, most, inside))
    return Feature(name, unit, tuple(groups), int(np.isnan(of_query).sum()))


def _by_truth(name: str, of_query: np.ndarray) -> Feature:
    import numpy as np

    groups = [
        Group(label, value, value, np.flatnonzero(of_query == value))
        for value, label in ((0.0, "all fitted"), (1.0, "some did not fit"))
        if (of_query == value).any()
    ]
    return Feature(name, "", tuple(groups), int(np.isnan(of_query).sum()))


def _means(evaluation: Evaluation, measure: str, group: Group) -> tuple[float, ...]:
    """By system (of a measure that is a sum, sums); nan for one that has run none of the queries."""
    import numpy as np

    values = evaluation.values[:, evaluation.measures.index(measure), group.queries]
    known = (row[~np.isnan(row)] for row in values)
    together = np.sum if is_sum(measure) else np.mean
    return tuple(float(together(row)) if len(row) else math.nan for row in known)


def _range(low: float, high: float) -> str:
    first, last = _short(low), _short(high)
    if first == last and low != high:
        first, last = f"{low:.5g}", f"{high:.5g}"
    return first if first == last else f"{first} to {last}"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) or value >= 100 else f"{value:.2f}"
