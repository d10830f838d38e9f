"""Rerankers that compare documents (duoT5): against which others this one won, and to which it lost.

A score is the sum over the others of p(this, other) + 1 - p(other, this): SYM-SUM of Pradeep et al. 2021, arXiv
2101.05667.
"""

from __future__ import annotations

from collections.abc import Sequence

from zsr_tui.explanation import Cost, Explanation, Part
from zsr_tui.progress import CancelToken
from zsr_tui.scoring.service import ScoringService

WON, LOST = "won", "lost"


def explain(
    scoring: ScoringService,
    model: str,
    query: str,
    candidates: Sequence[tuple[str, str]],
    place: int,
    *,
    cancel: CancelToken | None = None,
    owner: str = "",
) -> Explanation:
    """`candidates` are (name, text) of all that were compared; the one at `place` is explained. A part for each other,
    the heaviest losses first; `columns` are the probabilities that this one is the more relevant, named first and
    named second."""
    texts = [text for _, text in candidates]
    duels = scoring.duels(model, query, texts, place, cancel=cancel, owner=owner)
    parts = sorted(
        (
            Part(
                text=candidates[other][0],
                share=first + second,
                values=(first, second),
                note=WON if first + second > 1 else LOST if first + second < 1 else "drew",
            )
            for other, first, second in duels
        ),
        key=lambda part: part.share or 0.0,
    )
    lost = sum(part.note == LOST for part in parts)
    total = sum(part.share or 0.0 for part in parts)
    return Explanation(
        family="pairwise",
        method="share = the two probabilities that this document is the more relevant one, summed",
        unit="duels",
        score=total,
        additive=True,
        columns=("first", "second"),
        parts=tuple(parts),
        sum=total,
        text=texts[place],
        notes=(f"It lost to {lost} of {len(parts)} others, and won against {len(parts) - lost}.",) if parts else (),
        cost=Cost(scored=2 * len(duels)),
        done=1,
        total=1,
    )
