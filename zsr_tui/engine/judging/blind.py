"""The lists of an evaluation side by side, and who wins of those that were preferred without knowing whose they are."""

from __future__ import annotations

from zsr_tui.api.blind import DuelView, ReadTops, ReadWinRates, Tops
from zsr_tui.api.judging import Preference
from zsr_tui.decoding import converted
from zsr_tui.engine.answers import Answers
from zsr_tui.engine.evaluation.shelf import Shelf
from zsr_tui.engine.judging.shelf import KeptShelf
from zsr_tui.engine.terms import terms
from zsr_tui.judging.keeping.rows import query_key
from zsr_tui.judging.winning import duels


def answers(kept: KeptShelf, evaluations: Shelf) -> Answers:
    return {
        ReadTops: lambda asked: tops(kept, evaluations, asked),
        ReadWinRates: lambda asked: win_rates(kept, asked),
    }


def tops(kept: KeptShelf, evaluations: Shelf, asked: ReadTops) -> Tops:
    """Raises `Problem` for documents that are not on this machine."""
    from zsr_tui.engine.sending import head_of  # which brings what searches need along

    described = evaluations.evaluation(asked.id, *asked.systems, query=asked.query)
    query, by_stage = described.queries[asked.query], described.lists(asked.query).by_stage
    finals = [described.systems[system].final(by_stage) for system in asked.systems]
    lists = tuple(() if final is None else final.doc_ids[: asked.depth] for final in finals)
    corpus = kept.library.corpus(query.member)
    docs, found = corpus.docs({each for ids in lists for each in ids}), terms(corpus.collection, query.text)
    return Tops(lists=lists, heads={doc_id: head_of(doc, found) for doc_id, doc in docs.items()})


def win_rates(kept: KeptShelf, asked: ReadWinRates) -> tuple[DuelView, ...]:
    latest: dict[tuple[object, ...], Preference] = {}
    for dataset in dict.fromkeys(asked.datasets):
        for one in kept.of(dataset).preferences.read():
            if asked.seed is None or one.seed == asked.seed:
                key = dataset, query_key(one), frozenset((one.left, one.right)), one.who
                latest.pop(key, None)
                latest[key] = one
    found = duels((one.left, one.right, one.choice) for one in latest.values())
    return converted(found, tuple[DuelView, ...], from_attributes=True)
