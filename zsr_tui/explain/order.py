"""Rerankers that put a whole list in order (listwise): which other documents this one lost to.

They give an order and no score. What there is to know of a place is which documents stand above it, and which of them
came from below.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from zsr_tui.explanation import Explanation, Part, Table
from zsr_tui.numerals import counted

COLUMNS = ("place", "came from")
PASSED = "Passed by it"
_METHOD = "The documents that the model put above it, where they stand and where they came from"
_PASSED = "Documents that stood above it, and stand below it now."


def explain(
    candidates: Sequence[str], ranking: Sequence[str], own: str, text: str, titles: Mapping[str, str] = {}
) -> Explanation:
    """Ids as they came and as the model put them; a part for each document above the `own`, the first of the list
    first. `score` is minus the place, as in the list."""
    if own not in ranking:
        note = "It was not among the candidates that this reranker put in order."
        return Explanation(family="listwise", method="", unit="minus the rank", text=text, notes=(note,))
    before, now = ({doc_id: at for at, doc_id in enumerate(ids, 1)} for ids in (candidates, ranking))

    def part(doc_id: str, said: str) -> Part:
        note = ": ".join(filter(None, (said, titles.get(doc_id, ""))))
        return Part(text=doc_id, values=(now[doc_id], before[doc_id]), note=note)

    above, below = ranking[: now[own] - 1], ranking[now[own] :]
    came = {doc_id for doc_id in above if before[doc_id] > before[own]}
    passed = [doc_id for doc_id in below if before[doc_id] < before[own]]
    lost = f"It lost to {len(above)} of {counted(len(ranking) - 1, 'other')}"
    return Explanation(
        family="listwise",
        method=_METHOD if above else "",
        unit="minus the rank",
        score=-float(now[own]),
        columns=COLUMNS,
        parts=tuple(part(doc_id, "overtook it" if doc_id in came else "was above it") for doc_id in above),
        tables=(Table(title=PASSED, columns=COLUMNS, parts=tuple(part(each, "") for each in passed), note=_PASSED),)
        if passed
        else (),
        text=text,
        notes=(
            f"{lost}{f', {len(came)} of which came from below it' if came else ''}: it was put at place {now[own]} of "
            f"{len(ranking)}, and came from place {before[own]}.",
            "The model gives an order and no score: there are no shares.",
        ),
    )
