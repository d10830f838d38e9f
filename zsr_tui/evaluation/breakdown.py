"""What goes with failure: a measure by features of the queries and of their relevant documents."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from zsr_tui.domain import Doc
from zsr_tui.evaluation.results import Breakdown, Evaluation, Group, QueryLists
from zsr_tui.text import Terms

if TYPE_CHECKING:
    import numpy as np

RELEVANT = 1
GROUPS = 4  # quartiles, where the values differ that much
Rarity = Callable[[str, str], float]  # (dataset, query text) -> mean inverse document frequency; nan if unknown


def breakdowns(evaluation: Evaluation, measure: str, rarity: Rarity | None = None) -> tuple[Breakdown, ...]:
    """One for each feature that can be told: query length, rarity of the query's terms (with `rarity`), term overlap
    with the relevant documents and their length (where the corpus is at hand), and whether a reranker saw only the
    beginning of a relevant document (where one ran)."""
    lengths, rare, overlaps, sizes, cuts = [], [], [], [], []
    for number, query in enumerate(evaluation.queries):
        lists = evaluation.lists(number)
        lengths.append(float(len(query.text.split())))
        rare.append(rarity(query.member, query.text) if rarity else math.nan)
        relevant = [doc_id for doc_id, grade in lists.judgments.items() if grade >= RELEVANT]
        docs = evaluation.documents(query.member, relevant)
        overlaps.append(max((_overlap(query.text, doc) for doc in docs.values()), default=math.nan))
        sizes.append(_mean_length(docs))
        cuts.append(_cut(evaluation, lists, relevant))
    features = (
        ("query length", "words", lengths),
        ("rarity of the query's terms", "mean idf", rare),
        ("query terms in a relevant document", "share, the best document's", overlaps),
        ("length of the relevant documents", "words, mean", sizes),
    )
    found = [_by_quantile(evaluation, measure, *feature) for feature in features]
    found.append(_by_truth(evaluation, measure, cuts))
    return tuple(each for each in found if each.groups)


def _overlap(query: str, doc: Doc) -> float:
    terms = Terms.of(query)
    return len({stem for _, _, stem in terms.find(doc.content)}) / len(terms.stems) if terms.stems else math.nan


def _mean_length(docs: Mapping[str, Doc]) -> float:
    words = [len(doc.content.split()) for doc in docs.values()]
    return sum(words) / len(words) if words else math.nan


def _cut(evaluation: Evaluation, lists: QueryLists, relevant: Sequence[str]) -> float:
    """1 where some reranker was given a relevant document that did not fit, 0 where all that it was given fitted."""
    reranked = [each for stage, each in lists.by_stage.items() if evaluation.stages[stage].kind == "rerank"]
    seen = [doc_id in each.cut for each in reranked for doc_id in relevant if doc_id in each.doc_ids]
    return float(any(seen)) if seen else math.nan


def _by_quantile(evaluation: Evaluation, measure: str, feature: str, unit: str, values: Sequence[float]) -> Breakdown:
    import numpy as np

    of_query = np.array(values, dtype=np.float64)
    known = of_query[~np.isnan(of_query)]
    groups = []
    if len(known):
        edges = np.unique(np.quantile(known, np.linspace(0, 1, GROUPS + 1), method="inverted_cdf"))
        lows = edges if len(edges) == 1 else edges[:-1]
        for place, low in enumerate(lows):
            first = place == 0
            high = edges[min(place + 1, len(edges) - 1)]
            inside = (of_query >= low if first else of_query > low) & (of_query <= high)
            if inside.any():
                own = of_query[inside]
                groups.append(_group(evaluation, measure, _range(own.min(), own.max()), inside, own))
    return Breakdown(feature, unit, measure, tuple(groups), int(np.isnan(of_query).sum()))


def _by_truth(evaluation: Evaluation, measure: str, values: Sequence[float]) -> Breakdown:
    import numpy as np

    of_query = np.array(values, dtype=np.float64)
    groups = [
        _group(evaluation, measure, label, of_query == value, np.array([value]))
        for value, label in ((0.0, "all fitted"), (1.0, "some did not fit"))
        if (of_query == value).any()
    ]
    missing = int(np.isnan(of_query).sum())
    return Breakdown("relevant documents and the reranker's input", "", measure, tuple(groups), missing)


def _group(evaluation: Evaluation, measure: str, label: str, inside: np.ndarray, own: np.ndarray) -> Group:
    import numpy as np

    row = evaluation.measures.index(measure)
    means = []
    for system in range(len(evaluation.systems)):
        values = evaluation.values[system, row, inside]
        values = values[~np.isnan(values)]
        means.append(float(values.mean()) if len(values) else math.nan)
    queries = tuple(np.flatnonzero(inside).tolist())
    return Group(label, float(own.min()), float(own.max()), queries, tuple(means))


def _range(low: float, high: float) -> str:
    return _short(low) if low == high else f"{_short(low)} to {_short(high)}"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) or value >= 100 else f"{value:.2f}"
