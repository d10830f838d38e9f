"""Gradient x input: how the score changes, to first order, with each token's embedding. Quicker than occlusion, one
pass forward and one back, and only a slope: it says where the network looks, not what a word is worth.

Sum over the embedding's dimensions of gradient times value (Shrikumar et al. 2016, arXiv 1605.01713), summed over the
tokens of a word.
"""

from __future__ import annotations

import math
from typing import Any

from zsr_tui.domain import Problem
from zsr_tui.explain import segments
from zsr_tui.explain.occlusion import NO_NUMBER
from zsr_tui.explanation import Cost, Explanation, Part
from zsr_tui.progress import CancelToken
from zsr_tui.scoring.service import ScoringService

ONLY = "only cross-encoders that torch runs do. Without the gradient it is explained by occlusion."
_METHOD = "share = gradient × input, summed over the word's tokens: a slope, not a part of the score"


def has(scorer: Any) -> bool:
    """Whether a loaded model gives gradients."""
    return bool(getattr(scorer, "gives_gradients", False))


def explain(
    scoring: ScoringService,
    model: str,
    query: str,
    text: str,
    *,
    unit: str = "logit",
    cancel: CancelToken | None = None,
    owner: str = "",
) -> Explanation:
    """A part for each word that the model read, in order; `unit` is the score's. Raises `Problem` for a model without
    gradients here."""

    def examine(scorer: Any) -> Any:
        return scorer.gradients(query, text) if has(scorer) else None

    found = scoring.examine(model, examine, cancel=cancel, owner=owner)
    if found is None:
        raise Problem(f"{model} gives no gradients here: {ONLY}")
    score, tokens = found  # (start, end, share)
    known = math.isfinite(score)
    end = max((stop for _, stop, _ in tokens), default=0)
    parts = []
    at = 0
    for span in segments.words(text):
        if span[0] >= end:
            break
        share = 0.0
        while at < len(tokens) and tokens[at][0] < span[1]:
            if tokens[at][1] > span[0]:
                share += tokens[at][2]
            at += 1
        parts.append(Part(text=text[slice(*span)], share=share if known else None, spans=(span,)))
    return Explanation(
        family="gradient",
        method=_METHOD,
        unit=unit,
        score=score if known else None,
        parts=tuple(parts),
        sum=sum(part.share or 0.0 for part in parts) if known else None,
        text=text,
        notes=() if known else (NO_NUMBER,),
        gradient=True,
        cost=Cost(scored=1),
        done=1,
        total=1,
    )
