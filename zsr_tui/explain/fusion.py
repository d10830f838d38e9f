"""Fusion: what each list gave to the document. By ranks (`rrf`) weight / (k + rank), by scores (`linear`) weight times
the score on the scale that the lists share: see `zsr_tui.fusion`."""

from __future__ import annotations

from collections.abc import Sequence

from zsr_tui.domain import ScoredDoc
from zsr_tui.explanation import Explanation, Part
from zsr_tui.fusion import shares
from zsr_tui.pipeline import Linear, Rrf


def explain(fusion: Rrf | Linear, lists: Sequence[Sequence[ScoredDoc]], doc_id: str, text: str = "") -> Explanation:
    """A part for each of the fusion's systems, whose `lists` these are; `columns` are rank and score there, and the
    weight of the list; by scores also the score on the shared scale."""
    parts = []
    for system, ranking, weight in zip(fusion.systems, lists, fusion.weights, strict=True):
        given = shares(fusion, ranking) if weight and ranking else None
        rank = next((at for at, each in enumerate(ranking, start=1) if each.doc_id == doc_id), None)
        worth = given.listed.get(doc_id, given.missing) if given else None
        score = None if rank is None else ranking[rank - 1].score
        parts.append(
            Part(
                text=str(system),
                share=0.0 if worth is None else weight * worth,
                values=(rank, score, weight) if isinstance(fusion, Rrf) else (rank, score, worth, weight),
                note=f"not in its first {len(ranking):,}" if rank is None else "",
            )
        )
    total = sum(part.share or 0.0 for part in parts)
    by_rank = isinstance(fusion, Rrf)
    return Explanation(
        family="fusion",
        method=f"share = weight / ({fusion.k} + rank)"
        if isinstance(fusion, Rrf)
        else f"share = weight × normed, the score by {fusion.norm} on the scale that the lists share",
        unit="RRF" if by_rank else "fused score",
        score=total,
        additive=True,
        columns=("rank", "score", "weight") if by_rank else ("rank", "score", "normed", "weight"),
        parts=tuple(parts),
        sum=total,
        text=text,
        done=1,
        total=1,
    )
