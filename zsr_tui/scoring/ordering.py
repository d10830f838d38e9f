"""Lists that a model orders window by window, each a request in the queue of its own: between two of them others have
their turn, and whoever asked may go."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from zsr_tui.numerals import counted
from zsr_tui.scoring.cache import ScoreCache
from zsr_tui.scoring.endpoints import listwise, served
from zsr_tui.scoring.endpoints.listwise import Window
from zsr_tui.scoring.models.weights import ResolvedModel
from zsr_tui.scoring.queue.work import Listed, Ordering, ScoreBatch, Work

NO_SCORES = "order, no scores"


def scores(
    cache: ScoreCache,
    resolved: ResolvedModel,
    query: str,
    texts: Sequence[str],
    run: Callable[[Work], Iterator[Any]],
) -> ScoreBatch:
    """Minus the rank of each text, from -1 on. What is known is the order of this very list."""
    endpoint = served.find(resolved.info.name)
    assert endpoint.listing is not None
    listwise.check(resolved.info.name, len(texts), endpoint.listing)
    known = hashlib.sha256()
    for text in texts:
        known.update(f"{len(text)} {text}".encode(errors="surrogatepass"))
    contents = [f"{place} of {known.hexdigest()}" for place in range(len(texts))]
    kept = cache.scores(resolved.fingerprint, query, contents)
    if len(kept) == len(texts):
        values, was_cut = zip(*(kept[place] for place in range(len(texts))), strict=True)
        return ScoreBatch(tuple(range(len(texts))), values, was_cut, known=True, listed=Listed())
    order, cut = list(range(len(texts))), [False] * len(texts)
    listed, took = Listed(), 0.0
    for start, end in endpoint.listing.windows(len(texts)):
        part = order[start:end]
        window, seconds = _only(run(Ordering(query, [texts[place] for place in part])))
        order[start:end] = [part[place] for place in window.order]
        for place, was in zip(part, window.cut, strict=True):
            cut[place] = cut[place] or was
        listed += Listed(1, int(not window.whole), int(window.refused), window.read, window.wrote)
        took += seconds
    ranks = {place: rank for rank, place in enumerate(order, start=1)}
    values = tuple(-float(ranks[place]) for place in range(len(texts)))
    if not listed.refused:  # else it is asked again another time
        cache.add_scores(resolved.fingerprint, query, contents, values, tuple(cut))
    return ScoreBatch(tuple(range(len(texts))), values, tuple(cut), tokens=listed.read, seconds=took, listed=listed)


def _only(results: Iterator[tuple[Window, float]]) -> tuple[Window, float]:
    (found,) = results
    return found


def sentence(model: str) -> str:
    return f"{model} orders lists: its scores are minus the rank, and say nothing of how far apart two documents are."


def refusals(model: str, refused: int) -> str:
    return (
        f"{model}: the server refuses {counted(refused, 'window')} of passages (a filter of contents, or too long for "
        f"it), which kept the order that they had; its log says which."
    )


def told(model: str, listed: Listed) -> list[tuple[str, str]]:
    """In few words, and in a sentence."""
    found = [
        (
            "order, no scores",
            f"{model} orders lists: its scores are minus the rank, and say nothing of how far apart two are.",
        )
    ]
    if listed.requests:
        asked = f"{listed.requests:,} request{'s' * (listed.requests > 1)}"
        tokens = f", {listed.read:,} tokens read and {listed.wrote:,} written" if listed.read else ""
        found.append((asked, f"{model}: {asked}{tokens}."))
    if listed.repaired:
        found.append(
            (
                f"{counted(listed.repaired, 'answer')} repaired",
                f"{model}: {listed.repaired:,} of {counted(listed.requests, 'answer')} did not name each passage once: "
                "repeated and invented numbers were left out, passages that were not named kept their order "
                "behind the others.",
            )
        )
    if listed.refused:
        found.append((f"{counted(listed.refused, 'window')} refused", refusals(model, listed.refused)))
    return found
