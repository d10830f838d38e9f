"""What the vectors of two encoders themselves say: their length, their direction, how many numbers they have."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from zsr_tui.parity import Finding

SAME = 0.9999  # cosine of vectors of one text that count as the same: half precision stays above
OTHER = 0.9  # and below that is what another computation of the same weights does not explain
_ONE = 0.01  # lengths that are that near to 1 are those of normalised vectors
NEAREST = 10


Vectors = tuple[np.ndarray, np.ndarray]  # of queries, of documents


def cosines(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Of rows that stand beside each other, over as many numbers as both have; 0 beside a vector of zeros."""
    width = min(a.shape[1], b.shape[1])
    a, b = a[:, :width].astype(np.float64), b[:, :width].astype(np.float64)
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return np.divide((a * b).sum(axis=1), lengths, out=np.zeros(len(a)), where=lengths > 0)


def overlap(a: Vectors, b: Vectors) -> float | None:
    """How many of the nearest ten of a query both have, on average, of all these documents; None for fewer than 10."""
    if len(a[1]) < NEAREST:
        return None
    near = [_nearest(*each) for each in (a, b)]
    return float(np.mean([len(set(one) & set(other)) for one, other in zip(*near, strict=True)]))


def _nearest(queries: np.ndarray, documents: np.ndarray) -> list[list[int]]:
    similar = np.nan_to_num(queries @ documents.T, nan=-np.inf)
    return [[int(place) for place in np.argsort(-row, kind="stable")[:NEAREST]] for row in similar]


def findings(a: Vectors, b: Vectors) -> Iterator[Finding]:
    """Of vectors of the same texts by A and by B."""
    sound = [np.isfinite(one).all(axis=1) & np.isfinite(other).all(axis=1) for one, other in zip(a, b, strict=True)]
    (qa, qb), (da, db) = ((one[ok], other[ok]) for ok, one, other in zip(sound, a, b, strict=True))
    if not len(qa) or not len(da):
        return
    alike = [float(np.median(cosines(one, other))) for one, other in ((qa, qb), (da, db))]
    wide = int(da.shape[1]), int(db.shape[1])
    if wide[0] != wide[1]:
        shorter, longer = ("B", "A") if wide[1] < wide[0] else ("A", "B")
        as_well = min(alike) >= SAME
        first = f": {shorter}'s are the first {min(wide):,} of {longer}'s (median cosine {min(alike):.5f})"
        of = first if as_well else ""
        yield Finding(kind="dimension", sentence=f"A's vectors have {wide[0]:,} numbers and B's {wide[1]:,}{of}.")
    lengths = [np.linalg.norm(each, axis=1) for each in (da, db)]
    normed = [bool((np.abs(each - 1) <= _ONE).all()) for each in lengths]
    if normed[0] != normed[1]:
        without, other = ("B", lengths[1]) if normed[0] else ("A", lengths[0])
        as_well = min(alike) >= SAME
        way = f", and point the same way as the other's (median cosine {min(alike):.5f})" if as_well else ""
        yield Finding(
            kind="normalisation",
            sentence=f"{without}'s vectors are not normalised: those of the documents are {other.min():.3g} to "
            f"{other.max():.3g} long, the other's are 1{way}.",
        )
    if max(alike) < OTHER:
        yield Finding(
            kind="weights",
            sentence=f"The vectors of the same text do not point the same way (median cosine {alike[0]:.3f} of "
            f"queries, {alike[1]:.3f} of documents): other weights, or another pooling.",
        )
    for (same, what), (off, other) in (((1, "documents"), (0, "queries")), ((0, "queries"), (1, "documents"))):
        if alike[same] >= SAME > alike[off] + 1e-4:
            one = {"queries": "query", "documents": "document"}[other]
            yield Finding(
                kind="prompt",
                sentence=f"The {what}' vectors are the same (median cosine {alike[same]:.5f}), the {other}' are not "
                f"({alike[off]:.3f}): what is put before a {one} (its prompt or instruction) is another.",
            )
