"""Rerankers that compare documents (duoT5): against which others this one won, to which it lost, and what of its text
decides a duel.

A score is the sum over the others of p(this, other) + 1 - p(other, this): SYM-SUM of Pradeep et al. 2021, arXiv
2101.05667. To leave a sentence out of all duels would cost as many as the list has documents: it is left out of one,
against the document to which this one lost most, or against the one that is asked for. Faithfulness and the words of
the query are of that duel, too: see `zsr_tui.explain.occlusion`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from zsr_tui.explain import segments
from zsr_tui.explain.occlusion import KEPT, kept_named, tops, verdict
from zsr_tui.explanation import WORDS, Cost, Explanation, Part, Span, Table
from zsr_tui.numerals import counted
from zsr_tui.pipeline import ENGLISH
from zsr_tui.progress import CancelToken
from zsr_tui.scoring.service import ScoringService

Duels = Callable[[str, Sequence[str]], list[tuple[float, bool]]]  # of a query, with variants of a text
WON, DREW, LOST = "won", "drew", "lost"
AT_ONCE = 8  # variants that are compared between two states
_NOTE = "share = what the two probabilities against it lose when the sentence is left out of this document."
_ALONE = "What the duel gives with the parts that have the largest shares alone, and without them."
_ASKED = "What the duel loses when a word is left out of the query."
_CUT = " Both share what the model reads, and not all of it was read: text from behind the cut moves up."


def explain(
    scoring: ScoringService,
    model: str,
    query: str,
    candidates: Sequence[tuple[str, str]],
    place: int,
    *,
    rival: str = "",
    titles: Mapping[str, str] = {},
    language: str = ENGLISH,
    cancel: CancelToken | None = None,
    owner: str = "",
) -> Iterator[Explanation]:
    """`candidates` are (name, text) of all that were compared; the one at `place` is explained. A part for each other,
    the heaviest losses first; `columns` are the probabilities that this one is the more relevant, named first and
    named second. Then grow tables of the duel with the `rival`, by its name ("" for the heaviest loss): without each
    sentence of this text, with the heaviest sentences alone and without them, and without each word of the query,
    which is in a `language`. `titles` by name."""
    texts = [text for _, text in candidates]
    duels = scoring.duels(model, query, texts, place, cancel=cancel, owner=owner)
    parts = sorted(
        (
            Part(
                text=candidates[duel.other][0],
                share=duel.share,
                values=(duel.first, duel.second),
                note=": ".join(filter(None, (_result(duel.share), titles.get(candidates[duel.other][0], "")))),
            )
            for duel in duels
        ),
        key=lambda part: part.share or 0.0,
    )
    lost = sum(_result(part.share) == LOST for part in parts)
    total = sum(part.share or 0.0 for part in parts)
    text = texts[place]
    spans = segments.sentences(text, titles.get(candidates[place][0], ""))
    found = Explanation(
        family="pairwise",
        method="share = the two probabilities that this document is the more relevant one, summed",
        unit="duels",
        score=total,
        additive=True,
        columns=("first", "second"),
        parts=tuple(parts),
        sum=total,
        text=text,
        notes=(f"It lost to {lost} of {counted(len(parts), 'other')}, and won against {len(parts) - lost}.",)
        if parts
        else (),
        cost=Cost(scored=2 * len(duels)),
        done=1,
        total=1,
    )
    yield found
    against = next((part for part in parts if part.text == rival), parts[0] if parts else None)
    if against is None or against.share is None:
        return
    other = dict(candidates)[against.text]

    def duel(words: str, variants: Sequence[str]) -> list[tuple[float, bool]]:
        """What each variant of this text gets in the duel, and whether what is read was cut."""
        fought = scoring.duels(model, words, [other, *variants], 0, cancel=cancel, owner=owner)
        return [(2 - each.share, each.cut) for each in sorted(fought, key=lambda each: each.other)]

    shorter = segments.without_words(query, language)
    yield from _Duel(found, against, text, spans, duel, shorter).told(query)


class _Duel:
    """One duel, with variants of this document's text and of the query; `found` is told with ever more tables."""

    def __init__(
        self,
        found: Explanation,
        rival: Part,
        text: str,
        spans: Sequence[Span],
        duel: Duels,
        shorter: segments.Shorter,
    ) -> None:
        assert rival.share is not None
        self._found, self._rival, self._share = found, rival, rival.share
        self._text, self._spans, self._duel, self._shorter = text, spans, duel, shorter
        self._without: dict[Span, float] = {}
        self._cut = False
        self._kept: tuple[Part, ...] = ()
        self._words: tuple[Part, ...] = ()
        self._fought, self._total = 0, 0

    def told(self, query: str) -> Iterator[Explanation]:
        several = self._spans if len(self._spans) > 1 else ()
        shorter = self._shorter.queries if len(self._shorter.queries) > 1 else {}
        self._total = len(several) + 2 * len(tops(several) if several else ()) + len(shorter)
        for start in range(0, len(several), AT_ONCE):
            some = several[start : start + AT_ONCE]
            shares = self._fight(query, [segments.without(self._text, span) for span in some])
            self._without.update(zip(some, shares, strict=True))
            yield self._now()
        if several:
            self._test(query)
            yield self._now()
        for word, left in shorter.items():
            (share,) = self._fight(left, [self._text])
            self._words = (*self._words, Part(text=word, share=self._share - share, values=(share,)))
            yield self._now()

    def _fight(self, query: str, variants: Sequence[str]) -> list[float]:
        found = self._duel(query, variants)
        self._fought += len(variants)
        self._cut = self._cut or any(cut for _, cut in found)
        return [share for share, _ in found]

    def _test(self, query: str) -> None:
        """With the sentences alone that lose most of the duel when they are left out, and without them."""
        kept = tops(sorted(self._without, key=self._without.__getitem__))
        variants = [segments.only(self._text, each) for each in kept]
        variants += [segments.without_all(self._text, each) for each in kept]
        shares = self._fight(query, variants)
        self._kept = tuple(
            Part(text=kept_named(len(each)), values=(shares[place], shares[place + len(kept)]))
            for place, each in enumerate(kept)
        )

    def _now(self) -> Explanation:
        cost = self._found.cost
        return replace(
            self._found,
            tables=tuple(table for table in self._tables() if table.parts),
            cost=Cost(scored=cost.scored + 2 * self._fought),
            done=self._found.done + self._fought,
            total=self._found.total + self._total,
        )

    def _tables(self) -> tuple[Table, ...]:
        said = f"Its duel with {self._rival.text}, which it {_result(self._share)}: {self._share:.3f} of 2"
        parts = tuple(
            Part(
                text=self._text[slice(*span)].strip(),
                share=self._share - self._without[span] if span in self._without else None,
                values=(self._without.get(span),),
                spans=(span,),
            )
            for span in (self._spans if self._without else ())
        )
        trusted = verdict(self._share, self._kept)
        words = sorted(self._words, key=lambda part: -(part.share or 0.0))
        return (
            Table(title=said, columns=("without it",), parts=parts, note=f"{_NOTE}{_CUT if self._cut else ''}"),
            Table(
                title=WORDS, columns=("without it",), parts=tuple(words), note=f"{_ASKED} {self._shorter.stay}".strip()
            ),
            Table(title=KEPT, columns=("alone", "without"), parts=self._kept, note=f"{trusted} {_ALONE}".strip()),
        )


def _result(share: float | None) -> str:
    """Of a duel."""
    return DREW if share is None or share == 1 else WON if share > 1 else LOST
