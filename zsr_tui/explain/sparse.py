"""Learned sparse retrieval: the score is the sum, over the terms that both have, of the query's weight times the
document's. A model expands: it gives weights to terms that do not stand in the text.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from zsr_tui.explanation import Cost, Explanation, Part, Span, Table
from zsr_tui.progress import CancelToken
from zsr_tui.scoring.encoder import Encoder
from zsr_tui.scoring.service import ScoringService
from zsr_tui.scoring.tokens import reading

EXPANSION = "expansion: not in the text"
UNMATCHED = "The query's terms that the document lacks"
_MOST = 30  # terms of the query without a counterpart that are told


def explain(
    scoring: ScoringService,
    model: str,
    query: str,
    text: str,
    *,
    cancel: CancelToken | None = None,
    owner: str = "",
) -> Explanation:
    """A part for each common term, the largest product first; `columns` are the weights of query and document."""
    encoder: Encoder = scoring.encoder(model, "sparse", cancel=cancel, owner=owner)
    asked = encoder.encode_queries([query], cancel)[0].astype(np.float64)
    found = encoder.encode_documents([text], cancel, interactive=True)[0].astype(np.float64)
    products = asked * found
    terms = [int(term) for term in np.argsort(-products, kind="stable")[: int((products > 0).sum())]]
    alone = [int(term) for term in np.argsort(-asked, kind="stable") if asked[term] > 0 and found[term] == 0][:_MOST]

    def examine(scorer: Any) -> tuple[list[str], list[set[int]], bool]:
        texts = [reading.of_text(scorer, query, "query"), reading.of_text(scorer, text, "document")]
        own = [set(each.ids) - each.special if each else set() for each in texts]
        return reading.names(scorer, [*terms, *alone]), own, all(each is not None for each in texts)

    names, (in_query, in_text), known = scoring.examine(model, examine, cancel=cancel, owner=owner)

    def note(term: int) -> str:
        if not known:
            return ""
        beyond = [where for where, ids in (("query", in_query), ("text", in_text)) if term not in ids]
        return f"expansion: not in the {' nor in the '.join(beyond)}" if beyond else ""

    parts = tuple(
        Part(
            text=name,
            share=float(products[term]),
            values=(float(asked[term]), float(found[term])),
            spans=_places(text, name) if term in in_text else (),
            note=note(term),
        )
        for term, name in zip(terms, names, strict=False)
    )
    lacking = tuple(
        Part(text=name, values=(float(asked[term]),), note="" if not known or term in in_query else "expansion")
        for term, name in zip(alone, names[len(terms) :], strict=True)
    )
    return Explanation(
        family="sparse",
        method="share = the term's weight in the query × its weight in the document",
        unit="inner product",
        score=float(np.float32(products.sum())),
        additive=True,
        columns=("query", "document"),
        parts=parts,
        sum=float(products[terms].sum()),
        tables=(Table(title=UNMATCHED, columns=("query",), parts=lacking),) if lacking else (),
        text=text,
        notes=() if terms else ("Query and document have no term in common: the index does not find it.",),
        cost=Cost(scored=2),
        done=1,
        total=1,
    )


def _places(text: str, token: str) -> tuple[Span, ...]:
    """Where a word of the vocabulary stands in the text, whatever its case; pieces of words are not sought."""
    word = token.lstrip("▁Ġ").lower()
    if not word or token.startswith("##"):
        return ()
    lowered, found, at = text.lower(), [], 0
    if len(lowered) != len(text):  # a letter whose small form is two characters would move all behind it
        return ()
    while (at := lowered.find(word, at)) >= 0:
        end = at + len(word)
        inside = (at > 0 and lowered[at - 1].isalnum()) or (end < len(text) and lowered[end].isalnum())
        if not inside:
            found.append((at, end))
        at = end
    return tuple(found)
