"""What one scorer, which is at hand, makes of other texts: where that is what the other one gives for the right ones,
it is named."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zsr_tui.parity import Finding

PAIRS = 24  # that differ, at most, for which the model is asked again
_FEWEST = 5
_LEFT, _MOST = 0.1, 0.8  # of the median difference; of the pairs, that must come nearer


@dataclass(frozen=True, slots=True)
class Probe:
    """`does` is what the other scorer does if it is right: "takes the query for the document"."""

    kind: str
    does: str


SWAPPED = Probe("swapped", "takes the document for the query and the query for the document")
END = Probe("end", "reads the end of a long document, where {this} reads its beginning")
BEGINNING = Probe("beginning", "reads {tokens:,} tokens at most")
NO_TITLE = Probe("title", "reads the text alone, without its title")
TITLE_ONLY = Probe("title", "reads the title alone")
LOWER = Probe("case", "reads all letters as small ones")
NO_PROMPT = Probe("prompt", "reads the query without its prompt")


def finding(
    probe: Probe, this: str, before: np.ndarray, after: np.ndarray, tokens: int = 0, tolerance: float = 0.0
) -> Finding | None:
    """`before` and `after` are the differences of the same pairs, without their signs: with the right texts, and with
    those that the scorer `this` ("A", "B") was given instead. None where these explain nothing."""
    if len(before) < _FEWEST:
        return None
    was, now = float(np.median(before)), float(np.median(after))
    nearer = int((after < before).sum())
    if now > max(_LEFT * was, tolerance) or nearer < _MOST * len(before):
        return None
    other = "B" if this == "A" else "A"
    does = probe.does.format(this=this, tokens=tokens)
    return Finding(
        kind=probe.kind,
        sentence=f"{other} {does}: given that, {this} comes to within {now:.2g} of {other} in the median of "
        f"{len(before):,} pairs, where it was {was:.2g} off before.",
    )
