"""Dense retrieval: how near each sentence of the document is to the query, and what the similarity loses without it.

The whole document's vector is no sum of its sentences' vectors, so that both numbers are told: a sentence alone may be
near to the query, and still weigh little among the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from zsr_tui.domain import ScoredDoc
from zsr_tui.explain import segments
from zsr_tui.explanation import WORDS, Cost, Explanation, Part, Table
from zsr_tui.progress import CancelToken
from zsr_tui.scoring.encoder import Encoder
from zsr_tui.scoring.endpoints.calling import REQUEST_INPUTS

NEIGHBOURS = "Neighbours in the list"
AROUND = 3  # neighbours above, and below
_METHOD = "share = the similarity of the whole document − the similarity without the sentence"


def explain(
    encoder: Encoder,
    query: str,
    text: str,
    *,
    title: str = "",
    end: int | None = None,
    neighbours: Sequence[Part] = (),
    cancel: CancelToken | None = None,
) -> Iterator[Explanation]:
    """Explanations that grow: the sentences alone, then left out, then the words of the query left out. `end`: how many
    characters of the text the model reads: sentences are left out of these alone. The similarity is the inner product
    of query and document, as the index has it."""
    spans = segments.sentences(text, title, end)
    words = segments.without_words(query)
    before = encoder.known

    def cost(texts: int) -> Cost:
        """Of as many, the query among them."""
        known = encoder.known - before
        return Cost(scored=texts - known, known=known)

    asked = encoder.encode_queries([query], cancel)[0]

    pieces = [text[slice(*span)].strip() for span in spans]
    vectors = encoder.encode_documents([text, *pieces], cancel, interactive=True, keep=True)
    whole, *alone = (vectors @ asked).tolist()
    total = 1 + 2 * len(spans) + len(words)
    found = Explanation(
        family="dense",
        method=_METHOD,
        unit="similarity",
        score=whole,
        columns=("alone", "without it"),
        parts=tuple(
            Part(text=piece, values=(each, None), spans=(span,))
            for piece, each, span in zip(pieces, alone, spans, strict=True)
        ),
        tables=_tables(neighbours),
        text=text,
        notes=(*_notes(pieces), *([segments.CUT] if end is not None else [])),
        done=1 + len(spans),
        total=total,
        cost=cost(2 + len(spans)),
    )
    yield found
    without: list[float] = []
    if len(spans) > 1:
        texts = [segments.without(text[:end], span) for span in spans]
        without = (encoder.encode_documents(texts, cancel, interactive=True, keep=True) @ asked).tolist()
    shares: list[float | None] = [whole - each for each in without]
    shares += [None] * (len(spans) - len(without))
    found = replace(
        found,
        parts=tuple(
            Part(text=piece, share=share, values=(near, None if share is None else whole - share), spans=(span,))
            for piece, share, near, span in zip(pieces, shares, alone, spans, strict=True)
        ),
        sum=sum(share for share in shares if share is not None) if without else None,
        done=1 + 2 * len(spans),
        cost=cost(2 + len(spans) + len(without)),
    )
    yield found
    if len(words) > 1:
        left_out = (encoder.encode_queries(list(words.values()), cancel) @ vectors[0]).tolist()
        terms = Table(
            title=WORDS,
            columns=("without it",),
            parts=tuple(
                Part(text=word, share=whole - each, values=(each,)) for word, each in zip(words, left_out, strict=True)
            ),
            note="What the similarity loses when a word is left out of the query; stop words are not left out.",
        )
        made = cost(2 + len(spans) + len(without) + len(words))
        found = replace(found, tables=(terms, *_tables(neighbours)), cost=made)
    yield replace(found, done=total)


def requests(text: str, title: str = "") -> int:
    """To a server, for one explanation, where it takes as many inputs at a time as we send."""
    pieces = len(segments.sentences(text, title))
    return -(-(1 + pieces) // REQUEST_INPUTS) + -(-pieces // REQUEST_INPUTS) + 2


def around(ranking: Sequence[ScoredDoc], doc_id: str) -> Sequence[ScoredDoc]:
    """A document and the nearest above and below it in a list; none where it is not in it."""
    at = next((place for place, each in enumerate(ranking) if each.doc_id == doc_id), None)
    return [] if at is None else ranking[max(0, at - AROUND) : at + AROUND + 1]


def neighbours(ranking: Sequence[ScoredDoc], doc_id: str, titles: dict[str, str]) -> list[Part]:
    """A part for each of `around`; `titles` are by document id."""
    found = around(ranking, doc_id)
    own = next((each.score for each in found if each.doc_id == doc_id), 0.0)
    first = ranking.index(found[0]) + 1 if found else 0
    return [
        Part(
            text=f"{rank}. {each.doc_id}",
            values=(each.score, each.score - own),
            note="this document" if each.doc_id == doc_id else titles.get(each.doc_id, ""),
        )
        for rank, each in enumerate(found, start=first)
    ]


def _tables(found: Sequence[Part]) -> tuple[Table, ...]:
    if not found:
        return ()
    return (Table(title=NEIGHBOURS, columns=("similarity", "difference"), parts=tuple(found)),)


def _notes(pieces: Sequence[str]) -> tuple[str, ...]:
    if not pieces:
        return ("The document has no words: its vector is that of an empty text.",)
    if len(pieces) == 1:
        return ("The text has one sentence: without it nothing is left.",)
    return ()
