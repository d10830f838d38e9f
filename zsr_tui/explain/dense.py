"""Dense retrieval: how near each sentence of the document is to the query, and what the similarity loses without it.

The whole document's vector is no sum of its sentences' vectors, so that both numbers are told: a sentence alone may be
near to the query, and still weigh little among the others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from zsr_tui.domain import ScoredDoc
from zsr_tui.explain import segments
from zsr_tui.explanation import WORDS, Cost, Explanation, Part, Span, Table
from zsr_tui.pipeline import ENGLISH
from zsr_tui.progress import CancelToken
from zsr_tui.scoring.encoder import Encoder
from zsr_tui.scoring.endpoints.calling import REQUEST_INPUTS

if TYPE_CHECKING:
    import numpy as np

NEIGHBOURS = "Neighbours in the list"
AROUND = 3  # neighbours above, and below
AT_ONCE = 4  # texts that are encoded between two states
_METHOD = "share = the similarity of the whole document − the similarity without the sentence"


def explain(
    encoder: Encoder,
    query: str,
    text: str,
    *,
    title: str = "",
    end: int | None = None,
    neighbours: Sequence[Part] = (),
    at_once: int = AT_ONCE,
    language: str = ENGLISH,
    cancel: CancelToken | None = None,
) -> Iterator[Explanation]:
    """Explanations that grow: the document and its sentences alone, then these left out, `at_once` after each other,
    those nearest to the query first, then the words of the query left out, which is in a `language`. `end`: how many
    characters of the text the model reads: sentences are left out of these alone. The similarity is the inner product
    of query and document, as the index has it."""
    shorter = segments.without_words(query, language)
    found = _Found(encoder, query, shorter, text, segments.sentences(text, title, end), neighbours, cancel)
    if end is not None:
        found.notes.append(segments.CUT)
    found.alone()
    yield found.explanation()
    read, spans = text[:end], found.nearest_first() if len(found.spans) > 1 else []
    for start in range(0, len(spans), at_once):
        some = spans[start : start + at_once]
        found.left_out(some, [segments.without(read, span) for span in some])
        yield found.explanation()
    if len(found.words) > 1:
        found.asked()
        yield found.explanation()


class _Found:
    """What is known so far. `notes` are the explanation's."""

    def __init__(
        self,
        encoder: Encoder,
        query: str,
        shorter: segments.Shorter,
        text: str,
        spans: Sequence[Span],
        neighbours: Sequence[Part],
        cancel: CancelToken | None,
    ) -> None:
        self.spans, self.words, self._stay = spans, shorter.queries, shorter.stay
        self._pieces = {span: text[slice(*span)].strip() for span in spans}
        self.notes = _notes(self._pieces)
        self._encoder, self._text, self._tables, self._cancel = encoder, text, _tables(neighbours), cancel
        self._before, self._done, self._encoded = encoder.known, 0, 1
        self._query = encoder.encode_queries([query], cancel)[0]
        self._near: dict[Span, float] = {}
        self._without: dict[Span, float] = {}
        self._terms: tuple[Table, ...] = ()

    def alone(self) -> None:
        """With the whole document, which keeps one core busy while the others have the sentences."""
        vectors, (self._whole, *near) = self._similar([self._text, *self._pieces.values()])
        self._vector, self._near = vectors[0], dict(zip(self.spans, near, strict=True))

    def nearest_first(self) -> list[Span]:
        return sorted(self.spans, key=lambda span: -self._near[span])

    def left_out(self, spans: Sequence[Span], texts: Sequence[str]) -> None:
        self._without.update(zip(spans, self._similar(texts)[1], strict=True))

    def asked(self) -> None:
        """Without each word of the query."""
        left_out = (self._encoder.encode_queries(list(self.words.values()), self._cancel) @ self._vector).tolist()
        self._count(len(left_out), len(left_out))
        parts = tuple(
            Part(text=word, share=self._whole - each, values=(each,))
            for word, each in zip(self.words, left_out, strict=True)
        )
        note = f"What the similarity loses when a word is left out of the query. {self._stay}".strip()
        self._terms = (Table(title=WORDS, columns=("without it",), parts=parts, note=note),)

    def _similar(self, texts: Sequence[str]) -> tuple[np.ndarray, list[float]]:
        """None is encoded twice: a document of one sentence is that sentence, and one may say the same again."""
        different = list(dict.fromkeys(texts))
        vectors = self._encoder.encode_documents(different, self._cancel, interactive=True, keep=True)
        similar = dict(zip(different, (vectors @ self._query).tolist(), strict=True))
        self._count(len(texts), len(different))
        return vectors, [similar[text] for text in texts]

    def _count(self, texts: int, encoded: int) -> None:
        self._done += texts
        self._encoded += encoded

    def explanation(self) -> Explanation:
        shares = {span: self._whole - each for span, each in self._without.items()}
        known = self._encoder.known - self._before
        return Explanation(
            family="dense",
            method=_METHOD,
            unit="similarity",
            score=self._whole,
            columns=("alone", "without it"),
            parts=tuple(
                Part(
                    text=piece,
                    share=shares.get(span),
                    values=(self._near.get(span), self._without.get(span)),
                    spans=(span,),
                )
                for span, piece in self._pieces.items()
            ),
            sum=sum(shares.values()) if len(shares) == len(self.spans) > 1 else None,
            tables=(*self._terms, *self._tables),
            text=self._text,
            notes=tuple(self.notes),
            done=self._done,
            total=1 + len(self.spans) + (len(self.spans) if len(self.spans) > 1 else 0) + self._words_left_out,
            cost=Cost(scored=self._encoded - known, known=known),
        )

    @property
    def _words_left_out(self) -> int:
        return len(self.words) if len(self.words) > 1 else 0


def requests(text: str, title: str = "") -> int:
    """To a server, for one explanation, where it takes as many inputs at a time as we send."""
    pieces = len(segments.sentences(text, title))
    left_out = pieces if pieces > 1 else 0
    return -(-(1 + pieces) // REQUEST_INPUTS) + -(-left_out // REQUEST_INPUTS) + 2


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


def _notes(pieces: Collection[object]) -> list[str]:
    if not pieces:
        return ["The document has no words: its vector is that of an empty text."]
    if len(pieces) == 1:
        return ["The text has one sentence: without it nothing is left."]
    return []
