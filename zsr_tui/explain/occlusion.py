"""Occlusion: what a score loses when a sentence, or a word of one, is left out of the document.

For everything that scores a pair, whatever it is made of. All variants are scored as one request of the scoring
module, interactive, so that they are batched, cached and cancelled as any scores are. A share is the whole document's
score minus the score without the part: positive where the part speaks for the document. Shares of an occlusion do not
add up to the score: parts act together. Of a document that is cut every variant is made of what the model reads of it:
nothing moves up from behind the cut.

Faithfulness, as DeYoung et al. 2020 (ERASER, arXiv 1911.03429) ask of an explanation: what score is left of the parts
with the largest shares alone, and what without them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Protocol

from zsr_tui.explain import segments
from zsr_tui.explain.segments import CUT
from zsr_tui.explanation import WORDS, Cost, Explanation, Part, Span, Table
from zsr_tui.pipeline import ENGLISH
from zsr_tui.progress import CancelToken
from zsr_tui.scoring.endpoints.calling import REQUEST_INPUTS
from zsr_tui.scoring.queue.work import ScoreBatch
from zsr_tui.scoring.service import ScoringService

FIRST = 4  # variants that are asked for by themselves, so that marks come early
TOP = 3  # sentences that are kept alone, or left out together
KEPT = "Faithfulness"
NO_NUMBER = "The model gives this document no finite number, so that nothing can be compared with it."
_HOLDS = 0.5  # of what is lost without the top sentences: so much may be lacking when they stand alone
_SENTENCES = "share = the score of the whole document − the score without the sentence"
_MOVES_UP = "The input was cut: where something is left out, text from behind the cut moves up, in faithfulness too."
_WORDS = "share = the score of the whole document − the score without the word"


class Scores(Protocol):
    """`ScoringService.score` with a model and a query: scores of texts, in batches. A cancelled one raises."""

    def __call__(self, texts: Sequence[str]) -> Iterator[ScoreBatch]: ...


class Asks(Protocol):
    """`ScoringService.score_queries` with a model: scores of a text with other queries, by their positions."""

    def __call__(self, queries: Sequence[str], text: str) -> Iterator[ScoreBatch]: ...


def requests(text: str, title: str = "") -> int:
    """To a server, for the sentences of a text and for faithfulness, where it takes as many inputs at a time as we
    send."""
    pieces = len(segments.sentences(text, title))
    return -(-(1 + pieces) // REQUEST_INPUTS) + (1 if pieces > 1 else 0)


def sentences(
    score: Scores,
    text: str,
    *,
    title: str = "",
    unit: str = "score",
    end: int | None = None,
    asking: Asks | None = None,
    query: str = "",
    language: str = ENGLISH,
    first: int = FIRST,
) -> Iterator[Explanation]:
    """Explanations that grow with every batch; the parts are the sentences in their order. `end`: how many characters
    of the text the model reads; the variants are made of these alone. `asking` gives the scores for other queries: then
    each word of the `query`, which is in a `language`, is left out, too. The `first` variants are a request by
    themselves."""
    spans = segments.sentences(text, title, end)
    found = _Found(text, spans, unit, _SENTENCES, end)
    yield from found.left_out(score, first)
    yield from found.tested(score)
    if asking is not None:
        yield from found.asked(asking, segments.without_words(query, language))


def words(
    score: Scores, text: str, sentence: Span, *, unit: str = "score", end: int | None = None, first: int = FIRST
) -> Iterator[Explanation]:
    """As `sentences`, for the words within one span of the text."""
    spans = segments.before(segments.words(text, sentence), end)
    yield from _Found(text, spans, unit, _WORDS, end).left_out(score, first)


def _by_share(piece: tuple[Span, float | None]) -> float:
    return -piece[1] if piece[1] is not None else math.inf


def tops(ordered: Sequence[Span]) -> list[Sequence[Span]]:
    """What is kept alone, and left out, of spans that are ordered by their share: the first, and the first TOP where
    there are more."""
    return [ordered[:1], *([ordered[:TOP]] if len(ordered) > TOP else [])]


class _Found:
    """Scores of the variants as they come: the whole text first, then without each span."""

    def __init__(self, text: str, spans: Sequence[Span], unit: str, method: str, end: int | None) -> None:
        self._text, self._spans, self._unit, self._method = text, spans, unit, method
        self._read, self._whole_is_read = text[:end], end is None
        self._total = 1 + len(spans)
        self._scores: dict[int, float] = {}
        self._broken: set[int] = set()
        self._cost, self._done, self._cut = Cost(), 0, False
        self._kept: tuple[Part, ...] = ()
        self._words: tuple[Part, ...] = ()
        self._stay = ""  # which words of the query do

    def left_out(self, score: Scores, first: int) -> Iterator[Explanation]:
        texts = [self._text, *(segments.without(self._read, span) for span in self._spans)]
        for start, some in ((0, texts[:first]), (first, texts[first:])):
            for batch in score(some) if some else ():
                self._take(batch, start)
                yield self.explanation()

    def tested(self, score: Scores) -> Iterator[Explanation]:
        """Faithfulness of the shares; nothing where there are fewer than two."""
        ordered = sorted(zip(self._spans, self.shares, strict=True), key=_by_share)
        best = [span for span, share in ordered if share is not None]
        if len(best) < 2:
            return
        kept = tops(best)
        texts = [
            *(segments.only(self._read, each) for each in kept),
            *(segments.without_all(self._read, each) for each in kept),
        ]
        self._total += len(texts)
        scores: dict[int, float] = {}
        for batch in score(texts):
            self._count(batch)
            scores.update(zip(batch.indices, batch.scores, strict=True))
        self._kept = tuple(
            Part(
                text=kept_named(len(each)),
                values=(scores.get(number), scores.get(number + len(kept))),
            )
            for number, each in enumerate(kept)
        )
        yield self.explanation()

    def asked(self, asking: Asks, without: segments.Shorter) -> Iterator[Explanation]:
        """What the score loses without each word of the query; nothing where there are fewer than two."""
        shorter, self._stay = without
        if len(shorter) < 2 or self.whole is None:
            return
        self._total += len(shorter)
        scores: dict[int, float | None] = {}
        for batch in asking([*shorter.values()], self._read):
            self._count(batch)
            scores.update({**dict.fromkeys(batch.broken), **dict(zip(batch.indices, batch.scores, strict=True))})
            told = [(word, scores[place]) for place, word in enumerate(shorter) if place in scores]
            self._words = tuple(
                Part(text=word, share=None if score is None else self.whole - score, values=(score,))
                for word, score in told
            )
            yield self.explanation()

    @property
    def whole(self) -> float | None:
        return self._scores.get(0)

    @property
    def shares(self) -> list[float | None]:
        """By span; None where either score is not known."""
        without = map(self._scores.get, range(1, len(self._spans) + 1))
        return [None if self.whole is None or each is None else self.whole - each for each in without]

    def _take(self, batch: ScoreBatch, start: int) -> None:
        """Of a request whose first variant is that of number `start`."""
        places = [start + index for index in batch.indices]
        self._scores.update(zip(places, batch.scores, strict=True))
        self._broken.update(start + index for index in batch.broken)
        self._cut = self._cut or any(cut for place, cut in zip(places, batch.cut, strict=True) if place == 0)
        self._count(batch)

    def _count(self, batch: ScoreBatch) -> None:
        new = len(batch.indices) + len(batch.broken)
        self._done += new
        self._cost = Cost(
            scored=self._cost.scored + (0 if batch.known else new),
            known=self._cost.known + (new if batch.known else 0),
            seconds=self._cost.seconds + batch.seconds,
        )

    def explanation(self) -> Explanation:
        shares = self.shares
        parts = tuple(
            Part(
                text=self._text[slice(*span)].strip(),
                share=share,
                values=(self._scores.get(place),),
                spans=(span,),
                note="the model gives no number without it" if place in self._broken else "",
            )
            for place, (span, share) in enumerate(zip(self._spans, shares, strict=True), start=1)
        )
        known = [share for share in shares if share is not None]
        return Explanation(
            family="occlusion",
            method=self._method,
            unit=self._unit,
            score=self.whole,
            columns=("without it",),
            parts=parts,
            sum=sum(known) if known else None,
            tables=self._tables(),
            text=self._text,
            notes=self._notes(),
            cost=self._cost,
            done=self._done,
            total=self._total,
        )

    def _tables(self) -> tuple[Table, ...]:
        alone = "What score the parts with the largest shares have alone, and what is left of the text without them."
        alone = f"{self._verdict()} {alone}".strip()
        asked = f"What the score loses when a word is left out of the query. {self._stay}".strip()
        words = sorted(self._words, key=lambda part: -(part.share or 0.0))
        found = (
            Table(title=WORDS, columns=("without it",), parts=tuple(words), note=asked),
            Table(title=KEPT, columns=("alone", "without"), parts=self._kept, note=alone),
        )
        return tuple(table for table in found if table.parts)

    def _verdict(self) -> str:
        """Of the text: how far the shares can be trusted."""
        return verdict(self.whole, self._kept)

    def _notes(self) -> tuple[str, ...]:
        notes = []
        if 0 in self._broken:
            notes.append(NO_NUMBER)
        if not self._spans:
            notes.append("There is nothing to leave out: the text that the model reads has no words.")
        elif len(self._spans) == 1 and self._method == _SENTENCES:
            notes.append("The text has one sentence: without it nothing is left. Its words say more.")
        if self._cut:
            notes.append(CUT if not self._whole_is_read else _MOVES_UP)
        return tuple(notes)


def verdict(whole: float | None, kept: Sequence[Part]) -> str:
    """How far shares can be trusted, of parts with the largest ones and what a score is of those alone, and without
    them: by the fewest that hold it alone; where none do, by the most. "" where a score is lacking."""
    last = ""
    for part in kept:
        what, (alone, without) = part.text, part.values
        if whole is None or not isinstance(alone, float) or not isinstance(without, float):
            return ""
        they, them, hold, do = ("they", "them", "hold", "do") if what.endswith("s") else ("it", "it", "holds", "does")
        if without >= whole:
            last = f"The score does not fall without {what}: the shares do not say what it rests on."
        elif whole - alone <= _HOLDS * (whole - without):
            more = ", not on the first alone" if last else ""
            return f"Alone, {what} {hold} most of what is lost without {them}: the score rests on {them}{more}."
        else:
            falls = f"The score falls without {what}, and alone {they} {do} not hold it"
            last = f"{falls}: it rests on {them} together with others."
    return last


def kept_named(count: int) -> str:
    return "the top sentence" if count == 1 else f"the top {count} sentences"


def asking_with(
    scoring: ScoringService,
    model: str,
    *,
    cancel: CancelToken | None = None,
    owner: str = "",
    on_load: Callable[[str], None] | None = None,
) -> Asks:
    """As `score_with`, of other queries."""
    return partial(scoring.score_queries, model, cancel=cancel, owner=owner, on_load=on_load)


def score_with(
    scoring: ScoringService,
    model: str,
    query: str,
    *,
    cancel: CancelToken | None = None,
    owner: str = "",
    on_load: Callable[[str], None] | None = None,
) -> Scores:
    """Scores of a model of the scoring module, before work in the background."""
    return partial(scoring.score, model, query, cancel=cancel, interactive=True, owner=owner, on_load=on_load)
