"""All that the scores of the same pairs by A and by B say."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from zsr_tui.evaluation.parity import findings, inputs, maps, rounding, statistics
from zsr_tui.evaluation.parity.findings import Differences
from zsr_tui.evaluation.parity.maps import Map
from zsr_tui.evaluation.parity.observed import Observed, Scores
from zsr_tui.evaluation.parity.statistics import Contrast
from zsr_tui.parity import Fact, Finding

# Of the spread of A's scores, by the coarser precision of the two: what one computation may be off from another of the
# same model. fp16 has 11 bits, bf16 and int8 have 8, and the scale of int8 depends on what is in a batch.
SHARES = {"fp32": 1e-4, "fp16": 5e-3, "bf16": 2e-2, "int8": 2e-2}
UNKNOWN = "fp16"  # as which a server counts that does not say its precision
_FACTS, _LEAST, _UNLIKELY = 12, 0.1, 0.05
_NOISE, _ALIKE = 0.02, 0.99  # share of the spread, and tau: another precision moves scores no further
_MOST = 0.9


def usual_tolerance(a: Sequence[float], precisions: Sequence[str]) -> tuple[float, str]:
    """For scores of A, and by what: the coarser of two precisions."""
    known = [precision if precision in SHARES else UNKNOWN for precision in precisions]
    coarsest = max(known, key=lambda precision: SHARES[precision])
    finite = [score for score in a if math.isfinite(score)]
    spread = max(finite) - min(finite) if finite else 0.0
    unsaid = "" if coarsest in precisions else ", which a server that does not say its precision is taken to have"
    return max(SHARES[coarsest] * spread, 1e-6), (
        f"{SHARES[coarsest]:.2%} of the spread of A's scores, usual for {coarsest}{unsaid}"
    )


@dataclass(frozen=True, slots=True)
class Compared:
    """`off` has B's score less A's on B's scale for each pair, NaN where one is lacking; `differs` says which pairs
    differ by more than the tolerance, or have a score of one scorer alone. `left`: what no map explains."""

    scores: Scores
    map: Map
    off: np.ndarray
    differs: np.ndarray
    left: Differences
    equal: bool
    largest: float | None
    median: float | None
    tau: tuple[float | None, float | None, float | None]


def compared(pairs: Sequence[Observed], tolerance: float) -> Compared:
    scores = Scores(pairs)
    sizes = np.abs(scores.b - scores.a)
    found = maps.found(scores, tolerance)
    left = scores.b - found.values
    sound = np.array([math.isfinite(pair.a) and math.isfinite(pair.b) for pair in pairs], dtype=bool)
    off = np.full(len(pairs), np.nan)
    off[sound] = left
    one_alone = np.array([math.isfinite(pair.a) != math.isfinite(pair.b) for pair in pairs], dtype=bool)
    differs = one_alone.copy()
    differs[sound] = np.abs(left) > found.tolerance
    taus = [each for group in scores.groups if (each := statistics.tau(scores.a[group], scores.b[group])) is not None]
    return Compared(
        scores=scores,
        map=found,
        off=off,
        differs=differs,
        left=Differences(scores.pairs, np.abs(left), np.abs(left) > found.tolerance),
        equal=not one_alone.any() and bool((sizes <= tolerance).all()),
        largest=float(sizes.max()) if len(sizes) else None,
        median=float(np.median(sizes)) if len(sizes) else None,
        tau=(
            statistics.tau(scores.a, scores.b),
            float(np.mean(taus)) if taus else None,
            min(taus, default=None),
        ),
    )


def found_in(done: Compared, pairs: Sequence[Observed], told: Sequence[Finding] = ()) -> Iterator[Finding]:
    """In the order in which they are to be read; `told` is what vectors and probes have said, and stands before what
    stays open."""
    scores, left = done.scores, done.left
    yield from findings.of_lacking(pairs, scores.lacking)
    if done.equal:
        if rounded := rounding.sentence(scores.a, scores.b):
            yield Finding(kind="rounded", sentence=rounded)
        return
    if alike := list(findings.constant(scores)):
        yield from alike
        return
    if done.map.sentence:
        count = int((~left.differs).sum())
        of = "all" if count == len(left.pairs) else f"{count:,} of"
        yield Finding(kind="map", sentence=f"{done.map.sentence} ({of} {len(left.pairs):,} scores).")
    named: list[Finding] = []
    if left.differs.any():
        if moved := findings.permuted(scores, done.map.values, done.map.tolerance):
            yield moved
            return
        named += findings.read(left)
        facts = list(
            findings.where(left, "Beside that the scores differ" if done.map.sentence else "The scores differ")
        )
        named += facts or findings.how_far(left)
    if rounded := rounding.sentence(done.map.values, scores.b, "that" if done.map.sentence else "A"):
        named.append(Finding(kind="rounded", sentence=rounded))
    yield from named
    yield from told
    if left.differs.any() and not [each for each in (*named, *told) if _explains(each)]:
        yield from _open(done)


def _explains(found: Finding) -> bool:
    return found.kind != "inputs" or "does not explain" not in found.sentence


def _open(done: Compared) -> Iterator[Finding]:
    """What nothing else explains."""
    left, (tau, _, _) = done.left, done.tau
    count, spread = int(left.differs.sum()), float(np.ptp(done.scores.b))
    if tau is not None and tau >= _ALIKE and float(left.sizes.max()) <= _NOISE * spread:
        yield Finding(
            kind="noise",
            sentence=f"The differences are small ({float(left.sizes.max()) / spread:.2%} of the spread of the scores "
            "at most) and have to do with no fact of the pairs: as another precision or other kernels make them.",
        )
        return
    tested = "length, cut, title, script, spelling, place in the request, special tokens, a map of the scores"
    if left.differs.mean() < _MOST:
        yield Finding(
            kind="open", sentence=f"What {count:,} pairs that differ have in common was not found (tested: {tested})."
        )
        return
    a, b = (inputs.begins(read) for read in (left.pairs[0].read_a, left.pairs[0].read_b))
    known = [f"{name} reads «{begin}»" for name, begin in (("A", a), ("B", b)) if begin]
    told = f" {' and '.join(known)} for the first pair" if known else ""
    unknown = "A" if not a else "B"
    whose = f"; what {unknown} puts around the texts is not known here" if len(known) == 1 else ""
    yield Finding(
        kind="open",
        sentence=f"{count:,} of {len(left.pairs):,} scores differ whatever the pair (tested: {tested}): as with "
        "another prompt, template or instruction around the texts, or with other weights."
        f"{told}{whose}{'.' * bool(told)}",
    )


def facts_of(left: Differences) -> tuple[Fact, ...]:
    """Those that were tested, the ones that explain most first."""
    tried = [each for each in left.tried() if each.contrast.testable and _says(each.contrast)]
    tried.sort(key=lambda each: (-max(each.contrast.gap, each.contrast.explained), each.fact.name))
    seen: set[bytes] = set()
    kept = []
    for each in tried:
        same = min(each.fact.true.tobytes(), (~each.fact.true).tobytes())
        if same not in seen:
            seen.add(same)
            kept.append(each)
    return tuple(
        Fact(
            name=each.fact.name,
            pairs=each.contrast.pairs,
            differ=each.contrast.differ,
            medians=(_known(each.contrast.medians[0]), _known(each.contrast.medians[1])),
            explained=each.contrast.explained,
        )
        for each in kept[:_FACTS]
    )


def _says(told: Contrast) -> bool:
    """Whether it may be worth a look; what is claimed has to pass more than that."""
    return told.gap > 0 and (told.chance < _UNLIKELY or told.explained >= _LEAST)


def _known(number: float) -> float | None:
    return number if math.isfinite(number) else None
