"""What a model saw: the exact input after template and truncation, token by token, and what of the query it missed."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

from zsr_tui.domain import Doc
from zsr_tui.explanation import Input, Token
from zsr_tui.pipeline import ENGLISH
from zsr_tui.progress import CancelToken
from zsr_tui.retrieval.bm25 import Bm25Index
from zsr_tui.retrieval.marking import terms_of
from zsr_tui.scoring.models import catalogue, families
from zsr_tui.scoring.service import ScoringService
from zsr_tui.scoring.tokens import reading
from zsr_tui.scoring.tokens.reading import Reading

SERVER = "A server runs this model: which tokens it makes of the text, and where it cuts, is not known here."
OTHERS = "A reranker that compares documents reads this one beside another each time: what fits depends on both."
OWN_WAY = "This model's own library makes its inputs: they cannot be shown."


def of_model(
    scoring: ScoringService,
    model: str,
    query: str,
    text: str,
    *,
    language: str = ENGLISH,
    cancel: CancelToken | None = None,
    owner: str = "",
) -> Input:
    """Of a reranker the pair; of an encoder and of late interaction the query and then the document, each an input of
    its own. Words of the query are found as the `language` has them. Loads the model."""
    info = catalogue.describe(model)
    if info.family in families.PAIRWISE_RERANKERS:
        return Input(note=OTHERS)
    if info.family in ("endpoint", *families.LISTWISE_RERANKERS) or info.source.startswith("http"):
        return Input(note=SERVER)
    if info.family in families.ENCODERS.values():
        look = partial(_two, query=query, text=text)
    else:
        look = partial(_one, query=query, text=text)
    found = scoring.examine(model, look, cancel=cancel, owner=owner)
    if not found:
        return Input(note=OWN_WAY)
    cut_at = scoring.cut_offset(model, query, text)
    tokens = tuple(
        Token(text=name, of=of, unknown=one == each.unknown, special=one in each.special)
        for each in found
        for one, name, of in zip(each.ids, each.tokens, each.of, strict=True)
    )
    names = ("query", "document")
    limits = [len(each.ids) if each.cut else info.max_length for each in found]
    if len(found) > 1 and info.family not in families.ENCODERS.values() and not found[0].cut:
        limits[0] = None  # a query of late interaction has a limit of its own
    inputs = {name: (len(each.ids), limit) for name, each, limit in zip(names, found, limits, strict=False)}
    return Input(
        tokens=tokens,
        inputs=inputs if len(found) > 1 else None,
        counts=dict(Counter(token.of for token in tokens)),
        limit=limits[-1],
        cut_at=cut_at,
        beyond=() if cut_at is None else beyond(query, text, cut_at, language),
    )


def of_bm25(index: Bm25Index, query: str, doc: Doc) -> Input:
    """The terms that Lucene makes of the query, and of the document."""
    tokens = tuple(
        Token(text=term, of=of)
        for of, text in (("query", query), ("document", doc.content))
        for term in index.terms(text)
    )
    return Input(tokens=tokens, counts=dict(Counter(token.of for token in tokens)))


def beyond(query: str, text: str, cut_at: int, language: str = ENGLISH) -> tuple[str, ...]:
    """Words of the query that the text has only from `cut_at` on, as they stand there."""
    found = terms_of(query, language).find(text)
    read = {stem for start, _, stem in found if start < cut_at}
    unread = {stem: text[start:end] for start, end, stem in reversed(found) if stem not in read}
    return tuple(reversed(unread.values()))


def _one(scorer: Any, *, query: str, text: str) -> list[Reading]:
    found = [reading.of_pair(scorer, query, text)]
    if found[0] is not None and (own := reading.of_own_query(scorer, query)) is not None:
        found = [own, *found]
    return [each for each in found if each is not None]


def _two(scorer: Any, *, query: str, text: str) -> list[Reading]:
    found = [reading.of_text(scorer, query, "query"), reading.of_text(scorer, text, "document")]
    return [each for each in found if each is not None]
