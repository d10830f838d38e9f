"""Late interaction: for every token of the query the token of the document that it matched best, and what that gave.

The score is the sum of these maxima (Khattab and Zaharia 2020, https://arxiv.org/abs/2004.12832), or their mean for a
model that says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zsr_tui.explanation import Cost, Explanation, Part, Table
from zsr_tui.progress import CancelToken
from zsr_tui.scoring.service import ScoringService
from zsr_tui.scoring.tokens import reading

MAP = "Next best matches"
AHEAD = 40  # characters that a token is looked for in, behind the one before it
NEXT = 3  # tokens of the document behind the best that are told for each token of the query


def explain(
    scoring: ScoringService, model: str, query: str, text: str, *, cancel: CancelToken | None = None, owner: str = ""
) -> Explanation:
    """A part for each token of the query, in their order; `columns`: the document's token, its place, the product."""

    def examine(scorer: Any) -> tuple[list[str], list[str], Any, bool]:
        asked, found, products = scorer.matches(query, text)
        return reading.names(scorer, asked), reading.names(scorer, found), products, scorer.mean

    asked, found, products, mean = scoring.examine(model, examine, cancel=cancel, owner=owner)
    if not len(found):
        return Explanation(
            family="late", method="", unit="MaxSim", text=text, notes=("The model reads nothing of the document.",)
        )
    best = products.argmax(axis=1)
    spans = places(text, found)
    weight = 1.0 / len(asked) if mean else 1.0
    parts, others = [], []
    for number, token in enumerate(asked):
        order = products[number].argsort()[::-1]
        value = float(products[number, best[number]])
        parts.append(
            Part(
                text=token,
                share=value * weight,
                values=(found[best[number]], int(best[number]) + 1, value),
                spans=spans[best[number]],
                note="another token" if found[best[number]] != token else "",
            )
        )
        following = [f"{found[at]} {products[number, at]:.3f}" for at in order[1 : 1 + NEXT]]
        others.append(Part(text=token, values=("  ".join(following),)))
    total = sum(part.share or 0.0 for part in parts)
    return Explanation(
        family="late",
        method="share = the largest product of the query's token with a token of the document"
        + (", divided by the number of the query's tokens" if mean else ""),
        unit="MaxSim",
        score=total,
        additive=True,
        columns=("matches", "place", "product"),
        parts=tuple(parts),
        sum=total,
        tables=(Table(title=MAP, columns=("document's tokens",), parts=tuple(others)),),
        text=text,
        cost=Cost(scored=1),
        done=1,
        total=1,
    )


def places(text: str, tokens: Sequence[str]) -> list[tuple[tuple[int, int], ...]]:
    """Where each of a document's tokens stands in its text, as a span; nothing of what is not written there as the
    model writes it: special tokens, unknown ones, letters that lose their accents."""
    folded = text.lower()
    if len(folded) != len(text):  # a letter that is two in lower case
        folded = "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)
    found: list[tuple[tuple[int, int], ...]] = []
    at = 0
    for token in tokens:
        piece = token.removeprefix("##").lstrip("▁Ġ").lower()
        start = folded.find(piece, at, at + len(piece) + AHEAD) if piece else -1
        if start < 0:
            found.append(())
            continue
        at = start + len(piece)
        found.append(((start, at),))
    return found
