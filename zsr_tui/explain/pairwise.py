"""Rerankers that compare documents (duoT5): against which others this one won, to which it lost, and what of its text
decides a duel.

A score is the sum over the others of p(this, other) + 1 - p(other, this): SYM-SUM of Pradeep et al. 2021, arXiv
2101.05667. To leave a sentence out of all duels would cost as many as the list has documents: it is left out of one,
against the document to which this one lost most, or against the one that is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from zsr_tui.explain import segments
from zsr_tui.explanation import Cost, Explanation, Part, Span, Table
from zsr_tui.progress import CancelToken
from zsr_tui.scoring.service import ScoringService

WON, DREW, LOST = "won", "drew", "lost"
AT_ONCE = 8  # variants that are compared between two states
_NOTE = "share = what the two probabilities against it lose when the sentence is left out of this document."
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
    cancel: CancelToken | None = None,
    owner: str = "",
) -> Iterator[Explanation]:
    """`candidates` are (name, text) of all that were compared; the one at `place` is explained. A part for each other,
    the heaviest losses first; `columns` are the probabilities that this one is the more relevant, named first and
    named second. Then grows a table of the sentences of its text, left out of the duel with the `rival`, by its name;
    "" for the heaviest loss. `titles` by name."""
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
        notes=(f"It lost to {lost} of {len(parts)} others, and won against {len(parts) - lost}.",) if parts else (),
        cost=Cost(scored=2 * len(duels)),
        done=1,
        total=1,
    )
    yield found
    against = next((part for part in parts if part.text == rival), parts[0] if parts else None)
    if against is None or against.share is None or len(spans) < 2:
        return
    other = dict(candidates)[against.text]
    left = [segments.without(text, span) for span in spans]
    shares: dict[Span, float] = {}
    cut = False
    for start in range(0, len(left), AT_ONCE):
        some = left[start : start + AT_ONCE]
        for duel in scoring.duels(model, query, [other, *some], 0, cancel=cancel, owner=owner):
            shares[spans[start + duel.other - 1]] = 2 - duel.share  # of the variant, seen from the other side
            cut = cut or duel.cut
        yield replace(
            found,
            tables=(_sentences(against, text, spans, shares, cut=cut),),
            cost=Cost(scored=2 * (len(duels) + start + len(some))),
            done=1 + start + len(some),
            total=1 + len(left),
        )


def _result(share: float | None) -> str:
    """Of a duel."""
    return DREW if share is None or share == 1 else WON if share > 1 else LOST


def _sentences(rival: Part, text: str, spans: Sequence[Span], without: dict[Span, float], *, cut: bool) -> Table:
    """In their order; `without` is what the duel gives when a sentence is left out."""
    assert rival.share is not None
    parts = tuple(
        Part(
            text=text[slice(*span)].strip(),
            share=rival.share - without[span] if span in without else None,
            values=(without.get(span),),
            spans=(span,),
        )
        for span in spans
    )
    title = f"Its duel with {rival.text}, which it {_result(rival.share)}: {rival.share:.3f} of 2"
    return Table(title=title, columns=("without it",), parts=parts, note=f"{_NOTE}{_CUT if cut else ''}")
