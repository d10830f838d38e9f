"""Where a document would stand without the part that its score rests on most: the other documents of the list keep
their scores."""

from __future__ import annotations

from collections.abc import Sequence

from zsr_tui import numerals
from zsr_tui.domain import ScoredDoc
from zsr_tui.explain.contrast import NOTHING_HELD, best_of, quoted
from zsr_tui.explanation import Explanation


def without_its_best(found: Explanation, ranking: Sequence[ScoredDoc]) -> str:
    """A sentence; "" where nothing holds it up, where the list is not known, where one part is all of the score, of
    duels (the others would have one less, too), slopes and places."""
    if found.family in NOTHING_HELD or (found.additive and len(found.parts) < 2):
        return ""
    best, others = best_of(found), [each.score for each in ranking if each.doc_id != found.doc_id]
    if best is None or best.share is None or found.score is None or not others:
        return ""
    left = found.score - best.share
    if _retrieved(found) and not any(part.share for part in found.parts if part is not best):
        return f"Without what {quoted(best)} gives it would not be in the list: no other term gives it anything."
    now, then = (1 + sum(other > score for other in others) for score in (found.score, left))
    what = "its title" if best.text == found.title.strip() else quoted(best)
    digits = 2 if abs(found.score) >= 1 else 4
    has = f"Without {f'what {what} gives' if found.additive else what} it would have {numerals.value(left, digits)}"
    if then == now:
        return f"{has} and still be at rank {now:,}."
    place = f"at rank {then:,}" if then <= len(others) else f"behind the {len(others):,} others of the list,"
    return f"{has} and be {place} instead of {'' if then <= len(others) else 'at rank '}{now:,}."


def _retrieved(found: Explanation) -> bool:
    """Whether it is of an index of terms, which lists nothing that has none of the query's."""
    kinds = {station.kind for station in found.lineage if station.stage == found.stage}
    return found.family in ("bm25", "sparse") and kinds == {"retrieve"}
